//! Letters as offices keep them: stamped, faxed, numbered. The record must not change.

use crate::support::{imr, imr_with_input, letter};
use serde_json::Value;

/// The record of a text, without the name of its file.
fn record(text: &str) -> Value {
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let mut record = ran.json().remove(0);
    record["file"] = Value::Null;
    record
}

/// A letter over three pages, with the rationale's deciding words across a line end.
fn three_pages() -> String {
    letter(
        "CM15-0900001",
        &[
            ("Norco 10/325mg #60", "Upheld"),
            ("MRI of the left knee", "Overturned"),
            ("Acupuncture, six visits", "Upheld"),
        ],
    )
    .replacen("CLINICAL CASE SUMMARY", "\x0cCLINICAL CASE SUMMARY", 1)
    .replacen(
        "\n\nMRI of the left knee",
        "\n\n\x0cMRI of the left knee",
        1,
    )
}

#[test]
fn a_stamp_on_each_page_changes_no_field() {
    let plain = record(&three_pages());
    assert_eq!(plain["items"].as_array().map(Vec::len), Some(3));
    let stamps: [fn(usize) -> String; 8] = [
        |page| format!("EXHIBIT B - {page:04}"),
        |page| format!("SAMPLE_{:06}", page + 41),
        |page| format!("03/31/2017  10:41 AM  FAX 5555550100   CLAIMS DEPT   P.{page:03}/006"),
        |page| format!("PAGE: {page:03} OF 006"),
        |page| format!("https://www.example.org/decisions.asp?id=12   {page}/3"),
        |_| "CONFIDENTIAL".to_string(),
        |_| "RECEIVED MAR 31 2017".to_string(),
        |page| format!("Sample v. Example Foods, volume 2, {page}"),
    ];
    for stamp in stamps {
        let pages = three_pages();
        let pages = pages.split('\x0c').enumerate();
        let top: Vec<String> = pages
            .clone()
            .map(|(n, page)| format!("{}\n{page}", stamp(n + 1)))
            .collect();
        let bottom: Vec<String> = pages
            .map(|(n, page)| format!("{}\n{}\n", page.trim_end(), stamp(n + 1)))
            .collect();
        assert_eq!(record(&top.join("\x0c")), plain, "{} on top", stamp(1));
        assert_eq!(record(&bottom.join("\x0c")), plain, "{} below", stamp(1));
    }
}

#[test]
fn a_stamp_between_heading_and_label_changes_no_field() {
    let plain = record(&three_pages());
    for stamp in [
        "EXHIBIT B - 0002",
        "SAMPLE000042",
        "PAGE: 003 OF 006",
        "Vol. 2 of the record of Pat Sample",
    ] {
        let stamped = three_pages().replace(": Upheld\n", &format!(": Upheld\n{stamp}\n"));
        assert_eq!(record(&stamped), plain, "{stamp}");
    }
}

#[test]
fn the_line_numbers_of_pleading_paper_change_no_field() {
    let plain = record(&three_pages());
    let text = three_pages();
    let numbered: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(n, line)| format!("{:>2}  {line}", n % 28 + 1))
        .collect();
    assert_eq!(record(&numbered.join("\n")), plain);
}

/// The letter as the parties get it by mail: a cover page, and a running title on each page.
fn mailed(determination: &str) -> String {
    let cover = format!(
        "Independent Medical Review Final Determination Letter\n\nSAMPLE LAW GROUP\n100 Example Street\n\n\
         Dated: 03/06/2015\n\n\
         IMR Case Number:    CM15-0900001        Date of Injury:         07/16/2014\n\
         Claim Number:       EX-000-4711         UR Denial Date:         01/05/2015\n\
         Priority:           STANDARD            Application Received:   01/21/2015\n\
         Employee Name:      PAT SAMPLE\n\
         Provider Name:      LEE SAMPLE, MD\n\
         Claims Administrator: Example Claims Services\n\
         Treatment(s) in Dispute Listed on IMR Application:\n\
         NORCO 10/325MG #60, MRI OF THE LEFT KNEE, ACUPUNCTURE\n\n\
         DEAR PAT SAMPLE,\n\nFinal Determination: {determination}. This is explained below.\n\n\
         Final Determination Letter for IMR Case Number CM15-0900001     1\n\x0c"
    );
    cover + &three_pages()
}

#[test]
fn a_mailed_letter_says_whose_case_it_is() {
    let record = record(&mailed("PARTIAL OVERTURN"));
    for (key, value) in [
        ("case_number", "CM15-0900001"),
        ("claim_number", "EX-000-4711"),
        ("employee", "PAT SAMPLE"),
        ("provider", "LEE SAMPLE, MD"),
        ("claims_administrator", "Example Claims Services"),
        (
            "treatments_in_dispute",
            "NORCO 10/325MG #60, MRI OF THE LEFT KNEE, ACUPUNCTURE",
        ),
        ("final_determination", "partially-overturned"),
    ] {
        assert_eq!(record[key], value, "{key}");
    }
    assert_eq!(record["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(record["warnings"], Value::Array(Vec::new()));
}

#[test]
fn a_mailed_letter_is_found_by_plain_words_of_its_cover_page() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index").display().to_string();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    std::fs::write(corpus.join("mailed.txt"), mailed("PARTIAL OVERTURN")).unwrap();
    std::fs::write(corpus.join("public.txt"), one_item(2)).unwrap();
    imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    for query in [
        "pat sample",
        "EX-000-4711",
        "\"example claims services\"",
        "norco lee sample",
        "parties:sample",
        "disputed:acupuncture",
        "determination:partially-overturned",
    ] {
        let found = imr(["search", query, "--json", "--index", &index]).code(0);
        assert_eq!(found.cases(), ["CM15-0900001"], "{query}");
    }
    // What the application listed is not what an item requests.
    let found = imr(["search", "disputed:norco -drug:norco", "--index", &index]).code(0);
    assert!(
        found.out.starts_with("1 letter, 2 matching items"),
        "{}",
        found.out
    );
    let row = imr([
        "export",
        "pat sample",
        "--columns",
        "final_determination,treatments_in_dispute",
        "--format",
        "jsonl",
        "--index",
        &index,
    ])
    .code(0);
    assert_eq!(row.json()[0]["final_determination"], "partially-overturned");
    let listed = "NORCO 10/325MG #60, MRI OF THE LEFT KNEE, ACUPUNCTURE";
    assert_eq!(row.json()[0]["treatments_in_dispute"], listed);
}

#[test]
fn status_shows_by_year_what_letters_lack() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index").display().to_string();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    for n in 0..30 {
        let mut letter = one_item(n);
        if n % 3 == 0 {
            // A heading that no table knows.
            letter = letter.replace(": Upheld", " - Sustained");
        }
        std::fs::write(corpus.join(format!("{n}.txt")), letter).unwrap();
    }
    imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    let status = imr(["status", "--json", "--index", &index]).code(0);
    let year = &status.json()[0]["years"][0];
    assert_eq!(year["letters"], 30, "{year}");
    let told = imr(["status", "--index", &index]).code(0);
    assert!(told.out.contains("no reviewer citation"), "{}", told.out);
    assert_eq!(
        told.out.contains("the form of letters may have changed"),
        year["without_items"].as_u64().unwrap() >= 3,
        "{}",
        told.out
    );
}

#[test]
fn a_cover_page_that_sums_up_otherwise_is_a_doubt() {
    let record = record(&mailed("UPHOLD"));
    assert_eq!(record["final_determination"], "upheld");
    assert_eq!(record["warnings"][0]["kind"], "determination-differs");
}

#[test]
fn white_space_that_was_collapsed_costs_no_item() {
    let plain = record(&three_pages());
    let text = three_pages();
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = record(&folded);
    for key in ["case_number", "dates", "reviewer", "patient", "outcome"] {
        assert_eq!(folded[key], plain[key], "{key}");
    }
    for n in 0..3 {
        for key in [
            "request",
            "decision",
            "drugs",
            "reviewer",
            "claims_administrator",
        ] {
            assert_eq!(folded["items"][n][key], plain["items"][n][key], "{n} {key}");
        }
    }
}

#[test]
fn a_letter_whose_form_changed_is_found_by_all_of_its_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = three_pages()
        .replace("Upheld", "Uphold")
        .replace("Overturned", "Overturn");
    let letters = folder.path().join("letters");
    std::fs::create_dir(&letters).expect("a folder");
    std::fs::write(letters.join("drifted.txt"), text).expect("a file");
    let index = folder.path().join("index");
    let index = index.to_str().expect("a path");
    imr(["index", letters.to_str().expect("a path"), "--index", index]).code(0);
    let found = imr([
        "search",
        "acupuncture six visits",
        "--index",
        index,
        "--json",
    ])
    .code(0);
    assert_eq!(found.cases(), ["CM15-0900001"]);
    let status = imr(["status", "--index", index]).code(0);
    assert!(
        status
            .out
            .lines()
            .any(|line| line.starts_with("unrecogni") && line.ends_with('1')),
        "{}",
        status.out
    );
}

const DENIAL: &str = "EXAMPLE UTILIZATION REVIEW SERVICES\n1000 Example Way\n\n\
    UTILIZATION REVIEW DETERMINATION - NON-CERTIFICATION\n\nDate: 11/03/2014\nClaim Number: 06-0000000\n\
    Date of Injury: 01/02/2003\n\n1. Soma 350mg #60 is not medically necessary and appropriate.\n\n\
    CLINICAL SUMMARY: The patient is an 80 year old male.\n\nRATIONALE: The MTUS asks for documented gains.\n";

/// Letters of one item each.
fn one_item(number: usize) -> String {
    let case = format!("CM15-09{number:05}");
    letter(
        &case,
        &[(&format!("Norco 10/325mg #{}", 10 + number), "Upheld")],
    )
}

/// Every record of a text, and what was said on standard error.
fn records(text: &str) -> (Vec<Value>, String) {
    let ran = imr_with_input(&["extract", "-"], text.as_bytes());
    (ran.json(), ran.err)
}

#[test]
fn twenty_letters_in_one_file_are_twenty() {
    let letters: Vec<String> = (0..20).map(one_item).collect();
    for (between, name) in [("\n\x0c", "-!page 20"), ("\n\n", "-!letter 20")] {
        let (got, _) = records(&letters.join(between));
        assert_eq!(got.len(), 20);
        for (n, record) in got.iter().enumerate() {
            assert_eq!(record["case_number"], format!("CM15-09{n:05}"));
            assert_eq!(record["items"].as_array().map(Vec::len), Some(1));
            assert_eq!(
                record["items"][0]["request"],
                format!("Norco 10/325mg #{}", 10 + n)
            );
            assert_eq!(record["warnings"][0]["kind"], "several-letters");
        }
        assert_eq!(got[19]["file"], name);
    }
}

#[test]
fn a_denial_beside_a_letter_gives_nothing_to_it() {
    let plain = record(&one_item(1));
    for text in [
        format!("{DENIAL}\x0c{}", one_item(1)),
        format!("{DENIAL}\n{}", one_item(1)),
        format!("{}\x0c{DENIAL}", one_item(1)),
        format!("{DENIAL}\x0c{}\x0c{DENIAL}", one_item(1)),
    ] {
        let (mut got, err) = records(&text);
        assert_eq!(got.len(), 1, "{text}");
        got[0]["file"] = Value::Null;
        assert_eq!(got[0], plain, "{text}");
        assert!(err.contains("a utilization review decision"), "{err}");
    }
}

#[test]
fn what_is_no_letter_is_refused_with_its_kind() {
    for (text, kind) in [
        (DENIAL.to_string(), "a utilization review decision"),
        (
            "MAXIMUS FEDERAL SERVICES, INC.\nIndependent Medical Review\n\nNotice of Assignment and Request for \
             Information\n\nDated: 12/07/2016\nIMR Case Number: CM16-0900777\nDate of Injury: 10/23/2015\n\
             Application Received: 12/01/2016\nPriority: Standard\n\nTreatment in dispute: Norco 10/325mg #90.\n"
                .to_string(),
            "a notice of assignment",
        ),
        (
            "WORKERS' COMPENSATION APPEALS BOARD\n\nPAT SAMPLE, Applicant,\n\nOPINION AND DECISION AFTER \
             RECONSIDERATION\n\nThe determination in CM14-0900777 reads:\n\n\"Norco 10/325mg #120: Upheld\n\
             Claims Administrator guideline: Decision based on MTUS Chronic Pain.\n\
             MAXIMUS guideline: Decision based on MTUS Chronic Pain.\n\
             Decision rationale: There is no gain. It is not medically necessary.\"\n"
                .to_string(),
            "a decision or paper of the Appeals Board",
        ),
        (
            "EXAMPLE CLINIC\nINVOICE NO. 17\n\nRe: CM15-0900001\nNorco 10/325mg #60   $40.00\nAmount due: $40.00\n"
                .to_string(),
            "an invoice or a bill",
        ),
        (
            "LAW GROUP OF SAMPLE\n\nRe: Sample v. Example Foods; IMR CM15-0900001\n\nEnclosed is the Independent Medical \
             Review Final Determination of MAXIMUS, which overturned your denial of the MRI. Please authorize it.\n"
                .to_string(),
            "a letter or form of the claim",
        ),
        (
            "MEMORANDUM\nTo: File\nRe: IMR CM15-0900001\n\nThe expert reviewer overturned the denial: \"Norco #60: \
             Overturned\". MAXIMUS guideline: ODG. So much for Independent Medical Review.\n"
                .to_string(),
            "a memorandum or a note",
        ),
        (
            "UR APPEAL DETERMINATION\nDate of Injury: 11/17/2009\n\nNorco 10/325mg #60: Upheld\n\
             Decision rationale: There is no gain. You may ask MAXIMUS for an Independent Medical Review.\n"
                .to_string(),
            "a utilization review decision",
        ),
        (
            "MAXIMUS FEDERAL SERVICES\nIndependent Medical Review\nREQUEST FOR ADDITIONAL INFORMATION\n\
             IMR Case Number: CM15-0900001  Date of Injury: 11/17/2009\nUR Denial Date: 03/24/2015\n\
             A denial may be upheld or overturned on the records at hand.\n"
                .to_string(),
            "a notice of assignment",
        ),
    ] {
        let (got, err) = records(&text);
        assert!(got.is_empty(), "{text}");
        assert_eq!(
            err,
            format!("imr: - is not an IMR determination letter but {kind}\n")
        );
    }
}

#[test]
fn a_notice_before_a_letter_lends_it_no_case_number() {
    let notice = "MAXIMUS FEDERAL SERVICES, INC.\nDated: 06/01/2020\nIMR Case Number: CM20-0900099\n\
        Notice of Case Termination\nThe review of this case has been terminated because the treatment was authorized.\n";
    let (got, _) = records(&format!("{notice}\n\n{}", one_item(3)));
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["case_number"], "CM15-0900003");
    // Nor does one whose title stands below its header.
    let notice = "STATE OF CALIFORNIA\nIMR Case Number: CM20-0900099   Date of Injury: 11/17/2009\n\
        UR Denial Date: 03/24/2015      Application Received: 04/02/2015\nNOTICE OF INELIGIBILITY\n\
        The application is not eligible for review because it was not signed by the employee.\n";
    let (got, err) = records(&format!("{notice}\n\n{}", one_item(3)));
    assert_eq!(got.len(), 1, "{err}");
    assert_eq!(got[0]["case_number"], "CM15-0900003");
    assert_eq!(got[0]["dates"]["injury"], "2014-07-16");
    // A brief that quotes a letter is none.
    let quoted = "\"Case Number: CM15-0900003 Date of Injury: 07/16/2014 UR Denial Date: 01/05/2015\n\
        IMR ISSUES, DECISIONS AND RATIONALES\nNorco: Upheld\nClaims Administrator guideline: none\n\
        MAXIMUS guideline: MTUS\nDecision rationale: not medically necessary.\"";
    let (got, _) = records(&format!(
        "DEFENDANT'S TRIAL BRIEF\n\nThe letter reads:\n\n{quoted}\n"
    ));
    assert!(got.is_empty(), "{got:?}");
}

#[test]
fn the_letters_of_one_file_are_kept_up_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let letters = folder.path().join("letters");
    std::fs::create_dir(&letters).expect("a folder");
    let bundle = letters.join("bundle.txt");
    let index = folder.path().join("index");
    let index = index.to_str().expect("a path");
    let run = |more: &[&str]| {
        let mut args = vec!["index", letters.to_str().expect("a path"), "--index", index];
        args.extend(more);
        imr(args).code(0)
    };
    let pages = |numbers: &[usize]| {
        let letters: Vec<String> = numbers.iter().map(|n| one_item(*n)).collect();
        letters.join("\n\x0c")
    };
    std::fs::write(&bundle, pages(&[1, 2, 3])).expect("a file");
    let err = run(&[]).err;
    assert!(err.contains("3 letters, 3 items"), "{err}");
    let shown = imr(["show", "CM15-0900003", "--index", index]).code(0).out;
    assert!(shown.contains("bundle.txt!page 3"), "{shown}");
    // Nothing changed: nothing is read.
    let err = run(&[]).err;
    assert!(
        err.contains("3 unchanged") || !err.contains("3 letters, 3 items"),
        "{err}"
    );
    // One letter is another now, one is gone.
    std::fs::write(&bundle, pages(&[1, 7])).expect("a file");
    run(&["--prune"]);
    for (case, code) in [
        ("CM15-0900001", 0),
        ("CM15-0900007", 0),
        ("CM15-0900002", 1),
        ("CM15-0900003", 1),
    ] {
        let ran = imr(["search", &format!("case:{case}"), "--index", index]);
        assert_eq!(ran.code, code, "{case}: {}{}", ran.out, ran.err);
    }
    // A single letter takes the place of the bundle.
    std::fs::write(&bundle, pages(&[9])).expect("a file");
    run(&["--prune"]);
    let shown = imr(["show", "CM15-0900009", "--index", index]).code(0).out;
    assert!(
        shown.contains("bundle.txt") && !shown.contains("bundle.txt!"),
        "{shown}"
    );
    imr(["search", "case:CM15-0900001", "--index", index]).code(1);
    imr(["status", "--check", "--index", index]);
}
