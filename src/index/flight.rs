//! How much is on its way to the writer: what was read waits there in memory, so those who read wait
//! once it is enough.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// A bound for the bytes on their way.
#[derive(Debug)]
pub struct Flight {
    most: usize,
    bytes: Mutex<usize>,
    landed: Condvar,
}

/// The right to have some bytes on their way; ends with it.
#[derive(Debug)]
pub struct Seat {
    flight: Arc<Flight>,
    bytes: usize,
}

impl Flight {
    pub fn new(most: usize) -> Arc<Flight> {
        Arc::new(Flight {
            most,
            bytes: Mutex::new(0),
            landed: Condvar::new(),
        })
    }

    /// Waits until there is room. What is larger than all the room goes alone.
    pub fn board(self: &Arc<Self>, bytes: usize) -> Seat {
        let held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |held: &mut usize| *held > 0 && *held + bytes > self.most;
        let mut held = self
            .landed
            .wait_while(held, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        *held += bytes;
        Seat {
            flight: Arc::clone(self),
            bytes,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self
            .flight
            .bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *held -= self.bytes;
        drop(held);
        self.flight.landed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn those_who_bring_more_wait() {
        let flight = Flight::new(100);
        let now = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for bytes in [30, 40, 60, 99] {
                let (flight, now, most) = (&flight, &now, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let seat = flight.board(bytes);
                        most.fetch_max(
                            now.fetch_add(bytes, Ordering::SeqCst) + bytes,
                            Ordering::SeqCst,
                        );
                        std::thread::yield_now();
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        drop(seat);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 100);
        // Larger than all the room: alone, and not never.
        drop(flight.board(1000));
        assert_eq!(*flight.bytes.lock().unwrap(), 0);
    }
}
