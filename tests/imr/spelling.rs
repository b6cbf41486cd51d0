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
    assert!(search(&[query]).out.contains("'zzyzxq' is in no letter"));
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

#[test]
fn a_typo_that_some_letter_has_is_caught() {
    let folder = tempfile::TempDir::new().unwrap();
    for n in 0..25 {
        let request = if n == 7 {
            format!("Carpel tunnel release {n}")
        } else {
            format!("Carpal tunnel release {n}")
        };
        let text = letter(&format!("CM15-09006{n:02}"), &[(&request, "Upheld")]);
        std::fs::write(folder.path().join(format!("{n}.txt")), text).unwrap();
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    imr(["index", &path(""), "--index", &path("index")]).code(0);
    let index = path("index");
    let found =
        |query: &str| imr(["search", query, "--json", "-n", "50", "--index", &index]).json();
    let typo = found("carpel tunnel");
    assert_eq!(
        typo[0]["corrected"],
        json!([{"typed": "carpel", "used": "carpal"}])
    );
    assert!(typo[0]["letters"].as_u64() >= Some(24), "{}", typo[0]);
    assert_eq!(found("\"carpel\" tunnel")[0]["letters"], 1);
}
