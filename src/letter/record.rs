//! The record of a letter, as docs/json.md defines it: one JSON object, the letter's texts in it.

use super::{
    Citation, Dates, Decision, Drug, FinalDetermination, Item, Laterality, Layout, Letter, Patient,
    PriorTreatment, Priority, Reason, Side, Warning,
};
use serde::Serialize;

/// A letter as `imr extract` prints it. Keys and their order are those of docs/json.md, then more.
#[derive(Debug, Serialize)]
pub struct Record<'l> {
    /// The path of the source.
    pub file: &'l str,
    case_number: Option<&'l str>,
    priority: Option<Priority>,
    dates: Dates,
    reviewer: &'l super::Reviewer,
    patient: Patient,
    items: Vec<ItemRecord<'l>>,
    layout: Option<Layout>,
    outcome: Option<&'static str>,
    case_summary: &'l str,
    claim_number: Option<&'l str>,
    employee: Option<&'l str>,
    provider: Option<&'l str>,
    claims_administrator: Option<&'l str>,
    treatments_in_dispute: Option<&'l str>,
    documents_reviewed: Option<&'l str>,
    final_determination: Option<FinalDetermination>,
    diagnoses: Vec<&'l str>,
    diagnosis_regions: Vec<&'l str>,
    prior_treatments: Vec<&'l str>,
    prior_treatment_details: &'l [PriorTreatment],
    injury_mechanism: Option<&'l str>,
    work_status: Option<&'l str>,
    ur_reasons: &'l [Reason],
    age_band: Option<&'static str>,
    days_to_decision: Option<u32>,
    warnings: &'l [Warning],
    /// Of a document that is no letter: what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'l str>,
}

#[derive(Debug, Serialize)]
struct ItemRecord<'l> {
    request: &'l str,
    original_request: Option<&'l str>,
    authorized: Option<&'l str>,
    decision: Option<Decision>,
    partial: bool,
    drugs: Vec<&'l str>,
    treatment: &'l str,
    service: &'l [String],
    body_parts: &'l [String],
    claims_administrator: SideRecord<'l>,
    reviewer: SideRecord<'l>,
    medications: &'l [Drug],
    laterality: Option<Laterality>,
    visits: Option<u32>,
    codes: &'l [String],
    rationale: &'l str,
    reasons: &'l [Reason],
    reason_sentence: Option<String>,
    retrospective: bool,
}

#[derive(Debug, Serialize)]
struct SideRecord<'l> {
    sources: Vec<&'l str>,
    mtus: Vec<&'l str>,
    pages: Vec<u32>,
    citations: &'l [Citation],
}

impl<'l> Record<'l> {
    /// The record of a letter that was read from a source.
    #[must_use]
    pub fn new(letter: &'l Letter, file: &'l str) -> Record<'l> {
        Record {
            file,
            case_number: letter.case_number.as_deref(),
            priority: letter.priority,
            dates: letter.dates,
            reviewer: &letter.reviewer,
            patient: letter.patient,
            items: letter.items.iter().map(|i| item(letter, i)).collect(),
            layout: letter.layout,
            outcome: letter.outcome().map(super::Outcome::name),
            case_summary: letter.passage(&letter.case_summary),
            claim_number: letter.claim_number.as_deref(),
            employee: letter.employee.as_deref(),
            provider: letter.provider.as_deref(),
            claims_administrator: letter.claims_administrator.as_deref(),
            treatments_in_dispute: letter.treatments_in_dispute.as_deref(),
            documents_reviewed: Some(letter.passage(&letter.documents_reviewed))
                .filter(|passage| !passage.is_empty()),
            final_determination: letter.final_determination,
            diagnoses: letter.diagnoses.iter().map(|d| d.name.as_str()).collect(),
            diagnosis_regions: letter.diagnoses.iter().map(|d| d.region.as_str()).collect(),
            prior_treatments: letter
                .prior_treatments
                .iter()
                .map(|t| t.service.as_str())
                .collect(),
            prior_treatment_details: &letter.prior_treatments,
            injury_mechanism: letter.injury_mechanism.as_deref(),
            work_status: letter.work_status.as_deref(),
            ur_reasons: &letter.ur_reasons,
            age_band: letter.age_band(),
            days_to_decision: letter.days_to_decision(),
            warnings: &letter.warnings,
            document: letter.document_kind.as_deref(),
        }
    }
}

fn item<'l>(letter: &'l Letter, item: &'l Item) -> ItemRecord<'l> {
    ItemRecord {
        request: &item.request,
        original_request: item.original_request.as_deref(),
        authorized: item.authorized.as_deref(),
        decision: item.decision,
        partial: item.partial,
        drugs: item.drugs.iter().map(|d| d.name.as_str()).collect(),
        treatment: &item.treatment,
        service: &item.services,
        body_parts: &item.body_parts,
        claims_administrator: side(&item.claims_administrator),
        reviewer: side(&item.reviewer),
        medications: &item.drugs,
        laterality: item.laterality,
        visits: item.visits,
        codes: &item.codes,
        rationale: letter.passage(&item.rationale),
        reasons: &item.reasons,
        reason_sentence: item.reason_sentence(letter),
        retrospective: item.retrospective,
    }
}

fn side(side: &Side) -> SideRecord<'_> {
    SideRecord {
        sources: side.sources(),
        mtus: side.mtus(),
        pages: side.pages(),
        citations: &side.citations,
    }
}
