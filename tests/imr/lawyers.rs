//! Habits of people who search elsewhere: operators in lower case, other connectors, files among
//! words.

use crate::support::{search, with_sample_index};

fn understood(words: &[&str]) -> String {
    let args = [&["--json"], words].concat();
    search(&args).json()[0]["query"]
        .as_str()
        .unwrap()
        .to_string()
}

#[test]
fn operators_in_lower_case() {
    assert_eq!(understood(&["mri", "or", "ct"]), "(mri OR ct)");
    assert_eq!(understood(&["mri not lumbar"]), "mri -lumbar");
    assert_eq!(understood(&["norco /5 taper"]), "norco w/5 taper");
    assert_eq!(understood(&["norco near/5 taper"]), "norco w/5 taper");
    assert_eq!(understood(&["drug=norco"]), "drug:norco");
    assert_eq!(
        understood(&["'functional improvement'"]),
        "\"functional improvement\""
    );
    let either = search(&["--json", "mri", "or", "ct"]).json();
    assert_eq!(
        either[0]["letters"],
        search(&["--json", "mri OR ct"]).json()[0]["letters"]
    );
    assert!(
        either[0]["notes"][0]
            .as_str()
            .unwrap()
            .contains("read as OR")
    );
    let asked = search(&["norco not helping"]);
    assert!(asked.out.contains("write NOT helping"), "{}", asked.out);
}

#[test]
fn what_has_no_counterpart_is_refused() {
    for query in ["norco /s taper", "norco +5 taper", "norco near/p taper"] {
        let ran = search(&[query]).code(2);
        assert!(
            ran.err.contains("which imr does not support"),
            "{query}: {}",
            ran.err
        );
    }
    let ran = search(&["--json", "status:open mri"]);
    let notes = ran.json()[0]["notes"].to_string();
    assert!(notes.contains("'status:' is not a field"), "{notes}");
}

#[test]
fn files_and_options_among_the_words() {
    let folder = tempfile::TempDir::new().unwrap();
    for (args, hint) in [
        (&["norco", "norco.xlsx"][..], "use -o norco.xlsx"),
        (&["norco", "-o", "-norco.csv"][..], "write ./-norco.csv"),
        (
            &["norco", "--", "taper", "--force"][..],
            "'--force' comes after --",
        ),
    ] {
        let ran = with_sample_index("export", args).code(2);
        assert!(ran.err.contains(hint), "{}", ran.err);
    }
    let ran = with_sample_index("compare", &["a", "--", "b", "--json"]).code(2);
    assert!(ran.err.contains("'--json' comes after --"), "{}", ran.err);
    let ran = search(&["norco", "norco.csv"]).code(2);
    assert!(ran.err.contains("imr export"), "{}", ran.err);
    let file = folder.path().join("out.csv").display().to_string();
    let ran = with_sample_index("export", &["norco", "-lumbar", "-o", &file]);
    assert!(std::path::Path::new(&file).exists(), "{}", ran.err);
}

#[test]
fn wordings_for_a_decision_explain_themselves() {
    let denied = search(&["--json", "norco", "--decision", "denied"]).json();
    assert_eq!(
        denied[0]["notes"][0],
        "decision denied: IMR upheld the denial"
    );
    let upheld = search(&["--json", "norco", "--decision", "upheld"]).json();
    assert_eq!(denied[0]["items"], upheld[0]["items"]);
    assert_eq!(upheld[0]["notes"].as_array().map(Vec::len), Some(0));
    let counted = with_sample_index("stats", &["norco", "--decision", "approved"]);
    let both = counted.out.replace("\n", " ");
    assert!(
        both.contains("decision approved: IMR overturned the denial"),
        "{both}"
    );
}

/// Of alternatives, what has either is what each of them has, none twice.
#[test]
fn names_of_several_words_are_names_beside_or() {
    let items = |args: &[&str]| {
        let ran = search(&[&["--json"], args].concat());
        ran.json()[0]["items"].as_u64().unwrap_or_default()
    };
    let either = items(&["physical therapy or acupuncture"]);
    assert!(items(&["acupuncture"]) > 0);
    assert_eq!(
        either,
        items(&[
            "--treatment",
            "physical therapy",
            "--treatment",
            "acupuncture"
        ])
    );
    assert_eq!(either, items(&["(physical therapy) OR acupuncture"]));
    assert_eq!(
        items(&["low back or knee"]),
        items(&["--body-part", "low back", "--body-part", "knee"])
    );
}

/// No item requests a drug for a part of the body; the letter says what it is for.
#[test]
fn a_drug_for_a_part_of_the_body() {
    let found = search(&["--json", "norco for low back pain"]).json();
    let all = search(&["--json", "norco"]).json();
    let items = |lines: &[serde_json::Value]| lines[0]["items"].as_u64().unwrap_or_default();
    assert!((1..=items(&all)).contains(&items(&found)), "{}", found[0]);
    let notes = found[0]["notes"].to_string();
    assert!(
        notes.contains("'low back' need only be mentioned"),
        "{notes}"
    );
}

#[test]
fn a_decision_that_is_preferred_is_no_filter_anywhere() {
    let one_line = |out: &str| out.split_whitespace().collect::<Vec<_>>().join(" ");
    let want = "overturned: preferred (both decisions are counted)";
    for command in ["search", "stats"] {
        let ran = with_sample_index(command, &["norco", "overturned"]);
        let out = one_line(&(ran.out.clone() + &ran.err));
        assert!(out.contains(want), "{command}: {out}");
    }
    let exported = with_sample_index("export", &["norco", "overturned"]);
    assert!(one_line(&exported.err).contains(want), "{}", exported.err);
}

#[test]
fn alternatives_that_letters_only_mention_are_named() {
    let ran = search(&["norco or percocet"]);
    assert!(!ran.out.contains("mention  "), "{}", ran.out);
}

#[test]
fn the_sentence_that_decided_stands_once() {
    let ran = search(&["--json", "norco"]);
    for hit in &ran.json()[1..] {
        let texts: Vec<&str> = hit["snippets"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|snippet| snippet["text"].as_str())
            .collect();
        if let [first, second] = texts[..] {
            assert!(!second.contains(first), "{first} / {second}");
        }
    }
}

#[test]
fn a_class_of_drugs_is_not_every_medication() {
    for (word, filter) in [
        ("opioid", "opioid"),
        ("nsaid", "nsaid"),
        ("muscle relaxant", "muscle relaxant"),
        ("benzodiazepine", "benzodiazepine"),
    ] {
        let asked = search(&["--json", word]).json();
        let filtered = search(&["--json", "--drug", filter]).json();
        assert_eq!(asked[0]["letters"], filtered[0]["letters"], "{word}");
        assert_eq!(asked[0]["items"], filtered[0]["items"], "{word}");
    }
}

#[test]
fn a_question_is_answered_with_both_decisions() {
    for (question, words) in [
        ("is norco overturned", "norco"),
        ("is lumbar MRI usually upheld, and why?", "lumbar MRI"),
        ("why is lumbar mri denied", "lumbar mri"),
    ] {
        let asked = search(&["--json", question]).json();
        let plain = search(&["--json", words]).json();
        assert_eq!(asked[0]["letters"], plain[0]["letters"], "{question}");
        let notes = asked[0]["notes"].to_string();
        assert!(notes.contains("both decisions are counted"), "{notes}");
    }
}

#[test]
fn what_requests_it_in_another_item_is_not_said_only_to_mention_it() {
    let ran = search(&["norco", "--decision", "overturned"]);
    assert!(!ran.out.contains("without requesting"), "{}", ran.out);
}

#[test]
fn a_name_is_no_wider_than_what_was_typed() {
    let counts = |args: &[&str]| {
        let found = search(&[&["--json"], args].concat()).json();
        (found[0]["letters"].clone(), found[0]["items"].clone())
    };
    // As the filters say it.
    assert_eq!(
        counts(&["knee brace"]),
        counts(&["--treatment", "brace", "--body-part", "knee"])
    );
    for (name, class) in [
        ("refill", "medication"),
        ("ssri", "medication"),
        ("crps", "lab"),
    ] {
        let ran = search(&[name, "-c"]);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains(": treatment "), "{name}: {said}");
        assert_ne!(counts(&[name]), counts(&["--treatment", class]), "{name}");
    }
    let ran = search(&["rfa", "-c"]);
    let said = format!("{}{}", ran.out, ran.err);
    assert!(said.contains("a request for authorization"), "{said}");
}
