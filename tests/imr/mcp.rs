//! An AI assistant's conversation with `imr mcp`, message by message. The protocol's own client is tried by
//! `.ci/run mcp`.

use crate::support::{imr, imr_with_input, sample_index};
use serde_json::{Value, json};

/// The answers to messages.
fn conversation(messages: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = messages.iter().map(ToString::to_string).collect();
    let index = sample_index().display().to_string();
    let input = lines.join("\n") + "\n";
    let ran = imr_with_input(&["mcp", "--index", &index], input.as_bytes()).code(0);
    assert_eq!(ran.err, "");
    ran.json()
}

/// What a tool answers.
fn call(tool: &str, arguments: Value) -> Value {
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments },
    });
    let mut answers = conversation(&[message]);
    assert_eq!(answers.len(), 1);
    answers.remove(0)["result"].take()
}

#[test]
fn it_introduces_itself_and_lists_its_tools() {
    let answers = conversation(&[
        json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": { "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {} } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": "a", "method": "tools/list" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/list" }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "ping" }),
    ]);
    assert_eq!(answers.len(), 4, "a notification has no answer");
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-06-18");
    let tools = answers[1]["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search", "similar", "stats", "checklist", "show"]);
    assert!(
        tools
            .iter()
            .all(|tool| tool["annotations"]["readOnlyHint"] == true)
    );
    assert_eq!(answers[1]["id"], "a");
    assert_eq!(answers[2]["error"]["code"], -32601);
    assert_eq!(answers[3]["result"], json!({}));
}

#[test]
fn a_search_has_case_numbers_and_the_reviewers_words() {
    let found = call(
        "search",
        json!({ "query": "taper", "drug": "norco", "decision": ["overturned"] }),
    );
    let found = &found["structuredContent"];
    let expected = crate::support::search(&[
        "taper",
        "--drug",
        "norco",
        "--decision",
        "overturned",
        "--json",
    ]);
    assert_eq!(found["letters"], expected.json()[0]["letters"]);
    let cases: Vec<&str> = found["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["case_number"].as_str().unwrap())
        .collect();
    assert_eq!(cases, expected.cases());
    for hit in found["hits"].as_array().unwrap() {
        let letter = call("show", json!({ "case": hit["case_number"] }));
        let letter = letter["structuredContent"]["letter"].to_string();
        for item in hit["items"].as_array().unwrap() {
            assert_eq!(item["decision"], "overturned");
            assert!(letter.contains(item["request"].as_str().unwrap()));
            assert!(!item["reviewer_wrote"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(
        found["source"]["program"],
        concat!("imr ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn figures_are_those_of_the_command_with_decisions_to_check_them_by() {
    let counted = call("stats", json!({ "by": ["class"], "top": 3 }));
    let counted = &counted["structuredContent"];
    let index = sample_index().display().to_string();
    let expected = imr([
        "stats", "--by", "class", "--top", "3", "--format", "json", "--index", &index,
    ]);
    let expected = &expected.json()[0];
    assert_eq!(counted["report"]["all"], expected["all"]);
    assert_eq!(counted["report"]["rows"], expected["rows"]);
    assert_eq!(counted["examples"]["upheld"].as_array().unwrap().len(), 2);
}

#[test]
fn a_document_is_compared_and_points_are_listed() {
    let denial =
        std::fs::read_to_string("sample-corpus/not-letters/denial-lumbar-mri.txt").unwrap();
    let found = call("similar", json!({ "text": denial, "limit": 2 }));
    let requests = found["structuredContent"]["requests"].as_array().unwrap();
    assert!(!requests.is_empty());
    assert_eq!(requests[0]["hits"].as_array().unwrap().len(), 2);
    let like = call("similar", json!({ "case": "CM16-0900202" }));
    assert_eq!(
        like["structuredContent"]["hits"].as_array().unwrap().len(),
        5
    );
    let points = call("checklist", json!({ "drug": "opioid" }));
    assert!(points["structuredContent"]["checklist"].is_object());
}

#[test]
fn what_cannot_be_answered_is_said_in_a_sentence() {
    for (tool, arguments, expected) in [
        ("search", json!({ "drug": "norcoo" }), "norco"),
        ("search", json!({ "drgu": "norco" }), "did you mean 'drug'"),
        ("search", json!({ "query": "\"open" }), "quot"),
        (
            "show",
            json!({ "case": "CM15-0900199" }),
            "no letter is called",
        ),
        ("show", json!({}), "case: it is required"),
        ("similar", json!({}), "give either case or text"),
        ("stats", json!({ "by": ["drugg"] }), "did you mean 'drug'"),
    ] {
        let refused = call(tool, arguments.clone());
        assert_eq!(refused["isError"], true, "{tool} {arguments}");
        let text = refused["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(expected), "{tool} {arguments}: {text}");
    }
}

#[test]
fn without_an_index_it_does_not_begin() {
    let ran = imr_with_input(&["mcp", "--index", "no-such-index"], b"").code(2);
    assert!(ran.err.contains("no index"), "{}", ran.err);
}
