//! What sets overturned rationales apart from upheld ones: phrases, by the log-odds ratio with an
//! informative prior (see [`super::logodds`]). A rationale counts a phrase once, and a rationale
//! that several items share counts once for each decision.

use super::logodds::{Bodies, PhraseFrequencies, threshold, z_score};
use super::phrases::{self, Count, Counts};
use super::wilson::Z95;
use crate::letter::{Decision, Letter};
use crate::search::{self, Backend, Filter, Sample as Letters, SearchError, Understood};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

/// Letters read at most; of more, every second, fourth ... one is.
pub(super) const MOST_LETTERS: usize = 20_000;
/// Different phrases held at most.
const MOST_PHRASES: usize = 1_500_000;
/// Letters whose phrases are held at a time.
const BATCH: usize = 256;
/// The prior says as much as so many rationales on each side, at least ...
const PRIOR: f64 = 10.0;
/// ... and as this share of all rationales: a phrase that one side has not at all is then weighed
/// by what the other shows, not by the prior's own doubt.
const PRIOR_SHARE: f64 = 0.02;
/// Rationales that a phrase stands in at least.
const LEAST: u32 = 3;
/// With fewer rationales on a side nothing is told apart.
pub const TOO_FEW: u64 = 10;
/// With fewer rationales on a side phrases are hints at best.
pub const FEW: u64 = 100;
/// Phrases looked at more closely on each side.
const CANDIDATES: usize = 400;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Letters that match.
    pub letters: u64,
    /// Letters read: where there are more than 20,000, so many of them.
    pub read: u64,
    /// One letter of about so many was read.
    pub every: usize,
    /// Rationales of overturned items among them.
    pub overturned: u64,
    /// Rationales of upheld items among them.
    pub upheld: u64,
    /// Phrases weighed: those that stand in three rationales and more.
    pub phrases: usize,
    /// Phrases in at most so many rationales may have been missed, and counts fall short by at
    /// most so much: more different phrases than are held were met.
    pub missed: u32,
}

/// A phrase that sets one side apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The phrase, in lower case.
    pub phrase: String,
    /// Its z-score: above zero it goes with overturned denials, below with upheld ones.
    pub z: f64,
    /// Beyond what chance gives the most remarkable of all phrases weighed (Bonferroni, 5 %).
    pub stands_out: bool,
    /// Overturned rationales that have it.
    pub overturned: u64,
    /// Upheld rationales that have it.
    pub upheld: u64,
    /// A letter with an item so decided whose rationale has it: its case number, else its file.
    pub example: String,
}

/// What sets the rationales apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reasons {
    /// How the query was read.
    #[serde(flatten)]
    pub understood: Understood,
    /// The filters, as typed.
    pub filters: Vec<Filter>,
    /// What was read.
    pub sample: Sample,
    /// The z-score beyond which a phrase stands out.
    pub threshold: f64,
    /// "too few", "few" or none: how far these figures can be trusted.
    pub caution: Option<String>,
    /// Phrases of overturned rationales, the most telling first.
    pub overturned: Vec<Reason>,
    /// Phrases of upheld rationales, the most telling first.
    pub upheld: Vec<Reason>,
}

/// Finds the phrases that set overturned rationales apart from upheld ones, at most `top` on each
/// side.
///
/// # Errors
/// If the query or a filter cannot be understood, or the index is damaged.
pub fn reasons(
    engine: &dyn Backend,
    request: &search::Request,
    top: usize,
) -> Result<Reasons, SearchError> {
    let letters = engine.sample(request, MOST_LETTERS)?;
    let counted = count(engine, &letters)?;
    let [overturned, upheld] = counted.rationales;
    let scored = counted.scored();
    let sample = Sample {
        letters: letters.all.letters,
        read: letters.letters.len() as u64,
        every: letters.every,
        overturned,
        upheld,
        phrases: scored.len(),
        missed: counted.counts.missed,
    };
    let least = overturned.min(upheld);
    let too_few = least < TOO_FEW;
    let caution = match least {
        n if n < TOO_FEW => Some("too few"),
        n if n < FEW => Some("few"),
        _ => None,
    };
    let threshold = threshold(scored.len());
    let side = |sign: f64| -> Result<Vec<Reason>, SearchError> {
        if too_few {
            return Ok(Vec::new());
        }
        let mut best: Vec<&ScoredPhrase> = scored.iter().filter(|s| s.z * sign >= Z95).collect();
        best.sort_by(|a, b| {
            (b.z * sign)
                .total_cmp(&(a.z * sign))
                .then(a.key.cmp(&b.key))
        });
        best.truncate(CANDIDATES);
        named(engine, &letters, &best, sign > 0.0, top, threshold)
    };
    Ok(Reasons {
        overturned: side(1.0)?,
        upheld: side(-1.0)?,
        understood: letters.understood.clone(),
        filters: request.filters.clone(),
        sample,
        threshold,
        caution: caution.map(str::to_string),
    })
}

/// Phrases counted over a sample.
struct PhraseCounts {
    counts: Counts,
    /// Phrases of all overturned and of all upheld rationales.
    total: [u64; 2],
    rationales: [u64; 2],
}

/// A phrase and its score.
struct ScoredPhrase {
    key: u64,
    count: Count,
    z: f64,
}

fn count(engine: &dyn Backend, letters: &Letters) -> Result<PhraseCounts, SearchError> {
    let mut counted = PhraseCounts {
        counts: Counts::new(MOST_PHRASES),
        total: [0, 0],
        rationales: [0, 0],
    };
    // Letters are read side by side, their phrases counted in the order of the letters: the same
    // index gives the same answer, whatever the threads.
    for of in letters.letters.chunks(BATCH) {
        let read = of
            .par_iter()
            .map(|one| {
                let letter = engine.sampled(letters, one)?;
                let keys = rationales(&letter, &one.items)
                    .into_iter()
                    .map(|(text, decision)| (keys(&text), decision == Decision::Overturned));
                Ok((rank(&letter), keys.collect::<Vec<_>>()))
            })
            .collect::<Result<Vec<_>, SearchError>>()?;
        for (rank, rationales) in read {
            counted.counts.letter(rank);
            for (keys, overturned) in rationales {
                let side = usize::from(!overturned);
                counted.rationales[side] += 1;
                counted.total[side] += keys.len() as u64;
                counted.counts.add(&keys, overturned);
            }
        }
    }
    Ok(counted)
}

/// Which letter is the better example: the newer one, else either, but the same in every index.
fn rank(letter: &Letter) -> u64 {
    let date = letter.dates.decision.map_or(0, |date| date.number());
    let text = phrases::key(&[&letter.text]);
    date << 32 | text >> 32
}

/// The rationales of some items, each once for each decision.
fn rationales<'l>(letter: &'l Letter, items: &[usize]) -> Vec<(Cow<'l, str>, Decision)> {
    let mut all: Vec<(Cow<'l, str>, Decision)> = Vec::new();
    for item in items.iter().filter_map(|n| letter.items.get(*n)) {
        let text = letter.own_rationale(item);
        let Some(decision) = item.decision else {
            continue;
        };
        let rationale = (text, decision);
        if !rationale.0.is_empty() && !all.contains(&rationale) {
            all.push(rationale);
        }
    }
    all
}

/// The phrases of a rationale, each once.
fn keys(text: &str) -> Vec<u64> {
    let mut keys = Vec::new();
    phrases::each(text, |phrase| keys.push(phrases::key(phrase)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl PhraseCounts {
    fn scored(&self) -> Vec<ScoredPhrase> {
        let all = (self.total[0] + self.total[1]) as f64;
        let rationales = (self.rationales[0] + self.rationales[1]).max(1) as f64;
        let bodies = Bodies {
            first: self.total[0],
            second: self.total[1],
            prior: (rationales * PRIOR_SHARE).max(PRIOR) * all / rationales,
        };
        let score = |(key, count): (u64, &Count)| {
            let pair = PhraseFrequencies {
                first: count.overturned.into(),
                second: count.upheld.into(),
            };
            Some(ScoredPhrase {
                key,
                count: *count,
                z: z_score(pair, bodies)?,
            })
        };
        self.counts
            .iter()
            .filter(|(_, count)| count.all() >= LEAST)
            .filter_map(score)
            .collect()
    }
}

/// The most telling phrases by name, of several that say the same the fullest.
fn named(
    engine: &dyn Backend,
    letters: &Letters,
    best: &[&ScoredPhrase],
    overturned: bool,
    top: usize,
    threshold: f64,
) -> Result<Vec<Reason>, SearchError> {
    let place = |scored: &ScoredPhrase| {
        if overturned {
            scored.count.overturned_in
        } else {
            scored.count.upheld_in
        }
    };
    let mut wanted: HashMap<u32, Vec<u64>> = HashMap::new();
    for scored in best {
        wanted.entry(place(scored)).or_default().push(scored.key);
    }
    let side = if overturned {
        Decision::Overturned
    } else {
        Decision::Upheld
    };
    let mut names: HashMap<u64, String> = HashMap::new();
    for (at, keys) in wanted {
        let Some(one) = letters.letters.get(at as usize) else {
            continue;
        };
        let letter = engine.sampled(letters, one)?;
        for (text, decision) in rationales(&letter, &one.items) {
            if decision == side {
                phrases::each(&text, |phrase| {
                    let key = phrases::key(phrase);
                    if keys.contains(&key) {
                        names.entry(key).or_insert_with(|| phrase.join(" "));
                    }
                });
            }
        }
    }
    let mut named: Vec<(&ScoredPhrase, &str)> = best
        .iter()
        .filter_map(|scored| Some((*scored, names.get(&scored.key)?.as_str())))
        .collect();
    // Of phrases that tell as much the fullest first, then by name, not by hash.
    named.sort_by(|a, b| {
        let words = |phrase: &str| phrase.split(' ').count();
        b.0.z
            .abs()
            .total_cmp(&a.0.z.abs())
            .then(words(b.1).cmp(&words(a.1)))
            .then(a.1.cmp(b.1))
    });
    let mut reasons = Vec::new();
    for (scored, phrase) in distinct(named).into_iter().take(top) {
        let one = &letters.letters[place(scored) as usize];
        let hit = engine.sampled_hit(letters, one)?;
        let file = || hit.files.first().cloned().unwrap_or_default();
        reasons.push(Reason {
            phrase: phrase.to_string(),
            z: (scored.z * 1000.0).round() / 1000.0,
            stands_out: scored.z.abs() >= threshold,
            overturned: scored.count.overturned.into(),
            upheld: scored.count.upheld.into(),
            example: hit.letter.case_number.clone().unwrap_or_else(file),
        });
    }
    Ok(reasons)
}

/// Of phrases that lie within one another and are about as frequent, the longest; else the first.
fn distinct<'s>(named: Vec<(&'s ScoredPhrase, &'s str)>) -> Vec<(&'s ScoredPhrase, &'s str)> {
    let within = |short: &str, long: &str| format!(" {long} ").contains(&format!(" {short} "));
    let mut kept: Vec<(&ScoredPhrase, &str)> = Vec::new();
    for (scored, phrase) in named {
        let related = kept.iter().position(|(_, other)| {
            within(phrase, other) || within(other, phrase) || overlap(phrase, other)
        });
        let Some(at) = related else {
            kept.push((scored, phrase));
            continue;
        };
        let (other, shown) = kept[at];
        // A longer phrase nearly as frequent says more.
        let nearly = f64::from(scored.count.all()) >= 0.8 * f64::from(other.count.all());
        if nearly && scored.z.abs() >= 0.9 * other.z.abs() && within(shown, phrase) {
            kept[at] = (scored, phrase);
        }
    }
    kept.sort_by(|a, b| b.0.z.abs().total_cmp(&a.0.z.abs()));
    kept
}

/// Whether one phrase goes on where the other ends, by two words.
fn overlap(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let goes_on = |a: &[&str], b: &[&str]| a.len() > 2 && b.len() > 2 && a[1..] == b[..2];
    goes_on(&a, &b) || goes_on(&b, &a)
}
