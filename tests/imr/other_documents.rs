//! Papers that are not letters, and rows of tables (`imr index --other`, `--map`).

use crate::support::{Ran, imr};
use std::path::Path;

const DENIAL: &str = "EXAMPLE UTILIZATION REVIEW SERVICES\n1000 Example Way\n\n\
    UTILIZATION REVIEW DETERMINATION - NON-CERTIFICATION\n\nDate: 11/03/2014\nClaim Number: EX-000-4712\n\
    Date of Injury: 01/02/2003\n\n1. Soma 350mg #60 is not medically necessary and appropriate.\n\n\
    CLINICAL SUMMARY: The patient is an 80 year old carpenter.\n\nRATIONALE: The MTUS asks for documented gains.\n";

fn letter(number: usize) -> String {
    format!(
        "Case Number: CM15-09{number:05}\nDate Assigned: 01/28/2015\nDate of Injury: 07/16/2014\n\
         Decision Date: 03/06/2015\nUR Denial Date: 01/05/2015\nPriority: Standard\n\
         Application Received: 01/21/2015\n\nHOW THE IMR FINAL DETERMINATION WAS MADE\n\n\
         The Expert Reviewer has the following credentials:\nState(s) of Licensure: California\n\
         Certification(s)/Specialty: Family Practice\n\nCLINICAL CASE SUMMARY\n\n\
         The patient is a 54-year-old carpenter.\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
         Soma 350mg #{number}: Upheld\n\nClaims Administrator guideline: Decision based on MTUS Chronic Pain.\n\n\
         MAXIMUS guideline: Decision based on MTUS Chronic Pain, page(s) 29.\n\n\
         Decision rationale: No gain is documented.\n"
    )
}

struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new(files: &[(&str, &str)]) -> Office {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("claims")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join("claims").join(name), text).unwrap();
        }
        Office { folder }
    }

    fn path(&self, name: &str) -> String {
        Path::new(self.folder.path())
            .join(name)
            .display()
            .to_string()
    }

    fn index(&self, args: &[&str]) -> Ran {
        let (claims, index) = (self.path("claims"), self.path("index"));
        imr([&["index", &claims, "--index", &index], args].concat())
    }

    fn run(&self, args: &[&str]) -> Ran {
        let index = self.path("index");
        imr([args, &["--index", &index]].concat())
    }
}

#[test]
fn papers_that_are_not_letters_are_found_marked_and_counted_nowhere() {
    let office = Office::new(&[("letter.txt", &letter(30)), ("denial.txt", DENIAL)]);
    let plain = office.index(&[]).code(0);
    assert!(plain.err.contains("1 failed"), "{}", plain.err);
    let answers = || {
        [
            "search soma --json",
            "stats --by drug",
            "facets drug",
            "export --by letter",
        ]
        .map(|args| office.run(&args.split(' ').collect::<Vec<_>>()).out)
    };
    let without = answers();
    // What was refused before is taken in now, though its file is the same.
    let with = office.index(&["--other"]).code(0);
    assert!(
        with.err.contains("1 not letters (other documents)"),
        "{}",
        with.err
    );
    let again = office.index(&["--other"]).code(0);
    assert!(
        again.err.contains("2 skipped as unchanged"),
        "{}",
        again.err
    );
    assert_eq!(answers()[1..], without[1..]);
    let summary = &office.run(&["search", "soma", "--json"]).json()[0];
    assert_eq!(
        (&summary["letters"], &summary["items"]),
        (&1.into(), &1.into())
    );
    assert_eq!(summary["others"], 1);
    let told = office.run(&["search", "carpenter"]).code(0);
    assert!(
        told.out.starts_with("1 letter, 1 matching item"),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("1 document that is not a letter"),
        "{}",
        told.out
    );

    let others = office
        .run(&["search", "carpenter", "--document", "other"])
        .code(0);
    assert!(
        others.out.starts_with("1 document, 0 matching items"),
        "{}",
        others.out
    );
    let counted = office
        .run(&["stats", "--document", "other", "--by", "document"])
        .code(0);
    assert!(
        counted.out.starts_with("1 document, 0 items"),
        "{}",
        counted.out
    );
    assert!(counted.out.contains("  documents"), "{}", counted.out);
    assert!(
        others
            .out
            .contains("not a letter: a utilization review decision"),
        "{}",
        others.out
    );
    let others = office
        .run(&["search", "EX-000-4712", "--document", "other", "--json"])
        .code(0);
    assert_eq!(
        others.json()[1]["document"],
        "a utilization review decision"
    );
    let kind = office.run(&[
        "search",
        "document:\"utilization review decision\" carpenter",
        "--json",
    ]);
    assert_eq!(kind.code(0).json().len(), 2);
    assert_eq!(
        office.run(&["search", "carpenter", "--json"]).json().len(),
        2
    );

    let status = office.run(&["status", "--json"]).code(0).json().remove(0);
    assert_eq!(
        (&status["letters"], &status["others"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&status["unrecognized"], &status["items"]),
        (&0.into(), &1.into())
    );
    assert_eq!(status["years"].as_array().map(Vec::len), Some(1));
    let shown = office.run(&["show", "denial"]).code(0);
    assert!(
        shown
            .out
            .contains("not a letter but a utilization review decision"),
        "{}",
        shown.out
    );
    office.run(&["status", "--check"]).code(0);
}

#[test]
fn pages_beside_a_letter_are_documents_of_their_own() {
    let file = format!("{DENIAL}\x0c{}", letter(31));
    let office = Office::new(&[("file.txt", &file)]);
    office.index(&["--other"]).code(0);
    let status = office.run(&["status", "--json"]).json().remove(0);
    assert_eq!(
        (&status["letters"], &status["others"]),
        (&1.into(), &1.into())
    );
    let found = office
        .run(&["search", "carpenter", "--document", "other", "--json"])
        .code(0);
    let file = found.json()[1]["file"].as_str().unwrap().to_string();
    assert!(file.ends_with("file.txt!page 1"), "{file}");
}

#[test]
fn rows_of_a_table_are_letters_and_documents() {
    let row = |case: &str, worker: &str, text: &str| {
        format!(
            "{case},{worker},11/03/2014,\"{}\"\n",
            text.replace('"', "\"\"")
        )
    };
    let table = "CaseNo,Worker,Injured,Notes\n".to_string()
        + &row("", "PAT SAMPLE", &letter(32))
        + &row(
            "CM15-0977777",
            "LEE SAMPLE",
            "The adjuster called about the brace.",
        )
        + "only,two\n";
    let office = Office::new(&[("rows.csv", &table)]);
    let unmapped = office.index(&[]);
    let missing = "has no column 'text' (its columns: CaseNo, Worker, Injured, Notes)";
    assert!(unmapped.code(2).err.contains(missing));
    let maps = [
        "text=Notes",
        "case_number=CaseNo",
        "employee=Worker",
        "injured=Injured",
    ];
    let args: Vec<&str> = maps.iter().flat_map(|map| ["--map", map]).collect();
    let ran = office.index(&[&args[..], &["--other"]].concat()).code(0);
    assert!(
        ran.err
            .contains("rows.csv!row 4 has 2 columns in row 4, where the first row has 4"),
        "{}",
        ran.err
    );
    let found = office.run(&["search", "pat sample", "--json"]).code(0);
    let hit = &found.json()[1];
    assert_eq!(hit["case_number"], "CM15-0900032");
    assert_eq!(hit["employee"], "PAT SAMPLE");
    // What the letter says itself stays.
    assert_eq!(hit["dates"]["injury"], "2014-07-16");
    let found = office
        .run(&["search", "adjuster", "--document", "other", "--json"])
        .code(0);
    let hit = &found.json()[1];
    assert_eq!(
        (&hit["case_number"], &hit["employee"]),
        (&"CM15-0977777".into(), &"LEE SAMPLE".into())
    );
    assert_eq!(hit["dates"]["injury"], "2014-11-03");
    assert_eq!(hit["document"], "another document");
    // Lines of JSON likewise.
    let line = serde_json::json!({"CaseNo": "CM15-0988888", "Worker": "KIM SAMPLE", "Injured": "", "Notes": "A call about the cane."});
    std::fs::write(office.path("claims/rows.jsonl"), format!("{line}\n")).unwrap();
    office.index(&[&args[..], &["--other"]].concat()).code(0);
    let found = office
        .run(&["search", "kim cane", "--document", "other", "--json"])
        .code(0);
    assert_eq!(found.json()[1]["case_number"], "CM15-0988888");
}

#[test]
fn rows_of_one_text_and_different_workers_are_different_letters() {
    let text = letter(33).replace("Case Number: CM15-0900033\n", "");
    let mut table = "CaseNo,Worker,Notes\n".to_string();
    for (case, worker) in [
        ("CM15-0911111", "ANN SAMPLE"),
        ("CM15-0922222", "BOB SAMPLE"),
        ("CM15-0922222", "BOB SAMPLE"),
    ] {
        table += &format!("{case},{worker},\"{text}\"\n");
    }
    let office = Office::new(&[("rows.csv", &table)]);
    let maps = ["text=Notes", "case_number=CaseNo", "employee=Worker"];
    let args: Vec<&str> = maps.iter().flat_map(|map| ["--map", map]).collect();
    let ran = office.index(&args).code(0);
    assert!(ran.err.contains("2 letters"), "{}", ran.err);
    assert!(ran.err.contains("1 duplicate"), "{}", ran.err);
    let found = office.run(&["search", "--employee", "bob sample", "--json"]);
    assert_eq!(found.code(0).json()[1]["case_number"], "CM15-0922222");
    office.run(&["status", "--check"]).code(0);
}

#[test]
fn a_wrong_mapping_names_the_fields() {
    let ran = imr(["index", "x", "--map", "color=Blue"]).code(2);
    assert!(ran.err.contains("there is no field 'color'"), "{}", ran.err);
    assert!(ran.err.contains("case_number"), "{}", ran.err);
}
