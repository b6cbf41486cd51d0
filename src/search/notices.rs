//! What an answer says about itself, in sentences that every surface can show.

use super::request::{DropOne, Response};

/// Other wordings listed of one word, at most.
const MOST_ALSO: usize = 4;

/// One line for what was understood: "norco: drug acetaminophen/hydrocodone; taper: also wean". None
/// where every word was taken as it stands.
#[must_use]
pub fn understood(response: &Response) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for concept in &response.concepts {
        let field = concept.field.replace('-', " ");
        parts.push(if concept.label.starts_with(&field) {
            format!("{}: {}", concept.text, concept.label)
        } else {
            format!("{}: {field} {}", concept.text, concept.label)
        });
    }
    if let Some(wish) = &response.wish {
        parts.push(format!("{}: decision {}", wish.text, wish.decision));
    }
    let is_concept = |word: &str| response.concepts.iter().any(|c| c.text == word);
    for expansion in response.expanded.iter().filter(|e| !is_concept(&e.word)) {
        let also = expansion.also.iter().take(MOST_ALSO);
        let also: Vec<&str> = also.map(String::as_str).collect();
        parts.push(format!("{}: also {}", expansion.word, also.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What else an answer says: the decision that is wished for, what only mentions, what was dropped.
#[must_use]
pub fn notices(response: &Response) -> Vec<String> {
    let mut notices = Vec::new();
    let concepts: Vec<&str> = response.concepts.iter().map(|c| c.text.as_str()).collect();
    // Words of an alternative ("norco or percocet") are no concepts of their own.
    let expanded = response.expanded.iter().map(|e| e.word.as_str());
    let concepts = match concepts[..] {
        [] => expanded.collect::<Vec<_>>().join(", "),
        _ => concepts.join(", "),
    };
    if response.only_mentions {
        let letters = letters(response.mentions);
        let verb = if response.mentions == 1 {
            "mentions"
        } else {
            "mention"
        };
        notices.push(format!(
            "No item requests {concepts} and has the rest; {letters} only {verb} it:"
        ));
    } else if response.mentions > 0 {
        let letters = match response.mentions {
            1 => "1 more letter mentions".to_string(),
            n => format!("{n} more letters mention"),
        };
        notices.push(format!("{letters} {concepts} without requesting it"));
    }
    if response.relaxed {
        notices.push("No item has enough of these words; the best partial matches:".to_string());
    }
    if let Some(wish) = &response.wish
        && wish.items + wish.others > 0
    {
        notices.push(format!(
            "{} of {} items: {}; they come first",
            wish.items,
            wish.items + wish.others,
            wish.decision
        ));
    }
    if !response.dropped.is_empty() {
        notices.push(format!(
            "In no matching item: {}",
            response.dropped.join(", ")
        ));
    }
    notices
}

/// What one part of a request being left out would give: "without decision overturned: 3 letters".
#[must_use]
pub fn without(part: &DropOne) -> String {
    let name = match &part.filter {
        Some(filter) => format!("{filter} {}", part.text),
        None => format!("'{}'", part.text),
    };
    format!("without {name}: {}", letters(part.letters))
}

fn letters(count: u64) -> String {
    match count {
        1 => "1 letter".to_string(),
        n => format!("{n} letters"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::{ConceptNote, DecisionWish, Expansion};
    use super::*;

    fn response() -> Response {
        Response {
            concepts: vec![ConceptNote {
                text: "norco".into(),
                field: "drug".into(),
                value: "acetaminophen/hydrocodone".into(),
                label: "acetaminophen/hydrocodone".into(),
                range: 0..5,
            }],
            expanded: vec![
                Expansion {
                    word: "norco".into(),
                    also: vec!["vicodin".into()],
                },
                Expansion {
                    word: "taper".into(),
                    also: vec!["wean".into()],
                },
            ],
            ..Response::default()
        }
    }

    #[test]
    fn one_line_for_what_was_understood() {
        assert_eq!(
            understood(&response()).unwrap(),
            "norco: drug acetaminophen/hydrocodone; taper: also wean"
        );
        assert_eq!(understood(&Response::default()), None);
    }

    #[test]
    fn what_only_mentions_and_what_is_wished_for() {
        let wished = Response {
            mentions: 28,
            wish: Some(DecisionWish {
                decision: "overturned".into(),
                text: "reversed".into(),
                range: 0..8,
                items: 3,
                others: 6,
            }),
            ..response()
        };
        assert_eq!(
            notices(&wished),
            [
                "28 more letters mention norco without requesting it",
                "3 of 9 items: overturned; they come first"
            ]
        );
        let only = Response {
            mentions: 1,
            only_mentions: true,
            dropped: vec!["zzz".into()],
            ..response()
        };
        assert_eq!(
            notices(&only),
            [
                "No item requests norco and has the rest; 1 letter only mentions it:",
                "In no matching item: zzz"
            ]
        );
    }

    #[test]
    fn without_one_part() {
        let part = DropOne {
            filter: Some("decision".into()),
            text: "overturned".into(),
            letters: 1,
            items: 2,
        };
        assert_eq!(without(&part), "without decision overturned: 1 letter");
    }
}
