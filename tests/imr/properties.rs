//! What must hold for any text, and for any filters: the index against a plain reading of all
//! letters.

use crate::support::sample_index;
use imr::letter::{self, Letter};
use imr::search::{
    Axis, Backend, Engine, FacetRequest, Filter, GroupBy, Hit, MatchMode, NaiveBackend, Projection,
    Request, Response,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::open(sample_index()).expect("the sample index opens"))
}

pub(crate) fn letters() -> &'static Vec<Letter> {
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
            .flat_map(|t| letter::documents(&t).letters)
            .map(|part| part.letter)
            .collect()
    })
}

pub(crate) fn naive() -> &'static NaiveBackend {
    static NAIVE: OnceLock<NaiveBackend> = OnceLock::new();
    NAIVE.get_or_init(|| NaiveBackend::new(letters().iter().cloned()))
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

/// Queries of words, concepts, several of one field, operators, phrases, connectors, fields.
fn questions() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "pain", "taper", "functional", "improvement", "exhausted", "unlikelyword", "benefit", "strain",
        ]),
        6 => prop::sample::select(vec![
            "norco", "tramadol", "opioid", "mri", "knee", "lumbar", "low back", "shoulder", "physical therapy",
            "acupuncture", "surgery", "imaging", "page 78", "pain specialist", "back to full duty", "after surgery",
        ]),
        2 => prop::sample::select(vec!["overturned", "denied", "not medically necessary", "approved"]),
        4 => prop::sample::select(vec![
            "\"low back\"", "\"norco\"", "\"functional improvement\"", "pain w/5 medication", "norco w/9 taper",
            "(norco OR tramadol)", "mri OR ultrasound", "(knee OR pain)", "-norco", "-pain", "-\"low back\"",
            "-(knee mri)", "(norco pain)", "NOT (opioid OR omeprazole)",
        ]),
        3 => prop::sample::select(vec![
            "drug:norco", "-drug:opioid", "decision:upheld", "treatment:imaging", "body:knee", "page:78",
            "outcome:mixed", "rationale:improvement", "request:mri", "summary:pain", "-summary:shoulder",
            "(drug:omeprazole OR summary:fall)", "guidelines:chronic", "-rationale:benefit",
        ]),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(" "))
}

fn requests() -> impl Strategy<Value = Request> {
    let filters = prop_oneof![3 => Just(Vec::new()), 2 => filters()];
    let mode = prop::sample::select(vec![
        MatchMode::Most,
        MatchMode::Most,
        MatchMode::All,
        MatchMode::Any,
    ]);
    let flag = prop::bool::weighted;
    let flags = (flag(0.2), flag(0.15), flag(0.3));
    (questions(), filters, mode, flags).prop_map(|(query, filters, match_mode, flags)| {
        let filters = filters.into_iter().map(|(name, value, negated)| Filter {
            name: name.into(),
            value: value.into(),
            negated,
        });
        let facets = imr::search::known_facets().into_iter();
        Request {
            query,
            filters: filters.collect(),
            match_mode,
            exact: flags.0,
            any_item: flags.1,
            mentions: flags.2,
            limit: 1000,
            facets: facets
                .map(|path| FacetRequest { path, top: 1000 })
                .collect(),
            ..Request::default()
        }
    })
}

/// The letters of an answer, each with its answering items.
pub(crate) fn found(response: &Response) -> BTreeSet<(String, bool, Vec<usize>)> {
    let hits = response.hits.iter();
    let items = |hit: &Hit| hit.items.iter().map(|item| item.item).collect();
    hits.map(|hit| (hit.id.clone(), hit.mention, items(hit)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked, the index and a plain reading of every letter answer alike: letters, items,
    /// mentions, every value of every facet, statistics, exports, and what would answer without a part.
    #[test]
    fn the_index_answers_as_a_plain_reading_does(request in requests()) {
        let (naive, engine): (&dyn Backend, &dyn Backend) = (naive(), engine());
        let (want, got) = (naive.search(&request).unwrap(), engine.search(&request).unwrap());
        prop_assert_eq!((got.letters, got.items), (want.letters, want.items));
        prop_assert_eq!((got.mentions, got.only_mentions), (want.mentions, want.only_mentions));
        prop_assert_eq!((got.relaxed, &got.dropped), (want.relaxed, &want.dropped));
        prop_assert_eq!((&got.preferred_decision, &got.drop_one), (&want.preferred_decision, &want.drop_one));
        prop_assert_eq!(found(&got), found(&want));
        for (got, want) in got.facets.iter().zip(&want.facets) {
            prop_assert_eq!(got, want);
        }
        let answering = got.hits.iter().filter(|hit| !hit.mention);
        prop_assert_eq!(answering.count() as u64, got.letters);
        // Statistics count the same items.
        let along = ["drug", "year"].map(|name| GroupBy { axis: Axis::Facet(name.into()), only: None });
        let (counted, read) = (engine.tally(&request, &along).unwrap(), naive.tally(&request, &along).unwrap());
        if request.mentions {
            prop_assert_eq!(counted.all.letters, got.letters + got.mentions);
        } else {
            prop_assert_eq!((counted.all.letters, counted.all.items()), (got.letters, got.items));
        }
        prop_assert_eq!(counted.all, read.all);
        for (counted, read) in counted.axes.into_iter().zip(read.axes) {
            let values: BTreeMap<_, _> = counted.values.into_iter().collect();
            prop_assert_eq!(values, read.values.into_iter().collect());
            prop_assert_eq!(counted.without, read.without);
        }
        // So do exports.
        let mut rows = (0, 0);
        let exported = Request { mentions: false, ..request.clone() };
        engine.stream(&exported, Projection::default(), &mut |hit| {
            rows = (rows.0 + 1, rows.1 + hit.items.len() as u64);
            Ok(())
        }).unwrap();
        prop_assert_eq!(rows, (got.letters, got.items));
    }

    /// The count beside a facet's value is the count after choosing it, whatever other filters hold: those of
    /// other names on the same field, and those that exclude. Only its own filter is left out, both times.
    #[test]
    fn a_value_counts_what_choosing_it_gives(
        request in requests(),
        facet in prop::sample::select(imr::search::known_facets()),
    ) {
        let mut request = Request { limit: 0, any_item: false, ..request };
        // A bare page means one of the guideline beside it, and a side says which citations are meant.
        let apart = |name: &str| !["page", "guideline", "source", "cited-by"].contains(&name);
        request.filters.retain(|f| (f.name != facet || f.negated) && (apart(&facet) || apart(&f.name)));
        request.facets = vec![FacetRequest { path: facet.clone(), top: 3 }];
        let counts = engine().search(&request).unwrap();
        if counts.relaxed {
            return Ok(());
        }
        for value in &counts.facets[0].values {
            let mut chosen = request.clone();
            chosen.filters.push(Filter { name: facet.clone(), value: value.value.clone(), negated: false });
            let chosen = engine().search(&chosen).unwrap();
            prop_assert_eq!((chosen.letters, chosen.items), (value.letters, value.items), "{} {}", facet, value.value);
        }
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
