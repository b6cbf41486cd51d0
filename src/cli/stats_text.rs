//! Reports as tables for people.

use super::counted::{asked, search_command};
use super::render::{self, DIM, OVERTURNED, STRONG, UPHELD, clip, grouped, styled, wrap};
use crate::search::{Request, Understood};
use crate::stats::formats::{cell, interval, none, rate};
use crate::stats::{Comparison, Figures, Reason, Reasons, Report, Side};
use std::io::{self, Write};
use std::path::Path;

/// A name is shown in full up to so many columns.
const NAME: usize = 48;
/// In a cross table.
const ROW_NAME: usize = 30;
/// A column of a cross table.
const CELL: usize = 14;
/// What stands beside a phrase: its figures, and the letter that is an example.
const PHRASE_NUMBERS: usize = 47;
/// A bar, at most.
const BAR: usize = 20;

/// How many values of a second facet stand side by side.
#[must_use]
pub(super) fn columns_in(width: usize) -> usize {
    // Beside them: the name, all, and the rest.
    (width.saturating_sub(ROW_NAME) / CELL)
        .saturating_sub(2)
        .clamp(1, 8)
}

/// A report: the totals, then its table. What is counted beside items is called `unit`.
pub(super) fn report(
    out: &mut dyn Write,
    report: &Report,
    unit: &str,
    width: usize,
) -> io::Result<()> {
    totals(out, &report.all, unit)?;
    understood(out, &report.understood, width)?;
    if report.row_name().is_empty() || report.all.letters == 0 {
        return Ok(());
    }
    writeln!(out)?;
    if report.column_name().is_empty() {
        table(out, report, unit, width)?;
    } else {
        cross(out, report)?;
    }
    for (several, name) in [
        (report.several, report.row_name()),
        (report.several_columns, report.column_name()),
    ] {
        if several {
            let note = format!("An item with several values of {name} is counted under each.");
            writeln!(out, "{}", styled(&note, DIM))?;
        }
    }
    Ok(())
}

fn totals(out: &mut dyn Write, all: &Figures, unit: &str) -> io::Result<()> {
    let part = if all.partial > 0 {
        format!(" ({} in part)", grouped(all.partial))
    } else {
        String::new()
    };
    let undecided = if all.undecided > 0 {
        format!(", {} without a decision", grouped(all.undecided))
    } else {
        String::new()
    };
    writeln!(
        out,
        "{}, {}: {} upheld, {} overturned{part}{undecided}",
        render::count(all.letters as usize, unit),
        render::count(all.items as usize, "item"),
        grouped(all.upheld),
        grouped(all.overturned)
    )?;
    if all.rate.is_some() {
        writeln!(
            out,
            "overturn rate {} (95% interval {})",
            styled(&rate(all), STRONG),
            interval(all)
        )?;
    }
    Ok(())
}

fn understood(out: &mut dyn Write, understood: &Understood, width: usize) -> io::Result<()> {
    for line in understood
        .sentences()
        .iter()
        .flat_map(|line| wrap(line, width))
    {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// One line of a table.
struct Line {
    name: String,
    figures: Figures,
    cells: Vec<Figures>,
    /// It stands for no value.
    aside: bool,
}

fn lines(report: &Report) -> Vec<Line> {
    let line = |name: String, figures: Figures, cells: &[Figures], aside: bool| Line {
        name,
        figures,
        cells: cells.to_vec(),
        aside,
    };
    let mut lines: Vec<Line> = report
        .rows
        .iter()
        .map(|row| line(row.value.clone(), row.figures, &row.cells, false))
        .collect();
    if let Some(rest) = &report.rest {
        let name = match (rest.values, report.min) {
            (1, _) => "1 other".to_string(),
            (n, _) => format!("{} others", grouped(n as u64)),
        };
        lines.push(line(name, rest.figures, &rest.cells, true));
    }
    if report.without.letters > 0 {
        lines.push(line(none(report), report.without, &[], true));
    }
    lines
}

/// One facet, or a series.
fn table(out: &mut dyn Write, report: &Report, unit: &str, width: usize) -> io::Result<()> {
    let lines = lines(report);
    let undecided = lines.iter().any(|line| line.figures.undecided > 0);
    // The columns after the name, with what parts them.
    let numbers = if undecided { 60 } else { 49 } + unit.len().saturating_sub(6);
    let name = lines
        .iter()
        .map(|line| line.name.chars().count())
        .chain([report.row_name().len()])
        .max()
        .unwrap_or(0)
        .min(NAME)
        .min(width.saturating_sub(numbers).max(20));
    let bar = width.saturating_sub(name + numbers + 2).min(BAR);
    let scale = scale(lines.iter().map(|line| &line.figures));
    let counts = unit.len() + 1;
    let head = format!(
        "{:name$}  {:>5}  {:>10}  {:>10}  {:>7}{}  {:>counts$}",
        report.row_name(),
        "rate",
        "95%",
        "overturned",
        "upheld",
        if undecided { "  undecided" } else { "" },
        format!("{unit}s")
    );
    writeln!(out, "{}", styled(&head, STRONG))?;
    for line in &lines {
        let figures = &line.figures;
        let between = if undecided {
            format!("  {:>9}", grouped(figures.undecided))
        } else {
            String::new()
        };
        let text = format!(
            "{:name$}  {:>5}  {:>10}  {:>10}  {:>7}{between}  {:>counts$}",
            clip_middle(&line.name, name),
            rate(figures),
            interval(figures),
            grouped(figures.overturned),
            grouped(figures.upheld),
            grouped(figures.letters)
        );
        let text = if line.aside { styled(&text, DIM) } else { text };
        let drawn = if bar >= 8 {
            shaded(figures, bar, scale)
        } else {
            String::new()
        };
        match drawn.as_str() {
            "" => writeln!(out, "{text}")?,
            drawn => writeln!(out, "{text}  {}", styled(drawn, DIM))?,
        }
    }
    if bar >= 8 && lines.iter().any(|line| line.figures.rate.is_some()) {
        let legend = format!(
            "bars, of {:.0}%: \u{2588} to the interval's lower end, \u{2593} to the rate, \u{2591} to \
             the upper end",
            scale * 100.0
        );
        writeln!(out, "{}", styled(&legend, DIM))?;
    }
    Ok(())
}

/// The share at which bars are full: a round one that holds all intervals.
fn scale<'f>(figures: impl Iterator<Item = &'f Figures>) -> f64 {
    let most = figures.filter_map(|f| f.high).fold(0.0, f64::max);
    let round = [0.1, 0.2, 0.25, 0.5, 0.75];
    round.into_iter().find(|full| most <= *full).unwrap_or(1.0)
}

/// A rate and its interval as a bar of at most so many columns, which are `full` together.
fn shaded(figures: &Figures, width: usize, full: f64) -> String {
    let (Some(low), Some(rate), Some(high)) = (figures.low, figures.rate, figures.high) else {
        return String::new();
    };
    let at = |share: f64| (share / full * width as f64).round() as usize;
    let (low, rate, high) = (at(low), at(rate), at(high));
    format!(
        "{}{}{}",
        "\u{2588}".repeat(low),
        "\u{2593}".repeat(rate - low),
        "\u{2591}".repeat(high - rate)
    )
}

/// Two facets, or a series over a facet: the rate and the items with a decision.
fn cross(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let lines = lines(report);
    let name = lines
        .iter()
        .map(|line| line.name.chars().count())
        .chain([report.row_name().len()])
        .max()
        .unwrap_or(0)
        .min(ROW_NAME);
    let mut heads: Vec<String> = vec!["all".to_string()];
    heads.extend(report.columns.iter().map(|c| c.value.clone()));
    if let Some(rest) = &report.rest_columns {
        heads.push(format!("{} others", rest.values));
    }
    // A heading of several words takes several lines.
    let folded: Vec<Vec<String>> = heads.iter().map(|h| fold(h, CELL - 2)).collect();
    let deep = folded.iter().map(Vec::len).max().unwrap_or(1);
    for at in 0..deep {
        let label = if at + 1 == deep {
            report.row_name()
        } else {
            ""
        };
        let mut text = format!("{label:name$}");
        for head in &folded {
            let line = (at + head.len())
                .checked_sub(deep)
                .and_then(|n| head.get(n));
            text += &format!("{:>CELL$}", line.map_or("", String::as_str));
        }
        writeln!(out, "{}", styled(text.trim_end(), STRONG))?;
    }
    let row = |title: &str, figures: &Figures, cells: &[Figures]| {
        let mut text = format!("{:name$}", clip_middle(title, name));
        for figures in std::iter::once(figures).chain(cells) {
            text += &format!("{:>CELL$}", cell(figures));
        }
        text
    };
    for line in &lines {
        let text = row(&line.name, &line.figures, &line.cells);
        writeln!(
            out,
            "{}",
            if line.aside { styled(&text, DIM) } else { text }
        )?;
    }
    let mut all: Vec<Figures> = report.columns.iter().map(|c| c.figures).collect();
    all.extend(report.rest_columns.as_ref().map(|rest| rest.figures));
    writeln!(out, "{}", styled(&row("all", &report.all, &all), STRONG))?;
    let facet = report.column_name();
    let missing = report.without_column.items;
    if missing > 0 {
        let note = format!(
            "{} have no {facet}",
            render::count(missing as usize, "item")
        );
        writeln!(out, "{}", styled(&note, DIM))?;
    }
    let note = "Each cell: overturn rate, and number of decided items.";
    writeln!(out, "{}", styled(note, DIM))
}

/// Words in lines of at most so many columns; a longer word is cut.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.replace('/', "/ ").split_whitespace() {
        let word = clip_middle(word, width);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A name of at most so many columns. The end of a path says most and stays whole where it can, after as
/// much of the beginning as there is room for: "functional improvem…/not shown".
fn clip_middle(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    let (head, tail) = text.rsplit_once('/').unwrap_or((text, ""));
    let length = tail.chars().count();
    let cut = |text: &str, room: usize| {
        let cut: String = text.chars().take(room).collect();
        format!("{cut}\u{2026}")
    };
    if tail.is_empty() || length > width {
        cut(text, width.saturating_sub(1))
    } else if length + 8 < width {
        format!("{}/{tail}", cut(head, width - length - 2))
    } else {
        tail.to_string()
    }
}

/// Phrases that set the rationales apart.
pub(super) fn reasons(out: &mut dyn Write, reasons: &Reasons, width: usize) -> io::Result<()> {
    let sample = &reasons.sample;
    writeln!(
        out,
        "{}: {} overturned and {} upheld rationales",
        render::count(sample.letters as usize, "letter"),
        grouped(sample.overturned),
        grouped(sample.upheld)
    )?;
    if sample.every > 1 {
        writeln!(
            out,
            "imr read one in {} letters, {} in total",
            sample.every,
            grouped(sample.read)
        )?;
    }
    if sample.missed > 0 {
        let note = format!(
            "there are too many phrases to keep: those in {0} or fewer rationales may be missing, and \
             counts may be too low by up to {0}",
            sample.missed
        );
        for line in wrap(&note, width) {
            writeln!(out, "{line}")?;
        }
    }
    understood(out, &reasons.understood, width)?;
    match reasons.caution.as_deref() {
        Some("too few") => {
            return writeln!(
                out,
                "Too few to compare: at least {} rationales on each side are needed.",
                crate::stats::TOO_FEW
            );
        }
        Some(_) => {
            let caution = format!(
                "Small sample: with fewer than {} on each side, treat these phrases as hints and read the letters.",
                crate::stats::FEW
            );
            for line in render::wrap(&caution, render::width()) {
                writeln!(out, "{line}")?;
            }
        }
        None => {}
    }
    for (side, style, list) in [
        ("overturned", OVERTURNED, &reasons.overturned),
        ("upheld", UPHELD, &reasons.upheld),
    ] {
        writeln!(out)?;
        side_of_reasons(out, side, style, list, width)?;
    }
    let note = format!(
        "z: log-odds ratio with an informative prior, in standard errors; * marks a z beyond {:.1}, more \
         than chance alone gives the most extreme of {}",
        reasons.threshold,
        render::count(sample.phrases, "phrase")
    );
    for line in wrap(&note, width) {
        writeln!(out, "{}", styled(&line, DIM))?;
    }
    Ok(())
}

fn side_of_reasons(
    out: &mut dyn Write,
    side: &str,
    style: anstyle::Style,
    list: &[Reason],
    width: usize,
) -> io::Result<()> {
    let name = list
        .iter()
        .map(|reason| reason.phrase.chars().count())
        .chain([12])
        .max()
        .unwrap_or(0)
        .min(NAME)
        .min(width.saturating_sub(PHRASE_NUMBERS).max(20));
    writeln!(
        out,
        "{}{}",
        styled(&format!("{side:name$}"), style),
        styled("      z   overturned   upheld   for example", STRONG)
    )?;
    if list.is_empty() {
        return writeln!(out, "{}", styled("no distinctive phrase", DIM));
    }
    for reason in list {
        writeln!(
            out,
            "{:name$}  {:>5.1}{}  {:>10}  {:>7}   {}",
            clip(&reason.phrase, name),
            reason.z,
            if reason.stands_out { '*' } else { ' ' },
            grouped(reason.overturned),
            grouped(reason.upheld),
            reason.example
        )?;
    }
    Ok(())
}

/// Two rates side by side.
pub(super) fn comparison(
    out: &mut dyn Write,
    compared: &Comparison,
    requests: [&Request; 2],
    index: &Path,
    width: usize,
) -> io::Result<()> {
    let sides = [("A", &compared.a), ("B", &compared.b)];
    for ((name, side), request) in sides.iter().zip(requests) {
        let asked = asked(&request.query, &request.filters);
        for line in wrap(&format!("{name}: {asked}"), width) {
            writeln!(out, "{}", styled(&line, STRONG))?;
        }
        understood(out, &side.understood, width)?;
    }
    writeln!(out)?;
    let line = |label: &str, of: &dyn Fn(&Figures) -> String| {
        let [a, b] = [&compared.a.figures, &compared.b.figures].map(of);
        format!("{label:16}{a:>12}{b:>12}")
    };
    writeln!(
        out,
        "{}",
        styled(&format!("{:16}{:>12}{:>12}", "", "A", "B"), STRONG)
    )?;
    for (label, pick) in [
        ("letters", (|f| f.letters) as fn(&Figures) -> u64),
        ("items decided", |f| f.decided()),
        ("upheld", |f| f.upheld),
        ("overturned", |f| f.overturned),
        ("  in part", |f| f.partial),
        ("undecided", |f| f.undecided),
    ] {
        writeln!(out, "{}", line(label, &|f| grouped(pick(f))))?;
    }
    writeln!(out, "{}", line("overturn rate", &rate))?;
    writeln!(out, "{}", line("95% interval", &interval))?;
    writeln!(out)?;
    for text in wrap(&difference(compared), width) {
        writeln!(out, "{text}")?;
    }
    if compared.shared_items > 0 {
        let note = format!(
            "{} of {} are on both sides: the interval assumes independent sides, so it is only \
             approximate.",
            render::count(compared.shared_items as usize, "item"),
            render::count(compared.shared_letters as usize, "letter")
        );
        for text in wrap(&note, width) {
            writeln!(out, "{text}")?;
        }
    }
    for ((name, side), request) in sides.iter().zip(requests) {
        letters(out, name, side, &search_command(request, index), width)?;
    }
    Ok(())
}

fn difference(compared: &Comparison) -> String {
    let Some(difference) = &compared.difference else {
        return "No difference can be calculated: one side has no decided item.".to_string();
    };
    let points = |share: f64| format!("{:+.0}", share * 100.0);
    let meaning = if difference.holds_zero() {
        "The interval includes zero: these letters do not show a difference."
    } else if difference.difference > 0.0 {
        "A is overturned more often."
    } else {
        "B is overturned more often."
    };
    format!(
        "A minus B: {} percentage points (95% interval {} to {}). {meaning}",
        points(difference.difference),
        points(difference.low),
        points(difference.high)
    )
}

fn letters(
    out: &mut dyn Write,
    name: &str,
    side: &Side,
    command: &str,
    width: usize,
) -> io::Result<()> {
    if side.letters.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let more = side
        .figures
        .letters
        .saturating_sub(side.letters.len() as u64);
    let tail = match more {
        0 => String::new(),
        n => format!(" and {} more", grouped(n)),
    };
    let text = format!("{name}: {}{tail}", side.letters.join(", "));
    for line in wrap(&text, width) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "   {}", styled(command, DIM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_too_long_keeps_its_end() {
        let shown = clip_middle("functional improvement/not shown", 30);
        assert_eq!(shown, "functional improvem\u{2026}/not shown");
        let drug = "opioid analgesic/acetaminophen-hydrocodone";
        assert_eq!(clip_middle(drug, 30), "acetaminophen-hydrocodone");
        assert_eq!(clip_middle("imaging/MRI", 30), "imaging/MRI");
        let page = clip_middle("MTUS/Chronic Pain Medical Treatment Guidelines/78", 30);
        assert!(page.ends_with("\u{2026}/78"), "{page}");
        assert!([shown, page].iter().all(|text| text.chars().count() == 30));
    }
    use crate::search::Decisions;

    #[test]
    fn bars_show_the_interval() {
        let figures = Figures::of(&Decisions {
            letters: 10,
            upheld: 5,
            overturned: 5,
            ..Decisions::default()
        });
        // 24 to 76 %.
        assert_eq!(shaded(&figures, 10, 1.0), "██▓▓▓░░░");
        assert_eq!(shaded(&Figures::default(), 10, 1.0), "");
    }

    #[test]
    fn long_names_keep_their_end() {
        assert_eq!(clip_middle("opioid analgesic/tramadol", 12), "tramadol");
        assert_eq!(clip_middle("short", 12), "short");
        assert_eq!(
            clip_middle("MTUS/Hand Complaints/264", 16),
            "MTUS/Hand C\u{2026}/264"
        );
        assert_eq!(
            clip_middle("a/very-long-name-indeed", 10),
            "a/very-lo\u{2026}"
        );
        assert_eq!(fold("Physical Medicine & Rehabilitation", 12).len(), 3);
    }
}
