//! What the parties' copy says on its cover page and in its header, and public copies black out: by
//! which claim number and names an office knows the case, what was in dispute, and how it ended.

use super::date;
use super::header;
use super::sections::floor_char;
use serde::{Deserialize, Serialize};

/// How a letter's cover page sums up its decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FinalDetermination {
    /// "UPHOLD": none of the disputed items is medically necessary.
    Upheld,
    /// "OVERTURN": all of them are.
    Overturned,
    /// "PARTIAL OVERTURN": some are.
    PartiallyOverturned,
}

impl FinalDetermination {
    /// All of them.
    pub const ALL: [FinalDetermination; 3] = [
        FinalDetermination::Upheld,
        FinalDetermination::Overturned,
        FinalDetermination::PartiallyOverturned,
    ];

    /// The name in records and facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FinalDetermination::Upheld => "upheld",
            FinalDetermination::Overturned => "overturned",
            FinalDetermination::PartiallyOverturned => "partially-overturned",
        }
    }
}

/// What a cover page and a header say in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cover {
    pub claim_number: Option<String>,
    pub employee: Option<String>,
    pub provider: Option<String>,
    pub claims_administrator: Option<String>,
    pub treatments_in_dispute: Option<String>,
    pub final_determination: Option<FinalDetermination>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Claim,
    Employee,
    Provider,
    Administrator,
    Treatments,
    Determination,
    /// Of the header: it ends the value before it.
    Other,
}

/// What a colon ends; of two that fit the longer one is meant.
const LABELS: &[(&str, Label)] = &[
    ("claim number", Label::Claim),
    ("claim no", Label::Claim),
    ("claim no.", Label::Claim),
    ("claim #", Label::Claim),
    ("employee", Label::Employee),
    ("employee name", Label::Employee),
    ("injured worker", Label::Employee),
    ("injured employee", Label::Employee),
    ("provider", Label::Provider),
    ("provider name", Label::Provider),
    ("requesting provider", Label::Provider),
    ("requesting physician", Label::Provider),
    ("claims administrator", Label::Administrator),
    ("claims administrator name", Label::Administrator),
    (
        "treatment(s) in dispute listed on imr application",
        Label::Treatments,
    ),
    (
        "treatments in dispute listed on imr application",
        Label::Treatments,
    ),
    (
        "treatment in dispute listed on imr application",
        Label::Treatments,
    ),
    ("treatment(s) in dispute", Label::Treatments),
    ("treatments in dispute", Label::Treatments),
    ("final determination", Label::Determination),
];

/// A cover page and a header are no longer than this.
const REACH: usize = 8 << 10;
/// A name or a number is no longer than this.
const LONGEST: usize = 120;
/// So long may the list of treatments be.
const LONGEST_LIST: usize = 2000;

/// Reads what stands before the letter's first section.
#[must_use]
pub(super) fn read(text: &str) -> Cover {
    let text = &text[..floor_char(text, REACH)];
    let mut cover = Cover::default();
    // Labels that wait for a value on a line below.
    let mut waiting: Vec<Label> = Vec::new();
    let mut values: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n);
        let line = &text[at..end];
        let labels = labels(line);
        if labels.is_empty() {
            if !waiting.is_empty() && is_value(line) {
                values.push(line);
            } else if !line.is_empty() {
                deal(&mut cover, &mut waiting, &mut values);
            }
        } else {
            if !values.is_empty() {
                deal(&mut cover, &mut waiting, &mut values);
            }
            for (n, (_, after, label)) in labels.iter().enumerate() {
                let to = labels.get(n + 1).map_or(line.len(), |next| next.0);
                let value = line[*after..to].trim();
                match label {
                    Label::Other => {}
                    Label::Treatments if cover.treatments_in_dispute.is_none() => {
                        cover.treatments_in_dispute = treatments(&text[at + after..]);
                    }
                    Label::Determination => {
                        cover.final_determination =
                            cover.final_determination.or_else(|| determination(value));
                    }
                    Label::Treatments => {}
                    label if value.is_empty() => waiting.push(*label),
                    label => cover.set(*label, value),
                }
            }
        }
        at = end + 1;
    }
    deal(&mut cover, &mut waiting, &mut values);
    cover
}

impl Cover {
    fn set(&mut self, label: Label, value: &str) {
        let slot = match label {
            Label::Claim => &mut self.claim_number,
            Label::Employee => &mut self.employee,
            Label::Provider => &mut self.provider,
            Label::Administrator => &mut self.claims_administrator,
            Label::Treatments | Label::Determination | Label::Other => return,
        };
        let value = value.trim_matches([' ', ':', ',']);
        let blank =
            value.starts_with(['[', '*', '_']) || value.to_ascii_lowercase().contains("redacted");
        let fits = label != Label::Claim || value.bytes().any(|b| b.is_ascii_digit());
        if slot.is_none() && !value.is_empty() && value.len() <= LONGEST && !blank && fits {
            *slot = Some(value.to_string());
        }
    }
}

/// The labels of a line, in order: where each begins, where its colon ends, and which.
fn labels(line: &str) -> Vec<(usize, usize, Label)> {
    let mut found: Vec<(usize, usize, Label)> = Vec::new();
    if memchr::memchr(b':', line.as_bytes()).is_none() {
        return found;
    }
    let lower = line.to_ascii_lowercase();
    let mut from = 0;
    for colon in memchr::memchr_iter(b':', lower.as_bytes()) {
        let before = &lower[from..colon];
        let named = LABELS
            .iter()
            .filter(|(label, _)| {
                before.ends_with(label)
                    && !before[..before.len() - label.len()]
                        .ends_with(|c: char| c.is_alphanumeric())
            })
            .max_by_key(|(label, _)| label.len());
        let label = match named {
            Some((label, which)) => Some((colon - label.len(), *which)),
            None => header::label_before(before).map(|length| (colon - length, Label::Other)),
        };
        if let Some((start, which)) = label {
            found.push((start, colon + 1, which));
            from = colon + 1;
        }
    }
    found
}

/// Whether a line may be the value of a label that stands above it.
fn is_value(line: &str) -> bool {
    !line.is_empty() && line.len() <= 60 && !line.ends_with(['.', ':', ';'])
}

/// Deals values that stand below their labels: numbers and dates to theirs, names in turn, if
/// there are as many as labels.
fn deal(cover: &mut Cover, waiting: &mut Vec<Label>, values: &mut Vec<&str>) {
    let mut words: Vec<&str> = values
        .drain(..)
        .filter(|value| {
            let dated = date::find(value, 0).is_some_and(|found| found.start == 0);
            let priority = ["standard", "expedited"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word));
            !dated && !priority && header::case_number(value).is_none()
        })
        .collect();
    if let Some(claim) = waiting.iter().position(|label| *label == Label::Claim)
        && let Some(number) = words.iter().position(|value| is_claim_number(value))
    {
        cover.set(Label::Claim, words.remove(number));
        waiting.remove(claim);
    }
    if words.len() == waiting.len() {
        for (label, value) in waiting.iter().zip(&words) {
            cover.set(*label, value);
        }
    }
    waiting.clear();
}

/// Digits, and little else.
fn is_claim_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 && value.split(' ').count() <= 3 && value.len() <= 40 && digits * 3 >= value.len()
}

/// The treatments that the application listed, to the end of their paragraph.
fn treatments(rest: &str) -> Option<String> {
    let rest = rest.trim_start_matches([' ', '\n']);
    let rest = &rest[..floor_char(rest, LONGEST_LIST)];
    let paragraph = rest.split("\n\n").next().unwrap_or(rest);
    let lines = paragraph.lines().take_while(|line| {
        labels(line).is_empty() && !line.to_ascii_lowercase().starts_with("dear ")
    });
    let list = lines.collect::<Vec<_>>().join(" ");
    let list = list.trim();
    (!list.is_empty()).then(|| list.to_string())
}

/// "UPHOLD", "PARTIAL OVERTURN. This means ..."
fn determination(value: &str) -> Option<FinalDetermination> {
    let value = value.trim_start_matches([' ', '-']).to_ascii_lowercase();
    let head = value.split(['.', ';', '(']).next().unwrap_or(&value);
    let words: Vec<&str> = head.split(' ').take(4).collect();
    let says = |start: &str| words.iter().any(|word| word.starts_with(start));
    if says("partial") || says("modif") || says("overturn") && (says("part") || says("uph")) {
        return Some(FinalDetermination::PartiallyOverturned);
    }
    match words.first()? {
        word if word.starts_with("uph") => Some(FinalDetermination::Upheld),
        word if word.starts_with("overturn") => Some(FinalDetermination::Overturned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailed_letter() {
        let cover = read(
            "Dated: 10/03/2016\n\nIMR Case Number: CM16-0900009 Date of Injury: 05/21/2012\nClaim Number: EX-000-4711 UR Denial Date: 08/05/2016\nPriority: STANDARD Application Received: 08/19/2016\nEmployee Name: PAT SAMPLE\nProvider Name: LEE SAMPLE, MD\nClaims Administrator: Example Claims Services\nTreatment(s) in Dispute Listed on IMR Application:\nNORCO 10/325MG #60,\nMRI OF THE KNEE\n\nDEAR PAT SAMPLE,\n\nFinal Determination: PARTIAL OVERTURN. This means we decided that some are.",
        );
        assert_eq!(cover.claim_number.as_deref(), Some("EX-000-4711"));
        assert_eq!(cover.employee.as_deref(), Some("PAT SAMPLE"));
        assert_eq!(cover.provider.as_deref(), Some("LEE SAMPLE, MD"));
        assert_eq!(
            cover.claims_administrator.as_deref(),
            Some("Example Claims Services")
        );
        assert_eq!(
            cover.treatments_in_dispute.as_deref(),
            Some("NORCO 10/325MG #60, MRI OF THE KNEE")
        );
        assert_eq!(
            cover.final_determination,
            Some(FinalDetermination::PartiallyOverturned)
        );
    }

    #[test]
    fn labels_before_values_and_redacted_ones() {
        let cover = read(
            "Employee:\nClaim Number:\nDate of UR Decision:\nMAXIMUS Case Number:\n\nPAT SAMPLE\nEX-000-4712\n7/18/2013\nCM13-0900012\n",
        );
        assert_eq!(cover.employee.as_deref(), Some("PAT SAMPLE"));
        assert_eq!(cover.claim_number.as_deref(), Some("EX-000-4712"));
        let cover = read("Employee:\nClaim Number: 0417-88-2290\nDate of UR Decision: 7/8/2013\n");
        assert_eq!(cover.employee, None);
        assert_eq!(cover.claim_number.as_deref(), Some("0417-88-2290"));
        let cover = read(
            "Employee Name: [REDACTED]\nClaim Number:\n\n1) MAXIMUS has determined the request.",
        );
        assert_eq!(cover, Cover::default());
    }

    #[test]
    fn what_a_cover_sums_up() {
        for (value, wanted) in [
            ("UPHOLD. This means", Some(FinalDetermination::Upheld)),
            ("Upheld", Some(FinalDetermination::Upheld)),
            ("OVERTURN", Some(FinalDetermination::Overturned)),
            (
                "PARTIAL OVERTURN. Some",
                Some(FinalDetermination::PartiallyOverturned),
            ),
            (
                "OVERTURNED IN PART",
                Some(FinalDetermination::PartiallyOverturned),
            ),
            ("was based on", None),
        ] {
            assert_eq!(determination(value), wanted, "{value}");
        }
    }
}
