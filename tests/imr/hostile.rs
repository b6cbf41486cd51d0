//! Queries and options that nobody should type: one sentence, at once, and nothing typed is ignored.

use crate::support::{imr, sample_index, search, with_sample_index};
use imr::search::{Engine, Filter, MatchMode, Request};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::open(sample_index()).expect("the sample index opens"))
}

/// Letters and matching items, or what is wrong.
fn ask(query: &str, filters: &[(&str, &str)]) -> Result<(u64, u64), String> {
    let filter = |(name, value): &(&str, &str)| Filter::named(name, value).expect("a filter");
    let request = Request {
        query: query.to_string(),
        filters: filters.iter().map(filter).collect(),
        limit: 3,
        snippets: true,
        explain: true,
        match_mode: MatchMode::All,
        ..Request::default()
    };
    let response = engine().search(&request).map_err(|e| e.to_string())?;
    Ok((response.letters, response.items))
}

#[test]
fn a_malformed_query_is_one_sentence_that_points_at_the_place() {
    for (query, what) in [
        ("*", "a * or ! after fewer than two letters at character 1"),
        (
            "norco !",
            "a * or ! after fewer than two letters at character 7",
        ),
        (
            "\"norco\"*",
            "a * or ! after fewer than two letters at character 8",
        ),
        (
            "ta*er",
            "a * or ! that is not at a word's end at character 1",
        ),
        (
            "mri *taper",
            "a * or ! that is not at a word's end at character 5",
        ),
        (
            "!norco",
            "a * or ! that is not at a word's end at character 1",
        ),
        (
            "\"knee* brace\"",
            "a * or ! inside quotation marks that is not at the end",
        ),
        (
            "\"\"",
            "quotation marks with no word between them at character 1",
        ),
        (
            "norco ()",
            "parentheses with no word between them at character 7",
        ),
        (
            "norco OR ((\u{bd}))",
            "parentheses with no word between them at character 11",
        ),
        ("???", "no word to look for at character 1"),
        (" - ", "no word to look for at character 2"),
        ("\u{1f600}", "no word to look for at character 1"),
        ("AND norco", "an AND with nothing before it at character 1"),
        ("norco AND", "an AND with nothing after it at character 7"),
        (
            "norco AND AND mri",
            "an AND with nothing after it at character 7",
        ),
        (
            "norco OR AND mri",
            "an OR with nothing after it at character 7",
        ),
        (
            "norco w/5 OR mri",
            "a w/ with nothing after it at character 7",
        ),
        (
            "norco w/s taper",
            "'w/s', which imr does not support (w/15 is about a sentence) at character 7",
        ),
        (
            "norco PRE/5 taper",
            "'pre/5', which imr does not support (w/5 matches either order) at character 7",
        ),
        (
            "-norco w/5 taper",
            "a w/ that is not between two words or phrases at character 8",
        ),
        (
            "drug:norco w/5 taper",
            "a w/ next to a field's value, which has no position at character 12",
        ),
        (
            "request:norco w/5 summary:pain",
            "a w/ between two fields at character 15",
        ),
        ("\"a b\"~5x", "a ~ without its number at character 6"),
        (
            "\"a b c d e f g\"~3",
            "a ~ after a phrase of more than 6 words at character 1",
        ),
        (
            "taper~2",
            "a ~ after a word (it belongs after a phrase in quotation marks) at character 6",
        ),
        (
            "drug:\"norco\"~2",
            "a ~ after a value, which is not a phrase at character 13",
        ),
        (
            "drgu:norco",
            "'drgu:', which is not a field (did you mean 'drug:'?) at character 1",
        ),
        (
            "mri desicion:\"upheld\"",
            "'desicion:', which is not a field (did you mean 'decision:'?) at character 5",
        ),
        (
            "cited-by:reviewer",
            "'cited-by:', which is a filter, not a field at character 1",
        ),
        (
            "drug:rationale:norco",
            "'rationale:' inside another field at character 6",
        ),
        (
            "rationale:(taper drug:norco)",
            "'drug:' inside another field at character 18",
        ),
        (
            "drug:-norco",
            "a hyphen after 'drug:' (put it before the field) at character 6",
        ),
        (
            "age:-5",
            "a hyphen after 'age:' (put it before the field) at character 5",
        ),
        (
            "mri drug:norcoo",
            "'drug:norcoo' (no such value; did you mean 'norco'?) at character 5",
        ),
        (
            "drug:(norco OR tramadl)",
            "'drug:tramadl' (no such value; did you mean 'tramadol' or 'tramal'?) at character 16",
        ),
        (
            "drug:norcoo*",
            "'drug:norcoo*' (no such value; did you mean 'norco'?) at character 1",
        ),
        (
            "year:201*",
            "'year:201*' (not a year or a range of years like 2014..2016) at character 1",
        ),
        (
            "age:60..40",
            "'age:60..40' (not a range from low to high) at character 1",
        ),
        ("decided:2015-02-30", "'decided:2015-02-30' (not a date"),
        (
            "pa* w/5 co*",
            "'pa* w/5 co*', which stands for too many words (type more letters) at character 1",
        ),
        (
            "norco\n\u{1b}[31m\u{202e}\"pain",
            "an unclosed quotation mark at character 12: norco  [31m\u{2192}\"pain",
        ),
    ] {
        let error = ask(query, &[]).expect_err(query);
        assert!(error.contains(what), "{query:?}: {error}");
        assert!(
            error.starts_with("the query has ") && error.contains(" at character "),
            "{error}"
        );
        assert!(!error.chars().any(char::is_control), "{error:?}");
    }
}

#[test]
fn nothing_is_slow_nor_panics() {
    let beginnings = [
        "pa", "co", "re", "in", "de", "di", "un", "pr", "me", "tr", "st", "th",
    ];
    let many = |word: &str, times: usize| vec![word; times].join(" ");
    let misspelt: Vec<String> = (0..60)
        .map(|n| format!("laminectm{}", "xyz".repeat(n % 7 + 1)))
        .collect();
    for query in [
        "a".repeat(100_000),
        "(".repeat(100_000),
        "(".repeat(1_999) + "a",
        "NOT ".repeat(490) + "norco",
        "-(".repeat(19) + "norco" + &")".repeat(19),
        "drug:".repeat(390) + "norco",
        (0..3_000).map(|n| format!("w{n} OR ")).collect::<String>() + "x",
        (0..59).map(|n| format!("w{n} OR ")).collect::<String>() + "norco",
        beginnings.map(|b| format!("{b}*")).join(" "),
        beginnings.map(|b| format!("\"low {b}*\"~50")).join(" "),
        format!(
            "({}) w/50 ({})",
            many("a OR", 4) + " b",
            many("c OR", 4) + " d"
        ),
        format!(
            "({}) w/50 ({})",
            many("a OR", 20) + " b",
            many("c OR", 20) + " d"
        ),
        many("a w/50", 59) + " b",
        many("\"the a of to in and\"~50", 25),
        format!("\"{}\"", many("a", 900)),
        "a-".repeat(900) + "a",
        "10/".repeat(600) + "1",
        misspelt.join(" "),
        "\u{301}\u{200b}\u{ad}\u{feff}\u{202e}".repeat(100),
        "\u{0}\u{1}\u{7f}\u{85}".to_string(),
        "\u{130}\u{130}*".to_string(),
        "\u{75db}\u{307f}* \u{391}\u{392}*".to_string(),
    ] {
        let start = Instant::now();
        let answer = ask(&query, &[]);
        let took = start.elapsed();
        let shown: String = query.chars().take(40).collect();
        // Unoptimised, beside other tests.
        assert!(took < Duration::from_secs(3), "{shown}: {took:?}");
        if let Err(error) = answer {
            assert!(
                error.len() < 400 && !error.contains('\n'),
                "{shown}: {error}"
            );
        }
    }
}

#[test]
fn nothing_typed_is_ignored() {
    let found = |query: &str| ask(query, &[]).unwrap_or_else(|e| panic!("{query}: {e}"));
    let filtered = |filters: &[(&str, &str)]| ask("", filters).unwrap();
    // A star on a value finds all names that begin so, as a filter and as a field.
    for (query, filters) in [
        ("drug:norc*", &[("drug", "norco")][..]),
        ("drug:opioid*", &[("drug", "opioid*")]),
        ("drug:\"opioid anal*\"", &[("drug", "opioid")]),
        ("decision:over!", &[("decision", "overturned")]),
        ("specialty:orthopedic*", &[("specialty", "orthopedic*")]),
        ("body:lumb*", &[("body-part", "lumbar")]),
        ("treatment:imag*", &[("treatment", "imaging")]),
        ("licensure:califo*", &[("licensure", "CA")]),
        (
            "guideline:\"chronic pain med*\"",
            &[("guideline", "MTUS/Chronic Pain Medical Treatment")],
        ),
        ("sex:fem*", &[("sex", "female")]),
        ("case:cm15*", &[("case", "CM15*")]),
        ("-drug:opioid*", &[("not-drug", "opioid*")]),
        ("age:60..", &[("age", "60..")]),
        (
            "decided:2015-01..2015-06",
            &[("decided", "2015-01..2015-06")],
        ),
        ("injured:..2005", &[("injured", "..2005")]),
        ("NOT NOT drug:norco", &[("drug", "norco")]),
    ] {
        assert_eq!(found(query), filtered(filters), "{query}");
        assert!(found(query).0 > 0, "{query}");
    }
    let of_2015 = engine()
        .search(&Request {
            limit: 100,
            ..Request::default()
        })
        .unwrap();
    let starting = |hit: &&imr::search::Hit| {
        hit.letter
            .case_number
            .as_deref()
            .is_some_and(|case| case.starts_with("CM15"))
    };
    let cases = of_2015.hits.iter().filter(starting).count() as u64;
    assert_eq!(found("case:CM15*").0, cases);
    let refused = |filters: &[(&str, &str)]| ask("", filters).unwrap_err();
    assert_eq!(
        refused(&[("drug", "norcoo*")]),
        "drug: unknown value 'norcoo*'; did you mean 'norco'?"
    );
    assert_eq!(
        refused(&[("specialty", "*")]),
        "specialty: '*' is not the beginning of a name, two letters or more and then a *"
    );
    // The side that cites is no filter to be passed over.
    let by = |side| ("cited-by", side);
    assert_eq!(
        ask("page:78", &[by("reviewer")]),
        ask("", &[by("reviewer"), ("page", "78")])
    );
    assert!(filtered(&[by("administrator")]).1 < filtered(&[by("reviewer")]).1);
    assert_eq!(
        filtered(&[by("reviewer"), by("administrator"), ("page", "78")]),
        filtered(&[("page", "78")]),
        "sides are alternatives"
    );
    // Words that begin so, whatever their stem, and inside phrases and compounds.
    for (beginning, word) in [
        ("weaning*", "weaning"),
        ("medications*", "medications"),
        ("follow-u*", "follow-up"),
        ("10/32*", "10/325"),
        ("\"functional restor!\"", "\"functional restoration\""),
        ("\"restor!\"", "restor*"),
    ] {
        let exact = |query: &str| {
            let request = Request {
                query: query.into(),
                exact: true,
                ..Request::default()
            };
            engine().search(&request).unwrap().letters
        };
        // A word finds its inflections too: it may find more than what begins so.
        let (all, some) = (exact(beginning), exact(word));
        assert!(some > 0 && all > 0, "{beginning}: {all}, {some}");
    }
    let either = |a: &str, b: &str| found(&format!("({a}) OR ({b})"));
    assert_eq!(
        found("opioid w/30 (taper* OR wean*)"),
        either("opioid w/30 taper*", "opioid w/30 wean*")
    );
    // Marks that do not print, accents set over letters, ligatures and print's own hyphens.
    for (odd, plain) in [
        ("nor\u{200b}co", "norco"),
        ("func\u{ad}tional", "functional"),
        ("e\u{301}pidural", "epidural"),
        ("\u{fb01}nding", "finding"),
        ("mri \u{2212}lumbar", "mri -lumbar"),
        ("\u{201c}low back\u{201d}", "\"low back\""),
        ("norco\u{1b}taper", "norco taper"),
        ("norco, +taper*.", "norco taper*"),
        ("\u{2018}low back\u{2019}", "\"low back\""),
        ("mri -#60", "mri NOT #60"),
        ("(norco) ((taper))", "norco taper"),
    ] {
        assert_eq!(found(odd), found(plain), "{odd:?}");
        assert!(found(odd).0 > 0, "{odd:?}");
    }
}

#[test]
fn odd_options_are_one_sentence() {
    for (args, message) in [
        (
            &["--age", "-5"][..],
            "--age: '-5' is not a number or a range like 40..60",
        ),
        (
            &["--age", "5-"],
            "--age: '5-' is not a number or a range like 40..60",
        ),
        (&["--injured", "+2015"], "--injured: '+2015' is not a date"),
        (
            &["--decided", "2015-06..2015-01"],
            "is not a range from early to late",
        ),
        (
            &["--decided", "2015-02-30"],
            "--decided: '2015-02-30' is not a date",
        ),
        (&["--year", "2016..2014"], "is not a range from low to high"),
        (&["--case", ""], "--case: unknown value ''"),
        (
            &["--case", "null"],
            "--case: 'null' is not a case number like CM15-0012345",
        ),
        (
            &["--drug", "a\u{1b}[31m\nb"],
            "--drug: unknown value 'a [31m b'",
        ),
        (
            &["--facets", "drug/opiod"],
            "--facets: unknown value 'opiod'; did you mean 'opioid'?",
        ),
        (
            &["--facets", "drug,decison"],
            "there is no facet 'decison'; did you mean 'decision'?",
        ),
    ] {
        let ran = search(args).code(2);
        assert!(
            ran.err.starts_with("imr: ") && ran.err.contains(message),
            "{args:?}: {}",
            ran.err
        );
        assert_eq!(ran.err.lines().count(), 1, "{args:?}: {}", ran.err);
    }
    let long = "x".repeat(100_000);
    let ran = search(&["--drug", &long]).code(2);
    assert!(ran.err.len() < 200, "{} bytes", ran.err.len());
    let ran = with_sample_index("show", &[&long]).code(1);
    assert!(ran.err.len() < 200, "{} bytes", ran.err.len());
    let most = u64::MAX.to_string();
    let ran = search(&[
        "norco", "--limit", &most, "--offset", &most, "--top", &most, "--facets", "drug",
    ]);
    assert_eq!(
        ran.code(0).out.lines().next(),
        Some("6 letters, 6 matching items; none after the first 18446744073709551615")
    );
    assert_eq!(
        search(&["--not-age", "..200", "--json"]).json()[0]["letters"],
        3
    );
    imr(["search", "--not-year", "2015", "--not-case", "x", "--help"]).code(0);
}

#[test]
fn a_mistyped_case_number_gets_the_nearest() {
    for args in [&["show", "CM15-090010X"][..], &["similar", "CM15-090010X"]] {
        let ran = with_sample_index(args[0], &args[1..]).code(1);
        assert_eq!(
            ran.err,
            "imr: no letter is called 'CM15-090010X'; did you mean CM15-0900101 or CM15-0900103 or CM15-0900104?\n"
        );
    }
    for args in [&["--case", "CM15-090010X"][..], &["case:CM15-090010X"]] {
        let ran = search(args).code(1);
        assert_eq!(
            ran.out,
            "0 letters, 0 matching items\nNo letter has the case number 'CM15-090010X'; did you mean CM15-0900101 or CM15-0900103 or\nCM15-0900104?\n"
        );
    }
}
