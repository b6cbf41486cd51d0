//! Damaged index files, and the order of equal hits in indexes that were built in different ways.

use crate::support::{Ran, imr, letter};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn corpus(folder: &Path, letters: usize) -> PathBuf {
    let corpus = folder.join("corpus");
    fs::create_dir(&corpus).unwrap();
    for n in 0..letters {
        let text = letter(&format!("CM15-09{n:05}"), &[("Norco 10/325mg", "Upheld")]);
        fs::write(corpus.join(format!("{n}.txt")), text).unwrap();
    }
    corpus
}

fn run(index: &Path, command: &str, args: &[&str]) -> Ran {
    let index = index.display().to_string();
    imr([command, "--index", &index].iter().chain(args))
}

/// The files of an index's segments.
fn segment_files(index: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(index.join("generation-1")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let is_of_segment = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy();
        name.len() == 32
    };
    files.filter(is_of_segment).collect()
}

#[test]
fn a_damaged_file_is_named_in_one_sentence_and_nothing_panics() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 3);
    let index = folder.path().join("index");
    run(&index, "index", &[corpus.to_str().unwrap(), "--quiet"]).code(0);
    let files = segment_files(&index);
    assert_eq!(files.len(), 6);
    for file in files {
        let sound = fs::read(&file).unwrap();
        // Its end says where its parts are: the engine reads it first, and may panic over it.
        let ends = (1..=160).step_by(7).map(|n| sound.len().saturating_sub(n));
        for at in ends.chain([0, sound.len() / 2]) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            fs::write(&file, damaged).unwrap();
            let ran = run(&index, "search", &["norco"]).code(2);
            let name = file.file_name().unwrap().to_str().unwrap();
            let named = format!("its file {name} is damaged");
            let clear = ran.err.contains(&named) && ran.err.contains("rebuild it with");
            assert!(clear && ran.err.lines().count() == 1, "{at}: {}", ran.err);
        }
        fs::write(&file, sound).unwrap();
    }
    run(&index, "status", &["--check"]).code(0);
}

#[test]
fn a_damaged_manifest_is_told_in_plain_words() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 1);
    let index = folder.path().join("index");
    run(&index, "index", &[corpus.to_str().unwrap(), "--quiet"]).code(0);
    let file = index.join("imr.json");
    let sound = fs::read(&file).unwrap();
    for at in 0..sound.len() {
        let mut damaged = sound.clone();
        damaged[at] ^= 1;
        fs::write(&file, damaged).unwrap();
        let ran = run(&index, "search", &["norco"]).code(2);
        let told = ran.err.contains("imr.json") || ran.err.contains("in another format");
        assert!(told && !ran.err.contains("expected"), "{at}: {}", ran.err);
    }
}

/// Letters that score the same come in the same order however the index was built.
#[test]
fn the_order_of_equal_hits_does_not_depend_on_how_the_index_was_built() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 60);
    let corpus = corpus.to_str().unwrap();
    let answers = |index: &Path| -> Vec<String> {
        let asked: [(&str, &[&str]); 6] = [
            ("search", &["norco", "--json", "--limit", "7"]),
            (
                "search",
                &["norco", "--json", "--limit", "7", "--offset", "14"],
            ),
            (
                "search",
                &["--drug", "opioid", "--json", "--sort", "decided"],
            ),
            ("export", &["norco", "--by", "letter", "--format", "csv"]),
            ("stats", &["--reasons", "norco"]),
            ("checklist", &["norco"]),
        ];
        let answers = asked.map(|(command, args)| {
            let out = run(index, command, args).out;
            // How long it took.
            let lines = out.split(',').filter(|part| !part.contains("\"millis\""));
            lines.collect::<Vec<_>>().join(",")
        });
        answers.to_vec()
    };
    let whole = folder.path().join("whole");
    run(&whole, "index", &[corpus, "--quiet", "--jobs", "1"]).code(0);
    let wanted = answers(&whole);
    assert!(wanted[0].contains("CM15-09"), "{}", wanted[0]);
    // Side by side, in many commits, and in two runs of which the second finds the first half.
    let parts = folder.path().join("parts");
    for half in ["1", "2"] {
        let files = (0..60).filter(|n| half == "2" || n % 3 == 1);
        let list: Vec<String> = files.map(|n| format!("{corpus}/{n}.txt")).collect();
        let names = folder.path().join("list");
        fs::write(&names, list.join("\n")).unwrap();
        let names = names.to_str().unwrap();
        let args = ["--files-from", names, "--quiet", "--jobs", "4"];
        run(
            &parts,
            "index",
            &[&args[..], &["--commit-letters", "5"]].concat(),
        )
        .code(0);
    }
    assert_eq!(answers(&parts), wanted);
    run(&parts, "optimize", &["--segments", "1"]).code(0);
    assert_eq!(answers(&parts), wanted);
}
