//! The alarm that the form of letters changed: `imr status` counts by year what letters lack.

use crate::support::{Ran, imr, letter};
use serde_json::Value;

/// So many letters a year.
const LETTERS: usize = 24;
const YEARS: [usize; 3] = [2014, 2015, 2016];

/// A letter of a year, with two items.
fn letter_of(year: usize, number: usize) -> String {
    let case = format!("CM{:02}-09{number:05}", year % 100);
    let tablets = format!("Norco 10/325mg #{}", 10 + number);
    let items = [
        (tablets.as_str(), "Upheld"),
        ("MRI of the knee", "Overturned"),
    ];
    letter(&case, &items).replace("03/06/2015", &format!("03/06/{year}"))
}

/// An index of letters of three years. In 2016 some letters, one in so many, have another form.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new(one_in: usize, changed: impl Fn(String) -> String) -> Office {
        let office = Office {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let letters = office.folder.path().join("letters");
        std::fs::create_dir(&letters).expect("a folder");
        for year in YEARS {
            for number in 0..LETTERS {
                let mut text = letter_of(year, number);
                if year == 2016 && number % one_in == 0 {
                    text = changed(text);
                }
                let name = format!("{year}-{number}.txt");
                std::fs::write(letters.join(name), text).expect("a file");
            }
        }
        let letters = letters.display().to_string();
        imr(["index", &letters, "--index", &office.index()]).code(0);
        office
    }

    fn index(&self) -> String {
        self.folder.path().join("index").display().to_string()
    }

    fn run(&self, args: &[&str]) -> Ran {
        imr([args, &["--index", &self.index()]].concat())
    }

    /// What the status says of each year.
    fn years(&self) -> Vec<Value> {
        let status = self.run(&["status", "--json"]).code(0).json().remove(0);
        status["years"].as_array().expect("years").clone()
    }

    /// The lines of the status that raise the alarm.
    /// The alarms, each with the command below it.
    fn alarms(&self) -> Vec<(String, String)> {
        let told = self.run(&["status"]).code(0).out;
        let mut alarms = Vec::new();
        let mut sentence = String::new();
        for line in told.lines() {
            match line.strip_prefix("  imr ") {
                Some(command) => alarms.push((std::mem::take(&mut sentence), command.to_string())),
                None if YEARS
                    .iter()
                    .any(|year| line.starts_with(&format!("{year}:"))) =>
                {
                    sentence = line.to_string();
                }
                None => sentence = format!("{sentence} {line}"),
            }
        }
        alarms
    }
}

#[test]
fn letters_of_the_known_form_raise_no_alarm() {
    let office = Office::new(1, |text| text);
    assert!(office.alarms().is_empty());
    let years = office.years();
    assert_eq!(years.len(), YEARS.len());
    for (year, counted) in YEARS.iter().zip(&years) {
        assert_eq!(counted["year"], year.to_string());
        assert_eq!(counted["letters"], LETTERS);
        for lack in [
            "without_items",
            "without_rationale",
            "without_reviewer_citation",
        ] {
            assert_eq!(counted[lack], 0, "{counted}");
        }
    }
}

#[test]
fn a_form_that_changed_in_one_year_raises_the_alarm_of_that_year() {
    // What changed in the form, and what letters then lack.
    let headings: fn(String) -> String = |text| {
        text.replace(": Upheld", " - Sustained")
            .replace(": Overturned", " - Reversed")
    };
    let labels: fn(String) -> String =
        |text| text.replace("Decision rationale:", "Findings of the panel:");
    let citations: fn(String) -> String = |text| {
        text.replace(
            "MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines, page(s) 74-96.",
            "Sources of the panel: see the annex.",
        )
    };
    for (changed, lack) in [
        (headings, "without_items"),
        (labels, "without_rationale"),
        (citations, "without_reviewer_citation"),
    ] {
        let office = Office::new(3, changed);
        let years = office.years();
        for (year, counted) in YEARS.iter().zip(&years) {
            let drifted = if *year == 2016 { LETTERS / 3 } else { 0 };
            assert_eq!(counted["letters"], LETTERS, "{lack}: {counted}");
            assert_eq!(counted[lack], drifted, "{lack}: {counted}");
        }
        let alarms = office.alarms();
        assert_eq!(alarms.len(), 1, "{lack}: {alarms:?}");
        let (sentence, command) = &alarms[0];
        assert!(sentence.starts_with("2016: 33.3% of letters"), "{alarms:?}");
        assert!(
            sentence.contains("the form of letters may have changed"),
            "{alarms:?}"
        );
        // The command that the alarm names shows these letters.
        let words: Vec<&str> = command.split(' ').collect();
        let shown = office.run(&words).code(0).out;
        for number in (0..LETTERS).step_by(3) {
            let name = format!("2016-{number}.txt");
            assert!(shown.contains(&name), "{lack}: {command}: {shown}");
        }
    }
}

#[test]
fn a_letter_or_two_of_another_form_raise_no_alarm() {
    let office = Office::new(LETTERS / 2, |text| {
        text.replace(": Upheld", " - Sustained")
            .replace(": Overturned", " - Reversed")
    });
    assert_eq!(office.years()[2]["without_items"], 2);
    assert!(office.alarms().is_empty());
}
