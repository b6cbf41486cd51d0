//! Searching: what matches, how it is shown, what is refused.

use crate::support::{imr, letter, sample_index, search};
use insta::assert_snapshot;
use tempfile::TempDir;

#[test]
fn hits_as_a_person_sees_them() {
    assert_snapshot!(search(&["norco", "taper", "--limit", "3"]).code(0).out);
}

#[test]
fn facets_as_a_person_sees_them() {
    assert_snapshot!(
        search(&[
            "mri",
            "--limit",
            "1",
            "--facets",
            "decision,body-part,specialty",
            "--top",
            "4"
        ])
        .code(0)
        .out
    );
}

#[test]
fn conditions_on_items_hold_in_one_item() {
    let folder = TempDir::new().unwrap();
    let index = folder.path().join("index").display().to_string();
    let write = |name: &str, case, items: &[(&str, &str)]| {
        std::fs::write(folder.path().join(name), letter(case, items)).unwrap()
    };
    write(
        "split.txt",
        "CM15-0900001",
        &[
            ("Norco 10/325mg", "Upheld"),
            ("MRI of the knee", "Overturned"),
        ],
    );
    write(
        "whole.txt",
        "CM15-0900002",
        &[
            ("MRI of the knee", "Upheld"),
            ("Norco 10/325mg", "Overturned"),
        ],
    );
    let corpus = folder.path().display().to_string();
    imr([
        "index",
        &format!("{corpus}/split.txt"),
        &format!("{corpus}/whole.txt"),
        "--index",
        &index,
    ])
    .code(0);
    let find = |args: &[&str]| imr(["search", "--json", "--index", &index].iter().chain(args));
    assert_eq!(
        find(&["--drug", "norco", "--decision", "overturned"]).cases(),
        ["CM15-0900002"]
    );
    assert_eq!(
        find(&["--treatment", "imaging", "--decision", "overturned"]).cases(),
        ["CM15-0900001"]
    );
    let words = [
        "norco",
        "--decision",
        "overturned",
        "--treatment",
        "imaging",
    ];
    assert!(
        find(&words).cases().is_empty(),
        "what is asked for is not in another item of the letter"
    );
    assert_eq!(
        find(&["drug:norco", "--decision", "overturned"]).cases(),
        ["CM15-0900002"],
        "a field of the item is a condition on it"
    );
    assert!(
        find(&["request:norco", "--treatment", "imaging"])
            .cases()
            .is_empty()
    );
    let mut both = find(&["--drug", "norco", "--decision", "overturned", "--any-item"]).cases();
    both.sort();
    assert_eq!(both, ["CM15-0900001", "CM15-0900002"]);
    assert!(
        find(&[
            "--drug",
            "norco",
            "--decision",
            "overturned",
            "--not-drug",
            "norco"
        ])
        .cases()
        .is_empty()
    );
    // What is excluded leaves an item out, as the filter does, and a letter that has no other.
    write(
        "third.txt",
        "CM15-0900003",
        &[("Norco 10/325mg", "Overturned")],
    );
    imr(["index", &format!("{corpus}/third.txt"), "--index", &index]).code(0);
    let found = |args: &[&str]| {
        let ran = find(args);
        let mut cases = ran.cases();
        cases.sort();
        (cases, ran.json()[0]["items"].as_u64().unwrap())
    };
    for (query, filters) in [
        (
            "-decision:overturned",
            &["--not-decision", "overturned"][..],
        ),
        ("-drug:norco", &["--not-drug", "norco"]),
        (
            "NOT (drug:norco OR decision:upheld)",
            &["--not-drug", "norco", "--not-decision", "upheld"],
        ),
        ("chart -drug:norco", &["chart", "--not-drug", "norco"]),
        (
            "(drug:norco decision:overturned)",
            &["--drug", "norco", "--decision", "overturned"],
        ),
        (
            "(drug:norco OR request:mri) -decision:upheld",
            &["--decision", "overturned"],
        ),
    ] {
        let query = [&["--"], &[query][..]].concat();
        assert_eq!(found(&query), found(filters), "{query:?}");
    }
    assert_eq!(
        found(&["--", "-drug:norco"]),
        (vec!["CM15-0900001".to_string(), "CM15-0900002".into()], 2)
    );
    assert_eq!(
        found(&["(drug:norco OR roofer)", "--treatment", "imaging"]).1,
        2,
        "a word of the letter holds for each of its items"
    );
    assert_eq!(
        found(&["(drug:norco OR nowhere)", "--treatment", "imaging"]).1,
        0,
        "an alternative holds in the item that the filter asks for"
    );
    // Shown, counted and returned are the matching items, not all.
    let hit = &find(&["--drug", "norco", "--decision", "overturned"]).json()[1];
    assert_eq!(hit["matching_items"], serde_json::json!([1]));
    let summary = &find(&["norco", "--facets", "treatment"]).json()[0];
    assert_eq!(summary["items"], 3, "{summary}");
    assert_eq!(
        summary["facets"][0]["values"],
        serde_json::json!([{"value": "pharmacy", "letters": 3, "items": 3}])
    );
}

#[test]
fn filter_values_resolve_through_the_vocabulary() {
    let count = |args: &[&str]| search(args).json()[0]["letters"].as_u64().unwrap();
    let (brand, generic, class) = (
        count(&["--json", "--drug", "norco"]),
        count(&["--json", "--drug", "hydrocodone"]),
        count(&["--json", "--drug", "opioid"]),
    );
    assert!(
        brand >= 4 && generic >= brand && class > generic,
        "{brand} {generic} {class}"
    );
    assert!(count(&["--json", "--specialty", "pmr"]) > 0);
    assert_eq!(
        count(&["--json", "--body-part", "lumbar"]),
        count(&["--json", "--body-part", "low-back"])
    );
    assert!(
        count(&["--json", "--page", "78"]) >= 2,
        "74-96 holds page 78"
    );
    assert!(count(&["--json", "--page", "78", "--guideline", "chronic pain"]) >= 2);
    assert_eq!(
        count(&["--json", "--page", "78", "--guideline", "acupuncture"]),
        0
    );
    assert!(count(&["--json", "--year", "2013..2014"]) > count(&["--json", "--year", "2013"]));
    assert_eq!(
        count(&["--json", "--sex", "male", "--sex", "female"]),
        count(&["--json", "--sex", "male"]) + count(&["--json", "--sex", "female"]),
        "values of one filter are alternatives"
    );
    assert!(
        count(&[
            "--json",
            "--age",
            "40..60",
            "--decided",
            "2015-01..2015-12",
            "--licensure",
            "CA"
        ]) > 0
    );
}

#[test]
fn an_unknown_value_is_an_error_that_suggests() {
    for (args, message) in [
        (
            ["--drug", "norcoo"],
            "imr: --drug: unknown value 'norcoo'; did you mean 'norco'?\n",
        ),
        (
            ["--decision", "overturnd"],
            "imr: --decision: unknown value 'overturnd'; did you mean 'overturned'?\n",
        ),
        (
            ["--age", "old"],
            "imr: --age: 'old' is not a number or a range like 40..60\n",
        ),
    ] {
        let ran = search(&args).code(2);
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", message));
    }
    let ran = search(&["x", "--facets", "drugs"]).code(2);
    assert!(
        ran.err
            .contains("there is no facet 'drugs'; did you mean 'drug'?"),
        "{}",
        ran.err
    );
    let ran = search(&["norco \"pain"]).code(2);
    assert_eq!(
        ran.err,
        "imr: the query has an unclosed quotation mark at character 7: norco \u{2192}\"pain\n"
    );
}

#[test]
fn nothing_found_is_exit_code_one() {
    let ran = search(&["--drug", "norco", "--sex", "male", "--age", "109"]).code(1);
    assert_eq!(
        ran.out,
        "0 letters, 0 matching items\nWithout age 109: 4 letters\n"
    );
    // No item requests it; letters that mention it are something.
    let ran = search(&["laminectmy"]).code(0);
    assert!(
        ran.out.contains("'laminectmy' was read as 'laminectomy'"),
        "{}",
        ran.out
    );
}

#[test]
fn words_of_the_field() {
    let has = |query: &str, case: &str| {
        let cases = search(&["--json", "--mentions", "--limit", "100", query]).cases();
        assert!(
            cases.iter().any(|c| c == case),
            "{query}: {case} is not in {cases:?}"
        );
    };
    has("hydrocodone", "CM15-0900101");
    has("vicodin", "CM15-0900101");
    has("10/325mg", "CM15-0900101");
    has("\"10/325 mg\"", "CM15-0900101");
    has("PPI omeprazole", "CM15-0900101");
    let same = |a: &str, b: &str| {
        let find = |q: &str| {
            let mut cases = search(&["--json", "--limit", "100", "--exact", q]).cases();
            cases.sort();
            cases
        };
        assert_eq!(find(a), find(b), "{a} and {b}");
        assert!(!find(a).is_empty(), "{a}");
    };
    same("L4-5", "L4/L5");
    let joined = search(&["--json", "--limit", "100", "--exact", "followup"]).cases();
    assert!(!joined.is_empty());
    for case in joined {
        has("follow-up", &case);
    }
    same("EMG/NCV", "\"EMG NCV\"");
    same("taper*", "taper!");
    let (some, exact) = (
        search(&["--json", "vicodin"]).cases().len(),
        search(&["--json", "--exact", "vicodin"]).cases().len(),
    );
    assert!(
        some > exact,
        "--exact switches synonyms off: {some} {exact}"
    );
}

#[test]
fn connectors() {
    let count = |query: &str| {
        search(&["--json", query]).json()[0]["letters"]
            .as_u64()
            .unwrap()
    };
    assert!(count("norco OR acupuncture") > count("norco"));
    assert_eq!(count("mri -lumbar") + count("mri lumbar"), count("mri"));
    assert!(count("\"urine screens\"") <= count("\"urine screens\"~3"));
    assert!(count("urine w/6 screen*") > 0);
    assert!(count("rationale:taper*") > 0);
    assert!(count("mri (knee OR shoulder)") < count("mri"));
    assert_eq!(
        count("norco OR -norco"),
        88,
        "what is not there has no words to lead to it"
    );
    assert_eq!(count("mri OR -mri pain"), count("pain"));
    let bare = search(&["mri", "-lumbar", "--json"]).json()[0]["letters"]
        .as_u64()
        .unwrap();
    assert_eq!(
        bare,
        count("mri NOT lumbar"),
        "a word may be excluded as an argument of its own"
    );
    let told = &search(&["norco", "-mri", "--json"]).json()[0]["expanded"];
    assert!(
        !told.to_string().contains("magnetic"),
        "what is excluded is not also searched: {told}"
    );
    search(&["\"the the the the the the the the\"~200"]).code(2);
}

#[test]
fn json_lines_have_the_documented_keys() {
    let lines = search(&["norco", "--json", "--limit", "1", "--facets", "drug"])
        .code(0)
        .json();
    let keys = |value: &serde_json::Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(format!("{}\n{}", keys(&lines[0]), keys(&lines[1])));
    let fragment = &lines[1]["snippets"][0];
    let (text, mark) = (fragment["text"].as_str().unwrap(), &fragment["marks"][0]);
    let (start, end) = (
        mark["start"].as_u64().unwrap() as usize,
        mark["end"].as_u64().unwrap() as usize,
    );
    assert!(!text[start..end].is_empty() && !text.contains('\u{1b}'));
}

#[test]
fn pages_of_hits_join_up() {
    let all = search(&["--json", "--limit", "100", "pain"]).cases();
    let mut parts = search(&["--json", "--limit", "7", "pain"]).cases();
    parts.extend(search(&["--json", "--limit", "93", "--offset", "7", "pain"]).cases());
    assert_eq!(all, parts);
    for sort in ["decided", "injured", "case", "items"] {
        let sorted = search(&["--json", "--limit", "100", "--sort", sort, "pain"]).cases();
        assert_eq!(sorted.len(), all.len(), "{sort}");
    }
    let by_case = search(&["--json", "--limit", "100", "--sort", "case", "pain"]).cases();
    assert!(by_case.is_sorted(), "{by_case:?}");
}

#[test]
fn help_fits_a_screen_and_a_closed_pipe_is_no_error() {
    for command in [
        "index", "search", "export", "show", "extract", "facets", "status",
    ] {
        let ran = imr([command, "-h"]).code(0);
        assert!(
            ran.out.lines().count() <= 66,
            "{command}: {} lines",
            ran.out.lines().count()
        );
    }
}

#[test]
fn an_explanation_adds_up() {
    for query in [
        "norco taper",
        "lumbar mri radiculopathy",
        "was weaning of opioids considered",
    ] {
        let hits = search(&["--json", "--explain", "--limit", "5", query])
            .code(0)
            .json();
        let mut told = 0;
        for hit in hits.iter().filter(|hit| hit["explanation"].is_array()) {
            let lines: Vec<&str> = hit["explanation"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|line| line.as_str())
                .collect();
            let number = |text: &str| -> f64 {
                let digits = text.trim().split(' ').next().unwrap_or_default();
                digits.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
            };
            let (score, sum) = lines[0]
                .trim_start_matches("score ")
                .split_once(" = ")
                .unwrap();
            let sum = sum.split(';').next().unwrap_or_default();
            let parts: f64 = sum.split(" + ").map(number).sum();
            // Each figure is rounded to a hundredth.
            assert!((parts - number(score)).abs() < 0.03, "{}", lines[0]);
            assert!((number(score) - hit["score"].as_f64().unwrap()).abs() < 0.01);
            let of_item = sum.split(" + ").find(|part| part.contains(" item "));
            let listed: f64 = lines[1..]
                .iter()
                .filter_map(|line| line.strip_prefix("item "))
                .filter_map(|line| line.split_once(": "))
                .map(|(_, part)| number(part))
                .sum();
            if let Some(of_item) = of_item {
                assert!(listed <= number(of_item) + 0.1, "{lines:?}");
            }
            told += 1;
        }
        assert!(told > 0, "{query}");
    }
}

#[test]
fn a_search_past_its_deadline_ends() {
    use imr::search::{Engine, Request, SearchError};
    let engine = Engine::open(sample_index()).unwrap();
    let request = Request {
        query: "pain".into(),
        limit: 5,
        deadline: Some(std::time::Instant::now()),
        ..Request::default()
    };
    assert!(matches!(
        engine.search(&request),
        Err(SearchError::TimedOut)
    ));
    assert!(matches!(
        engine.tally(&request, &[]),
        Err(SearchError::TimedOut)
    ));
    let late = engine.until(std::time::Instant::now());
    let request = Request {
        deadline: None,
        ..request
    };
    assert!(matches!(late.search(&request), Err(SearchError::TimedOut)));
    assert!(engine.search(&request).is_ok());
}

/// How many letters match.
fn matching(args: &[&str]) -> u64 {
    let ran = search(&[args, &["--json", "--limit", "0"]].concat());
    let first = ran.out.lines().next().expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(first).expect("JSON");
    summary["letters"].as_u64().expect("a number")
}

#[test]
fn what_can_be_counted_can_be_filtered_by() {
    for args in [
        ["--class", "opioid"],
        ["--source", "odg"],
        ["--layout", "B"],
        ["--priority", "standard"],
        ["--not-layout", "A"],
        ["--service", "mri"],
    ] {
        let found = matching(&args);
        assert!(found > 0 && found < matching(&[]), "{args:?}");
    }
    // A treatment is what was typed, a service or all of a category.
    let of = |value: &str| matching(&["--treatment", value]);
    assert_eq!(of("mri"), matching(&["--service", "mri"]));
    assert!(of("mri") < of("imaging"));
}

#[test]
fn a_count_alone_lists_no_letter() {
    let ran = search(&["norco", "--count"]).code(0);
    assert!(
        ran.out.contains("letter") && !ran.out.contains("CM1"),
        "{}",
        ran.out
    );
}

#[test]
fn dates_are_taken_as_americans_write_them() {
    let march = matching(&["--decided", "2015-03"]);
    assert!(march > 0);
    assert_eq!(matching(&["--decided", "Mar 2015"]), march);
    assert_eq!(matching(&["--decided", "3/2015"]), march);
    let ran = search(&["--year", "15"]).code(2);
    assert!(ran.err.contains("is not a year"), "{}", ran.err);
}

#[test]
fn nothing_found_is_never_all_that_is_said() {
    for (query, said) in [
        ("zqx", "zqx* finds words that begin with it"),
        (
            "02/28/1999",
            "decided:02/28/1999 finds letters decided then",
        ),
        ("zqx zqy zqz", "even if one part is left out"),
    ] {
        let ran = search(&["-c", query]).code(1);
        assert!(ran.out.contains(said), "{query}: {}", ran.out);
    }
}

#[test]
fn a_mark_between_two_names_joins_them() {
    let both = search(&["-c", "norco & soma"]);
    let counts = |out: &str| out.lines().next().unwrap_or_default().to_string();
    for query in ["norco/soma", "norco+soma"] {
        let ran = search(&["-c", query]);
        assert_eq!(counts(&ran.out), counts(&both.out), "{query}");
        assert!(
            ran.out.contains("was read as norco and soma"),
            "{}",
            ran.out
        );
    }
}

#[test]
fn a_day_of_the_decision_as_americans_write_it() {
    let hyphens = search(&["-c", "--decided", "03-06-2015..12-31-2016"]).code(0);
    let slashes = search(&["-c", "--decided", "3/6/2015..12/31/2016"]).code(0);
    assert_eq!(hyphens.out, slashes.out);
}

#[test]
fn a_page_beyond_the_last_hit_says_so() {
    let ran = search(&["norco", "--offset", "1000"]).code(0);
    assert!(
        ran.out.contains("; none after the first 1000"),
        "{}",
        ran.out
    );
}

#[test]
fn a_name_that_no_letter_has_names_nobody() {
    for args in [["--employee", "zzyzx"], ["--claim-number", "zzyzx"]] {
        let ran = search(&args).code(1);
        assert!(ran.out.starts_with("0 letters"), "{args:?}: {}", ran.out);
    }
}
