//! The medications that a request names, with their doses.

use super::dose::{QUANTITY, is_dosed, quantity, refills, strength, strengths};
use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use crate::letter::sections::floor_char;
use crate::vocabulary::{DoseForms, Drugs, Fold, Generic, NamedDrug};
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

/// An entry of the drugs: the generics that a stretch of the request names.
struct Entry {
    /// Where, as a byte range of the folded request.
    at: Range<usize>,
    /// Name and class; several where a compound's ingredients were spelled out as one name.
    drugs: Vec<(String, &'static str)>,
}

/// The drugs that a request names: as they are printed, and as entries with their doses.
pub(super) fn read(request: &str, fold: &Fold) -> (Vec<NamedDrug>, Vec<Drug>) {
    let mut named = Drugs::get().named_in(fold);
    if named.is_empty() {
        return (named, Vec::new());
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
        let strength = strength(after_name)
            .or_else(|| strength(segment))
            .map(str::to_string);
        let form = forms
            .iter()
            .find(|(_, at)| at.start >= start && at.end <= end)
            .map(|(form, _)| (*form).to_string());
        for (name, class) in &this.drugs {
            let (name, class) = with_acetaminophen(name, class, after_name);
            let of_two = || strengths(after_name).or_else(|| strengths(segment));
            let strength = strength.clone().or_else(|| {
                let pair = name.contains('/').then(of_two).flatten();
                pair.map(str::to_string)
            });
            drugs.push(Drug {
                name,
                class: class.to_string(),
                strength,
                form: form.clone(),
                quantity: quantity(segment),
                refills: refills(segment),
            });
        }
    }
    (named, merged(drugs))
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

/// From names to entries (docs/json.md): a compound lists each ingredient,
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
        pattern(
            r"^\W{0,3}\d{1,2}(?:\.\d+)?\s?(?:mg)?\s?[-/]\s?(?:300|325|400|500|650|660|750)(?:\D|$)",
        )
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
fn dosed(fold: &Fold, named: &NamedDrug, forms: &[(&'static str, Range<usize>)]) -> bool {
    let end = floor_char(&fold.text, named.at.end + 24);
    let after = &fold.text[named.at.end..end];
    is_dosed(after)
        || QUANTITY.is_match(after)
        || forms
            .iter()
            .any(|(_, at)| at.start >= named.at.end && at.start <= end)
}
