//! A logical plan as a query of a cluster: what must hold in one nested document, and in the letter.
//!
//! A nested document stands for an item, or for a letter without items; it has what the letter says as
//! well. So a word "in the item or in the case summary" is a word of the nested document, and all of a
//! plan is one condition on it. The conditions are those of `evaluate`, line by line.

use super::super::evaluate::Part;
use super::super::filters::Condition;
use super::super::plan::{
    Clause, FieldClause, FieldTest, LogicalPlan, Origin, Scope, Tree, text_fields, weight,
};
use super::super::predicate::{Keyword, Predicate, Test};
use super::super::query_ast::Pattern;
use super::super::wordings::{PrefixQuery, beginnings, phrase_words, starred};
use super::document::{PHRASE, SURFACE};
use super::mapping::{IS_ITEM, ITEMS, LEVELS};
use crate::index::{chunk_words, phrase_token};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// A cluster takes so many clauses in one query, and no more; a part of them is left for what must match.
const MOST_SCORED: usize = 500;

/// So many words that begin as typed score as themselves.
const MOST_BEGUN: &str = "top_terms_100";

/// How much of a plan is asked for.
#[derive(Clone, Copy)]
pub(super) struct QueryScope<'f> {
    /// How many of the words an item must have.
    pub needed: usize,
    /// A concept need only be mentioned.
    pub mentions: bool,
    /// A part that is left out.
    pub without: Option<Part>,
    /// Filters that are left out.
    pub left_out: &'f dyn Fn(&str, bool) -> bool,
}

/// What answers: a condition on nested documents, and more on the letter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matching {
    /// What an item must have.
    pub unit: Value,
    /// What the letter must have besides an item that has it.
    pub letter: Vec<Value>,
}

impl Matching {
    /// Letters that answer, without a score.
    pub(super) fn letters(&self) -> Value {
        let mut filters = self.letter.clone();
        filters.push(nested(&self.unit));
        all(filters)
    }

    /// The same, with more that an item must have.
    pub(super) fn and(&self, more: Value) -> Matching {
        Matching {
            unit: all(vec![self.unit.clone(), more]),
            letter: self.letter.clone(),
        }
    }
}

/// What is known of the letters on the cluster.
pub(super) trait TermStatistics {
    /// Whether some letter may have an alternative.
    fn knows(&self, alternative: &[FieldClause]) -> bool;

    /// What the cluster's score of words in a field is to be multiplied by to weigh what it weighs here.
    /// `terms` are what is looked up there: the words, or the token of the phrase that they are.
    fn factor(&self, field: &str, words: &[String], terms: &[String]) -> f32;

    /// Whether some letter has a term in a field, as far as that is known.
    fn has(&self, field: &str, term: &str) -> bool;
}

/// A plan that is made a query.
pub(super) struct Queries<'p> {
    pub plan: &'p LogicalPlan,
    pub statistics: &'p dyn TermStatistics,
}

impl Queries<'_> {
    /// What answers so much of the plan.
    pub(super) fn matching(&self, scope: QueryScope<'_>) -> Matching {
        let plan = self.plan;
        let mut unit = self.holding(scope);
        let kept = |filter: &&Condition| !(scope.left_out)(filter.name, filter.negated);
        let items: Vec<&Condition> = plan.filters.item.iter().filter(kept).collect();
        let mut letter = Vec::new();
        let holds = |filter: &Condition| all(vec![is_item(), condition(filter)]);
        if plan.any_item && !items.is_empty() {
            // Each filter in some item; the items shown are those of any that says "has".
            let positive = items.iter().any(|filter| !filter.negated);
            let shown = items.iter().filter(|filter| !filter.negated || !positive);
            unit.push(any(shown.map(|filter| holds(filter)).collect()));
            letter.extend(items.iter().map(|filter| nested(&holds(filter))));
        } else {
            unit.extend(items.into_iter().map(holds));
        }
        unit.extend(plan.filters.letter.iter().filter(kept).map(condition));
        Matching {
            unit: all(unit),
            letter,
        }
    }

    /// What an item must have of the query itself.
    fn holding(&self, scope: QueryScope<'_>) -> Vec<Value> {
        let plan = self.plan;
        let kept = |clause: &&usize| scope.without != Some(Part::Clause(**clause));
        let mut filters = Vec::new();
        for (n, tree) in plan.required.iter().enumerate() {
            if scope.without != Some(Part::Required(n)) {
                filters.push(self.hold(tree, scope.mentions));
            }
        }
        for group in plan.groups.iter().chain([&plan.any_of]) {
            let clauses = group.iter().filter(kept);
            let clauses: Vec<Value> = clauses.map(|at| self.has(*at, scope.mentions)).collect();
            if !clauses.is_empty() {
                filters.push(any(clauses));
            }
        }
        let mentioned = plan.mentioned.iter().filter(kept);
        filters.extend(mentioned.map(|clause| self.has(*clause, true)));
        let words = plan.words.iter().filter(kept);
        let words: Vec<Value> = words.map(|at| self.has(*at, true)).collect();
        let needed = if scope.needed == plan.words.len() {
            words.len()
        } else {
            scope.needed.min(words.len())
        };
        if needed == words.len() {
            filters.extend(words);
        } else if needed > 0 {
            filters.push(json!({"bool": {"should": words, "minimum_should_match": needed}}));
        }
        filters
    }

    fn hold(&self, tree: &Tree, mentions: bool) -> Value {
        let hold = |trees: &[Tree]| trees.iter().map(|tree| self.hold(tree, mentions)).collect();
        match tree {
            Tree::Leaf(at) => self.has(*at, mentions),
            Tree::All(trees) => all(hold(trees)),
            Tree::Any(trees) => any(hold(trees)),
            // What only mentions it is not excluded.
            Tree::Not(tree) => not(self.hold(tree, false)),
        }
    }

    /// Nested documents that have what a clause asks for.
    pub(super) fn has(&self, at: usize, mentions: bool) -> Value {
        let clause = &self.plan.clauses[at];
        let holds = self.holds(clause);
        if clause.requires.is_empty() {
            return holds;
        }
        let mut requested: Vec<Value> = clause.requires.iter().map(predicate).collect();
        // What a letter without items requests is not known: it only mentions. Where the concept is
        // excluded, that is enough.
        if clause.excluded {
            requested.push(all(vec![holds.clone(), not(is_item())]));
        }
        if mentions {
            requested.push(holds);
        }
        any(requested)
    }

    /// Nested documents in which a clause's words or values stand.
    fn holds(&self, clause: &Clause) -> Value {
        let mut tests = Tests::default();
        for alternative in self.alternatives(clause, true) {
            alternative.iter().for_each(|test| tests.add(test));
        }
        let stands = tests.any();
        match clause.scope {
            // Of an item that does not exist nothing is true, and nothing false.
            Scope::Item if clause.excluded => {
                any(vec![all(vec![stands, is_item()]), not(is_item())])
            }
            Scope::Item => all(vec![stands, is_item()]),
            Scope::Both | Scope::Letter => stands,
        }
    }

    /// The alternatives of a clause that some letter has.
    fn alternatives<'c>(&'c self, clause: &'c Clause, expanded: bool) -> Vec<&'c [FieldClause]> {
        let expansion = clause.expansion.filter(|_| expanded);
        let expansion = expansion.map(|at| &self.plan.expansions[at]);
        let others = expansion.into_iter().flat_map(|e| &e.alternatives);
        let others = others.map(|alternative| &alternative.clauses);
        let all = clause.alternatives.iter().chain(others);
        all.map(Vec::as_slice)
            .filter(|alternative| self.statistics.knows(alternative))
            .collect()
    }

    /// What adds to the score: of each clause the best of its alternatives, the others a little. Where
    /// that is more than a cluster takes, other wordings score nothing.
    pub(super) fn scoring(&self) -> Vec<Value> {
        for (expanded, pairs) in [(true, true), (true, false), (false, false)] {
            let (scored, count) = self.scored(expanded, pairs);
            if count <= MOST_SCORED {
                return scored;
            }
        }
        Vec::new()
    }

    fn scored(&self, expanded: bool, pairs: bool) -> (Vec<Value>, usize) {
        let (mut scored, mut count) = (Vec::new(), 0);
        for clause in self.plan.clauses.iter().filter(|clause| clause.scores) {
            let mut alternatives = Vec::new();
            for alternative in self.alternatives(clause, expanded) {
                let tests = alternative.iter();
                let mut tests: Vec<Value> = tests.filter_map(|test| self.score(test)).collect();
                count += tests.len();
                match tests.len() {
                    0 => {}
                    1 => alternatives.append(&mut tests),
                    _ => alternatives.push(json!({"bool": {"should": tests}})),
                }
            }
            if !alternatives.is_empty() {
                scored.push(json!({
                    "dis_max": {"tie_breaker": weight::TIE, "queries": alternatives}
                }));
            }
        }
        for pair in self.plan.pairs.iter().filter(|_| pairs) {
            for (field, boost) in text_fields() {
                count += 2;
                let words = [pair.first.clone(), pair.second.clone()];
                let factor = self.statistics.factor(field, &words, &words);
                scored.push(json!({"match_phrase": {inside(field): {
                    "query": format!("{} {}", pair.first, pair.second),
                    "slop": pair.slack,
                    "boost": weight::PHRASE * boost * factor,
                }}}));
            }
        }
        (scored, count)
    }
}

impl Queries<'_> {
    /// What a test scores; None of one that scores nothing.
    fn score(&self, clause: &FieldClause) -> Option<Value> {
        let field = inside(clause.field);
        let boost = clause.boost;
        let words = |way: &[String]| {
            let factor =
                |terms: &[String]| boost * self.statistics.factor(clause.field, way, terms);
            let token = phrase_token(way);
            match way {
                [] => None,
                [word] => Some(json!({"term": {&field: {"value": word, "boost": factor(way)}}})),
                // With a word between, a known phrase has its token all the same.
                _ if self.statistics.has(clause.field, &token) => {
                    let boost = factor(std::slice::from_ref(&token));
                    let token = format!("{PHRASE}{token}");
                    Some(json!({"term": {&field: {"value": token, "boost": boost}}}))
                }
                way => {
                    let query = way.join(" ");
                    Some(json!({"match_phrase": {&field: {"query": query, "boost": factor(way)}}}))
                }
            }
        };
        match &clause.test {
            FieldTest::Words(way, _) => words(way),
            FieldTest::Is(test) => (boost > 0.0)
                .then(|| json!({"constant_score": {"filter": predicate(test), "boost": boost}})),
            FieldTest::Pattern(Pattern::Phrase(typed, 0)) if starred(typed).is_none() => {
                words(&phrase_words(typed))
            }
            FieldTest::Pattern(Pattern::Prefix(typed)) => {
                let beginnings = beginnings(typed);
                let alone = beginnings.iter().filter(|one| one.before.is_empty());
                let begun =
                    alone.flat_map(|one| [one.stem.clone(), format!("{SURFACE}{}", one.stem)]);
                let prefixes: Vec<Value> = begun
                    .map(|begun| {
                        json!({"prefix": {&field: {
                            "value": begun, "boost": boost, "rewrite": MOST_BEGUN,
                        }}})
                    })
                    .collect();
                (!prefixes.is_empty()).then(|| json!({"dis_max": {"queries": prefixes}}))
            }
            FieldTest::Pattern(pattern) => {
                let mut tests = Tests::default();
                tests.pattern(clause.field, pattern);
                Some(json!({"bool": {"must": [tests.any()], "boost": boost}}))
            }
        }
    }
}

/// Whether a filter holds.
fn condition(filter: &Condition) -> Value {
    let held = predicate(&filter.predicate);
    if filter.negated { not(held) } else { held }
}

/// Tests of which any must hold: single terms of one field together.
#[derive(Default)]
struct Tests {
    terms: BTreeMap<String, Vec<String>>,
    others: Vec<Value>,
}

impl Tests {
    fn add(&mut self, clause: &FieldClause) {
        match &clause.test {
            FieldTest::Words(way, origin) => self.words(clause.field, way, *origin),
            FieldTest::Is(test) => match &test.test {
                Test::Paths(paths) => self.paths(&test.field, paths),
                _ => self.others.push(predicate(test)),
            },
            FieldTest::Pattern(pattern) => self.pattern(clause.field, pattern),
        }
    }

    fn paths(&mut self, field: &str, paths: &[Vec<String>]) {
        for path in paths.iter().filter(|path| path.len() <= LEVELS) {
            let field = level(field, path.len());
            self.terms.entry(field).or_default().push(path.join("/"));
        }
    }

    fn term(&mut self, field: &str, term: String) {
        self.terms.entry(inside(field)).or_default().push(term);
    }

    fn words(&mut self, field: &str, way: &[String], origin: Origin) {
        match way {
            [] => {}
            [word] => self.term(field, word.clone()),
            way => {
                self.term(field, format!("{PHRASE}{}", phrase_token(way)));
                // A phrase of the tables has its token wherever it is.
                if origin == Origin::Typed {
                    self.others.push(phrase(field, way, 0));
                }
            }
        }
    }

    fn pattern(&mut self, field: &str, pattern: &Pattern) {
        match pattern {
            Pattern::Word(word) => {
                for way in chunk_words(word) {
                    self.words(field, &way, Origin::Typed);
                }
            }
            Pattern::Phrase(typed, 0) if starred(typed).is_none() => {
                self.words(field, &phrase_words(typed), Origin::Typed);
            }
            Pattern::Phrase(typed, slop) if starred(typed).is_none() => {
                // A word beside itself says nothing in a loose phrase.
                let mut way = phrase_words(typed);
                let mut seen = HashSet::new();
                way.retain(|word| seen.insert(word.clone()));
                self.others.push(phrase(field, &way, *slop));
            }
            Pattern::Phrase(_, slop) => self.others.extend(spans(field, pattern, *slop)),
            Pattern::Prefix(typed) => {
                for beginning in beginnings(typed) {
                    if beginning.before.is_empty() {
                        let stem = &beginning.stem;
                        for begun in [stem.clone(), format!("{SURFACE}{stem}")] {
                            self.others.push(json!({"prefix": {inside(field): begun}}));
                        }
                    } else {
                        self.others.push(span_of(field, &[], Some(&beginning), 0));
                    }
                }
            }
            Pattern::Near(a, b, distance) => {
                let (a, b) = (any_span(spans(field, a, 0)), any_span(spans(field, b, 0)));
                let (Some(a), Some(b)) = (a, b) else {
                    return;
                };
                for both in [[&a, &b], [&b, &a]] {
                    self.others.push(json!({"span_near": {
                        "clauses": both,
                        "slop": distance.saturating_sub(1),
                        "in_order": true,
                    }}));
                }
            }
        }
    }

    fn any(self) -> Value {
        let terms = self.terms.into_iter();
        let terms = terms.map(|(field, terms)| json!({"terms": {field: terms}}));
        any(terms.chain(self.others).collect())
    }
}

/// Each sequence of words that a part of a query may be, as spans.
fn spans(field: &str, pattern: &Pattern, slop: u32) -> Vec<Value> {
    let begun = |typed: &str, before: &[String]| -> Vec<Value> {
        let before = phrase_words(before);
        let beginnings = beginnings(typed);
        let spans = beginnings.iter();
        spans
            .map(|beginning| span_of(field, &before, Some(beginning), slop))
            .collect()
    };
    match pattern {
        Pattern::Word(word) => chunk_words(word)
            .iter()
            .map(|way| span_of(field, way, None, slop))
            .collect(),
        Pattern::Phrase(typed, _) => match starred(typed) {
            None => vec![span_of(field, &phrase_words(typed), None, slop)],
            Some((last, before)) => begun(last, before),
        },
        Pattern::Prefix(typed) => begun(typed, &[]),
        // The parser does not nest them.
        Pattern::Near(..) => Vec::new(),
    }
}

fn any_span(mut spans: Vec<Value>) -> Option<Value> {
    match spans.len() {
        0 | 1 => spans.pop(),
        _ => Some(json!({"span_or": {"clauses": spans}})),
    }
}

/// Words one after the other, then perhaps one that begins so.
fn span_of(field: &str, way: &[String], beginning: Option<&PrefixQuery>, slop: u32) -> Value {
    let field = inside(field);
    let words = way
        .iter()
        .chain(beginning.into_iter().flat_map(|b| &b.before));
    let words = words.map(|word| json!({"span_term": {&field: word}}));
    let mut clauses: Vec<Value> = words.collect();
    if let Some(beginning) = beginning {
        let stem = &beginning.stem;
        let begun = [stem.clone(), format!("{SURFACE}{stem}")]
            .map(|begun| json!({"span_multi": {"match": {"prefix": {&field: begun}}}}));
        clauses.push(json!({"span_or": {"clauses": begun}}));
    }
    match clauses.len() {
        0 => json!({"match_none": {}}),
        1 => clauses.remove(0),
        _ => json!({"span_near": {"clauses": clauses, "slop": slop, "in_order": true}}),
    }
}

fn phrase(field: &str, way: &[String], slop: u32) -> Value {
    json!({"match_phrase": {inside(field): {"query": way.join(" "), "slop": slop}}})
}

/// What a predicate holds for.
pub(super) fn predicate(predicate: &Predicate) -> Value {
    let field = inside(&predicate.field);
    match &predicate.test {
        Test::Paths(paths) => {
            let mut tests = Tests::default();
            tests.paths(&predicate.field, paths);
            tests.any()
        }
        Test::Ranges(ranges) => any(ranges
            .iter()
            .map(|range| {
                let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                let (from, to) = (number(*range.start()), number(*range.end()));
                json!({"range": {&field: {"gte": from, "lte": to}}})
            })
            .collect()),
        Test::Keywords(keywords) => any(keywords
            .iter()
            .map(|keyword| match keyword {
                Keyword::Exact(value) => json!({"term": {&field: value}}),
                Keyword::Prefix(prefix) => json!({"prefix": {&field: prefix}}),
            })
            .collect()),
    }
}

/// A field of the nested documents.
pub(super) fn inside(field: &str) -> String {
    format!("{ITEMS}.{field}")
}

/// The paths of a field that have so many segments, or fewer and nothing below.
pub(super) fn level(field: &str, depth: usize) -> String {
    format!("{ITEMS}.{field}.{}", depth.clamp(1, LEVELS))
}

/// What is an item, and not a letter without any.
pub(super) fn is_item() -> Value {
    json!({"term": {inside(IS_ITEM): true}})
}

/// Letters with a nested document that has something.
pub(super) fn nested(unit: &Value) -> Value {
    json!({"nested": {"path": ITEMS, "query": unit, "score_mode": "none"}})
}

/// All of them.
pub(super) fn all(mut of: Vec<Value>) -> Value {
    match of.len() {
        0 => json!({"match_all": {}}),
        1 => of.remove(0),
        _ => json!({"bool": {"filter": of}}),
    }
}

/// Any of them.
pub(super) fn any(mut of: Vec<Value>) -> Value {
    match of.len() {
        0 => json!({"match_none": {}}),
        1 => of.remove(0),
        _ => json!({"bool": {"should": of, "minimum_should_match": 1}}),
    }
}

pub(super) fn not(of: Value) -> Value {
    json!({"bool": {"must_not": [of]}})
}
