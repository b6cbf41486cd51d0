//! Building and updating an index.

use crate::support::{imr, letter, sample_index};
use std::fs;
use tempfile::TempDir;

fn status(index: &str) -> serde_json::Value {
    imr(["status", "--json", "--index", index])
        .code(0)
        .json()
        .remove(0)
}

#[test]
fn the_sample_corpus() {
    let folder = TempDir::new().unwrap();
    let index = folder.path().join("index").display().to_string();
    let ran = imr(["index", "sample-corpus", "--index", &index]).code(0);
    assert_eq!(ran.out, "", "messages go to standard error");
    let summary = ran.err.lines().last().unwrap().split(" (").next().unwrap();
    assert_eq!(
        summary,
        "88 letters, 251 items, 2 in no known layout, 6 failed"
    );
    let held = status(&index);
    assert_eq!(
        (held["letters"].as_u64(), held["items"].as_u64()),
        (Some(88), Some(251))
    );
    assert_eq!(held["failures"].as_array().map(Vec::len), Some(6));
    assert!(
        held["warnings"]["impossible-date"].as_u64() >= Some(1),
        "{held}"
    );
    // Again: nothing is read, the failures are told from memory.
    let ran = imr(["index", "sample-corpus", "--index", &index]).code(0);
    let summary = ran.err.lines().last().unwrap().split(" (").next().unwrap();
    assert_eq!(
        summary,
        "0 letters, 0 items, 88 skipped as unchanged, 6 failed"
    );
}

#[test]
fn an_update_adds_replaces_and_recognises_duplicates() {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    fs::create_dir(&corpus).unwrap();
    let index = folder.path().join("index").display().to_string();
    let update = || {
        imr(["index", &corpus.display().to_string(), "--index", &index])
            .code(0)
            .err
    };
    let found = |query: &str| imr(["search", "--index", &index, "--json", query]).cases();
    let write = |name: &str, text: &str| fs::write(corpus.join(name), text).unwrap();

    write(
        "a.txt",
        &letter("CM15-0900001", &[("Norco 10/325mg", "Upheld")]),
    );
    write(
        "B.TXT",
        &letter("CM15-0900002", &[("MRI of the knee", "Upheld")]),
    );
    write(
        "no-extension",
        &letter("CM15-0900003", &[("Soma 350mg", "Upheld")]),
    );
    update();
    assert_eq!(status(&index)["letters"], 3);
    assert_eq!(found("norco"), ["CM15-0900001"]);

    // A changed file replaces its letter.
    write(
        "a.txt",
        &letter(
            "CM15-0900001",
            &[("Lumbar brace", "Overturned"), ("Gym membership", "Upheld")],
        ),
    );
    assert!(update().contains("1 letter, 2 items, 1 replaced"));
    assert!(found("norco").is_empty());
    assert_eq!(found("brace"), ["CM15-0900001"]);
    assert_eq!(status(&index)["items"], 4);

    // The same content elsewhere is the same letter; the same case number with other content is not.
    fs::copy(corpus.join("B.TXT"), corpus.join("copy.txt")).unwrap();
    write(
        "c.txt",
        &letter("CM15-0900002", &[("CT of the head", "Overturned")]),
    );
    let told = update();
    assert!(told.contains("1 duplicate"), "{told}");
    assert!(
        told.contains("has the case number CM15-0900002 of a different letter; both are kept"),
        "{told}"
    );
    assert_eq!(status(&index)["letters"], 4);
    let hit = &imr(["search", "--index", &index, "--json", "knee"]).json()[1];
    assert_eq!(hit["files"].as_array().map(Vec::len), Some(2));

    // A letter goes only when its last file changes.
    write("copy.txt", &letter("CM15-0900009", &[("Walker", "Upheld")]));
    update();
    assert_eq!(found("knee"), ["CM15-0900002"]);
    write("B.TXT", &letter("CM15-0900008", &[("Cane", "Upheld")]));
    update();
    assert!(found("knee").is_empty());

    // What was in a file that is gone stays until it is asked to go.
    fs::remove_file(corpus.join("c.txt")).unwrap();
    let told = update();
    assert!(
        told.contains("c.txt no longer exists; its letters are still in the index")
            && told.contains("use --prune to remove its letters"),
        "{told}"
    );
    assert_eq!(found("head"), ["CM15-0900002"]);
    let pruned = imr([
        "index",
        &corpus.display().to_string(),
        "--prune",
        "--index",
        &index,
    ])
    .code(0);
    assert!(
        pruned
            .err
            .contains("c.txt no longer exists; its letters were removed")
            && pruned.err.contains("1 pruned"),
        "{}",
        pruned.err
    );
    assert!(found("head").is_empty());

    // A file that is no letter any more takes its letter with it.
    write("a.txt", "An invoice.");
    assert!(update().contains("a.txt is not an IMR determination letter"));
    assert!(found("brace").is_empty());
}

#[test]
fn one_command_indexes_and_searches() {
    let folder = TempDir::new().unwrap();
    let index = folder.path().join("index").display().to_string();
    let ran = imr([
        "search",
        "--corpus",
        "sample-corpus",
        "--index",
        &index,
        "norco",
        "--json",
    ])
    .code(0);
    assert!(ran.cases().len() >= 4);
}

#[test]
fn an_index_that_is_none_or_another_is_refused_in_one_sentence() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("none").display().to_string();
    let ran = imr(["search", "x", "--index", &missing]).code(2);
    assert_eq!(
        ran.err,
        format!(
            "imr: there is no index at {missing}; build one with `imr index FOLDER`, or name another with --index or IMR_INDEX\n"
        )
    );

    let other = folder.path().display().to_string();
    fs::write(folder.path().join("file"), "x").unwrap();
    let ran = imr(["index", "sample-corpus", "--index", &other]).code(2);
    assert!(ran.err.contains("is not an imr index"), "{}", ran.err);

    // What a first run leaves that is killed at once is no obstacle.
    let cut = folder.path().join("cut");
    fs::create_dir_all(cut.join("generation-1")).unwrap();
    imr([
        "index",
        "sample-corpus/other",
        "--index",
        &cut.display().to_string(),
    ])
    .code(0);

    let old = folder.path().join("old");
    fs::create_dir(&old).unwrap();
    fs::write(
        old.join("imr.json"),
        r#"{"format":0,"schema":"x","imr":"0.0.9","generation":"generation-1"}"#,
    )
    .unwrap();
    let ran = imr(["search", "x", "--index", &old.display().to_string()]).code(2);
    assert!(
        ran.err.contains(
            "was made by imr 0.0.9 in another format; rebuild it with `imr index --rebuild FOLDER`"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let folder = TempDir::new().unwrap();
    let index = folder.path().join("index");
    let corpus = folder.path().join("a.txt");
    fs::write(&corpus, letter("CM15-0900001", &[("Norco", "Upheld")])).unwrap();
    let name = index.display().to_string();
    imr(["index", &corpus.display().to_string(), "--index", &name]).code(0);
    // tantivy's lock is a lock on this file; hold it as another process would.
    let lock = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(index.join("generation-1/.tantivy-writer.lock"))
        .unwrap();
    lock.lock().unwrap();
    fs::write(&corpus, letter("CM15-0900001", &[("Soma", "Upheld")])).unwrap();
    let ran = imr(["index", &corpus.display().to_string(), "--index", &name]).code(2);
    assert!(
        ran.err
            .contains("another imr process is writing to the index"),
        "{}",
        ran.err
    );
    drop(lock);
    // A lock file that nobody holds is not in the way.
    imr(["index", &corpus.display().to_string(), "--index", &name]).code(0);
}

#[test]
fn status_tells_what_is_held() {
    let ran = imr([
        "status",
        "--index",
        &sample_index().display().to_string(),
        "--failures",
    ])
    .code(0);
    assert!(ran.out.contains("letters        88"), "{}", ran.out);
    assert!(
        ran.out
            .contains("not-letters/invoice-2291.txt is not an IMR determination letter")
    );
}

/// As another user would meet it: a folder that cannot be written. Root may write anywhere, so the
/// test gives its rights away, which only root can do; elsewhere permissions alone decide.
#[cfg(unix)]
#[test]
fn an_index_that_cannot_be_written_can_be_searched() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = TempDir::new().unwrap();
    let index = folder.path().join("index");
    imr([
        "index",
        "sample-corpus/other",
        "--index",
        &index.display().to_string(),
    ])
    .code(0);
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap()
    };
    mode(folder.path(), 0o755);
    for path in [index.clone(), index.join("generation-1")] {
        for entry in fs::read_dir(&path).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_file() {
                mode(&entry, 0o444);
            }
        }
        mode(&path, 0o555);
    }
    let _ = fs::remove_file(index.join("generation-1/.tantivy-meta.lock"));
    // The program itself may lie where only root can look.
    let program = folder.path().join("imr");
    crate::support::copy_program(&program);
    mode(&program, 0o755);
    let mut command = std::process::Command::new(&program);
    command.args([
        "search",
        "determination",
        "--index",
        &index.display().to_string(),
    ]);
    if fs::write(index.join("probe"), "").is_ok() {
        let _ = fs::remove_file(index.join("probe"));
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    for path in [index.join("generation-1"), index] {
        mode(&path, 0o755);
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{told}");
    assert_eq!(told, "");
}

#[test]
fn a_merged_index_answers_the_same() {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    fs::create_dir(&corpus).unwrap();
    let index = folder.path().join("index").display().to_string();
    for round in 0..2 {
        for n in 0..5 {
            let case = format!("CM15-09{round:02}{n:03}");
            let text = letter(
                &case,
                &[("Norco 10/325mg", "Upheld"), ("Lumbar MRI", "Upheld")],
            );
            fs::write(corpus.join(format!("{case}.txt")), text).unwrap();
        }
        imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    }
    // What is deleted goes with the merge, whole blocks of it.
    fs::remove_file(corpus.join("CM15-0900000.txt")).unwrap();
    imr([
        "index",
        &corpus.display().to_string(),
        "--index",
        &index,
        "--prune",
    ])
    .code(0);
    let answer = || {
        let args = [
            "search", "--index", &index, "--sort", "case", "--limit", "50",
        ];
        imr(args
            .into_iter()
            .chain(["--facets", "drug,decision", "norco"]))
        .code(0)
        .out
    };
    let before = answer();
    assert!(status(&index)["segments"].as_u64() > Some(1));
    imr(["optimize", "--segments", "1", "--index", &index]).code(0);
    assert_eq!(status(&index)["segments"], 1);
    assert_eq!(answer(), before);
    imr(["status", "--check", "--index", &index]).code(0);
    let again = imr(["optimize", "--segments", "1", "--index", &index]).code(0);
    assert_eq!(again.out, "1 segment: nothing to merge\n");
}
