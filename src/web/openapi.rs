//! The description of the HTTP API (OpenAPI 3.1). `openapi.json` is written by hand; the filters stand
//! in it once, here, from the registry of fields. A test holds every answer against it.

use crate::fields::{self, Resolve, SIDES};
use crate::search::{MatchMode, Sort};
use serde_json::{Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value =
        serde_json::from_str(include_str!("openapi.json")).expect("it is JSON: tested");
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    let parameters = &mut document["components"]["parameters"];
    parameters["sort"]["schema"]["enum"] = json!(Sort::NAMES.map(|(_, name)| name));
    parameters["match"]["schema"]["enum"] = json!(MatchMode::NAMES.map(|(_, name)| name));
    let mut named = Vec::new();
    for name in crate::search::OPTIONS {
        named.push(name.to_string());
    }
    for (field, filter) in fields::filters() {
        for not in ["", "not-"] {
            let name = format!("{not}{}", field.name);
            if crate::search::Filter::named(&name, "").is_none() {
                continue;
            }
            let what = if not.is_empty() {
                "have"
            } else {
                "do not have"
            };
            let mut value = json!({"type": "string"});
            if let Resolve::Choice(words) = filter.resolve {
                value["enum"] = json!(words());
            } else if matches!(filter.resolve, Resolve::Side) {
                value["enum"] = json!(SIDES);
            }
            parameters[&name] = json!({
                "name": name,
                "in": "query",
                "required": false,
                "allowEmptyValue": true,
                "description": format!("{}. Letters (or items) that {what} any of these values.", filter.help),
                "schema": {"type": "array", "items": value},
                "style": "form",
                "explode": true
            });
            named.push(name);
        }
    }
    // A facet, or a value of one below which is counted.
    let facets = crate::search::known_facets().join("|");
    let below = format!("^({facets})(/.*)?$");
    for (path, parameter) in [
        ("/api/search", "facets"),
        ("/api/facets/{name}", "name"),
        ("/api/stats", "by"),
    ] {
        let Some(own) = document["paths"][path]["get"]["parameters"].as_array_mut() else {
            continue;
        };
        for own in own.iter_mut().filter(|own| own["name"] == parameter) {
            let schema = &mut own["schema"];
            match schema.get_mut("items") {
                Some(items) if parameter == "facets" => {
                    items["pattern"] = json!(format!("^(all|({facets})(/.*)?)?$"));
                }
                Some(items) => items["pattern"] = json!(format!("^(({facets})(/.*)?)?$")),
                None => schema["pattern"] = json!(below),
            }
        }
    }
    // Whatever is searched may be on a cluster, which cannot do everything, and may fail.
    let paths = document["paths"].as_object_mut().expect("paths: tested");
    let operations = paths.values_mut().filter_map(Value::as_object_mut);
    for operation in operations.flat_map(|path| path.values_mut()) {
        let responses = &mut operation["responses"];
        if responses.get("503").is_none() {
            continue;
        }
        for (status, what) in [
            ("501", "An index on a cluster does not have this."),
            ("502", "The cluster refuses."),
        ] {
            responses[status] = responses["500"].clone();
            responses[status]["description"] = what.into();
        }
    }
    // "search" among the parameters of an operation stands for all of these.
    let paths = document["paths"].as_object_mut().expect("paths: tested");
    for operation in paths.values_mut() {
        let own = operation.pointer_mut("/get/parameters");
        let Some(own) = own.and_then(Value::as_array_mut) else {
            continue;
        };
        let Some(at) = own.iter().position(|p| p == "search") else {
            continue;
        };
        own.remove(at);
        let taken: Vec<Value> = own.iter().map(|p| p["name"].clone()).collect();
        let refs = named.iter().filter(|name| !taken.contains(&json!(name)));
        let refs = refs.map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
        own.extend(refs.collect::<Vec<_>>());
    }
    document
});

/// The fields of what a schema describes: "Hit", "Record".
pub(super) fn fields_of(schema: &str) -> Vec<&'static str> {
    let fields = DOCUMENT["components"]["schemas"][schema]["properties"].as_object();
    fields.map_or(Vec::new(), |fields| {
        fields.keys().map(String::as_str).collect()
    })
}

/// The document.
pub(super) fn document() -> &'static Value {
    &DOCUMENT
}
