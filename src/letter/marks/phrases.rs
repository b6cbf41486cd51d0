//! The phrases of the layouts and what each means.

/// What a phrase of the layout means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
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

const PHRASES: &[(&str, Mark)] = &[
    ("how the imr final determination was made", Mark::HowMade),
    ("how the imr determination was made", Mark::HowMade),
    ("how the final determination was made", Mark::HowMade),
    ("documents reviewed for determination", Mark::Documents),
    ("documents reviewed", Mark::Documents),
    ("expert reviewer case summary", Mark::Summary),
    ("clinical case summary", Mark::Summary),
    ("clinical summary", Mark::Summary),
    ("case summary", Mark::Summary),
    ("imr issues, decisions and rationales", Mark::Decisions),
    ("imr issues, decisions, and rationales", Mark::Decisions),
    ("imr issues, decisions & rationales", Mark::Decisions),
    ("imr issue, decision and rationale", Mark::Decisions),
    (
        "imr issue(s), decision(s) and rationale(s)",
        Mark::Decisions,
    ),
    ("imr decision(s) and rationale(s)", Mark::Decisions),
    ("imr decisions and rationales", Mark::Decisions),
    ("imr decision and rationale", Mark::Decisions),
    (
        "independent medical review decision(s) and rationale(s)",
        Mark::Decisions,
    ),
    (
        "independent medical review decisions and rationales",
        Mark::Decisions,
    ),
    (
        "independent medical review decision and rationale",
        Mark::Decisions,
    ),
    ("items/services set forth below", Mark::SetForth),
    ("items/service set forth below", Mark::SetForth),
    (
        "medical qualifications of the expert reviewer",
        Mark::Qualifications,
    ),
    (
        "medical qualifications of the professional reviewer",
        Mark::Qualifications,
    ),
    (
        "medical qualifications of the physician reviewer",
        Mark::Qualifications,
    ),
    ("medical reviewer qualifications", Mark::Qualifications),
    ("reviewer qualifications", Mark::Qualifications),
    ("claims administrator guideline", Mark::Administrator),
    ("claims administrator's guideline", Mark::Administrator),
    ("claims administrators guideline", Mark::Administrator),
    ("the claims administrator based", Mark::Administrator),
    ("the claims administrator did not", Mark::Administrator),
    ("the claims administrator cited", Mark::Administrator),
    ("the claims administrator relied", Mark::Administrator),
    ("the claims administrator used", Mark::Administrator),
    ("the claims administrator has", Mark::Administrator),
    ("the claims administrator provided", Mark::Administrator),
    ("the claims administrator's decision", Mark::Administrator),
    ("maximus guideline", Mark::Reviewer),
    ("expert reviewer guideline", Mark::Reviewer),
    ("decision rationale", Mark::Rationale),
    ("reviewer's decision rationale", Mark::Rationale),
    (
        "the physician reviewer's decision rationale",
        Mark::Rationale,
    ),
    ("the expert reviewer's decision rationale", Mark::Rationale),
    ("the medical reviewer's decision rationale", Mark::Rationale),
    ("rationale for the decision", Mark::Rationale),
    ("upheld", Mark::Upheld),
    ("overturned", Mark::Overturned),
    ("has determined the request for", Mark::Determined),
    ("has determined that the request for", Mark::Determined),
    ("has determined the requests for", Mark::Determined),
    ("determined the request for", Mark::Determined),
    ("regarding the request for", Mark::Regarding),
    ("regarding the request of", Mark::Regarding),
    (
        "section of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "sections of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "section(s) of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "medical treatment utilization schedule relied upon",
        Mark::SectionRelied,
    ),
    ("effect of the decision", Mark::Tail),
    ("effect of decision", Mark::Tail),
    ("disclaimer:", Mark::Tail),
    (
        "disclaimer: the following case summary",
        Mark::SummaryDisclaimer,
    ),
    ("disclaimer: this case summary", Mark::SummaryDisclaimer),
    ("pursuant to labor code section 4610.6", Mark::Tail),
    ("issue at dispute", Mark::Issue),
    ("issues at dispute", Mark::Issue),
    ("issue(s) at dispute", Mark::Issue),
    ("issue in dispute", Mark::Issue),
    (
        "medical treatment guideline(s) relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "medical treatment guidelines relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "medical treatment guideline relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "guideline(s) relied upon by professional",
        Mark::ProfessionalGuideline,
    ),
    (
        "rationale for why the requested",
        Mark::ProfessionalRationale,
    ),
    ("rationale why the requested", Mark::ProfessionalRationale),
    ("board certified", Mark::Credentials),
    ("board-certified", Mark::Credentials),
    ("licensed to practice", Mark::Credentials),
    ("licensed in", Mark::Credentials),
    ("is a licensed", Mark::Credentials),
    ("state(s) of licensure", Mark::Licensure),
    ("states of licensure", Mark::Licensure),
    ("state of licensure", Mark::Licensure),
    ("certification(s)/specialty", Mark::Specialty),
    ("certification(s) / specialty", Mark::Specialty),
    ("certifications/specialty", Mark::Specialty),
    ("certification/specialty", Mark::Specialty),
];

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
pub fn phrases() -> Vec<(String, Mark)> {
    let mut phrases: Vec<(String, Mark)> = PHRASES
        .iter()
        .map(|(phrase, mark)| ((*phrase).to_string(), *mark))
        .collect();
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
