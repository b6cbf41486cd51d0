//! Briefs: what they tell, and that nothing in a letter is markup.

use crate::export::{export, index_of};
use crate::support::{imr, search};
use tempfile::TempDir;

#[test]
fn nothing_in_a_letter_is_markup_in_a_brief() {
    let folder = TempDir::new().unwrap();
    let index = index_of(
        folder.path(),
        "MRI <script>alert(1)</script> | `x` & [y](z)",
    );
    let brief = |format| {
        imr(["export", "--index", &index, "--format", format])
            .code(0)
            .out
    };
    let html = brief("html");
    assert!(!html.contains("<script>"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; | `x` &amp; [y](z)"));
    let md = brief("md");
    assert!(
        md.contains("MRI &lt;script>alert(1)&lt;/script> \\| \\`x\\` & [y\\](z)"),
        "{md}"
    );
    let table: Vec<&str> = md.lines().filter(|l| l.starts_with('|')).collect();
    assert_eq!(table.len(), 3);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(table.iter().all(|line| cells(line) == 7), "{md}");
}

#[test]
fn a_brief_tells_the_question_the_counts_the_items_and_the_passages() {
    let args = &[
        "norco taper",
        "--decision",
        "upheld",
        "--year",
        "2014..2015",
    ];
    let summary = &search(&[&["--json"], &args[..]].concat()).json()[0];
    let (letters, items) = (&summary["letters"], &summary["items"]);
    let hits = search(&[&["--json"], &args[..]].concat()).cases();
    for format in ["md", "html"] {
        let brief = export(&[&args[..], &["--format", format, "--passages", "1"]].concat())
            .code(0)
            .out;
        assert!(brief.contains(
            "Letters that match the words \u{201c}norco taper\u{201d}, with an item in which the decision is upheld; \
             in the letter, the year decided is 2014 to 2015."
        ), "{brief}");
        assert!(
            brief.contains(&format!("{letters} letters, {items} matching items")),
            "{brief}"
        );
        for case in &hits {
            assert!(brief.contains(case.as_str()), "{case}");
        }
        let mark = if format == "md" {
            "\n> \u{2014} "
        } else {
            "<blockquote>"
        };
        assert_eq!(brief.matches(mark).count(), 1, "one passage was asked for");
        assert!(
            brief.contains(&format!("\u{2014} {}, rationale", hits[0])),
            "{brief}"
        );
    }
}

#[test]
fn a_passage_is_in_the_letter_word_for_word() {
    let brief = export(&["opioid", "--format", "md", "--passages", "100"])
        .code(0)
        .out;
    let records = search(&["opioid", "--json", "--limit", "1000"]).json();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut quoted = 0;
    for quote in brief.split("\n> \u{2014} ").skip(1) {
        let (case, from) = quote.split_once(", ").unwrap();
        if !from.starts_with("rationale") {
            continue;
        }
        let before = brief
            .split(&format!("\n> \u{2014} {case}, rationale"))
            .next()
            .unwrap();
        let passage = before
            .rsplit("\n\n> ")
            .next()
            .unwrap()
            .trim_end_matches("\n>");
        let passage = passage
            .replace('\\', "")
            .replace("&amp;", "&")
            .replace("&lt;", "<");
        let hit = records.iter().find(|r| r["case_number"] == case).unwrap();
        let items = hit["items"].as_array().unwrap();
        let rationales: Vec<String> = items
            .iter()
            .map(|i| flat(i["rationale"].as_str().unwrap()))
            .collect();
        let parts: Vec<&str> = passage
            .split("[\u{2026}]")
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .collect();
        assert!(!parts.is_empty());
        assert!(
            rationales
                .iter()
                .any(|text| parts.iter().all(|part| text.contains(part))),
            "{case}: {passage}"
        );
        quoted += 1;
    }
    assert!(quoted > 10, "{quoted}");
}

#[test]
fn a_brief_has_the_denominator_and_the_reasons_both_ways() {
    let args = ["--treatment", "mri", "--decision", "overturned"];
    let all = crate::support::with_sample_index("stats", &["--treatment", "mri", "--json"]).json();
    let (overturned, upheld) = (&all[0]["all"]["overturned"], &all[0]["all"]["upheld"]);
    let decided = overturned.as_u64().unwrap() + upheld.as_u64().unwrap();
    for format in ["md", "html"] {
        let brief = export(&[&args[..], &["--format", format]].concat())
            .code(0)
            .out;
        assert!(brief.contains("How such requests were decided"), "{brief}");
        let odds = format!("{overturned} of {decided} such requests were overturned, ");
        assert!(
            brief.contains(&odds) && brief.contains("95% interval"),
            "{brief}"
        );
        for side in ["overturned", "upheld"] {
            let heading = format!("Where the denial was {side} (");
            assert!(brief.contains(&heading), "{brief}");
        }
    }
    let none = export(&["--drug", "norco", "--year", "1990", "--format", "md"]);
    assert!(!none.out.contains("How such requests"), "{}", none.out);
}
