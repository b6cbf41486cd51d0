//! What was read of short texts before. Letters repeat requests and citations word for word, and
//! each takes longer to read than to recall: a text read a second time gives what it gave the first.

use foldhash::fast::RandomState;
use std::collections::HashMap;

/// So many texts are remembered, and as many that were not asked for since.
const MOST: usize = 2048;
/// A longer text is seldom said again.
const LONGEST: usize = 1000;

/// Texts, each with what was read of it. It never shows in what is read: only in how soon.
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
    /// What a text gives: recalled where it was read before, else read.
    pub(super) fn recall_or_read(&mut self, text: &str, read: impl FnOnce(&str) -> V) -> V {
        if text.len() > LONGEST {
            return read(text);
        }
        if let Some(value) = self.recall(text) {
            return value;
        }
        let value = read(text);
        self.put(text.into(), value.clone());
        value
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_read_once_and_little_is_remembered() {
        let mut memo = Memo::default();
        let mut read = 0;
        let mut length = |text: &str| {
            memo.recall_or_read(text, |text| {
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
        assert!(memo.recent.len() + memo.before.len() <= 2 * MOST);
    }

    proptest! {
        #[test]
        fn what_is_recalled_is_what_is_read(texts in prop::collection::vec("[ab]{0,3}", 0..40)) {
            let mut memo = Memo::default();
            for text in &texts {
                prop_assert_eq!(memo.recall_or_read(text, str::len), text.len());
            }
        }
    }
}
