//! Why reviewers decided so, over the sample corpus: `imr extract`'s reasons and sentences, and `imr checklist`.

use crate::support::{imr, with_sample_index};
use serde_json::Value;

fn records(path: &str) -> Vec<Value> {
    let path = format!("{}/sample-corpus/{path}", env!("CARGO_MANIFEST_DIR"));
    let ran = imr(["extract", &path]);
    ran.out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record a line"))
        .collect()
}

fn strings(value: &Value) -> Vec<&str> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

#[test]
fn points_that_a_table_leaves_out_are_told() {
    let ran = with_sample_index("stats", &["--reasons", "--top", "2"]).code(0);
    assert!(
        ran.out.contains("rarer points are not shown"),
        "{}",
        ran.out
    );
    let ran = with_sample_index("stats", &["--reasons"]).code(0);
    assert!(!ran.out.contains("rarer points"), "{}", ran.out);
}

#[test]
fn the_reasons_of_sample_letters_are_what_their_reviewers_say() {
    for (letter, item, reason) in [
        ("2015/CM15-0900102.txt", 0, "functional improvement:+"),
        ("2015/CM15-0900113.txt", 0, "conservative care:+"),
        ("2014/CM14-0901113.txt", 2, "evidence:-"),
        ("2017/CM17-0900311.txt", 3, "alternatives:-"),
        ("2017/CM17-0900312.txt", 3, "amount:-"),
        ("2016/CM16-0900201.txt", 0, "red flags:-"),
    ] {
        let records = records(letter);
        let item = &records[0]["items"][item];
        let reasons = strings(&item["reasons"]);
        assert!(reasons.contains(&reason), "{letter}: {reasons:?}");
        let sentence = item["reason_sentence"]
            .as_str()
            .expect("a reason has a sentence");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let rationale = flat(item["rationale"].as_str().unwrap());
        let first = sentence.split(". ").next().unwrap().trim_end_matches('.');
        assert!(rationale.contains(first), "{letter}: {sentence}");
    }
}

#[test]
fn reasons_speak_for_the_decision_and_are_few() {
    let mut with_reasons = 0;
    for record in records("") {
        for item in record["items"].as_array().unwrap() {
            let reasons = strings(&item["reasons"]);
            let sign = match item["decision"].as_str() {
                Some("upheld") => ":-",
                Some(_) => ":+",
                None => "none",
            };
            assert!(
                reasons.len() <= 3 && reasons.iter().all(|r| r.ends_with(sign)),
                "{reasons:?}"
            );
            // In words of no table there may still be a sentence that says why.
            assert!(
                reasons.is_empty() || item["reason_sentence"].is_string(),
                "{item}"
            );
            with_reasons += usize::from(!reasons.is_empty());
        }
    }
    assert!(with_reasons > 100, "{with_reasons}");
}

#[test]
fn a_checklist_counts_the_items_that_statistics_count() {
    let json = |args: &[&str]| -> Value {
        let ran = with_sample_index(args[0], &args[1..]);
        serde_json::from_str(&ran.out).expect("json")
    };
    let list = json(&["checklist", "--treatment", "pharmacy", "--json"]);
    let stats = json(&["stats", "--treatment", "pharmacy", "--json"]);
    let of = |value: &Value, key: &str| value[key].as_u64().unwrap();
    let all = &stats["all"];
    assert_eq!(
        of(&list, "items"),
        of(all, "upheld") + of(all, "overturned")
    );
    assert_eq!(of(&list, "overturned"), of(all, "overturned"));
    let points = list["points"].as_array().unwrap();
    assert!(points.len() > 5);
    let decided = |point: &Value| of(&point["met"], "items") + of(&point["not_met"], "items");
    assert!(
        points
            .windows(2)
            .all(|two| decided(&two[0]) >= decided(&two[1]))
    );
    for point in points {
        for (side, example) in [("met", "met_example"), ("not_met", "not_met_example")] {
            let none = of(&point[side], "items") == 0;
            assert!(!none || point[example].is_null(), "{point}");
        }
    }
}

#[test]
fn a_checklist_reads_well_and_says_when_there_is_nothing() {
    let ran = with_sample_index("checklist", &["--treatment", "injection", "--top", "3"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.starts_with("Checklist: --treatment injection\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("95% interval"), "{}", ran.out);
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
    let ran = with_sample_index("checklist", &["--treatment", "injection", "--format", "md"]);
    assert!(ran.out.starts_with("# Checklist"), "{}", ran.out);
    let ran = with_sample_index("checklist", &["--drug", "norco", "--treatment", "surgery"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
}

#[test]
fn reasons_separate_overturned_from_upheld_with_counts_and_intervals() {
    let ran = with_sample_index("stats", &["--reasons", "--treatment", "rehabilitation"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("reason                     for  against"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("overturned (") && ran.out.contains("95% interval"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
    let csv = with_sample_index("stats", &["--reasons", "--format", "csv"]);
    assert!(
        csv.out.starts_with("reason,for,for_letters,against,"),
        "{}",
        csv.out
    );
    let md = with_sample_index("stats", &["--reasons", "--format", "md"]);
    assert!(
        md.out.contains("|---|---:|---:|---:|---|---|"),
        "{}",
        md.out
    );
    let json = with_sample_index("stats", &["--reasons", "--json"]);
    let list = with_sample_index("checklist", &["--json"]);
    assert_eq!(json.out, list.out, "one table, two commands");
}
