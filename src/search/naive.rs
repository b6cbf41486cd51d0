//! The oracle: a backend that reads every letter and decides item by item, in plain code.
//!
//! It shares the planner with the other backends, and nothing after it: no index, no sets, no scores.
//! Property tests compare what it answers with what they do, to the unit. It is slow, and ranks by tier
//! and date only.

use super::backend::{Backend, Counts, HitStream, PlainStream};
use super::deadline::Deadline;
use super::error::SearchError;
use super::facets::{FacetPath, unknown_facet};
use super::filters::Condition;
use super::likeness;
use super::plan::{Clause, FieldTest, LogicalPlan, Scope, Tree};
use super::predicate::{Predicate, Test};
use super::query_ast::Pattern;
use super::request::{DropOne, FacetCounts, FacetRequest, Hit, MatchMode, Request, Response};
use super::sample::{Sample, SampledLetter, SideBySide};
use super::similar::{self, Similar, SimilarToRequest};
use super::spelling::{self, WordSource};
use super::stream::Projection;
use super::tally::{Axis, AxisTally, Decisions, GroupBy, Tally};
use super::wordings::{PrefixQuery, beginnings, phrase_words, starred};
use crate::fields::{self, Path, Text};
use crate::index::{chunk_words, identity, is_between, packed, plain_words, surface_words, words};
use crate::letter::{CaseDocument, Item, Letter};
use crate::vocabulary::{Drugs, Synonyms};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

/// Between the values of one text field, so that no phrase reaches from one into the next.
const GAP: usize = 2;

/// Letters in memory.
pub struct NaiveBackend {
    letters: Vec<NaiveLetter>,
    spellings: Spellings,
}

/// The words of all letters, as misspelt words of a query are judged by them.
#[derive(Default)]
struct Spellings {
    /// Documents that have a stem, by text field.
    stems: HashMap<(&'static str, String), u64>,
    /// Documents that have a word.
    surfaces: BTreeMap<String, u64>,
    documents: u64,
}

impl Spellings {
    fn add(&mut self, words: &Words) {
        self.documents += 1;
        let mut surfaces = BTreeSet::new();
        for (field, words) in words {
            let stems: BTreeSet<&str> = words.iter().map(|word| word.text.as_str()).collect();
            for stem in stems {
                *self.stems.entry((field, stem.to_string())).or_default() += 1;
            }
            surfaces.extend(words.iter().map(|word| word.surface.as_str()));
        }
        for surface in surfaces {
            *self.surfaces.entry(surface.to_string()).or_default() += 1;
        }
    }
}

impl WordSource for Spellings {
    fn frequency(&self, word: &str) -> u64 {
        let stems = words(word);
        let [stem] = stems.as_slice() else {
            return 0;
        };
        let documents = |(field, _): (&fields::FieldDefinition, f32)| {
            self.stems.get(&(field.key, stem.text.clone()))
        };
        fields::plain_texts()
            .filter_map(documents)
            .max()
            .copied()
            .unwrap_or(0)
    }

    fn is_common(&self, word: &str) -> bool {
        self.frequency(word) > spelling::few(self.documents)
    }

    fn beginning_with(&self, first: char) -> Arc<Vec<(String, u64)>> {
        let from = self.surfaces.range(first.to_string()..);
        let own = from.take_while(|(word, _)| word.starts_with(first));
        let plain = own.filter(|(word, _)| word.bytes().all(|b| b.is_ascii_lowercase()));
        Arc::new(plain.map(|(word, count)| (word.clone(), *count)).collect())
    }
}

/// A letter with its words.
struct NaiveLetter {
    letter: Letter,
    id: String,
    /// The words of each item, by text field.
    items: Vec<Words>,
    /// The words of the letter itself.
    own: Words,
}

/// A word of a text.
struct Word {
    /// Its stem, as indexed.
    text: String,
    /// As printed, in lower case and without accents.
    surface: String,
    position: usize,
}

type Words = HashMap<&'static str, Vec<Word>>;

/// An item, or a letter without items taken as one.
#[derive(Clone, Copy)]
struct NaiveItem<'l> {
    indexed: &'l NaiveLetter,
    item: Option<usize>,
}

/// How much of a plan is asked for.
#[derive(Clone, Copy)]
struct PlanScope<'p> {
    needed: usize,
    mentions: bool,
    /// A clause that is left out.
    without_clause: Option<usize>,
    /// A required tree that is left out.
    without_tree: Option<usize>,
    /// Filters that are left out.
    without_filter: &'p dyn Fn(&str, bool) -> bool,
}

impl NaiveBackend {
    /// Over some letters.
    #[must_use]
    pub fn new(letters: impl IntoIterator<Item = Letter>) -> NaiveBackend {
        let indexed = letters.into_iter().map(|letter| NaiveLetter {
            id: identity(&letter),
            items: letter
                .items
                .iter()
                .map(|item| words_of(&letter, Some(item)))
                .collect(),
            own: words_of(&letter, None),
            letter,
        });
        let letters: Vec<NaiveLetter> = indexed.collect();
        let mut spellings = Spellings::default();
        for letter in &letters {
            letter.items.iter().for_each(|words| spellings.add(words));
            spellings.add(&letter.own);
        }
        NaiveBackend { letters, spellings }
    }

    fn plan(&self, request: &Request) -> Result<LogicalPlan, SearchError> {
        let spelled = spelling::spelled(request, &self.spellings);
        spelled.plan(request, &|key| self.values_of(key))
    }

    /// The values that letters have in a field, as facets list them.
    fn values_of(&self, key: &str) -> Vec<String> {
        let mut values = BTreeSet::new();
        if let Some(field) = fields::with_key(key) {
            for NaiveLetter { letter, .. } in &self.letters {
                let items = letter.items.iter().map(Some).chain([None]);
                let paths = items.flat_map(|item| field.paths(letter, item));
                values.extend(paths.map(|path| path.to_string()));
            }
        }
        values.into_iter().collect()
    }

    /// The answering items of every letter that answers, by the letter's place.
    fn answers(&self, plan: &LogicalPlan, asked: PlanScope<'_>) -> BTreeMap<usize, Vec<usize>> {
        let mut answers = BTreeMap::new();
        for (n, indexed) in self.letters.iter().enumerate() {
            if let Some(items) = indexed.answers(plan, asked) {
                answers.insert(n, items);
            }
        }
        answers
    }

    /// The answers, how much they were asked for, and whether they are the best partial ones.
    fn settled(
        &self,
        plan: &LogicalPlan,
        mode: MatchMode,
    ) -> (BTreeMap<usize, Vec<usize>>, PlanScope<'static>, bool) {
        let strict = PlanScope {
            needed: plan.needed,
            mentions: false,
            without_clause: None,
            without_tree: None,
            without_filter: &|_, _| false,
        };
        let mentioned = PlanScope {
            mentions: true,
            ..strict
        };
        let concepts = plan.has_concepts();
        for asked in [Some(strict), concepts.then_some(mentioned)] {
            let Some(asked) = asked else { continue };
            let answers = self.answers(plan, asked);
            if !answers.is_empty() {
                return (answers, asked, false);
            }
        }
        if mode == MatchMode::Most && plan.needed > 1 {
            for asked in [Some(strict), concepts.then_some(mentioned)] {
                let Some(asked) = asked else { continue };
                for needed in (1..=plan.words.len()).rev() {
                    let asked = PlanScope { needed, ..asked };
                    let answers = self.answers(plan, asked);
                    if !answers.is_empty() {
                        return (answers, asked, true);
                    }
                }
            }
        }
        (BTreeMap::new(), strict, false)
    }

    fn counted(
        &self,
        plan: &LogicalPlan,
        asked: PlanScope<'_>,
        facet: &FacetRequest,
    ) -> Result<FacetCounts, SearchError> {
        let FacetPath {
            field,
            base,
            below,
            depth,
        } = FacetPath::of(&facet.path)?;
        let own = |filter: &str, negated: bool| !negated && filter == field.name;
        let asked = PlanScope {
            without_filter: &own,
            ..asked
        };
        let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let value = |path: &Path| -> Option<String> {
            let segments: Vec<&str> = path.segments().collect();
            let inside = segments.len() >= below.len()
                && below
                    .iter()
                    .zip(&segments)
                    .all(|(a, b)| a.eq_ignore_ascii_case(b));
            if !inside || ((depth >= 3 || field != base) && segments.len() < depth) {
                return None;
            }
            Some(segments[..depth.min(segments.len())].join("/"))
        };
        for (n, items) in self.answers(plan, asked) {
            let letter = &self.letters[n].letter;
            let values = |item: Option<&Item>| -> BTreeSet<String> {
                base.paths(letter, item).iter().filter_map(value).collect()
            };
            let mut of_letter = BTreeSet::new();
            if base.level() == fields::Level::Item {
                for item in &items {
                    for value in values(Some(&letter.items[*item])) {
                        counts.entry(value.clone()).or_default().1 += 1;
                        of_letter.insert(value);
                    }
                }
            } else {
                of_letter = values(None);
                for value in &of_letter {
                    counts.entry(value.clone()).or_default().1 += items.len() as u64;
                }
            }
            for value in of_letter {
                counts.entry(value).or_default().0 += 1;
            }
        }
        Ok(FacetCounts::of(facet.path.clone(), counts, facet.top))
    }

    fn hit(&self, n: usize, items: &[usize], mention: bool) -> Hit {
        let indexed = &self.letters[n];
        let (letter, id) = (indexed.letter.clone(), indexed.id.clone());
        Hit {
            mention,
            ..Hit::of(letter, id, Vec::new(), items.iter().copied())
        }
    }

    /// What would answer without each filter and each part.
    fn drop_one(&self, plan: &LogicalPlan, request: &Request) -> Vec<DropOne> {
        let strict = PlanScope {
            needed: plan.needed,
            mentions: false,
            without_clause: None,
            without_tree: None,
            without_filter: &|_, _| false,
        };
        let mut all = Vec::new();
        if !plan.has_several_parts(&request.filters) {
            return all;
        }
        let mut add = |filter: Option<&str>, text: String, asked: PlanScope<'_>| {
            let answers = self.answers(plan, asked);
            if !answers.is_empty() {
                all.push(DropOne {
                    filter: filter.map(|name| name.to_string().into()),
                    text,
                    letters: answers.len() as u64,
                    items: answers.values().map(|items| items.len() as u64).sum(),
                });
            }
        };
        let mut seen = BTreeSet::new();
        for filter in &request.filters {
            if !seen.insert(&filter.name) {
                continue;
            }
            let own = request.filters.iter().filter(|f| f.name == filter.name);
            let values: Vec<&str> = own.map(|f| f.value.as_str()).collect();
            let left_out = |name: &str, _| name == filter.name;
            let asked = PlanScope {
                without_filter: &left_out,
                ..strict
            };
            add(Some(&filter.name), values.join(", "), asked);
        }
        let concepts = plan.concepts.iter();
        let concepts = concepts.map(|c| (c.clause, c.note.text.clone()));
        let words = plan.words.iter().filter(|at| !plan.is_concept(**at));
        let words = words.map(|at| (*at, plan.clauses[*at].shown.clone()));
        for (clause, text) in concepts.chain(words) {
            let without_clause = Some(clause);
            add(
                None,
                text,
                PlanScope {
                    without_clause,
                    ..strict
                },
            );
        }
        for (n, tree) in plan.required.iter().enumerate() {
            let without_tree = Some(n);
            add(
                None,
                plan.shown(tree),
                PlanScope {
                    without_tree,
                    ..strict
                },
            );
        }
        all
    }
}

impl Backend for NaiveBackend {
    fn search(&self, request: &Request) -> Result<Response, SearchError> {
        let deadline = Deadline::at(request.deadline);
        let plan = self.plan(request)?;
        let (answers, asked, relaxed) = self.settled(&plan, request.match_mode);
        if deadline.check().is_err() {
            return Err(SearchError::TimedOut);
        }
        let only_mentions = asked.mentions && !answers.is_empty();
        let mut response = Response {
            concepts: plan.concepts.iter().map(|c| c.note.clone()).collect(),
            relaxed: relaxed && !answers.is_empty(),
            only_mentions,
            understood: plan.understood.clone(),
            notes: plan.notes.clone(),
            corrected: plan.corrected.clone(),
            ..Response::default()
        };
        let mentions = if plan.has_concepts() && !only_mentions {
            let mut mentions = self.answers(
                &plan,
                PlanScope {
                    mentions: true,
                    ..asked
                },
            );
            mentions.retain(|n, _| !answers.contains_key(n));
            mentions
        } else {
            BTreeMap::new()
        };
        if only_mentions {
            response.mentions = answers.len() as u64;
        } else {
            response.letters = answers.len() as u64;
            response.items = answers.values().map(|items| items.len() as u64).sum();
            response.mentions = mentions.len() as u64;
        }
        let wished = |n: usize, item: usize| {
            let place = self.letters[n].place(Some(item));
            let wish = plan.wish.as_ref();
            wish.is_some_and(|wish| place.has(&wish.predicate))
        };
        if let Some(wish) = &plan.wish {
            let items = answers
                .iter()
                .flat_map(|(n, items)| items.iter().map(|i| (*n, *i)));
            let items = items.filter(|(n, item)| wished(*n, *item)).count() as u64;
            let items = items.min(response.items);
            response.preferred_decision = Some(wish.counted(items, response.items));
        }
        if !answers.is_empty() && asked.needed < plan.words.len() {
            let has = |clause: usize| {
                answers.iter().any(|(n, items)| {
                    let indexed = &self.letters[*n];
                    let places = items.iter().map(|item| indexed.place(Some(*item)));
                    let itemless = indexed.letter.items.is_empty().then(|| indexed.place(None));
                    places.chain(itemless).any(|p| p.mentions(&plan, clause))
                })
            };
            let missing = plan.words.iter().filter(|clause| !has(**clause));
            response.dropped = missing.map(|c| plan.clauses[*c].shown.clone()).collect();
        }
        if response.letters == 0 {
            response.drop_one = self.drop_one(&plan, request);
        }
        for facet in &request.facets {
            let mut counts = self.counted(&plan, asked, facet)?;
            if only_mentions {
                counts.values.clear();
                counts.more = 0;
            }
            response.facets.push(counts);
        }
        let mut order: Vec<(bool, usize, &Vec<usize>)> = answers
            .iter()
            .map(|(n, items)| (only_mentions, *n, items))
            .collect();
        if request.mentions {
            order.extend(mentions.iter().map(|(n, items)| (true, *n, items)));
        }
        order.sort_by_key(|(mention, n, items)| {
            let wish = items.iter().any(|item| wished(*n, *item));
            (
                *mention,
                !wish,
                Reverse(self.letters[*n].letter.dates.decision.map(|d| d.number())),
            )
        });
        let page = order.into_iter().skip(request.offset).take(request.limit);
        let hits = page.map(|(mention, n, items)| self.hit(n, items, mention));
        if only_mentions && !request.mentions {
            response.mention_hits = hits.collect();
        } else {
            response.hits = hits.collect();
        }
        Ok(response)
    }

    fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        let plan = self.plan(request)?;
        let (answers, asked, relaxed) = self.settled(&plan, request.match_mode);
        let mut tally = Tally::default();
        tally.understood.query.clone_from(&plan.understood);
        tally.understood.relaxed = relaxed && !answers.is_empty();
        let answers = if request.mentions && !asked.mentions && plan.has_concepts() {
            let mentions = true;
            let mut all = self.answers(&plan, PlanScope { mentions, ..asked });
            all.extend(answers);
            all
        } else if asked.mentions && !request.mentions {
            return Ok(tally);
        } else {
            answers
        };
        let mut axes: Vec<BTreeMap<String, Decisions>> = vec![BTreeMap::new(); along.len()];
        tally.axes = vec![AxisTally::default(); along.len()];
        for (n, items) in &answers {
            let letter = &self.letters[*n].letter;
            tally.all.letters += 1;
            for item in items {
                tally.all.add(&letter.items[*item]);
            }
            for ((along, whole), axis) in along.iter().zip(&mut tally.axes).zip(&mut axes) {
                let (of_item, values) = values_along(&along.axis)?;
                let mut seen = BTreeSet::new();
                let mut without = false;
                if !of_item {
                    let own = values(letter, None);
                    without = own.is_empty();
                    seen.extend(own);
                }
                for item in items {
                    let item = &letter.items[*item];
                    let own = if of_item {
                        values(letter, Some(item))
                    } else {
                        seen.clone()
                    };
                    if own.is_empty() {
                        whole.without.add(item);
                        without = true;
                    }
                    for value in own {
                        axis.entry(value.clone()).or_default().add(item);
                        seen.insert(value);
                    }
                }
                whole.without.letters += u64::from(without);
                for value in seen {
                    axis.entry(value).or_default().letters += 1;
                }
            }
        }
        for (whole, axis) in tally.axes.iter_mut().zip(axes) {
            whole.values = axis.into_iter().collect();
        }
        Ok(tally)
    }

    fn stream(
        &self,
        request: &Request,
        _: Projection,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<Counts, SearchError> {
        let response = self.search(&Request {
            limit: usize::MAX,
            offset: 0,
            ..request.clone()
        })?;
        let wanted = |hit: &Hit| request.mentions || !hit.mention;
        for hit in response.hits.into_iter().filter(wanted) {
            take(hit)?;
        }
        Ok(Counts {
            letters: response.letters,
            items: response.items,
        })
    }

    fn letter(&self, id: &str) -> Result<Option<Hit>, SearchError> {
        let found = self.letters.iter().position(|indexed| indexed.id == id);
        Ok(found.map(|n| {
            let items: Vec<usize> = (0..self.letters[n].letter.items.len()).collect();
            self.hit(n, &items, false)
        }))
    }

    /// As the other backends compare letters, with every letter as a candidate.
    fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        let all = Request {
            query: String::new(),
            limit: usize::MAX,
            offset: 0,
            ..request.clone()
        };
        let rarity = |word: &str| {
            let texts = [&fields::REQUEST, &fields::RATIONALE, &fields::SUMMARY];
            let documents = texts.map(|field| {
                let stems = &self.spellings.stems;
                stems
                    .get(&(field.key, word.to_string()))
                    .copied()
                    .unwrap_or(0)
            });
            similar::rarity(
                documents.into_iter().max().unwrap_or(0),
                self.spellings.documents,
            )
        };
        let own = likeness::profiles(&letter.letter, &rarity);
        let hits = self.search(&all)?.hits.into_iter();
        let others = hits.filter(|hit| hit.id != letter.id).map(|hit| {
            let like = likeness::compare(&own, &hit.letter, &rarity);
            Similar::new(hit, like)
        });
        let mut similar: Vec<Similar> = others.filter(|one| one.likeness > 0.0).collect();
        similar.sort_by(Similar::order);
        similar.truncate(request.limit);
        Ok(similar)
    }

    fn open_stream<'b>(
        &'b self,
        request: &Request,
    ) -> Result<Box<dyn HitStream + 'b>, SearchError> {
        Ok(Box::new(PlainStream::open(self, request)?))
    }

    fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        let mut hits = Vec::new();
        for indexed in &self.letters {
            let is_named =
                indexed.id == name || indexed.letter.case_number.as_deref() == Some(name);
            if is_named {
                hits.extend(Backend::letter(self, &indexed.id)?);
            }
        }
        Ok(hits)
    }

    fn near_cases(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        let tally = self.tally(request, &[])?;
        let mut letters = Vec::new();
        self.stream(&unlimited(request), Projection::default(), &mut |hit| {
            let items = hit.items.iter().map(|item| item.item).collect();
            letters.push(SampledLetter::held(
                hit.id,
                packed(&hit.letter),
                hit.files,
                items,
            ));
            Ok(())
        })?;
        letters.sort_by_key(SampledLetter::key);
        letters.truncate(most.max(1));
        Ok(Sample::of(tally.understood, tally.all, letters))
    }

    fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        let set = |request: &Request| -> Result<HashSet<(String, usize)>, SearchError> {
            let mut set = HashSet::new();
            self.stream(&unlimited(request), Projection::default(), &mut |hit| {
                let items = hit.items.iter().map(|item| item.item);
                let decided = items.filter(|item| hit.letter.items[*item].decision.is_some());
                set.extend(decided.map(|item| (hit.id.clone(), item)));
                Ok(())
            })?;
            Ok(set)
        };
        let (first, second) = (set(a)?, set(b)?);
        let letters = |set: &HashSet<(String, usize)>| -> HashSet<String> {
            set.iter().map(|(id, _)| id.clone()).collect()
        };
        let both = letters(&first).intersection(&letters(&second)).count();
        let (a, b) = (self.tally(a, &[])?, self.tally(b, &[])?);
        Ok(SideBySide {
            a: (a.understood, a.all),
            b: (b.understood, b.all),
            shared: (both as u64, first.intersection(&second).count() as u64),
        })
    }

    fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError> {
        let items = case.letter.items.iter().enumerate();
        let found = items.map(|(at, item)| {
            Ok(SimilarToRequest {
                item: at,
                such: similar::such_requests(item, request, &|request| {
                    Ok(self.tally(request, &[])?.all)
                })?,
                similar: Vec::new(),
            })
        });
        found.collect()
    }

    fn suggest(&self, request: &Request) -> Result<Vec<(String, Vec<String>)>, SearchError> {
        Ok(self.plan(request)?.unknown)
    }

    fn version(&self) -> Result<String, SearchError> {
        Ok(self.letters.len().to_string())
    }
}

/// All that answers a request.
fn unlimited(request: &Request) -> Request {
    Request {
        limit: usize::MAX,
        offset: 0,
        ..request.clone()
    }
}

type ValuesOf = Box<dyn Fn(&Letter, Option<&Item>) -> BTreeSet<String>>;

/// Whether an axis is one of items, and its values.
fn values_along(axis: &Axis) -> Result<(bool, ValuesOf), SearchError> {
    match axis {
        Axis::Period(period) => {
            let period = *period;
            let values = move |letter: &Letter, _: Option<&Item>| {
                let date = letter.dates.decision.map(|date| date.number());
                date.map(|date| period.name_of(date)).into_iter().collect()
            };
            Ok((false, Box::new(values)))
        }
        Axis::Facet(name) => {
            let Some((field, definition)) = fields::facet(name) else {
                return Err(unknown_facet(name));
            };
            let (base, depth) = (field.base(), definition.depth);
            let values = move |letter: &Letter, item: Option<&Item>| {
                let paths = base.paths(letter, item);
                let value = |path: &Path| {
                    let segments: Vec<&str> = path.segments().collect();
                    let whole = (depth < 3 && field == base) || segments.len() >= depth;
                    whole.then(|| segments[..depth.min(segments.len())].join("/"))
                };
                paths.iter().filter_map(value).collect()
            };
            Ok((base.level() == fields::Level::Item, Box::new(values)))
        }
    }
}

/// The words of an item (None: of the letter itself), by text field.
fn words_of(letter: &Letter, item: Option<&Item>) -> Words {
    let mut all = Words::new();
    for (field, _) in fields::texts() {
        let mut of_field: Vec<Word> = Vec::new();
        for text in field.texts(letter, item) {
            let text = match text {
                Text::Printed(text) => text,
                Text::Passage(range) => letter.passage(&range),
                Text::Whole => &letter.text,
            };
            let from = of_field.last().map_or(0, |last| last.position + GAP);
            let surfaces = surface_words(text).into_iter();
            let both = words(text).into_iter().zip(surfaces);
            of_field.extend(both.map(|(word, surface)| Word {
                text: word.text,
                surface: surface.text,
                position: word.position + from,
            }));
        }
        all.insert(field.key, of_field);
    }
    all
}

impl NaiveLetter {
    fn place(&self, item: Option<usize>) -> NaiveItem<'_> {
        NaiveItem {
            indexed: self,
            item,
        }
    }

    /// The answering items of a letter that answers; a letter without items has none of them.
    fn answers(&self, plan: &LogicalPlan, asked: PlanScope<'_>) -> Option<Vec<usize>> {
        let kept = |f: &&Condition| !(asked.without_filter)(f.name, f.negated);
        let own = self.place(None);
        let filters = plan.filters.letter.iter().filter(kept);
        for filter in filters {
            if own.has(&filter.predicate) == filter.negated {
                return None;
            }
        }
        let filters: Vec<_> = plan.filters.item.iter().filter(kept).collect();
        if self.letter.items.is_empty() {
            let answers = filters.is_empty() && own.answers(plan, asked);
            return answers.then(Vec::new);
        }
        let passes = |item: usize, filter: &super::filters::Condition| {
            self.place(Some(item)).has(&filter.predicate) != filter.negated
        };
        let all = || 0..self.letter.items.len();
        let meets = |item: usize| {
            if !plan.any_item || filters.is_empty() {
                return filters.iter().all(|filter| passes(item, filter));
            }
            let each = filters
                .iter()
                .all(|filter| all().any(|item| passes(item, filter)));
            let positive = filters.iter().any(|filter| !filter.negated);
            let shown = |filter: &&&super::filters::Condition| !filter.negated || !positive;
            each && filters
                .iter()
                .filter(shown)
                .any(|filter| passes(item, filter))
        };
        let answering = all().filter(|n| meets(*n) && self.place(Some(*n)).answers(plan, asked));
        let answering: Vec<usize> = answering.collect();
        (!answering.is_empty()).then_some(answering)
    }
}

impl NaiveItem<'_> {
    /// Whether the query itself holds here.
    fn answers(self, plan: &LogicalPlan, asked: PlanScope<'_>) -> bool {
        let kept = |clause: &&usize| asked.without_clause != Some(**clause);
        let trees = plan.required.iter().enumerate();
        let mut trees = trees.filter(|(n, _)| asked.without_tree != Some(*n));
        if !trees.all(|(_, tree)| self.holds(plan, tree, asked.mentions)) {
            return false;
        }
        for group in plan.groups.iter().chain([&plan.any_of]) {
            let clauses: Vec<&usize> = group.iter().filter(kept).collect();
            let has = |clause: &&usize| self.has_clause(plan, **clause, asked.mentions);
            if !clauses.is_empty() && !clauses.iter().any(has) {
                return false;
            }
        }
        let mut mentioned = plan.mentioned.iter().filter(kept);
        if !mentioned.all(|clause| self.mentions(plan, *clause)) {
            return false;
        }
        let words: Vec<&usize> = plan.words.iter().filter(kept).collect();
        let needed = if asked.needed == plan.words.len() {
            words.len()
        } else {
            asked.needed.min(words.len())
        };
        let has = words.iter().filter(|clause| self.mentions(plan, ***clause));
        has.count() >= needed
    }

    fn holds(self, plan: &LogicalPlan, tree: &Tree, mentions: bool) -> bool {
        match tree {
            Tree::Leaf(clause) => self.has_clause(plan, *clause, mentions),
            Tree::All(trees) => trees.iter().all(|tree| self.holds(plan, tree, mentions)),
            Tree::Any(trees) => trees.iter().any(|tree| self.holds(plan, tree, mentions)),
            Tree::Not(tree) => !self.holds(plan, tree, false),
        }
    }

    /// Whether it has what a clause asks for: requests the concept, or at least mentions it.
    fn has_clause(self, plan: &LogicalPlan, clause: usize, mentions: bool) -> bool {
        let Clause {
            requires, excluded, ..
        } = &plan.clauses[clause];
        if requires.is_empty() {
            return self.says(plan, &plan.clauses[clause]);
        }
        // What a letter without items requests is not known: it only mentions. Where the concept is
        // excluded, that is enough.
        let requested = requires.iter().any(|r| self.requests(r));
        let said = mentions || (*excluded && self.item.is_none());
        requested || (said && self.says(plan, &plan.clauses[clause]))
    }

    fn mentions(self, plan: &LogicalPlan, clause: usize) -> bool {
        self.has_clause(plan, clause, true)
    }

    fn requests(self, predicate: &Predicate) -> bool {
        self.has(predicate) || self.indexed.place(None).has(predicate)
    }

    /// Whether a clause's words or values stand here, or in the letter's own text.
    fn says(self, plan: &LogicalPlan, clause: &Clause) -> bool {
        let own = self.indexed.place(None);
        match (clause.scope, self.item) {
            (Scope::Both, Some(_)) => self.stands(plan, clause) || own.stands(plan, clause),
            (Scope::Both, None) => self.stands(plan, clause),
            (Scope::Item, Some(_)) => self.stands(plan, clause),
            // Of an item that does not exist nothing is true, and nothing false.
            (Scope::Item, None) => clause.excluded,
            (Scope::Letter, _) => own.stands(plan, clause),
        }
    }

    /// Whether a clause's words or values stand in this one document.
    fn stands(self, plan: &LogicalPlan, clause: &Clause) -> bool {
        let expansion = clause.expansion.map(|at| &plan.expansions[at]);
        let others = expansion.into_iter().flat_map(|e| &e.alternatives);
        let others = others.map(|alternative| &alternative.clauses);
        let mut tests = clause.alternatives.iter().chain(others).flatten();
        tests.any(|test| match &test.test {
            FieldTest::Is(predicate) => self.has(predicate),
            FieldTest::Words(way, _) => phrase(self.words(test.field), way),
            FieldTest::Pattern(pattern) => matches(self.words(test.field), pattern),
        })
    }

    fn words(&self, field: &str) -> &[Word] {
        let words = match self.item {
            Some(item) => self.indexed.items[item].get(field),
            None => self.indexed.own.get(field),
        };
        words.map_or(&[], Vec::as_slice)
    }

    /// Whether a predicate holds for the document itself.
    fn has(self, predicate: &Predicate) -> bool {
        let Some(field) = fields::with_key(&predicate.field) else {
            return false;
        };
        let letter = &self.indexed.letter;
        let item = self.item.map(|item| &letter.items[item]);
        match &predicate.test {
            Test::Paths(_) => field.paths(letter, item).iter().any(|path| {
                let path: Vec<String> = path.segments().map(str::to_string).collect();
                predicate.has_path(&path)
            }),
            Test::Ranges(_) => {
                let number = field.number(letter, item);
                number.is_some_and(|number| predicate.has_number(number))
            }
            Test::Keywords(_) => {
                let value = field.keyword(letter, item);
                value.is_some_and(|value| predicate.has_keyword(value))
            }
        }
    }
}

/// A word that is looked for.
enum WordMatcher<'w> {
    Word(&'w str),
    Prefix(&'w PrefixQuery),
}

impl WordMatcher<'_> {
    fn is(&self, word: &Word) -> bool {
        match self {
            WordMatcher::Word(wanted) => word.text == *wanted,
            WordMatcher::Prefix(prefix) => {
                let stem = &prefix.stem;
                word.text.starts_with(stem) || word.surface.starts_with(stem)
            }
        }
    }
}

fn exact(way: &[String]) -> Vec<WordMatcher<'_>> {
    way.iter().map(|word| WordMatcher::Word(word)).collect()
}

/// Where words stand one after the other: the first and the last position of each occurrence.
fn occurrences(words: &[Word], way: &[WordMatcher<'_>]) -> Vec<(usize, usize)> {
    let Some((first, rest)) = way.split_first() else {
        return Vec::new();
    };
    let starts = words.iter().filter(|word| first.is(word));
    let whole = starts.filter(|start| {
        (start.position + 1..).zip(rest).all(|(position, wanted)| {
            let mut there = words.iter().filter(|word| word.position == position);
            there.any(|word| wanted.is(word))
        })
    });
    whole
        .map(|start| (start.position, start.position + rest.len()))
        .collect()
}

/// Phrases of the tables, as indexed words: one word that says where, and never what, may stand between
/// two of their words.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let synonyms = Synonyms::get().groups().iter().flatten().copied();
    let names = synonyms.chain(Drugs::get().all_names());
    names.map(|name| plain_words(name).join(" ")).collect()
});

/// Whether words stand one after the other.
fn phrase(words: &[Word], way: &[String]) -> bool {
    if !occurrences(words, &exact(way)).is_empty() {
        return true;
    }
    if way.len() < 2 || !KNOWN.contains(&way.join(" ")) {
        return false;
    }
    let first = words.iter().filter(|word| word.text == way[0]);
    let mut starts = first.map(|word| word.position);
    starts.any(|start| goes_on(words, &way[1..], start, true))
}

/// Whether the rest of a phrase follows a position, with one word between where that is still allowed.
fn goes_on(words: &[Word], rest: &[String], position: usize, between: bool) -> bool {
    let Some((next, rest)) = rest.split_first() else {
        return true;
    };
    let at = |place: usize| words.iter().filter(move |word| word.position == place);
    let is = |place: usize| at(place).any(|word| word.text == *next);
    (is(position + 1) && goes_on(words, rest, position + 1, between))
        || (between
            && at(position + 1).any(|word| is_between(&word.text))
            && is(position + 2)
            && goes_on(words, rest, position + 2, false))
}

/// Where a word, phrase or prefix stands.
fn places(words: &[Word], pattern: &Pattern) -> Vec<(usize, usize)> {
    match pattern {
        Pattern::Word(word) => {
            let ways = chunk_words(word);
            ways.iter()
                .flat_map(|way| occurrences(words, &exact(way)))
                .collect()
        }
        Pattern::Prefix(typed) => begun(words, typed, &[]),
        Pattern::Phrase(typed, _) => match starred(typed) {
            Some((last, before)) => begun(words, last, &phrase_words(before)),
            None => occurrences(words, &exact(&phrase_words(typed))),
        },
        Pattern::Near(..) => Vec::new(),
    }
}

fn begun(words: &[Word], typed: &str, before: &[String]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for prefix in &beginnings(typed) {
        let mut way = exact(before);
        way.extend(exact(&prefix.before));
        way.push(WordMatcher::Prefix(prefix));
        found.extend(occurrences(words, &way));
    }
    found
}

/// Whether a part of a query stands among some words.
///
/// With a slop, words stand in their order, their gaps adding up to no more than the slop; tantivy also
/// lets them change places, which costs two.
fn matches(words: &[Word], pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Near(a, b, distance) => {
            let (first, second) = (places(words, a), places(words, b));
            let near = |(_, end): &(usize, usize), (start, _): &(usize, usize)| {
                *start > *end && *start - *end <= *distance as usize
            };
            first
                .iter()
                .any(|a| second.iter().any(|b| near(a, b) || near(b, a)))
        }
        Pattern::Phrase(typed, slop) if *slop > 0 && starred(typed).is_none() => {
            let way = phrase_words(typed);
            loose(words, &way, 0, None, *slop as usize)
        }
        Pattern::Word(word) => chunk_words(word).iter().any(|way| phrase(words, way)),
        Pattern::Phrase(typed, _) if starred(typed).is_none() => {
            phrase(words, &phrase_words(typed))
        }
        pattern => !places(words, pattern).is_empty(),
    }
}

fn loose(words: &[Word], way: &[String], at: usize, last: Option<usize>, slop: usize) -> bool {
    let Some(wanted) = way.get(at) else {
        return true;
    };
    words
        .iter()
        .filter(|word| word.text == *wanted)
        .any(|word| {
            let gap = match last {
                None => 0,
                Some(last) if word.position > last => word.position - last - 1,
                Some(_) => return false,
            };
            gap <= slop && loose(words, way, at + 1, Some(word.position), slop - gap)
        })
}
