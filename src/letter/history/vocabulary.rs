//! The tables of the history, as one set of patterns.

use crate::vocabulary::{PatternMatch, Patterns, Row, Table};
use std::mem::discriminant;
use std::sync::LazyLock;

/// What a pattern of the tables is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Region(&'static Region),
    Condition(&'static Condition),
    Diagnosis(DiagnosisContext),
    Treatment(&'static str),
    TreatmentContext(TreatmentContext),
    Mechanism(&'static str),
    /// A mechanism in words that tell it by themselves.
    MechanismAlone(&'static str),
    WorkStatus(&'static str),
}

/// A row of `diagnosis_regions.tsv`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub name: &'static str,
    pub spine: &'static str,
    pub part: &'static str,
    pub bone: &'static str,
}

/// A row of `diagnoses.tsv`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub name: &'static str,
    pub region: &'static str,
    pub alone: &'static str,
    /// Counts only where it is listed as a diagnosis.
    pub is_symptom: bool,
}

/// A kind of `diagnosis_contexts.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiagnosisContext {
    /// Lists diagnoses in a summary.
    List,
    /// Lists diagnoses in a rationale too.
    Named,
    Not,
    Perhaps,
    Stop,
    End,
    Link,
}

/// A kind of `prior_treatment_contexts.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreatmentContext {
    Had,
    Wanted,
    Ordered,
    Not,
    Helped,
    Failed,
    Visits,
}

/// An entry found in a row of words.
#[derive(Debug, Clone, Copy)]
pub(super) struct EntryMatch {
    pub at: PatternMatch,
    pub entry: Entry,
}

pub(super) struct Vocabulary {
    entries: Vec<Entry>,
    pub patterns: Patterns,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let region = |row: Row<'_>| Region {
        name: row.get("region"),
        spine: row.get("spine"),
        part: row.get("part"),
        bone: row.get("bone"),
    };
    regions().rows().map(region).collect()
});

static CONDITIONS: LazyLock<Vec<Condition>> = LazyLock::new(|| {
    let condition = |row: Row<'_>| Condition {
        name: row.get("condition"),
        region: row.get("region"),
        alone: row.get("alone"),
        is_symptom: row.get("kind") != "named",
    };
    conditions().rows().map(condition).collect()
});

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut rows: Vec<(&'static str, Entry)> = Vec::new();
    let table = regions();
    let patterns = table.rows().map(|row| row.get("pattern"));
    rows.extend(patterns.zip(REGIONS.iter().map(Entry::Region)));
    let table = conditions();
    let patterns = table.rows().map(|row| row.get("pattern"));
    rows.extend(patterns.zip(CONDITIONS.iter().map(Entry::Condition)));
    let table = Table::read(
        "injury_mechanisms.tsv",
        include_str!("../../../index-schema/injury_mechanisms.tsv"),
    );
    rows.extend(table.rows().map(|row| {
        let mechanism = row.get("mechanism");
        let entry = match row.get("alone") {
            "" => Entry::Mechanism(mechanism),
            _ => Entry::MechanismAlone(mechanism),
        };
        (row.get("pattern"), entry)
    }));
    let mut add = |name, text, column: &str, entry: fn(&'static str) -> Entry| {
        let table = Table::read(name, text);
        rows.extend(
            table
                .rows()
                .map(|row| (row.get("pattern"), entry(row.get(column)))),
        );
    };
    add(
        "diagnosis_contexts.tsv",
        include_str!("../../../index-schema/diagnosis_contexts.tsv"),
        "kind",
        |kind| Entry::Diagnosis(diagnosis_context(kind)),
    );
    add(
        "prior_treatments.tsv",
        include_str!("../../../index-schema/prior_treatments.tsv"),
        "service",
        Entry::Treatment,
    );
    add(
        "prior_treatment_contexts.tsv",
        include_str!("../../../index-schema/prior_treatment_contexts.tsv"),
        "kind",
        |kind| Entry::TreatmentContext(treatment_context(kind)),
    );
    add(
        "work_statuses.tsv",
        include_str!("../../../index-schema/work_statuses.tsv"),
        "status",
        Entry::WorkStatus,
    );
    Vocabulary {
        patterns: Patterns::new(FILLERS, rows.iter().map(|(pattern, _)| *pattern)),
        entries: rows.into_iter().map(|(_, entry)| entry).collect(),
    }
});

/// So many matches of a piece are looked at: a real sentence has a fifth of that.
const MOST_MATCHES: usize = 256;

/// Words that may stand within any phrase of these tables.
const FILLERS: [&str; 14] = [
    "the",
    "a",
    "an",
    "left",
    "right",
    "bilateral",
    "his",
    "her",
    "chronic",
    "acute",
    "mild",
    "moderate",
    "severe",
    "s",
];

fn regions() -> Table {
    let text = include_str!("../../../index-schema/diagnosis_regions.tsv");
    Table::read("diagnosis_regions.tsv", text)
}

fn conditions() -> Table {
    let text = include_str!("../../../index-schema/diagnoses.tsv");
    Table::read("diagnoses.tsv", text)
}

fn diagnosis_context(kind: &str) -> DiagnosisContext {
    match kind {
        "list" => DiagnosisContext::List,
        "diagnosis" => DiagnosisContext::Named,
        "not" => DiagnosisContext::Not,
        "perhaps" => DiagnosisContext::Perhaps,
        "stop" => DiagnosisContext::Stop,
        "end" => DiagnosisContext::End,
        "link" => DiagnosisContext::Link,
        _ => panic!("diagnosis_contexts.tsv: unknown kind {kind}"),
    }
}

fn treatment_context(kind: &str) -> TreatmentContext {
    match kind {
        "had" => TreatmentContext::Had,
        "wanted" => TreatmentContext::Wanted,
        "ordered" => TreatmentContext::Ordered,
        "not" => TreatmentContext::Not,
        "helped" => TreatmentContext::Helped,
        "failed" => TreatmentContext::Failed,
        "visits" => TreatmentContext::Visits,
        _ => panic!("prior_treatment_contexts.tsv: unknown kind {kind}"),
    }
}

impl Vocabulary {
    pub(super) fn get() -> &'static Vocabulary {
        &VOCABULARY
    }

    /// Puts down the entries of what was found in a row of words, in place of what was put down
    /// before; of matches of one table, those within a longer one are left out.
    pub(super) fn entries(&self, matches: &[PatternMatch], entries: &mut Vec<EntryMatch>) {
        entries.clear();
        // Each is compared with each.
        let matches = &matches[..matches.len().min(MOST_MATCHES)];
        for at in matches {
            let entry = self.entries[at.pattern];
            let hides = |other: &PatternMatch| {
                at.end <= other.end
                    && (other.end - other.start, at.pattern) > (at.end - at.start, other.pattern)
                    && discriminant(&entry) == discriminant(&self.entries[other.pattern])
            };
            let mut before = matches.iter().take_while(|other| other.start <= at.start);
            let stays = matches!(entry, Entry::Diagnosis(_) | Entry::TreatmentContext(_));
            if stays || !before.any(hides) {
                entries.push(EntryMatch { at: *at, entry });
            }
        }
    }
}
