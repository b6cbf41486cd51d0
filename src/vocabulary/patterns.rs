//! Patterns of words, as the tables of findings write them, and finding all of them in a text.
//!
//! A pattern is a row of words: `a|b` is either word, `w?` may be missing, `w~` is any word that
//! begins so (four letters or more), and `..` stands for up to four words of any kind. Filler words
//! ("the", "clear", "objective") may stand between the words of any pattern, and `<told>` is any word of
//! that class (`word_classes.tsv`). All patterns of a
//! vocabulary are one automaton over word numbers, so a text is read once however many there are: each
//! word starts a walk of bounded length, and time is linear in the text.

use super::lexicon::{Entry, Lexicon, NONE};
use super::lower_text::LowerText;
use super::table::{Row, Table};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

/// A word of a text: where it stands, and which words of the patterns it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// What it is to the patterns.
    entry: u16,
}

/// A pattern found in a row of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternMatch {
    /// The first of its words.
    pub start: usize,
    /// The word after its last.
    pub end: usize,
    /// Which pattern: its place in the list that [`Patterns::new`] was given.
    pub pattern: usize,
}

/// `..` stands for so many words at most.
const GAP: usize = 4;
/// So many filler words may stand within a match.
const FILLERS: usize = 4;
/// So many edges are looked through one after the other.
const FEW: usize = 6;

struct Node {
    /// A bit for each word that leads on, by its number: most words lead nowhere, and cost no
    /// look-up.
    leads: u64,
    /// The node after a gap, 0 where none is.
    gap: u32,
    /// Where its edges begin, and its patterns; they end where those of the next node begin.
    edges: u32,
    patterns: u32,
}

/// Many patterns, found in one pass.
pub struct Patterns {
    lexicon: Lexicon,
    /// By entry of a word.
    known: Vec<WordEntry>,
    /// One more than there are, for the end of the last one's edges. They are small and lie side by
    /// side, so that a walk stays in the cache.
    nodes: Vec<Node>,
    /// The words that lead on from a node, ascending, and to which node each leads.
    edge_words: Vec<u16>,
    edge_nodes: Vec<u32>,
    /// The patterns that end at nodes.
    ends: Vec<u32>,
}

/// A pattern in numbers.
struct NumberedPattern {
    elements: Vec<Element>,
}

enum Element {
    /// Up to [`GAP`] words.
    Gap,
    /// One of these, or beginnings; it may be missing.
    Words { either: Vec<u16>, optional: bool },
}

/// Where one is in a pattern: its place in the list, and the element that comes next.
type Item = (u32, u16);

/// What there is to know of a word.
#[derive(Debug, Clone, Copy)]
struct WordEntry {
    entry: Entry,
    /// Where patterns go on that begin with it, or with its beginning; 0 where none does.
    first: [u32; 2],
    /// One of them does.
    begins: bool,
    /// The bits of its numbers: see [`Node::leads`].
    leads: u64,
    /// It may stand within any pattern.
    is_filler: bool,
}

impl Patterns {
    /// Builds the automaton. Patterns are in lower case.
    ///
    /// # Panics
    /// On a pattern that could match nothing, and on a beginning that is too short or has another
    /// one within it: the tables are compiled in, and a test reads all.
    #[must_use]
    pub fn new(
        fillers: impl IntoIterator<Item = &'static str>,
        patterns: impl IntoIterator<Item = &'static str>,
    ) -> Patterns {
        let mut lexicon = Lexicon::default();
        let fillers: Vec<u16> = fillers.into_iter().map(|f| lexicon.add(f)).collect();
        let rows: Vec<NumberedPattern> = patterns
            .into_iter()
            .map(|pattern| NumberedPattern::read(pattern, &mut lexicon))
            .collect();
        lexicon.finish();
        let mut made = Patterns {
            lexicon,
            known: Vec::new(),
            nodes: Vec::new(),
            edge_words: Vec::new(),
            edge_nodes: Vec::new(),
            ends: Vec::new(),
        };
        Determinizer::new(&rows).run(&mut made);
        let first = |entry: &Entry| [entry.exact, entry.stem].map(|word| made.edge(0, word));
        let known = made.lexicon.entries().iter().map(|entry| WordEntry {
            entry: *entry,
            first: first(entry),
            begins: first(entry) != [0, 0],
            leads: lead(entry.exact) | lead(entry.stem),
            is_filler: fillers.contains(&entry.exact),
        });
        made.known = known.collect();
        made
    }

    /// Where a word leads from a node, 0 where it leads nowhere.
    #[inline]
    fn edge(&self, node: u32, word: u16) -> u32 {
        let (here, next) = (&self.nodes[node as usize], &self.nodes[node as usize + 1]);
        let (from, to) = (here.edges as usize, next.edges as usize);
        let words = &self.edge_words[from..to];
        let at = if words.len() <= FEW {
            words.iter().position(|w| *w == word)
        } else {
            words.binary_search(&word).ok()
        };
        at.map_or(0, |at| self.edge_nodes[from + at])
    }

    /// The patterns that end at a node.
    #[inline]
    fn ends(&self, node: u32) -> &[u32] {
        let (here, next) = (&self.nodes[node as usize], &self.nodes[node as usize + 1]);
        &self.ends[here.patterns as usize..next.patterns as usize]
    }

    /// Reads the words of a text that stand in a range of it, in place of what was read before.
    pub fn read_words(&self, text: &LowerText, range: Range<usize>, words: &mut Vec<Word>) {
        words.clear();
        text.each_word(&range, |at, joined| {
            words.push(Word {
                start: at.start,
                end: at.end,
                entry: self.lexicon.look_up(text, at, joined),
            });
        });
    }

    fn known(&self, word: Word) -> &WordEntry {
        &self.known[usize::from(word.entry)]
    }

    /// Finds every match in a row of words, in place of what was found before, in the order of where
    /// they begin; they may overlap.
    pub fn find(&self, words: &[Word], found: &mut Vec<PatternMatch>) {
        found.clear();
        for (start, word) in words.iter().enumerate() {
            let known = self.known(*word);
            if !known.begins {
                continue;
            }
            let before = found.len();
            for node in known.first {
                if node != 0 && self.may_match(node, words.get(start + 1)) {
                    let mut walk = Walk {
                        patterns: self,
                        words,
                        start,
                        found,
                    };
                    walk.on(node, start + 1, 0);
                }
            }
            if found.len() > before + 1 {
                let here = &mut found[before..];
                here.sort_unstable();
                let mut kept = before + 1;
                let end = found.len();
                for at in before + 1..end {
                    if found[at] != found[kept - 1] {
                        found[kept] = found[at];
                        kept += 1;
                    }
                }
                found.truncate(kept);
            }
        }
    }

    /// Whether a walk from a node could lead anywhere, the word after it being known: most words
    /// that begin a pattern do not go on as it does.
    fn may_match(&self, node: u32, next: Option<&Word>) -> bool {
        let here = &self.nodes[node as usize];
        let leads_on = |next: &Word| {
            let next = self.known(*next);
            here.leads & next.leads != 0 || next.is_filler
        };
        here.gap != 0 || !self.ends(node).is_empty() || next.is_some_and(leads_on)
    }
}

impl NumberedPattern {
    fn read(pattern: &'static str, lexicon: &mut Lexicon) -> NumberedPattern {
        let element = |element: &'static str| {
            if element == ".." {
                return Element::Gap;
            }
            let words = element.trim_end_matches('?').split('|');
            Element::Words {
                either: words
                    .flat_map(words_of)
                    .map(|word| lexicon.add(word))
                    .collect(),
                optional: element.ends_with('?'),
            }
        };
        let elements: Vec<Element> = pattern.split(' ').map(element).collect();
        let missing = |element: &Element| matches!(element, Element::Words { optional: true, .. });
        assert!(!elements.iter().all(missing), "{pattern}: matches nothing");
        NumberedPattern { elements }
    }
}

/// The words of a class that patterns name (`<told>`), else the word.
///
/// # Panics
/// On a class that is in no table.
pub fn words_of(word: &str) -> impl Iterator<Item = &str> {
    static CLASSES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let table = Table::read(
            "word_classes.tsv",
            include_str!("../../index-schema/word_classes.tsv"),
        );
        let class = |row: Row<'_>| (row.get("class"), row.get("words"));
        table.rows().map(class).collect()
    });
    let name = word.strip_prefix('<').and_then(|w| w.strip_suffix('>'));
    let words = name.map_or(word, |name| {
        CLASSES
            .get(name)
            .unwrap_or_else(|| panic!("word_classes.tsv: no class {name}"))
    });
    words.split('|')
}

/// Makes one automaton of all patterns: a node for each set of places in patterns that one can be at.
struct Determinizer<'r> {
    rows: &'r [NumberedPattern],
    numbers: HashMap<Rc<[Item]>, u32, RandomState>,
    /// By number.
    sets: Vec<Rc<[Item]>>,
}

impl<'r> Determinizer<'r> {
    fn new(rows: &'r [NumberedPattern]) -> Determinizer<'r> {
        Determinizer {
            rows,
            numbers: HashMap::default(),
            sets: Vec::new(),
        }
    }

    fn run(mut self, made: &mut Patterns) {
        let begin = (0..self.rows.len() as u32).map(|row| (row, 0));
        self.node(begin.collect());
        let (mut leading, mut after_gap): (Vec<(u16, Item)>, Vec<Item>) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(set) = self.sets.get(at).cloned() {
            let mut node = Node {
                leads: 0,
                gap: 0,
                edges: made.edge_words.len() as u32,
                patterns: made.ends.len() as u32,
            };
            leading.clear();
            after_gap.clear();
            for (row, next) in set.iter() {
                let after = (*row, next + 1);
                match self.rows[*row as usize].elements.get(usize::from(*next)) {
                    None => made.ends.push(*row),
                    Some(Element::Gap) => after_gap.push(after),
                    Some(Element::Words { either, .. }) => {
                        leading.extend(either.iter().map(|word| (*word, after)));
                    }
                }
            }
            if !after_gap.is_empty() {
                node.gap = self.node(std::mem::take(&mut after_gap));
            }
            leading.sort_unstable();
            // The words of a class lead to the same places.
            let mut before: Option<(&[(u16, Item)], u32)> = None;
            let alike = |a: &[(u16, Item)], b: &[(u16, Item)]| {
                a.iter()
                    .map(|(_, item)| item)
                    .eq(b.iter().map(|(_, item)| item))
            };
            for of_word in leading.chunk_by(|a, b| a.0 == b.0) {
                let word = of_word[0].0;
                let to = match before {
                    Some((others, to)) if alike(others, of_word) => to,
                    _ => self.node(of_word.iter().map(|(_, item)| *item).collect()),
                };
                before = Some((of_word, to));
                node.leads |= lead(word);
                made.edge_words.push(word);
                made.edge_nodes.push(to);
            }
            made.nodes.push(node);
            at += 1;
        }
        made.nodes.push(Node {
            leads: 0,
            gap: 0,
            edges: made.edge_words.len() as u32,
            patterns: made.ends.len() as u32,
        });
    }

    /// The number of the node for a set of places, and those that one is at too because what is next may
    /// be missing.
    fn node(&mut self, mut set: Vec<Item>) -> u32 {
        let mut at = 0;
        while let Some((row, next)) = set.get(at).copied() {
            let element = self.rows[row as usize].elements.get(usize::from(next));
            if let Some(Element::Words { optional: true, .. }) = element {
                set.push((row, next + 1));
            }
            at += 1;
        }
        set.sort_unstable();
        set.dedup();
        if let Some(number) = self.numbers.get(set.as_slice()) {
            return *number;
        }
        let number = self.sets.len() as u32;
        let set: Rc<[Item]> = set.into();
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}

/// A walk through the automaton, from one word of a text.
struct Walk<'w> {
    patterns: &'w Patterns,
    words: &'w [Word],
    start: usize,
    found: &'w mut Vec<PatternMatch>,
}

impl Walk<'_> {
    /// What matches from a node on, the words before `at` being matched.
    fn on(&mut self, node: u32, at: usize, fillers: usize) {
        let here = &self.patterns.nodes[node as usize];
        for pattern in self.patterns.ends(node) {
            self.found.push(PatternMatch {
                start: self.start,
                end: at,
                pattern: *pattern as usize,
            });
        }
        // A match does not end in a filler word.
        let (mut next, mut skipped) = (at, fillers);
        while let Some(word) = self.words.get(next) {
            let known = self.patterns.known(*word);
            if here.leads & known.leads != 0 {
                self.step(node, here.leads, known.entry, next, skipped);
            }
            if skipped == FILLERS || !known.is_filler {
                break;
            }
            next += 1;
            skipped += 1;
        }
        if here.gap != 0 {
            let leads = self.patterns.nodes[here.gap as usize].leads;
            for (next, word) in self.words.iter().enumerate().skip(at).take(GAP + 1) {
                let known = self.patterns.known(*word);
                if leads & known.leads != 0 {
                    self.step(here.gap, leads, known.entry, next, fillers);
                }
            }
        }
    }

    /// Goes on from a node by the word at a place, which may lead on.
    fn step(&mut self, node: u32, leads: u64, word: Entry, at: usize, fillers: usize) {
        for number in [word.exact, word.stem] {
            if leads & lead(number) != 0 {
                let next = self.patterns.edge(node, number);
                if next != 0 {
                    self.on(next, at + 1, fillers);
                }
            }
        }
    }
}

/// None for no word.
fn lead(word: u16) -> u64 {
    u64::from(word != NONE) << (word & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[&'static str], text: &str) -> Vec<(usize, String)> {
        let patterns = Patterns::new(["the", "clear"], patterns.iter().copied());
        let (mut words, mut found) = (Vec::new(), Vec::new());
        patterns.read_words(&LowerText::new(text), 0..text.len(), &mut words);
        patterns.find(&words, &mut found);
        found
            .into_iter()
            .map(|m| {
                let span = &text[words[m.start].start..words[m.end - 1].end];
                (m.pattern, span.to_string())
            })
            .collect()
    }

    #[test]
    fn either_optional_beginning_and_gap() {
        let patterns = ["lack~ of? rationale|reason", "fail~ .. therapy"];
        for text in [
            "lack of rationale",
            "lacks a reason",
            "Lacking the clear reason",
        ] {
            let wants = if text.contains(" a ") { 0 } else { 1 };
            assert_eq!(found(&patterns, text).len(), wants, "{text}");
        }
        assert_eq!(
            found(&patterns, "he failed a long course of therapy."),
            [(1, "failed a long course of therapy".to_string())]
        );
        assert!(found(&patterns, "failed one two three four five therapy").is_empty());
    }

    #[test]
    fn every_match_is_found_and_possessives_are_bare() {
        assert_eq!(
            found(
                &["physical therapy", "therapy"],
                "The patient's physical therapy"
            ),
            [
                (0, "physical therapy".to_string()),
                (1, "therapy".to_string())
            ]
        );
        assert_eq!(found(&["patient"], "patient's").len(), 1);
    }

    #[test]
    fn a_class_is_each_of_its_words() {
        let patterns = ["goals <told>|absent"];
        for text in [
            "goals noted",
            "goals were absent",
            "goals clearly described",
        ] {
            let wants = usize::from(!text.contains("were") && !text.contains("clearly"));
            assert_eq!(found(&patterns, text).len(), wants, "{text}");
        }
        assert!(words_of("<told>").count() > 20);
        assert_eq!(words_of("goals").collect::<Vec<_>>(), ["goals"]);
    }

    #[test]
    fn odd_texts_are_read() {
        for text in [
            "",
            "'",
            "'s",
            "x's",
            "é'é",
            &"a".repeat(100),
            &"the ".repeat(1000),
        ] {
            found(&["the a", "é .. x"], text);
        }
    }
}
