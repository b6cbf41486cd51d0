//! What must hold for any text, and for any filters: the index against a plain reading of all
//! letters.

use crate::support::sample_index;
use imr::letter::{self, Letter};
use imr::search::{Engine, FacetRequest, Filter, MatchMode, Request};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::open(sample_index()).expect("the sample index opens"))
}

fn letters() -> &'static Vec<Letter> {
    static LETTERS: OnceLock<Vec<Letter>> = OnceLock::new();
    LETTERS.get_or_init(|| {
        let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-corpus");
        let walk = imr::corpus::walk(&[corpus]);
        let text = |s: &imr::corpus::Source| {
            imr::corpus::read(&s.path, imr::corpus::Limits::default()).ok()
        };
        walk.sources
            .iter()
            .filter_map(text)
            .map(|t| letter::read(&t))
            .filter(letter::looks_like_a_letter)
            .collect()
    })
}

/// What the filters below mean, told plainly over one item of one letter.
fn item_holds(letter: &Letter, item: usize, name: &str, value: &str) -> bool {
    let item = &letter.items[item];
    match name {
        "drug" => item
            .drugs
            .iter()
            .any(|d| d.class == value || d.name == value),
        "decision" => item.decision.is_some_and(|d| d.name() == value),
        "treatment" => item.treatment == value,
        "body-part" => item.body_parts.iter().any(|p| p == value),
        "page" => {
            let page = value.parse().unwrap();
            item.reviewer.pages().contains(&page)
                || item.claims_administrator.pages().contains(&page)
        }
        _ => unreachable!("{name}"),
    }
}

fn filters() -> impl Strategy<Value = Vec<(&'static str, &'static str, bool)>> {
    let one = prop_oneof![
        (
            Just("drug"),
            prop::sample::select(vec![
                "opioid analgesic",
                "acetaminophen/hydrocodone",
                "omeprazole",
                "NSAID"
            ])
        ),
        (
            Just("decision"),
            prop::sample::select(vec!["upheld", "overturned"])
        ),
        (
            Just("treatment"),
            prop::sample::select(vec![
                "pharmacy",
                "imaging",
                "surgery",
                "rehabilitation",
                "equipment"
            ])
        ),
        (
            Just("body-part"),
            prop::sample::select(vec!["low-back", "knee", "shoulder", "neck"])
        ),
        (
            Just("page"),
            prop::sample::select(vec!["78", "91", "68", "111"])
        ),
    ];
    let signed = (one, prop::bool::weighted(0.2))
        .prop_map(|((name, value), negated)| (name, value, negated));
    prop::collection::vec(signed, 1..4)
}

/// A query of fields, and what it means.
#[derive(Debug, Clone)]
enum Asked {
    Field(&'static str, &'static str),
    Not(Box<Asked>),
    All(Vec<Asked>),
    Any(Vec<Asked>),
}

impl Asked {
    fn typed(&self) -> String {
        let list = |parts: &[Asked], between: &str| {
            let parts: Vec<String> = parts.iter().map(Asked::typed).collect();
            format!("({})", parts.join(between))
        };
        match self {
            Asked::Field(name, value) => format!("{name}:\"{value}\""),
            Asked::Not(asked) => format!("-{}", asked.typed().trim_start_matches('-')),
            Asked::All(parts) => list(parts, " "),
            Asked::Any(parts) => list(parts, " OR "),
        }
    }

    /// Whether it holds for an item of a letter; without an item nothing is true of it, and nothing
    /// false (`expected` is what must be true: not what is excluded).
    fn holds(&self, letter: &Letter, item: Option<usize>, expected: bool) -> bool {
        match self {
            Asked::Field("outcome", value) => letter.outcome().is_some_and(|o| o.name() == *value),
            Asked::Field("summary", word) => {
                let text = if letter.layout.is_some() {
                    letter.passage(&letter.case_summary)
                } else {
                    &letter.text
                };
                let sought = &imr::index::words(word)[0].text;
                imr::index::words(text).iter().any(|w| w.text == *sought)
            }
            Asked::Field(name, value) => match item {
                Some(item) => item_holds(letter, item, name, value),
                None => !expected,
            },
            Asked::Not(asked) => !asked.holds(letter, item, !expected),
            Asked::All(parts) => parts.iter().all(|p| p.holds(letter, item, expected)),
            Asked::Any(parts) => parts.iter().any(|p| p.holds(letter, item, expected)),
        }
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let field = prop::sample::select(vec![
        ("drug", "opioid analgesic"),
        ("drug", "omeprazole"),
        ("decision", "upheld"),
        ("decision", "overturned"),
        ("treatment", "imaging"),
        ("treatment", "pharmacy"),
        ("body-part", "low-back"),
        ("page", "78"),
        ("outcome", "mixed"),
        ("outcome", "upheld"),
        ("summary", "pain"),
        ("summary", "shoulder"),
    ]);
    let field = field.prop_map(|(name, value)| Asked::Field(name, value));
    field.prop_recursive(4, 12, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|asked| match asked {
                // The language has no use for two in a row.
                Asked::Not(_) => asked,
                asked => Asked::Not(Box::new(asked)),
            }),
            several.clone().prop_map(Asked::All),
            several.prop_map(Asked::Any),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Values of one filter are alternatives, different filters all hold, and all of them in one
    /// and the same item: letters, items and facet counts to the unit.
    #[test]
    fn the_same_item_meets_all_conditions(filters in filters()) {
        let mut groups: BTreeMap<(&str, bool), Vec<&str>> = BTreeMap::new();
        for (name, value, negated) in &filters {
            groups.entry((name, *negated)).or_default().push(value);
        }
        let holds = |letter: &Letter, item: usize| groups.iter().all(|((name, negated), values)| {
            values.iter().any(|value| item_holds(letter, item, name, value)) != *negated
        });
        let (mut want_letters, mut want_items) = (0u64, 0u64);
        let mut want_treatments: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for letter in letters() {
            let matching: Vec<usize> = (0..letter.items.len()).filter(|n| holds(letter, *n)).collect();
            want_letters += u64::from(!matching.is_empty());
            want_items += matching.len() as u64;
            let mut seen = std::collections::BTreeSet::new();
            for n in matching {
                let treatment = &letter.items[n].treatment;
                let count = want_treatments.entry(treatment.clone()).or_default();
                count.1 += 1;
                count.0 += u64::from(seen.insert(treatment));
            }
        }
        let request = Request {
            filters: filters.iter().map(|(name, value, negated)| Filter { name: (*name).into(), value: (*value).into(), negated: *negated }).collect(),
            limit: 1000,
            facets: vec![FacetRequest { path: "treatment".into(), top: 100 }],
            ..Request::default()
        };
        let response = engine().search(&request).unwrap();
        prop_assert_eq!((response.letters, response.items), (want_letters, want_items));
        prop_assert_eq!(response.hits.len() as u64, want_letters);
        for hit in &response.hits {
            for item in &hit.items {
                prop_assert!(holds(&hit.letter, item.item));
            }
        }
        // A facet's own filter does not narrow its counts.
        if !filters.iter().any(|(name, _, _)| *name == "treatment") {
            let got: BTreeMap<String, (u64, u64)> = response.facets[0].values.iter().map(|v| (v.value.clone(), (v.letters, v.items))).collect();
            prop_assert_eq!(got, want_treatments);
        }
    }

    /// Fields of the item, however they are put together, are conditions on one and the same item, and
    /// what is said of the letter holds for each of its items: letters and items to the unit.
    #[test]
    fn fields_of_the_item_are_judged_over_the_item(asked in prop::collection::vec(asked(), 1..4), upheld in prop::bool::ANY) {
        let filters = match upheld {
            true => vec![Filter { name: "decision".into(), value: "upheld".into(), negated: false }],
            false => Vec::new(),
        };
        let (mut want_letters, mut want_items) = (0u64, 0u64);
        for letter in letters() {
            let all = |item: Option<usize>| asked.iter().all(|a| a.holds(letter, item, true));
            let passes = |n: usize| !upheld || item_holds(letter, n, "decision", "upheld");
            let matching = (0..letter.items.len()).filter(|n| passes(*n) && all(Some(*n))).count();
            let without = letter.items.is_empty() && !upheld && all(None);
            want_letters += u64::from(matching > 0 || without);
            want_items += matching as u64;
        }
        let query = asked.iter().map(Asked::typed).collect::<Vec<_>>().join(" ");
        let request = Request { query: query.clone(), filters, exact: true, limit: 1000, ..Request::default() };
        let response = engine().search(&request).unwrap();
        prop_assert_eq!((response.letters, response.items), (want_letters, want_items), "{}", query);
    }

    /// No text makes the reader panic; what it says is a part of the text or of the vocabulary.
    #[test]
    fn any_text_gives_a_letter(text in letter_like()) {
        let letter = letter::read(&text);
        prop_assert!(letter.text.get(letter.case_summary.clone()).is_some());
        let flat = letter.text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        for item in &letter.items {
            prop_assert!(letter.text.get(item.rationale.clone()).is_some());
            prop_assert!(flat.contains(&item.request), "{:?} is not in {:?}", item.request, flat);
        }
        serde_json::to_string(&letter).unwrap();
    }

    /// No query makes the engine panic, what cannot be read is one sentence that points at the place,
    /// and the query as it was understood, typed again, is the same question.
    #[test]
    fn any_query_has_an_answer(query in query_like()) {
        for match_mode in [MatchMode::Most, MatchMode::Any] {
            let ask = |query: &str| {
                let request = Request { query: query.into(), limit: 3, snippets: true, match_mode, ..Request::default() };
                engine().search(&request)
            };
            match ask(&query) {
                Ok(response) => {
                    prop_assert!(response.hits.len() <= 3);
                    let again = ask(&response.understood);
                    let again = again.map_err(|e| TestCaseError::fail(format!("{query:?}: {e}")))?;
                    prop_assert_eq!(&again.understood, &response.understood);
                    prop_assert_eq!((again.letters, again.items), (response.letters, response.items), "{}", query);
                }
                Err(error) => {
                    let error = error.to_string();
                    prop_assert!(error.starts_with("the query has ") && error.contains(" at "), "{query:?}: {error}");
                    prop_assert!(!error.chars().any(char::is_control), "{error:?}");
                }
            }
        }
    }
}

/// Queries made of the pieces that the language is made of, and of noise.
fn query_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "norco", "mri", "lumbar", "taper*", "we*", "follow-u*", "weaning!", "10/325mg", "L4-5", "#60", "the",
            "x-ray", "10:30", "foo:bar", "2014..2016", "60..", "a",
        ]).prop_map(|word| format!("{word} ")),
        5 => prop::sample::select(vec![
            "drug:", "drug:norco ", "-drug:opi* ", "rationale:", "decision:u ", "age:", "year:2014.. ", "case:CM* ",
            "page:78 ", "summary:", "drgu:", "body:",
        ]).prop_map(str::to_string),
        6 => prop::sample::select(vec![
            "OR ", "AND ", "NOT ", "-", "(", ")", "w/3 ", "w/50 ", "\"", "~2 ", "*", "!", "\"low back\" ",
            "\"low ba*\"~2 ", "\"physical therapy\"", "w/0 ", ", ", "\u{201c}", "\u{2212}", "\u{301}", "\u{200b}", "\n",
        ]).prop_map(str::to_string),
        1 => "\\PC{0,6}",
        1 => "[a-z0-9\"()*!~:/ -]{0,12}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Texts made of the pieces that letters are made of, and of noise.
fn letter_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "IMR ISSUES, DECISIONS AND RATIONALES\n", "CLINICAL CASE SUMMARY\n", "Claims Administrator guideline: ",
            "MAXIMUS guideline: ", "Decision based on MTUS Chronic Pain Treatment Guidelines, page(s) 74-96. ",
            "Decision rationale: ", "Norco 10/325mg #60: Upheld\n", "was the original request. ", "\n\n", "\x0c", "3\n",
            "1) Regarding the request for MRI:\n", "has determined the request for x is not medically necessary.\n",
            "ISSUE AT DISPUTE:\n", "RATIONALE FOR WHY THE REQUESTED TREATMENT IS NOT MEDICALLY NECESSARY:\n",
            "The Claims Administrator based its decision on ", "is medically necessary and appropriate.\n",
            "Board Certified in X and licensed to practice in Y. ", "Date of Injury: 13/45/2015 ", "aged 45 he ", "p. 1-9999 ",
            "non-\n", "\u{ad}\u{a0}\u{fb01}", "The remaining IMR eligible portion of the original request, z is: Overturned\n",
        ]).prop_map(str::to_string),
        1 => "\\PC{0,20}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
