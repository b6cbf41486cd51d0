//! What was read of short texts before. Letters repeat requests and citations word for word, and
//! each takes longer to read than to recall: a text read a second time gives what it gave the first.

use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::collections::HashMap;
use std::thread::LocalKey;

/// So many texts are remembered, and as many that were not asked for since.
const MOST: usize = 2048;
/// A longer text is seldom said again.
const LONGEST: usize = 1000;

/// Texts, each with what was read of it. Every thread has its own.
pub(super) struct Memo<V> {
    recent: HashMap<Box<str>, V, RandomState>,
    /// What was recent before: it is forgotten unless it is asked for.
    before: HashMap<Box<str>, V, RandomState>,
}

impl<V> Default for Memo<V> {
    fn default() -> Memo<V> {
        Memo {
            recent: HashMap::default(),
            before: HashMap::default(),
        }
    }
}

impl<V: Clone> Memo<V> {
    fn recall(&mut self, text: &str) -> Option<V> {
        if let Some(value) = self.recent.get(text) {
            return Some(value.clone());
        }
        let (text, value) = self.before.remove_entry(text)?;
        self.put(text, value.clone());
        Some(value)
    }

    fn put(&mut self, text: Box<str>, value: V) {
        if self.recent.len() == MOST {
            self.before = std::mem::take(&mut self.recent);
        }
        self.recent.insert(text, value);
    }
}

/// What a text gives: recalled where it was read before, else read.
pub(super) fn recall_or_read<V: Clone>(
    memo: &'static LocalKey<RefCell<Memo<V>>>,
    text: &str,
    read: impl FnOnce(&str) -> V,
) -> V {
    if text.len() > LONGEST {
        return read(text);
    }
    if let Some(value) = memo.with_borrow_mut(|memo| memo.recall(text)) {
        return value;
    }
    let value = read(text);
    memo.with_borrow_mut(|memo| memo.put(text.into(), value.clone()));
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    thread_local! {
        static LENGTHS: RefCell<Memo<usize>> = RefCell::default();
    }

    #[test]
    fn a_text_is_read_once_and_little_is_remembered() {
        let mut read = 0;
        let mut length = |text: &str| {
            recall_or_read(&LENGTHS, text, |text| {
                read += 1;
                text.len()
            })
        };
        for n in 0..3 * MOST {
            assert_eq!(length(&n.to_string()), n.to_string().len());
            assert_eq!(length("asked for again and again"), 25);
        }
        let long = "long ".repeat(LONGEST);
        assert_eq!((length(&long), length(&long)), (long.len(), long.len()));
        assert_eq!(read, 3 * MOST + 3);
        LENGTHS.with_borrow(|memo| assert!(memo.recent.len() + memo.before.len() <= 2 * MOST));
    }

    proptest! {
        #[test]
        fn what_is_recalled_is_what_is_read(texts in prop::collection::vec("[ab]{0,3}", 0..40)) {
            for text in &texts {
                prop_assert_eq!(recall_or_read(&LENGTHS, text, str::len), text.len());
            }
        }
    }
}
