//! How such requests as a brief is about were decided, whatever decision it asks for, and the reasons
//! that reviewers gave each way. No rate stands without its counts and its interval.

use crate::letter::Sign;
use crate::search::{Backend, Request, SearchError, counted};
use crate::stats::{self, Example, Point, PointCount};

/// Reasons that are listed of each side.
const REASONS: usize = 4;

/// How such requests were decided.
#[derive(Debug)]
pub(super) struct Decided {
    /// "1 of 36 such requests was overturned, 3%, 95% interval 0 to 14%."
    pub odds: String,
    /// The reasons where the denial was overturned, then where it was upheld.
    pub sides: Vec<Side>,
}

/// The reasons of one side.
#[derive(Debug)]
pub(super) struct Side {
    /// "Where the denial was overturned (1 item), reviewers gave these reasons:"
    pub heading: String,
    /// The reasons, the most frequent first.
    pub reasons: Vec<Reason>,
}

/// A reason, how often it decided, and a sentence that says so.
#[derive(Debug)]
pub(super) struct Reason {
    /// "conservative care (tried and failed): 3 of 5 items"
    pub text: String,
    /// A reviewer's sentence, and the letter that it is from.
    pub example: Option<(String, String)>,
}

/// How such requests were decided; None where none was.
///
/// # Errors
/// If the request cannot be understood, or the index is damaged.
pub(super) fn of(engine: &dyn Backend, request: &Request) -> Result<Option<Decided>, SearchError> {
    let request = request.whatever_was_decided();
    let all = engine.tally(&request, &[])?.all;
    if all.decided() == 0 {
        return Ok(None);
    }
    let checklist = stats::checklist(engine, &request)?;
    let upheld = checklist.items - checklist.overturned;
    let sides = [
        (Sign::For, "overturned", checklist.overturned),
        (Sign::Against, "upheld", upheld),
    ];
    let read = if checklist.every > 1 {
        format!(" Reasons come from one in {} letters.", checklist.every)
    } else {
        String::new()
    };
    let sides = sides.map(|(sign, decision, items)| side(&checklist.points, sign, decision, items));
    Ok(Some(Decided {
        odds: format!("{}.{read}", stats::odds(&all)),
        sides: sides
            .into_iter()
            .filter(|side| !side.reasons.is_empty())
            .collect(),
    }))
}

fn side(points: &[Point], sign: Sign, decision: &str, items: u64) -> Side {
    let of = |point: &Point| -> (PointCount, String, Option<Example>) {
        let (count, said, example) = match sign {
            Sign::For => (point.met, &point.when_met, &point.met_example),
            Sign::Against => (point.not_met, &point.when_not_met, &point.not_met_example),
        };
        (count, format!("{} ({said})", point.theme), example.clone())
    };
    let mut reasons: Vec<_> = points.iter().map(of).collect();
    reasons.retain(|(count, _, _)| count.items > 0);
    reasons.sort_by_key(|(count, _, _)| std::cmp::Reverse(count.items));
    let reasons = reasons
        .into_iter()
        .take(REASONS)
        .map(|(count, name, example)| Reason {
            text: format!("{name}: {} of {}", count.items, counted(items, "item")),
            example: example.map(|example| (example.sentence, example.letter)),
        });
    Side {
        heading: format!(
            "Where the denial was {decision} ({}), reviewers gave these reasons:",
            counted(items, "item")
        ),
        reasons: reasons.collect(),
    }
}
