//! What an answer says about itself, in sentences that every surface can show.

use super::collect::Understood;
use super::request::{ConceptNote, DropOne, Expansion, PreferredDecision, Response};

/// Other wordings listed of one word, at most.
const MOST_ALSO: usize = 4;

/// One line for what was understood: "norco: drug acetaminophen/hydrocodone; taper: also wean". None
/// where every word was taken as it stands.
#[must_use]
pub fn understood(response: &Response) -> Option<String> {
    in_one_line(
        &response.concepts,
        response.preferred_decision.as_ref(),
        &response.expanded,
    )
}

impl Understood {
    /// What an answer that only counts says about itself, a sentence each: how the query was read,
    /// and what is not counted.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let line = in_one_line(
            &self.concepts,
            self.preferred_decision.as_ref(),
            &self.expanded,
        );
        let mut sentences: Vec<String> = line.into_iter().collect();
        if self.relaxed {
            let line = "No item has enough of these words; the best partial matches are counted.";
            sentences.push(line.to_string());
        }
        sentences.extend(match (self.mentions, self.mentions_counted) {
            (0, _) => None,
            (1, true) => Some("1 of these letters only mentions what the query asks for.".into()),
            (n, true) => Some(format!(
                "{} of these letters only mention what the query asks for.",
                grouped(n)
            )),
            (1, false) => Some(
                "1 more letter only mentions what the query asks for and is not counted.".into(),
            ),
            (n, false) => Some(format!(
                "{} more letters only mention what the query asks for and are not counted.",
                grouped(n)
            )),
        });
        if !self.dropped.is_empty() {
            let words = self.dropped.join(", ");
            sentences.push(format!("In no matching item: {words}"));
        }
        sentences.extend(self.notes.iter().cloned());
        if let [first, rest @ ..] = self.drop_one.as_slice() {
            let rest = rest.iter().map(without);
            let parts: Vec<String> = std::iter::once(without(first)).chain(rest).collect();
            sentences.push(format!("Nothing matches all of it; {}", parts.join("; ")));
        }
        sentences
    }
}

fn in_one_line(
    concepts: &[ConceptNote],
    wish: Option<&PreferredDecision>,
    expanded: &[Expansion],
) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for concept in concepts {
        let field = concept.field.replace('-', " ");
        parts.push(if concept.label.starts_with(&field) {
            format!("{}: {}", concept.text, concept.label)
        } else {
            format!("{}: {field} {}", concept.text, concept.label)
        });
    }
    if let Some(wish) = wish {
        // Not "decision overturned", which reads as a filter.
        let same = wish.text.eq_ignore_ascii_case(&wish.decision);
        let decision = if same {
            String::new()
        } else {
            format!("{} ", wish.decision)
        };
        parts.push(format!(
            "{}: {decision}preferred (both decisions are counted)",
            wish.text
        ));
    }
    let is_concept = |word: &str| concepts.iter().any(|c| c.text == word);
    for expansion in expanded.iter().filter(|e| !is_concept(&e.word)) {
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
    // "knee brace" names the knee as well.
    let concepts: Vec<&str> = concepts
        .iter()
        .enumerate()
        .filter(|(n, text)| {
            let others = concepts.iter().enumerate().filter(|(m, _)| m != n);
            let mut others = others.map(|(m, other)| (m, *other));
            !others.any(|(m, other)| {
                (other == **text && m < *n)
                    || (other.len() > text.len() && other.split(' ').any(|word| word == **text))
            })
        })
        .map(|(_, text)| *text)
        .collect();
    // Words of an alternative ("norco or percocet") are no concepts of their own.
    let expanded = response.expanded.iter().map(|e| e.word.as_str());
    let concepts = match concepts[..] {
        [] => expanded.collect::<Vec<_>>().join(", "),
        _ => concepts.join(", "),
    };
    if response.only_mentions {
        let letters = counted(response.mentions, "letter");
        let verb = if response.mentions == 1 {
            "mentions"
        } else {
            "mention"
        };
        let rest = if response.narrowed {
            " and has the rest"
        } else {
            ""
        };
        notices.push(format!(
            "No item requests {concepts}{rest}; {letters} only {verb} it"
        ));
    } else if response.mentions > 0 {
        let letters = match response.mentions {
            1 => "1 more letter mentions".to_string(),
            n => format!("{n} more letters mention"),
        };
        let how = if response.narrowed {
            "; no item there requests it and matches the rest"
        } else {
            " without requesting it"
        };
        notices.push(format!("{letters} {concepts}{how}"));
    }
    match response.others {
        0 => {}
        1 => notices.push(
            "1 document that is not a letter has it too; add document:other to see it".to_string(),
        ),
        n => notices.push(format!(
            "{n} documents that are not letters have it too; add document:other to see them"
        )),
    }
    if response.relaxed {
        notices.push("No item has enough of these words; the best partial matches:".to_string());
    }
    notices.extend(preferred(response));
    if !response.dropped.is_empty() {
        notices.push(format!(
            "In no matching item: {}",
            response.dropped.join(", ")
        ));
    }
    notices.extend(nothing_else(response));
    notices
}

/// How many items have the decision that words of the query name.
#[must_use]
pub fn preferred(response: &Response) -> Option<String> {
    let wish = response.preferred_decision.as_ref()?;
    let all = wish.items + wish.others;
    let (of, decision) = (counted(all, "item"), &wish.decision);
    match wish.items {
        _ if all == 0 => None,
        0 => Some(format!("None of {of} was {decision}")),
        1 => Some(format!("1 of {of} was {decision}; it comes first")),
        n => Some(format!(
            "{} of {of} were {decision}; they come first",
            grouped(n)
        )),
    }
}

/// What can be done where nothing was found and nothing else is said.
fn nothing_else(response: &Response) -> Option<String> {
    let found = response.letters + response.mentions + response.others > 0;
    let said = !response.drop_one.is_empty() || !response.suggestions.is_empty();
    if found || said {
        return None;
    }
    let query = response.understood.trim();
    let mut words = query.split_whitespace();
    Some(match (words.next(), words.next()) {
        (None, _) => "No letter matches the filters".to_string(),
        (Some(word), None) if response.concepts.iter().any(|c| c.text == word) => {
            format!("No item requests {word}, and no letter mentions it")
        }
        (Some(word), None) if word.chars().all(char::is_alphanumeric) => {
            format!(
                "'{word}' is in no request, rationale or case summary; {word}* finds words that begin with it"
            )
        }
        (Some(_), None) => format!("No letter has {query}"),
        _ => "No letter matches, even if one part is left out; use fewer words".to_string(),
    })
}

/// What one part of a request being left out would give: "without decision overturned: 3 letters".
#[must_use]
pub fn without(part: &DropOne) -> String {
    let name = match &part.filter {
        Some(filter) => format!("{filter} {}", part.text),
        None => format!("'{}'", part.text),
    };
    format!("without {name}: {}", counted(part.letters, "letter"))
}

/// A number with commas.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// "1 letter", "12,345 letters", "2 entries".
#[must_use]
pub fn counted(n: u64, what: &str) -> String {
    let number = grouped(n);
    match what.strip_suffix('y') {
        _ if n == 1 => format!("{number} {what}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
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
            preferred_decision: Some(PreferredDecision {
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
                "3 of 9 items were overturned; they come first"
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
                "No item requests norco; 1 letter only mentions it",
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
