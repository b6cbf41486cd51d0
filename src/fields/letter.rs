//! The fields of a letter: who reviewed it, when it was decided, whom it is about.

use super::cell::Cell;
use super::definition::{
    ColumnDefinition, ColumnReader, DefaultRows, FacetDefinition, FieldDefinition,
    FilterDefinition, InputDefinition, Level, PanelDefinition, Reader, Storage, Text, ValueLabel,
};
use super::names;
use super::path::Path;
use super::resolve::Resolve;
use crate::letter::{Layout, Outcome, Priority, Sex, WarningKind};
use crate::vocabulary::Specialties;

/// The fields of a letter, in the order in which help, briefs and lists name them.
pub(super) const FIELDS: &[&FieldDefinition] = &[
    &SUMMARY, &OUTCOME, &SPECIALTY, &LICENSURE, &YEAR, &DECIDED, &INJURED, &AGE, &SEX, &PRIORITY,
    &LAYOUT, &WARNING, &CASE, &DENIED, &RECEIVED, &ASSIGNED,
];

/// The value of `layout` of a letter that was not understood: in no known layout, or without items.
pub const UNRECOGNIZED: &str = "unrecognised";

/// The case summary.
pub static SUMMARY: FieldDefinition = FieldDefinition {
    name: "summary",
    key: "summary",
    meaning: "the clinical case summary; the whole text of a letter that was not understood",
    storage: Storage::Text {
        boost: 0.3,
        read: Reader::Letter(|letter, texts| {
            // What was not understood is found by all of its words.
            texts.push(if letter.is_recognized() {
                Text::Passage(letter.case_summary.clone())
            } else {
                Text::Whole
            });
        }),
    },
    columns: &[ColumnDefinition {
        name: "case_summary",
        label: "Case summary",
        meaning: "the clinical case summary, in one line",
        width: 80,
        place: 420,
        rows: DefaultRows::Letter,
        read: ColumnReader::LetterText(|letter| Cell::line(letter.passage(&letter.case_summary))),
    }],
    ..FieldDefinition::EMPTY
};

/// What became of the items together.
pub static OUTCOME: FieldDefinition = FieldDefinition {
    name: "outcome",
    key: "outcome",
    meaning: "upheld, overturned, or mixed over the letter's items",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let outcome = letter.outcome();
        paths.extend(outcome.map(|outcome| Path::of([outcome.name()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| {
            [Outcome::Upheld, Outcome::Overturned, Outcome::Mixed]
                .map(Outcome::name)
                .into()
        }),
        value_name: "WORD",
        help: "Outcome of the whole letter: upheld, overturned or mixed",
        subject: "the letter's outcome",
        input: Some(InputDefinition {
            label: "Whole letter",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "outcome",
        label: "Outcome",
        meaning: "what became of all items together: upheld, overturned or mixed",
        width: 11,
        place: 30,
        rows: DefaultRows::Letter,
        read: ColumnReader::Letter(|letter| letter.outcome().map(Outcome::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The reviewer's specialties.
pub static SPECIALTY: FieldDefinition =
    FieldDefinition {
        name: "specialty",
        key: "specialty",
        meaning: "the reviewer's specialties",
        storage: Storage::Facet(Reader::Letter(|letter, paths| {
            let specialties = letter.reviewer.specialties.iter();
            paths.extend(specialties.map(|specialty| {
                Path::of([Specialties::get().named(specialty).unwrap_or(specialty)])
            }));
        })),
        filter: Some(FilterDefinition {
            resolve: Resolve::Names {
                paths: names::specialty,
                names: names::specialties,
            },
            value_name: "NAME",
            help: "Reviewer's specialty (pmr, \"pain management\" ...)",
            subject: "the reviewer's specialty",
            ..FilterDefinition::EMPTY
        }),
        facet: Some(FacetDefinition {
            panel: Some(PanelDefinition {
                place: 5,
                title: "Reviewer\u{2019}s specialty",
                short: 6,
                chosen_by: "specialty",
                inside: None,
                label: ValueLabel::Plain,
            }),
            figure: Some("specialty"),
            ..FacetDefinition::PLAIN
        }),
        columns: &[ColumnDefinition {
            name: "specialties",
            label: "Specialty",
            meaning: "the reviewer's specialties",
            width: 30,
            place: 320,
            rows: DefaultRows::Both,
            read: ColumnReader::Letter(|letter| Cell::strings(&letter.reviewer.specialties)),
        }],
        ..FieldDefinition::EMPTY
    };

/// The states that license the reviewer.
pub static LICENSURE: FieldDefinition = FieldDefinition {
    name: "licensure",
    key: "licensure",
    meaning: "the states that license the reviewer",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let states = letter.reviewer.licensure.iter();
        paths.extend(states.map(|state| Path::of([state.as_str()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::state,
            names: names::state_names,
        },
        value_name: "STATE",
        help: "State that licenses the reviewer (California, TX ...)",
        subject: "the reviewer's state",
        input: Some(InputDefinition {
            label: "Licensed in",
            hint: "California",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "licensure",
        label: "Licensed in",
        meaning: "the states that license the reviewer",
        width: 14,
        place: 330,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| Cell::strings(&letter.reviewer.licensure)),
    }],
    ..FieldDefinition::EMPTY
};

/// The year of the decision.
pub static YEAR: FieldDefinition = FieldDefinition {
    name: "year",
    key: "year",
    meaning: "the year of the decision",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let year = letter.dates.decision.map(|date| date.year().to_string());
        paths.extend(year.map(|year| Path::of([year.as_str()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Year,
        value_name: "YEAR",
        help: "Year decided, or a range 2014..2016",
        subject: "the year decided",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        also_filtered_by: &["decided"],
        panel: Some(PanelDefinition {
            place: 8,
            title: "Year decided",
            short: 8,
            chosen_by: "year",
            inside: None,
            label: ValueLabel::Plain,
        }),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// The date of the decision.
pub static DECIDED: FieldDefinition = FieldDefinition {
    name: "decided",
    key: "decided",
    meaning: "the decision's date as yyyymmdd",
    storage: Storage::Number(Reader::Letter(|letter| {
        letter.dates.decision.map(|date| date.number())
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Date,
        value_name: "DATE",
        help: "Date decided: 2015, 2015-03, 2015-03-06 or a range of them",
        subject: "the date decided",
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "decided",
        label: "Decided",
        meaning: "the date of the decision",
        width: 12,
        place: 20,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.dates.decision.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of injury.
pub static INJURED: FieldDefinition = FieldDefinition {
    name: "injured",
    key: "injured",
    meaning: "the injury's date as yyyymmdd",
    storage: Storage::Number(Reader::Letter(|letter| {
        letter.dates.injury.map(|date| date.number())
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Date,
        value_name: "DATE",
        help: "Date of injury, likewise; ..2005 is up to 2005",
        subject: "the date of injury",
        input: Some(InputDefinition {
            label: "Date injured",
            hint: "2013 or ..2005",
        }),
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "injured",
        label: "Injured",
        meaning: "the date of injury",
        width: 12,
        place: 360,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.dates.injury.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The worker's age.
pub static AGE: FieldDefinition = FieldDefinition {
    name: "age",
    key: "age",
    meaning: "the injured worker's age in years",
    storage: Storage::Number(Reader::Letter(|letter| letter.patient.age.map(u64::from))),
    filter: Some(FilterDefinition {
        resolve: Resolve::Number,
        value_name: "N",
        help: "Worker's age, or a range 40..60",
        subject: "the worker's age",
        input: Some(InputDefinition {
            label: "Age",
            hint: "40..60",
        }),
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "age",
        label: "Age",
        meaning: "the injured worker's age in years",
        width: 6,
        place: 340,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.patient.age.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The worker's sex.
pub static SEX: FieldDefinition = FieldDefinition {
    name: "sex",
    key: "sex",
    meaning: "the injured worker's sex",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let sex = letter.patient.sex;
        paths.extend(sex.map(|sex| Path::of([sex.name()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| [Sex::Male, Sex::Female].map(Sex::name).into()),
        value_name: "WORD",
        help: "Worker's sex: male or female",
        subject: "the worker's sex",
        input: Some(InputDefinition {
            label: "Worker\u{2019}s sex",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "sex",
        label: "Sex",
        meaning: "the injured worker's sex",
        width: 8,
        place: 350,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.patient.sex.map(Sex::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// How urgent the review was.
pub static PRIORITY: FieldDefinition = FieldDefinition {
    name: "priority",
    key: "priority",
    meaning: "standard or expedited",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let priority = letter.priority;
        paths.extend(priority.map(|priority| Path::of([priority.name()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| {
            [Priority::Standard, Priority::Expedited]
                .map(Priority::name)
                .into()
        }),
        value_name: "WORD",
        help: "Priority of the review: standard or expedited",
        subject: "the priority",
        input: Some(InputDefinition {
            label: "Priority",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "priority",
        label: "Priority",
        meaning: "standard or expedited",
        width: 10,
        place: 370,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.priority.map(Priority::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// How the letter is laid out.
pub static LAYOUT: FieldDefinition = FieldDefinition {
    name: "layout",
    key: "layout",
    meaning: "how the letter is laid out: A, A-prose, B, C, D; unrecognised",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        paths.push(Path::of([letter
            .layout
            .filter(|_| letter.is_recognized())
            .map_or(UNRECOGNIZED, |layout| layout.name())]));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| {
            let layouts = Layout::ALL.into_iter().map(Layout::name);
            layouts.chain([UNRECOGNIZED]).collect()
        }),
        value_name: "NAME",
        help: "Layout of the letter: A, A-prose, B, C, D or unrecognised",
        subject: "the layout",
        input: Some(InputDefinition {
            label: "Layout",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "layout",
        label: "Layout",
        meaning: "how the letter is laid out: A, A-prose, B, C, D; unrecognised",
        width: 12,
        place: 380,
        rows: DefaultRows::Letter,
        read: ColumnReader::Letter(|letter| {
            letter
                .layout
                .filter(|_| letter.is_recognized())
                .map_or(UNRECOGNIZED, Layout::name)
                .into()
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// The kinds of doubt about the letter's fields.
pub static WARNING: FieldDefinition = FieldDefinition {
    name: "warning",
    key: "warning",
    meaning: "the kinds of doubt about the letter's fields",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let mut kinds: Vec<WarningKind> = letter.warnings.iter().map(|w| w.kind).collect();
        kinds.sort();
        kinds.dedup();
        paths.extend(kinds.into_iter().map(|kind| Path::of([kind.name()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| {
            WarningKind::ALL
                .into_iter()
                .map(WarningKind::name)
                .collect()
        }),
        value_name: "KIND",
        help: "Kind of doubt about the letter's fields: no-decision, contradiction ...",
        subject: "the kind of doubt",
        input: Some(InputDefinition {
            label: "Doubt",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "warnings",
        label: "Doubts",
        meaning: "the kinds of doubt about the letter's fields",
        width: 30,
        place: 440,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| {
            Cell::list(letter.warnings.iter().map(|w| w.kind.name()))
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// The case number.
pub static CASE: FieldDefinition = FieldDefinition {
    name: "case",
    key: "case_number",
    meaning: "the case number; it may repeat",
    storage: Storage::Keyword(Reader::Letter(|letter| letter.case_number.as_deref())),
    filter: Some(FilterDefinition {
        resolve: Resolve::Case,
        value_name: "NUMBER",
        help: "Case number",
        subject: "the case number",
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "case_number",
        label: "Case",
        meaning: "the case number",
        width: 16,
        place: 10,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.case_number.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of the denial.
pub static DENIED: FieldDefinition = FieldDefinition {
    name: "denied",
    meaning: "the date of the utilization review's denial",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "denied",
        label: "Denied",
        meaning: "the date of the utilization review's denial",
        width: 12,
        place: 390,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.ur_denial.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of receipt.
pub static RECEIVED: FieldDefinition = FieldDefinition {
    name: "received",
    meaning: "the date on which the application was received",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "received",
        label: "Received",
        meaning: "the date on which the application was received",
        width: 12,
        place: 400,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.received.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of assignment.
pub static ASSIGNED: FieldDefinition = FieldDefinition {
    name: "assigned",
    meaning: "the date on which the case was assigned",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "assigned",
        label: "Assigned",
        meaning: "the date on which the case was assigned",
        width: 12,
        place: 410,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.assigned.into()),
    }],
    ..FieldDefinition::EMPTY
};
