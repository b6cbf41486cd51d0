//! What is wrong with a command line, in the same style as every other error: one sentence.

/// The sentence of what clap reports: without its label, its usage and its closing line, with its tip.
#[must_use]
pub(super) fn one_sentence(report: &str) -> String {
    let mut said = Vec::new();
    let mut tips = Vec::new();
    let mut usage = None;
    for line in report.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if let Some(line) = line.strip_prefix("Usage: ") {
            usage = Some(line);
        } else if let Some(tip) = line.strip_prefix("tip: ") {
            // A value that begins with a hyphen is seldom what is meant.
            if !tip.starts_with("to pass '") && !tip.starts_with("a similar value exists") {
                tips.push(tip);
            }
        } else if usage.is_none() && !line.starts_with("For more information") {
            said.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    let mut sentence = said
        .join(" ")
        .replace("invalid digit found in string", "not a whole number");
    if let Some((before, range)) = sentence.split_once(" is not in ")
        && let Some((low, high)) = range.split_once("..=")
    {
        sentence = format!("{before} is not between {low} and {high}");
    }
    if let Some((before, values)) = sentence.split_once(" [possible values: ") {
        let values = values.trim_end_matches(']');
        sentence = match values.rsplit_once(", ") {
            Some((first, last)) => format!("{before}; use {first} or {last}"),
            None => format!("{before}; use {values}"),
        };
    }
    for tip in tips {
        sentence = format!("{sentence}; {}", tip.trim_end_matches('.'));
    }
    match usage.map(command) {
        Some(command) => format!("{sentence} (see {command} --help)"),
        None => sentence,
    }
}

/// `imr search` of "imr search [OPTIONS] [QUERY]...".
fn command(usage: &str) -> String {
    let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let words: Vec<&str> = usage.split(' ').take_while(is_name).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_many_lines_is_one_sentence() {
        let report = "error: unexpected argument '--drgu' found\n\n  tip: a similar argument exists: \
                      '--drug'\n\nUsage: imr search [OPTIONS] [QUERY]...\n\nFor more information, \
                      try '--help'.\n";
        assert_eq!(
            one_sentence(report),
            "unexpected argument '--drgu' found; a similar argument exists: '--drug' (see imr search \
             --help)"
        );
        let report = "error: invalid value '1GB' for '--memory <MB>': invalid digit found in \
                      string\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_sentence(report),
            "invalid value '1GB' for '--memory <MB>': not a whole number"
        );
        let report = "error: invalid value '-3' for '--top <N>'\n\n  tip: to pass '-3' as a value, use \
                      '-- -3'\n";
        assert_eq!(one_sentence(report), "invalid value '-3' for '--top <N>'");
        let report = "error: invalid value '99999' for '--port <N>': 99999 is not in 0..=65535\n";
        assert_eq!(
            one_sentence(report),
            "invalid value '99999' for '--port <N>': 99999 is not between 0 and 65535"
        );
        let report = "error: invalid value 'date' for '--over <PERIOD>'\n  [possible values: year, \
                      quarter, month]\n";
        assert_eq!(
            one_sentence(report),
            "invalid value 'date' for '--over <PERIOD>'; use year, quarter or month"
        );
    }
}
