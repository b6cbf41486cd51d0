//! Bringing an index up to date, watching it, and looking whether it is sound.

use crate::support::{Ran, imr, letter};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

struct Place {
    folder: TempDir,
}

impl Place {
    /// A corpus of three letters, indexed.
    fn new() -> Place {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("corpus")).unwrap();
        let place = Place { folder };
        for n in 1..=3 {
            place.write(&format!("{n}.txt"), &one(n));
        }
        place.update(&["--quiet"]).code(0);
        place
    }

    fn corpus(&self) -> PathBuf {
        self.folder.path().join("corpus")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.corpus().join(name), text).unwrap();
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    fn run(&self, command: &str, args: &[&str]) -> Ran {
        let index = self.index().display().to_string();
        imr([command, "--index", &index].iter().chain(args))
    }

    fn update(&self, args: &[&str]) -> Ran {
        let corpus = self.corpus().display().to_string();
        self.run("index", &[&[corpus.as_str()], args].concat())
    }

    fn cases(&self, query: &str) -> Vec<String> {
        self.run("search", &["--json", query]).cases()
    }

    fn status(&self) -> serde_json::Value {
        self.run("status", &["--json"]).code(0).json().remove(0)
    }

    /// The folder that the index's files are in.
    fn generation(&self) -> PathBuf {
        let text = fs::read_to_string(self.index().join("imr.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        self.index().join(manifest["generation"].as_str().unwrap())
    }
}

fn one(n: usize) -> String {
    let requests = ["Norco 10/325mg", "MRI of the knee", "Acupuncture", "Walker"];
    letter(&format!("CM15-090000{n}"), &[(requests[n % 4], "Upheld")])
}

fn set_time(path: &Path, time: SystemTime) {
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn size_and_time_tell_what_changed_and_verify_reads_all() {
    let place = Place::new();
    let path = place.corpus().join("1.txt");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    // Of the same size and time: only reading it shows that it is another.
    place.write(
        "1.txt",
        &one(1).replace("MRI of the knee", "MRI of the hand"),
    );
    set_time(&path, time);
    let ran = place.update(&[]).code(0);
    assert!(
        ran.err
            .starts_with("0 letters, 0 items, 3 skipped as unchanged ("),
        "{}",
        ran.err
    );
    let ran = place.update(&["--verify"]).code(0);
    assert!(
        ran.err
            .starts_with("1 letter, 1 item, 1 replaced, 2 skipped as unchanged ("),
        "{}",
        ran.err
    );
    assert_eq!(place.cases("hand"), ["CM15-0900001"]);
    // Of another time and the same content: read once, and known again after.
    set_time(&path, time + Duration::from_secs(5));
    for _ in 0..2 {
        let ran = place.update(&[]).code(0);
        assert!(
            ran.err.starts_with("0 letters, 0 items, 3 skipped"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn letters_that_change_places_are_there_once() {
    let place = Place::new();
    // A letter leaves with one file and comes with another: in one commit, and with one after each file.
    for (turn, more) in [
        &["--jobs", "1"][..],
        &["--jobs", "8", "--memory", "96"],
        &["--commit-letters", "1"],
    ]
    .iter()
    .cycle()
    .take(9)
    .enumerate()
    {
        for n in 0..3 {
            let path = place.corpus().join(format!("{}.txt", n + 1));
            fs::write(&path, one(1 + (n + turn) % 3)).unwrap();
            set_time(&path, SystemTime::now() + Duration::from_secs(turn as u64));
        }
        place.update(more).code(0);
        let status = place.status();
        assert_eq!(
            (&status["letters"], &status["sources"]),
            (&3.into(), &3.into())
        );
        assert_eq!(place.cases("mri"), ["CM15-0900001"], "{turn}");
        assert_eq!(place.cases("walker"), ["CM15-0900003"], "{turn}");
        place.run("status", &["--check"]).code(0);
        let found = &place.run("search", &["--json", "walker"]).json()[1];
        let file = format!("{}.txt", (turn * 2 + 2) % 3 + 1);
        assert!(
            found["files"][0].as_str().unwrap().ends_with(&file),
            "{turn}: {found}"
        );
    }
}

#[test]
fn a_file_that_moved_is_known_by_its_content() {
    let place = Place::new();
    fs::create_dir(place.corpus().join("2015")).unwrap();
    let (from, to) = (
        place.corpus().join("1.txt"),
        place.corpus().join("2015/one.txt"),
    );
    fs::rename(&from, &to).unwrap();
    let ran = place.update(&["--verbose"]).code(0);
    assert!(ran.err.contains("1.txt is now "), "{}", ran.err);
    assert!(
        ran.err
            .contains("0 letters, 0 items, 2 skipped as unchanged, 1 moved ("),
        "{}",
        ran.err
    );
    let hit = &place.run("search", &["--json", "mri"]).json()[1];
    let files: Vec<&str> = hit["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f.as_str())
        .collect();
    assert_eq!(files, [fs::canonicalize(&to).unwrap().to_str().unwrap()]);
    // Moved and copied at once: one of the new files has moved, the other is a duplicate.
    fs::copy(&to, place.corpus().join("a.txt")).unwrap();
    fs::rename(&to, place.corpus().join("b.txt")).unwrap();
    let ran = place.update(&[]).code(0);
    assert!(ran.err.contains("1 duplicate, 1 moved"), "{}", ran.err);
    assert_eq!(place.status()["sources"], 4);
    assert_eq!(place.status()["letters"], 3);
}

#[test]
fn prune_says_what_it_takes_out_and_spares_what_another_file_holds() {
    let place = Place::new();
    fs::copy(
        place.corpus().join("2.txt"),
        place.corpus().join("copy.txt"),
    )
    .unwrap();
    place.update(&[]).code(0);
    for name in ["1.txt", "2.txt"] {
        fs::remove_file(place.corpus().join(name)).unwrap();
    }
    let ran = place.update(&[]).code(0);
    for told in [
        "1.txt no longer exists; its letters are still in the index",
        "2.txt no longer exists; its letters are still in the index",
        "use --prune to remove the letters of these 2 sources",
    ] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    assert_eq!(place.status()["letters"], 3);
    let ran = place.update(&["--prune", "--verbose"]).code(0);
    assert!(
        ran.err
            .contains("1.txt no longer exists: removing its letter"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("2.txt no longer exists: dropping its path"),
        "{}",
        ran.err
    );
    assert_eq!(place.status()["letters"], 2);
    assert_eq!(place.cases("acupuncture"), ["CM15-0900002"]);
    // A root that is missing tells nothing of what was in it.
    fs::rename(place.corpus(), place.folder.path().join("away")).unwrap();
    fs::create_dir(place.folder.path().join("other")).unwrap();
    let other = place.folder.path().join("other").display().to_string();
    place.run("index", &[&other, "--prune"]);
    assert_eq!(place.status()["letters"], 2);
}

#[test]
fn failures_are_remembered_until_the_file_changes_or_they_are_tried_again() {
    let place = Place::new();
    place.write("bad.txt", "An invoice.");
    place.write(
        "large.txt",
        &(one(3).replace("0900003", "0900004") + &" ".repeat(200 << 10)),
    );
    let ran = place.update(&["--max-letter", "1"]).code(0);
    assert!(
        ran.err.contains("3 skipped as unchanged, 2 failed"),
        "{}",
        ran.err
    );
    let listed = place.run("status", &["--failures"]).code(0).out;
    assert!(
        listed.contains("bad.txt is not an IMR determination letter\n"),
        "{listed}"
    );
    assert!(
        listed.contains("large.txt has more text than the limit of 131072 bytes for one letter\n"),
        "{listed}"
    );
    let ran = place.update(&[]).code(0);
    assert!(ran.err.contains("2 failed"), "{}", ran.err);
    let ran = place.update(&["--retry"]).code(0);
    assert!(
        ran.err
            .contains("1 letter, 1 item, 3 skipped as unchanged, 1 failed"),
        "{}",
        ran.err
    );
    place.write("bad.txt", &one(1).replace("0900001", "0900005"));
    let ran = place.update(&[]).code(0);
    assert!(
        ran.err
            .contains("1 letter, 1 item, 4 skipped as unchanged ("),
        "{}",
        ran.err
    );
    assert_eq!(place.status()["failures"], serde_json::json!([]));
}

#[test]
fn status_tells_version_and_format_and_that_all_is_sound() {
    let place = Place::new();
    let status = place.status();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        status["format"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{}-", imr::index::FORMAT)),
        "{status}"
    );
    assert_eq!(status["sources"], 3);
    let ran = place.run("status", &["--check"]).code(0);
    assert!(
        ran.out
            .contains("match their checksums, 3 letters complete\n"),
        "{}",
        ran.out
    );
    let sound = place
        .run("status", &["--check", "--json"])
        .code(0)
        .json()
        .remove(0);
    assert_eq!(sound["problems"], serde_json::json!([]));
}

#[test]
fn damage_is_found_and_a_rebuild_mends_it() {
    let place = Place::new();
    let file = |extension: &str| {
        let entries = fs::read_dir(place.generation()).unwrap();
        let mut paths = entries.map(|e| e.unwrap().path());
        paths
            .find(|p| p.extension().is_some_and(|e| e == extension))
            .unwrap()
    };
    // One bit, where no reader looks until it needs it.
    let store = file("store");
    let mut bytes = fs::read(&store).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    fs::write(&store, bytes).unwrap();
    let ran = place.run("status", &["--check"]).code(2);
    assert!(
        ran.out.contains(".store is damaged: the checksum differs"),
        "{}",
        ran.out
    );
    assert!(
        ran.err
            .contains("rebuild it with `imr index --rebuild FOLDER`"),
        "{}",
        ran.err
    );
    // A small index is compared before it answers.
    let ran = place.run("search", &["knee"]).code(2);
    assert!(
        ran.err.contains(".store is damaged: the checksum differs"),
        "{}",
        ran.err
    );
    let ran = place.update(&["--verify"]).code(2);
    assert!(ran.err.contains("the checksum differs"), "{}", ran.err);
    place.update(&["--rebuild"]).code(0);
    place.run("status", &["--check"]).code(0);
    // A file cut short or missing is met as soon as the index is opened, also where no source changed.
    for cut in [true, false] {
        let idx = file("idx");
        if cut {
            let bytes = fs::read(&idx).unwrap();
            fs::write(&idx, &bytes[..bytes.len() / 2]).unwrap();
        } else {
            fs::remove_file(&idx).unwrap();
        }
        let ran = place.update(&[]).code(2);
        assert!(ran.err.contains("cannot be used"), "{}", ran.err);
        assert!(ran.err.contains("--rebuild FOLDER"), "{}", ran.err);
        // What only the old index holds cannot be known.
        let ran = place.update(&["--rebuild"]).code(2);
        assert!(ran.err.contains("--discard-old"), "{}", ran.err);
        place.update(&["--rebuild", "--discard-old"]).code(0);
        assert_eq!(place.cases("knee"), ["CM15-0900001"]);
    }
}

#[test]
fn a_rebuild_takes_the_place_of_any_index_and_loses_nothing_unasked() {
    let place = Place::new();
    let manifest = place.index().join("imr.json");
    let old = fs::read_to_string(&manifest).unwrap();
    let other_fields = old.replace("\"schema\": \"", "\"schema\": \"0");
    let other_format = old.replace("\"format\": ", "\"format\": 9");
    for other in [other_fields, other_format] {
        assert_ne!(other, old);
        fs::write(&manifest, other).unwrap();
        let ran = place.update(&[]).code(2);
        assert!(
            ran.err
                .contains("in another format; rebuild it with `imr index --rebuild FOLDER`"),
            "{}",
            ran.err
        );
    }
    let ran = place.update(&["--rebuild"]).code(0);
    assert!(ran.err.starts_with("3 letters, 3 items ("), "{}", ran.err);
    assert!(place.generation().ends_with("generation-2"));
    assert!(!place.index().join("generation-1").exists());
    // What was indexed from elsewhere, or is gone, would be lost.
    let elsewhere = place.folder.path().join("elsewhere.txt");
    fs::write(&elsewhere, one(1).replace("0900001", "0900007")).unwrap();
    let elsewhere = elsewhere.display().to_string();
    place.run("index", &[&elsewhere]).code(0);
    let ran = place.update(&["--rebuild"]).code(2);
    assert!(
        ran.err
            .contains("has 1 source that is not in the corpus (first: ")
            && ran
                .err
                .contains("elsewhere.txt); name its folder too, or remove it with --prune"),
        "{}",
        ran.err
    );
    assert_eq!(place.status()["letters"], 4);
    let ran = place.update(&["--rebuild", &elsewhere]).code(0);
    assert!(ran.err.starts_with("4 letters"), "{}", ran.err);
    let ran = place.update(&["--rebuild", "--prune"]).code(0);
    assert!(ran.err.starts_with("3 letters"), "{}", ran.err);
    // Into nothing it is as the first run.
    fs::remove_dir_all(place.index()).unwrap();
    place.update(&["--rebuild"]).code(0);
    assert_eq!(place.status()["letters"], 3);
}

#[test]
fn a_rebuild_loses_no_letters_in_silence_where_the_old_index_cannot_be_read() {
    let place = Place::new();
    let manifest = place.index().join("imr.json");
    let old = fs::read_to_string(&manifest).unwrap();
    let other = place.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("4.txt"), one(3).replace("0900003", "0900004")).unwrap();
    let other = other.display().to_string();
    let damages: [&dyn Fn(); 5] = [
        // Of another format the sources are read all the same.
        &|| fs::write(&manifest, old.replace("\"schema\": \"", "\"schema\": \"0")).unwrap(),
        &|| fs::write(&manifest, old.replacen("{", "[", 1)).unwrap(),
        &|| fs::write(&manifest, old.replace("generation-1", "generation-7")).unwrap(),
        &|| {
            fs::remove_file(&manifest).unwrap();
            fs::create_dir(&manifest).unwrap();
        },
        &|| fs::remove_file(&manifest).unwrap(),
    ];
    for (n, damage) in damages.into_iter().enumerate() {
        damage();
        if n > 0 {
            let ran = place
                .run("index", &[&other, "--rebuild", "--prune"])
                .code(2);
            assert!(ran.err.contains("--discard-old"), "{n}: {}", ran.err);
        }
        let ran = place.run("index", &[&other, "--rebuild"]).code(2);
        let reason = if n == 0 { "--prune" } else { "--discard-old" };
        assert!(ran.err.contains(reason), "{n}: {}", ran.err);
        // Nor is it taken for nothing.
        let ran = place.run("index", &[&other]).code(2);
        assert!(ran.err.contains("imr: "), "{n}: {}", ran.err);
        if manifest.is_dir() {
            fs::remove_dir(&manifest).unwrap();
        }
        fs::write(&manifest, &old).unwrap();
        assert_eq!(place.status()["letters"], 3, "{n}");
        place.run("status", &["--check"]).code(0);
    }
    fs::remove_file(&manifest).unwrap();
    place
        .run("index", &[&other, "--rebuild", "--discard-old"])
        .code(0);
    assert_eq!(place.status()["letters"], 1);
    assert!(!place.index().join("generation-1").exists());
}

#[test]
fn a_program_is_told_in_json() {
    let place = Place::new();
    place.write("4.txt", &one(3).replace("0900003", "0900004"));
    place.write("bad.txt", "An invoice.");
    fs::rename(place.corpus().join("1.txt"), place.corpus().join("one.txt")).unwrap();
    fs::remove_file(place.corpus().join("2.txt")).unwrap();
    let ran = place.update(&["--prune", "--log-json"]).code(0);
    let lines: Vec<serde_json::Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let events: Vec<&str> = lines.iter().map(|l| l["event"].as_str().unwrap()).collect();
    assert_eq!(events[0], "start");
    let end = lines.last().unwrap();
    assert_eq!(end["event"], "end");
    for (key, value) in [
        ("letters", 1),
        ("skipped", 1),
        ("moved", 1),
        ("failed", 1),
        ("pruned", 1),
    ] {
        assert_eq!(end[key], value, "{key}: {end}");
    }
    assert_eq!(end["stopped"], false);
    for event in ["failed", "moved", "removing", "committed"] {
        assert!(events.contains(&event), "{event}: {events:?}");
    }
    let failed = lines.iter().find(|l| l["event"] == "failed").unwrap();
    assert!(
        failed["source"]
            .as_str()
            .unwrap()
            .ends_with("/corpus/bad.txt"),
        "{failed}"
    );
    assert_eq!(failed["reason"], "is not an IMR determination letter");
    assert!(lines.iter().all(|line| line["time"].as_f64() > Some(1.7e9)));
    // Into a file, people's messages stay; an error is told to both.
    let log = place.folder.path().join("log");
    let flag = format!("--log-json={}", log.display());
    let ran = place.update(&[&flag]).code(0);
    assert!(ran.err.contains("skipped as unchanged"), "{}", ran.err);
    fs::write(place.index().join("imr.json"), "{").unwrap();
    let ran = place.update(&[&flag]).code(2);
    assert!(ran.err.contains("cannot be used"), "{}", ran.err);
    let text = fs::read_to_string(log).unwrap();
    assert_eq!(
        text.lines()
            .filter(|l| l.contains("\"event\":\"start\""))
            .count(),
        2
    );
    assert!(
        text.lines().last().unwrap().contains("\"event\":\"error\""),
        "{text}"
    );
}

#[test]
fn quiet_tells_failures_only() {
    let place = Place::new();
    let ran = place.update(&["--quiet"]).code(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    place.write("bad.txt", "An invoice.");
    let ran = place.update(&["--quiet"]).code(0);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(
        ran.err
            .ends_with("bad.txt is not an IMR determination letter\n"),
        "{}",
        ran.err
    );
}
