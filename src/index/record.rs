//! A letter's record as the index stores it: small, and quick to read.
//!
//! It is postcard (a byte or two for a number, no names of fields), what stands in the letter's
//! text is told by where it stands, and a name that many letters have is a number ([`super::names`]). Nothing in it depends on the vocabulary's tables, which may grow
//! while an index lives; a change of its form, of `text::flat` or of the order of the variants that
//! are stored needs another `FORMAT`.

use super::names::{Name, Names};
use crate::letter::text::flat;
use crate::letter::{
    Citation, Dates, Decision, Diagnosis, Drug, FinalDetermination, Item, Laterality, Layout,
    Letter, LetterDate, Patient, PriorTreatment, Priority, Reason, Reviewer, Sex, Side, Sign,
    TreatmentOutcome, Warning, WarningKind,
};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ops::Range;
use time::Date;

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    layout: Option<Layout>,
    case_number: Option<&'a str>,
    priority: Option<Priority>,
    /// Injury, denial, received, assigned, decision: days since 2000, and of all but the last the days since the decision,
    /// where there is one.
    dates: [Option<i32>; 5],
    #[serde(borrow)]
    licensure: Vec<Name<'a>>,
    #[serde(borrow)]
    specialties: Vec<Name<'a>>,
    age: Option<u32>,
    sex: Option<Sex>,
    #[serde(borrow)]
    items: Vec<StoredItem<'a>>,
    case_summary: Span,
    claim_number: Option<&'a str>,
    employee: Option<&'a str>,
    provider: Option<&'a str>,
    claims_administrator: Option<&'a str>,
    treatments_in_dispute: Option<&'a str>,
    documents_reviewed: Span,
    final_determination: Option<FinalDetermination>,
    /// Name and region.
    #[serde(borrow)]
    diagnoses: Vec<(Name<'a>, Name<'a>)>,
    #[serde(borrow)]
    prior_treatments: Vec<(Name<'a>, Option<TreatmentOutcome>, Option<u32>)>,
    #[serde(borrow)]
    injury_mechanism: Option<Name<'a>>,
    #[serde(borrow)]
    work_status: Option<Name<'a>>,
    #[serde(borrow)]
    ur_reasons: Vec<StoredReason<'a>>,
    #[serde(borrow)]
    warnings: Vec<(WarningKind, &'a str)>,
    document_kind: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct StoredItem<'a> {
    rationale: Span,
    #[serde(borrow)]
    request: Passage<'a>,
    original_request: Option<&'a str>,
    authorized: Option<&'a str>,
    decision: Option<Decision>,
    partial: bool,
    #[serde(borrow)]
    drugs: Vec<StoredDrug<'a>>,
    #[serde(borrow)]
    treatment: Name<'a>,
    #[serde(borrow)]
    services: Vec<Name<'a>>,
    #[serde(borrow)]
    body_parts: Vec<Name<'a>>,
    laterality: Option<Laterality>,
    visits: Option<u32>,
    #[serde(borrow)]
    codes: Vec<&'a str>,
    #[serde(borrow)]
    claims_administrator: StoredSide<'a>,
    #[serde(borrow)]
    reviewer: StoredSide<'a>,
    #[serde(borrow)]
    reasons: Vec<StoredReason<'a>>,
    reason_sentences: Vec<Span>,
    retrospective: bool,
}

/// The theme, and whether it speaks for the request.
#[derive(Serialize, Deserialize)]
struct StoredReason<'a>(#[serde(borrow)] Name<'a>, bool);

#[derive(Serialize, Deserialize)]
struct StoredDrug<'a> {
    #[serde(borrow)]
    name: Name<'a>,
    #[serde(borrow)]
    class: Name<'a>,
    #[serde(borrow)]
    strength: Option<Name<'a>>,
    #[serde(borrow)]
    form: Option<Name<'a>>,
    quantity: Option<u32>,
    refills: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct StoredSide<'a> {
    #[serde(borrow)]
    text: Passage<'a>,
    #[serde(borrow)]
    citations: Vec<StoredCitation<'a>>,
}

#[derive(Serialize, Deserialize)]
struct StoredCitation<'a> {
    #[serde(borrow)]
    source: Name<'a>,
    #[serde(borrow)]
    title: Name<'a>,
    /// None: as the title.
    #[serde(borrow)]
    printed: Option<Name<'a>>,
    #[serde(borrow)]
    sections: Part<'a>,
    /// Runs of pages: the first, and how many follow it.
    pages: Vec<(u32, u32)>,
}

/// A range of the letter's text: where it begins, and its length.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Span(usize, usize);

/// A string that may stand in the letter's text, broken into lines.
#[derive(Serialize, Deserialize)]
enum Passage<'a> {
    /// So many bytes before the item's rationale, so many bytes long.
    Before(usize, usize),
    Itself(&'a str),
}

/// A string that may be a part of its side's passage.
#[derive(Serialize, Deserialize)]
enum Part<'a> {
    #[serde(borrow)]
    Itself(Name<'a>),
    Of(usize, usize),
}

/// How far before a rationale its item is looked for, in bytes.
const BEFORE: usize = 8 << 10;
/// More pages than one citation has: a damaged record shall not fill the memory.
const MOST_PAGES: usize = 1 << 20;
/// 2000-01-01, in days of `Date::to_julian_day`.
const YEAR_2000: i32 = 2_451_545;

/// The stored form of a letter that has this text; `letter.text` is not looked at.
#[must_use]
pub(super) fn write(letter: &Letter, text: &str, names: &Names) -> Vec<u8> {
    with_names(letter, text, &|name| names.name(name))
}

/// The stored form of a letter as it would be if all names had numbers, and these names.
#[must_use]
pub(super) fn names(letter: &Letter, text: &str) -> (Vec<u8>, Vec<String>) {
    let names = RefCell::new(Vec::new());
    let record = with_names(letter, text, &|name| {
        names.borrow_mut().push(name.to_string());
        Name::Numbered(0)
    });
    (record, names.into_inner())
}

fn with_names<'a>(letter: &'a Letter, text: &str, name: &dyn Fn(&'a str) -> Name<'a>) -> Vec<u8> {
    let all = |names: &'a [String]| names.iter().map(|n| name(n)).collect::<Vec<_>>();
    let dates = &letter.dates;
    let days = |date: Option<LetterDate>| date.map(|d| d.0.to_julian_day() - YEAR_2000);
    let decision = days(dates.decision);
    let day = |date: Option<LetterDate>| days(date).map(|day| day - decision.unwrap_or(0));
    let warnings = letter.warnings.iter();
    let stored = Stored {
        layout: letter.layout,
        case_number: letter.case_number.as_deref(),
        priority: letter.priority,
        dates: [
            day(dates.injury),
            day(dates.ur_denial),
            day(dates.received),
            day(dates.assigned),
            decision,
        ],
        licensure: all(&letter.reviewer.licensure),
        specialties: all(&letter.reviewer.specialties),
        age: letter.patient.age,
        sex: letter.patient.sex,
        items: letter
            .items
            .iter()
            .map(|i| stored_item(i, text, name))
            .collect(),
        case_summary: Span::of(&letter.case_summary),
        claim_number: letter.claim_number.as_deref(),
        employee: letter.employee.as_deref(),
        provider: letter.provider.as_deref(),
        claims_administrator: letter.claims_administrator.as_deref(),
        treatments_in_dispute: letter.treatments_in_dispute.as_deref(),
        documents_reviewed: Span::of(&letter.documents_reviewed),
        final_determination: letter.final_determination,
        diagnoses: letter
            .diagnoses
            .iter()
            .map(|d| (name(&d.name), name(&d.region)))
            .collect(),
        prior_treatments: letter
            .prior_treatments
            .iter()
            .map(|t| (name(&t.service), t.outcome, t.visits))
            .collect(),
        injury_mechanism: letter.injury_mechanism.as_deref().map(name),
        work_status: letter.work_status.as_deref().map(name),
        ur_reasons: stored_reasons(&letter.ur_reasons, name),
        warnings: warnings.map(|w| (w.kind, w.detail.as_str())).collect(),
        document_kind: letter.document_kind.as_deref(),
    };
    // Plain data: it serialises.
    postcard::to_allocvec(&stored).unwrap_or_default()
}

/// The letter of a stored record and its text.
///
/// # Errors
/// If it is no such record.
pub(super) fn read(record: &[u8], text: String, names: &Names) -> Result<Letter, String> {
    let stored = postcard::from_bytes::<Stored>(record).map_err(|_| "its record is damaged")?;
    let [injury, ur_denial, received, assigned, decision] = stored.dates;
    let since = |day: Option<i32>| date(day.map(|day| day.saturating_add(decision.unwrap_or(0))));
    let items = stored.items.iter().map(|item| item.read(&text, names));
    let name = |stored: &Name| names.read(stored).map(String::from);
    let all = |stored: &[Name]| stored.iter().map(name).collect::<Result<Vec<_>, _>>();
    let warnings = stored.warnings.into_iter();
    Ok(Letter {
        layout: stored.layout,
        case_number: stored.case_number.map(String::from),
        priority: stored.priority,
        dates: Dates {
            injury: since(injury)?,
            ur_denial: since(ur_denial)?,
            received: since(received)?,
            assigned: since(assigned)?,
            decision: date(decision)?,
        },
        reviewer: Reviewer {
            licensure: all(&stored.licensure)?,
            specialties: all(&stored.specialties)?,
        },
        patient: Patient {
            age: stored.age,
            sex: stored.sex,
        },
        items: items.collect::<Result<_, _>>()?,
        case_summary: stored.case_summary.range(),
        claim_number: stored.claim_number.map(String::from),
        employee: stored.employee.map(String::from),
        provider: stored.provider.map(String::from),
        claims_administrator: stored.claims_administrator.map(String::from),
        treatments_in_dispute: stored.treatments_in_dispute.map(String::from),
        documents_reviewed: stored.documents_reviewed.range(),
        final_determination: stored.final_determination,
        diagnoses: stored
            .diagnoses
            .iter()
            .map(|(diagnosis, region)| {
                Ok(Diagnosis {
                    name: name(diagnosis)?,
                    region: name(region)?,
                })
            })
            .collect::<Result<_, String>>()?,
        prior_treatments: stored
            .prior_treatments
            .iter()
            .map(|(service, outcome, visits)| {
                Ok(PriorTreatment {
                    service: name(service)?,
                    outcome: *outcome,
                    visits: *visits,
                })
            })
            .collect::<Result<_, String>>()?,
        injury_mechanism: stored.injury_mechanism.as_ref().map(name).transpose()?,
        work_status: stored.work_status.as_ref().map(name).transpose()?,
        ur_reasons: read_reasons(&stored.ur_reasons, names)?,
        warnings: warnings
            .map(|(kind, detail)| Warning {
                kind,
                detail: detail.to_string(),
            })
            .collect(),
        document_kind: stored.document_kind.map(String::from),
        text,
    })
}

fn date(day: Option<i32>) -> Result<Option<LetterDate>, String> {
    let read = |day: i32| Date::from_julian_day(day.saturating_add(YEAR_2000));
    let date = day.map(read).transpose();
    let date = date.map_err(|_| "its date is damaged")?;
    Ok(date.map(LetterDate))
}

fn borrowed(strings: &[String]) -> Vec<&str> {
    strings.iter().map(String::as_str).collect()
}

fn owned(strings: &[&str]) -> Vec<String> {
    strings.iter().map(ToString::to_string).collect()
}

fn stored_item<'a>(
    item: &'a Item,
    text: &str,
    name: &dyn Fn(&'a str) -> Name<'a>,
) -> StoredItem<'a> {
    let end = item.rationale.start;
    let drugs = item.drugs.iter().map(|drug| StoredDrug {
        name: name(&drug.name),
        class: name(&drug.class),
        strength: drug.strength.as_deref().map(name),
        form: drug.form.as_deref().map(name),
        quantity: drug.quantity,
        refills: drug.refills,
    });
    StoredItem {
        rationale: Span::of(&item.rationale),
        request: Passage::of(&item.request, text, end),
        original_request: item.original_request.as_deref(),
        authorized: item.authorized.as_deref(),
        decision: item.decision,
        partial: item.partial,
        drugs: drugs.collect(),
        treatment: name(&item.treatment),
        services: item.services.iter().map(|s| name(s)).collect(),
        body_parts: item.body_parts.iter().map(|part| name(part)).collect(),
        laterality: item.laterality,
        visits: item.visits,
        codes: borrowed(&item.codes),
        claims_administrator: stored_side(&item.claims_administrator, text, end, name),
        reviewer: stored_side(&item.reviewer, text, end, name),
        reasons: stored_reasons(&item.reasons, name),
        reason_sentences: item.reason_sentences.iter().map(Span::of).collect(),
        retrospective: item.retrospective,
    }
}

impl StoredItem<'_> {
    fn read(&self, text: &str, names: &Names) -> Result<Item, String> {
        let start = self.rationale.0;
        let name = |stored: &Name| names.read(stored).map(String::from);
        let all = |stored: &[Name]| stored.iter().map(name).collect::<Result<Vec<_>, _>>();
        let drugs = self.drugs.iter().map(|drug| {
            Ok(Drug {
                name: name(&drug.name)?,
                class: name(&drug.class)?,
                strength: drug.strength.as_ref().map(name).transpose()?,
                form: drug.form.as_ref().map(name).transpose()?,
                quantity: drug.quantity,
                refills: drug.refills,
            })
        });
        Ok(Item {
            request: self.request.read(text, start)?,
            original_request: self.original_request.map(String::from),
            authorized: self.authorized.map(String::from),
            decision: self.decision,
            partial: self.partial,
            drugs: drugs.collect::<Result<_, String>>()?,
            treatment: name(&self.treatment)?,
            services: all(&self.services)?,
            body_parts: all(&self.body_parts)?,
            laterality: self.laterality,
            visits: self.visits,
            codes: owned(&self.codes),
            claims_administrator: self.claims_administrator.read(text, start, names)?,
            reviewer: self.reviewer.read(text, start, names)?,
            rationale: self.rationale.range(),
            reasons: read_reasons(&self.reasons, names)?,
            reason_sentences: self.reason_sentences.iter().map(|s| s.range()).collect(),
            retrospective: self.retrospective,
        })
    }
}

fn stored_reasons<'a>(
    reasons: &'a [Reason],
    name: &dyn Fn(&'a str) -> Name<'a>,
) -> Vec<StoredReason<'a>> {
    let stored = reasons
        .iter()
        .map(|r| StoredReason(name(&r.theme), r.sign == Sign::For));
    stored.collect()
}

fn read_reasons(stored: &[StoredReason], names: &Names) -> Result<Vec<Reason>, String> {
    let reason = |StoredReason(theme, is_for): &StoredReason| {
        Ok(Reason {
            theme: names.read(theme)?.to_string(),
            sign: if *is_for { Sign::For } else { Sign::Against },
        })
    };
    stored.iter().map(reason).collect()
}

fn stored_side<'a>(
    side: &'a Side,
    text: &str,
    end: usize,
    name: &dyn Fn(&'a str) -> Name<'a>,
) -> StoredSide<'a> {
    let citations = side.citations.iter().map(|citation| StoredCitation {
        source: name(&citation.source),
        title: name(&citation.title),
        printed: (citation.printed != citation.title).then(|| name(&citation.printed)),
        sections: Part::of(name(&citation.sections), &citation.sections, &side.text),
        pages: runs(&citation.pages),
    });
    StoredSide {
        text: Passage::of(&side.text, text, end),
        citations: citations.collect(),
    }
}

impl StoredSide<'_> {
    fn read(&self, text: &str, start: usize, names: &Names) -> Result<Side, String> {
        let passage = self.text.read(text, start)?;
        let citations = self.citations.iter().map(|stored| {
            let title = names.read(&stored.title)?;
            Ok(Citation {
                source: names.read(&stored.source)?.to_string(),
                title: title.to_string(),
                printed: match &stored.printed {
                    Some(printed) => names.read(printed)?.to_string(),
                    None => title.to_string(),
                },
                sections: stored.sections.read(&passage, names)?,
                pages: pages(&stored.pages)?,
            })
        });
        Ok(Side {
            citations: citations.collect::<Result<_, String>>()?,
            text: passage,
        })
    }
}

fn runs(pages: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some((first, more)) if u64::from(*first) + u64::from(*more) + 1 == u64::from(*page) => {
                *more += 1;
            }
            _ => runs.push((*page, 0)),
        }
    }
    runs
}

fn pages(runs: &[(u32, u32)]) -> Result<Vec<u32>, String> {
    let mut pages = Vec::new();
    for (first, more) in runs {
        if pages.len() + *more as usize > MOST_PAGES {
            return Err("a citation has too many pages".to_string());
        }
        pages.extend(*first..=first.saturating_add(*more));
    }
    Ok(pages)
}

impl Span {
    fn of(range: &Range<usize>) -> Span {
        Span(range.start, range.end.saturating_sub(range.start))
    }

    fn range(self) -> Range<usize> {
        self.0..self.0.saturating_add(self.1)
    }
}

impl<'a> Passage<'a> {
    /// Where the string stands before `end`, the nearest place; itself where it does not.
    fn of(string: &'a str, text: &str, end: usize) -> Passage<'a> {
        let itself = Passage::Itself(string);
        let word = string.split(' ').next().unwrap_or_default();
        let start = end.saturating_sub(BEFORE);
        let Some(before) = text.as_bytes().get(start..end) else {
            return itself;
        };
        if word.is_empty() {
            return itself;
        }
        for at in memchr::memmem::rfind_iter(before, word.as_bytes()) {
            let Some(length) = length_of(string, &before[at..]) else {
                continue;
            };
            let range = start + at..start + at + length;
            if text.get(range).is_some_and(|found| flat(found) == string) {
                return Passage::Before(end - start - at, length);
            }
        }
        itself
    }

    fn read(&self, text: &str, end: usize) -> Result<String, String> {
        match self {
            Passage::Itself(string) => Ok((*string).to_string()),
            Passage::Before(back, length) => {
                let start = end.checked_sub(*back);
                let found = start.and_then(|start| text.get(start..start.checked_add(*length)?));
                found.map(flat).ok_or_else(|| OUTSIDE.to_string())
            }
        }
    }
}

const OUTSIDE: &str = "it names a passage that is not in its text";

/// How many bytes of a text the string takes that it begins with, where a space may be any white
/// space; None where it does not begin so.
fn length_of(string: &str, text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for byte in string.bytes() {
        if byte == b' ' {
            let gap = text[at..].iter().take_while(|b| b.is_ascii_whitespace());
            let gap = gap.count();
            if gap == 0 {
                return None;
            }
            at += gap;
        } else if text.get(at) == Some(&byte) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(at)
}

impl<'a> Part<'a> {
    fn of(name: Name<'a>, string: &str, passage: &str) -> Part<'a> {
        match (name, passage.find(string)) {
            (Name::Itself(_), Some(at)) if !string.is_empty() => Part::Of(at, string.len()),
            _ => Part::Itself(name),
        }
    }

    fn read(&self, passage: &str, names: &Names) -> Result<String, String> {
        match self {
            Part::Itself(name) => names.read(name).map(String::from),
            Part::Of(at, length) => at
                .checked_add(*length)
                .and_then(|end| passage.get(*at..end))
                .map(String::from)
                .ok_or_else(|| OUTSIDE.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;
    use proptest::prelude::*;

    const TEXT: &str = "Case Number: CM15-0900001\nDate of Injury: 02/03/2013\nDecision Date: 03/05/2015\n\
        Priority: Standard\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
        Norco 10/325mg #60 with 2 refills: Upheld\n\n\
        Claims Administrator guideline: Decision based on Non-MTUS Citation Official Disability\n\
        Guidelines, Pain Chapter.\n\n\
        MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Opioids\n\
        Page(s): 74-96, 124.\n\nDecision rationale: No improvement is documented.\n\n\
        Physical therapy 2 x 6 left knee: Overturned\n\nDecision rationale: It helps.\n";

    fn names_of(letter: &Letter) -> Names {
        let mut names = names(letter, &letter.text).1;
        names.sort();
        names.dedup();
        Names::new(names)
    }

    fn kept(letter: &Letter) -> Letter {
        let (none, all) = (Names::default(), names_of(letter));
        let record = write(letter, &letter.text, &none);
        let kept = read(&record, letter.text.clone(), &none).unwrap();
        let numbered = write(letter, &letter.text, &all);
        assert!(numbered.len() <= record.len());
        assert_eq!(read(&numbered, letter.text.clone(), &all).unwrap(), kept);
        kept
    }

    #[test]
    fn a_letter_comes_back_as_it_was_and_small() {
        let letter = letter::read(TEXT);
        assert_eq!(letter.items.len(), 2);
        assert_eq!(letter.items[0].reviewer.pages().len(), 24);
        assert_eq!(kept(&letter), letter);
        let json = serde_json::to_string(&letter).unwrap();
        let names = Names::default();
        let record = write(&letter, &letter.text, &names);
        assert!(record.len() * 4 < json.len(), "{}", record.len());
        let text = String::from_utf8_lossy(&record);
        assert!(!text.contains("Pain Chapter"), "{text}");
        // Where this fails the form has changed: older indexes cannot be read, so raise FORMAT.
        assert_eq!(
            (super::super::FORMAT, digest(&record)),
            (11, DIGEST.to_string())
        );
    }

    fn digest(record: &[u8]) -> String {
        blake3::hash(record).to_hex()[..16].to_string()
    }

    const DIGEST: &str = "bf50d54a0cac7138";

    #[test]
    fn what_is_not_in_the_text_is_kept_itself() {
        let mut letter = letter::read(TEXT);
        let item = &mut letter.items[0];
        item.request = "of another letter".to_string();
        item.reviewer.text = "é  two  spaces".to_string();
        item.reviewer.citations[0].sections = "nowhere".to_string();
        item.reviewer.citations[0].printed = String::new();
        item.reviewer.citations[0].pages = vec![7, 7, 6, u32::MAX, 0];
        item.rationale = 5..usize::MAX;
        letter.case_summary = 0..0;
        assert_eq!(kept(&letter), letter);
        let elsewhere = read(
            &write(&letter, TEXT, &Names::default()),
            String::new(),
            &Names::default(),
        );
        assert!(elsewhere.is_err(), "{elsewhere:?}");
    }

    #[test]
    fn letters_of_the_sample_corpus_come_back() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-corpus");
        let mut letters = 0;
        for entry in walkdir::WalkDir::new(folder) {
            let Ok(raw) = std::fs::read_to_string(entry.unwrap().path()) else {
                continue;
            };
            let letter = letter::read(&raw);
            assert_eq!(kept(&letter), letter);
            letters += 1;
        }
        assert!(letters > 10);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd_to_be_refused(bytes: Vec<u8>, at: usize, cut: usize) {
            let letter = letter::read(TEXT);
            let names = names_of(&letter);
            let _ = read(&bytes, TEXT.to_string(), &names);
            let mut record = write(&letter, &letter.text, &names);
            let at = at % record.len();
            record[at] = bytes.first().copied().unwrap_or(255);
            let _ = read(&record, letter.text.clone(), &names);
            record.truncate(cut % record.len());
            prop_assert!(read(&record, letter.text, &names).is_err() || cut == 0);
        }
    }
}
