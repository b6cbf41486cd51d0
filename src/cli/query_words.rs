//! The words of a query among a command's options.
//!
//! A query is typed without quotation marks beside options, so three habits need a look before the
//! arguments are taken apart: `-lumbar` excludes a word, `norco.csv` was meant for `-o`, and what
//! stands after `--` is no option any more.

use clap::{ArgAction, Command};
use std::ffi::OsString;

/// Endings of files that exports write.
const FILES: [&str; 11] = [
    ".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".xls", ".parquet", ".sqlite", ".html", ".docx",
    ".md",
];

/// What other programs call a command, and what it is here.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("find", "to find letters, use imr search"),
    ("query", "to find letters, use imr search"),
    (
        "count",
        "to count letters, use imr search --count; decisions, imr stats",
    ),
    (
        "list",
        "to list values, use imr facets; letters, imr search",
    ),
    (
        "columns",
        "to list the columns of an export, use imr export --columns help",
    ),
    ("version", "use imr --version"),
];

/// The arguments with `-word` as an exclusion, which clap would read as options.
///
/// # Errors
/// A sentence about an argument that is surely not meant as it stands.
pub(super) fn prepared(args: Vec<OsString>, root: &Command) -> Result<Vec<OsString>, String> {
    let Some(name) = args.get(1).and_then(|name| name.to_str()) else {
        return Ok(args);
    };
    if let Some((_, advice)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        return Err(format!("there is no command '{name}'; {advice}"));
    }
    let Some(command) = root.find_subcommand(name).filter(|c| takes_query(c)) else {
        return Ok(args);
    };
    let options = Options { root, command };
    let mut done: Vec<OsString> = args[..2].to_vec();
    let mut rest = args[2..].iter().peekable();
    while let Some(arg) = rest.next() {
        let Some(text) = arg.to_str() else {
            done.push(arg.clone());
            continue;
        };
        if text == "--" {
            let after: Vec<OsString> = rest.cloned().collect();
            if let Some(option) = after.iter().find_map(|arg| options.named(arg.to_str()?)) {
                return Err(format!(
                    "'{option}' comes after --, where everything is read as words; put it before \
                     the --"
                ));
            }
            done.push(arg.clone());
            done.extend(after);
            return Ok(done);
        }
        match options.kind(text) {
            Kind::Flag => done.push(arg.clone()),
            Kind::WithNextValue => {
                done.push(arg.clone());
                // A value of its own: no word, whatever it looks like.
                if let Some(value) = rest.next() {
                    let shown = value.to_string_lossy();
                    if shown.len() > 1 && shown.starts_with('-') && is_file(&shown) {
                        return Err(format!(
                            "{text} needs a file name, and '{shown}' begins with a hyphen; if that \
                             is its name, write ./{shown}"
                        ));
                    }
                    done.push(value.clone());
                }
            }
            Kind::Excluded(word) if is_file(word) => return Err(file_in_query(name, word)),
            Kind::Excluded(word) if options.named(&format!("--{word}")).is_some() => {
                let name = word.split('=').next().unwrap_or(word);
                return Err(format!(
                    "'-{name}' has one hyphen, which excludes a word; the option is --{name} (to \
                     leave out letters with the word, use 'NOT {name}')"
                ));
            }
            Kind::Excluded(word) => done.push(format!("NOT {word}").into()),
            Kind::Word if is_file(text) => return Err(file_in_query(name, text)),
            Kind::Word => done.push(arg.clone()),
        }
    }
    Ok(done)
}

fn takes_query(command: &Command) -> bool {
    command.get_positionals().any(|arg| arg.get_id() == "query")
}

/// Whether an argument is nothing but a file's name that an export could have.
fn is_file(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let named = |ending: &str| lower.len() > ending.len() && lower.ends_with(ending);
    !word.contains(char::is_whitespace)
        && !word.contains('"')
        && FILES.iter().any(|ending| named(ending))
}

fn file_in_query(command: &str, word: &str) -> String {
    let export = match command {
        "export" => format!("to write it, use -o {word}"),
        "search" => format!("to write the hits to it, use: imr export ... -o {word}"),
        _ => format!("imr {command} prints its result; to keep it, use > {word}"),
    };
    format!(
        "'{word}' looks like a file name among the words of the query; {export} (to search for it \
         as words, use '\"{word}\"')"
    )
}

struct Options<'c> {
    root: &'c Command,
    command: &'c Command,
}

enum Kind<'a> {
    /// An option without a value, or with its value in the same argument.
    Flag,
    /// An option whose value is the next argument.
    WithNextValue,
    /// A hyphen before a word.
    Excluded(&'a str),
    /// A word.
    Word,
}

impl Options<'_> {
    fn all(&self) -> impl Iterator<Item = &clap::Arg> {
        self.command
            .get_arguments()
            .chain(self.root.get_arguments())
    }

    fn kind<'a>(&self, text: &'a str) -> Kind<'a> {
        let with_value =
            |arg: &clap::Arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
        if let Some(long) = text.strip_prefix("--") {
            if long.contains('=') {
                return Kind::Flag;
            }
            let arg = self.all().find(|arg| arg.get_long() == Some(long));
            return match arg {
                Some(arg) if with_value(arg) => Kind::WithNextValue,
                _ => Kind::Flag,
            };
        }
        let Some(word) = text.strip_prefix('-').filter(|word| !word.is_empty()) else {
            return Kind::Word;
        };
        let first = word.chars().next().unwrap_or_default();
        let attached = &word[first.len_utf8()..];
        let short = self.all().find(|arg| arg.get_short() == Some(first));
        match short {
            Some(arg) if with_value(arg) && attached.is_empty() => Kind::WithNextValue,
            // "-onorco.csv" and "-n5"; "-opioid" is a word.
            Some(arg)
                if with_value(arg)
                    && (is_file(attached) && first == 'o' || is_number(attached)) =>
            {
                Kind::Flag
            }
            _ if word.chars().take_while(|c| c.is_alphabetic()).count() >= 2 => {
                Kind::Excluded(word)
            }
            _ => Kind::Flag,
        }
    }

    /// An argument that is an option's name.
    fn named(&self, text: &str) -> Option<String> {
        let short = text.strip_prefix('-').and_then(|rest| {
            let mut chars = rest.chars();
            chars.next().filter(|_| chars.next().is_none())
        });
        if short.is_some_and(|short| self.all().any(|arg| arg.get_short() == Some(short))) {
            return Some(text.to_string());
        }
        let long = text.strip_prefix("--")?;
        let name = long.split('=').next().unwrap_or(long);
        let known = self.all().any(|arg| arg.get_long() == Some(name));
        (known || name == "help").then(|| format!("--{name}"))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text
            .trim_start_matches('=')
            .bytes()
            .all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn read(line: &str) -> String {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        match prepared(args, &super::super::Cli::command()) {
            Ok(args) => {
                let args = args.iter().map(|arg| arg.to_string_lossy());
                args.map(|arg| {
                    if arg.contains(' ') {
                        format!("[{arg}]")
                    } else {
                        arg.into_owned()
                    }
                })
                .collect::<Vec<_>>()
                .join(" ")
            }
            Err(e) => e,
        }
    }

    #[test]
    fn a_hyphen_before_a_word_excludes_it_and_options_stay_options() {
        for (line, want) in [
            ("imr search norco -lumbar", "imr search norco [NOT lumbar]"),
            ("imr search -n 5 norco", "imr search -n 5 norco"),
            ("imr search -n5 norco", "imr search -n5 norco"),
            (
                "imr export norco -o x.csv -opioid",
                "imr export norco -o x.csv [NOT opioid]",
            ),
            (
                "imr export norco -onorco.csv",
                "imr export norco -onorco.csv",
            ),
            (
                "imr export norco -o ./-norco.csv",
                "imr export norco -o ./-norco.csv",
            ),
            ("imr search --drug -lumbar", "imr search --drug -lumbar"),
            ("imr index -quiet", "imr index -quiet"),
            ("imr search -- -lumbar mri", "imr search -- -lumbar mri"),
        ] {
            assert_eq!(read(line), want, "{line}");
        }
    }

    #[test]
    fn what_is_surely_not_meant_is_said() {
        for (line, want) in [
            ("imr export norco -o -norco.csv", "write ./-norco.csv"),
            ("imr export norco norco.xlsx", "use -o norco.xlsx"),
            ("imr search norco norco.csv", "imr export ... -o norco.csv"),
            ("imr search a -- b --json", "'--json' comes after --"),
            ("imr search -- -lumbar mri -c", "'-c' comes after --"),
            ("imr find norco", "use imr search"),
            ("imr search -drug norco", "the option is --drug"),
            ("imr search norco -facets=drug", "the option is --facets"),
            ("imr search -- norco --drug soma", "'--drug' comes after --"),
        ] {
            let said = read(line);
            assert!(said.contains(want), "{line}: {said}");
        }
    }
}
