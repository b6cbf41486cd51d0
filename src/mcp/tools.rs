//! What an assistant can call. Every tool reads the index as it is at that moment.

use super::answers;
use crate::fields;
use crate::letter::{CaseEdits, case_document};
use crate::search::{self, Engine, Filter, Period, Request, unknown_parameter};
use crate::stats::{self, request_json, understood_json};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Letters of an answer: unless asked otherwise, and at most.
const LETTERS: usize = 5;
const MOST: usize = 50;
/// Decisions that are quoted below figures, on each side.
const EXAMPLES: usize = 2;

type Arguments = Map<String, Value>;

/// A tool.
pub(super) struct Tool {
    name: &'static str,
    description: &'static str,
    /// Its own arguments, besides those of a search: name, JSON type, meaning.
    own: &'static [(&'static str, &'static str, &'static str)],
    required: &'static [&'static str],
    /// Whether it takes a query and filters.
    searches: bool,
    run: fn(&Engine, &Call) -> Result<Value, String>,
}

const LIMIT: (&str, &str, &str) = (
    "limit",
    "integer",
    "Maximum number of letters: 5 by default, at most 50",
);

static TOOLS: [Tool; 5] = [
    Tool {
        name: "search",
        description: "Find the decisions that match words and filters: each letter with its case number, the \
            matching items, their decisions, and the reviewer's words. All filters must hold for the same item.",
        own: &[
            LIMIT,
            ("offset", "integer", "Letters to skip"),
            (
                "sort",
                "string",
                "relevance, decided (newest first), oldest, injured, case or items",
            ),
        ],
        required: &[],
        searches: true,
        run: search,
    },
    Tool {
        name: "similar",
        description: "Find decisions like a letter of the index (case), or like each request of a document of \
            the user's (text: a denial, a request for authorization, a progress report), with how such requests \
            were decided. A text is read and not kept.",
        own: &[
            ("case", "string", "A case number: CM15-0012345"),
            (
                "text",
                "string",
                "The text of the user's own document, instead of a case",
            ),
            LIMIT,
        ],
        required: &[],
        searches: true,
        run: similar,
    },
    Tool {
        name: "stats",
        description: "Count decisions under a search: the overturn rate with its 95% interval, by one or two \
            facets or over time, with a few decisions to check it by. An interval is wide when there are few items.",
        own: &[
            (
                "by",
                "array",
                "One or two facets to count by: drug, class, service, specialty, year ...",
            ),
            (
                "over",
                "string",
                "A series by the date of decision: year, quarter or month",
            ),
            ("top", "integer", "Maximum number of values: 15 by default"),
        ],
        required: &[],
        searches: true,
        run: statistics,
    },
    Tool {
        name: "checklist",
        description: "List the points that reviewers asked for when they decided such requests, with counts, \
            guideline pages, and example sentences with their case numbers.",
        own: &[],
        required: &[],
        searches: true,
        run: checklist,
    },
    Tool {
        name: "show",
        description: "Read one whole letter: dates, reviewer, every item with its decision, citations and the \
            full rationale, and the case summary.",
        own: &[(
            "case",
            "string",
            "A case number (CM15-0012345), a file, or an id from an answer",
        )],
        required: &["case"],
        searches: false,
        run: show,
    },
];

/// The tool of a name.
pub(super) fn named(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// Every tool, as the protocol describes them.
pub(super) fn list() -> Vec<Value> {
    TOOLS.iter().map(Tool::described).collect()
}

/// The arguments of a call, understood.
struct Call {
    search: Request,
    own: Arguments,
}

impl Call {
    fn text(&self, name: &str) -> Option<&str> {
        self.own.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, String> {
        let Some(value) = self.own.get(name) else {
            return Ok(default);
        };
        let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
        let number = number.ok_or_else(|| format!("{name}: {value} is not a whole number"))?;
        Ok(number.min(most))
    }

    /// The search, with this many letters at most.
    fn limited(&self) -> Result<Request, String> {
        Ok(Request {
            limit: self.number("limit", LETTERS, MOST)?,
            snippets: true,
            ..self.search.clone()
        })
    }
}

impl Tool {
    fn described(&self) -> Value {
        let mut properties = Map::new();
        if self.searches {
            let query = "Words; drugs, treatments, body parts and specialties in them are recognized. Phrases in \
                quotation marks, w/5, OR, NOT and taper* work.";
            properties.insert(
                "query".into(),
                json!({ "type": "string", "description": query }),
            );
        }
        if self.searches {
            for (field, filter) in fields::filters() {
                let values = json!({ "type": "string" });
                let about = json!({
                    "description": filter.help,
                    "anyOf": [values, { "type": "array", "items": values }],
                });
                properties.insert(field.name.into(), about);
            }
            let exclude = "Filters whose values are left out: {\"drug\": [\"norco\"]}";
            properties.insert(
                "exclude".into(),
                json!({ "type": "object", "description": exclude }),
            );
        }
        // Where a filter has the name of an argument, the argument is meant.
        for (name, kind, meaning) in self.own {
            let mut property = json!({ "type": kind, "description": meaning });
            if *kind == "array" {
                property["items"] = json!({ "type": "string" });
            }
            properties.insert((*name).into(), property);
        }
        json!({
            "name": self.name,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": properties,
                "required": self.required,
                "additionalProperties": false,
            },
            "annotations": { "readOnlyHint": true, "openWorldHint": false },
        })
    }

    /// Calls it.
    ///
    /// # Errors
    /// If an argument cannot be understood or the index cannot be read: a sentence that says so.
    pub(super) fn call(&self, index: &Path, arguments: &Arguments) -> Result<Value, String> {
        let call = self.read(arguments)?;
        let engine = Engine::open(index).map_err(|e| e.to_string())?;
        Ok(answers::stamped((self.run)(&engine, &call)?, index))
    }

    fn read(&self, arguments: &Arguments) -> Result<Call, String> {
        let mut call = Call {
            search: Request::default(),
            own: Map::new(),
        };
        let own: Vec<&str> = self.own.iter().map(|(name, ..)| *name).collect();
        for (name, value) in arguments {
            let name = name.as_str();
            if value.is_null() {
                continue;
            }
            if own.contains(&name) && name != "sort" {
                call.own.insert(name.to_string(), value.clone());
            } else if self.searches && name == "exclude" {
                let excluded = value
                    .as_object()
                    .ok_or("exclude: give an object of filters")?;
                for (filter, value) in excluded {
                    take(&mut call.search, &format!("not-{filter}"), value, &own)?;
                }
            } else if self.searches {
                let parameter = if name == "query" { "q" } else { name };
                take(&mut call.search, parameter, value, &own)?;
            } else {
                return Err(unknown_parameter(name, &own).to_string());
            }
        }
        if let Some(missing) = self.required.iter().find(|name| call.text(name).is_none()) {
            return Err(format!("{missing}: it is required"));
        }
        Ok(call)
    }
}

/// Takes a parameter of a search: a text, a number, or a list of them.
fn take(search: &mut Request, name: &str, value: &Value, own: &[&str]) -> Result<(), String> {
    let values = match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    };
    for value in values {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(format!("{name}: give a string or a list of strings")),
        };
        if !search.take(name, &value).map_err(|e| e.to_string())? {
            return Err(unknown_parameter(name, own).to_string());
        }
    }
    Ok(())
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn search(engine: &Engine, call: &Call) -> Result<Value, String> {
    let request = Request {
        offset: call.number("offset", 0, 10_000)?,
        ..call.limited()?
    };
    let response = engine.search(&request).map_err(said)?;
    let mut answer = answers::summary(&response);
    let hits = response.hits.iter().chain(&response.mention_hits);
    answer["hits"] = hits.map(answers::hit).collect();
    Ok(answer)
}

fn similar(engine: &Engine, call: &Call) -> Result<Value, String> {
    let request = call.limited()?;
    match (call.text("case"), call.text("text")) {
        (Some(case), None) => {
            let letter = letter(engine, case)?;
            let similar = engine.similar(&letter, &request).map_err(said)?;
            let hits = similar.iter().map(|like| {
                let mut hit = answers::hit(&like.hit);
                hit["shared"] = json!(like.shared);
                hit
            });
            Ok(json!({ "hits": hits.collect::<Vec<_>>() }))
        }
        (None, Some(text)) => {
            let case = case_document(text).edited(&CaseEdits::default())?;
            let found = engine.similar_to_case(&case, &request).map_err(said)?;
            let requests = found.iter().map(|of| {
                let mut said = request_json(&case, of);
                let hits = of.similar.iter().map(|like| answers::hit(&like.hit));
                said["hits"] = hits.collect();
                said
            });
            Ok(json!({
                "understood": understood_json(&case),
                "requests": requests.collect::<Vec<_>>(),
            }))
        }
        _ => Err("give either case or text".to_string()),
    }
}

fn statistics(engine: &Engine, call: &Call) -> Result<Value, String> {
    let mut by = Vec::new();
    match call.own.get("by") {
        None => {}
        Some(Value::String(facet)) => by.push(facet.clone()),
        Some(Value::Array(facets)) => {
            by.extend(facets.iter().filter_map(Value::as_str).map(str::to_string));
        }
        Some(_) => return Err("by: give a list of facets".to_string()),
    }
    let over = match call.text("over") {
        None => None,
        Some("year") => Some(Period::Year),
        Some("quarter") => Some(Period::Quarter),
        Some("month") => Some(Period::Month),
        Some(other) => return Err(format!("over: '{other}' is not year, quarter or month")),
    };
    let request = stats::Request {
        search: call.search.clone(),
        by,
        over,
        top: Some(call.number("top", 15, 1_000)?),
        columns: Some(8),
        ..stats::Request::default()
    };
    let report = stats::report(engine, &request).map_err(said)?;
    let mut answer = json!({ "report": report });
    for decision in ["overturned", "upheld"] {
        let mut search = Request {
            limit: EXAMPLES,
            snippets: true,
            ..call.search.clone()
        };
        search.filters.push(Filter::new("decision", decision));
        let examples = engine.search(&search).map_err(said)?.hits;
        answer["examples"][decision] = examples.iter().map(answers::hit).collect();
    }
    Ok(answer)
}

fn checklist(engine: &Engine, call: &Call) -> Result<Value, String> {
    let checklist = stats::checklist(engine, &call.search).map_err(said)?;
    Ok(json!({ "checklist": checklist }))
}

fn show(engine: &Engine, call: &Call) -> Result<Value, String> {
    let hit = letter(engine, call.text("case").unwrap_or_default())?;
    Ok(json!({ "letter": search::json::letter(&hit) }))
}

/// The letter that a name means: of several, the first with a decision.
fn letter(engine: &Engine, name: &str) -> Result<crate::search::Hit, String> {
    let mut hits = engine.find(name).map_err(said)?;
    if hits.is_empty() {
        let hint = match engine.near_cases(name).first() {
            Some(near) => format!("; did you mean {near}?"),
            None => String::new(),
        };
        return Err(format!("no letter is called '{name}'{hint}"));
    }
    let decided = hits.iter().position(|hit| hit.letter.outcome().is_some());
    Ok(hits.swap_remove(decided.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Sort;

    #[test]
    fn every_tool_is_described_with_the_filters_of_the_registry() {
        for tool in list() {
            let properties = tool["inputSchema"]["properties"].as_object().unwrap();
            let searches = tool["name"] != "show";
            for (field, _) in fields::filters() {
                let has = properties.contains_key(field.name);
                assert!(has == searches || field.name == "case", "{}", field.name);
            }
        }
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        let tool = named("search").unwrap();
        let read = |arguments: Value| {
            let read = tool.read(arguments.as_object().unwrap());
            read.map(|call| call.search)
        };
        let wrong = read(json!({ "drgu": "norco" })).unwrap_err();
        assert!(wrong.contains("did you mean 'drug'"), "{wrong}");
        let search =
            read(json!({ "query": "taper", "drug": ["norco"], "exclude": { "year": 2014 } }));
        let search = search.unwrap();
        assert_eq!(search.query, "taper");
        assert_eq!(search.filters.len(), 2);
        assert!(search.filters[0].negated != search.filters[1].negated);
        let show = named("show").unwrap();
        assert!(show.read(&Map::new()).is_err(), "a case is required");
    }

    #[test]
    fn sorts_are_those_of_a_search() {
        for (_, name) in Sort::NAMES {
            let own = TOOLS[0].own.iter().find(|own| own.0 == "sort").unwrap();
            assert!(own.2.contains(name), "{name}");
        }
    }
}
