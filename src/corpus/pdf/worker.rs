//! A worker process: reads PDFs from standard input, batch after batch, and answers on standard output.
//!
//! It bounds itself: its address space may grow by what the run allows, a file may take so much time of the processor,
//! and its stack is small. A file that goes beyond ends the worker, and the run makes another. It ends with its
//! run: the run's end closes the pipe.

use super::document;
use super::message::{
    FileHead, LENGTH, Reply, Request, TOOK_TOO_LONG, VERSION, add_frame, message_length, of_message,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::time::{ClockId, clock_gettime};
use std::io;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// The stack of the thread that reads, in bytes. Real letters take some kilobytes of it.
const STACK: usize = 8 << 20;

/// How often the time is looked at.
const LOOKS: Duration = Duration::from_millis(100);

/// By when, on the processor's clock in milliseconds, the file being read must be done; 0 between files.
static DEADLINE: AtomicU64 = AtomicU64::new(0);
/// Files begun.
static FILES: AtomicU64 = AtomicU64::new(0);
/// Whether the main thread waits to be woken.
static IDLE: AtomicBool = AtomicBool::new(false);

/// Serves until standard input ends.
pub(super) fn serve() -> ExitCode {
    // What a PDF makes the library say must not reach a terminal.
    std::panic::set_hook(Box::new(|_| {}));
    bound_at_start();
    let reader = std::thread::Builder::new()
        .name("pdf".to_string())
        .stack_size(STACK)
        .spawn({
            let main = std::thread::current();
            move || {
                read_all(&main);
                std::process::exit(0);
            }
        });
    if reader.is_err() {
        return ExitCode::FAILURE;
    }
    let mut files = 0;
    loop {
        std::thread::park_timeout(LOOKS);
        let deadline = DEADLINE.load(Ordering::SeqCst);
        if deadline != 0 && processor_time() > deadline {
            std::process::exit(i32::from(TOOK_TOO_LONG));
        }
        if deadline != 0 && is_hung_up() {
            std::process::exit(1);
        }
        let files_now = FILES.load(Ordering::SeqCst);
        if files_now == files && deadline == 0 {
            // Nothing to look at until the reader begins a file.
            IDLE.store(true, Ordering::SeqCst);
            while DEADLINE.load(Ordering::SeqCst) == 0 {
                std::thread::park();
            }
            IDLE.store(false, Ordering::SeqCst);
        }
        files = files_now;
    }
}

/// A worker writes no files and leaves no memory dump.
fn bound_at_start() {
    for resource in [Resource::RLIMIT_CORE, Resource::RLIMIT_FSIZE] {
        let _ = setrlimit(resource, 0, 0);
    }
}

/// Milliseconds of the processor that this process took.
fn processor_time() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from);
    time.map_or(0, |time| time.as_millis() as u64)
}

/// Whether the run is gone: nobody holds the other end of standard input.
fn is_hung_up() -> bool {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    poll(&mut fds, PollTimeout::ZERO).is_ok()
        && fds[0]
            .revents()
            .is_some_and(|events| events.intersects(PollFlags::POLLHUP | PollFlags::POLLERR))
}

/// Bytes of replies that are sent before their batch is done.
const MANY: usize = 256 << 10;

fn read_all(main: &Thread) {
    let space = AddressSpace::now();
    let mut replies = Vec::new();
    add_frame(&mut replies, &Reply::Ready(VERSION));
    if say(&mut replies).is_none() {
        return;
    }
    while let Some((request, files)) = next_batch(&space) {
        for (FileHead { time, .. }, bytes) in request.files.iter().zip(files) {
            let reply = watched(main, *time, || {
                match document::open(bytes, request.limits()) {
                    Err(error) => Reply::Done(Err(error)),
                    Ok(document) if document.cost as u64 <= request.cost => {
                        Reply::Done(document.text())
                    }
                    Ok(document) => Reply::Costs(document.cost as u64),
                }
            });
            add_frame(&mut replies, &reply);
            if replies.len() >= MANY && say(&mut replies).is_none() {
                return;
            }
        }
        if say(&mut replies).is_none() {
            return;
        }
    }
}

/// The next request, and the bytes of its PDFs; none once there are no more. All of it is read before any of it is
/// answered, so that the two sides never both wait for the other to read.
fn next_batch(space: &AddressSpace) -> Option<(Request, Vec<Vec<u8>>)> {
    let mut length = [0; LENGTH];
    fill(&mut length)?;
    let request: Request = of_message(&bytes(message_length(length) as u64)?)?;
    space.grow_by(request.growth);
    let files = request.files.iter().map(|file| bytes(file.length));
    let files = files.collect::<Option<_>>()?;
    Some((request, files))
}

/// Reads a file within so many milliseconds.
fn watched(main: &Thread, time: u64, read: impl FnOnce() -> Reply) -> Reply {
    let deadline = processor_time().saturating_add(time).max(1);
    DEADLINE.store(deadline, Ordering::SeqCst);
    FILES.fetch_add(1, Ordering::SeqCst);
    if IDLE.load(Ordering::SeqCst) {
        main.unpark();
    }
    let reply = read();
    DEADLINE.store(0, Ordering::SeqCst);
    reply
}

/// The next bytes of standard input; none once it ends.
fn fill(mut bytes: &mut [u8]) -> Option<()> {
    while !bytes.is_empty() {
        match nix::unistd::read(io::stdin(), bytes) {
            Ok(0) => return None,
            Ok(read) => bytes = &mut bytes[read..],
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
    Some(())
}

fn bytes(length: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    fill(&mut bytes)?;
    Some(bytes)
}

/// Sends what is to be sent; none if nobody listens.
fn say(replies: &mut Vec<u8>) -> Option<()> {
    let mut left = replies.as_slice();
    while !left.is_empty() {
        match nix::unistd::write(io::stdout(), left) {
            Ok(written) => left = &left[written..],
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
    replies.clear();
    Some(())
}

/// The address space that the worker had before its first file, in bytes.
struct AddressSpace(Option<u64>);

impl AddressSpace {
    /// None where the system does not tell.
    fn now() -> AddressSpace {
        let size = || -> Option<u64> {
            let status = std::fs::read_to_string("/proc/self/status").ok()?;
            let line = status.lines().find(|line| line.starts_with("VmSize:"))?;
            let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kilobytes << 10)
        };
        AddressSpace(size())
    }

    /// From now on it may grow by so many bytes.
    fn grow_by(&self, bytes: u64) {
        if let Some(before) = self.0
            && let Ok((_, hard)) = getrlimit(Resource::RLIMIT_AS)
        {
            let soft = before.saturating_add(bytes).min(hard);
            let _ = setrlimit(Resource::RLIMIT_AS, soft, hard);
        }
    }
}
