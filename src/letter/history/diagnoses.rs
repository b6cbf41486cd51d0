//! Conditions that the letter says the worker has.
//!
//! A sentence that lists diagnoses gives all conditions in the list; elsewhere only named disorders
//! count, not symptoms. The region of a condition stands after it ("contusion of the left knee",
//! "sprain of ligaments of the lumbar spine") or before it ("cervical and lumbar strain").

use super::sentence::Sentence;
use super::vocabulary::{Condition, DiagnosisContext, Entry, EntryMatch, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A condition, in plain words, and its place among all conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnosis {
    /// "lumbar radiculopathy"
    pub name: String,
    /// "low back"
    pub region: String,
}

impl Diagnosis {
    /// Its path as a facet: region or system, condition.
    #[must_use]
    pub fn path(&self) -> [String; 2] {
        [self.region.clone(), self.name.clone()]
    }
}

#[derive(Default)]
pub(super) struct Diagnoses {
    /// The region of each name.
    found: BTreeMap<String, &'static str>,
}

/// Regions that are levels of the spine.
const SPINE: [&str; 4] = ["neck", "upper back", "low back", "back"];
/// A letter has at most so many.
const MOST: usize = 60;
/// A region stands so many words after a condition's "of", at most.
const FAR: usize = 12;
/// A region stands so many words before its condition, at most.
const NEAR: usize = 4;

/// The conditions and regions of a sentence, as word ranges.
struct SentenceConditions<'s> {
    sentence: &'s Sentence<'s>,
    conditions: Vec<(usize, usize, &'static Condition)>,
    regions: Vec<(usize, usize, &'static Region)>,
    links: Vec<usize>,
}

impl Diagnoses {
    /// Whether nothing was found yet.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn read(&mut self, sentence: &Sentence) {
        let is_condition = |found: &EntryMatch| matches!(found.entry, Entry::Condition(_));
        if !sentence.found.iter().any(is_condition) {
            return;
        }
        let (mut conditions, mut regions, mut contexts) = (Vec::new(), Vec::new(), Vec::new());
        for found in sentence.found {
            let (start, end) = (found.at.start, found.at.end);
            match found.entry {
                Entry::Condition(condition) => conditions.push((start, end, condition)),
                Entry::Region(region) => regions.push((start, end, region)),
                Entry::Diagnosis(context) => contexts.push((start, end, context)),
                _ => {}
            }
        }
        let first = |kind, from| {
            let mut of_kind = contexts
                .iter()
                .filter(|(start, _, k)| *k == kind && *start >= from);
            of_kind.next().copied()
        };
        let list = contexts.iter().find(|(_, _, kind)| match kind {
            DiagnosisContext::Named => true,
            DiagnosisContext::List => sentence.of_summary,
            _ => false,
        });
        // "No history of diabetes or asthma"
        let no_list = list.is_some_and(|(start, _, _)| {
            let directly = |(_, end, kind): &(usize, usize, DiagnosisContext)| {
                *kind == DiagnosisContext::Not && *end <= *start && *start - *end <= 1
            };
            contexts.iter().any(directly)
        });
        let list = list.map(|(_, end, _)| *end);
        let ends = [DiagnosisContext::Stop, DiagnosisContext::End];
        let end_of = |from| ends.iter().filter_map(move |kind| first(*kind, from));
        let stop = list.and_then(|from| end_of(from).map(|(start, _, _)| start).min());
        let stop = stop.unwrap_or(usize::MAX);
        let stopped = first(DiagnosisContext::Stop, 0).is_some();
        let links = contexts
            .iter()
            .filter(|(_, _, k)| *k == DiagnosisContext::Link);
        // A region within a condition that has its own is a part of its name.
        regions.retain(|(start, end, _)| {
            !conditions
                .iter()
                .any(|(s, e, c)| *s <= *start && *end <= *e && !c.name.contains('{'))
        });
        let listed = SentenceConditions {
            sentence,
            links: links.map(|(start, _, _)| *start).collect(),
            conditions,
            regions,
        };
        let mut last = Vec::new();
        // Up to here regions belong to the conditions before.
        let mut taken = 0;
        for (at, (start, end, condition)) in listed.conditions.iter().enumerate() {
            if condition.name.is_empty() {
                continue;
            }
            let in_list = list.is_some_and(|from| from <= *start && *start < stop);
            if in_list && no_list {
                continue;
            }
            let counts = in_list || (!condition.is_symptom && sentence.of_summary && !stopped);
            let before = at
                .checked_sub(1)
                .map_or(0, |before| listed.conditions[before].1);
            let denied = contexts.iter().any(|(_, reach, kind)| match kind {
                // Within a list, its own part of it: "concussion without loss of consciousness, neck strain".
                DiagnosisContext::Not => {
                    *reach <= *start
                        && list.is_none_or(|from| from <= *reach)
                        && (!in_list || listed.are_one(*reach, *start))
                }
                DiagnosisContext::Perhaps => {
                    *reach <= *start && (before <= *reach || listed.are_one(*reach, *start))
                }
                _ => false,
            });
            let next = listed
                .conditions
                .get(at + 1)
                .map_or(usize::MAX, |next| next.0);
            // A condition that is of one region claims none: "concussion without loss of consciousness, neck strain".
            let (mut regions, reached) = if condition.name.contains('{') {
                listed.regions_of(*start, *end, before.max(taken), next)
            } else {
                (Vec::new(), 0)
            };
            taken = reached;
            // "cervical strain with radicular pain"
            if regions.is_empty()
                && (start.saturating_sub(2)..*start).any(|w| sentence.word(w) == "with")
            {
                regions = last;
            }
            // "hernia was ruled out"
            let excluded =
                (*end..*end + 3).any(|at| sentence.word(at) == "ruled" && listed.are_one(*end, at));
            if counts && !denied && !excluded {
                self.add(condition, &regions);
            }
            last = regions;
        }
    }

    fn add(&mut self, condition: &'static Condition, regions: &[&'static Region]) {
        if self.found.len() >= MOST {
            return;
        }
        if !condition.name.contains('{') {
            self.found
                .insert(condition.name.to_string(), condition.region);
            return;
        }
        let level = condition.name.contains("{level}");
        let regions: Vec<_> = regions
            .iter()
            .filter(|region| !level || SPINE.contains(&region.name))
            .collect();
        for region in &regions {
            let name = condition
                .name
                .replace("{spine}", region.spine)
                .replace("{level}", region.spine)
                .replace("{part}", region.part)
                .replace("{bone}", region.bone);
            self.found.insert(name, region.name);
        }
        if regions.is_empty() && !condition.alone.is_empty() {
            let region = Some(condition.region)
                .filter(|r| !r.is_empty())
                .unwrap_or("unspecified");
            self.found.insert(condition.alone.to_string(), region);
        }
    }

    /// What was found, sorted by name. A condition without its region goes where it stands with one.
    pub(super) fn finish(self) -> Vec<Diagnosis> {
        let has_longer = |name: &str| {
            self.found.keys().any(|other| {
                let before = other.strip_suffix(name);
                let after = || other.strip_prefix(name);
                before.is_some_and(|before| before.ends_with(' '))
                    || after().is_some_and(|after| after.starts_with(" of "))
            })
        };
        self.found
            .iter()
            .filter(|(name, _)| !has_longer(name))
            .map(|(name, region)| Diagnosis {
                name: name.clone(),
                region: (*region).to_string(),
            })
            .collect()
    }
}

impl SentenceConditions<'_> {
    /// Whether two places are in one part of a list ("possible tear and impingement").
    fn are_one(&self, from: usize, to: usize) -> bool {
        !self.sentence.between(from, to).contains([',', ';', '.'])
    }

    /// The regions of the condition at a range of words, between the conditions beside it; and the
    /// word up to which regions behind it are its own.
    fn regions_of(
        &self,
        start: usize,
        end: usize,
        before: usize,
        next: usize,
    ) -> (Vec<&'static Region>, usize) {
        let linked = self
            .links
            .iter()
            .find(|link| (end..end + NEAR).contains(*link) && **link < next);
        if let Some(link) = linked
            && !self.sentence.between(end, *link).contains([',', ';'])
        {
            let (after, reached) = self.run(*link + 1, FAR, next);
            if !after.is_empty() {
                return (after, reached);
            }
        }
        let back = self.run_back(start, before);
        if !back.is_empty() {
            return (back, 0);
        }
        // "radiculopathy, cervical region", but not "strain, lumbar radiculopathy"
        let (after, _) = self.run(end, 2, next);
        let comma = self.sentence.between(end, end).contains(',');
        let claimed = self
            .regions
            .iter()
            .any(|(from, to, _)| *from >= end && *from <= end + 2 && next <= to + 2);
        if comma && claimed {
            (Vec::new(), 0)
        } else {
            (after, 0)
        }
    }

    /// Regions from a word on that are listed together ("hip, ankle and foot"); the last of them go
    /// to the next condition where it follows them closely.
    fn run(&self, from: usize, reach: usize, next: usize) -> (Vec<&'static Region>, usize) {
        let mut run: Vec<(usize, usize, &'static Region)> = Vec::new();
        let mut at = from;
        for (start, end, region) in &self.regions {
            if *start < at {
                continue;
            }
            let limit = if run.is_empty() { reach } else { 3 };
            let gap = self.sentence.between(at, *start);
            if *start >= next
                || *start - at > limit
                || gap.contains(';')
                || !self.joins(at, *start, run.is_empty())
            {
                break;
            }
            run.push((*start, *end, region));
            at = *end;
        }
        // "strain of the neck, right shoulder sprain"
        if run.len() > 1
            && let Some((_, end, _)) = run.last()
            && next <= end + 1
            && !self.sentence.between(*end, next).contains([',', ';'])
            && !self.sentence.word(*end).eq_ignore_ascii_case("and")
        {
            run.pop();
        }
        let reached = run.last().map_or(0, |(_, end, _)| *end);
        let regions = run.into_iter().map(|(_, _, region)| region);
        (regions.collect(), reached)
    }

    /// Regions that end closely before a word, and those listed with them.
    fn run_back(&self, start: usize, before: usize) -> Vec<&'static Region> {
        let mut run = Vec::new();
        let mut at = start;
        for (from, to, region) in self.regions.iter().rev() {
            if *to > at || *from < before {
                continue;
            }
            let limit = if run.is_empty() { NEAR } else { 3 };
            let gap = self.sentence.between(*to, at);
            let apart = gap.contains(';') || (run.is_empty() && gap.contains([',', '.']));
            if at - *to > limit || apart || !self.joins(*to, at, run.is_empty()) {
                break;
            }
            run.push(*region);
            at = *from;
        }
        run
    }

    /// Whether the words between regions only join them.
    fn joins(&self, from: usize, to: usize, first: bool) -> bool {
        const JOINTS: [&str; 14] = [
            "and",
            "or",
            "left",
            "right",
            "bilateral",
            "the",
            "spine",
            "joint",
            "with",
            "of",
            "both",
            "s",
            "region",
            "level",
        ];
        first
            || (from..to).all(|at| {
                let word = self.sentence.word(at);
                JOINTS.iter().any(|joint| joint.eq_ignore_ascii_case(word))
            })
    }
}
