//! What a request asks for: drugs with their doses, kind of treatment, parts of the body, visits,
//! codes. All from the text of the item's heading alone (LABELS.md, "Items").

use super::any_case::AnyCase;
use crate::vocabulary::{
    BodyParts, DoseForms, Drugs, Fold, Generic, NamedDrug, Treatments, UNLISTED,
};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

/// A requested medication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drug {
    /// The generic, or the printed name in lower case where no table has it.
    pub name: String,
    /// Its class; "unlisted" where no table has it.
    pub class: String,
    /// As printed: "10/325 mg", "5%".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<String>,
    /// "tablet", "patch", "cream" ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// How many (tablets, patches ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// How many refills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refills: Option<u32>,
}

/// Which side of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Laterality {
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// Both.
    Bilateral,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// By generic name, ascending, each once.
    pub drugs: Vec<Drug>,
    /// The category.
    pub treatment: &'static str,
    /// Sorted, each once.
    pub body_parts: Vec<&'static str>,
    /// Of the part that the request names.
    pub laterality: Option<Laterality>,
    /// Visits or sessions; of "12-18 sessions" the larger number.
    pub visits: Option<u32>,
    /// CPT and HCPCS codes, in the order printed.
    pub codes: Vec<String>,
}

/// How much of a request is read; the longest real ones are a few hundred bytes.
const LONGEST: usize = 4000;

/// Reads a request.
#[must_use]
pub fn read(request: &str) -> Asked {
    let request = &request[..super::sections::floor_char(request, LONGEST)];
    let fold = Fold::new(request);
    let mut drugs = drugs(request, &fold);
    let treatment = Treatments::get().of(&fold, !drugs.is_empty());
    if matches!(treatment, "diagnostic-test" | "imaging") {
        // A drug that a test looks for is not requested.
        drugs.clear();
    } else if drugs.is_empty() && matches!(treatment, "pharmacy" | "other") {
        drugs.extend(unlisted(request));
    }
    let treatment = if !drugs.is_empty() && treatment == "other" {
        "pharmacy"
    } else {
        treatment
    };
    Asked {
        body_parts: BodyParts::get().named_in(&fold),
        laterality: laterality(&fold.text),
        visits: visits(request, treatment),
        codes: codes(request),
        drugs,
        treatment,
    }
}

static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b\d[\d,]*(?:\.\d+)?(?:\s?[-/]\s?\d+(?:\.\d+)?){0,3}\s?-?(?:%|percent\b|(?:mg|mcg|ug|g|gm|gms|gram|grams|ml|meq|units?|iu|mcg/hr)\b)(?:\s?/\s?(?:\d+\s?)?(?:ml|hr|h|hour|g|gm|actuation|mg|day)\b)?",
    )
    .expect("a valid pattern")
});
static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:\#\s?|\b(?:qty|quantity|count|disp|dispense)\.?\s*(?:of|:|\#)*\s*)(?P<a>\d{1,4})(?:\b|x)
        | \b(?P<b>\d{1,4})\s+(?:tablets?|tabs?|capsules?|caps?|pills?|patches|patch|caplets?|count|units|lozenges|suppositories|films|vials?|boxe?s?|tubes?|bottles?)\b",
    )
    .expect("a valid pattern")
});
static REFILLS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?P<a>\d{1,2}|no|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s*(?:\(\d+\)\s*)?(?:additional\s+)?refills?\b
        | \brefills?\s*(?:x|times|:|of|\#|-)*\s*(?P<b>\d{1,2})\b",
    )
    .expect("a valid pattern")
});

/// An entry of the drugs: the generics that a stretch of the request names.
struct Entry {
    /// Where, as a byte range of the folded request.
    at: Range<usize>,
    /// Name and class; several where a compound's ingredients were spelled out as one name.
    drugs: Vec<(String, &'static str)>,
}

/// The drugs that a request names, with their doses.
fn drugs(request: &str, fold: &Fold) -> Vec<Drug> {
    let mut named = Drugs::get().named_in(fold);
    if named.is_empty() {
        return Vec::new();
    }
    let forms = DoseForms::get().named_in(fold);
    named.retain(|n| !n.needs_dose || dosed(fold, n, &forms));
    let entries = entries(request, fold, &named);
    let mut drugs: Vec<Drug> = Vec::new();
    for (n, this) in entries.iter().enumerate() {
        let start = if n == 0 { 0 } else { this.at.start };
        let end = entries
            .get(n + 1)
            .map_or(fold.text.len(), |next| next.at.start);
        let segment = &request[fold.original(&(start..end))];
        let after_name = &request[fold.original(&(this.at.end..end))];
        let strength = STRENGTH
            .find(after_name)
            .or_else(|| STRENGTH.find(segment))
            .map(|m| m.as_str().trim().to_string());
        let form = forms
            .iter()
            .find(|(_, at)| at.start >= start && at.end <= end)
            .map(|(form, _)| (*form).to_string());
        for (name, class) in &this.drugs {
            let (name, class) = with_acetaminophen(name, class, after_name);
            drugs.push(Drug {
                name,
                class: class.to_string(),
                strength: strength.clone(),
                form: form.clone(),
                quantity: captured(&QUANTITY, segment),
                refills: refills(segment),
            });
        }
    }
    merged(drugs)
}

/// The same drug twice ("Ultram (tramadol) 50mg") is one entry with what either says.
fn merged(drugs: Vec<Drug>) -> Vec<Drug> {
    let mut merged: Vec<Drug> = Vec::new();
    for drug in drugs {
        match merged.iter_mut().find(|d| d.name == drug.name) {
            Some(first) => {
                first.strength = first.strength.take().or(drug.strength);
                first.form = first.form.take().or(drug.form);
                first.quantity = first.quantity.or(drug.quantity);
                first.refills = first.refills.or(drug.refills);
            }
            None => merged.push(drug),
        }
    }
    merged.sort_by(|a, b| a.name.cmp(&b.name));
    merged
}

/// From names to entries (LABELS.md, "drugs" and "Small rules"): a compound lists each ingredient,
/// a product is one entry, and what stands in brackets after a product explains it.
fn entries(request: &str, fold: &Fold, named: &[NamedDrug]) -> Vec<Entry> {
    const PERCENT: AnyCase = AnyCase::new("percent");
    let percents = request.contains('%') || PERCENT.is_in(request);
    let mut entries = Vec::new();
    let mut n = 0;
    while n < named.len() {
        let this = &named[n];
        let ingredients = bracketed(request, fold, &named[n..]);
        if !ingredients.is_empty() {
            let mut parts: Vec<&str> = ingredients
                .iter()
                .flat_map(|d| d.generic.name.split('/'))
                .collect();
            parts.sort_unstable();
            parts.dedup();
            let own: Vec<&str> = this.generic.name.split('/').collect();
            let explains = own.len() > 1 && parts.iter().all(|p| own.contains(p));
            if explains || (parts.len() > 1 && !this.spelled_out) {
                let name = if explains {
                    this.generic.name.to_string()
                } else {
                    parts.join("/")
                };
                let at = this.at.start..ingredients[ingredients.len() - 1].at.end;
                entries.push(Entry {
                    at,
                    drugs: vec![(name, this.generic.class)],
                });
                n += 1 + ingredients.len();
                continue;
            }
        }
        if let Some((pair, next)) = named
            .get(n + 1)
            .and_then(|next| Some((fixed_pair(fold, this, next)?, next)))
            .filter(|_| !percents)
        {
            let at = this.at.start..next.at.end;
            entries.push(Entry {
                at,
                drugs: vec![(pair.name.to_string(), pair.class)],
            });
            n += 2;
            continue;
        }
        let drugs = if this.spelled_out && percents {
            let class = |part| {
                Drugs::get()
                    .named(part)
                    .map_or(this.generic.class, |g| g.class)
            };
            this.generic
                .name
                .split('/')
                .map(|part| (part.to_string(), class(part)))
                .collect()
        } else {
            vec![(this.generic.name.to_string(), this.generic.class)]
        };
        entries.push(Entry {
            at: this.at.clone(),
            drugs,
        });
        n += 1;
    }
    entries
}

/// The drugs named in brackets right after the first one: "Percocet (oxycodone/apap)".
fn bracketed<'n>(request: &str, fold: &Fold, named: &'n [NamedDrug]) -> &'n [NamedDrug] {
    let [first, rest @ ..] = named else {
        return &[];
    };
    let from = fold.original(&first.at).end;
    let Some(next) = rest.first() else {
        return &[];
    };
    let gap = &request[from..fold.original(&next.at).start.max(from)];
    let opens = gap.contains('(') && !gap.contains(')') && gap.len() < 40;
    let close = request[from..].find(')').map_or(from, |n| from + n);
    let inside = rest
        .iter()
        .take_while(|d| opens && fold.original(&d.at).end <= close)
        .count();
    &rest[..inside]
}

/// Two names with nothing but a slash, hyphen, "and" or "with" between that are one product
/// ("Hydrocodne/APAP").
fn fixed_pair(fold: &Fold, a: &NamedDrug, b: &NamedDrug) -> Option<&'static Generic> {
    let between = fold.text.get(a.at.end..b.at.start)?;
    if !matches!(between, " " | " and " | " with ")
        || a.generic.name.contains('/')
        || b.generic.name.contains('/')
    {
        return None;
    }
    let mut parts = [a.generic.name, b.generic.name];
    parts.sort_unstable();
    Drugs::get().named(&parts.join("/"))
}

/// "hydrocodone 10/325": the second strength is acetaminophen's (300 to 750 mg a tablet).
fn with_acetaminophen(name: &str, class: &'static str, after_name: &str) -> (String, &'static str) {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^\W{0,3}\d{1,2}(?:\.\d+)?\s?(?:mg)?\s?[-/]\s?(?:300|325|400|500|650|660|750)(?:\D|$)",
        )
        .expect("a valid pattern")
    });
    if !name.contains('/') && PAIR.is_match(after_name) {
        let mut parts = ["acetaminophen", name];
        parts.sort_unstable();
        if let Some(pair) = Drugs::get().named(&parts.join("/")) {
            return (pair.name.to_string(), pair.class);
        }
    }
    (name.to_string(), class)
}

/// Whether a name that is also an ordinary word stands beside a strength, form or count.
fn dosed(fold: &Fold, named: &NamedDrug, forms: &[(&'static str, std::ops::Range<usize>)]) -> bool {
    let end = super::sections::floor_char(&fold.text, named.at.end + 24);
    let after = &fold.text[named.at.end..end];
    STRENGTH.find(after).is_some()
        || QUANTITY.is_match(after)
        || forms
            .iter()
            .any(|(_, at)| at.start >= named.at.end && at.start <= end)
}

/// How many refills a request asks for.
fn refills(request: &str) -> Option<u32> {
    const WORD: AnyCase = AnyCase::new("refill");
    // Most requests say nothing of them.
    WORD.is_in(request)
        .then(|| captured(&REFILLS, request))
        .flatten()
}

fn captured(pattern: &Regex, text: &str) -> Option<u32> {
    let found = pattern.captures(text)?;
    let number = found.name("a").or_else(|| found.name("b"))?;
    count(number.as_str())
}

/// A number in digits or words up to twenty-four.
fn count(word: &str) -> Option<u32> {
    const WORDS: [&str; 25] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "twenty-one",
        "twenty-two",
        "twenty-three",
        "twenty-four",
    ];
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "no" => Some(0),
        "once" | "a" | "an" => Some(1),
        "twice" => Some(2),
        _ => WORDS.iter().position(|w| *w == word).map(|n| n as u32),
    }
}

/// The name of a plain medication (name, then strength) that no table has.
fn unlisted(request: &str) -> Option<Drug> {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:retrospective|request for|prescription (?:of|for)|pharmacy purchase of|purchase of|refill of|continued|\d+ (?:tablets|capsules|prescription|prescriptions)(?: of)?|one prescription of|:|\s)*\s*(?P<name>[A-Za-z][A-Za-z'-]{3,}(?: [A-Za-z][A-Za-z'-]+){0,2}?)\s+(?:\([^)]{1,40}\)\s*)?\d+(?:\.\d+)?(?:[-/]\d+(?:\.\d+)?)?\s?(?:mg|mcg|%|meq|units)\b")
            .expect("a valid pattern")
    });
    let found = PLAIN.captures(request)?;
    let name = found["name"].to_lowercase();
    let fold = Fold::new(&name);
    let general = Treatments::get().of(&fold, false) != "other"
        || Drugs::get().class(&name).is_some()
        || !DoseForms::get().named_in(&fold).is_empty();
    (!general).then(|| Drug {
        name,
        class: UNLISTED.to_string(),
        strength: STRENGTH
            .find(request)
            .map(|m| m.as_str().trim().to_string()),
        form: DoseForms::get()
            .named_in(&Fold::new(request))
            .first()
            .map(|(form, _)| (*form).to_string()),
        quantity: captured(&QUANTITY, request),
        refills: refills(request),
    })
}

fn laterality(folded: &str) -> Option<Laterality> {
    let (mut left, mut right, mut both) = (false, false, false);
    for word in folded.split(|c: char| !c.is_ascii_alphanumeric()) {
        match word {
            "left" | "lt" => left = true,
            "right" | "rt" => right = true,
            "bilateral" | "bilaterally" | "both" | "bilat" => both = true,
            _ => {}
        }
    }
    match (left, right, both) {
        (_, _, true) | (true, true, _) => Some(Laterality::Bilateral),
        (true, false, _) => Some(Laterality::Left),
        (false, true, _) => Some(Laterality::Right),
        _ => None,
    }
}

const NUMBER: &str = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty-four|twenty-three|twenty-two|twenty-one|twenty|once|twice)";

static SESSIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)\b(?:(?:{NUMBER})\s*(?:-|to)\s*)?(?P<n>{NUMBER})\s*(?:\(\d+\)\s*)?(?:additional\s+|total\s+|initial\s+|more\s+|further\s+|post-?\s?operative\s+|supervised\s+|individual\s+|outpatient\s+|[a-z/]+\s+(?:[a-z/]+\s+)?)?(?:sessions?|visits?|treatments?|appointments?)\b(?!)?(?P<rate>\s+(?:per|a|each)\s+(?:week|month)|\s+(?:weekly|monthly))?"
    ).replace("(?!)?", ""))
    .expect("a valid pattern")
});
static FREQUENCY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)\b(?:(?:{NUMBER})\s*(?:-|to|or)\s*)?(?P<n>{NUMBER})\s*(?:x|times?|visits?|sessions?)?\s*(?:/|per|a|each|every)?\s*(?:wks?|weeks?|weekly|month|monthly)\b\s*,?\s*(?:for|x|times|over|during)?\s*(?:a\s+total\s+of\s+|the\s+next\s+)?(?:(?:{NUMBER})\s*(?:-|to)\s*)?(?P<w>{NUMBER})\s*(?:wks?|weeks?|months?)\b"
    ))
    .expect("a valid pattern")
});
static CROSS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)\b(?P<n>{NUMBER})\s*(?:x|times)\s*(?:(?:a|per)\s+week\s+(?:x|times|for)\s*)?(?P<w>{NUMBER})(?:\s*(?:weeks?|wks?|visits?))?\b"
    ))
    .expect("a valid pattern")
});
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?ix)(?:\b(?:x|times)\s*|\#\s?|\bsessions?,?\s+(?:x\s*)?|\bvisits?,?\s+(?:x\s*)?)(?P<n>\d{1,3})\b").expect("a valid pattern")
});

/// Visits or sessions that a request asks for: a stated total first, else frequency times duration.
fn visits(request: &str, treatment: &str) -> Option<u32> {
    let counted = matches!(
        treatment,
        "rehabilitation" | "behavioral-health" | "evaluation" | "home-health"
    );
    if !counted {
        return None;
    }
    let number = |m: Option<regex::Match<'_>>| m.and_then(|m| count(m.as_str()));
    let stated = SESSIONS
        .captures_iter(request)
        .filter(|c| c.name("rate").is_none())
        .filter_map(|c| number(c.name("n")))
        .last();
    let product = [&*FREQUENCY, &*CROSS].iter().find_map(|pattern| {
        let found = pattern.captures(request)?;
        number(found.name("n"))?.checked_mul(number(found.name("w"))?)
    });
    static BRACKETED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\((\d{1,3})(?: total)?\)").expect("a valid pattern"));
    let bracketed = BRACKETED
        .captures(request)
        .and_then(|c| c[1].parse().ok())
        .filter(|n| product == Some(*n));
    bracketed
        .or(stated)
        .or(product)
        .or_else(|| TIMES.captures(request).and_then(|c| number(c.name("n"))))
        .filter(|n| *n > 0)
}

/// CPT codes (five digits, where the request calls them codes) and HCPCS codes (a letter and four
/// digits).
fn codes(request: &str) -> Vec<String> {
    static HCPCS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[A-HJ-V]\d{4}\b").expect("a valid pattern"));
    static CPT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:cpt|procedure|billing|hcpcs|codes?)(?:\s+codes?)?\s*(?:\#|:|-)?\s*((?:\d{5}(?:\s*(?:,|;|/|and|&|x\s?\d+)\s*)*)+)")
            .expect("a valid pattern")
    });
    static FIVE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b\d{5}\b").expect("a valid pattern"));
    // A code has four digits in a row; most requests have not.
    let mut runs = request.as_bytes().windows(4);
    if !runs.any(|run| run.iter().all(u8::is_ascii_digit)) {
        return Vec::new();
    }
    let mut codes: Vec<(usize, String)> = HCPCS
        .find_iter(request)
        .map(|m| (m.start(), m.as_str().to_string()))
        .collect();
    for list in CPT.captures_iter(request) {
        let list = list.get(1).expect("the group is not optional");
        codes.extend(
            FIVE.find_iter(list.as_str())
                .map(|m| (list.start() + m.start(), m.as_str().to_string())),
        );
    }
    codes.sort();
    codes.dedup_by(|a, b| a.1 == b.1);
    codes.into_iter().map(|(_, code)| code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(request: &str) -> Vec<String> {
        read(request).drugs.into_iter().map(|d| d.name).collect()
    }

    #[test]
    fn brands_combinations_and_compounds() {
        assert_eq!(names("Norco 10/325mg #60"), ["acetaminophen/hydrocodone"]);
        assert_eq!(
            names("Hydrocodone-APAP 10/325"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(
            names("Hydrocodone 10/325mg #60"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(names("Ultram (tramadol) 50mg #90"), ["tramadol"]);
        assert_eq!(
            names("Hydrocodne/APAP 10/325 mg"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(
            names("Terocin patches (lidocaine 4%/menthol 4%) #30"),
            ["lidocaine/menthol"]
        );
        assert_eq!(
            names("Percocet (oxycodone) 5/325"),
            ["acetaminophen/oxycodone"]
        );
        assert_eq!(
            names("Flurbiprofen 20%/Baclofen 5%/Lidocaine 4% cream 180 gm"),
            ["baclofen", "flurbiprofen", "lidocaine"]
        );
        assert_eq!(
            names("Urine drug screen for hydrocodone"),
            Vec::<String>::new()
        );
        assert_eq!(names("NSAIDs, unspecified"), Vec::<String>::new());
    }

    #[test]
    fn strength_form_quantity_refills() {
        let drug = &read("120 tablets of Norco 10/325 mg with 2 refills").drugs[0];
        assert_eq!(drug.strength.as_deref(), Some("10/325 mg"));
        assert_eq!(drug.form.as_deref(), Some("tablet"));
        assert_eq!((drug.quantity, drug.refills), (Some(120), Some(2)));
        let drug =
            &read("Pantoprazole 40mg, one by mouth, twice a day #60 with one refill").drugs[0];
        assert_eq!((drug.quantity, drug.refills), (Some(60), Some(1)));
    }

    #[test]
    fn a_medication_in_no_table_keeps_its_printed_name() {
        let drug = &read("Zyxoprene 50 mg #30").drugs[0];
        assert_eq!(
            (drug.name.as_str(), drug.class.as_str()),
            ("zyxoprene", UNLISTED)
        );
        assert!(read("Compound cream 20% 120 gm").drugs.is_empty());
    }

    #[test]
    fn visits() {
        for (request, visits) in [
            ("Physical therapy 2 times a week for 6 weeks", Some(12)),
            (
                "Physical therapy 2 times a week for 6 weeks (12 sessions)",
                Some(12),
            ),
            (
                "Twelve physical therapy sessions, three times weekly, for the right elbow",
                Some(12),
            ),
            (
                "Physical therapy additional 3 visits per week for 2 weeks",
                Some(6),
            ),
            (
                "Additional physical therapy two times four visits (8) for the lumbar",
                Some(8),
            ),
            ("Post-op physical therapy 12-18 sessions", Some(18)),
            ("Acupuncture 2x6", Some(12)),
            ("Chiropractic spinal manipulation times 6", Some(6)),
            ("MRI of the knee times 1", None),
        ] {
            assert_eq!(read(request).visits, visits, "{request}");
        }
    }

    #[test]
    fn sides_and_codes() {
        assert_eq!(
            read("MRI of the left knee").laterality,
            Some(Laterality::Left)
        );
        assert_eq!(
            read("EMG of the bilateral legs").laterality,
            Some(Laterality::Bilateral)
        );
        assert_eq!(
            read("Lumbar MRI (CPT 72148) and brace L0637").codes,
            ["72148", "L0637"]
        );
    }
}
