//! `imr stats` and `imr compare`: counts against those of a search, and what people see.

use crate::support::{Ran, imr, letter, sample_index, with_sample_index};
use imr::search::{Decisions, Engine, FacetRequest, Filter, MatchMode, Period, known_facets};
use imr::{search, stats};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use tempfile::TempDir;

fn run(args: &[&str]) -> Ran {
    with_sample_index("stats", args)
}

fn compare(args: &[&str]) -> Ran {
    with_sample_index("compare", args)
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::open(sample_index()).expect("the sample index opens"))
}

fn filter(name: &str, value: &str) -> Filter {
    Filter {
        name: name.into(),
        value: value.into(),
        negated: false,
    }
}

/// Queries and filters of all kinds: words, phrases, alternatives, relaxed ones, filters on items and
/// letters, several at once, none.
fn requests() -> Vec<search::Request> {
    let queries = [
        "",
        "norco taper",
        "lumbar mri",
        "\"functional improvement\"",
        "acupuncture OR chiropractic",
        "rationale:pain -surgery",
        "norco knee zzzunknown surgery fusion cream gabapentin",
    ];
    let filters: [&[(&str, &str)]; 8] = [
        &[],
        &[("drug", "opioid")],
        &[("decision", "overturned")],
        &[("drug", "nsaid"), ("decision", "upheld")],
        &[("year", "2014..2016"), ("treatment", "pharmacy")],
        &[("specialty", "pain management")],
        &[("page", "78")],
        &[
            ("body-part", "knee"),
            ("body-part", "low-back"),
            ("sex", "female"),
        ],
    ];
    let mut requests = Vec::new();
    for query in queries {
        for filters in filters {
            for (negated, any_item) in [(false, false), (true, false), (false, true)] {
                let mut filters: Vec<Filter> = filters.iter().map(|(n, v)| filter(n, v)).collect();
                if let (true, Some(first)) = (negated, filters.first_mut()) {
                    first.negated = true;
                }
                requests.push(search::Request {
                    query: query.into(),
                    filters,
                    any_item,
                    ..search::Request::default()
                });
            }
        }
    }
    requests
}

/// Whether a facet's counts in a search ignore a filter of the request (its own).
fn sideways(facet: &str, filters: &[Filter]) -> bool {
    let name = facet.split('/').next().unwrap_or(facet);
    filters.iter().any(|f| f.name == name && !f.negated)
}

fn by(search: &search::Request, by: &[&str]) -> stats::Report {
    let request = stats::Request {
        search: search.clone(),
        by: by.iter().map(|b| (*b).to_string()).collect(),
        ..stats::Request::default()
    };
    stats::report(engine(), &request).expect("the request is understood")
}

/// Letters and items of every value of every facet are those of `imr search --facets`, to the unit.
#[test]
fn counts_are_those_of_a_search() {
    let mut facets = known_facets();
    facets.extend(["drug/opioid", "guideline/MTUS", "decision/overturned"].map(String::from));
    let mut compared = 0;
    for request in requests() {
        let counted = search::Request {
            facets: facets
                .iter()
                .map(|path| FacetRequest {
                    path: path.clone(),
                    top: usize::MAX,
                })
                .collect(),
            ..request.clone()
        };
        let response = engine().search(&counted).unwrap();
        for (facet, counts) in facets.iter().zip(&response.facets) {
            let report = by(&request, &[facet]);
            assert_eq!(
                (
                    report.all.letters,
                    report.all.items,
                    report.understood.relaxed
                ),
                (response.letters, response.items, response.relaxed),
                "{request:?}"
            );
            if sideways(facet, &request.filters) {
                continue;
            }
            let want: BTreeMap<&str, (u64, u64)> = counts
                .values
                .iter()
                .map(|v| (v.value.as_str(), (v.letters, v.items)))
                .collect();
            let got: BTreeMap<&str, (u64, u64)> = report
                .rows
                .iter()
                .map(|r| (r.value.as_str(), (r.figures.letters, r.figures.items)))
                .collect();
            assert_eq!(got, want, "{facet} under {request:?}");
            compared += got.len();
        }
    }
    assert!(compared > 5000, "{compared} values were compared");
}

/// Decisions against the hits of the search, item by item.
#[test]
fn decisions_are_those_of_the_hits() {
    let (treatment, _) = imr::fields::facet("treatment").expect("a facet");
    for request in requests() {
        let response = engine()
            .search(&search::Request {
                limit: 1000,
                ..request.clone()
            })
            .unwrap();
        let mut want: BTreeMap<String, Decisions> = BTreeMap::new();
        for hit in &response.hits {
            let mut treatments: BTreeSet<String> = BTreeSet::new();
            for at in &hit.items {
                let item = &hit.letter.items[at.item];
                // An item that asks for services of two kinds is counted under each.
                let paths = treatment.paths(&hit.letter, Some(item)).into_iter();
                let own: BTreeSet<String> = paths
                    .map(|path| path.segments().next().unwrap().to_string())
                    .collect();
                for treatment in own {
                    let counts = want.entry(treatment.clone()).or_default();
                    match item.decision {
                        None => counts.undecided += 1,
                        Some(imr::letter::Decision::Upheld) => counts.upheld += 1,
                        Some(imr::letter::Decision::Overturned) => {
                            counts.overturned += 1;
                            counts.partial += u64::from(item.partial);
                        }
                    }
                    treatments.insert(treatment);
                }
            }
            for treatment in treatments {
                want.get_mut(&treatment).unwrap().letters += 1;
            }
        }
        let report = by(&request, &["treatment"]);
        let got: BTreeMap<String, stats::Figures> = report
            .rows
            .into_iter()
            .map(|row| (row.value, row.figures))
            .collect();
        let want: BTreeMap<String, stats::Figures> = want
            .iter()
            .map(|(value, counts)| (value.clone(), stats::Figures::of(counts)))
            .collect();
        assert_eq!(got, want, "{request:?}");
    }
}

/// A cell of a cross table is what the table of one facet says under the other's value.
#[test]
fn a_cross_table_is_two_tables() {
    for (first, second, name) in [
        ("treatment", "specialty", "specialty"),
        ("specialty", "treatment", "treatment"),
        ("treatment", "body-part", "body-part"),
        ("sex", "licensure", "licensure"),
    ] {
        let crossed = by(&search::Request::default(), &[first, second]);
        let mut seen = 0;
        for (n, column) in crossed.columns.iter().enumerate() {
            let narrowed = search::Request {
                filters: vec![filter(name, &column.value)],
                ..search::Request::default()
            };
            let alone = by(&narrowed, &[first]);
            assert_eq!(alone.all, column.figures, "{}", column.value);
            for row in &alone.rows {
                let at = crossed.rows.iter().find(|r| r.value == row.value);
                assert_eq!(at.expect("the row is there").cells[n], row.figures);
                seen += 1;
            }
        }
        assert!(seen > 3, "{first} {second}: {seen}");
    }
}

/// What is not listed is counted as one, each item and letter once.
#[test]
fn the_rest_counts_each_once() {
    let all = by(&search::Request::default(), &["guideline"]);
    assert!(all.several, "items cite several guidelines");
    let request = stats::Request {
        by: vec!["guideline".into()],
        top: Some(2),
        ..stats::Request::default()
    };
    let report = stats::report(engine(), &request).unwrap();
    assert_eq!(report.rows[..], all.rows[..2]);
    let rest = report.rest.expect("there are more than two");
    assert_eq!(rest.values, all.rows.len() - 2);
    let shown: Vec<&str> = all.rows[..2].iter().map(|r| r.value.as_str()).collect();
    // Plainly: items with a guideline that is not shown.
    let response = engine()
        .search(&search::Request {
            limit: 1000,
            ..search::Request::default()
        })
        .unwrap();
    let (mut letters, mut items) = (0, 0);
    for hit in &response.hits {
        let other = |item: &imr::letter::Item| {
            let both = item
                .reviewer
                .citations
                .iter()
                .chain(&item.claims_administrator.citations);
            both.into_iter().any(|c| {
                let value = if c.source == "MTUS" && !c.title.is_empty() {
                    format!("{}/{}", c.source, c.title.replace('/', "-"))
                } else {
                    c.source.clone()
                };
                !shown.contains(&value.as_str())
            })
        };
        let of = hit.letter.items.iter().filter(|item| other(item)).count() as u64;
        items += of;
        letters += u64::from(of > 0);
    }
    assert_eq!((rest.figures.letters, rest.figures.items), (letters, items));
    let sum: u64 = all.rows[2..].iter().map(|r| r.figures.items).sum();
    assert!(sum > rest.figures.items, "the sum counts some twice");
}

#[test]
fn few_decisions_go_to_the_rest() {
    let report = |min| {
        let request = stats::Request {
            by: vec!["treatment".into()],
            sort: stats::Sort::Rate,
            min,
            ..stats::Request::default()
        };
        stats::report(engine(), &request).unwrap()
    };
    let (all, some) = (report(0), report(15));
    assert!(all.rest.is_none() && some.rows.len() < all.rows.len());
    assert!(some.rows.iter().all(|row| row.figures.decided() >= 15));
    let rates: Vec<f64> = some.rows.iter().filter_map(|r| r.figures.rate).collect();
    assert!(rates.windows(2).all(|pair| pair[0] >= pair[1]), "{rates:?}");
    let listed: u64 = some.rows.iter().map(|r| r.figures.items).sum();
    assert_eq!(listed + some.rest.unwrap().figures.items, some.all.items);
}

/// Periods hold the letters decided in them; what has no date is told.
#[test]
fn a_series_is_a_search_by_date() {
    for (over, len) in [(Period::Year, 4), (Period::Quarter, 7), (Period::Month, 7)] {
        let request = stats::Request {
            over: Some(over),
            ..stats::Request::default()
        };
        let report = stats::report(engine(), &request).unwrap();
        assert!(
            report
                .rows
                .windows(2)
                .all(|pair| pair[0].value < pair[1].value)
        );
        for row in &report.rows {
            assert_eq!(row.value.len(), len);
            let decided = match row.value.split_once("-Q") {
                Some((year, quarter)) => {
                    let first = (quarter.parse::<u32>().unwrap() - 1) * 3 + 1;
                    format!("{year}-{first:02}..{year}-{:02}", first + 2)
                }
                None => row.value.clone(),
            };
            let narrowed = search::Request {
                filters: vec![filter("decided", &decided)],
                ..search::Request::default()
            };
            assert_eq!(by(&narrowed, &[]).all, row.figures, "{}", row.value);
        }
        let dated: u64 = report.rows.iter().map(|row| row.figures.letters).sum();
        assert_eq!(dated + report.without.letters, report.all.letters);
        assert!(report.without.letters > 0, "some letter has no date");
    }
}

#[test]
fn what_has_no_decision_is_no_part_of_the_rate() {
    let folder = TempDir::new().unwrap();
    let text = letter(
        "CM15-0000001",
        &[
            ("Norco 10/325 mg", "Upheld"),
            ("Lumbar MRI", "Overturned"),
            ("TENS unit", "Pending"),
        ],
    );
    std::fs::create_dir(folder.path().join("letters")).unwrap();
    std::fs::write(folder.path().join("letters/one.txt"), text).unwrap();
    let index = folder.path().join("index").display().to_string();
    let letters = folder.path().join("letters").display().to_string();
    imr(["index", &letters, "--quiet", "--index", &index]).code(0);
    let ran = imr(["stats", "--json", "--index", &index]).code(0);
    let all = &ran.json()[0]["all"];
    let number = |key: &str| all[key].as_u64().unwrap();
    let decided = number("upheld") + number("overturned");
    assert_eq!(number("items"), decided + number("undecided"));
    assert_eq!(
        all["rate"].as_f64().unwrap(),
        number("overturned") as f64 / decided as f64
    );
}

#[test]
fn a_table_as_a_person_sees_it() {
    let ran = run(&["--by", "treatment", "--top", "5"]).code(0);
    insta::assert_snapshot!(ran.out);
    let ran = run(&["--by", "treatment,sex", "--drug", "opioid"]).code(0);
    insta::assert_snapshot!("a_cross_table_as_a_person_sees_it", ran.out);
    assert!(!ran.out.contains('\u{1b}') && !ran.out.lines().any(|l| l.ends_with(' ')));
}

#[test]
fn formats_carry_the_same_figures() {
    let json = run(&["--by", "treatment,sex", "--format", "json"])
        .code(0)
        .json();
    let csv = run(&["--by", "treatment,sex", "--format", "csv"])
        .code(0)
        .out;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        stats::formats::COLUMNS
    );
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows = json[0]["rows"].as_array().unwrap();
    let columns = json[0]["columns"].as_array().unwrap();
    for row in rows {
        for (column, cell) in columns.iter().zip(row["cells"].as_array().unwrap()) {
            let record = records.iter().find(|r| {
                r[1] == *row["value"].as_str().unwrap()
                    && r[2] == *column["value"].as_str().unwrap()
            });
            let record = record.expect("every cell is a row");
            assert_eq!(record[6], cell["overturned"].to_string());
            assert_eq!(record[5], cell["upheld"].to_string());
        }
    }
    let md = run(&["--by", "treatment", "--format", "md", "--top", "3"])
        .code(0)
        .out;
    assert!(
        md.contains("| treatment | rate |")
            && md.lines().filter(|l| l.starts_with('|')).count() == 7
    );
    // The report is plain data, there and back.
    let report: stats::Report = serde_json::from_value(json[0].clone()).unwrap();
    assert_eq!(serde_json::to_value(&report).unwrap(), json[0]);
}

#[test]
fn mistakes_are_told_and_nothing_found_is_1() {
    let ran = run(&["--by", "drgu"]).code(2);
    assert!(
        ran.err.contains("did you mean 'drug'?") && ran.out.is_empty(),
        "{}",
        ran.err
    );
    let ran = run(&["--by", "drug/opiod"]).code(2);
    assert!(ran.err.contains("did you mean 'opioid'?"), "{}", ran.err);
    let ran = run(&["--by", "drug,sex,year"]).code(2);
    assert!(ran.err.contains("one facet, or two"), "{}", ran.err);
    run(&["--by", "drug,sex", "--over", "year"]).code(2);
    run(&["--by", "drug", "--reasons"]).code(2);
    let ran = run(&["--by", "drug", "zzzqqqxxx"]).code(1);
    assert!(ran.out.starts_with("0 letters"), "{}", ran.out);
    run(&["--reasons", "zzzqqqxxx"]).code(1);
    // A word to leave out, as in a search.
    run(&["mri", "-lumbar", "--by", "drug"]).code(0);
}

#[test]
fn a_chart_is_a_picture() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("chart.svg");
    let file = path.display().to_string();
    for args in [
        &["--by", "treatment"][..],
        &["--by", "drug,sex"],
        &["--over", "month"],
        &["--over", "quarter", "--by", "treatment"],
        &["norco"],
        &["zzzqqqxxx", "--by", "drug"],
        &["zzzqqqxxx", "--over", "year", "--by", "drug"],
    ] {
        let ran = run(&[args, &["--chart", &file, "--force"]].concat());
        assert!(ran.code < 2, "{}", ran.err);
        let svg = std::fs::read_to_string(&path).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"),
            "{args:?}"
        );
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(svg.contains("Overturn rate") && svg.contains("95% interval") || ran.code == 1);
    }
    let ran = run(&["--by", "drug", "--chart", &file]).code(2);
    assert!(ran.err.contains("--force"), "{}", ran.err);
    let ran = run(&["--by", "drug", "--chart", "chart.png"]).code(2);
    assert!(ran.err.contains(".svg"), "{}", ran.err);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside"
    );
}

/// Letters whose overturned rationales have one phrase, and whose upheld ones another.
fn reasons_index(letters: usize) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    std::fs::create_dir(&corpus).unwrap();
    for n in 0..letters {
        let (decision, why) = if n % 2 == 0 {
            (
                "Overturned",
                "The chart shows measured grip gains after the brace.",
            )
        } else {
            ("Upheld", "The chart shows no trial of home stretching.")
        };
        let case = format!("CM15-{n:07}");
        let text = letter(&case, &[("Wrist brace", decision)]).replace(
            "The chart was weighed for Wrist brace.",
            &format!("{why} Visit {n} was read."),
        );
        std::fs::write(corpus.join(format!("{n}.txt")), text).unwrap();
    }
    let index = folder.path().join("index").display().to_string();
    imr([
        "index",
        &corpus.display().to_string(),
        "--quiet",
        "--index",
        &index,
    ])
    .code(0);
    (folder, index)
}

#[test]
fn phrases_tell_the_sides_apart() {
    let (_folder, index) = reasons_index(240);
    let ran = imr(["stats", "--phrases", "--json", "--index", &index]).code(0);
    let reasons: stats::Reasons = serde_json::from_value(ran.json()[0].clone()).unwrap();
    assert_eq!(
        (reasons.sample.overturned, reasons.sample.upheld),
        (120, 120)
    );
    assert_eq!(reasons.caution, None);
    let first = &reasons.overturned[0];
    assert_eq!(first.phrase, "measured grip gains");
    assert!(first.stands_out && first.z > reasons.threshold);
    assert_eq!((first.overturned, first.upheld), (120, 0));
    let number: u32 = first.example[5..].parse().unwrap();
    assert_eq!(number % 2, 0, "the example is a letter that overturned");
    let upheld: Vec<&str> = reasons.upheld.iter().map(|r| r.phrase.as_str()).collect();
    assert!(
        upheld.contains(&"no trial of") || upheld.iter().any(|p| p.contains("stretching")),
        "{upheld:?}"
    );
    let all = reasons.overturned.iter().chain(&reasons.upheld);
    assert!(
        all.clone().all(|r| !r.phrase.contains("chart")),
        "what both have tells nothing"
    );
    assert!(
        all.clone()
            .all(|r| !r.phrase.contains("overturned") && !r.phrase.contains("necessary"))
    );
    // The same again.
    let again = imr(["stats", "--phrases", "--json", "--index", &index]).code(0);
    assert_eq!(again.out, ran.out);
}

#[test]
fn phrases_are_honest_about_few_letters() {
    let (_folder, index) = reasons_index(12);
    let ran = imr(["stats", "--phrases", "--index", &index]).code(0);
    assert!(
        ran.out.contains("6 overturned and 6 upheld") && ran.out.contains("Too few"),
        "{}",
        ran.out
    );
    let (_folder, index) = reasons_index(60);
    let ran = imr(["stats", "--phrases", "--index", &index]).code(0);
    assert!(ran.out.contains("Small sample"), "{}", ran.out);
    let ran = imr(["stats", "--phrases", "--format", "csv", "--index", &index]).code(0);
    assert!(
        ran.out
            .starts_with("side,phrase,z,stands_out,overturned,upheld,example\n"),
        "{}",
        ran.out
    );
    let ran = imr(["stats", "--phrases", "--format", "md", "--index", &index]).code(0);
    assert!(ran.out.contains("**Upheld**"), "{}", ran.out);
}

#[test]
fn two_rates_side_by_side() {
    let ran = compare(&[
        "--json",
        "--drug",
        "opioid",
        "--versus",
        "drug=nsaid",
        "--top",
        "3",
    ])
    .code(0);
    let compared: stats::Comparison = serde_json::from_value(ran.json()[0].clone()).unwrap();
    for (side, drug) in [(&compared.a, "opioid"), (&compared.b, "nsaid")] {
        let request = search::Request {
            filters: vec![filter("drug", drug)],
            limit: 3,
            ..search::Request::default()
        };
        let response = engine().search(&request).unwrap();
        assert_eq!(
            (side.figures.letters, side.figures.items),
            (response.letters, response.items)
        );
        let cases: Vec<String> = response
            .hits
            .iter()
            .map(|hit| {
                hit.letter
                    .case_number
                    .clone()
                    .unwrap_or_else(|| hit.files[0].clone())
            })
            .collect();
        assert_eq!(side.letters, cases);
        assert_eq!(side.filters, request.filters);
    }
    let (a, b) = (&compared.a.figures, &compared.b.figures);
    let want = stats::newcombe((a.overturned, a.decided()), (b.overturned, b.decided()));
    let (want, got) = (want.unwrap(), compared.difference.unwrap());
    assert!((want.difference - got.difference).abs() < 1e-12 && (want.low - got.low).abs() < 1e-12);
    // Items of both sides are told.
    let shared = compare(&["--json", "--", "norco"]).code(0);
    let shared: stats::Comparison = serde_json::from_value(shared.json()[0].clone()).unwrap();
    assert_eq!(shared.shared_items, shared.b.figures.decided());
    assert_eq!(shared.shared_letters, shared.b.figures.letters);
    let text = compare(&["norco", "--", "opioid"]).code(0).out;
    assert!(
        text.contains("on both sides") && text.contains("independent"),
        "{text}"
    );
}

#[test]
fn a_comparison_as_a_person_sees_it() {
    let index = sample_index().display().to_string();
    let ran = compare(&["norco", "--", "tramadol"]).code(0);
    insta::assert_snapshot!(ran.out.replace(&index, "INDEX"));
    // The command that lists a side's letters finds them.
    let line = ran
        .out
        .lines()
        .find(|l| l.trim_start().starts_with("imr search"));
    let args: Vec<&str> = line.unwrap().split_whitespace().skip(1).collect();
    imr(args).code(0);
}

#[test]
fn a_comparison_needs_two_sides() {
    let ran = compare(&["norco"]).code(2);
    assert!(ran.err.contains("--versus"), "{}", ran.err);
    let ran = compare(&["norco", "--versus", "drgu=x"]).code(2);
    assert!(ran.err.contains("did you mean 'drug'?"), "{}", ran.err);
    let ran = compare(&["norco", "--versus", "drug"]).code(2);
    assert!(ran.err.contains("drug=tramadol"), "{}", ran.err);
    compare(&["norco", "--", "zzzqqqxxx"]).code(1);
}

#[test]
fn a_request_matches_as_a_search_does() {
    for match_mode in [MatchMode::All, MatchMode::Any] {
        let request = search::Request {
            query: "norco knee taper brace".into(),
            match_mode,
            exact: true,
            ..search::Request::default()
        };
        let response = engine().search(&request).unwrap();
        let report = by(&request, &[]);
        assert_eq!(
            (report.all.letters, report.all.items),
            (response.letters, response.items)
        );
    }
}

/// A sample has as many letters as it may, the same each time, and what matches is counted whole.
#[test]
fn a_sample_is_as_large_as_it_may_be_and_the_same_again() {
    let all = search::Request::default();
    let whole = engine().sample(&all, 1000).unwrap();
    assert_eq!(
        (whole.every, whole.letters.len() as u64),
        (1, whole.all.letters)
    );
    for most in [1, 10, 40] {
        let sample = engine().sample(&all, most).unwrap();
        assert_eq!(sample.letters.len(), most);
        assert_eq!(sample.every, whole.letters.len().div_ceil(most));
        assert_eq!(sample.all, whole.all);
        let cases = |sample: &search::Sample| -> Vec<Option<String>> {
            let read = |one| engine().sampled(sample, one).unwrap().case_number;
            sample.letters.iter().map(read).collect()
        };
        assert_eq!(cases(&sample), cases(&engine().sample(&all, most).unwrap()));
    }
}
