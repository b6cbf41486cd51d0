//! Case numbers, however they are typed.

use crate::support::{imr, letter, search, with_sample_index};
use std::fs;
use tempfile::TempDir;

const FORMS: [&str; 6] = [
    "CM15-0900101",
    "cm150900101",
    "CM15 0900101",
    "0900101",
    "CM15\u{2013}0900101",
    "15-0900101",
];

#[test]
fn every_form_finds_the_letter_everywhere() {
    for typed in FORMS {
        for args in [
            vec!["--json", typed],
            vec!["--json", "--case", typed],
            vec!["--json", &format!("case:{typed}")],
        ] {
            assert_eq!(search(&args).code(0).cases(), ["CM15-0900101"], "{args:?}");
        }
        let ran = with_sample_index("show", &[typed, "--json"]).code(0);
        assert_eq!(ran.json()[0]["case_number"], "CM15-0900101", "{typed}");
    }
    // Without quotation marks a shell makes two arguments of it.
    let ran = with_sample_index("show", &["CM15", "0900101", "--json"]).code(0);
    assert_eq!(ran.json().len(), 1);
    assert_eq!(
        search(&["--json", "CM15", "0900101"]).cases(),
        ["CM15-0900101"]
    );
}

#[test]
fn several_at_once() {
    let both = ["CM15-0900101", "CM15-0900106"];
    for args in [
        vec!["--json", "--sort", "case", "CM15-0900101 cm150900106"],
        vec!["--json", "--sort", "case", "CM15-0900101,", "0900106"],
        vec![
            "--json",
            "--sort",
            "case",
            "--case",
            "0900101, CM15 0900106",
        ],
    ] {
        assert_eq!(search(&args).code(0).cases(), both, "{args:?}");
    }
    let ran = with_sample_index("show", &["0900101", "CM15-0900106", "--json"]).code(0);
    let cases: Vec<_> = ran
        .json()
        .iter()
        .map(|l| l["case_number"].clone())
        .collect();
    assert_eq!(cases, both);
}

#[test]
fn a_near_miss_offers_the_nearest() {
    for typed in [
        "CM15-900101",
        "CM15-0901001",
        "CM16-0900101",
        "CM15-00900101",
    ] {
        let ran = with_sample_index("show", &[typed]).code(1);
        assert!(ran.err.contains("CM15-0900101"), "{typed}: {}", ran.err);
        let ran = search(&["--json", typed]);
        let near = &ran.json()[0]["suggestions"][0]["spellings"];
        assert!(near.to_string().contains("CM15-0900101"), "{typed}: {near}");
    }
}

#[test]
fn missing_zeros_are_asked_about_wherever_nothing_is_found() {
    let meant = "No letter has the case number '900101'; did you mean CM15-0900101?";
    for args in [
        vec!["900101"],
        vec!["900101", "-c"],
        vec!["--case", "900101"],
    ] {
        let ran = search(&args).code(1);
        assert!(ran.out.contains(meant), "{args:?}: {}", ran.out);
    }
    let ran = search(&["--json", "900101"]).code(1);
    let near = &ran.json()[0]["suggestions"][0]["spellings"][0];
    assert_eq!(near, "CM15-0900101");
    let ran = with_sample_index("export", &["900101"]).code(1);
    assert!(ran.err.contains(meant), "{}", ran.err);
    let ran = with_sample_index("stats", &["900101"]);
    assert!(
        format!("{}{}", ran.out, ran.err).contains(meant),
        "{}",
        ran.out
    );
    let ran = search(&["--json", "show", "me", "CM15-0900101"]).code(0);
    assert_eq!(ran.cases(), ["CM15-0900101"]);
}

#[test]
fn of_several_documents_with_one_number_the_decision_is_shown() {
    let folder = TempDir::new().unwrap();
    let decision = letter("CM15-0900777", &[("Norco", "Upheld")]);
    let cover = decision.replace("Norco: Upheld", "Norco");
    fs::write(folder.path().join("a cover.txt"), cover).unwrap();
    fs::write(folder.path().join("b.txt"), decision).unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let index = path("index");
    imr(["index", &path(""), "--index", &index]).code(0);
    let ran = imr(["show", "cm150900777", "--json", "--index", &index]).code(0);
    assert_eq!(ran.json().len(), 1, "{}", ran.out);
    assert!(ran.out.contains("\"upheld\""), "{}", ran.out);
    assert!(
        ran.err.contains("2 documents have 'CM15-0900777'"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("a cover.txt'"), "{}", ran.err);
}
