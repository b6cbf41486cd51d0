//! Letters that say one decision and another: it is told, and none is chosen in silence.

use crate::support::{imr, imr_with_input};
use serde_json::Value;

fn record(text: &str) -> Value {
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    ran.json().remove(0)
}

const HEADER: &str = "Case Number: CM15-0900001\n\
    Date Assigned: 01/28/2015      Date of Injury: 07/16/2014\n\
    Decision Date: 03/06/2015      UR Denial Date: 01/05/2015\n\
    Priority: Standard             Application Received: 01/21/2015\n\n\
    HOW THE IMR FINAL DETERMINATION WAS MADE\n\
    The Expert Reviewer has the following credentials:\n\
    State(s) of Licensure: California\n\
    Certification(s)/Specialty: Family Practice\n\n\
    CLINICAL CASE SUMMARY\nThe worker is a 52 year old woman with pain.\n\n";

const DECISIONS: &str = "IMR ISSUES, DECISIONS AND RATIONALES\n\
    The Final Determination was based on decisions for the disputed items/services set forth below:\n\n";

const BODY: &str = "Claims Administrator guideline: Decision based on MTUS Chronic Pain Treatment Guidelines.\n\n\
    MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines, page(s) 78-80.\n\n\
    Decision rationale: The papers were looked at for what they say of it.\n";

fn letter(headings: &[&str]) -> String {
    let items: Vec<String> = headings
        .iter()
        .map(|heading| format!("{heading}\n\n{BODY}"))
        .collect();
    format!("{HEADER}{DECISIONS}{}", items.join("\n"))
}

/// Requests and decisions, and the kinds of doubt.
fn said(record: &Value) -> (Vec<(String, Option<String>)>, Vec<String>) {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let items = record["items"].as_array().expect("items");
    let items = items.iter().map(|item| {
        (
            text(&item["request"]).expect("a request"),
            text(&item["decision"]),
        )
    });
    let warnings = record["warnings"].as_array().expect("warnings");
    let kinds = warnings.iter().map(|w| text(&w["kind"]).expect("a kind"));
    (items.collect(), kinds.collect())
}

fn items(wanted: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    let own = |(request, decision): &(&str, Option<&str>)| {
        ((*request).to_string(), decision.map(str::to_string))
    };
    wanted.iter().map(own).collect()
}

#[test]
fn two_headings_over_one_rationale_are_two_items_or_a_contradiction() {
    for (headings, wanted, doubts) in [
        (
            "Norco 10/325mg #60: Overturned\n\nNorco 10/325mg #60: Upheld",
            items(&[("Norco 10/325mg #60", None)]),
            vec!["no-decision", "contradiction"],
        ),
        (
            "Norco 10/325mg #60: Overturned\nNorco 10/325mg #60: Upheld",
            items(&[("Norco 10/325mg #60", None)]),
            vec!["no-decision", "contradiction"],
        ),
        (
            "Norco 10/325mg #60: Overturned: Upheld",
            items(&[("Norco 10/325mg #60", None)]),
            vec!["no-decision", "contradiction"],
        ),
        (
            "Norco 10/325mg #60: Overturned\n\nMRI of the left knee: Upheld",
            items(&[
                ("Norco 10/325mg #60", Some("overturned")),
                ("MRI of the left knee", Some("upheld")),
            ]),
            vec!["contradiction", "contradiction"],
        ),
        (
            "Norco 10/325mg #60: Upheld\n\nMRI of the left knee: Upheld",
            items(&[
                ("Norco 10/325mg #60", Some("upheld")),
                ("MRI of the left knee", Some("upheld")),
            ]),
            vec![],
        ),
        (
            "Norco 10/325mg #60: Upheld\nNorco 10/325mg #60: Upheld",
            items(&[("Norco 10/325mg #60", Some("upheld"))]),
            vec![],
        ),
    ] {
        let first = said(&record(&letter(&[headings])));
        assert_eq!(
            first,
            (
                wanted.clone(),
                doubts.iter().map(ToString::to_string).collect()
            ),
            "{headings}"
        );
        // The same below another item.
        let (found, _) = said(&record(&letter(&[
            "Acupuncture, 6 visits: Upheld",
            headings,
        ])));
        assert_eq!(found[1..], wanted, "{headings}");
    }
}

#[test]
fn a_rationale_that_ends_in_a_verdict_is_no_heading() {
    let text = letter(&[
        "Acupuncture, 6 visits: Upheld",
        "Norco 10/325mg #60: Upheld",
    ]);
    for end in [
        "Final decision: Upheld",
        "The denial is upheld.",
        "Conclusion: Overturned.",
    ] {
        let text = text.replace(
            "what they say of it.\n\nNorco",
            &format!("what they say of it.\n\n{end}\n\nNorco"),
        );
        let (found, _) = said(&record(&text));
        assert_eq!(found.len(), 2, "{end}: {found:?}");
    }
}

#[test]
fn numbered_sentences_over_one_rationale_are_items_of_their_own() {
    let text = "Case Number: CM13-0900001\nDate of Injury: 05/10/2011\nDecision Date: 02/11/2014\n\n\
        IMR DECISION(S) AND RATIONALE(S)\n\
        The Final Determination was based on decisions for the disputed items/services set forth below:\n\n\
        1. Norco 10/325mg #150 is not medically necessary and appropriate.\n\n\
        2. Omeprazole 20mg #60 is medically necessary and appropriate.\n\n\
        The Claims Administrator based its decision on the MTUS Chronic Pain Guidelines.\n\n\
        The Physician Reviewer based his/her decision on the Chronic Pain Medical Treatment Guidelines, pages 78-80, \
        which is part of the MTUS.\n\n\
        The Physician Reviewer's decision rationale: The papers were looked at.\n";
    let (found, doubts) = said(&record(text));
    assert_eq!(
        found,
        items(&[
            ("Norco 10/325mg #150", Some("upheld")),
            ("Omeprazole 20mg #60", Some("overturned")),
        ])
    );
    assert_eq!(doubts, ["contradiction", "contradiction"]);
}

const LIST: &str = "1) MAXIMUS Federal Services, Inc. has determined the request for Norco 10/325mg #60 is medically \
    necessary and appropriate.\n\n2) MAXIMUS Federal Services, Inc. has determined the request for an MRI of the left \
    knee is not medically necessary and appropriate.\n\n1) Regarding the request for Norco 10/325mg #60:\n\n\
    Rationale for the Decision:\nThe papers were looked at.\n";

#[test]
fn decisions_in_the_forms_of_two_layouts_are_a_doubt() {
    let text = format!("{}\n{LIST}", letter(&["Norco 10/325mg #60: Upheld"]));
    let record = record(&text);
    assert_eq!(record["layout"], "A");
    let (found, doubts) = said(&record);
    assert_eq!(found, items(&[("Norco 10/325mg #60", None)]));
    assert_eq!(doubts, ["no-decision", "unclear-layout"]);
    assert_eq!(
        record["warnings"][1]["detail"],
        "A or C; not read: MRI of the left knee"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, text).expect("a file");
    let index = folder.path().join("index");
    let index = index.to_str().expect("a path");
    imr(["index", letter.to_str().expect("a path"), "--index", index]).code(0);
    imr(["search", "--warning", "unclear-layout", "--index", index]).code(0);
}

#[test]
fn two_lists_that_differ_are_a_contradiction() {
    let list = LIST.split("1) Regarding").next().expect("a list");
    let again = list.replace("#60 is medically", "#60 is not medically");
    let text = format!(
        "Notice of Independent Medical Review Determination\nDated: 9/30/2013\n\nDate of UR Decision: 7/8/2013\n\
         Date of Injury: 11/2/2010\nMAXIMUS Case Number: CM13-0900417\n\n{list}\
         INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE\n\n{again}\
         1) Regarding the request for Norco 10/325mg #60:\n\nRationale for the Decision:\nThe papers were looked at.\n"
    );
    let (found, doubts) = said(&record(&text));
    assert_eq!(
        found,
        items(&[
            ("Norco 10/325mg #60", None),
            ("MRI of the left knee", Some("upheld"))
        ])
    );
    assert_eq!(doubts, ["no-decision", "contradiction"]);
}

#[test]
fn a_case_number_that_is_none_is_a_doubt() {
    let text = letter(&["Norco 10/325mg #60: Upheld"]);
    let of = |number: &str| record(&text.replace("CM15-0900001", number));
    for number in [
        "CM150900001",
        "CM-15-0900001",
        "CM15.0900001",
        "CM15 - 0900001",
    ] {
        assert_eq!(of(number)["case_number"], "CM15-0900001", "{number}");
    }
    for number in ["CM15-09001", "CM15090000123", "15-0900001"] {
        let record = of(number);
        assert_eq!(record["case_number"], Value::Null, "{number}");
        assert_eq!(
            record["warnings"][0]["kind"], "unclear-case-number",
            "{number}"
        );
        assert_eq!(record["warnings"][0]["detail"], *number);
    }
}

#[test]
fn a_document_number_within_a_heading_is_a_stamp() {
    let plain = record(&letter(&[
        "Physical therapy for the left knee, twelve\nvisits: Upheld",
    ]));
    for stamp in [
        "DOC ID 12345",
        "Doc ID: 0012345678",
        "DOCUMENT NO. EX-00417",
    ] {
        let heading =
            format!("Physical therapy for the left knee, twelve\n{stamp}\nvisits: Upheld");
        assert_eq!(record(&letter(&[&heading])), plain, "{stamp}");
    }
}

#[test]
fn a_label_of_the_header_below_a_heading_is_no_part_of_it() {
    let plain = record(&letter(&["MRI of the left knee: Upheld"]));
    let heading = "MRI of the left knee: Upheld\nReceived:";
    assert_eq!(record(&letter(&[heading]))["items"], plain["items"]);
}

#[test]
fn characters_read_for_others_cost_no_item() {
    let plain = record(&letter(&["Norco 10/325mg #60: Upheld"]));
    let garbled = letter(&["Norco 10/325mg #60: Uphe1d"])
        .replace(
            "Claims Administrator guideline",
            "C1aims Adrninistrator guidelinc",
        )
        .replace("Decision rationale", "Decisi0n rationale")
        .replace("CLINICAL CASE", "CLlNlCAL CASE")
        .replace("CM15-0900001", "CM15-O9O000l")
        .replace("03/06/2015", "O3/06/20l5");
    assert_eq!(record(&garbled), plain);
}

#[test]
fn labels_that_are_not_known_cost_no_decision() {
    let headings = [
        "Norco 10/325mg #60: Upheld",
        "MRI of the left knee: Overturned",
    ];
    let wanted = said(&record(&letter(&headings)));
    let markdown = letter(&headings)
        .replace(": Upheld", ": **Upheld**")
        .replace(": Overturned", ": **Overturned**");
    for text in [
        letter(&headings).replace("MAXIMUS guideline", "Reviewer guideline"),
        letter(&headings).replace("MAXIMUS guideline", "IMR guideline"),
        letter(&headings).replace("MAXIMUS guideline", "Reviewing organization's guidelines"),
        letter(&headings).replace("Claims Administrator guideline", "UR guideline"),
        letter(&headings).replace("Decision rationale", "Rationale"),
        letter(&headings).replace(": Upheld", "\nDecision: Upheld"),
        markdown,
    ] {
        let record = record(&text);
        assert_eq!(said(&record), wanted, "{text}");
        for item in record["items"].as_array().expect("items") {
            let rationale = item["rationale"].as_str().expect("a rationale");
            assert_eq!(
                rationale,
                "The papers were looked at for what they say of it."
            );
            assert_eq!(item["reviewer"]["pages"], serde_json::json!([78, 79, 80]));
        }
    }
}

#[test]
fn a_rationale_that_ends_in_authorizing_what_was_upheld_is_flagged() {
    let ran = crate::support::search(&["--json", "--warning", "contradiction"]).code(0);
    assert!(
        ran.cases().contains(&"CM13-0900188".to_string()),
        "{:?}",
        ran.cases()
    );
}
