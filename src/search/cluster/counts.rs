//! What a cluster counts: decisions over axes, samples, and what two requests share.

use super::super::collect::Understood;
use super::super::engine::is_held;
use super::super::error::SearchError;
use super::super::facets::Facets;
use super::super::ordinals::{Ordinal, OrdinalMaps};
use super::super::request::{FacetRequest, Request};
use super::super::sample::{Sample, SampledLetter, SideBySide};
use super::super::tally::{Axis, AxisTally, Decisions, GroupBy, Tally};
use super::engine::{Cluster, PAGE, Settled, State, number, record_of, texts};
use super::mapping::ITEMS;
use super::query::{Matching, all, inside, is_item, level, not};
use crate::fields::{self, Level};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// An axis to count over.
struct CountedAxis {
    field: String,
    of_items: bool,
    facet: Option<Facets>,
    only: Option<Vec<String>>,
}

/// A value of an axis, or all that are taken as one, and what has it.
struct AxisValue {
    name: Option<String>,
    filter: Value,
}

/// The decisions of a pair of values; None is all that are taken as one.
type Cell = (Option<String>, Option<String>, Decisions);

impl CountedAxis {
    fn new(state: &State<'_>, along: &GroupBy) -> Result<CountedAxis, SearchError> {
        let only = along.only.clone();
        Ok(match &along.axis {
            Axis::Period(period) => CountedAxis {
                field: inside(&format!("period.{}", period.name())),
                of_items: false,
                facet: None,
                only: None,
            },
            Axis::Facet(path) => {
                let request = FacetRequest {
                    path: path.clone(),
                    top: usize::MAX,
                };
                let facet = Facets::new(&request, &OrdinalMaps::default())?;
                is_held(&facet, "by", &|key| state.values_of(key))?;
                CountedAxis {
                    field: level(facet.base.key, facet.depth),
                    of_items: facet.base.level() == Level::Item,
                    facet: Some(facet),
                    only,
                }
            }
        })
    }

    /// The value of a bucket's key; None of one that is not counted.
    fn value(&self, key: &Value) -> Option<String> {
        let key = key.as_str()?;
        match &self.facet {
            None => Some(key.to_string()),
            Some(facet) => facet.value(&key.split('/').collect::<Vec<_>>()),
        }
    }

    fn letters(&self, bucket: &Value) -> u64 {
        number(&bucket[if self.of_items { "of_items" } else { "all" }]["letters"]["doc_count"])
    }
}

/// What is aggregated to tell decisions.
fn decisions() -> Value {
    let decision = |level: usize, value: &str| {
        let field = super::query::level("decision", level);
        all(vec![is_item(), json!({"term": {field: value}})])
    };
    let in_part = format!("overturned/{}", fields::IN_PART);
    json!({
        "all": {"filter": {"match_all": {}}, "aggs": {"letters": {"reverse_nested": {}}}},
        "of_items": {"filter": is_item(), "aggs": {"letters": {"reverse_nested": {}}}},
        "upheld": {"filter": decision(1, "upheld")},
        "overturned": {"filter": decision(1, "overturned")},
        "partial": {"filter": decision(2, &in_part)},
    })
}

fn read(bucket: &Value, letters: u64) -> Decisions {
    let count = |name: &str| number(&bucket[name]["doc_count"]);
    let (upheld, overturned) = (count("upheld"), count("overturned"));
    Decisions {
        letters,
        upheld,
        overturned,
        partial: count("partial"),
        undecided: count("of_items").saturating_sub(upheld + overturned),
    }
}

fn decided() -> Value {
    let decision = level("decision", 1);
    all(vec![
        is_item(),
        json!({"terms": {decision: ["upheld", "overturned"]}}),
    ])
}

impl Cluster {
    /// Counts the decisions of all items that match, over at most two axes.
    ///
    /// # Errors
    /// As [`Cluster::search`].
    pub fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        self.with_state(request, |state| state.tally(request, along))
    }

    /// Letters that match, or so many of them where there are more; see [`super::super::Engine::sample`].
    ///
    /// # Errors
    /// As [`Cluster::search`].
    pub fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        self.with_state(request, |state| state.sample(request, most))
    }

    /// What matches two requests, side by side.
    ///
    /// # Errors
    /// As [`Cluster::search`].
    pub fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        self.with_state(a, |state| state.side_by_side(a, b))
    }
}

impl State<'_> {
    fn settled(&self, request: &Request) -> Result<(Settled, Understood), SearchError> {
        let settled = self.settle(self.plan(request)?, request.match_mode)?;
        let understood = self.understood(&settled, request)?;
        Ok((settled, understood))
    }

    /// Aggregates what matches: the nested documents, by named filters.
    fn aggregate(&self, matching: &Matching, own: Value) -> Result<Value, SearchError> {
        let mut said = self.snapshot.search(json!({
            "size": 0,
            "track_total_hits": false,
            "query": all(vec![json!({"term": {"kind": "letter"}}), matching.letters()]),
            "aggs": {"in": {"nested": {"path": ITEMS}, "aggs": {
                "own": {"filter": matching.unit, "aggs": own},
            }}},
        }))?;
        Ok(said["aggregations"]["in"]["own"].take())
    }

    fn all_decisions(&self, sets: &[Matching]) -> Result<Decisions, SearchError> {
        let mut all = Decisions::default();
        for set in sets {
            let said = self.aggregate(set, decisions())?;
            all += read(&said, number(&said["all"]["letters"]["doc_count"]));
        }
        Ok(all)
    }

    fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        let along = &along[..along.len().min(2)];
        let axes = along.iter().map(|along| CountedAxis::new(self, along));
        let axes = axes.collect::<Result<Vec<_>, _>>()?;
        let (settled, understood) = self.settled(request)?;
        let sets = self.counted_apart(&settled, request);
        let mut tally = Tally {
            understood,
            all: self.all_decisions(&sets)?,
            axes: vec![AxisTally::default(); axes.len()],
            ..Tally::default()
        };
        let mut places: Vec<HashMap<Option<String>, Ordinal>> = vec![HashMap::new(); axes.len()];
        for set in &sets {
            let mut values = Vec::new();
            for (n, axis) in axes.iter().enumerate() {
                values.push(self.along(set, axis, &mut tally.axes[n], &mut places[n])?);
            }
            if let ([rows, columns], [row_values, column_values]) = (&axes[..], &values[..]) {
                let cells = self.cells(set, [rows, columns], [row_values, column_values])?;
                for (row, column, counts) in cells {
                    let at = (places[0].get(&row), places[1].get(&column));
                    if let (Some(row), Some(column)) = at {
                        *tally.cells.entry((*row, *column)).or_default() += counts;
                    }
                }
            }
        }
        Ok(tally)
    }

    /// Counts over one axis; gives its values back, what is taken as one among them.
    fn along(
        &self,
        set: &Matching,
        axis: &CountedAxis,
        whole: &mut AxisTally,
        places: &mut HashMap<Option<String>, Ordinal>,
    ) -> Result<Vec<AxisValue>, SearchError> {
        let buckets = self.buckets(set, &[&axis.field], decisions())?;
        let mut counted: BTreeMap<String, Decisions> = BTreeMap::new();
        let mut units = 0;
        for bucket in &buckets {
            if let Some(value) = axis.value(&bucket["key"]["0"]) {
                *counted.entry(value).or_default() += read(bucket, axis.letters(bucket));
                units += number(&bucket["doc_count"]);
            }
        }
        let names: Vec<&String> = counted.keys().collect();
        let any_value = json!({"terms": {&axis.field: names}});
        let without = if axis.of_items {
            all(vec![is_item(), not(any_value.clone())])
        } else {
            not(any_value.clone())
        };
        let rest: Vec<String> = match &axis.only {
            None => Vec::new(),
            Some(only) => {
                let only: HashSet<&String> = only.iter().collect();
                let others = counted.keys().filter(|name| !only.contains(name));
                others.cloned().collect()
            }
        };
        let rest_filter = json!({"terms": {&axis.field: rest}});
        let said = self.aggregate(
            set,
            json!({
                "with": {"filter": any_value},
                "without": {"filter": without, "aggs": decisions()},
                "rest": {"filter": rest_filter, "aggs": decisions()},
            }),
        )?;
        let own = &said["without"];
        whole.without += read(own, axis.letters(own));
        let mut values = Vec::new();
        let mut add = |name: Option<String>, counts: Decisions, filter: Value| {
            let at = *places.entry(name.clone()).or_insert_with(|| {
                let at = whole.values.len() as Ordinal;
                if name.is_none() {
                    whole.rest = Some(at);
                }
                let shown = name.clone().unwrap_or_default();
                whole.values.push((shown, Decisions::default()));
                at
            });
            whole.values[at as usize].1 += counts;
            values.push(AxisValue { name, filter });
        };
        let folded: HashSet<&String> = rest.iter().collect();
        for (name, counts) in &counted {
            if !folded.contains(name) {
                let filter = json!({"term": {&axis.field: name}});
                add(Some(name.clone()), *counts, filter);
            } else {
                units = units.saturating_sub(counted_units(&buckets, axis, name));
            }
        }
        if !rest.is_empty() {
            let own = &said["rest"];
            units += number(&own["doc_count"]);
            add(None, read(own, axis.letters(own)), rest_filter);
        }
        whole.several |= units > number(&said["with"]["doc_count"]);
        Ok(values)
    }

    /// Counts over pairs of values.
    fn cells(
        &self,
        set: &Matching,
        axes: [&CountedAxis; 2],
        values: [&Vec<AxisValue>; 2],
    ) -> Result<Vec<Cell>, SearchError> {
        let of_items = axes.iter().any(|axis| axis.of_items);
        let letters = |bucket: &Value| {
            number(&bucket[if of_items { "of_items" } else { "all" }]["letters"]["doc_count"])
        };
        let mut cells = Vec::new();
        if axes.iter().all(|axis| axis.only.is_none()) {
            let by = [axes[0].field.as_str(), axes[1].field.as_str()];
            for bucket in self.buckets(set, &by, decisions())? {
                let key = &bucket["key"];
                let (row, column) = (axes[0].value(&key["0"]), axes[1].value(&key["1"]));
                if let (Some(row), Some(column)) = (row, column) {
                    cells.push((Some(row), Some(column), read(&bucket, letters(&bucket))));
                }
            }
            return Ok(cells);
        }
        let filters = |values: &[AxisValue]| -> Map<String, Value> {
            let named = values.iter().enumerate();
            named
                .map(|(n, value)| (n.to_string(), value.filter.clone()))
                .collect()
        };
        // A row is a request of its own: no answer grows too large.
        for row in values[0] {
            let own = json!({"row": {"filter": row.filter, "aggs": {
                "columns": {"filters": {"filters": filters(values[1])}, "aggs": decisions()},
            }}});
            let said = self.aggregate(set, own)?;
            for (n, column) in values[1].iter().enumerate() {
                let bucket = &said["row"]["columns"]["buckets"][n.to_string()];
                let letters = letters(bucket);
                if letters > 0 {
                    cells.push((row.name.clone(), column.name.clone(), read(bucket, letters)));
                }
            }
        }
        Ok(cells)
    }

    fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        let most = most.max(1);
        let (settled, understood) = self.settled(request)?;
        let sets = self.counted_apart(&settled, request);
        let everything = self.all_decisions(&sets)?;
        let mut letters: Vec<SampledLetter> = Vec::new();
        for set in &sets {
            self.records(set, most, &mut |letter| letters.push(letter))?;
        }
        if sets.len() > 1 {
            letters.sort_by_key(SampledLetter::key);
            letters.truncate(most);
        }
        Ok(Sample::of(understood, everything, letters))
    }

    /// Letters that match, as their records, in the order of their identities, so many at most.
    fn records(
        &self,
        set: &Matching,
        most: usize,
        take: &mut dyn FnMut(SampledLetter),
    ) -> Result<(), SearchError> {
        let which = json!({"nested": {
            "path": ITEMS,
            "score_mode": "none",
            "query": all(vec![set.unit.clone(), is_item()]),
            "inner_hits": {"name": "which", "size": 1000, "_source": false},
        }});
        let query = json!({"bool": {"filter": [set.letters()], "should": [which]}});
        let mut left = most;
        let mut after: Option<Value> = None;
        while left > 0 {
            let mut body = json!({
                "size": PAGE.min(left),
                "query": query,
                "sort": [{"id": "asc"}],
                "track_total_hits": false,
                "_source": ["record", "files", "id"],
            });
            if let Some(after) = &after {
                body["search_after"] = after.clone();
            }
            let said = self.snapshot.search(body)?;
            let hits = said["hits"]["hits"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            for hit in hits {
                let source = &hit["_source"];
                let which = &hit["inner_hits"]["which"]["hits"]["hits"];
                let which = which.as_array().map_or(&[][..], Vec::as_slice).iter();
                let which = which.map(|item| number(&item["_nested"]["offset"]));
                let mut items: Vec<usize> =
                    which.filter_map(|at| usize::try_from(at).ok()).collect();
                items.sort_unstable();
                let id = source["id"].as_str().unwrap_or_default().to_string();
                let record = record_of(source)?;
                take(SampledLetter::held(
                    id,
                    record,
                    texts(&source["files"]),
                    items,
                ));
            }
            left -= hits.len().min(left);
            if hits.len() < PAGE {
                break;
            }
            after = hits.last().map(|hit| hit["sort"].clone());
        }
        Ok(())
    }

    fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        let (first, first_understood) = self.settled(a)?;
        let (second, second_understood) = self.settled(b)?;
        let first = self.counted_apart(&first, a);
        let second = self.counted_apart(&second, b);
        let mut shared = (0, 0);
        for a in &first {
            for b in &second {
                let (a, b) = (a.and(decided()), b.and(decided()));
                // A letter is in both sets where some item of it is in each.
                let letters = Matching {
                    unit: a.unit.clone(),
                    letter: [a.letter.clone(), vec![b.letters()]].concat(),
                };
                let items = Matching {
                    unit: all(vec![a.unit, b.unit]),
                    letter: [a.letter, b.letter].concat(),
                };
                shared.0 += self.count(&[letters])?[0].0;
                // Conditions on the letter are part of what its items are counted under.
                let said = self.aggregate(&items, decisions())?;
                shared.1 += number(&said["of_items"]["doc_count"]);
            }
        }
        Ok(SideBySide {
            a: (first_understood, self.all_decisions(&first)?),
            b: (second_understood, self.all_decisions(&second)?),
            shared,
        })
    }
}

/// The nested documents of the buckets that count for a value.
fn counted_units(buckets: &[Value], axis: &CountedAxis, name: &str) -> u64 {
    let own = buckets.iter();
    let own = own.filter(|bucket| axis.value(&bucket["key"]["0"]).as_deref() == Some(name));
    own.map(|bucket| number(&bucket["doc_count"])).sum()
}
