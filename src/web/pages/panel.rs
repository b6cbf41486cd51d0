//! Facets beside the hits: values with their counts, each a link that chooses it or lets it go.

use super::super::labels::{self, capital, last};
use super::super::query_params::{QueryParams, address};
use crate::fields::{
    self, FacetDefinition, FieldDefinition, PanelDefinition, Resolve, ValueLabel, Values,
    path_label,
};
use crate::search::{FacetCounts, FacetRequest, FacetValue, Filter, Request, Response};
use crate::stats::formats::grouped;
use crate::vocabulary::Drugs;
use maud::{Markup, html};
use std::sync::LazyLock;

/// A facet of the page.
struct FacetPanel {
    /// What is counted_facets.
    field: &'static FieldDefinition,
    /// How it is listed.
    panel: PanelDefinition,
}

/// The facets in their order.
static PANELS: LazyLock<Vec<FacetPanel>> = LazyLock::new(|| {
    let shown = |(field, facet): (&'static FieldDefinition, &FacetDefinition)| {
        let panel = facet.panel?;
        Some(FacetPanel { field, panel })
    };
    let mut all: Vec<FacetPanel> = fields::facets().filter_map(shown).collect();
    all.sort_by_key(|shown| shown.panel.place);
    all
});

impl FacetPanel {
    /// The facet.
    fn facet(&self) -> &'static str {
        self.field.name
    }

    /// The facet whose values are folded under its own.
    fn inner(&self) -> Option<&'static str> {
        self.panel.inside
    }

    /// The facets that are counted_facets for it.
    fn counted_facets(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.facet()).chain(self.inner())
    }
}

/// Values of a facet that a page can hold.
const MOST: usize = 2_000;

/// What must be counted_facets for the panel.
pub(super) fn facets() -> Vec<FacetRequest> {
    let names = PANELS.iter().flat_map(FacetPanel::counted_facets);
    let asked = names.map(|name| FacetRequest {
        path: name.to_string(),
        top: MOST,
    });
    asked.collect()
}

/// The panel of an answer.
pub(super) fn panel(params: &QueryParams, response: &Response) -> Markup {
    html! {
        aside.panel #filters aria-label="Filters" {
            a.close href="#main" { "Show the results" }
            h2.hidden { "Filters" }
            @for shown in PANELS.iter() {
                @if let Some(counts) = counts(response, shown.facet()) {
                    @if !counts.values.is_empty() { (facet(params, response, shown, counts)) }
                }
            }
            (histogram(params, response))
            (dates(&params.search))
            (more(&params.search))
        }
    }
}

/// The forms of the panel alone, where there is no answer to count.
pub(super) fn forms(search: &Request) -> Markup {
    html! {
        aside.panel #filters aria-label="Filters" {
            a.close href="#main" { "Show the results" }
            h2.hidden { "Filters" }
            (dates(search))
            (more(search))
        }
    }
}

fn counts<'r>(response: &'r Response, facet: &str) -> Option<&'r FacetCounts> {
    response.facets.iter().find(|counts| counts.facet == facet)
}

fn is_chosen(search: &Request, filter: &str, value: &str) -> bool {
    let own = |f: &&Filter| f.name == filter && !f.negated;
    search.filters.iter().filter(own).any(|f| is_same(f, value))
}

/// Whether a filter means just this value of the facet, by whatever name: a brand is its drug.
fn is_same(filter: &Filter, value: &str) -> bool {
    if filter.value.eq_ignore_ascii_case(value) {
        return true;
    }
    let meant = fields::filter(&filter.name)
        .and_then(|(field, _)| field.resolve(&filter.value, &|_| Vec::new()).ok());
    match meant {
        Some(Values::Paths(paths)) => {
            matches!(paths.as_slice(), [one] if one.to_string().eq_ignore_ascii_case(value))
        }
        _ => false,
    }
}

/// The search with a value chosen, or let go where it was.
fn toggled(search: &Request, filter: &str, value: &str) -> Request {
    let mut search = search.clone();
    if is_chosen(&search, filter, value) {
        let own = |f: &Filter| f.name == filter && !f.negated && is_same(f, value);
        search.filters.retain(|f| !own(f));
    } else {
        search.filters.push(Filter::new(filter, value));
    }
    search
}

fn facet(
    params: &QueryParams,
    response: &Response,
    shown: &FacetPanel,
    counts: &FacetCounts,
) -> Markup {
    let search = &params.search;
    let whole = params.get("show") == Some(shown.facet());
    let sought = params.get("find").filter(|_| whole).unwrap_or("");
    let lower = sought.to_lowercase();
    // A brand is found where its drug is listed.
    let meant = Drugs::get().named(sought).filter(|_| !lower.is_empty());
    let meant = meant.map(|drug| path_label(drug.name));
    let has = |value: &str| {
        let own = value.rsplit('/').next().unwrap_or(value);
        value.to_lowercase().contains(&lower) || meant.as_deref() == Some(own)
    };
    let inner = shown
        .inner()
        .and_then(|facet| self::counts(response, facet));
    let inner = inner.map_or(&[][..], |inner| &inner.values);
    let values = with_those_above(&counts.values, inner);
    let most = inner.iter().chain(&values).map(|v| v.letters).max();
    let most = most.unwrap_or(1).max(1);
    let below = |class: &str| -> Vec<&FacetValue> {
        let inside = |v: &&FacetValue| {
            let rest = v.value.strip_prefix(class);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        inner.iter().filter(inside).collect()
    };
    let matches = |value: &FacetValue| {
        lower.is_empty() || has(&value.value) || below(&value.value).iter().any(|v| has(&v.value))
    };
    // What is chosen is listed, however rare it is.
    let listed: Vec<&FacetValue> = values
        .iter()
        .enumerate()
        .filter(|(n, value)| {
            (whole && matches(value))
                || (!whole && *n < shown.panel.short)
                || is_chosen(search, shown.facet(), &value.value)
                || any_chosen(search, shown, &below(&value.value))
        })
        .map(|(_, value)| value)
        .collect();
    let mut listed = listed;
    if shown.panel.label == ValueLabel::Page {
        let groups: Vec<String> = listed
            .iter()
            .filter_map(|value| Some(group(shown, &value.value)?.to_string()))
            .collect();
        let first = |value: &FacetValue| {
            let own = group(shown, &value.value);
            groups.iter().position(|group| Some(group.as_str()) == own)
        };
        listed.sort_by_key(|value| first(value));
    }
    let id = format!("facet-{}", shown.facet());
    let all = values.len();
    let here = format!("#{id}");
    html! {
        section.facet aria-labelledby=(id) {
            h3 id=(id) { (shown.panel.title) }
            @if whole {
                form.find action="/" method="get" {
                    @for (name, value) in search.parameters() {
                        input type="hidden" name=(name) value=(value);
                    }
                    input type="hidden" name="show" value=(shown.facet());
                    label.hidden for="find" { "Find among these values" }
                    input #find type="search" name="find" value=(sought) placeholder="Find a value";
                    button type="submit" { "Find" }
                }
            }
            ul.values {
                @for (n, value) in listed.iter().enumerate() {
                    // Pages stand under their guideline.
                    @let group = group(shown, &value.value);
                    @if group.is_some() && (n == 0 || group != self::group(shown, &listed[n - 1].value)) {
                        li.group { h4 { (group.unwrap_or("")) } }
                    }
                    li {
                        (row(params, shown, shown.facet(), value, most, label(shown, &value.value)))
                        @let inside = below(&value.value);
                        @if !inside.is_empty() {
                            (inner_values(params, shown, &value.value, &inside, whole && !lower.is_empty(), whole, most))
                        }
                    }
                }
            }
            @if listed.is_empty() { p.quiet { "No value has \u{201c}" (sought) "\u{201d} in it." } }
            @if whole {
                a.more href=(address("/", search, &[]) + &here) { "Show fewer" }
            } @else if all > listed.len() {
                a.more href=(address("/", search, &[("show", shown.facet())]) + &here) {
                    "Show all " (grouped(all as u64))
                    span.hidden { " values of " (shown.panel.title) }
                }
            }
        }
    }
}

/// The values of a facet, and those that only stand above values of the inner facet: what no letter of
/// the search has beside a value that is chosen inside.
fn with_those_above(values: &[FacetValue], inner: &[FacetValue]) -> Vec<FacetValue> {
    let mut all = values.to_vec();
    for above in inner.iter().filter_map(|value| value.value.split_once('/')) {
        if all.iter().all(|value| value.value != above.0) {
            all.push(FacetValue {
                value: above.0.to_string(),
                letters: 0,
                items: 0,
            });
        }
    }
    all
}

fn any_chosen(search: &Request, shown: &FacetPanel, inner: &[&FacetValue]) -> bool {
    let chosen = |filter| inner.iter().any(|v| is_chosen(search, filter, &v.value));
    shown.inner().is_some_and(chosen)
}

/// The values inside another, folded unless one of them is chosen.
fn inner_values(
    params: &QueryParams,
    shown: &FacetPanel,
    above: &str,
    values: &[&FacetValue],
    unfolded: bool,
    names: bool,
    most: u64,
) -> Markup {
    let filter = shown.inner().unwrap_or(shown.facet());
    let open = unfolded || any_chosen(&params.search, shown, values);
    html! {
        details open[open] data-of=(above) {
            summary { (super::count(values.len() as u64, filter)) }
            ul.values {
                @for value in values {
                    li data-also=[also(shown, &value.value, names)] {
                        (row(params, shown, filter, value, most, labels::value(filter, &value.value)))
                    }
                }
            }
        }
    }
}

fn row(
    params: &QueryParams,
    shown: &FacetPanel,
    filter: &str,
    value: &FacetValue,
    most: u64,
    label: String,
) -> Markup {
    let search = &params.search;
    let chosen = is_chosen(search, filter, &value.value);
    if value.letters == 0 && !chosen {
        return html! { span.value { span.box.none aria-hidden="true" {} span.name { (label) } } };
    }
    // The list stays as it is, and in sight.
    let own = |name: &'static str| Some((name, params.get(name)?));
    let kept: Vec<(&str, &str)> = ["show", "find"].into_iter().filter_map(own).collect();
    let toggled = toggled(search, filter, &value.value);
    let target = format!("{}#facet-{}", address("/", &toggled, &kept), shown.facet());
    let share = (value.letters * 100).div_ceil(most.max(1));
    let title = format!(
        "{}: {}, {}",
        labels::value(filter, &value.value),
        super::count(value.letters, "letter"),
        super::count(value.items, "matching item")
    );
    html! {
        a.value href=(target) title=(title) aria-current=[chosen.then_some("true")] rel="nofollow" {
            span.box aria-hidden="true" {}
            span.name { (label) }
            span.count { (grouped(value.letters)) }
            svg.share viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                rect width=(share) height="2" {}
            }
        }
        @if !chosen {
            @if let Some(target) = excluded(params, shown, filter, &value.value) {
                a.not href=(target) rel="nofollow" title={ "Exclude " (label) } {
                    span aria-hidden="true" { "\u{2212}" }
                    span.hidden { "Exclude " (label) }
                }
            }
        }
    }
}

/// The address of the search without letters (items) that have a value.
fn excluded(params: &QueryParams, shown: &FacetPanel, filter: &str, value: &str) -> Option<String> {
    let mut search = params.search.clone();
    let not = format!("not-{filter}");
    search.filters.push(Filter::named(&not, value)?);
    Some(format!(
        "{}#facet-{}",
        address("/", &search, &[]),
        shown.facet()
    ))
}

/// The guideline that a page is of; None of other values.
fn group<'v>(shown: &FacetPanel, value: &'v str) -> Option<&'v str> {
    if shown.panel.label != ValueLabel::Page {
        return None;
    }
    let (title, _) = value.rsplit_once('/')?;
    Some(title.rsplit('/').next().unwrap_or(title))
}

/// Other names of a drug, by which a script finds it in a long list.
fn also(shown: &FacetPanel, value: &str, names: bool) -> Option<String> {
    if !names || shown.inner() != Some(fields::DRUG.name) {
        return None;
    }
    let names = Drugs::get().names_of(Drugs::get().named(&last(value))?);
    Some(names.join(" "))
}

/// A value as the page calls it.
fn label(shown: &FacetPanel, value: &str) -> String {
    match shown.panel.label {
        ValueLabel::Words => capital(&value.replace('-', " ")),
        ValueLabel::Title => value
            .strip_prefix("MTUS/")
            .map_or_else(|| value.to_string(), |title| format!("MTUS {title}")),
        ValueLabel::Page => {
            format!("p. {}", last(value))
        }
        ValueLabel::Pair => value.replacen('/', ": ", 1),
        ValueLabel::Plain => value.to_string(),
    }
}

/// The filters that a form asks for anew: they are left out of its hidden fields.
fn hidden_but(search: &Request, names: &[&str]) -> Markup {
    html! {
        @for (name, value) in search.parameters() {
            @if !names.contains(&name.as_str()) { input type="hidden" name=(name) value=(value); }
        }
    }
}

fn value_of<'r>(search: &'r Request, name: &str) -> &'r str {
    let own = search.filters.iter().find(|f| f.name == name && !f.negated);
    own.map_or("", |f| f.value.as_str())
}

/// Letters by year, each bar a link to them; the range is chosen below.
fn histogram(params: &QueryParams, response: &Response) -> Markup {
    let year = fields::YEAR.name;
    let mut years: Vec<&FacetValue> = match counts(response, year) {
        Some(counts) => counts.values.iter().collect(),
        None => Vec::new(),
    };
    years.sort_by(|a, b| a.value.cmp(&b.value));
    let most = years
        .iter()
        .map(|value| value.letters)
        .max()
        .unwrap_or(1)
        .max(1);
    html! {
        @if years.len() > 1 {
            ol.histogram aria-label="Letters by year" {
                @for value in &years {
                    @let height = (value.letters * 40).div_ceil(most);
                    @let what = format!("{}: {}", value.value, super::count(value.letters, "letter"));
                    li {
                        a href=(address("/", &toggled(&params.search, year, &value.value), &[])) title=(what)
                            aria-current=[is_chosen(&params.search, year, &value.value).then_some("true")] {
                            svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true" {
                                rect y=(40 - height) width="10" height=(height) {}
                            }
                            span.hidden { (what) }
                            span aria-hidden="true" { (value.value.get(2..).unwrap_or(&value.value)) }
                        }
                    }
                }
            }
        }
    }
}

/// The range of dates of decision.
fn dates(search: &Request) -> Markup {
    let decided = value_of(search, "decided");
    let (from, to) = decided.split_once("..").unwrap_or((decided, decided));
    html! {
        section.facet aria-labelledby="facet-decided" {
            h3 #facet-decided { "Date decided" }
            form.fields action="/" method="get" {
                (hidden_but(search, &["decided"]))
                label for="decided-from" { "From" }
                input #decided-from name="decided-from" value=(from) placeholder="3/6/2015"
                    maxlength="20" autocomplete="off";
                label for="decided-to" { "To" }
                input #decided-to name="decided-to" value=(to) placeholder="Jun 2015"
                    maxlength="20" autocomplete="off";
                button type="submit" { "Apply" }
            }
        }
    }
}

/// Filters without counts, and how words are matched.
fn more(search: &Request) -> Markup {
    let inputs: Vec<_> = fields::filters()
        .filter_map(|(field, filter)| Some((field.name, filter, filter.input?)))
        .collect();
    let names = inputs.iter().map(|(name, _, _)| *name);
    let all: Vec<&str> = names.chain(["match", "exact", "any-item"]).collect();
    let open = search.exact
        || search.any_item
        || search
            .filters
            .iter()
            .any(|f| all.contains(&f.name.as_str()));
    let mode = crate::search::MatchMode::NAMES;
    html! {
        section.facet {
            details open[open] {
                summary { "More filters and options" }
                form.fields action="/" method="get" {
                    (hidden_but(search, &all))
                    @for (name, filter, input) in &inputs {
                        label for={ "f-" (name) } { (input.label) }
                        @if matches!(filter.resolve, Resolve::Choice(_) | Resolve::Side) {
                            (select(name, value_of(search, name), &filter.resolve.names(&|_| Vec::new())[0]))
                        } @else {
                            input id={ "f-" (name) } name=(name) value=(value_of(search, name))
                                placeholder=(input.hint) autocomplete="off";
                        }
                    }
                    label for="f-match" { "Words" }
                    select #f-match name="match" {
                        @for (is, name) in mode {
                            option value=(name) selected[search.match_mode == is] { (name) }
                        }
                    }
                    label.check {
                        input type="checkbox" name="exact" value="true" checked[search.exact];
                        "No synonyms"
                    }
                    label.check {
                        input type="checkbox" name="any-item" value="true" checked[search.any_item];
                        "Filters may hold in different items"
                    }
                    button type="submit" { "Apply" }
                }
            }
        }
    }
}

fn select(name: &str, chosen: &str, words: &[String]) -> Markup {
    html! {
        select id={ "f-" (name) } name=(name) {
            option value="" { "any" }
            @for word in words {
                option value=(word) selected[*word == chosen] { (word) }
            }
        }
    }
}
