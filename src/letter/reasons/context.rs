//! What kind of sentence it is, and what the words around a finding do to it: the reader's part of
//! NegEx and ConText (trigger, scope, direction, termination), over `contexts.tsv`.

use crate::vocabulary::{PatternMatch, Row, Table};
use std::sync::LazyLock;

/// What a trigger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What follows (or precedes) is missing or untrue.
    Negates,
    /// A negation reaches no farther.
    Ends,
    /// Looks like a negation and is none.
    Neutral,
    /// What follows is only supposed.
    Supposed,
    /// The sentence quotes a guideline.
    Recital,
    /// The sentence speaks of this case.
    Case,
    /// The sentence applies what was said, or concludes.
    Applies,
    /// The sentence tells the history.
    History,
    /// The sentence reports another's decision.
    Denial,
    /// A standard notice.
    Notice,
}

/// Where a trigger acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    After,
    Before,
    Sentence,
    Start,
}

/// A row of `contexts.tsv`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trigger {
    pub pattern: &'static str,
    kind: Kind,
    direction: Direction,
    weight: u32,
}

/// The rows of `contexts.tsv`: triggers, and filler words.
pub(super) struct Contexts {
    pub fillers: Vec<&'static str>,
    pub triggers: Vec<Trigger>,
}

static CONTEXTS: LazyLock<Contexts> = LazyLock::new(|| {
    let text = include_str!("../../../index-schema/contexts.tsv");
    let table = Table::read("contexts.tsv", text);
    let (mut fillers, mut triggers) = (Vec::new(), Vec::new());
    for row in table.rows() {
        match row.get("kind") {
            "filler" => fillers.push(row.get("pattern")),
            kind => triggers.push(trigger(kind, row)),
        }
    }
    Contexts { fillers, triggers }
});

fn trigger(kind: &str, row: Row<'_>) -> Trigger {
    let pattern = row.get("pattern");
    let kind = match kind {
        "negates" => Kind::Negates,
        "ends" => Kind::Ends,
        "neutral" => Kind::Neutral,
        "supposed" => Kind::Supposed,
        "recital" => Kind::Recital,
        "case" => Kind::Case,
        "applies" => Kind::Applies,
        "history" => Kind::History,
        "denial" => Kind::Denial,
        "notice" => Kind::Notice,
        _ => panic!("contexts.tsv: unknown kind {kind}: {pattern}"),
    };
    let direction = match row.get("direction") {
        "after" => Direction::After,
        "before" => Direction::Before,
        "start" => Direction::Start,
        _ => Direction::Sentence,
    };
    Trigger {
        pattern,
        kind,
        direction,
        weight: row.get("weight").parse().unwrap_or(0),
    }
}

impl Contexts {
    /// The table, loaded once.
    pub(super) fn get() -> &'static Contexts {
        &CONTEXTS
    }
}

/// What a sentence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What a guideline says.
    Recital,
    /// What is so in this case, or the conclusion from it.
    Application,
    /// Another's decision, or a standard notice.
    Other,
}

/// A trigger in a sentence.
pub(super) type TriggerMatch = (PatternMatch, &'static Trigger);

/// The triggers of one sentence.
pub(super) struct Context<'m> {
    matches: &'m [TriggerMatch],
    /// What the sentence is.
    pub class: Class,
    /// It applies or concludes.
    pub concludes: bool,
    /// It tells the history.
    pub history: bool,
    /// It is a standard notice.
    pub notice: bool,
}

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// It cites a paper.
    pub cites: bool,
    /// What the sentence before it is.
    pub before: Option<Class>,
    /// The rationale has few words.
    pub terse: bool,
}

/// A negation reaches back so many words.
const BACK: usize = 12;
/// From this weight on, a sentence applies what was said whatever else it is.
const SURELY: u32 = 4;

impl Context<'_> {
    /// Of the triggers in a sentence, given where it stands.
    pub(super) fn of(matches: &[TriggerMatch], surroundings: Surroundings) -> Context<'_> {
        let Surroundings { cites, before, .. } = surroundings;
        let (mut recital, mut case, mut applies) = (0, 0, 0);
        let (mut denial, mut notice, mut history) = (false, false, false);
        for (m, trigger) in matches {
            match trigger.kind {
                Kind::Recital => recital += trigger.weight,
                Kind::Case => case += trigger.weight,
                Kind::Applies if trigger.direction != Direction::Start || m.start == 0 => {
                    applies = trigger.weight.max(applies);
                }
                Kind::Denial => denial = true,
                Kind::Notice if trigger.direction != Direction::Start || m.start == 0 => {
                    notice = true;
                }
                Kind::History => history = true,
                _ => {}
            }
        }
        let recital = recital.min(8) + if cites { 3 } else { 0 };
        let case = case.min(8);
        let follows_recital = before == Some(Class::Recital);
        let class = if notice || denial {
            Class::Other
        } else if applies >= SURELY
            || (applies > 0 && (applies >= recital || case >= 2))
            || (case > recital && !(follows_recital && case < 2))
        {
            Class::Application
        } else if recital > u32::from(surroundings.terse) {
            Class::Recital
        } else {
            before.unwrap_or(Class::Application)
        };
        Context {
            class,
            concludes: applies > 0,
            history,
            notice,
            matches,
        }
    }

    /// Whether the sentence says what is so in this case, without concluding and without telling the
    /// history.
    pub(super) fn tells_the_case(&self) -> bool {
        self.class == Class::Application && !self.concludes && !self.history
    }

    fn of_kind(&self, kind: Kind, direction: Direction) -> impl Iterator<Item = PatternMatch> {
        self.matches
            .iter()
            .filter(move |(_, t)| t.kind == kind && t.direction == direction)
            .map(|(m, _)| *m)
    }

    /// Whether a trigger's reach ends somewhere between two words.
    fn ends_between(&self, from: usize, to: usize) -> bool {
        self.matches
            .iter()
            .any(|(m, t)| t.kind == Kind::Ends && from <= m.start && m.start < to)
    }

    /// As [`Self::ends_between`]; a finding that itself begins with such a word is not reached.
    fn ends_before(&self, from: usize, finding: usize) -> bool {
        self.matches
            .iter()
            .any(|(m, t)| t.kind == Kind::Ends && (from..=finding).contains(&m.start))
    }

    fn is_neutral(&self, trigger: PatternMatch) -> bool {
        self.matches
            .iter()
            .any(|(m, t)| t.kind == Kind::Neutral && trigger.start < m.end && trigger.end > m.start)
    }

    /// Whether a finding is negated: a trigger before it reaches it, one behind it reaches back, or
    /// one is around it ("not clearly documented"). One before it reaches so many words.
    pub(super) fn negates(&self, finding: PatternMatch, reach: usize) -> bool {
        let forward = self.of_kind(Kind::Negates, Direction::After).any(|m| {
            m.end <= finding.start
                && finding.start - m.end <= reach
                && !self.is_neutral(m)
                && !self.ends_before(m.end, finding.start)
        });
        let backward = || {
            self.of_kind(Kind::Negates, Direction::Before).any(|m| {
                let behind = (finding.end..=finding.end + BACK).contains(&m.start)
                    && !self.ends_between(finding.end, m.start);
                let around = m.start < finding.start && finding.end < m.end;
                (behind || around) && !self.is_neutral(m)
            })
        };
        forward || backward()
    }

    /// Whether a trigger stands within a finding, in a gap of its pattern ("exercise has not been
    /// tried").
    pub(super) fn negates_within(&self, finding: PatternMatch) -> bool {
        self.of_kind(Kind::Negates, Direction::After)
            .any(|m| finding.start < m.start && m.end <= finding.end && !self.is_neutral(m))
    }

    /// Whether a finding is only supposed.
    pub(super) fn supposes(&self, finding: PatternMatch) -> bool {
        self.of_kind(Kind::Supposed, Direction::After)
            .any(|m| m.end <= finding.start && !self.ends_before(m.end, finding.start))
    }
}
