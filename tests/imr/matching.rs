//! What matches: items answer about what was asked. Every case runs against both backends, tantivy's
//! and the plain reading of every letter.

use crate::support::{imr, letter, search, with_sample_index};
use imr::search::{Backend, DropOne, Engine, Filter, Hit, NaiveBackend, Request, Response};
use tempfile::TempDir;

/// Three letters: Norco and a lumbar MRI; a neck MRI whose rationale mentions Norco; Norco again.
fn texts() -> Vec<String> {
    let first = letter(
        "CM15-0900501",
        &[
            ("Norco 10/325mg #60", "Upheld"),
            ("MRI of the lumbar spine", "Overturned"),
        ],
    );
    let second = letter("CM15-0900502", &[("MRI of the cervical spine", "Upheld")]).replace(
        "The chart was weighed",
        "The worker takes Norco, for which a taper was advised. The chart was weighed",
    );
    let third = letter("CM15-0900503", &[("Norco 10/325mg #90", "Overturned")]).replace(
        "The chart was weighed",
        "The worker is back to full duty, and a taper goes on. This decision should not be interpreted as a \
         recommendation to stop long-term opioids abruptly. The chart was weighed",
    );
    vec![first, second, third]
}

/// Asks both backends, and hands each answer to a check.
fn each(request: &Request, check: impl Fn(&Response)) {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    for (n, text) in texts().iter().enumerate() {
        std::fs::write(corpus.join(format!("{n}.txt")), text).unwrap();
    }
    let index = folder.path().join("index");
    let paths = [&corpus, &index].map(|path| path.display().to_string());
    imr(["index", &paths[0], "--quiet", "--index", &paths[1]]).code(0);
    let engine = Engine::open(&index).unwrap();
    let naive = NaiveBackend::new(texts().iter().map(|text| imr::letter::read(text)));
    let backends: [&dyn Backend; 2] = [&engine, &naive];
    for backend in backends {
        let response = backend.search(request).unwrap();
        check(&response);
        let counts = backend.count(request).unwrap();
        assert_eq!(
            (counts.letters, counts.items),
            (response.letters, response.items)
        );
    }
}

fn asking(query: &str) -> Request {
    Request {
        query: query.to_string(),
        ..Request::default()
    }
}

fn cases(hits: &[Hit]) -> Vec<&str> {
    let mut cases: Vec<&str> = hits
        .iter()
        .filter_map(|hit| hit.letter.case_number.as_deref())
        .collect();
    cases.sort_unstable();
    cases
}

#[test]
fn a_concept_is_what_an_item_requests() {
    each(&asking("norco"), |response| {
        assert_eq!(
            (response.letters, response.items, response.mentions),
            (2, 2, 1)
        );
        assert_eq!(cases(&response.hits), ["CM15-0900501", "CM15-0900503"]);
        let note = &response.concepts[0];
        assert_eq!((note.field.as_ref(), note.range.clone()), ("drug", 0..5));
        assert_eq!(note.label, "acetaminophen/hydrocodone");
    });
}

#[test]
fn the_filter_gives_what_the_concept_gives() {
    let filter = Filter {
        name: "drug".into(),
        value: "norco".into(),
        negated: false,
    };
    let request = Request {
        filters: vec![filter],
        ..Request::default()
    };
    each(&request, |response| {
        assert_eq!((response.letters, response.items), (2, 2));
    });
}

#[test]
fn quotation_marks_make_it_a_word() {
    each(&asking("\"norco\""), |response| {
        assert_eq!((response.letters, response.items), (3, 3));
        assert!(response.concepts.is_empty());
    });
}

#[test]
fn a_word_stands_in_the_item_itself() {
    each(&asking("norco taper"), |response| {
        assert_eq!(
            (response.letters, response.items, response.mentions),
            (1, 1, 1)
        );
        assert_eq!(cases(&response.hits), ["CM15-0900503"]);
    });
}

#[test]
fn no_item_answers_with_the_help_of_another() {
    // One letter has an item for Norco and another for the lumbar spine.
    each(&asking("norco lumbar"), |response| {
        assert_eq!((response.letters, response.mentions), (0, 0));
        let without = |text: &str, letters: u64| DropOne {
            filter: None,
            text: text.into(),
            letters,
            items: letters,
        };
        assert_eq!(
            response.drop_one,
            [without("norco", 1), without("lumbar", 2)]
        );
    });
}

#[test]
fn where_nothing_answers_the_mentions_are_shown() {
    each(&asking("norco mri"), |response| {
        assert_eq!((response.letters, response.items), (0, 0));
        assert!(response.only_mentions);
        assert_eq!(response.mentions, 1);
        assert!(response.hits.is_empty());
        let (mentions, others): (Vec<&Hit>, Vec<&Hit>) =
            response.mention_hits.iter().partition(|hit| hit.mention);
        assert_eq!(mentions.len(), 1);
        assert_eq!(
            mentions[0].letter.case_number.as_deref(),
            Some("CM15-0900502")
        );
        assert!(others.iter().all(|hit| hit.partial));
    });
}

#[test]
fn mentions_follow_where_they_are_asked_for() {
    let request = Request {
        mentions: true,
        ..asking("norco")
    };
    each(&request, |response| {
        let mentions: Vec<bool> = response.hits.iter().map(|hit| hit.mention).collect();
        assert_eq!(mentions, [false, false, true]);
        assert_eq!((response.letters, response.items), (2, 2));
    });
}

#[test]
fn decision_words_rank_and_do_not_narrow() {
    each(&asking("norco reversed"), |response| {
        assert_eq!((response.letters, response.items), (2, 2));
        let wish = response.preferred_decision.as_ref().unwrap();
        assert_eq!(
            (wish.decision.as_ref(), wish.items, wish.others),
            ("overturned", 1, 1)
        );
        let first = response.hits[0].letter.case_number.as_deref();
        assert_eq!(first, Some("CM15-0900503"));
    });
}

#[test]
fn excluding_a_concept_leaves_out_what_requests_it() {
    each(&asking("-norco"), |response| {
        assert_eq!((response.letters, response.items), (2, 2));
        assert_eq!(cases(&response.hits), ["CM15-0900501", "CM15-0900502"]);
    });
    each(&asking("-\"norco\""), |response| {
        assert_eq!(cases(&response.hits), ["CM15-0900501"]);
    });
}

#[test]
fn of_several_concepts_of_a_field_one_is_requested_and_the_others_mentioned() {
    each(&asking("norco tramadol"), |response| {
        assert_eq!((response.letters, response.mentions), (0, 0));
    });
    each(&asking("norco OR tramadol"), |response| {
        assert_eq!((response.letters, response.items), (2, 2));
    });
}

#[test]
fn names_that_are_ordinary_words_are_words_there() {
    each(&asking("back to full duty"), |response| {
        assert!(response.concepts.is_empty());
        assert_eq!(cases(&response.hits), ["CM15-0900503"]);
    });
}

#[test]
fn a_part_of_the_body_does_not_match_through_a_guideline() {
    // Each letter cites the Chronic Pain guideline; only one item is for the low back.
    each(&asking("lumbar"), |response| {
        assert_eq!((response.letters, response.items), (1, 1));
    });
}

#[test]
fn letters_that_only_mention_are_counted_and_exported_where_asked_for() {
    let count = |args: &[&str]| {
        let report = with_sample_index("stats", &[args, &["--json"]].concat()).json();
        report[0]["all"]["letters"].as_u64().unwrap()
    };
    let listed = search(&["tramadol", "--mentions", "--json", "-n", "100"]).json();
    let of_type = |kind: &str| listed.iter().filter(|line| line["type"] == kind).count();
    let (hits, mentions) = (of_type("hit"), of_type("mention"));
    assert!(mentions > 0);
    assert_eq!(count(&["tramadol"]), hits as u64);
    assert_eq!(count(&["tramadol", "--mentions"]), (hits + mentions) as u64);
    let said = with_sample_index("stats", &["tramadol", "--mentions"]).out;
    assert!(
        said.contains(&format!("{mentions} of these letters only mention")),
        "{said}"
    );
    let ran = with_sample_index("export", &["tramadol", "--mentions", "--by", "letter"]).code(0);
    let rows = crate::export::rows(&ran.out);
    assert_eq!(rows.len(), 1 + hits + mentions);
    let at = rows[0].iter().position(|name| name == "mention").unwrap();
    let yes = rows.iter().filter(|row| &row[at] == "yes").count();
    assert_eq!(yes, mentions);
    assert!(ran.err.contains("only mention"), "{}", ran.err);
    let plain = with_sample_index("export", &["tramadol", "--by", "letter"]).out;
    assert!(
        !crate::export::rows(&plain)[0]
            .iter()
            .any(|name| name == "mention")
    );
}

#[test]
fn a_filter_that_means_more_than_was_typed_says_so() {
    for command in ["search", "stats", "checklist"] {
        let ran = with_sample_index(command, &["--diagnosis", "strain"]).code(0);
        assert!(
            ran.out.contains("diagnosis strain: "),
            "{command}: {}",
            ran.out
        );
        assert!(
            ran.out.contains("lumbar sprain or strain"),
            "{command}: {}",
            ran.out
        );
    }
    let ran = with_sample_index("export", &["--guideline", "chronic pain"]).code(0);
    assert!(
        ran.err.contains("guideline chronic pain: ") && ran.err.contains(" or "),
        "{}",
        ran.err
    );
    let exact = search(&["--diagnosis", "lumbar sprain or strain"]);
    assert!(!exact.out.contains("diagnosis lumbar"), "{}", exact.out);
}

#[test]
fn psych_treatment_is_all_of_mental_health() {
    let items = |args: &[&str]| search(&[args, &["--json"]].concat()).json()[0]["items"].clone();
    let all = items(&["--treatment", "behavioral-health"]);
    for name in [
        "psych treatment",
        "mental health treatment",
        "mental health",
    ] {
        assert_eq!(items(&["--treatment", name]), all, "{name}");
        assert_eq!(items(&[name]), all, "{name}");
    }
    assert!(items(&["--treatment", "psychotherapy"]).as_u64() < all.as_u64());
}

#[test]
fn standard_notices_are_not_searched() {
    for query in ["abruptly", "rationale:interpreted", "\"long-term opioids\""] {
        each(&asking(query), |response| {
            assert_eq!((response.letters, response.mentions), (0, 0), "{query}");
        });
    }
    each(&asking("\"taper goes on\""), |response| {
        assert_eq!(response.letters, 1)
    });
}

#[test]
fn a_page_that_the_answers_leave_unfilled_has_letters_that_match_in_part() {
    // No item requests acupuncture of a neck and a shoulder.
    let found = search(&["acupuncture neck shoulder overturned", "--json"]).json();
    let of = |kind: &str| found.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(found[0]["letters"], 0);
    assert!(of("hit") == 0 && of("partial") > 0 && of("partial") + of("mention") <= 10);
    let said = search(&["acupuncture neck shoulder"]).out;
    assert!(said.contains("\nLetters that match in part:\n"), "{said}");
    // They are no part of what is counted or exported, and follow the answers.
    let rows = with_sample_index("export", &["acupuncture neck shoulder"]);
    assert_eq!(rows.out.lines().count(), 1, "{}", rows.out);
    let found = search(&["norco taper", "--json"]).json();
    let kinds: Vec<&str> = found[1..]
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    let answers = kinds.iter().filter(|kind| **kind == "hit").count();
    assert!(
        kinds[..answers].iter().all(|kind| *kind == "hit"),
        "{kinds:?}"
    );
    let letters = found[0]["letters"].as_u64().unwrap();
    assert_eq!(letters.min(10), answers as u64);
}
