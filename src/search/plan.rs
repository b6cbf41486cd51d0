//! The logical plan of a request: what must hold in a letter and in its items, without any engine's
//! types and without an index.
//!
//! The planner turns the words of a query into *clauses*, each with its alternative wordings, and the
//! filters into predicates. Words that the vocabulary knows as values of a field are *concepts*: an
//! item must request them, where a word need only stand in it. What depends on what an index holds (which of the alternatives occur,
//! which words a `wean*` stands for) is resolved when a backend compiles the plan.

use super::concepts;
use super::error::SearchError;
use super::expand::{self, ExpandedTerm, IsName};
use super::filters::{self, Condition, Conditions};
use super::parser::{self, ParsedQuery};
use super::predicate::{Predicate, Test};
use super::query_ast::{Leaf, Pattern, QueryAst};
use super::request::{ConceptNote, Correction, Filter, MatchMode, PreferredDecision, Request};
use super::wordings;
use crate::fields::{self, FieldDefinition, path_label};
use crate::index::chunk_words;
use crate::letter::{Sign, history_named, reasons};
use crate::vocabulary::{CaseNumber, DecisionWords, QueryName, is_stop_word, query_name};
use std::ops::Range;

/// What the words of a score weigh. Chosen by measurement: docs/ranking.md.
pub(super) mod weight {
    /// A synonym against the word itself.
    pub(crate) const SYNONYM: f32 = 0.6;
    /// An item whose facet a word names ("opioid"), as a fixed score.
    pub(crate) const FACET: f32 = 6.0;
    /// A letter that has a diagnosis or work status which the words name, as a fixed score.
    pub(crate) const HISTORY: f32 = 8.0;
    /// An item of a category that a general word is about, as a fixed score.
    pub(crate) const GENERAL: f32 = 4.0;
    /// An item that was decided for a reason which the words state, as a fixed score.
    pub(crate) const REASON: f32 = 8.0;
    /// How much of the lesser alternatives of a word counts beside the best one.
    pub(crate) const TIE: f32 = 0.1;
    /// Words of one unit or neighbors in the query that are neighbors in the letter.
    pub(crate) const PHRASE: f32 = 0.5;
}

/// The most concepts and words of a query in which every concept must be what is requested. In a longer
/// one, a pasted passage, at least one of the drugs and services that it names must be.
const LONGEST_STRICT: usize = 6;

/// How far the words of one name may stand from their places.
const WITHIN_A_NAME: u32 = 4;

/// Values of one name that a note lists, at most.
const MOST_NAMES_SHOWN: usize = 3;

/// The fields that say what an item requests: drugs and services.
const REQUESTED: [&str; 2] = ["drug", "treatment"];

/// Case numbers that nearest ones are offered for.
const MOST_CASES: usize = 3;

/// Pairs of neighboring words whose proximity is scored.
const MOST_PAIRS: usize = 12;

/// Where a clause can match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In items and in the letter's own text.
    Both,
    /// In items only: it asks for something of the item.
    Item,
    /// In the letter only: what it says holds for each of its items.
    Letter,
}

/// Where a wording comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A person typed it.
    Typed,
    /// A table of the vocabulary has it.
    Table,
}

/// What a clause tests in one field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTest {
    /// Adjacent words of a text field, as indexed.
    Words(Vec<String>, Origin),
    /// A word, phrase, prefix or `w/N` of a text field, as typed.
    Pattern(Pattern),
    /// A value of the field; the score is the same wherever it is.
    Is(Predicate),
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldClause {
    /// The field.
    pub field: &'static str,
    /// What is looked for there, for a person to read.
    pub shown: String,
    /// The test.
    pub test: FieldTest,
    /// The weight of a text's score; the score of a value.
    pub boost: f32,
}

/// Something looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// As typed.
    pub shown: String,
    /// Where it stands in the query, in characters from 1.
    pub at: usize,
    /// Where it can match.
    pub scope: Scope,
    /// Whether it adds to the score.
    pub scores: bool,
    /// What has it is left out.
    pub excluded: bool,
    /// Wordings as typed: of their scores the best counts, the others a little. The field clauses of
    /// one, mostly a field each, add up.
    pub alternatives: Vec<Vec<FieldClause>>,
    /// What else means the same: a place among [`LogicalPlan::expansions`].
    pub expansion: Option<usize>,
    /// Of a concept, what an item must have of it, any of these; the wordings only mention it.
    pub requires: Vec<Predicate>,
    /// Its words as indexed, for snippets: sequences of neighbors.
    pub marks: Vec<Vec<String>>,
    /// Beginnings of words, for snippets.
    pub prefix: Option<String>,
}

impl FieldClause {
    /// A value of a field, with a fixed score.
    pub(super) fn value(field: &FieldDefinition, path: &[String], boost: f32) -> FieldClause {
        FieldClause {
            field: field.key,
            shown: path.join("/"),
            test: FieldTest::Is(Predicate::paths(field.key, vec![labels(path)])),
            boost,
        }
    }
}

impl Clause {
    /// What scores and was not typed, or not yet where.
    pub(super) fn new(shown: String, scope: Scope, alternatives: Vec<Vec<FieldClause>>) -> Clause {
        Clause {
            shown,
            at: 0,
            scope,
            scores: true,
            excluded: false,
            alternatives,
            expansion: None,
            requires: Vec::new(),
            marks: Vec::new(),
            prefix: None,
        }
    }
}

/// What else one or several words of the query mean.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedExpansion {
    /// The words as typed.
    pub typed: String,
    /// Whether the answer says that it was searched.
    pub reported: bool,
    /// The other wordings and values.
    pub alternatives: Vec<PlannedAlternative>,
}

/// One other wording or value.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAlternative {
    /// How it is shown; empty where it is a mere spelling of another that is.
    pub shown: String,
    /// Its words as indexed, for snippets; none of a value.
    pub marks: Vec<String>,
    /// Its tests.
    pub clauses: Vec<FieldClause>,
}

/// A tree over clauses.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A clause.
    Leaf(usize),
    /// All of them.
    All(Vec<Tree>),
    /// Any of them.
    Any(Vec<Tree>),
    /// Not this.
    Not(Box<Tree>),
}

/// Words that stand one after the other in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordPair {
    /// The first, as indexed.
    pub first: String,
    /// The second, as indexed.
    pub second: String,
    /// How far from their places in the query they may stand, in words.
    pub slack: u32,
}

impl WordPair {
    /// Two typed words, the second so many places after the first; None where they say the same.
    #[must_use]
    pub fn of(first: &str, second: &str, distance: usize) -> Option<WordPair> {
        let way = |typed: &str| chunk_words(typed).into_iter().next();
        let (first, second) = (way(first)?.pop()?, way(second)?.into_iter().next()?);
        (first != second).then(|| WordPair {
            first,
            second,
            slack: u32::try_from(distance).unwrap_or(u32::MAX),
        })
    }
}

/// Words of the query that the vocabulary knows as values of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Concept {
    /// The clause: its wordings mention the concept, its predicates request it.
    pub clause: usize,
    /// What it was taken for.
    pub note: ConceptNote,
}

/// Decision words: items with the decision rank first.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedDecision {
    /// The words as typed.
    pub text: String,
    /// Their bytes in the query.
    pub range: Range<usize>,
    /// The decision: "upheld" or "overturned".
    pub decision: &'static str,
    /// What an item with it has.
    pub predicate: Predicate,
}

impl PlannedDecision {
    /// As an answer says it: so many of all answering items have the decision.
    #[must_use]
    pub(super) fn counted(&self, items: u64, all: u64) -> PreferredDecision {
        PreferredDecision {
            decision: self.decision.into(),
            text: self.text.clone(),
            range: self.range.clone(),
            items,
            others: all - items,
        }
    }
}

/// What a backend evaluates.
///
/// An item answers when the filters hold in it, the trees hold in it, of each group of concepts one is
/// what it requests and the others are at least mentioned in it, and it has enough of the words. A
/// word, or what mentions a concept, holds in an item if it stands in the item itself or in the case
/// summary of its letter. A letter without items is taken as a single item that is all of its text and
/// requests nothing.
#[derive(Debug, Clone, Default)]
pub struct LogicalPlan {
    /// The query as typed: errors point into it.
    pub query: String,
    /// The query as it was understood.
    pub understood: String,
    /// What a person should know of how it was read.
    pub notes: Vec<String>,
    /// Words that were read as others.
    pub corrected: Vec<Correction>,
    /// Words that no letter has, with the nearest that letters have.
    pub unknown: Vec<(String, Vec<String>)>,
    /// The clauses.
    pub clauses: Vec<Clause>,
    /// What else their words mean.
    pub expansions: Vec<PlannedExpansion>,
    /// What must hold in the item, besides the words: operators, phrases, fields.
    pub required: Vec<Tree>,
    /// The concepts among the plain words.
    pub concepts: Vec<Concept>,
    /// Concepts (clauses) of one field, of which an item must request one.
    pub groups: Vec<Vec<usize>>,
    /// Concepts (clauses) that an item must at least mention.
    pub mentioned: Vec<usize>,
    /// Concepts (clauses) of which an item must request one.
    pub any_of: Vec<usize>,
    /// Decision words.
    pub wish: Option<PlannedDecision>,
    /// The plain words: places among the clauses. Of a long query its concepts are among them.
    pub words: Vec<usize>,
    /// How many of them an item must have.
    pub needed: usize,
    /// What the filters ask for.
    pub filters: Conditions,
    /// Filters may hold in different items.
    pub any_item: bool,
    /// Words whose proximity adds to an item's or letter's score.
    pub pairs: Vec<WordPair>,
    /// Case numbers that are asked for.
    pub cases: Vec<String>,
}

impl LogicalPlan {
    /// Whether an item must have more than the concepts to answer: words, operators or filters.
    #[must_use]
    pub fn narrows(&self) -> bool {
        let is_typed = |c: &Condition| !(c.negated && c.name == fields::DOCUMENT.name);
        !self.words.is_empty()
            || !self.required.is_empty()
            || !self.filters.item.is_empty()
            || self.filters.letter.iter().any(is_typed)
    }

    /// Whether anything must be requested, which other letters may only mention.
    #[must_use]
    pub fn has_concepts(&self) -> bool {
        self.clauses
            .iter()
            .any(|clause| !clause.requires.is_empty())
    }

    /// The first case numbers that were typed; where nothing is found, a number may have been one too.
    #[must_use]
    pub fn typed_cases(&self, found: bool) -> Vec<String> {
        let short = (!found).then(|| CaseNumber::shortened_in(&self.query));
        let typed = self.cases.iter().cloned();
        let typed = typed.chain(short.into_iter().flatten());
        let cases = typed.flat_map(|value| {
            let cases = CaseNumber::all(&value);
            let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
            if cases.is_empty() { vec![value] } else { cases }
        });
        cases.take(MOST_CASES).collect()
    }

    /// Whether a clause is that of a concept among the plain words.
    #[must_use]
    pub fn is_concept(&self, clause: usize) -> bool {
        self.concepts.iter().any(|concept| concept.clause == clause)
    }

    /// The concepts and the plain words, as places among the clauses.
    #[must_use]
    pub fn parts(&self) -> Vec<usize> {
        let concepts = self.concepts.iter().map(|concept| concept.clause);
        let words = self.words.iter().copied();
        concepts
            .chain(words.filter(|word| !self.is_concept(*word)))
            .collect()
    }

    /// Whether a clause is that of a concept which is what an item requests: a drug or a service.
    #[must_use]
    pub fn is_thing(&self, clause: usize) -> bool {
        let mut concepts = self.concepts.iter();
        concepts.any(|c| c.clause == clause && REQUESTED.contains(&c.note.field.as_ref()))
    }

    /// Whether a request would ask for anything with one of its parts left out: of a single part there
    /// is nothing to say but that everything answers without it.
    #[must_use]
    pub fn has_several_parts(&self, filters: &[Filter]) -> bool {
        let mut names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let words = self.words.iter().filter(|word| !self.is_concept(**word));
        names.len() + self.concepts.len() + words.count() + self.required.len() > 1
    }

    /// Whether documents that are no letters are left out unasked.
    #[must_use]
    pub fn leaves_out_others(&self) -> bool {
        let mut filters = self.filters.letter.iter();
        filters.any(|filter| filter.name == fields::DOCUMENT.name && filter.negated)
    }

    /// A tree as a person would type it.
    #[must_use]
    pub fn shown(&self, tree: &Tree) -> String {
        let all = |trees: &[Tree], between: &str| {
            let shown: Vec<String> = trees.iter().map(|tree| self.shown(tree)).collect();
            match shown.as_slice() {
                [one] => one.clone(),
                _ => format!("({})", shown.join(between)),
            }
        };
        match tree {
            Tree::Leaf(clause) => self.clauses[*clause].shown.clone(),
            Tree::All(trees) => all(trees, " "),
            Tree::Any(trees) => all(trees, " OR "),
            Tree::Not(tree) => format!("-{}", self.shown(tree)),
        }
    }
}

/// How many of `count` words a letter must have: all of up to three, of more at least half
/// (docs/ranking.md).
#[must_use]
pub(super) fn needed(count: usize, mode: MatchMode) -> usize {
    match mode {
        MatchMode::All => count,
        MatchMode::Any => count.min(1),
        MatchMode::Most if count <= 3 => count,
        MatchMode::Most => count.div_ceil(2),
    }
}

/// The text fields that a plain word looks into, with their weights.
pub(super) fn text_fields() -> impl Iterator<Item = (&'static str, f32)> {
    fields::plain_texts().map(|(field, boost)| (field.key, boost))
}

/// The plan of a request. `values_of` lists the values that exist under a facet, for filters whose
/// values stand in no table; without an index, none.
///
/// # Errors
/// If the query cannot be read, or a filter or a field's value is unknown.
pub(super) fn plan(
    request: &Request,
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<LogicalPlan, SearchError> {
    let ParsedQuery { root, mut notes } = parser::read(&request.query)?;
    notes.extend(request.filters.iter().filter_map(decision_note));
    notes.extend(filters::notes(&request.filters, values_of));
    let cases = request.filters.iter().filter(|f| f.name == "case");
    let mut planner = Planner {
        request,
        values_of,
        plan: LogicalPlan {
            query: request.query.clone(),
            understood: root.to_string(),
            notes,
            filters: filters::resolve(&request.filters, values_of)?,
            any_item: request.any_item,
            cases: cases.map(|f| f.value.trim().to_string()).collect(),
            ..LogicalPlan::default()
        },
    };
    planner.query(&root)?;
    let mut plan = planner.plan;
    // Where the index holds other documents, only who asks for them gets them.
    let asks = request
        .filters
        .iter()
        .any(|f| f.name == fields::DOCUMENT.name)
        || asks_for(&root, fields::DOCUMENT.name);
    if !asks && !values_of(fields::DOCUMENT.key).is_empty() {
        plan.filters.leave_out_others();
    }
    Ok(plan)
}

/// Whether a query names a field.
fn asks_for(ast: &QueryAst, name: &str) -> bool {
    match ast {
        QueryAst::All(clauses) | QueryAst::Any(clauses) => {
            clauses.iter().any(|clause| asks_for(clause, name))
        }
        QueryAst::Not(clause) => asks_for(clause, name),
        QueryAst::Leaf(leaf) => leaf.field.as_deref() == Some(name),
    }
}

/// What a wording for a decision means, where it may be taken for the opposite: "denied" is what the
/// claims administrator did, and IMR decides about that.
fn decision_note(filter: &Filter) -> Option<String> {
    let decision = DecisionWords::get().decision(&filter.value)?;
    let is_name = filter.value.trim().eq_ignore_ascii_case(decision);
    let explained = filter.name == fields::DECISION.name && !is_name;
    explained.then(|| {
        format!(
            "decision {}: IMR {decision} the denial",
            filter.value.trim()
        )
    })
}

struct Planner<'a> {
    request: &'a Request,
    values_of: &'a dyn Fn(&str) -> Vec<String>,
    plan: LogicalPlan,
}

impl Planner<'_> {
    fn query(&mut self, root: &QueryAst) -> Result<(), SearchError> {
        let clauses = match root {
            QueryAst::All(clauses) => clauses.as_slice(),
            other => std::slice::from_ref(other),
        };
        let plain: Vec<&str> = clauses
            .iter()
            .filter_map(|clause| Some(plain_word(clause)?.0))
            .collect();
        let only_stop_words = plain.iter().all(|w| is_stop_word(w)) && plain.len() == clauses.len();
        let mut run: Vec<(&str, usize)> = Vec::new();
        let mut runs: Vec<Vec<(&str, usize)>> = Vec::new();
        for clause in clauses {
            match plain_word(clause) {
                Some(word) => run.push(word),
                None => {
                    runs.push(std::mem::take(&mut run));
                    let tree = self.tree(clause)?;
                    self.plan.required.push(tree);
                }
            }
        }
        runs.push(run);
        for run in runs.into_iter().filter(|run| !run.is_empty()) {
            self.words(&run, only_stop_words)?;
        }
        if !self.request.exact {
            self.findings(&plain);
            self.general_words();
        }
        self.group();
        self.plan.needed = needed(self.plan.words.len(), self.request.match_mode);
        Ok(())
    }

    /// Diagnoses that the plain words name, and reasons that they state: nothing must have them, and what
    /// has them scores more, however its text words them.
    fn findings(&mut self, plain: &[&str]) {
        let words = plain.join(" ");
        let (diagnoses, work_status) = history_named(&words);
        for diagnosis in diagnoses {
            let path = diagnosis.path().to_vec();
            self.score(&fields::DIAGNOSIS, path, Scope::Both, weight::HISTORY);
        }
        if let Some(status) = work_status {
            self.score(
                &fields::WORK_STATUS,
                vec![status],
                Scope::Both,
                weight::HISTORY,
            );
        }
        let signs: &[Sign] = match self.plan.wish.as_ref().map(|wish| wish.decision) {
            Some("overturned") => &[Sign::For],
            Some(_) => &[Sign::Against],
            None => &[Sign::For, Sign::Against],
        };
        if plain.len() < expand::FEWEST_STATING {
            return;
        }
        let stated = signs.iter().flat_map(|sign| reasons::stated(&words, *sign));
        let stated: Vec<_> = stated.collect();
        // Any condition that is named is a finding: that alone states no reason. Nor does what could speak
        // for either side.
        let is_clear = |reason: &&reasons::Reason| {
            let of_theme = stated.iter().filter(|other| other.theme == reason.theme);
            reason.theme != "findings" && of_theme.count() == 1
        };
        for reason in stated.iter().filter(is_clear) {
            let path = reason.path().to_vec();
            self.score(&fields::REASON, path, Scope::Item, weight::REASON);
        }
    }

    /// Where no drug and no service is named, general words ("test") rank what is of their category higher.
    fn general_words(&mut self) {
        let plan = &self.plan;
        if plan.concepts.iter().any(|c| plan.is_thing(c.clause)) {
            return;
        }
        let words = plan.words.iter().map(|at| plan.clauses[*at].shown.as_str());
        let mut categories: Vec<&str> =
            words.filter_map(concepts::general_word).flatten().collect();
        categories.sort_unstable();
        categories.dedup();
        for category in categories {
            let path = vec![category.to_string()];
            self.score(&fields::TREATMENT, path, Scope::Item, weight::GENERAL);
        }
    }

    /// A value that adds to the score of what has it.
    fn score(
        &mut self,
        field: &'static FieldDefinition,
        path: Vec<String>,
        scope: Scope,
        boost: f32,
    ) {
        let shown = format!("{} {}", field.name, path.join("/"));
        let test = FieldClause {
            shown: shown.clone(),
            ..FieldClause::value(field, &path, boost)
        };
        let clause = Clause::new(shown, scope, vec![vec![test]]);
        self.plan.clauses.push(clause);
    }

    /// Decides which concepts an item must request, and what else it must have.
    fn group(&mut self) {
        self.parts_beside_drugs();
        let plan = &mut self.plan;
        let mode = self.request.match_mode;
        let requested = |c: &&Concept| REQUESTED.contains(&c.note.field.as_ref());
        let clauses: Vec<usize> = plan.concepts.iter().map(|c| c.clause).collect();
        let total = plan.concepts.len() + plan.words.len();
        if mode == MatchMode::Any && !plan.words.is_empty() {
            plan.words.extend(clauses);
            return;
        }
        if mode == MatchMode::Most && total > LONGEST_STRICT {
            let any_of = plan.concepts.iter().filter(requested);
            plan.any_of = any_of.map(|c| c.clause).collect();
        }
        if plan.any_of.is_empty() {
            let mut fields: Vec<&str> = Vec::new();
            for concept in &plan.concepts {
                let at = fields.iter().position(|field| *field == concept.note.field);
                match at {
                    Some(at) => plan.groups[at].push(concept.clause),
                    None => {
                        fields.push(&concept.note.field);
                        plan.groups.push(vec![concept.clause]);
                    }
                }
            }
        }
        // Of many, most must be there; of few, all.
        if mode == MatchMode::Most && total > needed(total, mode) {
            plan.words.extend(clauses);
        } else {
            let several = plan.groups.iter().filter(|group| group.len() > 1);
            plan.mentioned = several.flatten().copied().collect();
        }
    }

    /// A drug is requested for no part of the body: beside one ("norco for low back pain"), a part need only
    /// be mentioned.
    fn parts_beside_drugs(&mut self) {
        let is_of = |field: &FieldDefinition| {
            let name = field.name;
            move |concept: &Concept| concept.note.field == name
        };
        if !self.plan.concepts.iter().any(is_of(&fields::DRUG)) {
            return;
        }
        let is_part = is_of(&fields::BODY_PART);
        for part in self
            .plan
            .concepts
            .extract_if(.., |concept| is_part(concept))
        {
            self.plan.words.push(part.clause);
            self.plan.clauses[part.clause].requires.clear();
            self.plan.notes.push(format!(
                "'{}' need only be mentioned, because drugs are not requested for a body part",
                part.note.text
            ));
        }
    }

    /// Words side by side: a clause each, with what else means the same. Words that say nothing are
    /// only read as a part of what several mean together ("shortness of breath").
    fn words(&mut self, run: &[(&str, usize)], all: bool) -> Result<(), SearchError> {
        let typed: Vec<String> = run.iter().map(|(word, _)| (*word).to_string()).collect();
        let searched = |word: &str| all || !is_stop_word(word);
        let place = |words: &Range<usize>| {
            let (first, last) = (run[words.start].1, run[words.end - 1].1);
            concepts::bytes_of(&self.request.query, first, last)
        };
        let mut taken = vec![false; typed.len()];
        if !self.request.exact {
            let asks = concepts::is_question(&typed);
            for (words, decision) in self.wishes(&typed) {
                taken[words.clone()].fill(true);
                if asks {
                    self.plan.notes.push(format!(
                        "'{}' asks for the decision: both decisions are counted",
                        typed[words].join(" ")
                    ));
                    continue;
                }
                let predicate = Predicate::paths("decision", vec![vec![decision.to_string()]]);
                self.plan.wish = Some(PlannedDecision {
                    text: typed[words.clone()].join(" "),
                    range: place(&words),
                    decision,
                    predicate,
                });
            }
            for (words, name) in concepts::specialties(&typed) {
                if taken[words.clone()].contains(&true) {
                    continue;
                }
                let range = place(&words);
                let predicate = Predicate::paths("specialty", vec![vec![name.to_string()]]);
                let text = typed[words.clone()].join(" ");
                let at = run[words.start].1;
                let clause = phrase_clause(&typed[words.clone()], at, vec![predicate]);
                let note = ConceptNote {
                    text,
                    field: "specialty".into(),
                    value: name.to_string(),
                    label: name.to_string(),
                    range,
                };
                self.concept(clause, note);
                taken[words].fill(true);
            }
            for (words, value) in concepts::pages(&typed) {
                let range = place(&words);
                let filters = &self.request.filters;
                let page = filters::field_query("page", &value, filters, self.values_of)?;
                let text = typed[words.clone()].join(" ");
                let at = run[words.start].1;
                let clause = phrase_clause(&typed[words.clone()], at, vec![page.predicate]);
                let note = ConceptNote {
                    text,
                    field: "page".into(),
                    label: format!("page {value}"),
                    value,
                    range,
                };
                self.concept(clause, note);
                taken[words].fill(true);
            }
        }
        let mut at = 0;
        while at < typed.len() {
            let free = taken[at..].iter().take_while(|taken| !**taken).count();
            let is_name = |field: &'static FieldDefinition, words: &Range<usize>| {
                let words = words.start + at..words.end + at;
                concepts::is_name(field.name, &typed, &words)
            };
            let terms = self.expanded_terms(&typed[at..at + free], &is_name);
            for term in terms {
                let words = term.words.start + at..term.words.end + at;
                let range = place(&words);
                self.term(
                    run,
                    &typed,
                    ExpandedTerm { words, ..term },
                    range,
                    &searched,
                );
            }
            at += free + 1;
        }
        let telling: Vec<usize> = (0..typed.len())
            .filter(|n| !taken[*n] && searched(&typed[*n]) && !typed[..*n].contains(&typed[*n]))
            .collect();
        let pairs = telling
            .windows(2)
            .filter_map(|pair| WordPair::of(&typed[pair[0]], &typed[pair[1]], pair[1] - pair[0]));
        self.plan.pairs.extend(pairs.take(MOST_PAIRS));
        Ok(())
    }

    /// The decision words of a run; none where they name both decisions.
    fn wishes(&self, typed: &[String]) -> Vec<(Range<usize>, &'static str)> {
        let words = concepts::decision_words(typed);
        let same = |decision: &str| words.iter().all(|(_, other)| *other == decision);
        let agrees = |wish: &PlannedDecision| same(wish.decision);
        let first = words.first().map(|(_, decision)| *decision);
        if first.is_none_or(same) && self.plan.wish.as_ref().is_none_or(agrees) {
            words
        } else {
            Vec::new()
        }
    }

    /// One term of a run: a concept, or words.
    fn term(
        &mut self,
        run: &[(&str, usize)],
        typed: &[String],
        term: ExpandedTerm,
        range: Range<usize>,
        searched: &dyn Fn(&str) -> bool,
    ) {
        let words = term.words.clone();
        let own = &typed[words.clone()];
        if !own.iter().any(|word| searched(word)) {
            return;
        }
        let concept = note_of(&term, own, range);
        // A guideline's title names parts of the body that the item is not about.
        let of_body = concept
            .as_ref()
            .is_some_and(|note| note.field == fields::BODY_PART.name);
        let fields = |field: &str| !of_body || field != "guidelines";
        let expansion = self.expansion(own, &term, &fields);
        let requires = requires(&term);
        let first = self.plan.clauses.len();
        let narrow = term.narrow.filter(|_| concept.is_some());
        // A request for the service alone is no other wording for words that say more.
        let wordings = match narrow {
            Some(_) => self.other_wordings(own, &term, &fields),
            None => expansion,
        };
        let is_unit = concept.is_none() && term.whole && words.len() > 1;
        for at in words.clone().filter(|at| searched(&typed[*at])) {
            let word = &typed[at];
            // A word typed twice asks for nothing more.
            let mut others = self.plan.clauses.iter();
            if others.any(|c| c.scores && c.scope == Scope::Both && c.shown == *word) {
                continue;
            }
            let clause = word_clause(word, run[at].1, wordings, &fields);
            if clause.marks.is_empty() {
                continue;
            }
            let says_more =
                narrow.is_some_and(|besides| !besides.contains(&word.to_lowercase().as_str()));
            if (concept.is_none() && !is_unit) || says_more {
                self.plan.words.push(self.plan.clauses.len());
            }
            self.plan.clauses.push(clause);
        }
        let at = run[words.start].1;
        if concept.is_some()
            && let Some(QueryName::Also(other)) = query_name(&own.join(" "))
        {
            let name = own.join(" ");
            self.plan
                .notes
                .push(format!("letters also write {name} for {other}"));
        }
        let Some(note) = concept else {
            if is_unit {
                let near = phrase_near(own, at);
                self.plan.words.push(self.plan.clauses.len());
                self.plan.clauses.push(Clause { expansion, ..near });
            }
            return;
        };
        if words.len() == 1 && narrow.is_none() && self.plan.clauses.len() == first + 1 {
            // Its own word is what mentions it.
            self.plan.clauses[first].requires = requires;
            self.plan.concepts.push(Concept {
                clause: first,
                note,
            });
            return;
        }
        let clause = Clause {
            scores: false,
            expansion,
            requires,
            marks: Vec::new(),
            ..name_clause(own, at, &fields)
        };
        self.concept(clause, note);
    }

    fn concept(&mut self, clause: Clause, note: ConceptNote) {
        // What is named twice asks for nothing more.
        let mut concepts = self.plan.concepts.iter();
        if concepts.any(|c| c.note.field == note.field && c.note.label == note.label) {
            return;
        }
        self.plan.concepts.push(Concept {
            clause: self.plan.clauses.len(),
            note,
        });
        self.plan.clauses.push(clause);
    }

    fn expanded_terms(&self, typed: &[String], is_name: IsName<'_>) -> Vec<ExpandedTerm> {
        if !self.request.exact {
            return expand::terms(typed, is_name);
        }
        let by_itself = |n: usize| ExpandedTerm {
            words: n..n + 1,
            ..ExpandedTerm::default()
        };
        (0..typed.len()).map(by_itself).collect()
    }

    /// The other wordings of a term without the values that it names: not reported again.
    fn other_wordings(
        &mut self,
        own: &[String],
        term: &ExpandedTerm,
        fields: &dyn Fn(&str) -> bool,
    ) -> Option<usize> {
        let wordings = ExpandedTerm {
            facets: Vec::new(),
            ..term.clone()
        };
        let expansion = self.expansion(own, &wordings, fields)?;
        self.plan.expansions[expansion].reported = false;
        Some(expansion)
    }

    /// What else a term means, as a place among the plan's expansions; None where nothing.
    fn expansion(
        &mut self,
        own: &[String],
        term: &ExpandedTerm,
        fields: &dyn Fn(&str) -> bool,
    ) -> Option<usize> {
        if term.phrases.is_empty() && term.facets.is_empty() {
            return None;
        }
        let wordings = term.phrases.iter().map(|(way, shown)| PlannedAlternative {
            shown: shown.clone(),
            marks: way.clone(),
            clauses: everywhere(way, weight::SYNONYM, Origin::Table, fields),
        });
        let share = term.words.len().max(1) as f32;
        let values = term.facets.iter().map(|(field, path, shown)| {
            let clause = FieldClause {
                shown: shown.clone(),
                ..FieldClause::value(field, path, weight::FACET / share)
            };
            PlannedAlternative {
                shown: shown.clone(),
                marks: Vec::new(),
                clauses: vec![clause],
            }
        });
        self.plan.expansions.push(PlannedExpansion {
            typed: own.join(" "),
            reported: true,
            alternatives: wordings.chain(values).collect(),
        });
        Some(self.plan.expansions.len() - 1)
    }

    /// A clause that is no plain word.
    fn tree(&mut self, node: &QueryAst) -> Result<Tree, SearchError> {
        Ok(match node {
            QueryAst::All(nodes) => Tree::All(self.side_by_side(nodes)?),
            QueryAst::Any(nodes) => Tree::Any(self.trees(nodes)?),
            QueryAst::Not(node) => {
                let first = self.plan.clauses.len();
                let expansions = self.plan.expansions.len();
                let tree = self.tree(node)?;
                // What is excluded was not "also searched".
                for expansion in &mut self.plan.expansions[expansions..] {
                    expansion.reported = false;
                }
                for clause in &mut self.plan.clauses[first..] {
                    clause.excluded = !clause.excluded;
                    clause.scores = false;
                    clause.marks.clear();
                    clause.prefix = None;
                }
                Tree::Not(Box::new(tree))
            }
            QueryAst::Leaf(leaf) => {
                let clause = self.leaf(leaf)?;
                self.plan.clauses.push(clause);
                Tree::Leaf(self.plan.clauses.len() - 1)
            }
        })
    }

    /// What stands side by side within operators. Words that are a name together are one clause, as they
    /// are outside: "(physical therapy) OR acupuncture".
    fn side_by_side(&mut self, nodes: &[QueryAst]) -> Result<Vec<Tree>, SearchError> {
        let mut trees = Vec::new();
        let mut at = 0;
        while at < nodes.len() {
            let words: Vec<(&str, usize)> = nodes[at..].iter().map_while(plain_word).collect();
            let typed: Vec<String> = words.iter().map(|(word, _)| (*word).to_string()).collect();
            let is_name = |field: &'static FieldDefinition, words: &Range<usize>| {
                concepts::is_name(field.name, &typed, words)
            };
            for term in self.expanded_terms(&typed, &is_name) {
                let own = term.words.clone();
                if own.len() > 1 && !term.facets.is_empty() {
                    let (name, at) = (&typed[own.clone()], words[own.start].1);
                    let fields = fields_of(&term);
                    let expansion = self.expansion(name, &term, &fields);
                    self.plan.clauses.push(Clause {
                        expansion,
                        requires: requires(&term),
                        ..name_clause(name, at, &fields)
                    });
                    trees.push(Tree::Leaf(self.plan.clauses.len() - 1));
                } else {
                    for node in &nodes[at + own.start..at + own.end] {
                        trees.push(self.tree(node)?);
                    }
                }
            }
            at += words.len();
            if let Some(node) = nodes.get(at) {
                trees.push(self.tree(node)?);
                at += 1;
            }
        }
        Ok(trees)
    }

    fn trees(&mut self, nodes: &[QueryAst]) -> Result<Vec<Tree>, SearchError> {
        nodes.iter().map(|node| self.tree(node)).collect()
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<Clause, SearchError> {
        let shown = QueryAst::Leaf(leaf.clone()).to_string();
        match (leaf.field.as_deref(), &leaf.pattern) {
            (None, Pattern::Word(word)) => {
                let typed = [word.clone()];
                let is_name = |field: &'static FieldDefinition, words: &Range<usize>| {
                    concepts::is_name(field.name, &typed, words)
                };
                let term = self.expanded_terms(&typed, &is_name).swap_remove(0);
                let fields = fields_of(&term);
                let expansion = self.expansion(&typed, &term, &fields);
                Ok(Clause {
                    requires: requires(&term),
                    ..word_clause(word, leaf.at, expansion, &fields)
                })
            }
            (None, _) => Ok(text_clause(leaf, shown, text_fields(), Scope::Both)),
            (Some(field), pattern) => {
                if let Some((text, _)) = fields::texts().find(|(text, _)| text.name == field) {
                    let scope = match text.level() {
                        fields::Level::Letter => Scope::Letter,
                        fields::Level::Item => Scope::Item,
                    };
                    let fields = std::iter::once((text.key, 1.0));
                    return Ok(text_clause(leaf, shown, fields, scope));
                }
                let value = match pattern {
                    Pattern::Word(word) => word.clone(),
                    Pattern::Phrase(words, _) => words.join(" "),
                    pattern => pattern.to_string(),
                };
                self.value_clause(field, value, shown, leaf.at)
            }
        }
    }

    /// A field's value: `drug:norco`.
    fn value_clause(
        &mut self,
        field: &str,
        value: String,
        shown: String,
        at: usize,
    ) -> Result<Clause, SearchError> {
        let request = self.request;
        let resolved = filters::field_query(field, &value, &request.filters, self.values_of);
        let condition = resolved.map_err(|e| e.in_query(&request.query, &shown, at))?;
        if field == "case" {
            self.plan.cases.push(value.clone());
        }
        let scope = if condition.item {
            Scope::Item
        } else {
            Scope::Letter
        };
        let test = FieldClause {
            field: condition.name,
            shown: value,
            test: FieldTest::Is(condition.predicate),
            boost: 0.0,
        };
        Ok(Clause {
            at,
            scores: false,
            ..Clause::new(shown, scope, vec![vec![test]])
        })
    }
}

/// Words as a phrase, which mention what the predicates require.
fn phrase_clause(words: &[String], at: usize, requires: Vec<Predicate>) -> Clause {
    let leaf = Leaf {
        field: None,
        pattern: Pattern::Phrase(words.to_vec(), 0),
        at,
    };
    Clause {
        requires,
        ..text_clause(&leaf, words.join(" "), text_fields(), Scope::Both)
    }
}

/// Words that are one thing, in any order and with a few others between ("tear of the rotator cuff"):
/// its words score.
fn phrase_near(words: &[String], at: usize) -> Clause {
    let leaf = Leaf {
        field: None,
        pattern: Pattern::Phrase(words.to_vec(), WITHIN_A_NAME),
        at,
    };
    Clause {
        scores: false,
        marks: Vec::new(),
        ..text_clause(&leaf, words.join(" "), text_fields(), Scope::Both)
    }
}

/// A path of a facet as it is indexed.
fn labels(path: &[String]) -> Vec<String> {
    path.iter().map(|segment| path_label(segment)).collect()
}

/// What an item must have that requests what a term names, any of these: a predicate for each field.
fn requires(term: &ExpandedTerm) -> Vec<Predicate> {
    let mut requires: Vec<Predicate> = Vec::new();
    for (field, path, _) in &term.facets {
        let own = requires.iter_mut().find(|p| p.field == field.key);
        match own.map(|predicate| &mut predicate.test) {
            Some(Test::Paths(paths)) => paths.push(labels(path)),
            _ => requires.push(Predicate::paths(field.key, vec![labels(path)])),
        }
    }
    requires
}

/// What a term was taken for; None of words that name no value.
fn note_of(term: &ExpandedTerm, own: &[String], range: Range<usize>) -> Option<ConceptNote> {
    let (field, path, _) = term.facets.first()?;
    let text = own.join(" ");
    let mut names: Vec<&str> = Vec::new();
    for (other, path, _) in &term.facets {
        if let (true, Some(name)) = (other == field, path.last()) {
            names.push(name);
        }
    }
    // A name that also stands for the combinations with it is shown without them.
    let itself = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(&text));
    let combined = itself.is_some() && names.iter().any(|name| name.contains('/'));
    let value = match names.as_slice() {
        [_] => path.last().cloned().unwrap_or_default(),
        _ => text.clone(),
    };
    if let Some(itself) = itself {
        names = vec![names[itself]];
    }
    let more = names.len().saturating_sub(MOST_NAMES_SHOWN);
    let names = names.iter().take(MOST_NAMES_SHOWN);
    let names: Vec<String> = names
        .map(|name| fields::value_label(field.name, name))
        .collect();
    let mut label = names.join(", ");
    match more {
        0 => {}
        1 => label.push_str(" and 1 other"),
        more => label.push_str(&format!(" and {more} others")),
    }
    if combined {
        label.push_str(" alone or in combination");
    }
    if term.narrow.is_some() {
        label.push_str(" with these words");
    }
    Some(ConceptNote {
        text,
        field: field.name.into(),
        value,
        label,
        range,
    })
}

/// The text fields in which a term is looked for: a guideline's title names parts of the body that the
/// item is not about.
fn fields_of(term: &ExpandedTerm) -> impl Fn(&str) -> bool + use<> {
    let of_body = term
        .facets
        .iter()
        .any(|(field, _, _)| **field == fields::BODY_PART);
    move |field: &str| !of_body || field != "guidelines"
}

/// A name, of several words or one: its own words side by side mention it.
fn name_clause(own: &[String], at: usize, fields: &dyn Fn(&str) -> bool) -> Clause {
    let way = crate::index::plain_words(&own.join(" "));
    let wordings = vec![everywhere(&way, 1.0, Origin::Typed, fields)];
    Clause {
        at,
        marks: vec![way],
        ..Clause::new(own.join(" "), Scope::Both, wordings)
    }
}

fn word_clause(
    word: &str,
    at: usize,
    expansion: Option<usize>,
    fields: &dyn Fn(&str) -> bool,
) -> Clause {
    let marks = chunk_words(word);
    let ways = marks.iter();
    let wordings = ways.map(|way| everywhere(way, 1.0, Origin::Typed, fields));
    let wordings = wordings.collect();
    Clause {
        at,
        expansion,
        marks,
        ..Clause::new(word.to_string(), Scope::Both, wordings)
    }
}

/// Adjacent words in each text field that is taken, scored by the fields' weights.
fn everywhere(
    way: &[String],
    boost: f32,
    origin: Origin,
    fields: &dyn Fn(&str) -> bool,
) -> Vec<FieldClause> {
    let taken = text_fields().filter(|(field, _)| fields(field));
    let clauses = taken.map(|(field, field_boost)| FieldClause {
        field,
        shown: way.join(" "),
        test: FieldTest::Words(way.to_vec(), origin),
        boost: boost * field_boost,
    });
    clauses.collect()
}

fn text_clause(
    leaf: &Leaf,
    shown: String,
    fields: impl Iterator<Item = (&'static str, f32)>,
    scope: Scope,
) -> Clause {
    let (marks, prefix) = wordings::marks(&leaf.pattern);
    let clauses = fields.map(|(field, boost)| FieldClause {
        field,
        shown: leaf.pattern.to_string(),
        test: FieldTest::Pattern(leaf.pattern.clone()),
        boost,
    });
    Clause {
        at: leaf.at,
        marks,
        prefix,
        ..Clause::new(shown, scope, vec![clauses.collect()])
    }
}

fn plain_word(node: &QueryAst) -> Option<(&str, usize)> {
    match node {
        QueryAst::Leaf(Leaf {
            field: None,
            pattern: Pattern::Word(word),
            at,
        }) => Some((word, *at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Filter;

    fn planned(request: &Request) -> Result<LogicalPlan, SearchError> {
        plan(request, &|_| Vec::new())
    }

    fn of(query: &str) -> LogicalPlan {
        let request = Request {
            query: query.to_string(),
            ..Request::default()
        };
        planned(&request).unwrap()
    }

    fn shown(plan: &LogicalPlan) -> Vec<&str> {
        plan.clauses.iter().map(|c| c.shown.as_str()).collect()
    }

    #[test]
    fn words_are_clauses_and_stop_words_are_not() {
        let plan = of("taper of the dose");
        // The last scores what gives that reason, and nothing must have it.
        assert_eq!(shown(&plan), ["taper", "dose", "reason safety/risk"]);
        assert_eq!((plan.words.as_slice(), plan.needed), (&[0, 1][..], 2));
        assert_eq!(plan.pairs.len(), 1);
        assert_eq!(plan.pairs[0].slack, 3);
        // A query of nothing else asks for them.
        assert_eq!(shown(&of("of the")), ["of", "the"]);
        // A word typed twice asks for nothing more.
        assert_eq!(shown(&of("pain dose pain")), ["pain", "dose"]);
    }

    #[test]
    fn of_more_than_three_words_half_are_needed() {
        assert_eq!(of("one two three four five").needed, 3);
        for (count, mode, want) in [
            (3, MatchMode::Most, 3),
            (4, MatchMode::Most, 2),
            (4, MatchMode::All, 4),
            (4, MatchMode::Any, 1),
            (0, MatchMode::Any, 0),
        ] {
            assert_eq!(needed(count, mode), want, "{count} {mode:?}");
        }
    }

    #[test]
    fn what_words_mean_stands_beside_them_unless_they_are_exact() {
        let plan = of("norco");
        let expansion = &plan.expansions[plan.clauses[0].expansion.unwrap()];
        let wording = |shown: &str| expansion.alternatives.iter().find(|a| a.shown == shown);
        assert!(wording("vicodin").is_some());
        let value = expansion.alternatives.iter().find(|a| a.marks.is_empty());
        let FieldTest::Is(predicate) = &value.unwrap().clauses[0].test else {
            panic!("{value:?} is not a value");
        };
        let path = ["opioid analgesic", "acetaminophen-hydrocodone"].map(str::to_string);
        assert!(predicate.has_path(&path));
        let exact = Request {
            query: "norco".into(),
            exact: true,
            ..Request::default()
        };
        assert!(planned(&exact).unwrap().expansions.is_empty());
    }

    #[test]
    fn operators_phrases_and_fields_are_required() {
        let plan = of("drug:norco (summary:fall OR taper) rationale:wean -\"pain contract\"");
        assert_eq!((plan.required.len(), plan.words.len()), (4, 0));
        let excluded: Vec<bool> = plan.clauses.iter().map(|c| c.excluded).collect();
        assert_eq!(excluded, [false, false, false, false, true]);
        assert!(plan.clauses[4].marks.is_empty());
    }

    #[test]
    fn names_of_the_vocabulary_are_concepts() {
        let plan = of("norco taper low back");
        assert_eq!((plan.concepts.len(), plan.words.len()), (1, 2));
        assert!(plan.notes[0].starts_with("'low back' need only be mentioned"));
        let plan = of("norco taper");
        let notes: Vec<_> = plan.concepts.iter().map(|c| &c.note).collect();
        assert_eq!(
            (notes[0].field.as_ref(), notes[0].text.as_str()),
            ("drug", "norco")
        );
        assert_eq!(notes[0].label, "acetaminophen/hydrocodone");
        assert_eq!(notes[0].range, 0..5);
        let plan = of("mri   taper low back");
        let notes: Vec<_> = plan.concepts.iter().map(|c| &c.note).collect();
        assert_eq!(
            (notes[1].field.as_ref(), notes[1].value.as_str()),
            ("body-part", "low-back")
        );
        assert_eq!(notes[1].range, 12..20);
        assert_eq!(plan.words.len(), 1);
        assert_eq!(plan.groups.len(), 2);
        // Not through a guideline's title.
        let clause = &plan.clauses[plan.concepts[1].clause];
        assert!(
            clause.alternatives[0]
                .iter()
                .all(|test| test.field != "guidelines")
        );
    }

    #[test]
    fn concepts_of_one_field_are_one_group() {
        let plan = of("norco tramadol");
        assert_eq!(plan.groups.len(), 1);
        assert_eq!(plan.groups[0].len(), 2);
    }

    #[test]
    fn quoted_and_exact_names_stay_words() {
        assert!(of("\"norco\"").concepts.is_empty());
        let exact = Request {
            query: "norco overturned".into(),
            exact: true,
            ..Request::default()
        };
        let plan = planned(&exact).unwrap();
        assert!(plan.concepts.is_empty() && plan.wish.is_none());
        assert_eq!(plan.words.len(), 2);
    }

    #[test]
    fn decision_words_are_a_wish() {
        let plan = of("norco overturned");
        let wish = plan.wish.unwrap();
        assert_eq!((wish.decision, wish.range), ("overturned", 6..16));
        assert!(plan.words.is_empty());
        // A question wishes for none, and does not look for the word either.
        let question = of("is lumbar MRI usually upheld");
        assert!(question.wish.is_none() && question.words.is_empty());
        assert_eq!(question.notes.len(), 1);
        // Both decisions are no wish.
        assert!(of("denied then reversed").wish.is_none());
    }

    #[test]
    fn in_a_long_question_one_drug_or_service_is_requested() {
        let plan = of(
            "norco was continued because function improved, work resumed, urine screens agreed and no aberrant behavior was noted",
        );
        assert!(plan.groups.is_empty());
        assert!(!plan.any_of.is_empty());
    }

    #[test]
    fn a_narrow_name_needs_its_words_and_a_condition_is_one_word() {
        let plan = of("slap repair");
        assert_eq!(
            plan.concepts[0].note.label,
            "shoulder surgery with these words"
        );
        assert_eq!((plan.words.len(), plan.needed), (2, 2));
        let plan = of("complex regional pain syndrome");
        assert_eq!((plan.words.len(), plan.needed), (1, 1));
        let label = &of("ssri").concepts[0].note.label;
        assert!(label.ends_with("others"), "{label}");
        assert!(of("do reviewers approve norco").concepts.len() == 1);
        assert_eq!(
            of("D.O. reviewer").concepts[0].note.label,
            "Osteopathic Medicine"
        );
        assert!(of("rfa").notes[0].contains("request for authorization"));
    }

    #[test]
    fn a_page_is_a_concept() {
        let plan = of("opioids page 78");
        assert!(
            plan.concepts
                .iter()
                .any(|c| c.note.field == "page" && c.note.value == "78")
        );
    }

    #[test]
    fn what_is_excluded_is_not_reported_as_searched() {
        let plan = of("-norco");
        assert!(!plan.expansions[0].reported);
        assert_eq!(plan.required, [Tree::Not(Box::new(Tree::Leaf(0)))]);
    }

    #[test]
    fn values_that_no_table_has_are_those_that_exist() {
        let request = Request {
            filters: vec![Filter {
                name: "drug".into(),
                value: "zzyzxine".into(),
                negated: false,
            }],
            ..Request::default()
        };
        assert!(matches!(
            planned(&request),
            Err(SearchError::UnknownValue { .. })
        ));
        let held = |_: &str| vec!["unlisted/zzyzxine".to_string()];
        let plan = plan(&request, &held).unwrap();
        assert_eq!(plan.filters.item.len(), 1);
    }

    #[test]
    fn errors_of_values_point_into_the_query() {
        let error = planned(&Request {
            query: "pain drug:norcoo".into(),
            ..Request::default()
        });
        let message = error.unwrap_err().to_string();
        assert!(message.contains("at character 6"), "{message}");
    }

    #[test]
    fn a_word_is_not_a_pair_with_itself() {
        assert!(WordPair::of("injection", "injections", 1).is_none());
        assert!(WordPair::of("steroid", "injections", 1).is_some());
    }
}
