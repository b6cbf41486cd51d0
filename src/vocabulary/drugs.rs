//! Drugs: every name that is printed, the generic it stands for, the class of the generic.

use super::fold::{Fold, fold};
use super::phrases::Phrases;
use super::quick_hash::QuickHash;
use super::resolve::{Resolution, distance, nearest};
use super::services::{Service, Services};
use super::table::Table;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// The table of names, as it is compiled in.
pub const DRUGS_TSV: &str = include_str!("../../index-schema/drugs.tsv");

/// The class of medications that are in no table.
pub const UNLISTED: &str = "unlisted";

/// An entry of the `drugs` field: one generic, or the ingredients of one fixed combination.
#[derive(Debug, PartialEq, Eq)]
pub struct Generic {
    /// Lower case, salts dropped; a combination is its ingredients sorted and joined with `/`.
    pub name: &'static str,
    /// A class of `drug_classes.tsv`.
    pub class: &'static str,
}

/// A drug that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDrug {
    /// What it is.
    pub generic: &'static Generic,
    /// Where the name stands: a byte range of the folded text.
    pub at: Range<usize>,
    /// The name is also an ordinary word: it counts only beside a strength, form or count.
    pub needs_dose: bool,
    /// How a product of this name is given, where that differs from a tablet.
    pub route: Option<Route>,
    /// The name spells out the ingredients of a combination ("hydrocodone/apap").
    pub spelled_out: bool,
}

/// How a product is given, where its name alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// On the skin.
    Topical,
    /// By needle.
    Injected,
}

impl Route {
    fn named(name: &str) -> Option<Route> {
        match name {
            "topical" => Some(Route::Topical),
            "injected" => Some(Route::Injected),
            _ => None,
        }
    }
}

/// A row of `drug_classes.tsv`.
struct Class {
    name: &'static str,
    /// What a drug of the class is where a request says no more; empty for a medication.
    service: &'static str,
    /// A cream of it with a percentage comes from a compounding pharmacy.
    compounded: bool,
    /// Its patches and gels act on the whole body.
    systemic: bool,
}

struct Name {
    route: Option<Route>,
    name: &'static str,
    generic: usize,
    kind: &'static str,
    needs_dose: bool,
}

impl Name {
    /// A name of a product, which is not sold in combinations of its drug.
    fn is_product(&self) -> bool {
        matches!(self.kind, "brand" | "kit" | "food")
    }
}

/// The tables `drugs.tsv`, `drug_classes.tsv` and `drug_groups.tsv`.
pub struct Drugs {
    generics: Vec<Generic>,
    names: Vec<Name>,
    by_name: HashMap<String, usize, QuickHash>,
    classes: Vec<(&'static str, Vec<&'static str>)>,
    class_rows: Vec<Class>,
    by_class: HashMap<String, &'static str>,
    /// The generics of a group that people search by (`drug_groups.tsv`).
    groups: HashMap<String, Vec<&'static str>>,
    /// Built when a text is first read: a search needs only the names.
    phrases: OnceLock<Phrases>,
}

static TABLE: LazyLock<Drugs> = LazyLock::new(|| {
    let table = Table::read("drugs.tsv", DRUGS_TSV);
    let mut generics = Vec::new();
    let mut place: HashMap<&str, usize, QuickHash> = HashMap::default();
    for row in table.rows().filter(|row| !row.get("class").is_empty()) {
        place.insert(row.get("generic"), generics.len());
        generics.push(Generic {
            name: row.get("generic"),
            class: row.get("class"),
        });
    }
    let names: Vec<Name> = table
        .rows()
        .filter_map(|row| {
            Some(Name {
                name: row.get("name"),
                generic: *place.get(row.get("generic"))?,
                kind: row.get("kind"),
                route: Route::named(row.get("route")),
                needs_dose: row.get("rule") == "dose",
            })
        })
        .collect();
    let classes = Table::read(
        "drug_classes.tsv",
        include_str!("../../index-schema/drug_classes.tsv"),
    );
    let class_rows = classes
        .rows()
        .map(|row| Class {
            name: row.get("class"),
            service: row.get("service"),
            compounded: row.get("skin").contains("compounded"),
            systemic: row.get("skin").contains("systemic"),
        })
        .collect();
    let classes = classes
        .rows()
        .map(|row| (row.get("class"), row.list("aliases").collect()))
        .collect::<Vec<(&'static str, Vec<&'static str>)>>();
    let mut by_class = HashMap::from([(UNLISTED.to_string(), UNLISTED)]);
    for (class, aliases) in &classes {
        for name in aliases.iter().chain([class]) {
            by_class.insert(fold(name), *class);
        }
    }
    let table = Table::read(
        "drug_groups.tsv",
        include_str!("../../index-schema/drug_groups.tsv"),
    );
    let mut groups = HashMap::new();
    for row in table.rows() {
        let generics: Vec<_> = row.list("generics").collect();
        groups.extend(row.list("names").map(|name| (fold(name), generics.clone())));
    }
    Drugs {
        by_class,
        groups,
        by_name: names
            .iter()
            .enumerate()
            .map(|(at, name)| (fold(name.name), at))
            .collect(),
        phrases: OnceLock::new(),
        generics,
        names,
        classes,
        class_rows,
    }
});

impl Drugs {
    /// The tables, loaded once.
    #[must_use]
    pub fn get() -> &'static Drugs {
        &TABLE
    }

    /// The drugs that a text names, left to right.
    #[must_use]
    pub fn named_in(&'static self, text: &Fold) -> Vec<NamedDrug> {
        self.phrases
            .get_or_init(|| Phrases::new(self.names.iter().map(|name| name.name)))
            .find(text)
            .into_iter()
            .map(|found| {
                let name = &self.names[found.phrase];
                let generic = &self.generics[name.generic];
                NamedDrug {
                    generic,
                    at: found.at,
                    needs_dose: name.needs_dose,
                    route: name.route,
                    spelled_out: generic.name.contains('/')
                        && (name.kind == "combination" || name.name == generic.name),
                }
            })
            .collect()
    }

    /// The generic of exactly this name (any name of the table).
    #[must_use]
    pub fn named(&'static self, name: &str) -> Option<&'static Generic> {
        let at = self.by_name.get(&fold(name))?;
        Some(&self.generics[self.names[*at].generic])
    }

    /// The generic that a misspelled name means: its names begin alike, and no other's is as near.
    #[must_use]
    pub fn respelled(&'static self, name: &str) -> Option<&'static Generic> {
        const SHORTEST: usize = 7;
        const LONGEST: usize = 30;
        let name = fold(name);
        if !(SHORTEST..=LONGEST).contains(&name.len()) {
            return None;
        }
        let limit = if name.len() < 10 { 1 } else { 2 };
        let begins_alike = |n: &&Name| n.name.as_bytes()[0] == name.as_bytes()[0];
        let mut best: Option<(usize, usize)> = None;
        let mut tied = false;
        for known in self.names.iter().filter(begins_alike) {
            let Some(distance) = distance(&name, known.name, limit) else {
                continue;
            };
            match best {
                Some((least, _)) if distance > least => {}
                Some((least, generic)) if distance == least => tied |= generic != known.generic,
                _ => {
                    best = Some((distance, known.generic));
                    tied = false;
                }
            }
        }
        let (_, generic) = best.filter(|_| !tied)?;
        Some(&self.generics[generic])
    }

    /// Every generic that is, or contains, an ingredient.
    pub fn containing<'a>(
        &'static self,
        ingredient: &'a str,
    ) -> impl Iterator<Item = &'static Generic> + 'a {
        self.generics
            .iter()
            .filter(move |g| g.name.split('/').any(|part| part == ingredient))
    }

    /// The class of a name or alias ("opioids").
    #[must_use]
    pub fn class(&self, word: &str) -> Option<&'static str> {
        self.by_class.get(&fold(word)).copied()
    }

    fn class_row(&self, class: &str) -> Option<&Class> {
        self.class_rows.iter().find(|row| row.name == class)
    }

    /// The service that a drug of a class is, where a request says no more; None for a medication.
    #[must_use]
    pub fn class_service(&self, class: &str) -> Option<&'static Service> {
        Services::get().named(self.class_row(class)?.service)
    }

    /// Whether patches and gels of a class act on the whole body, as tablets do.
    #[must_use]
    pub fn acts_systemically(&self, class: &str) -> bool {
        self.class_row(class).is_some_and(|row| row.systemic)
    }

    /// Whether a percentage tells that a drug of this class is for the skin.
    #[must_use]
    pub fn is_for_skin_by_percentage(&self, class: &str) -> bool {
        self.class_row(class).is_some_and(|row| row.compounded)
    }

    /// Whether a cream with a percentage of this drug is made by a compounding pharmacy: so for its
    /// class, unless some product of the generic is sold for the skin.
    #[must_use]
    pub fn is_compounded_for_skin(&self, class: &str, generic: &str) -> bool {
        let sold = || {
            let of_generic = |name: &&Name| self.generics[name.generic].name == generic;
            let mut names = self.names.iter().filter(of_generic);
            names.any(|name| name.route == Some(Route::Topical))
        };
        self.class_row(class).is_some_and(|row| row.compounded) && !sold()
    }

    /// How a product of exactly this name is given, if the name is a brand and tells.
    #[must_use]
    pub fn brand_route(&self, name: &str) -> Option<Route> {
        let name = &self.names[*self.by_name.get(&fold(name))?];
        name.route.filter(|_| name.is_product())
    }

    /// The facet paths that a filter value means: a class (`[class]`), the drugs of a group, a generic
    /// and every combination with it, or what a brand stands for (`[class, generic]`).
    #[must_use]
    pub fn paths(&'static self, word: &str) -> Option<Vec<Vec<&'static str>>> {
        if let Some(class) = self.class(word) {
            return Some(vec![vec![class]]);
        }
        let path = |g: &'static Generic| vec![g.class, g.name];
        if let Some(group) = self.groups.get(&fold(word)) {
            let generics = self.generics.iter();
            let of_group = generics.filter(|g| g.name.split('/').any(|part| group.contains(&part)));
            return Some(of_group.map(path).collect());
        }
        let name = &self.names[*self.by_name.get(&fold(word))?];
        let generic = &self.generics[name.generic];
        if name.is_product() {
            return Some(vec![path(generic)]);
        }
        let mut paths: Vec<_> = self.containing(generic.name).map(path).collect();
        if paths.is_empty() {
            paths.push(path(generic));
        }
        Some(paths)
    }

    /// As [`Drugs::paths`], with the nearest names where the word means nothing.
    #[must_use]
    pub fn resolve(&'static self, word: &str) -> Resolution<Vec<&'static str>> {
        if let Some(paths) = self.paths(word) {
            return Resolution::Values(paths);
        }
        let well_spelled = self.names.iter().filter(|n| n.kind != "spelling");
        let known = well_spelled.map(|n| n.name);
        let classes = self
            .classes
            .iter()
            .flat_map(|(class, aliases)| aliases.iter().copied().chain([*class]));
        Resolution::Unknown(nearest(word, known.chain(classes)))
    }

    /// The names of a generic, as printed in the table, brands first.
    #[must_use]
    pub fn names_of(&self, generic: &Generic) -> Vec<&'static str> {
        self.own_names_of(generic).map(|(name, _)| name).collect()
    }

    /// The names of a generic, brands first, and whether each is a name of its own (a brand, kit or
    /// food) rather than a spelling or a salt.
    pub fn own_names_of(
        &self,
        generic: &Generic,
    ) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        let mut names: Vec<_> = self
            .names
            .iter()
            .filter(|n| self.generics[n.generic].name == generic.name)
            .map(|n| (n.kind, n.name))
            .collect();
        names.sort_by_key(|(kind, _)| *kind != "brand");
        names
            .into_iter()
            .map(|(kind, name)| (name, matches!(kind, "brand" | "kit" | "food")))
    }

    /// Every name of every generic.
    pub fn all_names(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        let generics = self.generics.iter().map(|generic| generic.name);
        self.names.iter().map(|name| name.name).chain(generics)
    }

    /// The generics, in the order of the table.
    #[must_use]
    pub fn generics(&self) -> &[Generic] {
        &self.generics
    }

    /// The classes and their aliases, in the order of the table.
    #[must_use]
    pub fn classes(&self) -> &[(&'static str, Vec<&'static str>)] {
        &self.classes
    }
}
