//! What any document about a case says: a denial, a request for authorization, a progress report, a
//! letter to a party, or a determination letter itself.
//!
//! It is read by the readers of letters into a [`Letter`] whose items have no decision, so that whatever
//! compares letters compares documents too. A pure function of the text: nothing is kept.

mod form;
mod requests;

use super::any_case::AnyCase;
use super::items::Item;
use super::reasons;
use super::request;
use super::{Letter, documents, history, patient, text};
use crate::vocabulary::{
    BodyParts, Drugs, Fold, LowerText, OtherDocuments, Resolution, ServiceOrCategory, Services,
    nearest,
};

/// What a document about a case says.
#[derive(Debug, Clone, Default)]
pub struct CaseDocument {
    /// What kind of document it is, with its article ("a utilization review decision"); None where that
    /// cannot be told.
    pub kind: Option<&'static str>,
    /// Whether requested items could be told. Where they could not, the only item has the drugs and
    /// services that the text names.
    pub told_apart: bool,
    /// What it says, as a letter.
    pub letter: Letter,
}

/// What a person changes of what was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseEdits {
    /// Only these requests, by number from 1.
    pub items: Vec<usize>,
    /// These requests instead of those found.
    pub requests: Vec<String>,
    /// `FIELD:VALUE`, or `FIELD` for all its values: what was understood wrongly or does not matter.
    pub without: Vec<String>,
    /// `FIELD:VALUE`: what was not understood.
    pub with: Vec<String>,
}

/// The fields of which values are added and dropped.
pub const CASE_FIELDS: [&str; 5] = [
    "drug",
    "treatment",
    "body-part",
    "diagnosis",
    "prior-treatment",
];

/// A determination letter.
const DETERMINATION: &str = "an IMR determination letter";
/// A text shorter than this may be a request by itself, in bytes.
const SHORT: usize = 600;
/// Concepts of a text in which no request can be told, at most.
const MOST_CONCEPTS: usize = 6;

/// Reads a document. Any text gives one, in time linear in its length.
#[must_use]
pub fn case_document(raw: &str) -> CaseDocument {
    let letters = documents(raw).letters.into_iter();
    let mut letters = letters.filter(|part| part.letter.is_recognized());
    if let Some(part) = letters.next() {
        return CaseDocument {
            kind: Some(DETERMINATION),
            told_apart: true,
            letter: part.letter,
        };
    }
    let text = text::normalise(raw).text;
    let lower = LowerText::new(&text);
    let whole = 0..text.len();
    let rows = form::rows(&text);
    let mut found = requests::find(&text, &rows);
    if found.is_empty() && text.len() <= SHORT {
        found = requests::bare(&text);
    }
    let told_apart = !found.is_empty();
    let items = if told_apart {
        found.into_iter().map(Item::requested).collect()
    } else {
        Vec::from_iter(named_in(&text))
    };
    let history = history::read(&text, &lower, &whole, &[]);
    let mut diagnoses = history.diagnoses;
    let named: Vec<&str> = rows.iter().map(|row| row.diagnosis.as_str()).collect();
    for diagnosis in history::history_named(&named.join("; ")).0 {
        if !diagnoses.contains(&diagnosis) {
            diagnoses.push(diagnosis);
        }
    }
    diagnoses.sort();
    let letter = Letter {
        items,
        patient: patient::read(&text, lower.bytes()),
        ur_reasons: reasons::of_denial(&text, &lower, &history.summary_sentences),
        diagnoses,
        prior_treatments: history.prior_treatments,
        injury_mechanism: history.injury_mechanism,
        work_status: history.work_status,
        case_summary: whole,
        text,
        ..Letter::default()
    };
    CaseDocument {
        kind: kind(&letter.text, lower.bytes()),
        told_apart,
        letter,
    }
}

/// The kind of a document, by its title or its signature.
fn kind(text: &str, lower: &[u8]) -> Option<&'static str> {
    const TITLE_LINES: usize = 12;
    let table = OtherDocuments::get();
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let titled = lines.by_ref().take(TITLE_LINES);
    let title = titled.filter_map(|line| table.title(line, false)).next();
    title.or_else(|| table.signature(&lower[..lower.len().min(64 << 10)]))
}

/// An item that has the drugs and services that a text names; None where it names none.
fn named_in(text: &str) -> Option<Item> {
    const REACH: usize = 64 << 10;
    let text = &text[..super::sections::floor_char(text, REACH)];
    // A request for authorization is called RFA, as a radiofrequency ablation is.
    const FORM: AnyCase = AnyCase::new("request for authorization");
    let without_form;
    let text = if FORM.is_in(text) {
        without_form = text.replace("RFA", "   ");
        &without_form
    } else {
        text
    };
    let fold = Fold::new(text);
    let mut services: Vec<&'static crate::vocabulary::Service> = Vec::new();
    for found in Services::get().named_in(&fold) {
        if let ServiceOrCategory::Service(service) = found.what
            && !services.contains(&service)
        {
            services.push(service);
        }
    }
    services.truncate(MOST_CONCEPTS);
    let mut drugs: Vec<&str> = Vec::new();
    for named in Drugs::get().named_in(&fold) {
        let printed = &text[fold.original(&named.at)];
        if !drugs.contains(&printed) {
            drugs.push(printed);
        }
    }
    drugs.truncate(MOST_CONCEPTS);
    let drugs = request::read(&drugs.join(", ")).drugs;
    let treatment = match (services.first(), drugs.is_empty()) {
        (Some(service), _) => service.treatment,
        (None, false) => "pharmacy",
        (None, true) => return None,
    };
    let parts = BodyParts::get().named_in(&fold);
    Some(Item {
        drugs,
        treatment: treatment.to_string(),
        services: services
            .iter()
            .map(|service| service.name.to_string())
            .collect(),
        body_parts: parts
            .iter()
            .take(MOST_CONCEPTS)
            .map(ToString::to_string)
            .collect(),
        ..Item::default()
    })
}

impl CaseDocument {
    /// The document as a person corrects it.
    ///
    /// # Errors
    /// One sentence, if an edit names a request, field or value that there is not.
    pub fn edited(mut self, edits: &CaseEdits) -> Result<CaseDocument, String> {
        if !edits.requests.is_empty() {
            self.letter.items = edits
                .requests
                .iter()
                .cloned()
                .map(Item::requested)
                .collect();
            self.told_apart = true;
        }
        if let Some(none) = edits
            .items
            .iter()
            .find(|n| **n == 0 || **n > self.letter.items.len())
        {
            let count = self.letter.items.len();
            let has = if count == 1 {
                "1 request".to_string()
            } else {
                format!("{count} requests")
            };
            return Err(format!(
                "there is no request {none}; the document has {has}"
            ));
        }
        if !edits.items.is_empty() {
            let mut number = 0;
            self.letter.items.retain(|_| {
                number += 1;
                edits.items.contains(&number)
            });
        }
        for edit in &edits.without {
            self.drop(edit)?;
        }
        for edit in &edits.with {
            self.add(edit)?;
        }
        Ok(self)
    }

    fn drop(&mut self, edit: &str) -> Result<(), String> {
        let (field, value) = edit
            .split_once(':')
            .map_or((edit, None), |(field, value)| (field, Some(value.trim())));
        let field = known_field(field)?;
        let resolved: Vec<String> = match (field, value) {
            ("drug", Some(value)) => drug_names(value)?,
            ("treatment", Some(value)) => vec![
                treatment(value)?
                    .path()
                    .last()
                    .copied()
                    .unwrap_or_default()
                    .to_string(),
            ],
            ("body-part", Some(value)) => body_parts(value)?,
            (_, Some(value)) => vec![value.to_string()],
            (_, None) => Vec::new(),
        };
        let other = |name: &str| {
            value.is_some()
                && !resolved
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case(name))
        };
        let letter = &mut self.letter;
        let before = said(letter);
        match field {
            "diagnosis" => letter
                .diagnoses
                .retain(|d| other(&d.name) && other(&d.region)),
            "prior-treatment" => letter.prior_treatments.retain(|t| other(&t.service)),
            _ => {
                for item in &mut letter.items {
                    match field {
                        "drug" => item.drugs.retain(|d| other(&d.name) && other(&d.class)),
                        "body-part" => item.body_parts.retain(|part| other(part)),
                        _ => item.services.retain(|service| {
                            let category =
                                Services::get().named(service).map_or("", |s| s.treatment);
                            other(service) && other(category)
                        }),
                    }
                }
            }
        }
        if said(letter) == before {
            let had = of_field(letter, field);
            let had = if had.is_empty() {
                "the document has none".to_string()
            } else {
                format!("the document has {}", had.join(", "))
            };
            return Err(format!("without {edit}: nothing to leave out; {had}"));
        }
        Ok(())
    }

    fn add(&mut self, edit: &str) -> Result<(), String> {
        let Some((field, value)) = edit.split_once(':') else {
            return Err(format!(
                "with {edit}: write FIELD:VALUE, such as body-part:knee"
            ));
        };
        let (field, value) = (known_field(field)?, value.trim());
        let letter = &mut self.letter;
        if letter.items.is_empty() && !matches!(field, "diagnosis" | "prior-treatment") {
            letter.items.push(Item::default());
        }
        match field {
            "diagnosis" => {
                let (read, _) = history::history_named(value);
                if read.is_empty() {
                    return Err(format!("with: there is no diagnosis called '{value}'"));
                }
                letter.diagnoses.extend(read);
                letter.diagnoses.sort();
                letter.diagnoses.dedup();
            }
            "prior-treatment" => {
                let said = format!("Treatment to date has included {value}.");
                let read = history::read(&said, &LowerText::new(&said), &(0..said.len()), &[])
                    .prior_treatments;
                if read.is_empty() {
                    return Err(format!(
                        "with: there is no prior treatment called '{value}'"
                    ));
                }
                letter.prior_treatments.extend(read);
            }
            _ => {
                let parts = if field == "body-part" {
                    body_parts(value)?
                } else {
                    Vec::new()
                };
                let drugs = if field == "drug" {
                    drug_names(value)?;
                    request::read(value).drugs
                } else {
                    Vec::new()
                };
                let service = if field == "treatment" {
                    Some(treatment(value)?)
                } else {
                    None
                };
                for item in &mut letter.items {
                    item.body_parts.extend(parts.iter().cloned());
                    item.body_parts.sort();
                    item.body_parts.dedup();
                    item.drugs.extend(drugs.iter().cloned());
                    item.drugs.sort_by(|a, b| a.name.cmp(&b.name));
                    item.drugs.dedup_by(|a, b| a.name == b.name);
                    match service {
                        Some(ServiceOrCategory::Service(service)) => {
                            item.services
                                .retain(|name| name != "other" && name != service.name);
                            item.services.insert(0, service.name.to_string());
                            item.treatment = service.treatment.to_string();
                        }
                        Some(ServiceOrCategory::Category(category)) => {
                            item.services.clear();
                            item.treatment = category.to_string();
                        }
                        None => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// What was understood, counted, so that an edit that changes nothing is seen.
fn said(letter: &Letter) -> (usize, usize, usize, usize, usize) {
    let sum = |of: fn(&Item) -> usize| letter.items.iter().map(of).sum();
    (
        letter.diagnoses.len(),
        letter.prior_treatments.len(),
        sum(|item| item.drugs.len()),
        sum(|item| item.services.len()),
        sum(|item| item.body_parts.len()),
    )
}

/// What was understood of a field.
fn of_field(letter: &Letter, field: &str) -> Vec<String> {
    let mut all: Vec<String> = match field {
        "diagnosis" => letter.diagnoses.iter().map(|d| d.name.clone()).collect(),
        "prior-treatment" => letter
            .prior_treatments
            .iter()
            .map(|t| t.service.clone())
            .collect(),
        "drug" => letter
            .items
            .iter()
            .flat_map(|item| item.drugs.iter().map(|d| d.name.clone()))
            .collect(),
        "body-part" => letter
            .items
            .iter()
            .flat_map(|item| item.body_parts.clone())
            .collect(),
        _ => letter
            .items
            .iter()
            .flat_map(|item| item.services.clone())
            .collect(),
    };
    all.sort();
    all.dedup();
    all
}

fn known_field(typed: &str) -> Result<&'static str, String> {
    let name = typed.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let name = if name == "service" {
        "treatment"
    } else {
        name.as_str()
    };
    let known = CASE_FIELDS.iter().find(|field| **field == name);
    known.copied().ok_or_else(|| {
        format!(
            "there is no field '{typed}'; the fields are {}",
            CASE_FIELDS.join(", ")
        )
    })
}

fn unknown(what: &str, typed: &str, near: Vec<String>) -> String {
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean '{}'?", near.join("' or '"))
    };
    format!("{what}: unknown value '{typed}'{hint}")
}

/// The generics, or the class, that a name means.
fn drug_names(typed: &str) -> Result<Vec<String>, String> {
    match Drugs::get().resolve(typed) {
        Resolution::Values(found) => Ok(found
            .iter()
            .filter_map(|path| path.last())
            .map(ToString::to_string)
            .collect()),
        Resolution::Unknown(near) => Err(unknown("drug", typed, near)),
    }
}

fn treatment(typed: &str) -> Result<ServiceOrCategory, String> {
    let found = Services::get().resolve(typed);
    found.ok_or_else(|| unknown("treatment", typed, Services::get().nearest(typed)))
}

fn body_parts(typed: &str) -> Result<Vec<String>, String> {
    let found = BodyParts::get().resolve(typed);
    if found.is_empty() {
        return Err(unknown(
            "body part",
            typed,
            nearest(typed, BodyParts::get().names()),
        ));
    }
    Ok(found.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIAL: &str = "SAMPLE REVIEW SERVICES\nNOTICE OF UTILIZATION REVIEW DETERMINATION\n\n\
        Treatment requested: 1. MRI of the lumbar spine; 2. Norco 10/325mg #90\n\n\
        Clinical summary: The patient is a 48-year-old male. Diagnoses include lumbar radiculopathy. \
        Treatment to date has included physical therapy and ibuprofen.\n\n\
        Rationale: The request is denied because no red flags are documented.";

    #[test]
    fn a_denial_is_read_as_a_letter_without_decisions() {
        let read = case_document(DENIAL);
        assert_eq!(read.kind, Some("a utilization review decision"));
        assert!(read.told_apart);
        let letter = &read.letter;
        assert_eq!(letter.items[0].services, ["MRI"]);
        assert_eq!(letter.items[0].body_parts, ["low-back"]);
        assert_eq!(letter.items[1].drugs[0].name, "acetaminophen/hydrocodone");
        assert!(letter.items.iter().all(|item| item.decision.is_none()));
        assert_eq!(letter.patient.age, Some(48));
        assert_eq!(letter.diagnoses[0].name, "lumbar radiculopathy");
        let prior: Vec<&str> = letter
            .prior_treatments
            .iter()
            .map(|t| t.service.as_str())
            .collect();
        assert_eq!(prior, ["medication", "physical therapy"]);
    }

    #[test]
    fn without_requests_the_concepts_of_the_text_count() {
        let text = format!(
            "{} She hopes that acupuncture or Lyrica might yet do some good.",
            "The weather was fine. ".repeat(40)
        );
        let read = case_document(&text);
        assert!(!read.told_apart);
        assert_eq!(read.letter.items[0].services, ["acupuncture"]);
        assert_eq!(read.letter.items[0].drugs[0].name, "pregabalin");
        assert!(
            case_document("A text about nothing in particular.")
                .letter
                .items
                .is_empty()
        );
    }

    #[test]
    fn what_was_understood_can_be_corrected() {
        let edits = |f: fn(&mut CaseEdits)| {
            let mut edits = CaseEdits::default();
            f(&mut edits);
            case_document(DENIAL).edited(&edits)
        };
        let one = edits(|e| e.items = vec![2]).unwrap();
        assert_eq!(one.letter.items.len(), 1);
        assert_eq!(one.letter.items[0].request, "Norco 10/325mg #90");
        assert!(
            edits(|e| e.items = vec![3])
                .unwrap_err()
                .contains("2 requests")
        );
        let dropped =
            edits(|e| e.without = vec!["diagnosis".into(), "prior-treatment:medication".into()])
                .unwrap();
        assert!(dropped.letter.diagnoses.is_empty());
        assert_eq!(dropped.letter.prior_treatments.len(), 1);
        assert!(
            edits(|e| e.without = vec!["diagnosis:gout".into()])
                .unwrap_err()
                .contains("lumbar radiculopathy")
        );
        let added = edits(|e| {
            e.with = vec![
                "diagnosis:carpal tunnel syndrome".into(),
                "body-part:knee".into(),
            ]
        })
        .unwrap();
        assert_eq!(added.letter.diagnoses.len(), 2);
        assert_eq!(added.letter.items[0].body_parts, ["knee", "low-back"]);
        assert!(
            edits(|e| e.with = vec!["color:red".into()])
                .unwrap_err()
                .contains("the fields are")
        );
        let typed = edits(|e| e.requests = vec!["acupuncture 2 x 6".into()]).unwrap();
        assert_eq!(typed.letter.items[0].services, ["acupuncture"]);
    }

    #[test]
    fn any_text_is_a_document() {
        for text in ["", "\u{e9}", "requested:", &"MRI ".repeat(20_000)] {
            let _ = case_document(text);
        }
    }
}
