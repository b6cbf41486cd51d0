//! Misspelt words of a query.

use crate::support::{imr, letter, search};
use serde_json::json;

#[test]
fn what_is_clear_is_searched_and_said() {
    let ran = search(&["--json", "accupuncture"]);
    let summary = &ran.json()[0];
    assert_eq!(
        summary["corrected"],
        json!([{"typed": "accupuncture", "used": "acupuncture"}])
    );
    assert_eq!(summary["query"], "acupuncture");
    assert_eq!(
        summary["letters"],
        search(&["--json", "acupuncture"]).json()[0]["letters"]
    );
    let text = search(&["accupuncture"]).out;
    assert!(
        text.contains("'accupuncture' was read as 'acupuncture'"),
        "{text}"
    );
    // The original can be had.
    let quoted = search(&["--json", "\"accupuncture\""]).json();
    assert_eq!(
        (&quoted[0]["letters"], &quoted[0]["corrected"]),
        (&json!(0), &json!([]))
    );
}

#[test]
fn a_misspelt_word_of_a_long_query_is_never_dropped_in_silence() {
    let query = "lumbar mri denied because zzyzxq of conservative tratment";
    let summary = &search(&["--json", query]).json()[0];
    assert_eq!(
        summary["corrected"],
        json!([{"typed": "tratment", "used": "treatment"}])
    );
    assert_eq!(summary["suggestions"][0]["word"], "zzyzxq");
    assert!(
        search(&[query])
            .out
            .contains("'zzyzxq' is in no request, rationale or case summary")
    );
}

#[test]
fn suggestions_are_words_and_not_stems() {
    for query in [
        "acupunctr",
        "radiculopathyy",
        "physcl therpy",
        "medicatoin",
        "electrodiagnostc",
    ] {
        let summary = search(&["--json", query]).json()[0].clone();
        let near = summary["suggestions"].as_array().unwrap().iter();
        let near = near.flat_map(|s| s["spellings"].as_array().unwrap());
        let used = summary["corrected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| &c["used"]);
        for word in near.chain(used) {
            let word = word.as_str().unwrap();
            let found = search(&["--json", "--exact", &format!("{word}*")]).json();
            assert!(found[0]["letters"].as_u64() > Some(0), "{query}: {word}");
            assert!(
                !["acupunctur", "radiculopathi", "medic"].contains(&word),
                "{query}: {word}"
            );
        }
    }
}

/// Letters that each request one of these, indexed; how a query finds them.
fn indexed(requests: impl Iterator<Item = String>) -> impl Fn(&str) -> Vec<serde_json::Value> {
    let folder = tempfile::TempDir::new().unwrap();
    for (n, request) in requests.enumerate() {
        let text = letter(&format!("CM15-09006{n:02}"), &[(&request, "Upheld")]);
        std::fs::write(folder.path().join(format!("{n}.txt")), text).unwrap();
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    imr(["index", &path(""), "--index", &path("index")]).code(0);
    move |query| {
        let index = folder.path().join("index").display().to_string();
        imr(["search", query, "--json", "-n", "50", "--index", &index]).json()
    }
}

#[test]
fn a_typo_that_some_letter_has_is_caught() {
    let found = indexed((0..25).map(|n| match n {
        7 => format!("Carpel tunnel release {n}"),
        _ => format!("Carpal tunnel release {n}"),
    }));
    let typo = found("carpel tunnel");
    assert_eq!(
        typo[0]["corrected"],
        json!([{"typed": "carpel", "used": "carpal"}])
    );
    assert!(typo[0]["letters"].as_u64() >= Some(24), "{}", typo[0]);
    assert_eq!(found("\"carpel\" tunnel")[0]["letters"], 1);
}

#[test]
fn an_ordinary_word_beside_a_name_is_the_name_that_it_is_near_to() {
    let found = indexed((0..25).map(|n| match n {
        7 => "Lumber yard ergonomic evaluation".to_string(),
        _ => format!("Lumbar MRI {n}"),
    }));
    let slip = found("lumber mri");
    assert_eq!(
        slip[0]["corrected"],
        json!([{"typed": "lumber", "used": "lumbar"}])
    );
    assert_eq!(slip[0]["letters"], 24);
    for query in ["lumber", "lumber yard", "\"lumber\""] {
        let own = found(query);
        assert_eq!(own[0]["corrected"], json!([]), "{query}");
        assert_eq!(own[0]["letters"], 1, "{query}");
    }
}

#[test]
fn what_cannot_be_seen_is_not_searched() {
    let plain = search(&["--json", "lumbar mri"]).json();
    let pasted = search(&["--json", "lum\u{ad}bar\u{200b} \u{feff}mri"]).json();
    assert_eq!(pasted, plain);
    let turned = search(&["--json", "\u{202e}lumbar mri\u{202c}"]).json();
    assert_eq!(turned[0]["letters"], plain[0]["letters"]);
    let notes = turned[0]["notes"].as_array().unwrap();
    assert!(notes[0].as_str().unwrap().contains("direction of writing"));
}
