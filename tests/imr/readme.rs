//! The examples of the README and of docs/ are run, and show their real output.
//!
//! `README_BLESS=1 cargo test readme` writes the outputs again.

use crate::support::command;
use std::fmt::Write;
use std::path::Path;

/// Runs a line of the README as a terminal would show it: messages and results together.
fn run(line: &str, folder: &Path) -> String {
    let args = line
        .strip_prefix("cargo run --release -- ")
        .or_else(|| line.strip_prefix("imr "));
    let script = match (args, line.split_once(" | imr ")) {
        (Some(args), _) => format!("exec \"$IMR\" {args} 2>&1"),
        (None, Some((input, args))) if input.starts_with("echo ") => {
            format!("{input} | \"$IMR\" {args} 2>&1")
        }
        _ => panic!("the README runs something else: {line}"),
    };
    let mut imr = command();
    let program = imr.get_program().to_os_string();
    let output = {
        imr.current_dir(folder);
        std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder)
            .env("IMR", program)
            .env("NO_COLOR", "1")
            .env("SOURCE_DATE_EPOCH", "1768435200")
            .env_remove("IMR_INDEX")
            .env_remove("COLUMNS")
            .output()
            .expect("a shell starts")
    };
    let text = String::from_utf8(output.stdout).expect("the command prints UTF-8");
    without_seconds(&text)
}

/// "(0.2 s)" differs from run to run, and a slow machine says how far it is ("imr: 0 of 90 letters").
fn without_seconds(text: &str) -> String {
    let mut out = String::new();
    let is_progress = |line: &&str| {
        let count = line
            .strip_prefix("imr: ")
            .and_then(|rest| rest.split_once(" of "));
        count.is_some_and(|(n, rest)| n.parse::<u64>().is_ok() && rest.contains(" letters, "))
    };
    for line in text.lines().filter(|line| !is_progress(line)) {
        match line.rsplit_once(" (") {
            Some((before, time)) if time.ends_with(" s)") => {
                writeln!(out, "{before} (... s)").unwrap()
            }
            _ => writeln!(out, "{line}").unwrap(),
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn every_example_of_the_readme_shows_its_real_output() {
    shows_its_real_output("README.md", 4, false);
}

#[test]
fn every_example_of_the_readme_on_exports_shows_its_real_output() {
    shows_its_real_output("docs/export.md", 8, false);
}

#[test]
fn every_example_on_queries_shows_its_real_output() {
    shows_its_real_output("docs/query.md", 1, true);
}

#[test]
fn every_example_on_similar_cases_shows_its_real_output() {
    shows_its_real_output("docs/similar.md", 2, true);
}

#[test]
fn every_example_on_statistics_shows_its_real_output() {
    shows_its_real_output("docs/stats.md", 4, true);
}

/// Runs the examples of a document, of which there are at least this many; an index of the sample corpus is
/// there already where the document does not build one.
fn shows_its_real_output(name: &str, least: usize, indexed: bool) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join(name)).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    // A copy: sources are known by their real paths, and shown from where one stands.
    let samples = "sample-corpus";
    copy(&root.join(samples), &folder.path().join(samples));
    if indexed {
        run("imr index sample-corpus --quiet", folder.path());
    }
    let mut real = String::new();
    let mut examples = 0;
    let mut in_console = false;
    for line in readme.lines() {
        if line == "```console" {
            in_console = true;
        } else if line == "```" && in_console {
            in_console = false;
        } else if in_console {
            if let Some(command) = line.strip_prefix("$ ") {
                examples += 1;
                writeln!(real, "$ {command}").unwrap();
                real += &run(command, folder.path());
            }
            continue;
        }
        writeln!(real, "{line}").unwrap();
    }
    assert!(examples >= least, "{name} has examples");
    if std::env::var_os("README_BLESS").is_some() {
        std::fs::write(root.join(name), &real).unwrap();
    } else if real != readme {
        let differs = real.lines().zip(readme.lines()).find(|(a, b)| a != b);
        panic!(
            "{name} does not show what the command prints: {differs:?}; README_BLESS=1 mends it"
        );
    }
}
