//! The words of a letter, as the index and a query see them.
//!
//! Words are lower case, without accents and possessives, stemmed. What is particular to letters:
//! a number is parted from its unit ("325mg" is `325 mg`), the parts of "10/325" and "EMG/NCV" are
//! words of their own, a hyphenated word is its parts and also the joined word ("follow-up" is
//! `follow up` and `followup`), levels of the spine are spelled out ("L4-5", "L4/5" and "L4-L5" are
//! `l4 l5`), and "#60" is `60` and also `#60`.

use super::stems::{ShortWord, Stems, StemsGuard, TermScope, TermSlot, short_word};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The tokenizer's name in the schema. tantivy's own writer would ask for it; it gets no documents.
pub(super) const TOKENIZER: &str = "imr";
/// That of the field of surface words.
pub(super) const SURFACE_TOKENIZER: &str = "imr-surface";

/// A longer run of letters is no word; it is cut.
const LONGEST_WORD: usize = 60;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its indexed form.
    pub text: String,
    /// Its place among the words; joined forms share the place of their last part.
    pub position: usize,
    /// Where it stands in the text.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
}

/// The words of a text.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, FirstLetters::ANY, |token| {
        words.push(Word {
            text: token.text.clone(),
            position: token.position,
            from: token.offset_from,
            to: token.offset_to,
        });
    });
    words
}

/// Calls back with each word of a text. Words that begin otherwise than what is looked for may come
/// without their letters, which saves looking up their stems.
pub fn each_word(text: &str, sought: FirstLetters, mut each: impl FnMut(&Token)) {
    let mut tokenizer = ImrTokenizer::default();
    let mut stream = tokenizer.token_stream(text);
    stream.sought = sought;
    while stream.advance() {
        each(stream.token());
    }
}

/// First letters of indexed words: a stem begins like its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstLetters(u32);

impl FirstLetters {
    /// Of no word.
    pub const NONE: FirstLetters = FirstLetters(0);
    /// Of every word.
    pub const ANY: FirstLetters = FirstLetters(u32::MAX);

    /// Adds the beginning of an indexed word.
    pub fn add(&mut self, word: &str) {
        if let Some(first) = word.bytes().next() {
            self.0 |= Self::bit(first);
        }
    }

    fn bit(letter: u8) -> u32 {
        1 << (letter & 0x1f)
    }

    fn has(self, letter: u8) -> bool {
        self.0 & Self::bit(letter) != 0
    }
}

/// The indexed words of a phrase, without joined forms.
#[must_use]
pub fn plain_words(phrase: &str) -> Vec<String> {
    let mut plain: Vec<String> = Vec::new();
    for word in words(phrase) {
        if word.position == plain.len() {
            plain.push(word.text);
        }
    }
    plain
}

/// The ways in which one chunk of a query (no white space in it) may be written in a letter: each a
/// sequence of neighbouring words. "follow-up" is `[follow, up]` or `[followup]`.
#[must_use]
pub fn chunk_words(chunk: &str) -> Vec<Vec<String>> {
    let all = words(chunk);
    let mut parts: Vec<String> = Vec::new();
    let mut joined: Vec<Vec<String>> = Vec::new();
    for word in &all {
        if word.text.starts_with('#') {
            // "#60" asks for the count, not for any 60.
            parts.pop();
            parts.push(word.text.clone());
        } else if parts.len() > word.position && word.to - word.from > parts[word.position].len() {
            joined.push(vec![word.text.clone()]);
        } else if parts.len() == word.position {
            parts.push(word.text.clone());
        } else {
            joined.push(vec![word.text.clone()]);
        }
    }
    let mut ways = Vec::new();
    if !parts.is_empty() {
        ways.push(parts);
    }
    ways.extend(joined);
    ways
}

/// The tokenizer.
#[derive(Clone, Default)]
pub(super) struct ImrTokenizer {
    token: Token,
    scratch: String,
}

impl Tokenizer for ImrTokenizer {
    type TokenStream<'a> = ImrTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ImrTokenStream<'a> {
        self.token.reset();
        ImrTokenStream {
            text,
            bytes: text.as_bytes(),
            at: 0,
            position: usize::MAX,
            pending: None,
            stemmed: false,
            compound: None,
            level: None,
            stems: Stems::take(),
            place: None,
            sought: FirstLetters::ANY,
            by_place: false,
            token: &mut self.token,
            scratch: &mut self.scratch,
        }
    }
}

impl ImrTokenizer {
    /// The words of a text for one who numbers them: beside their stems are the numbers that the owner gave.
    pub(super) fn by_place<'a>(
        &'a mut self,
        text: &'a str,
        owner: &TermScope,
    ) -> ImrTokenStream<'a> {
        let mut stream = self.token_stream(text);
        stream.by_place = true;
        stream.stems.get().serve(owner);
        stream
    }
}

/// The words of a text themselves, where their stems are other words: what truncation looks up.
#[derive(Clone, Default)]
pub struct SurfaceTokenizer(ImrTokenizer);

impl Tokenizer for SurfaceTokenizer {
    type TokenStream<'a> = SurfaceStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> SurfaceStream<'a> {
        SurfaceStream {
            stream: self.0.token_stream(text),
            token: Token::default(),
        }
    }
}

/// See [`SurfaceTokenizer`].
pub struct SurfaceStream<'a> {
    stream: ImrTokenStream<'a>,
    token: Token,
}

impl TokenStream for SurfaceStream<'_> {
    fn advance(&mut self) -> bool {
        while self.stream.advance() {
            if let Some(surface) = self.stream.surface() {
                self.token.text.clear();
                self.token.text.push_str(surface);
                let token = self.stream.token();
                self.token.position = token.position;
                self.token.offset_from = token.offset_from;
                self.token.offset_to = token.offset_to;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The words of a text as they are typed: in lower case, without accents, not stemmed.
#[must_use]
pub fn surface_words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut tokenizer = ImrTokenizer::default();
    let mut stream = tokenizer.token_stream(text);
    while stream.advance() {
        let surface = stream.surface().map(str::to_string);
        let token = stream.token();
        words.push(Word {
            text: surface.unwrap_or_else(|| token.text.clone()),
            position: token.position,
            from: token.offset_from,
            to: token.offset_to,
        });
    }
    words
}

/// See [`ImrTokenizer`].
pub(super) struct ImrTokenStream<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    position: usize,
    /// A second form of the last token, at its position: its stem, itself, and where it stands.
    pending: Option<(String, String, usize, usize)>,
    /// The last token is a word with a stem, and itself stands in `scratch`.
    stemmed: bool,
    /// Where a hyphenated word began, and its letters so far.
    compound: Option<(usize, String, usize)>,
    /// The letter of a level of the spine that may go on ("L4-" then "5").
    level: Option<u8>,
    stems: StemsGuard,
    /// Where the stems have the last token, if it is a short word and nothing else.
    place: Option<TermSlot>,
    /// Plain words that begin otherwise are passed without their letters.
    sought: FirstLetters,
    /// Numbers of few digits come with a place, too.
    by_place: bool,
    token: &'a mut Token,
    scratch: &'a mut String,
}

/// Letters of any script; digits are told apart.
fn letter_len(text: &str, at: usize) -> usize {
    let b = text.as_bytes()[at];
    if b < 0x80 {
        return usize::from(b.is_ascii_alphabetic());
    }
    let c = text[at..].chars().next().unwrap_or(' ');
    if c.is_alphabetic() { c.len_utf8() } else { 0 }
}

fn char_len(byte: u8) -> usize {
    match byte {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

impl ImrTokenStream<'_> {
    /// The last word itself, where it is not its own stem.
    pub(super) fn surface(&mut self) -> Option<&str> {
        if let Some(place) = self.place {
            let (bytes, len) = self.stems.get().word(place).bytes();
            self.scratch.clear();
            self.scratch
                .push_str(std::str::from_utf8(&bytes[..len]).unwrap_or_default());
        } else if !self.stemmed {
            return None;
        }
        (*self.scratch != self.token.text).then_some(self.scratch.as_str())
    }

    /// The stems, and where they have the last token, if it is a short word and nothing else.
    pub(super) fn place(&mut self) -> Option<(&mut Stems, TermSlot)> {
        Some((self.stems.get(), self.place?))
    }

    /// Goes on to the next word and tells where its stem is, should it need no second look: it is not made
    /// the token, and stands one after the last word.
    #[inline]
    pub(super) fn next_place(&mut self) -> Option<(&mut Stems, TermSlot)> {
        let (_, _, word) = self.next_plain()?;
        self.position = self.position.wrapping_add(1);
        let stems = self.stems.get();
        let place = stems.find(word);
        Some((stems, place))
    }

    /// Goes on past the next word, should it need no second look: short, in no compound, with neither a
    /// digit, a hyphen nor an accented letter after it. Where it begins, its length, and itself.
    #[inline]
    fn next_plain(&mut self) -> Option<(usize, usize, ShortWord)> {
        if self.pending.is_some() || self.compound.is_some() {
            return None;
        }
        self.skip_to_token();
        let from = self.at;
        let (word, len) = short_word(self.bytes, from)?;
        let ends = match self.bytes.get(from + len) {
            Some(after) => after.is_ascii() && !after.is_ascii_digit() && *after != b'-',
            None => true,
        };
        if !ends || len == 0 {
            return None;
        }
        self.level = None;
        self.at = self.after_possessive(from + len);
        Some((from, len, word))
    }

    /// Past the ending of a possessive: "physician's" is "physician".
    fn after_possessive(&self, end: usize) -> usize {
        let is_possessive = matches!(self.bytes[end..], [b'\'', b's' | b'S', ..])
            && !self
                .bytes
                .get(end + 2)
                .is_some_and(u8::is_ascii_alphanumeric);
        if is_possessive { end + 2 } else { end }
    }

    fn emit(&mut self, from: usize, to: usize) {
        self.position = self.position.wrapping_add(1);
        self.token.position = self.position;
        self.token.offset_from = from;
        self.token.offset_to = to;
        self.token.position_length = 1;
    }

    fn skip_to_token(&mut self) {
        while let Some(b) = self.bytes.get(self.at) {
            if b.is_ascii_alphanumeric() {
                return;
            }
            if b.is_ascii() {
                self.at += 1;
            } else if letter_len(self.text, self.at) > 0 {
                return;
            } else {
                self.at += char_len(*b);
            }
        }
    }

    /// A run of letters, in lower case and without accents, in `scratch`.
    fn read_word(&mut self, from: usize) -> usize {
        self.scratch.clear();
        let mut at = from;
        while at < self.bytes.len() && at - from < LONGEST_WORD {
            let b = self.bytes[at];
            if b.is_ascii_alphabetic() {
                self.scratch.push(char::from(b.to_ascii_lowercase()));
                at += 1;
            } else if b >= 0x80 {
                let len = letter_len(self.text, at);
                if len == 0 {
                    break;
                }
                let c = self.text[at..].chars().next().unwrap_or(' ');
                fold_accent(c, self.scratch);
                at += len;
            } else {
                break;
            }
        }
        at
    }

    /// A number with its decimals: "7.5", "0.025", "1".
    fn read_number(&mut self, from: usize) -> usize {
        self.scratch.clear();
        let mut at = from;
        let mut dot = false;
        while at < self.bytes.len() && at - from < LONGEST_WORD {
            match self.bytes[at] {
                b @ b'0'..=b'9' => self.scratch.push(char::from(b)),
                b'.' if !dot && self.bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                    dot = true;
                    self.scratch.push('.');
                }
                _ => break,
            }
            at += 1;
        }
        at
    }
}

impl TokenStream for ImrTokenStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        self.place = None;
        self.stemmed = false;
        if self.pending.is_some()
            && let Some((stem, word, from, to)) = self.pending.take()
        {
            self.token.text = stem;
            *self.scratch = word;
            self.stemmed = true;
            self.token.offset_from = from;
            self.token.offset_to = to;
            return true;
        }
        if let Some((from, len, word)) = self.next_plain() {
            if self.sought.has(self.bytes[from]) {
                let stems = self.stems.get();
                let place = stems.find(word);
                self.token.text.push_str(stems.stem(place));
                self.place = Some(place);
            }
            self.emit(from, from + len);
            return true;
        }
        self.skip_to_token();
        if self.at >= self.bytes.len() {
            return false;
        }
        let from = self.at;
        if self.bytes[from].is_ascii_digit() {
            let end = self.read_number(from);
            self.at = end;
            self.compound = None;
            if let Some(letter) = self.level.take() {
                // "L4-5": the second level has the first one's letter.
                if self.scratch.len() <= 2 && !self.scratch.contains('.') {
                    self.token.text.push(char::from(letter));
                }
            }
            self.token.text.push_str(self.scratch);
            if self.by_place {
                let stems = self.stems.get();
                let number = ShortWord::number(&self.token.text);
                self.place = number.map(|number| stems.find(number));
            }
            self.emit(from, end);
            if from > 0 && self.bytes[from - 1] == b'#' {
                let count = format!("#{}", self.scratch);
                self.pending = Some((count.clone(), count, from, end));
            }
            return true;
        }
        self.level = None;
        let mut end = self.read_word(from);
        // A letter and digits: a level of the spine, a code ("E0730"), a vitamin.
        let digits = self.bytes[end..]
            .iter()
            .take(8)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits > 0 && end - from <= 4 {
            self.token.text.push_str(self.scratch);
            self.token.text.push_str(&self.text[end..end + digits]);
            let letter = self.scratch.as_bytes()[0];
            if end - from == 1 && digits <= 2 && matches!(letter, b'c' | b't' | b'l' | b's') {
                let next = self.bytes.get(end + digits);
                if matches!(next, Some(b'-' | b'/')) {
                    self.level = Some(letter);
                }
            }
            end += digits;
            self.at = end;
            self.compound = None;
            // The level goes on only right after the mark.
            if self.level.is_some() && !self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                self.level = None;
            }
            self.emit(from, end);
            return true;
        }
        self.at = self.after_possessive(end);
        self.stems
            .get()
            .push_stem(self.scratch, &mut self.token.text);
        self.stemmed = true;
        self.emit(from, end);
        // The joined form of a hyphenated word goes with its last part.
        let hyphen_after = self.bytes.get(end) == Some(&b'-')
            && end + 1 < self.bytes.len()
            && letter_len(self.text, end + 1) > 0;
        match &mut self.compound {
            Some((_, joined, parts)) => {
                joined.push_str(self.scratch);
                *parts += 1;
            }
            None if hyphen_after => self.compound = Some((from, self.scratch.clone(), 1)),
            None => {}
        }
        if !hyphen_after
            && let Some((start, joined, parts)) = self.compound.take()
            && parts > 1
            && joined.len() <= LONGEST_WORD
        {
            let mut stem = String::new();
            self.stems.get().push_stem(&joined, &mut stem);
            self.pending = Some((stem, joined, start, end));
        }
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The plain letters of an accented one, in lower case.
fn fold_accent(c: char, out: &mut String) {
    match c {
        // What no decomposition parts.
        'ø' | 'Ø' => out.push('o'),
        'ß' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        _ => {
            let parts = std::iter::once(c).nfd();
            let plain = parts.filter(|part| !is_combining_mark(*part));
            out.extend(plain.flat_map(char::to_lowercase));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        words(text)
            .iter()
            .map(|w| format!("{}@{}", w.text, w.position))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn numbers_units_and_marks() {
        assert_eq!(
            told("Norco 10/325mg #60"),
            "norco@0 10@1 325@2 mg@3 60@4 #60@4"
        );
        assert_eq!(told("0.025% 7.5 mg."), "0.025@0 7.5@1 mg@2");
    }

    #[test]
    fn levels_of_the_spine_are_one() {
        for text in ["L4-5", "L4-L5", "L4/5", "l4/L5"] {
            assert_eq!(told(text), "l4@0 l5@1", "{text}");
        }
        assert_eq!(told("C5-6 and 6"), "c5@0 c6@1 and@2 6@3");
        assert_eq!(told("L5 - 10 mg"), "l5@0 10@1 mg@2");
    }

    #[test]
    fn compounds_possessives_accents() {
        assert_eq!(told("follow-up"), "follow@0 up@1 followup@1");
        assert_eq!(told("EMG/NCV"), "emg@0 ncv@1");
        assert_eq!(told("the physician's café"), "the@0 physician@1 cafe@2");
        assert_eq!(told("TENS units"), "tens@0 unit@1");
        assert_eq!(
            chunk_words("x-ray"),
            [vec!["x".to_string(), "ray".into()], vec!["xray".into()]]
        );
        assert_eq!(chunk_words("#60"), [vec!["#60".to_string()]]);
        assert_eq!(
            chunk_words("10/325mg"),
            [vec!["10".to_string(), "325".into(), "mg".into()]]
        );
    }

    #[test]
    fn words_themselves_beside_their_stems() {
        let text = "Authorized medications, pain; follow-ups for \u{c9}lectrotherapies at L4-5 #60";
        let surfaces: Vec<String> = surface_words(text).into_iter().map(|w| w.text).collect();
        let all =
            "authorized medications pain follow ups followups for electrotherapies at l4 l5 60 #60";
        assert_eq!(surfaces.join(" "), all);
        let mut tokenizer = SurfaceTokenizer::default();
        let mut stream = tokenizer.token_stream(text);
        let mut differing = Vec::new();
        while stream.advance() {
            differing.push(stream.token().text.clone());
        }
        let stems = words(text);
        let expected: Vec<&String> = surfaces
            .iter()
            .zip(&stems)
            .filter(|(surface, stem)| **surface != stem.text)
            .map(|(surface, _)| surface)
            .collect();
        assert_eq!(differing.iter().collect::<Vec<_>>(), expected);
        assert!(differing.contains(&"medications".to_string()));
        assert!(!differing.contains(&"pain".to_string()));
    }

    #[test]
    fn words_that_begin_otherwise_keep_their_places() {
        let text = "The worker's follow-up on L4-5 for Épidural injections was #60 twice.";
        let all = words(text);
        for sought in ["epidur", "l4", "inject", "#60", "follow", "twice"] {
            let mut beginnings = FirstLetters::NONE;
            beginnings.add(sought);
            let mut seen = Vec::new();
            each_word(text, beginnings, |token| {
                seen.push((token.text.clone(), token.position, token.offset_from));
            });
            assert_eq!(seen.len(), all.len());
            for ((word, position, from), plain) in seen.iter().zip(&all) {
                assert_eq!((*position, *from), (plain.position, plain.from));
                assert!(*word == plain.text || (word.is_empty() && plain.text != sought));
            }
        }
    }

    #[test]
    fn a_stem_begins_like_its_word() {
        let stems = include_str!("../../index-schema/stems.tsv");
        let synonyms = include_str!("../../index-schema/synonyms.tsv");
        let drugs = include_str!("../../index-schema/drugs.tsv");
        // The words that the stemmer's rules name one by one.
        let named = "skis skies dying lying tying idly gently ugly early only singly yes young";
        let mut count = 0;
        for table in [stems, synonyms, drugs, named] {
            for word in words(table) {
                let first = table[word.from..]
                    .chars()
                    .next()
                    .map(|c| c.to_ascii_lowercase());
                if first.is_some_and(|c| c.is_ascii_alphabetic()) {
                    assert_eq!(word.text.chars().next(), first, "{word:?}");
                    count += 1;
                }
            }
        }
        assert!(count > 1000, "{count}");
    }

    #[test]
    fn any_text_gives_words_within_it() {
        for text in [
            "",
            "-",
            "é",
            "日本語 text",
            "a-b-c-d",
            "'s",
            "#",
            "L",
            "1.",
            "\u{301}x",
            "L4-",
        ] {
            for w in words(text) {
                assert!(text.get(w.from..w.to).is_some(), "{text:?}");
            }
        }
    }
}
