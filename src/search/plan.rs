//! From a parsed query and filters to what is evaluated: leaves (tantivy queries over items and
//! letters alike), a tree over them, and conditions.

use super::expand::{self, ExpandedTerm};
use super::filters::{self, Conditions};
use super::parser::{Leaf, Pattern, QueryAst, error};
use super::proximity::WordPair;
use super::request::{Expansion, MatchMode, Request, SearchError};
use super::scorer::ClauseQuery;
use super::terms::TermResolver;
use super::wordings::{self, TooMany, loose};
use crate::index::{Fields, Type, chunk_words, facet_of, field_specs, phrase_token};
use crate::vocabulary::is_stop_word;
use tantivy::query::BoostQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

/// Pattern the words of a score weigh. Chosen by measurement: docs/ranking.md.
pub mod weight {
    /// A synonym against the word itself.
    pub const SYNONYM: f32 = 0.6;
    /// An item whose facet a word names ("opioid"), as a fixed score.
    pub const FACET: f32 = 6.0;
    /// How much of the lesser alternatives of a word counts beside the best one.
    pub const TIE: f32 = 0.1;
    /// Words of one unit or neighbours in the query that are neighbours in the letter.
    pub const PHRASE: f32 = 0.5;
    /// How much a word counts that stands only in an item other than the best one.
    pub const ELSEWHERE: f32 = 0.15;
}

/// Pairs of neighbouring words whose nearness is looked at.
const MOST_PAIRS: usize = 12;

/// Where a leaf can match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In items and in the letter's own text.
    Both,
    /// In items only: it asks for something of the item.
    Item,
    /// In the letter only: what it says holds for each of its items.
    Letter,
}

/// One thing that a leaf looks for.
#[derive(Clone)]
pub struct FieldClause {
    /// The field.
    pub field: &'static str,
    /// Pattern is looked for there, for a person to read.
    pub shown: String,
    /// Pattern is looked up.
    pub lookup: ClauseQuery,
}

/// Something looked for.
pub struct Clause {
    /// As typed.
    pub shown: String,
    /// Where it can match.
    pub reach: Scope,
    /// Whether it adds to the score.
    pub scores: bool,
    /// Pattern has it is left out.
    pub excluded: bool,
    /// Wordings of it, the typed one first: of their scores the best counts, the others a little. The
    /// parts of one, mostly a field each, add up.
    pub alternatives: Vec<Vec<FieldClause>>,
    /// Its words and their synonyms as indexed, for snippets: sequences of neighbours.
    pub marks: Vec<Vec<String>>,
    /// Beginnings of words, for snippets.
    pub prefix: Option<String>,
}

/// A tree over leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A leaf.
    Leaf(usize),
    /// All of them.
    All(Vec<Tree>),
    /// Any of them.
    Any(Vec<Tree>),
    /// Not this.
    Not(Box<Tree>),
}

/// Pattern is evaluated.
pub struct Plan {
    /// The leaves.
    pub leaves: Vec<Clause>,
    /// Pattern must hold in a letter, besides the words.
    pub required: Vec<Tree>,
    /// Pattern must hold in the matching item: clauses that ask for something of the item. In one that also
    /// has words, a word holds for all items of its letter.
    pub item_filters: Vec<Tree>,
    /// The plain words.
    pub words: Vec<usize>,
    /// How many of them a letter must have.
    pub needed: usize,
    /// Pattern the filters ask for.
    pub conditions: Conditions,
    /// Conditions may hold in different items.
    pub any_item: bool,
    /// Words whose nearness adds to an item's or letter's score.
    pub pairs: Vec<WordPair>,
    /// Pattern else is searched.
    pub expanded: Vec<Expansion>,
    /// Case numbers that are asked for.
    pub cases: Vec<String>,
}

/// How many of `count` words a letter must have: all of up to three, of more at least half
/// (docs/ranking.md).
#[must_use]
pub fn needed(count: usize, mode: MatchMode) -> usize {
    match mode {
        MatchMode::All => count,
        MatchMode::Any => count.min(1),
        MatchMode::Most if count <= 3 => count,
        MatchMode::Most => count.div_ceil(2),
    }
}

/// Where a wording comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A person typed it.
    Typed,
    /// A table of the vocabulary has it.
    Table,
}

/// Of what a unit means, what the index has.
#[derive(Default)]
struct ResolvedExpansion {
    unit: ExpandedTerm,
    alternatives: Vec<Vec<FieldClause>>,
}

/// Makes the plan of a request.
pub struct Planner<'a> {
    /// Handles.
    pub fields: &'a Fields,
    /// Pattern prefixes are looked up in.
    pub searcher: &'a Searcher,
    /// Pattern words are looked up in.
    pub terms: TermResolver<'a>,
    /// Known phrases are indexed as one token.
    pub knows_phrases: bool,
    /// Values that the index holds under a facet.
    pub values_of: &'a dyn Fn(&str) -> Vec<String>,
}

/// The text fields, with their weights.
pub(super) fn text_fields(fields: &Fields) -> impl Iterator<Item = (&'static str, Field, f32)> {
    let fields = *fields;
    field_specs()
        .iter()
        .filter(|f| f.kind == Type::Text)
        .map(move |spec| {
            let field = match spec.name.as_str() {
                "request" => fields.request,
                "rationale" => fields.rationale,
                "guidelines" => fields.guidelines,
                _ => fields.summary,
            };
            (spec.name.as_str(), field, spec.boost)
        })
}

impl Planner<'_> {
    /// # Errors
    /// If a filter or field value is unknown.
    pub fn plan(&self, request: &Request, root: &QueryAst) -> Result<Plan, SearchError> {
        let mut plan = Plan {
            leaves: Vec::new(),
            required: Vec::new(),
            item_filters: Vec::new(),
            words: Vec::new(),
            needed: 0,
            conditions: filters::resolve(self.fields, &request.filters, self.values_of)?,
            any_item: request.any_item,
            pairs: Vec::new(),
            expanded: Vec::new(),
            cases: Vec::new(),
        };
        let cases = request.filters.iter().filter(|f| f.name == "case");
        let cases = cases.map(|f| f.value.trim().to_string());
        plan.cases.extend(cases);
        let clauses = match root {
            QueryAst::All(clauses) => clauses.as_slice(),
            other => std::slice::from_ref(other),
        };
        let plain: Vec<&str> = clauses.iter().filter_map(plain_word).collect();
        let only_stop_words = plain.iter().all(|w| is_stop_word(w)) && plain.len() == clauses.len();
        let mut run: Vec<String> = Vec::new();
        let mut runs: Vec<Vec<String>> = Vec::new();
        for clause in clauses {
            match plain_word(clause) {
                Some(word) => run.push(word.to_string()),
                None => {
                    runs.push(std::mem::take(&mut run));
                    let first = plan.leaves.len();
                    let tree = self.tree(clause, request, &mut plan)?;
                    let asks_of_item = |leaf: &Clause| leaf.reach == Scope::Item;
                    if plan.leaves[first..].iter().any(asks_of_item) {
                        plan.item_filters.push(tree);
                    } else {
                        plan.required.push(tree);
                    }
                }
            }
        }
        runs.push(run);
        for run in runs.into_iter().filter(|run| !run.is_empty()) {
            self.words(&run, only_stop_words, request, &mut plan);
        }
        plan.needed = needed(plan.words.len(), request.match_mode);
        Ok(plan)
    }

    /// Words side by side: a leaf each, with what else means the same. Words that say nothing are
    /// only read as a part of what several mean together ("shortness of breath").
    fn words(&self, typed: &[String], all: bool, request: &Request, plan: &mut Plan) {
        let searched = |word: &str| all || !is_stop_word(word);
        let units = if request.exact {
            (0..typed.len())
                .map(|n| ExpandedTerm {
                    words: n..n + 1,
                    ..ExpandedTerm::default()
                })
                .collect()
        } else {
            expand::units(typed)
        };
        let mut held: Vec<ResolvedExpansion> = units.iter().map(|unit| self.held(unit)).collect();
        held.retain(|held| {
            typed[held.unit.words.clone()]
                .iter()
                .any(|word| searched(word))
        });
        plan.expanded
            .extend(expand::told(typed, held.iter().map(|held| &held.unit)));
        for held in &held {
            let words = &typed[held.unit.words.clone()];
            for word in words.iter().filter(|w| searched(w)) {
                // A word typed twice asks for nothing more.
                if plan.words.iter().any(|at| plan.leaves[*at].shown == *word) {
                    continue;
                }
                let leaf = self.word_leaf(word, held);
                if leaf.alternatives.is_empty() && leaf.marks.is_empty() {
                    continue;
                }
                plan.words.push(plan.leaves.len());
                plan.leaves.push(leaf);
            }
        }
        let telling: Vec<usize> = (0..typed.len())
            .filter(|n| searched(&typed[*n]) && !typed[..*n].contains(&typed[*n]))
            .collect();
        let pairs = telling
            .windows(2)
            .filter_map(|pair| WordPair::of(&typed[pair[0]], &typed[pair[1]], pair[1] - pair[0]));
        plan.pairs.extend(pairs.take(MOST_PAIRS));
    }

    /// A unit without what the index does not have.
    fn held(&self, unit: &ExpandedTerm) -> ResolvedExpansion {
        let mut held = ResolvedExpansion {
            unit: ExpandedTerm {
                words: unit.words.clone(),
                ..ExpandedTerm::default()
            },
            alternatives: Vec::new(),
        };
        for (way, shown) in &unit.phrases {
            let parts = self.everywhere(way, weight::SYNONYM, Origin::Table);
            if !parts.is_empty() {
                held.unit.phrases.push((way.clone(), shown.clone()));
                held.alternatives.push(parts);
            }
        }
        let share = unit.words.len().max(1) as f32;
        for (field, path, shown) in &unit.facets {
            let term = Term::from_facet(
                self.facet_field(field),
                &facet_of(path.iter().map(String::as_str)),
            );
            if let Some(value) = self.terms.get(term) {
                held.unit.facets.push((field, path.clone(), shown.clone()));
                held.alternatives.push(vec![FieldClause {
                    field,
                    shown: shown.clone(),
                    lookup: ClauseQuery::Value {
                        held: value,
                        score: weight::FACET / share,
                    },
                }]);
            }
        }
        held
    }

    fn facet_field(&self, name: &str) -> Field {
        match name {
            "drug" => self.fields.drug,
            "treatment" => self.fields.treatment,
            _ => self.fields.body_part,
        }
    }

    fn word_leaf(&self, word: &str, held: &ResolvedExpansion) -> Clause {
        let mut marks = chunk_words(word);
        let mut alternatives: Vec<Vec<FieldClause>> = marks
            .iter()
            .map(|way| self.everywhere(way, 1.0, Origin::Typed))
            .filter(|parts| !parts.is_empty())
            .collect();
        alternatives.extend(held.alternatives.iter().cloned());
        marks.extend(held.unit.phrases.iter().map(|(way, _)| way.clone()));
        Clause {
            shown: word.to_string(),
            reach: Scope::Both,
            scores: true,
            excluded: false,
            alternatives,
            marks,
            prefix: None,
        }
    }

    /// Neighbouring words in the text fields that have them, scored by the fields' weights.
    fn everywhere(&self, way: &[String], boost: f32, origin: Origin) -> Vec<FieldClause> {
        let parts = text_fields(self.fields).filter_map(|(name, field, field_boost)| {
            Some(FieldClause {
                field: name,
                shown: way.join(" "),
                lookup: self.neighbours(field, way, boost * field_boost, origin)?,
            })
        });
        parts.collect()
    }

    /// Neighbouring words in a field; None where the field has not all of them.
    pub(super) fn neighbours(
        &self,
        field: Field,
        words: &[String],
        boost: f32,
        origin: Origin,
    ) -> Option<ClauseQuery> {
        let known = |word: &str| self.terms.get(Term::from_field_text(field, word));
        let all = || -> Option<Vec<_>> { words.iter().map(|word| known(word)).collect() };
        match words {
            [] => return None,
            [word] => return Some(ClauseQuery::word(known(word)?, boost)),
            _ if self.knows_phrases => {
                if let Some(held) = known(&phrase_token(words)) {
                    return Some(ClauseQuery::Term {
                        held,
                        scored_as: all()?,
                        boost,
                    });
                }
                // A phrase of the tables would have its token, if it were anywhere.
                if origin == Origin::Table {
                    return None;
                }
            }
            _ => {}
        }
        all()?;
        let query = loose(field, words, 0)?;
        Some(ClauseQuery::Query(Box::new(BoostQuery::new(query, boost))))
    }

    /// A clause that is no plain word.
    fn tree(
        &self,
        node: &QueryAst,
        request: &Request,
        plan: &mut Plan,
    ) -> Result<Tree, SearchError> {
        Ok(match node {
            QueryAst::All(nodes) => Tree::All(self.trees(nodes, request, plan)?),
            QueryAst::Any(nodes) => Tree::Any(self.trees(nodes, request, plan)?),
            QueryAst::Not(node) => {
                let first = plan.leaves.len();
                let told = plan.expanded.len();
                let tree = self.tree(node, request, plan)?;
                // Pattern is excluded was not "also searched".
                plan.expanded.truncate(told);
                for leaf in &mut plan.leaves[first..] {
                    leaf.excluded = !leaf.excluded;
                    leaf.scores = false;
                    leaf.marks.clear();
                    leaf.prefix = None;
                }
                Tree::Not(Box::new(tree))
            }
            QueryAst::Leaf(leaf) => {
                let leaf = self.leaf(leaf, request, plan)?;
                plan.leaves.push(leaf);
                Tree::Leaf(plan.leaves.len() - 1)
            }
        })
    }

    fn trees(
        &self,
        nodes: &[QueryAst],
        request: &Request,
        plan: &mut Plan,
    ) -> Result<Vec<Tree>, SearchError> {
        nodes
            .iter()
            .map(|node| self.tree(node, request, plan))
            .collect()
    }

    fn leaf(&self, leaf: &Leaf, request: &Request, plan: &mut Plan) -> Result<Clause, SearchError> {
        let shown = QueryAst::Leaf(leaf.clone()).to_string();
        let refused = |TooMany(what): TooMany| error(&request.query, &what, leaf.at);
        match leaf.field {
            None => Ok(match &leaf.what {
                Pattern::Word(word) => {
                    let typed = [word.clone()];
                    let units = if request.exact {
                        Vec::new()
                    } else {
                        expand::units(&typed)
                    };
                    let held = units
                        .first()
                        .map(|unit| self.held(unit))
                        .unwrap_or_default();
                    // An empty unit has nothing to tell.
                    plan.expanded
                        .extend(expand::told(&typed, std::iter::once(&held.unit)));
                    self.word_leaf(word, &held)
                }
                what => {
                    let chosen = text_fields(self.fields).collect();
                    self.text_leaf(what, shown, chosen, Scope::Both)
                        .map_err(refused)?
                }
            }),
            Some("request" | "rationale" | "summary" | "guidelines") => {
                let name = leaf.field.unwrap_or_default();
                let reach = if name == "summary" {
                    Scope::Letter
                } else {
                    Scope::Item
                };
                let chosen = text_fields(self.fields)
                    .filter(|(field, _, _)| *field == name)
                    .map(|(n, f, _)| (n, f, 1.0));
                self.text_leaf(&leaf.what, shown, chosen.collect(), reach)
                    .map_err(refused)
            }
            Some(field) => {
                let value = match &leaf.what {
                    Pattern::Phrase(words, _) => words.join(" "),
                    what => what.to_string(),
                };
                let (lookup, item) = filters::field_query(
                    self.fields,
                    field,
                    &value,
                    &request.filters,
                    self.values_of,
                )
                .map_err(|e| e.in_query(&request.query, &shown, leaf.at))?;
                if field == "case" {
                    plan.cases.push(value.clone());
                }
                Ok(Clause {
                    shown,
                    reach: if item { Scope::Item } else { Scope::Letter },
                    scores: false,
                    excluded: false,
                    alternatives: vec![vec![FieldClause {
                        field,
                        shown: value,
                        lookup,
                    }]],
                    marks: Vec::new(),
                    prefix: None,
                })
            }
        }
    }

    fn text_leaf(
        &self,
        what: &Pattern,
        shown: String,
        chosen: Vec<(&'static str, Field, f32)>,
        reach: Scope,
    ) -> Result<Clause, TooMany> {
        let mut parts = Vec::new();
        for (name, field, boost) in chosen {
            let lookups = self.lookups(what, field, boost)?;
            parts.extend(lookups.into_iter().map(|lookup| FieldClause {
                field: name,
                shown: what.to_string(),
                lookup,
            }));
        }
        let (marks, prefix) = wordings::marks(what);
        Ok(Clause {
            shown,
            reach,
            scores: true,
            excluded: false,
            alternatives: vec![parts],
            marks,
            prefix,
        })
    }
}

fn plain_word(node: &QueryAst) -> Option<&str> {
    match node {
        QueryAst::Leaf(Leaf {
            field: None,
            what: Pattern::Word(word),
            ..
        }) => Some(word),
        _ => None,
    }
}
