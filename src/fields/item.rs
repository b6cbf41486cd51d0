//! The fields of an item: what is requested, how it was decided, what was cited.

use super::definition::{
    FacetDefinition, FieldDefinition, FilterDefinition, InputDefinition, Level, PanelDefinition,
    Reader, Storage, Text, ValueLabel,
};
use super::names;
use super::path::Path;
use super::resolve::Resolve;
use crate::letter::{Citation, Decision, Side};
use crate::vocabulary::Services;

/// Below a decision's value: the denial fell in part only.
pub const IN_PART: &str = "in part";

/// What the item asks for, and what it is the rest of.
pub static REQUEST: FieldDefinition = FieldDefinition {
    name: "request",
    key: "request",
    query_names: &["item"],
    meaning: "what the item asks for, as printed",
    storage: Storage::Text {
        boost: 1.0,
        read: Reader::Item(|item, texts| {
            texts.push(Text::Printed(&item.request));
            texts.extend(item.original_request.as_deref().map(Text::Printed));
        }),
    },
    ..FieldDefinition::EMPTY
};

/// The reviewer's rationale.
pub static RATIONALE: FieldDefinition = FieldDefinition {
    name: "rationale",
    key: "rationale",
    query_names: &["reason"],
    meaning: "why the reviewer decided so",
    storage: Storage::Text {
        boost: 1.0,
        read: Reader::Item(|item, texts| texts.push(Text::Passage(item.rationale.clone()))),
    },
    ..FieldDefinition::EMPTY
};

/// The guidelines as words.
pub static GUIDELINES: FieldDefinition = FieldDefinition {
    name: "guidelines",
    key: "guidelines",
    meaning: "the guidelines that both sides relied on, as printed",
    storage: Storage::Text {
        boost: 1.0,
        read: Reader::Item(|item, texts| {
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
    ..FieldDefinition::EMPTY
};

/// The classes of the drugs requested.
pub static CLASS: FieldDefinition = FieldDefinition {
    name: "class",
    meaning: "the class of a drug requested: opioid analgesic",
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
            chosen_by: "drug",
            inside: Some("drug"),
            label: ValueLabel::Plain,
        }),
        figure: Some("drug class"),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

/// What kinds of thing are requested: category, then service.
pub static TREATMENT: FieldDefinition = FieldDefinition {
    name: "treatment",
    key: "treatment",
    meaning: "the kind of treatment, then the service: /imaging/MRI",
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
            chosen_by: "treatment",
            inside: Some("service"),
            label: ValueLabel::Words,
        }),
        figure: Some("treatment"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    ..FieldDefinition::EMPTY
};

/// The services requested, one level below the category.
pub static SERVICE: FieldDefinition = FieldDefinition {
    name: "service",
    meaning: "the services that the request asks for, below their category: imaging/MRI",
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
    ..FieldDefinition::EMPTY
};

/// The parts of the body requested for.
pub static BODY_PART: FieldDefinition = FieldDefinition {
    name: "body-part",
    key: "body_part",
    query_names: &["body", "body_part", "bodypart"],
    meaning: "the parts of the body that the request names",
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
        help: "Part of the body requested for: knee, low-back, lumbar ...",
        subject: "the body part",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 4,
            title: "Body part",
            short: 6,
            chosen_by: "body-part",
            inside: None,
            label: ValueLabel::Words,
        }),
        figure: Some("body part"),
        ..FacetDefinition::PLAIN
    }),
    alike: true,
    ..FieldDefinition::EMPTY
};

/// The guidelines that either side cites.
pub static GUIDELINE: FieldDefinition = FieldDefinition {
    name: "guideline",
    key: "guideline",
    meaning: "source, title, page of every guideline cited by either side: \
              /MTUS/Chronic Pain Medical Treatment/78",
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
            chosen_by: "guideline",
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
    storage: Storage::Path(Reader::Item(|item, paths| cited(&item.reviewer, paths))),
    ..FieldDefinition::EMPTY
};

/// The guidelines that the claims administrator cites.
pub static GUIDELINE_ADMINISTRATOR: FieldDefinition = FieldDefinition {
    name: "guideline-administrator",
    key: "guideline_administrator",
    meaning: "as guideline, cited by the claims administrator",
    storage: Storage::Path(Reader::Item(|item, paths| {
        cited(&item.claims_administrator, paths);
    })),
    ..FieldDefinition::EMPTY
};

/// Where the guidelines cited come from.
pub static SOURCE: FieldDefinition = FieldDefinition {
    name: "source",
    meaning: "where a guideline cited comes from: MTUS, ODG, ACOEM, other",
    storage: Storage::LevelOf(&GUIDELINE),
    filter: Some(FilterDefinition {
        resolve: Resolve::Names {
            paths: names::source,
            names: names::sources,
        },
        value_name: "NAME",
        help: "Source of a guideline cited: MTUS, ODG, ACOEM or other",
        subject: "the source of a guideline cited",
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
    storage: Storage::LevelOf(&GUIDELINE),
    filter: Some(FilterDefinition {
        resolve: Resolve::Page,
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
            chosen_by: "guideline",
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
    storage: Storage::Unstored(Level::Item),
    filter: Some(FilterDefinition {
        resolve: Resolve::Side,
        value_name: "SIDE",
        help: "Who cited guideline and page: reviewer or administrator",
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
    meaning: "upheld or overturned: what became of the denial; /overturned/in part where it fell \
              in part only",
    storage: Storage::Facet(Reader::Item(|item, paths| {
        if let Some(decision) = item.decision {
            let depth = if item.partial { 2 } else { 1 };
            let path = [decision.name(), IN_PART];
            paths.push(Path::of(path.into_iter().take(depth)));
        }
    })),
    filter: Some(FilterDefinition {
        resolve: Resolve::Choice(decisions),
        value_name: "WORD",
        help: "What became of the denial: upheld or overturned",
        subject: "the decision",
        ..FilterDefinition::EMPTY
    }),
    facet: Some(FacetDefinition {
        panel: Some(PanelDefinition {
            place: 1,
            title: "Decision",
            short: 4,
            chosen_by: "decision",
            inside: None,
            label: ValueLabel::Words,
        }),
        ..FacetDefinition::PLAIN
    }),
    ..FieldDefinition::EMPTY
};

fn decisions() -> Vec<&'static str> {
    [Decision::Upheld, Decision::Overturned]
        .map(Decision::name)
        .into()
}

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
