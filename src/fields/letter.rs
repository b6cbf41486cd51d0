//! The fields of a letter: who reviewed it, when it was decided, whom it is about.

use super::cell::Cell;
use super::definition::{
    CellKind, ColumnDefinition, ColumnReader, DefaultRows, FacetDefinition, FieldDefinition,
    FilterDefinition, InputDefinition, Level, PanelDefinition, Reader, Storage, Text, ValueLabel,
};
use super::names;
use super::path::Path;
use super::resolve::Resolve;
use crate::letter::reasons::themes;
use crate::letter::{Diagnosis, FinalDetermination, Layout, Outcome, Priority, Sex, WarningKind};
use crate::vocabulary::Specialties;

/// The fields of a letter, in the order in which help, briefs and lists name them.
pub(super) const FIELDS: &[&FieldDefinition] = &[
    &SUMMARY,
    &OUTCOME,
    &SPECIALTY,
    &LICENSURE,
    &YEAR,
    &DECIDED,
    &INJURED,
    &AGE,
    &AGE_BAND,
    &SEX,
    &DIAGNOSIS,
    &DIAGNOSIS_REGION,
    &PRIOR_TREATMENT,
    &MECHANISM,
    &WORK_STATUS,
    &UR_REASON,
    &DAYS,
    &PRIORITY,
    &LAYOUT,
    &WARNING,
    &DOCUMENT,
    &CASE,
    &CLAIM_NUMBER,
    &EMPLOYEE,
    &PROVIDER,
    &CLAIMS_ADMINISTRATOR,
    &PARTIES,
    &FINAL_DETERMINATION,
    &DISPUTED,
    &DOCUMENTS,
    &DENIED,
    &RECEIVED,
    &ASSIGNED,
];

/// The value of `layout` of a letter that was not understood: in no known layout, or without items.
pub const UNRECOGNIZED: &str = "unrecognized";

/// The case summary.
pub static SUMMARY: FieldDefinition = FieldDefinition {
    name: "summary",
    key: "summary",
    meaning: "the clinical case summary; the whole text of a letter that was not understood",
    read_from: "the clinical case summary",
    storage: Storage::Text {
        boost: 0.3,
        named_only: false,
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
        kind: CellKind::Text,
        place: 420,
        rows: DefaultRows::Letter,
        read: ColumnReader::LetterText(|letter| Cell::line(letter.passage(&letter.case_summary))),
    }],
    ..FieldDefinition::EMPTY
};

/// What became of the items together.
pub(super) static OUTCOME: FieldDefinition = FieldDefinition {
    name: "outcome",
    key: "outcome",
    meaning: "upheld, overturned, or mixed over the letter's items",
    read_from: "the decisions of all items",
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
        rare: true,
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
        meaning: "the decisions on all items together: upheld, overturned or mixed",
        width: 11,
        kind: CellKind::Text,
        place: 30,
        rows: DefaultRows::Letter,
        read: ColumnReader::Letter(|letter| letter.outcome().map(Outcome::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The reviewer's specialties.
pub(super) static SPECIALTY: FieldDefinition =
    FieldDefinition {
        name: "specialty",
        key: "specialty",
        meaning: "the reviewer's specialties",
        read_from: "the reviewer's credentials",
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
            kind: CellKind::List,
            place: 320,
            rows: DefaultRows::Both,
            read: ColumnReader::Letter(|letter| Cell::strings(&letter.reviewer.specialties)),
        }],
        ..FieldDefinition::EMPTY
    };

/// The states that license the reviewer.
pub(super) static LICENSURE: FieldDefinition = FieldDefinition {
    name: "licensure",
    key: "licensure",
    meaning: "the states that license the reviewer",
    read_from: "the reviewer's credentials",
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
        rare: true,
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
        kind: CellKind::List,
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
    read_from: "the header",
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
        panel: Some(PanelDefinition {
            place: 8,
            title: "Year decided",
            short: 8,
            inside: None,
            label: ValueLabel::Plain,
        }),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// The date of the decision.
pub(super) static DECIDED: FieldDefinition = FieldDefinition {
    name: "decided",
    key: "decided",
    meaning: "the decision's date as yyyymmdd",
    read_from: "the header",
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
        kind: CellKind::Date,
        place: 20,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.dates.decision.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of injury.
pub(super) static INJURED: FieldDefinition = FieldDefinition {
    name: "injured",
    key: "injured",
    meaning: "the injury's date as yyyymmdd",
    read_from: "the header, else the case summary",
    storage: Storage::Number(Reader::Letter(|letter| {
        letter.dates.injury.map(|date| date.number())
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Date,
        value_name: "DATE",
        help: "Date of injury, in the same forms; ..2005 is up to 2005",
        subject: "the date of injury",
        rare: true,
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
        kind: CellKind::Date,
        place: 360,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.dates.injury.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The worker's age.
pub(super) static AGE: FieldDefinition = FieldDefinition {
    name: "age",
    key: "age",
    meaning: "the injured worker's age in years",
    read_from: "the case summary",
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
        kind: CellKind::Number,
        place: 340,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.patient.age.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The worker's sex.
pub(super) static SEX: FieldDefinition = FieldDefinition {
    name: "sex",
    key: "sex",
    meaning: "the injured worker's sex",
    read_from: "the case summary",
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
        kind: CellKind::Text,
        place: 350,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.patient.sex.map(Sex::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// How urgent the review was.
pub(super) static PRIORITY: FieldDefinition = FieldDefinition {
    name: "priority",
    key: "priority",
    meaning: "standard or expedited",
    read_from: "the header",
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
        rare: true,
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
        kind: CellKind::Text,
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
    meaning: "how the letter is laid out: A, A-prose, B, C, D; unrecognized",
    read_from: "the whole text",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        if letter.document_kind.is_none() {
            paths.push(Path::of([letter
                .layout
                .filter(|_| letter.is_recognized())
                .map_or(UNRECOGNIZED, |layout| layout.name())]));
        }
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| {
            let layouts = Layout::ALL.into_iter().map(Layout::name);
            layouts.chain([UNRECOGNIZED]).collect()
        }),
        value_name: "NAME",
        help: "Layout of the letter: A, A-prose, B, C, D or unrecognized",
        subject: "the layout",
        rare: true,
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
        meaning: "how the letter is laid out: A, A-prose, B, C, D; unrecognized",
        width: 12,
        kind: CellKind::Text,
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
    meaning: "the kinds of warning about the letter's fields",
    read_from: "the whole text",
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
        help: "Kind of warning about the letter's fields: no-decision, contradiction ...",
        subject: "the kind of warning",
        rare: true,
        input: Some(InputDefinition {
            label: "Warning",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "warnings",
        label: "Warnings",
        meaning: "the kinds of warning about the letter's fields",
        width: 30,
        kind: CellKind::List,
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
    read_from: "the header, else the text",
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
        kind: CellKind::Text,
        place: 10,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| letter.case_number.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of the denial.
pub(super) static DENIED: FieldDefinition = FieldDefinition {
    name: "denied",
    meaning: "the date of the utilization review's denial",
    read_from: "the header",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "denied",
        label: "Denied",
        meaning: "the date of the utilization review's denial",
        width: 12,
        kind: CellKind::Date,
        place: 390,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.ur_denial.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of receipt.
pub(super) static RECEIVED: FieldDefinition = FieldDefinition {
    name: "received",
    meaning: "the date on which the application was received",
    read_from: "the header",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "received",
        label: "Received",
        meaning: "the date on which the application was received",
        width: 12,
        kind: CellKind::Date,
        place: 400,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.received.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The date of assignment.
pub(super) static ASSIGNED: FieldDefinition = FieldDefinition {
    name: "assigned",
    meaning: "the date on which the case was assigned",
    read_from: "the header",
    storage: Storage::Unstored(Level::Letter),
    columns: &[ColumnDefinition {
        name: "assigned",
        label: "Assigned",
        meaning: "the date on which the case was assigned",
        width: 12,
        kind: CellKind::Date,
        place: 410,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.dates.assigned.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// What the worker has: region or system, then condition.
pub static DIAGNOSIS: FieldDefinition = FieldDefinition {
    name: "diagnosis",
    key: "diagnosis",
    meaning: "what the worker has: region or system, then condition: /wrist/carpal tunnel syndrome",
    read_from: "the case summary and the rationales, by index-schema/diagnoses.tsv",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let diagnoses = letter.diagnoses.iter().map(Diagnosis::path);
        paths.extend(diagnoses.map(|path| Path::of(path.iter().map(String::as_str))));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("diagnosis", typed, held),
            names: |held| names::held_values("diagnosis", held),
        },
        value_name: "NAME",
        help: "Diagnosis: \"carpal tunnel syndrome\", radiculopathy, or a region",
        subject: "a diagnosis",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        figure: Some("diagnosis"),
        ..FacetDefinition::PLAIN
    }),
    columns: &[ColumnDefinition {
        name: "diagnoses",
        label: "Diagnoses",
        meaning: "what the case summary says that the worker has",
        width: 40,
        kind: CellKind::List,
        place: 362,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| {
            Cell::list(letter.diagnoses.iter().map(|d| d.name.as_str()))
        }),
    }],
    alike: true,
    ..FieldDefinition::EMPTY
};

/// The regions or systems of the diagnoses.
pub(super) static DIAGNOSIS_REGION: FieldDefinition = FieldDefinition {
    name: "diagnosis-region",
    meaning: "the region or system of a diagnosis: low back, mental health",
    read_from: "the case summary and the rationales, by index-schema/diagnosis_regions.tsv",
    storage: Storage::LevelOf(&DIAGNOSIS),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("diagnosis", typed, held),
            names: |held| names::held_values("diagnosis", held),
        },
        value_name: "NAME",
        help: "Region or system of a diagnosis",
        subject: "the region of a diagnosis",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 10,
            title: "Diagnosis",
            short: 6,
            inside: Some("diagnosis"),
            label: ValueLabel::Words,
        }),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// What the worker already had for this injury.
pub(super) static PRIOR_TREATMENT: FieldDefinition = FieldDefinition {
    name: "prior-treatment",
    key: "prior_treatment",
    meaning: "the services that the worker already had for this injury",
    read_from: "the case summary, by index-schema/prior_treatments.tsv",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let prior = letter.prior_treatments.iter();
        paths.extend(prior.map(|prior| Path::of([prior.service.as_str()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("prior_treatment", typed, held),
            names: |held| names::held_values("prior_treatment", held),
        },
        value_name: "NAME",
        help: "Service that the worker already had: \"physical therapy\" ...",
        subject: "a prior treatment",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 11,
            title: "Prior treatment",
            short: 5,
            inside: None,
            label: ValueLabel::Plain,
        }),
        ..FacetDefinition::PLAIN
    }),
    columns: &[ColumnDefinition {
        name: "prior_treatments",
        label: "Prior treatments",
        meaning: "the services that the worker already had for this injury",
        width: 40,
        kind: CellKind::List,
        place: 364,
        rows: DefaultRows::Both,
        read: ColumnReader::Letter(|letter| {
            Cell::list(letter.prior_treatments.iter().map(|p| p.service.as_str()))
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// How the worker was hurt.
pub(super) static MECHANISM: FieldDefinition = FieldDefinition {
    name: "mechanism",
    key: "injury_mechanism",
    meaning: "how the worker was hurt: fall, lifting or carrying",
    read_from: "the case summary, by index-schema/injury_mechanisms.tsv",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.injury_mechanism.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("injury_mechanism", typed, held),
            names: |held| names::held_values("injury_mechanism", held),
        },
        value_name: "NAME",
        help: "How the worker was hurt: fall, \"motor vehicle accident\" ...",
        subject: "the mechanism of injury",
        rare: true,
        input: Some(InputDefinition {
            label: "Mechanism of injury",
            hint: "",
        }),
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "injury_mechanism",
        label: "Mechanism of injury",
        meaning: "how the worker was hurt: fall, lifting or carrying",
        width: 20,
        kind: CellKind::Text,
        place: 366,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.injury_mechanism.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Whether the worker works.
pub static WORK_STATUS: FieldDefinition = FieldDefinition {
    name: "work-status",
    key: "work_status",
    meaning: "whether the worker works: modified duty, not working",
    read_from: "the case summary, by index-schema/work_statuses.tsv",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.work_status.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("work_status", typed, held),
            names: |held| names::held_values("work_status", held),
        },
        value_name: "NAME",
        help: "Work status: \"modified duty\", \"not working\" ...",
        subject: "the work status",
        rare: true,
        input: Some(InputDefinition {
            label: "Work status",
            hint: "",
        }),
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "work_status",
        label: "Work status",
        meaning: "whether the worker works: modified duty, not working",
        width: 20,
        kind: CellKind::Text,
        place: 367,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.work_status.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The worker's age in bands of ten years.
pub(super) static AGE_BAND: FieldDefinition = FieldDefinition {
    name: "age-band",
    key: "age_band",
    meaning: "the worker's age in bands of ten years: 40 to 49",
    read_from: "the case summary",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.age_band();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("age_band", typed, held),
            names: |held| names::held_values("age_band", held),
        },
        value_name: "NAME",
        help: "Worker's age in a band: \"40 to 49\" ...",
        subject: "the worker's age band",
        rare: true,
        input: Some(InputDefinition {
            label: "Age band",
            hint: "",
        }),
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "age_band",
        label: "Age band",
        meaning: "the worker's age in bands of ten years: 40 to 49",
        width: 20,
        kind: CellKind::Text,
        place: 345,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.age_band().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Why utilization review denied the requests.
pub(super) static UR_REASON: FieldDefinition = FieldDefinition {
    name: "ur-reason",
    key: "ur_reason",
    meaning: "why utilization review denied the requests, as themes",
    read_from: "the case summary, by index-schema/reasons.tsv",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let reasons = letter.ur_reasons.iter();
        paths.extend(reasons.map(|reason| Path::of([reason.theme.as_str()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| themes().iter().map(|theme| theme.name).collect()),
        help: "Why utilization review denied: documentation, evidence ...",
        subject: "a reason of the denial",
        rare: true,
        input: Some(InputDefinition {
            label: "Reason of the denial",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "ur_reasons",
        label: "Reasons of the denial",
        meaning: "why utilization review denied the requests, as themes",
        width: 30,
        kind: CellKind::List,
        place: 368,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| {
            Cell::list(letter.ur_reasons.iter().map(|r| r.theme.as_str()))
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// Days from the denial to the decision.
pub(super) static DAYS: FieldDefinition = FieldDefinition {
    name: "days",
    key: "days_to_decision",
    meaning: "days from the denial to the decision",
    read_from: "the header",
    storage: Storage::Number(Reader::Letter(|letter| {
        letter.days_to_decision().map(u64::from)
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Number,
        value_name: "N",
        help: "Days from the denial to the decision, or a range 30..60",
        subject: "the number of days from denial to decision",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "days_to_decision",
        label: "Days",
        meaning: "days from the denial to the decision",
        width: 8,
        kind: CellKind::Number,
        place: 415,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.days_to_decision().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The claim number.
pub(super) static CLAIM_NUMBER: FieldDefinition = FieldDefinition {
    name: "claim-number",
    key: "claim_number",
    meaning: "the claim number",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.claim_number.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::claim_number,
            names: |held| names::held_values("claim_number", held),
        },
        help: "Claim number, in mailed letters",
        subject: "the claim number",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "claim_number",
        label: "Claim",
        meaning: "the claim number, in mailed letters",
        width: 20,
        kind: CellKind::Text,
        place: 12,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.claim_number.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The injured worker by name.
pub(super) static EMPLOYEE: FieldDefinition = FieldDefinition {
    name: "employee",
    key: "employee",
    meaning: "the employee's name",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.employee.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::employee,
            names: |held| names::held_values("employee", held),
        },
        help: "Employee's name, in mailed letters",
        subject: "the employee's name",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "employee",
        label: "Employee",
        meaning: "the employee's name, in mailed letters",
        width: 20,
        kind: CellKind::Text,
        place: 14,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.employee.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Who asked for the treatment.
pub(super) static PROVIDER: FieldDefinition = FieldDefinition {
    name: "provider",
    key: "provider",
    meaning: "the provider's name",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.provider.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("provider", typed, held),
            names: |held| names::held_values("provider", held),
        },
        help: "Provider's name, in mailed letters",
        subject: "the provider's name",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "provider",
        label: "Provider",
        meaning: "the provider's name, in mailed letters",
        width: 20,
        kind: CellKind::Text,
        place: 16,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.provider.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Who administers the claim.
pub(super) static CLAIMS_ADMINISTRATOR: FieldDefinition = FieldDefinition {
    name: "claims-administrator",
    key: "claims_administrator",
    meaning: "the claims administrator's name",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let value = letter.claims_administrator.as_deref();
        paths.extend(value.map(|value| Path::of([value])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: |typed, held| names::held_value("claims_administrator", typed, held),
            names: |held| names::held_values("claims_administrator", held),
        },
        help: "Claims administrator's name, in mailed letters",
        subject: "the claims administrator's name",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    columns: &[ColumnDefinition {
        name: "claims_administrator",
        label: "Claims administrator",
        meaning: "the claims administrator's name, in mailed letters",
        width: 20,
        kind: CellKind::Text,
        place: 18,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.claims_administrator.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// By which number and names an office knows the case, as words.
pub(super) static PARTIES: FieldDefinition = FieldDefinition {
    name: "parties",
    key: "parties",
    meaning: "the names and the claim number of a mailed letter, as words",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Text {
        boost: 1.0,
        named_only: false,
        read: Reader::Letter(|letter, texts| {
            let parties = [
                &letter.employee,
                &letter.provider,
                &letter.claims_administrator,
                &letter.claim_number,
            ];
            texts.extend(
                parties
                    .into_iter()
                    .flatten()
                    .map(|name| Text::Printed(name)),
            );
        }),
    },
    ..FieldDefinition::EMPTY
};

/// How the cover page sums up the decisions.
pub(super) static FINAL_DETERMINATION: FieldDefinition = FieldDefinition {
    name: "final-determination",
    key: "final_determination",
    query_names: &["determination"],
    meaning: "how the cover page sums up the decisions: upheld, overturned, partially-overturned",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let determination = letter.final_determination;
        paths.extend(determination.map(|determination| Path::of([determination.name()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| FinalDetermination::ALL.map(FinalDetermination::name).into()),
        value_name: "WORD",
        help: "Determination on the cover page: upheld, overturned or partially-overturned",
        subject: "the determination on the cover page",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "final_determination",
        label: "Final determination",
        meaning: "how the cover page of a mailed letter sums up the decisions",
        width: 20,
        kind: CellKind::Text,
        place: 32,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| {
            letter
                .final_determination
                .map(FinalDetermination::name)
                .into()
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// The treatments that the application for review listed.
pub(super) static DISPUTED: FieldDefinition = FieldDefinition {
    name: "treatments-in-dispute",
    key: "treatments_in_dispute",
    query_names: &["disputed"],
    meaning: "the treatments in dispute as the application listed them",
    read_from: "the cover page of a mailed letter",
    storage: Storage::Text {
        boost: 1.0,
        // A treatment on the list is not what one item requests.
        named_only: true,
        read: Reader::Letter(|letter, texts| {
            texts.extend(letter.treatments_in_dispute.as_deref().map(Text::Printed));
        }),
    },
    columns: &[ColumnDefinition {
        name: "treatments_in_dispute",
        label: "Treatments in dispute",
        meaning: "the treatments in dispute as the application listed them, in mailed letters",
        width: 50,
        kind: CellKind::Text,
        place: 34,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.treatments_in_dispute.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The documents that the reviewer had.
pub(super) static DOCUMENTS: FieldDefinition = FieldDefinition {
    name: "documents-reviewed",
    key: "documents_reviewed",
    query_names: &["documents"],
    meaning: "the documents reviewed, as listed",
    read_from: "the documents reviewed",
    storage: Storage::Text {
        boost: 1.0,
        // That a report was sent in says nothing of an item.
        named_only: true,
        read: Reader::Letter(|letter, texts| {
            if !letter.documents_reviewed.is_empty() {
                texts.push(Text::Passage(letter.documents_reviewed.clone()));
            }
        }),
    },
    columns: &[ColumnDefinition {
        name: "documents_reviewed",
        label: "Documents reviewed",
        meaning: "the documents reviewed, in one line",
        width: 50,
        kind: CellKind::Text,
        place: 425,
        rows: DefaultRows::None,
        read: ColumnReader::LetterText(|letter| {
            Cell::line(letter.passage(&letter.documents_reviewed))
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// The value of `document` above all kinds of documents that are no letters.
pub const OTHER: &str = "other";

/// What kind of document it is, if it is no letter.
pub static DOCUMENT: FieldDefinition = FieldDefinition {
    name: "document",
    key: "document",
    meaning: "what kind of document it is, if it is not a letter; empty for a letter",
    read_from: "the whole text",
    storage: Storage::Facet(Reader::Letter(|letter, paths| {
        let kind = letter.document_kind.as_deref();
        let without_article = |kind: &str| {
            let bare = kind.strip_prefix("a ").or_else(|| kind.strip_prefix("an "));
            bare.unwrap_or(kind).to_string()
        };
        paths.extend(kind.map(|kind| Path::of([OTHER, &without_article(kind)])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            // "other" is known without an index that holds any.
            paths: |typed, held| match typed.trim() {
                OTHER => Ok(vec![Path::of([OTHER])]),
                typed => names::held_value("document", typed, held),
            },
            names: |held| names::held_values("document", held),
        },
        value_name: "KIND",
        help: "Search documents that are not letters (index --other): other, or words of a kind",
        subject: "the kind of document",
        rare: true,
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        ..FacetDefinition::PLAIN
    }),
    columns: &[ColumnDefinition {
        name: "document",
        label: "Document",
        meaning: "what kind of document it is, if it is not a letter",
        width: 30,
        kind: CellKind::Text,
        place: 405,
        rows: DefaultRows::None,
        read: ColumnReader::Letter(|letter| letter.document_kind.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};
