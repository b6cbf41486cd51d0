//! A terminal of 80 columns is enough: for every command's help, and for every table.

use crate::prose::instead;
use crate::support::{command, sample_index};

const COLUMNS: usize = 80;

/// What a command prints where COLUMNS says 80.
fn printed(args: &[&str]) -> String {
    let mut imr = command();
    imr.args(args).env("COLUMNS", COLUMNS.to_string());
    imr.env("IMR_INDEX", sample_index());
    let output = imr.output().expect("the command starts");
    let out = String::from_utf8(output.stdout).expect("the command prints UTF-8");
    assert!(
        !out.is_empty(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    out
}

/// The lines of an output that are too long.
fn too_long(args: &[&str], out: &str) -> Vec<String> {
    let long = out.lines().filter(|line| line.chars().count() > COLUMNS);
    long.map(|line| format!("imr {}: {line}", args.join(" ")))
        .collect()
}

/// The names of all commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_string).collect()
}

#[test]
fn the_help_of_every_command_fits_80_columns() {
    let commands = commands();
    assert!(commands.len() >= 18, "{commands:?}");
    let mut found = Vec::new();
    let mut check = |args: &[&str]| {
        let help = printed(args);
        found.extend(too_long(args, &help));
        let odd = instead(&help.to_lowercase()).into_iter();
        found.extend(odd.map(|what| format!("imr {}: {what}", args.join(" "))));
        for heading in ["Usage: imr", "Options:"] {
            let lines = help.lines().filter(|line| line.starts_with(heading));
            assert_eq!(lines.count(), 1, "{args:?}: {heading}\n{help}");
        }
    };
    for flag in ["-h", "--help"] {
        check(&[flag]);
        for name in commands.iter().filter(|name| *name != "help") {
            check(&[name, flag]);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_table_fits_80_columns() {
    let mut found = Vec::new();
    let facets = printed(&["facets"]);
    let facets: Vec<&str> = facets.lines().collect();
    assert!(facets.len() > 20, "{facets:?}");
    for args in [
        &["search", "norco", "taper", "--facets", "all"][..],
        &["search", "lumbar", "mri", "--explain"],
        &["search", "norco", "--mentions"],
        &["search", "zzzz"],
        &["stats"],
        &["stats", "--over", "quarter"],
        &["stats", "--over", "year", "--by", "drug"],
        &["stats", "--by", "drug,specialty"],
        &["stats", "--by", "guideline,drug"],
        &["stats", "--reasons"],
        &["stats", "--phrases"],
        &["facets"],
        &["fields"],
        &["status"],
        &["status", "--check"],
        &["export", "--columns", "help"],
        &["export", "--columns", "help", "--by", "letter"],
        &["checklist"],
        &["compare", "norco", "--", "tramadol"],
        &["similar", "CM16-0900202"],
        &["similar", "sample-corpus/not-letters/progress-report.txt"],
        &["show", "CM16-0900202", "--no-text"],
    ] {
        found.extend(too_long(args, &printed(args)));
    }
    for facet in facets {
        for args in [["facets", facet], ["stats", "--by"]] {
            let mut args = args.to_vec();
            if args[0] == "stats" {
                args.push(facet);
            } else if facet == "final-determination" || facet == "document" {
                // No letter of the sample corpus has a value.
                continue;
            }
            found.extend(too_long(&args, &printed(&args)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
