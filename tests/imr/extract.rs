//! Extraction over the sample corpus, against the records written with it.

use crate::support::{imr, imr_with_input, letter};
use serde_json::Value;
use std::collections::HashMap;

fn lines(path: &str) -> Vec<Value> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the records are part of the project");
    let parse = |line| serde_json::from_str(line).expect("a record a line");
    text.lines().map(parse).collect()
}

/// Every key that the written record has, the extracted one has with the same value.
fn differences(place: &str, wanted: &Value, got: &Value, found: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted.iter().filter(|(key, _)| *key != "file") {
                let other = got.get(key).unwrap_or(&Value::Null);
                differences(&format!("{place}.{key}"), value, other, found);
            }
        }
        (Value::Array(wanted), Value::Array(got))
            if wanted.len() == got.len() && wanted.iter().any(Value::is_object) =>
        {
            for (n, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                differences(&format!("{place}[{}]", n + 1), wanted, got, found);
            }
        }
        _ if alike(wanted, got) => {}
        _ => found.push(format!("{place}: written {wanted}, extracted {got}")),
    }
}

/// Requests may differ in white space and in how a word broken at a line end was joined.
fn alike(wanted: &Value, got: &Value) -> bool {
    match (wanted.as_str(), got.as_str()) {
        (Some(wanted), Some(got)) => {
            let key = |s: &str| {
                s.replace(['\u{2013}', '\u{2011}'], "-")
                    .replace('\u{2019}', "'")
                    .to_lowercase()
            };
            key(wanted) == key(got)
        }
        _ => wanted == got,
    }
}

#[test]
fn every_letter_of_the_sample_corpus_is_read_as_its_author_meant_it() {
    let ran = imr(["extract", "sample-corpus"]).code(0);
    let by_file: HashMap<String, Value> = ran
        .json()
        .into_iter()
        .map(|record| {
            let file = record["file"].as_str().expect("a record names its file");
            (
                file.trim_start_matches("sample-corpus/").to_string(),
                record,
            )
        })
        .collect();
    let mut wanted = lines("tests/records/layout_a.jsonl");
    wanted.extend(lines("tests/records/layouts_prose_b_c_d.jsonl"));
    assert!(
        wanted.len() >= 80,
        "the sample corpus has at least 80 letters"
    );
    let mut found = Vec::new();
    for record in &wanted {
        let file = record["file"].as_str().expect("a record names its file");
        match by_file.get(file) {
            Some(got) => differences(file, record, got, &mut found),
            None => found.push(format!("{file}: not read")),
        }
    }
    assert!(
        found.is_empty(),
        "{} differences:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn what_is_no_letter_is_told_and_the_rest_goes_on() {
    let ran = imr(["extract", "sample-corpus/not-letters", "sample-corpus/2017"]).code(0);
    for said in [
        "agenda.txt is not an IMR determination letter\n",
        "invoice-2291.txt is not an IMR determination letter but an invoice or a bill\n",
        "denial-norco.txt is not an IMR determination letter but a utilization review decision\n",
    ] {
        let line = format!("imr: sample-corpus/not-letters/{said}");
        assert!(ran.err.contains(&line), "{}", ran.err);
    }
    assert_eq!(ran.err.lines().count(), 6, "{}", ran.err);
    assert!(ran.json().len() >= 10);
    imr(["extract", "sample-corpus/not-letters"]).code(2);
}

#[test]
fn standard_input_is_a_letter_too() {
    let text = letter(
        "CM15-0900001",
        &[("Norco 10/325mg #60 with 2 refills", "Upheld")],
    );
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let record = &ran.json()[0];
    assert_eq!(record["file"], "-");
    assert_eq!(record["case_number"], "CM15-0900001");
    let item = &record["items"][0];
    assert_eq!(
        item["drugs"],
        serde_json::json!(["acetaminophen/hydrocodone"])
    );
    assert_eq!(item["medications"][0]["quantity"], 60);
    assert_eq!(item["medications"][0]["refills"], 2);
    assert_eq!(item["reviewer"]["pages"].as_array().map(Vec::len), Some(23));
}

#[test]
fn doubts_are_told() {
    let text = letter("CM15-0900002", &[("MRI of the knee", "Upheld")])
        .replace("07/16/2014", "13/45/2014")
        .replace(
            "The chart was weighed for MRI of the knee.",
            "The MRI is medically necessary.",
        );
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let record = &ran.json()[0];
    assert_eq!(record["dates"]["injury"], Value::Null);
    let kinds: Vec<_> = record["warnings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|w| w["kind"].clone())
        .collect();
    assert_eq!(kinds, ["impossible-date", "contradiction"]);
}

/// The items of a text as request, decision and what the reviewer cited.
fn items(text: &str) -> Vec<(String, Value, String)> {
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let item = |item: &Value| {
        let request = item["request"].as_str().unwrap_or("").to_string();
        let pages = item["reviewer"]["pages"].to_string();
        (request, item["decision"].clone(), pages)
    };
    let record = ran.json().remove(0);
    record["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(item)
        .collect()
}

#[test]
fn an_item_without_a_rationale_leaves_the_next_one_whole() {
    let text = letter(
        "CM15-0900003",
        &[("Norco", "Upheld"), ("Soma", "Overturned")],
    )
    .replacen(
        "Decision rationale: The chart was weighed for Norco.\n\n",
        "",
        1,
    );
    let got = items(&text);
    assert_eq!(got.len(), 2, "{got:?}");
    assert_eq!(
        (got[0].0.as_str(), &got[0].1),
        ("Norco", &Value::from("upheld"))
    );
    assert_eq!(
        (got[1].0.as_str(), &got[1].1),
        ("Soma", &Value::from("overturned"))
    );
    assert_eq!(got[0].2, got[1].2, "both cite the same pages");
}

#[test]
fn a_side_may_take_two_sentences() {
    let text = "Case Number: CM13-0900004\n\nIMR DECISION(S) AND RATIONALE(S)\n\n1. Norco 10/325mg is not medically \
        necessary and appropriate.\n\nThe Claims Administrator based its decision on the MTUS Chronic Pain Guidelines.\n\
        The Claims Administrator cited page 80 of the MTUS Chronic Pain Guidelines.\n\nThe Physician Reviewer based \
        his/her decision on the Chronic Pain Medical Treatment Guidelines, page 78, which is part of the MTUS.\n\n\
        The Physician Reviewer's decision rationale: Nothing is better.\n";
    assert_eq!(
        items(text),
        [(
            "Norco 10/325mg".to_string(),
            Value::from("upheld"),
            "[78]".to_string()
        )]
    );
}

#[test]
fn time_is_linear_in_the_text() {
    // Each of these once took minutes. No timing is asserted: a quadratic reader does not end.
    for piece in [
        "has determined the request for x is not medically necessary. ",
        "1) Regarding the request for x:\n",
        "licensed to practice in Texas, board certified in x ",
        "State(s) of Licensure:\nCertification(s)/Specialty:\n",
        "Claims Administrator guideline: MAXIMUS guideline: ",
    ] {
        let text = format!(
            "HOW THE IMR FINAL DETERMINATION WAS MADE\n{}",
            piece.repeat((4 << 20) / piece.len())
        );
        let ran = imr_with_input(&["extract", "-"], text.as_bytes());
        assert!(matches!(ran.code, 0 | 2), "{piece}: {}", ran.err);
    }
}

#[test]
fn two_extractions_are_compared_field_by_field() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let records = at("records.jsonl");
    let against = |letters: &std::path::Path| {
        let args = [
            &*letters.display().to_string(),
            "--against",
            &records.display().to_string(),
        ]
        .map(String::from);
        imr(["extract".to_string()].iter().chain(&args))
    };
    std::fs::create_dir(at("before")).expect("a folder");
    std::fs::create_dir(at("now")).expect("a folder");
    let norco = letter(
        "CM15-0900005",
        &[
            ("Norco 10/325mg #60", "Upheld"),
            ("MRI of the knee", "Upheld"),
        ],
    );
    let soma = letter("CM15-0900006", &[("Soma 350mg #30", "Upheld")]);
    for (name, text) in [("norco.txt", &norco), ("soma.txt", &soma)] {
        std::fs::write(at("before").join(name), text).expect("written");
    }
    let now = norco.replacen(
        "Norco 10/325mg #60: Upheld",
        "Norco 10/325mg #60: Overturned",
        1,
    );
    std::fs::write(at("now/norco.txt"), now).expect("written");
    std::fs::write(
        at("now/new.txt"),
        letter("CM15-0900007", &[("Cane", "Upheld")]),
    )
    .expect("written");
    let printed = imr(["extract", &at("before").display().to_string()])
        .code(0)
        .out;
    std::fs::write(&records, printed).expect("written");

    let same = against(&at("before")).code(0).out;
    assert!(
        same.starts_with("2 letters compared: 2 the same, 0 different\n"),
        "{same}"
    );
    let ran = against(&at("now")).code(1).out;
    assert!(
        ran.starts_with("1 letter compared: 0 the same, 1 different\n"),
        "{ran}"
    );
    assert!(
        ran.contains("only before: ") && ran.contains("soma.txt\n"),
        "{ran}"
    );
    assert!(
        ran.contains("only now: ") && ran.contains("new.txt\n"),
        "{ran}"
    );
    let row = |name: &str| {
        let line = ran
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name}: {ran}"));
        line.split_whitespace()
            .skip(1)
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(row("items[].decision"), ["1", "0", "0", "1"]);
    assert_eq!(row("items[].request"), ["2", "0", "0", "0"]);
    assert!(
        ran.contains(
            "norco.txt items[1].decision\n  before: \"upheld\"\n  now:    \"overturned\"\n"
        ),
        "{ran}"
    );

    std::fs::write(&records, "no record\n").expect("written");
    let refused = against(&at("now")).code(2).err;
    assert!(refused.contains("line 1 is not a record"), "{refused}");
}

#[test]
fn the_words_before_a_request_may_say_that_it_is_retrospective() {
    let requests = [
        ("Retrospective request for a urine drug screen is", "Upheld"),
        ("Request for Norco 10/325mg #60 is", "Upheld"),
    ];
    let text = crate::support::letter("CM17-0900002", &requests);
    let ran = crate::support::imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let items = &ran.json()[0]["items"];
    assert_eq!(items[0]["request"], "urine drug screen");
    assert_eq!(items[0]["retrospective"], true, "{items}");
    assert_eq!(items[1]["retrospective"], false, "{items}");
}

#[test]
fn the_original_request_may_say_that_it_is_retrospective() {
    let request = "Retrospective: open reduction with carpal tunnel release DOS 12/13/2016 was the \
        original request. Open reduction was authorized by the Claims Administrator. The remaining IMR \
        eligible portion of the original request, with carpal tunnel release is";
    let text = crate::support::letter("CM17-0900001", &[(request, "Overturned")]);
    let ran = crate::support::imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let item = &ran.json()[0]["items"][0];
    assert_eq!(item["retrospective"], true, "{item}");
    assert!(item["original_request"].is_string(), "{item}");
}
