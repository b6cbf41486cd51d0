//! The fields of an item: what is requested, how it was decided, what was cited.

use super::cell::Cell;
use super::definition::{
    CellKind, ColumnDefinition, ColumnReader, DefaultRows, FacetDefinition, FieldDefinition,
    FilterDefinition, InputDefinition, Level, PanelDefinition, Reader, Storage, Text, ValueLabel,
};
use super::names;
use super::path::Path;
use super::resolve::Resolve;
use crate::letter::{Citation, Decision, Laterality, Reason, Side, page_ranges};
use crate::vocabulary::Services;

/// Below a decision's value: the denial fell in part only.
pub const IN_PART: &str = "in part";

/// The fields of an item, in the order in which help, briefs and lists name them.
pub(super) const FIELDS: &[&FieldDefinition] = &[
    &REQUEST,
    &RATIONALE,
    &GUIDELINES,
    &DRUG,
    &CLASS,
    &TREATMENT,
    &SERVICE,
    &BODY_PART,
    &GUIDELINE,
    &GUIDELINE_REVIEWER,
    &GUIDELINE_ADMINISTRATOR,
    &SOURCE,
    &PAGE,
    &CITED_BY,
    &DECISION,
    &REASON,
    &RETROSPECTIVE,
    &LATERALITY,
    &VISITS,
    &CODES,
    &ORIGINAL_REQUEST,
    &AUTHORIZED,
];

/// What the item asks for, and what it is the rest of.
pub static REQUEST: FieldDefinition = FieldDefinition {
    name: "request",
    key: "request",
    query_names: &["item"],
    meaning: "what the item asks for, as printed",
    read_from: "the item's heading",
    storage: Storage::Text {
        boost: 1.0,
        named_only: false,
        read: Reader::Item(|_, item, texts| {
            texts.push(Text::Printed(&item.request));
            texts.extend(item.original_request.as_deref().map(Text::Printed));
        }),
    },
    columns: &[ColumnDefinition {
        name: "request",
        label: "Request",
        meaning: "what the item asks for, as printed",
        width: 50,
        kind: CellKind::Text,
        place: 90,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| item.request.as_str().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The reviewer's rationale.
pub static RATIONALE: FieldDefinition = FieldDefinition {
    name: "rationale",
    key: "rationale",
    meaning: "why the reviewer decided this way, without standard notices",
    read_from: "the decision rationale, without index-schema/standard_notices.tsv",
    storage: Storage::Text {
        boost: 1.0,
        named_only: false,
        read: Reader::Item(|letter, item, texts| {
            let own = letter.own_rationale_ranges(item).into_iter();
            texts.extend(own.map(Text::Passage));
        }),
    },
    columns: &[ColumnDefinition {
        name: "rationale",
        label: "Rationale",
        meaning: "why the reviewer decided this way, in one line",
        width: 80,
        kind: CellKind::Text,
        place: 430,
        rows: DefaultRows::Item,
        read: ColumnReader::ItemText(|letter, item| Cell::line(letter.passage(&item.rationale))),
    }],
    ..FieldDefinition::EMPTY
};

/// The guidelines as words.
pub(super) static GUIDELINES: FieldDefinition = FieldDefinition {
    name: "guidelines",
    key: "guidelines",
    meaning: "the guidelines that both sides relied on, as printed",
    read_from: "both sides' guideline paragraphs",
    storage: Storage::Text {
        boost: 1.0,
        named_only: false,
        read: Reader::Item(|_, item, texts| {
            let sides = [&item.claims_administrator, &item.reviewer];
            let cites = |side: &&Side| !side.text.is_empty() && !side.citations.is_empty();
            let sides = sides.into_iter().filter(cites);
            texts.extend(sides.map(|side| Text::Printed(&side.text)));
        }),
    },
    ..FieldDefinition::EMPTY
};

/// The drugs requested.
pub static DRUG: FieldDefinition = FieldDefinition {
    name: "drug",
    key: "drug",
    meaning: "class, then generic: /opioid analgesic/acetaminophen-hydrocodone",
    read_from: "the item's heading, by index-schema/drugs.tsv",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        let drugs = item.drugs.iter();
        paths.extend(drugs.map(|drug| Path::of([drug.class.as_str(), &drug.name])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::drug,
            names: names::drugs,
        },
        value_name: "NAME",
        help: "Drug requested: brand, generic or class (norco, hydrocodone, opioid)",
        subject: "the drug",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        figure: Some("drug"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    columns: &[
        ColumnDefinition {
            name: "drugs",
            label: "Drugs",
            meaning: "the drugs requested, by generic name",
            width: 30,
            kind: CellKind::List,
            place: 120,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| {
                Cell::list(item.drugs.iter().map(|drug| drug.name.as_str()))
            }),
        },
        ColumnDefinition {
            name: "strength",
            label: "Strength",
            meaning: "their strengths, as printed",
            width: 14,
            kind: CellKind::List,
            place: 140,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| {
                Cell::list(
                    item.drugs
                        .iter()
                        .filter_map(|drug| drug.strength.as_deref()),
                )
            }),
        },
        ColumnDefinition {
            name: "form",
            label: "Form",
            meaning: "their dose forms",
            width: 10,
            kind: CellKind::List,
            place: 150,
            rows: DefaultRows::None,
            read: ColumnReader::Item(|item| {
                Cell::list(item.drugs.iter().filter_map(|drug| drug.form.as_deref()))
            }),
        },
        ColumnDefinition {
            name: "quantity",
            label: "Quantity",
            meaning: "how many tablets, patches and so on",
            width: 9,
            kind: CellKind::Number,
            place: 160,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| {
                item.drugs.iter().find_map(|drug| drug.quantity).into()
            }),
        },
        ColumnDefinition {
            name: "refills",
            label: "Refills",
            meaning: "how many refills",
            width: 8,
            kind: CellKind::Number,
            place: 170,
            rows: DefaultRows::None,
            read: ColumnReader::Item(|item| item.drugs.iter().find_map(|drug| drug.refills).into()),
        },
    ],
    ..FieldDefinition::EMPTY
};

/// The classes of the drugs requested.
pub(super) static CLASS: FieldDefinition = FieldDefinition {
    name: "class",
    meaning: "the class of a drug requested: opioid analgesic",
    read_from: "the item's heading, by index-schema/drug_classes.tsv",
    storage: Storage::LevelOf(&DRUG),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::class,
            names: names::classes,
        },
        value_name: "NAME",
        help: "Class of a drug requested: opioid, NSAID, muscle relaxant ...",
        subject: "the class of drug",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 2,
            title: "Drug",
            short: 6,
            inside: Some("drug"),
            label: ValueLabel::Plain,
        }),
        figure: Some("drug class"),
        ..FacetDefinition::PLAIN
    }),
    columns: &[ColumnDefinition {
        name: "drug_classes",
        label: "Classes",
        meaning: "their classes",
        width: 24,
        kind: CellKind::List,
        place: 130,
        rows: DefaultRows::None,
        read: ColumnReader::Item(|item| {
            let mut classes: Vec<&str> = item.drugs.iter().map(|d| d.class.as_str()).collect();
            classes.sort_unstable();
            classes.dedup();
            Cell::list(classes)
        }),
    }],
    ..FieldDefinition::EMPTY
};

/// What kinds of thing are requested: category, then service.
pub static TREATMENT: FieldDefinition = FieldDefinition {
    name: "treatment",
    key: "treatment",
    meaning: "the kind of treatment, then the service: /imaging/MRI",
    read_from: "the item's heading, by index-schema/services.tsv",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        for name in &item.services {
            let category = Services::get().named(name).map(|service| service.treatment);
            let category = category.unwrap_or(item.treatment.as_str());
            paths.push(Path::of([category, name]));
        }
        if paths.is_empty() {
            paths.push(Path::of([item.treatment.as_str()]));
        }
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::treatment,
            names: names::treatments,
        },
        help: "Kind of treatment or service: imaging, surgery, acupuncture, mri ...",
        subject: "the treatment",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 3,
            title: "Treatment",
            short: 6,
            inside: Some("service"),
            label: ValueLabel::Words,
        }),
        figure: Some("treatment"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    columns: &[ColumnDefinition {
        name: "treatment",
        label: "Treatment",
        meaning: "the kind of treatment",
        width: 16,
        kind: CellKind::Text,
        place: 180,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| item.treatment.as_str().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// The services requested, one level below the category.
pub static SERVICE: FieldDefinition = FieldDefinition {
    name: "service",
    meaning: "the services that the request asks for, below their category: imaging/MRI",
    read_from: "the item's heading, by index-schema/service_phrases.tsv",
    storage: Storage::LevelOf(&TREATMENT),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::treatment,
            names: names::services,
        },
        help: "Service requested: mri, acupuncture, \"epidural steroid injection\" ...",
        subject: "the service",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        figure: Some("service"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    columns: &[ColumnDefinition {
        name: "service",
        label: "Service",
        meaning: "the services requested, one level below the kind of treatment",
        width: 24,
        kind: CellKind::List,
        place: 185,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| Cell::strings(&item.services)),
    }],
    ..FieldDefinition::EMPTY
};

/// The parts of the body requested for.
pub static BODY_PART: FieldDefinition = FieldDefinition {
    name: "body-part",
    key: "body_part",
    query_names: &["body", "body_part", "bodypart"],
    meaning: "the parts of the body that the request names",
    read_from: "the item's heading, by index-schema/body_parts.tsv",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        let parts = item.body_parts.iter();
        paths.extend(parts.map(|part| Path::of([part.as_str()])));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::body_part,
            names: names::body_parts,
        },
        value_name: "NAME",
        help: "Body part that the request names: knee, low-back, lumbar ...",
        subject: "the body part",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 4,
            title: "Body part",
            short: 6,
            inside: None,
            label: ValueLabel::Words,
        }),
        figure: Some("body part"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    columns: &[ColumnDefinition {
        name: "body_parts",
        label: "Body parts",
        meaning: "the parts of the body that the request names",
        width: 20,
        kind: CellKind::List,
        place: 190,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| Cell::strings(&item.body_parts)),
    }],
    ..FieldDefinition::EMPTY
};

/// The guidelines that either side cites.
pub static GUIDELINE: FieldDefinition = FieldDefinition {
    name: "guideline",
    key: "guideline",
    meaning: "source, title, page of every guideline cited by either side: \
              /MTUS/Chronic Pain Medical Treatment/78",
    read_from: "both sides' guideline paragraphs",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        cited(&item.reviewer, paths);
        cited(&item.claims_administrator, paths);
        paths.sort();
        paths.dedup();
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::guideline,
            names: names::guidelines,
        },
        value_name: "NAME",
        help: "Guideline cited: MTUS, ODG, \"chronic pain\", \"low back\" ...",
        subject: "the guideline cited",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        panel: Some(PanelDefinition {
            place: 6,
            title: "Guideline cited",
            short: 6,
            inside: None,
            label: ValueLabel::Title,
        }),
        figure: Some("guideline"),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// The guidelines that the reviewer cites.
pub static GUIDELINE_REVIEWER: FieldDefinition = FieldDefinition {
    name: "guideline-reviewer",
    key: "guideline_reviewer",
    meaning: "as guideline, cited by the reviewer",
    read_from: "the reviewer's guideline paragraph",
    storage: Storage::Path(Reader::Item(|item, paths| cited(&item.reviewer, paths))),
    columns: &[
        ColumnDefinition {
            name: "guidelines_reviewer",
            label: "Guidelines, reviewer",
            meaning: "the guidelines that the reviewer cited",
            width: 40,
            kind: CellKind::List,
            place: 250,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| citations(&item.reviewer, titled)),
        },
        ColumnDefinition {
            name: "pages_reviewer",
            label: "Pages, reviewer",
            meaning: "the MTUS pages that the reviewer cited",
            width: 14,
            kind: CellKind::Text,
            place: 260,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| page_ranges(&item.reviewer.pages()).into()),
        },
        ColumnDefinition {
            name: "citations_reviewer",
            label: "Citations, reviewer",
            meaning: "the reviewer's citations, each with its sections and pages",
            width: 60,
            kind: CellKind::List,
            place: 270,
            rows: DefaultRows::None,
            read: ColumnReader::Item(|item| citations(&item.reviewer, in_full)),
        },
        ColumnDefinition {
            name: "guideline_pages",
            label: "Guideline pages",
            meaning: "the reviewer's guidelines, each with its pages",
            width: 40,
            kind: CellKind::List,
            place: 310,
            rows: DefaultRows::None,
            read: ColumnReader::Item(|item| citations(&item.reviewer, paged)),
        },
    ],
    ..FieldDefinition::EMPTY
};

/// The guidelines that the claims administrator cites.
pub static GUIDELINE_ADMINISTRATOR: FieldDefinition = FieldDefinition {
    name: "guideline-administrator",
    key: "guideline_administrator",
    meaning: "as guideline, cited by the claims administrator",
    read_from: "the claims administrator's guideline paragraph",
    storage: Storage::Path(Reader::Item(|item, paths| {
        cited(&item.claims_administrator, paths);
    })),
    columns: &[
        ColumnDefinition {
            name: "guidelines_administrator",
            label: "Guidelines, administrator",
            meaning: "the guidelines that the claims administrator cited",
            width: 40,
            kind: CellKind::List,
            place: 280,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| citations(&item.claims_administrator, titled)),
        },
        ColumnDefinition {
            name: "pages_administrator",
            label: "Pages, administrator",
            meaning: "the MTUS pages that the claims administrator cited",
            width: 14,
            kind: CellKind::Text,
            place: 290,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| page_ranges(&item.claims_administrator.pages()).into()),
        },
        ColumnDefinition {
            name: "citations_administrator",
            label: "Citations, administrator",
            meaning: "the claims administrator's citations, each with its sections and pages",
            width: 60,
            kind: CellKind::List,
            place: 300,
            rows: DefaultRows::None,
            read: ColumnReader::Item(|item| citations(&item.claims_administrator, in_full)),
        },
    ],
    ..FieldDefinition::EMPTY
};

/// Where the guidelines cited come from.
pub(super) static SOURCE: FieldDefinition = FieldDefinition {
    name: "source",
    meaning: "where a guideline cited comes from: MTUS, ODG, ACOEM, other",
    read_from: "both sides' guideline paragraphs",
    storage: Storage::LevelOf(&GUIDELINE),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::source,
            names: names::sources,
        },
        value_name: "NAME",
        help: "Source of a guideline cited: MTUS, ODG, ACOEM or other",
        subject: "the source of a guideline cited",
        rare: true,
        input: Some(InputDefinition {
            label: "Source cited",
            hint: "MTUS",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition::PLAIN),
    ..FieldDefinition::EMPTY
};

/// The pages of the guidelines cited.
pub static PAGE: FieldDefinition = FieldDefinition {
    name: "page",
    meaning: "a page of a guideline cited by either side",
    read_from: "both sides' guideline paragraphs",
    storage: Storage::LevelOf(&GUIDELINE),
    filter: Some(FilterDefinition {
        resolve: Resolve::Page(names::page),
        value_name: "N",
        help: "MTUS page cited (78 is in 74-96), or a range 78..80",
        subject: "the page cited",
        input: Some(InputDefinition {
            label: "MTUS page",
            hint: "78 or 74..96",
        }),
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 3,
        panel: Some(PanelDefinition {
            place: 7,
            title: "Guideline page",
            short: 5,
            inside: None,
            label: ValueLabel::Page,
        }),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// Which side the filters `guideline` and `page` are about.
pub static CITED_BY: FieldDefinition = FieldDefinition {
    name: "cited-by",
    meaning: "the side that cites guideline and page: reviewer or administrator",
    read_from: "both sides' guideline paragraphs",
    storage: Storage::Unstored(Level::Item),
    filter: Some(FilterDefinition {
        resolve: Resolve::Side,
        value_name: "SIDE",
        help: "Who cited the guideline or page: reviewer or administrator",
        subject: "the side that cites it",
        input: Some(InputDefinition {
            label: "Cited by",
            hint: "",
        }),
        ..FilterDefinition::EMPTY
    }),
    ..FieldDefinition::EMPTY
};

/// What became of the denial.
pub static DECISION: FieldDefinition = FieldDefinition {
    name: "decision",
    key: "decision",
    meaning: "upheld or overturned: the decision on the denial; /overturned/in part if overturned \
              only in part",
    read_from: "the item's heading",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        if let Some(decision) = item.decision {
            let depth = if item.partial { 2 } else { 1 };
            let path = [decision.name(), IN_PART];
            paths.push(Path::of(path.into_iter().take(depth)));
        }
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::decision,
            names: names::decisions,
        },
        value_name: "WORD",
        help: "Decision on the denial: upheld or overturned",
        subject: "the decision",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 1,
            title: "Decision",
            short: 4,
            inside: None,
            label: ValueLabel::Words,
        }),
        ..FacetDefinition::PLAIN
    }),
    columns: &[
        ColumnDefinition {
            name: "decision",
            label: "Decision",
            meaning: "upheld or overturned: the decision on the denial",
            width: 11,
            kind: CellKind::Text,
            place: 100,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| item.decision.map(Decision::name).into()),
        },
        ColumnDefinition {
            name: "partial",
            label: "In part",
            meaning: "yes if the denial was overturned only in part",
            width: 8,
            kind: CellKind::Flag,
            place: 110,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| Cell::Flag(item.partial)),
        },
    ],
    ..FieldDefinition::EMPTY
};

/// Source, title, page: one path for each page that a side cites, else for the title, else for the
/// source.
fn cited(side: &Side, paths: &mut Vec<Path>) {
    for Citation {
        source,
        title,
        pages,
        ..
    } in &side.citations
    {
        if source != "MTUS" || title.is_empty() {
            paths.push(Path::of([source.as_str()]));
            continue;
        }
        if pages.is_empty() {
            paths.push(Path::of([source.as_str(), title]));
        }
        for page in pages {
            paths.push(Path::of([source.as_str(), title, &page.to_string()]));
        }
    }
    paths.sort();
    paths.dedup();
}

/// Left, right or both.
pub(super) static LATERALITY: FieldDefinition = FieldDefinition {
    name: "laterality",
    meaning: "left, right or bilateral",
    read_from: "the item's heading",
    storage: Storage::Unstored(Level::Item),
    columns: &[ColumnDefinition {
        name: "laterality",
        label: "Side",
        meaning: "left, right or bilateral",
        width: 10,
        kind: CellKind::Text,
        place: 200,
        rows: DefaultRows::None,
        read: ColumnReader::Item(|item| item.laterality.map(Laterality::name).into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Visits requested.
pub(super) static VISITS: FieldDefinition = FieldDefinition {
    name: "visits",
    meaning: "visits or sessions requested",
    read_from: "the item's heading",
    storage: Storage::Unstored(Level::Item),
    columns: &[ColumnDefinition {
        name: "visits",
        label: "Visits",
        meaning: "visits or sessions requested",
        width: 7,
        kind: CellKind::Number,
        place: 210,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| item.visits.into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Codes printed in the request.
pub(super) static CODES: FieldDefinition = FieldDefinition {
    name: "codes",
    meaning: "CPT and HCPCS codes printed in the request",
    read_from: "the item's heading",
    storage: Storage::Unstored(Level::Item),
    columns: &[ColumnDefinition {
        name: "codes",
        label: "Codes",
        meaning: "CPT and HCPCS codes printed in the request",
        width: 12,
        kind: CellKind::List,
        place: 220,
        rows: DefaultRows::Item,
        read: ColumnReader::Item(|item| Cell::strings(&item.codes)),
    }],
    ..FieldDefinition::EMPTY
};

/// What the item is the rest of.
pub(super) static ORIGINAL_REQUEST: FieldDefinition = FieldDefinition {
    name: "original-request",
    meaning: "the original request, of which this item is the disputed remainder",
    read_from: "the item's heading",
    storage: Storage::Unstored(Level::Item),
    columns: &[ColumnDefinition {
        name: "original_request",
        label: "Original request",
        meaning: "the original request, of which this item is the disputed remainder",
        width: 40,
        kind: CellKind::Text,
        place: 230,
        rows: DefaultRows::None,
        read: ColumnReader::Item(|item| item.original_request.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// What was authorized.
pub(super) static AUTHORIZED: FieldDefinition = FieldDefinition {
    name: "authorized",
    meaning: "what was authorized of the original request",
    read_from: "the item's heading",
    storage: Storage::Unstored(Level::Item),
    columns: &[ColumnDefinition {
        name: "authorized",
        label: "Authorized",
        meaning: "what was authorized of the original request",
        width: 30,
        kind: CellKind::Text,
        place: 240,
        rows: DefaultRows::None,
        read: ColumnReader::Item(|item| item.authorized.as_deref().into()),
    }],
    ..FieldDefinition::EMPTY
};

/// Why the reviewer decided so: theme, then what is said of it.
pub static REASON: FieldDefinition = FieldDefinition {
    name: "reason",
    key: "reason",
    meaning: "why the reviewer decided this way: theme, then sign: /functional improvement/not shown",
    read_from: "the decision rationale, by index-schema/reasons.tsv",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        let reasons = item.reasons.iter().map(Reason::path);
        paths.extend(reasons.map(|path| Path::of(path.iter().map(String::as_str))));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::reason,
            names: names::reasons,
        },
        help: "Reason for the decision: \"functional improvement\", \"evidence:-\" ...",
        subject: "a reason",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        depth: 2,
        panel: Some(PanelDefinition {
            place: 9,
            title: "Reason",
            short: 6,
            inside: None,
            label: ValueLabel::Pair,
        }),
        figure: Some("reason"),
        ..FacetDefinition::PLAIN
    }),
    columns: &[
        ColumnDefinition {
            name: "reasons",
            label: "Reasons",
            meaning: "why the reviewer decided this way, as theme:+ (for the request) or theme:-",
            width: 40,
            kind: CellKind::List,
            place: 312,
            rows: DefaultRows::Item,
            read: ColumnReader::Item(|item| item.reasons.iter().map(Reason::to_string).collect()),
        },
        ColumnDefinition {
            name: "reason_sentence",
            label: "Deciding sentence",
            meaning: "the sentence or two of the rationale that state the reason",
            width: 60,
            kind: CellKind::Text,
            place: 314,
            rows: DefaultRows::Item,
            read: ColumnReader::ItemText(|letter, item| item.reason_sentence(letter).into()),
        },
    ],
    ..FieldDefinition::EMPTY
};

/// Whether the request is for something already done.
pub(super) static RETROSPECTIVE: FieldDefinition = FieldDefinition {
    name: "retrospective",
    key: "retrospective",
    meaning: "whether the request is for something already done: yes or no",
    read_from: "the item's heading",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        paths.push(Path::of([if item.retrospective { "yes" } else { "no" }]));
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(|| vec!["yes", "no"]),
        value_name: "WORD",
        help: "Whether the request is for something already done: yes or no",
        subject: "the request being retrospective",
        rare: true,
        input: Some(InputDefinition {
            label: "Retrospective",
            hint: "",
        }),
    }),
    facet: Some(FacetDefinition::PLAIN),
    columns: &[ColumnDefinition {
        name: "retrospective",
        label: "Retrospective",
        meaning: "yes if the request is for something already done",
        width: 12,
        kind: CellKind::Flag,
        place: 225,
        rows: DefaultRows::None,
        read: ColumnReader::Item(|item| Cell::Flag(item.retrospective)),
    }],
    ..FieldDefinition::EMPTY
};

/// The citations of a side, each written down once where it stands several times in a row.
fn citations<'l>(side: &'l Side, written: fn(&Citation) -> String) -> Cell<'l> {
    let mut cited: Vec<String> = side.citations.iter().map(written).collect();
    cited.dedup();
    cited.into_iter().collect()
}

/// "MTUS Chronic Pain Medical Treatment 2009".
fn titled(citation: &Citation) -> String {
    if citation.printed.is_empty() {
        citation.source.clone()
    } else {
        format!("{} {}", citation.source, citation.printed)
    }
}

/// With its pages.
fn paged(citation: &Citation) -> String {
    let title = titled(citation);
    if citation.pages.is_empty() {
        title
    } else {
        format!("{title}, p. {}", page_ranges(&citation.pages))
    }
}

/// With its sections and pages.
fn in_full(citation: &Citation) -> String {
    let mut full = titled(citation);
    if !citation.sections.is_empty() {
        full = format!("{full}, {}", citation.sections);
    }
    if !citation.pages.is_empty() {
        full = format!("{full}, p. {}", page_ranges(&citation.pages));
    }
    full
}
