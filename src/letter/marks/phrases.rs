//! The phrases of the layouts, from the tables `layout_*.tsv`, and what each means.

use crate::vocabulary::Table;

/// What a phrase of the layout means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    /// "HOW THE IMR FINAL DETERMINATION WAS MADE"
    HowMade,
    /// "DOCUMENTS REVIEWED"
    Documents,
    /// "CLINICAL CASE SUMMARY", "Case Summary:"
    Summary,
    /// "IMR ISSUES, DECISIONS AND RATIONALES", "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE"
    Decisions,
    /// "... for the disputed items/services set forth below:"
    SetForth,
    /// "Medical Qualifications of the Expert Reviewer", "MEDICAL REVIEWER QUALIFICATIONS"
    Qualifications,
    /// "Claims Administrator guideline:", "The Claims Administrator based its decision on"
    Administrator,
    /// "MAXIMUS guideline:", "The Physician Reviewer based his/her decision on"
    Reviewer,
    /// "Decision rationale:", "The Physician Reviewer's decision rationale:"
    Rationale,
    /// "Upheld"
    Upheld,
    /// "Overturned"
    Overturned,
    /// "not medically necessary", however its words are run together
    NotNecessary,
    /// "medically necessary"
    Necessary,
    /// "has determined the request for": an entry of a layout C list
    Determined,
    /// "Regarding the request for": a block of layout C
    Regarding,
    /// "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert Reviewer"
    SectionRelied,
    /// "Effect of the Decision", "Disclaimer": the letter's tail
    Tail,
    /// "Disclaimer: The following case summary was taken": the opening of a summary of mid-2013
    SummaryDisclaimer,
    /// "ISSUE AT DISPUTE"
    Issue,
    /// "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY"
    ProfessionalGuideline,
    /// "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY"
    ProfessionalRationale,
    /// "Board Certified in", "licensed to practice in": a reviewer told in prose
    Credentials,
    /// "State(s) of Licensure:"
    Licensure,
    /// "Certification(s)/Specialty:"
    Specialty,
}

/// The tables of phrases: one for what layouts share, one for each of them.
const TABLES: [(&str, &str); 5] = [
    (
        "layout_shared.tsv",
        include_str!("../../../index-schema/layout_shared.tsv"),
    ),
    (
        "layout_a.tsv",
        include_str!("../../../index-schema/layout_a.tsv"),
    ),
    (
        "layout_b.tsv",
        include_str!("../../../index-schema/layout_b.tsv"),
    ),
    (
        "layout_c.tsv",
        include_str!("../../../index-schema/layout_c.tsv"),
    ),
    (
        "layout_d.tsv",
        include_str!("../../../index-schema/layout_d.tsv"),
    ),
];

impl Mark {
    /// Every mark, with its name in the tables.
    const NAMED: [(&str, Mark); 24] = [
        ("how-made", Mark::HowMade),
        ("documents", Mark::Documents),
        ("summary", Mark::Summary),
        ("decisions", Mark::Decisions),
        ("set-forth", Mark::SetForth),
        ("qualifications", Mark::Qualifications),
        ("administrator", Mark::Administrator),
        ("reviewer", Mark::Reviewer),
        ("rationale", Mark::Rationale),
        ("upheld", Mark::Upheld),
        ("overturned", Mark::Overturned),
        ("not-necessary", Mark::NotNecessary),
        ("necessary", Mark::Necessary),
        ("determined", Mark::Determined),
        ("regarding", Mark::Regarding),
        ("section-relied", Mark::SectionRelied),
        ("tail", Mark::Tail),
        ("summary-disclaimer", Mark::SummaryDisclaimer),
        ("issue", Mark::Issue),
        ("professional-guideline", Mark::ProfessionalGuideline),
        ("professional-rationale", Mark::ProfessionalRationale),
        ("credentials", Mark::Credentials),
        ("licensure", Mark::Licensure),
        ("specialty", Mark::Specialty),
    ];

    /// The mark of a name in the tables.
    ///
    /// # Panics
    /// If there is none: the tables are compiled in, and a test reads all.
    #[must_use]
    pub(crate) fn named(name: &str) -> Mark {
        let named = Mark::NAMED.iter().find(|(known, _)| *known == name);
        named
            .unwrap_or_else(|| panic!("no mark is called {name}"))
            .1
    }
}

/// Who reviews, and what such a reviewer does with guidelines: "The Expert Reviewer relied on".
const REVIEWERS: [&str; 4] = ["physician", "expert", "medical", "professional"];
const VERBS: [&str; 15] = [
    "based",
    "did not",
    "relied",
    "found",
    "stated",
    "noted",
    "used",
    "cited",
    "referenced",
    "determined",
    "agreed",
    "applied",
    "also",
    "considered",
    "has",
];

/// Words of the decision phrases; extraction runs them together anywhere ("is notmedically").
const NOT_NECESSARY: [&str; 3] = ["not", "medically", "necessary"];

/// Every phrase in lower case.
pub(crate) fn phrases() -> Vec<(String, Mark)> {
    let mut phrases: Vec<(String, Mark)> = Vec::new();
    for (name, text) in TABLES {
        for row in Table::read(name, text).rows() {
            let mark = Mark::named(row.get("mark"));
            let listed = row.get("phrases").split('|');
            phrases.extend(listed.map(|phrase| (phrase.to_string(), mark)));
        }
    }
    for reviewer in REVIEWERS {
        for verb in VERBS {
            phrases.push((format!("the {reviewer} reviewer {verb}"), Mark::Reviewer));
        }
    }
    let [not, medically, necessary] = NOT_NECESSARY;
    for b in ["", " "] {
        for a in ["", " "] {
            let phrase = format!("{not}{a}{medically}{b}{necessary}");
            phrases.push((phrase, Mark::NotNecessary));
        }
        phrases.push((format!("{medically}{b}{necessary}"), Mark::Necessary));
        phrases.push((format!("medically{b}unnecessary"), Mark::NotNecessary));
        phrases.push((format!("medical{b}necessity"), Mark::Necessary));
    }
    phrases
}
