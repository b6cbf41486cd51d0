//! Letters and hits as text for people.

use crate::corpus::harmless;
use crate::letter::text::flat;
use crate::letter::{Decision, Item, Letter, PriorTreatment, Side};
pub(super) use crate::search::grouped;
use crate::search::{FacetCounts, Fragment, Hit, counted};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Errors.
pub(super) const ERROR_STYLE: Style = AnsiColor::Red.on_default();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const UPHELD: Style = AnsiColor::Red.on_default();
pub(super) const OVERTURNED: Style = AnsiColor::Green.on_default();
const MARK: Style = AnsiColor::Yellow.on_default().bold();

/// "1 letter", "3 letters", "12,345 letters".
#[must_use]
pub(super) fn count(n: usize, what: &str) -> String {
    counted(n as u64, what)
}

pub(super) fn styled(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

fn decision(item: &Item, width: usize) -> String {
    let (word, style) = match item.decision {
        Some(Decision::Upheld) => ("upheld", UPHELD),
        Some(Decision::Overturned) if item.partial => ("in part", OVERTURNED),
        Some(Decision::Overturned) => ("overturned", OVERTURNED),
        None => ("undecided", DIM),
    };
    styled(&format!("{word:width$}"), style)
}

/// How a letter is named: its case number, else its file.
#[must_use]
pub(super) fn name(letter: &Letter, files: &[String]) -> String {
    let file = || {
        let path = files.first().map_or("", String::as_str);
        let path = std::path::Path::new(path);
        path.file_stem().map_or_else(
            || "(no case number)".into(),
            |s| harmless(&s.to_string_lossy()).into_owned(),
        )
    };
    letter.case_number.clone().unwrap_or_else(file)
}

/// At most so many items of a hit are shown.
const MOST_ITEMS: usize = 6;

/// A letter that only mentions what the query asks for, in one line.
pub(super) fn mention(out: &mut dyn Write, hit: &Hit) -> io::Result<()> {
    let date = hit.letter.dates.decision.map(|date| date.to_string());
    let date = date.unwrap_or_else(|| "no date".to_string());
    let item = hit
        .items
        .first()
        .and_then(|at| hit.letter.items.get(at.item));
    let request = item.map_or("", |item| item.request.as_str());
    let name = name(&hit.letter, &hit.files);
    let line = format!("{name}  {date}  {request}");
    let lines = wrap(&line, width().saturating_sub(2));
    writeln!(out, "  {}", lines.first().map_or("", String::as_str))
}

/// A hit: a line for the letter, a line for each matching item, its snippets.
pub(super) fn hit(out: &mut dyn Write, hit: &Hit, width: usize) -> io::Result<()> {
    let letter = &hit.letter;
    let date = letter
        .dates
        .decision
        .map_or_else(|| "no date".to_string(), |d| d.to_string());
    let mut line = format!("{}  {date}", styled(&name(letter, &hit.files), STRONG));
    if let Some(kind) = &letter.document_kind {
        line += &format!("  not a letter: {kind}");
    }
    if !letter.reviewer.specialties.is_empty() {
        line += &format!("  {}", letter.reviewer.specialties.join(", "));
    }
    for (n, line) in wrap(&line, width.saturating_sub(2)).iter().enumerate() {
        writeln!(out, "{}{line}", if n == 0 { "" } else { "  " })?;
    }
    for at in hit.items.iter().take(MOST_ITEMS) {
        let Some(item) = letter.items.get(at.item) else {
            continue;
        };
        let fragment = hit
            .snippets
            .iter()
            .find(|f| f.field == "request" && f.item == Some(at.item));
        let request = fragment.map_or_else(|| item.request.clone(), marked);
        for (n, line) in wrap(&request, width.saturating_sub(13)).iter().enumerate() {
            let label = if n == 0 {
                decision(item, 10)
            } else {
                " ".repeat(10)
            };
            writeln!(out, "  {label} {line}")?;
        }
    }
    let hidden = hit.items.len().saturating_sub(MOST_ITEMS);
    if hidden > 0 {
        writeln!(
            out,
            "  {}",
            styled(&format!("and {hidden} more matching items"), DIM)
        )?;
    }
    for fragment in hit.snippets.iter().filter(|f| f.field != "request") {
        for line in wrap(&marked(fragment), width.saturating_sub(4)) {
            writeln!(out, "    {line}")?;
        }
    }
    if let Some(file) = hit.files.first() {
        let more = if hit.files.len() > 1 {
            format!(" and {} more", hit.files.len() - 1)
        } else {
            String::new()
        };
        writeln!(
            out,
            "    {}",
            styled(&format!("{}{more}", harmless(file)), DIM)
        )?;
    }
    for line in hit
        .explanation
        .iter()
        .flat_map(|line| wrap(line, width.saturating_sub(4)))
    {
        writeln!(out, "    {}", styled(&line, DIM))?;
    }
    Ok(())
}

/// A fragment with its marks in colour.
fn marked(fragment: &Fragment) -> String {
    let mut out = String::new();
    let mut at = 0;
    for mark in &fragment.marks {
        out.push_str(&fragment.text[at..mark.start]);
        // Word by word, so that a line may break between them.
        for (n, word) in fragment.text[mark.clone()].split(' ').enumerate() {
            if n > 0 {
                out.push(' ');
            }
            out += &styled(word, MARK);
        }
        at = mark.end;
    }
    out.push_str(&fragment.text[at..]);
    out
}

/// Lines of at most so many columns; escapes for colour take none.
#[must_use]
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(20);
    let mut lines = vec![String::new()];
    let mut column = 0;
    for word in text.split(' ') {
        let len = columns(word);
        if column > 0 && column + 1 + len > width {
            lines.push(String::new());
            column = 0;
        }
        let line = lines.last_mut().expect("there is a line");
        if column > 0 {
            line.push(' ');
            column += 1;
        }
        line.push_str(word);
        column += len;
    }
    lines
}

fn columns(word: &str) -> usize {
    anstream::adapter::strip_str(word)
        .to_string()
        .chars()
        .count()
}

pub(super) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width.max(20) {
        return text.to_string();
    }
    let cut: String = text.chars().take(width.max(20) - 1).collect();
    format!("{cut}\u{2026}")
}

/// Counts of a facet: a table with small bars.
pub(super) fn facet(out: &mut dyn Write, counts: &FacetCounts) -> io::Result<()> {
    let head = styled(&counts.facet, STRONG);
    writeln!(out, "{head}{}", styled(": letters (items)", DIM))?;
    if counts.values.is_empty() {
        return writeln!(out, "  {}", styled("none", DIM));
    }
    let name = counts.facet.split('/').next().unwrap_or_default();
    let shown = counts.values.iter();
    let shown: Vec<String> = shown
        .map(|value| crate::fields::listed_value(name, &value.value))
        .collect();
    let widest = shown
        .iter()
        .map(|value| value.chars().count())
        .max()
        .unwrap_or(0)
        .min(LONGEST_VALUE.min(width().saturating_sub(42)));
    let most = counts
        .values
        .iter()
        .map(|v| v.letters)
        .max()
        .unwrap_or(1)
        .max(1);
    for (value, shown) in counts.values.iter().zip(&shown) {
        let bar = "\u{2588}".repeat(((value.letters * 20).div_ceil(most)) as usize);
        writeln!(
            out,
            "  {:widest$}  {:>7} {:>8}  {}",
            clip(shown, widest),
            grouped(value.letters),
            format!("({})", grouped(value.items)),
            styled(&bar, DIM)
        )?;
    }
    if counts.more > 0 {
        writeln!(
            out,
            "  {}",
            styled(&format!("and {} more values", counts.more), DIM)
        )?;
    }
    Ok(())
}

/// Characters of the longest value of a list.
const LONGEST_VALUE: usize = 64;

/// A whole letter: header, reviewer, items with decisions and citations, then its text.
pub(super) fn letter(
    out: &mut dyn Write,
    letter: &Letter,
    files: &[String],
    width: usize,
    with_text: bool,
) -> io::Result<()> {
    let width = width.min(100);
    writeln!(out, "{}", styled(&name(letter, files), STRONG))?;
    let mut row = |label: &str, value: String| -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        for (n, line) in wrap(&value, width.saturating_sub(20)).iter().enumerate() {
            let label = if n == 0 {
                format!("{label}:")
            } else {
                String::new()
            };
            writeln!(out, "  {label:17} {line}")?;
        }
        Ok(())
    };
    let date = |d: Option<crate::letter::LetterDate>| d.map_or_else(String::new, |d| d.to_string());
    row("Decided", date(letter.dates.decision))?;
    row("Injured", date(letter.dates.injury))?;
    row("Denied", date(letter.dates.ur_denial))?;
    row("Received", date(letter.dates.received))?;
    row("Assigned", date(letter.dates.assigned))?;
    let worker = [
        letter.patient.age.map(|age| format!("{age} years")),
        letter.patient.sex.map(|sex| sex.name().to_string()),
    ];
    row(
        "Worker",
        worker.into_iter().flatten().collect::<Vec<_>>().join(", "),
    )?;
    let diagnoses = letter.diagnoses.iter().map(|d| d.name.as_str());
    row("Diagnoses", diagnoses.collect::<Vec<_>>().join(", "))?;
    let treatments = letter.prior_treatments.iter().map(prior_treatment);
    row("Prior treatment", treatments.collect::<Vec<_>>().join(", "))?;
    row("Reviewer", letter.reviewer.specialties.join(", "))?;
    row("Licensed in", letter.reviewer.licensure.join(", "))?;
    row(
        "Outcome",
        letter
            .outcome()
            .map_or_else(String::new, |o| o.name().to_string()),
    )?;
    row(
        "Layout",
        match (&letter.document_kind, letter.layout) {
            (Some(kind), _) => format!("none: not a letter but {kind}"),
            (None, Some(layout)) if letter.is_recognized() => layout.name().to_string(),
            _ => "unrecognized".to_string(),
        },
    )?;
    row("File", harmless(&files.join(", ")).into_owned())?;
    for warning in &letter.warnings {
        row(
            "Warning",
            format!("{}: {}", warning.kind.name(), warning.detail),
        )?;
    }
    for (n, item) in letter.items.iter().enumerate() {
        writeln!(out)?;
        let head = format!("{}. {}", n + 1, item.request);
        for (n, line) in wrap(&head, width.saturating_sub(4)).iter().enumerate() {
            writeln!(
                out,
                "{}{}",
                if n == 0 { "" } else { "   " },
                styled(line, STRONG)
            )?;
        }
        writeln!(out, "   {}", decision(item, 0))?;
        if let Some(original) = &item.original_request {
            indented(out, &format!("original request: {original}"), width)?;
        }
        if let Some(authorized) = &item.authorized {
            indented(out, &format!("authorized: {authorized}"), width)?;
        }
        let services = item.services.join(", ");
        let reasons = item.reasons.iter().map(|reason| reason.path().join(" "));
        let sentences = item
            .reason_sentences
            .iter()
            .map(|range| flat(letter.passage(range)));
        for (label, value) in [
            ("service", services),
            ("reasons", reasons.collect::<Vec<_>>().join("; ")),
            ("key sentence", sentences.collect::<Vec<_>>().join(" ")),
        ] {
            let line = format!("{label}: {value}");
            for line in wrap(&line, width.saturating_sub(4))
                .iter()
                .filter(|_| !value.is_empty())
            {
                writeln!(out, "   {line}")?;
            }
        }
        side(out, "administrator", &item.claims_administrator, width)?;
        side(out, "reviewer", &item.reviewer, width)?;
        for paragraph in letter.passage(&item.rationale).split("\n\n") {
            writeln!(out)?;
            for line in wrap(&flat(paragraph), width.saturating_sub(4)) {
                writeln!(out, "   {line}")?;
            }
        }
    }
    if with_text {
        writeln!(out, "\n{}\n", styled("Text", STRONG))?;
        writeln!(out, "{}", letter.text)?;
    }
    Ok(())
}

/// "physical therapy (12 visits, helped)"
fn prior_treatment(treatment: &PriorTreatment) -> String {
    let visits = treatment
        .visits
        .map(|visits| count(visits as usize, "visit"));
    let outcome = treatment.outcome.map(|outcome| outcome.name().to_string());
    let details: Vec<String> = visits.into_iter().chain(outcome).collect();
    if details.is_empty() {
        return treatment.service.clone();
    }
    format!("{} ({})", treatment.service, details.join(", "))
}

fn side(out: &mut dyn Write, who: &str, side: &Side, width: usize) -> io::Result<()> {
    if side.citations.is_empty() {
        return Ok(());
    }
    let cited: Vec<String> = side
        .citations
        .iter()
        .map(|c| {
            let mut text = c.source.clone();
            if !c.printed.is_empty() {
                text += &format!(" {}", c.printed);
            }
            if !c.sections.is_empty() {
                text += &format!(", {}", c.sections);
            }
            if !c.pages.is_empty() {
                text += &format!(", p. {}", crate::letter::page_ranges(&c.pages));
            }
            text
        })
        .collect();
    for line in wrap(
        &format!("cited by {who}: {}", cited.join("; ")),
        width.saturating_sub(4),
    ) {
        writeln!(out, "   {}", styled(&line, DIM))?;
    }
    Ok(())
}

/// A message as standard error shows it: in lines of the terminal's width, where it is one.
pub(super) fn for_errors(message: &str) -> String {
    if !io::IsTerminal::is_terminal(&io::stderr()) {
        return message.to_string();
    }
    let lines = message.lines().flat_map(|line| match line.chars().count() {
        long if long > width() => wrap(line, width()),
        _ => vec![line.to_string()],
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A text below an item, in lines of a width.
fn indented(out: &mut dyn Write, text: &str, width: usize) -> io::Result<()> {
    for line in wrap(text, width.saturating_sub(3)) {
        writeln!(out, "   {line}")?;
    }
    Ok(())
}

/// The terminal's width, else what COLUMNS says, else that of a page.
#[must_use]
pub(super) fn width() -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(said).unwrap_or(96).clamp(40, 140)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_pages() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(count(1, "letter"), "1 letter");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            wrap("one two three four five six", 20),
            ["one two three four", "five six"]
        );
    }
}
