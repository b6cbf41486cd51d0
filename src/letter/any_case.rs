//! Words looked for whatever their capitals, without a copy of the text in lower case.

/// A word of ASCII letters and marks, looked for by its rarest letter.
pub(super) struct AnyCase {
    word: &'static str,
    /// Where its rarest letter stands, and the one that is looked at next.
    rarest: usize,
    next: usize,
}

/// Letters from the rarest in English to the most frequent.
const RARITY: &[u8] = b"zqxjkvbpygfwmucldrhsnioate";

/// Where the rarest letter of a word stands, but for one place; that place where it has no other.
const fn rarest_letter(word: &[u8], but: Option<usize>) -> usize {
    let mut rarity = 0;
    while rarity < RARITY.len() {
        let mut at = 0;
        while at < word.len() {
            let taken = matches!(but, Some(but) if but == at);
            if word[at] == RARITY[rarity] && !taken {
                return at;
            }
            at += 1;
        }
        rarity += 1;
    }
    match but {
        Some(only) => only,
        None => panic!("a word has letters"),
    }
}

impl AnyCase {
    /// A word, given in lower case.
    pub(super) const fn new(word: &'static str) -> AnyCase {
        let rarest = rarest_letter(word.as_bytes(), None);
        let next = rarest_letter(word.as_bytes(), Some(rarest));
        AnyCase { word, rarest, next }
    }

    /// Where the word begins, each time that it stands in a text.
    pub(super) fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        let rare = self.word.as_bytes()[self.rarest];
        let upper = rare.to_ascii_uppercase();
        let next = self.word.as_bytes()[self.next];
        memchr::memchr2_iter(rare, upper, text.as_bytes()).filter_map(move |at| {
            let begins = at.checked_sub(self.rarest)?;
            let beside = text.as_bytes().get(begins + self.next)?;
            (*beside | 0x20 == next && begins_at(text, begins, self.word)).then_some(begins)
        })
    }

    /// How long the word is, in bytes.
    pub(super) const fn len(&self) -> usize {
        self.word.len()
    }

    /// Whether the word stands in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.find_iter(text).next().is_some()
    }
}

/// Whether an ASCII word stands at a place, whatever its capitals.
pub(super) fn begins_at(text: &str, at: usize, word: &str) -> bool {
    text.as_bytes()
        .get(at..at + word.len())
        .is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a text ends in an ASCII word, whatever its capitals.
pub(super) fn ends_with(text: &str, word: &str) -> bool {
    let at = text.len().checked_sub(word.len());
    at.is_some_and(|at| begins_at(text, at, word))
}

/// A text without the ASCII word that it ends in, whatever its capitals.
pub(super) fn without_end<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    ends_with(text, word).then(|| &text[..text.len() - word.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_all_capitals_and_at_both_ends() {
        const SECTION: AnyCase = AnyCase::new("section");
        let text = "Section(s): SECTION, sectio, \u{e9}sEctioN";
        assert_eq!(SECTION.find_iter(text).collect::<Vec<_>>(), [0, 12, 31]);
        assert!(!SECTION.is_in("sect. ion"));
        assert!(ends_with(text, "n") && ends_with("UPHELD", "upheld"));
        assert!(!ends_with("held", "upheld"));
    }
}
