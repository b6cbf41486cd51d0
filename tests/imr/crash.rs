//! Whatever ends an ingest, and whenever: the index opens, holds whole letters only, and the next
//! run completes it to exactly what an undisturbed run makes.

use crate::support::{command, copy_program, imr, letter};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

const REQUESTS: [&str; 6] = [
    "Norco 10/325mg #60",
    "MRI of the lumbar spine",
    "Acupuncture 6 visits",
    "Soma 350mg",
    "Knee brace",
    "Urine drug screen",
];

fn text(number: u64) -> String {
    let items = 1 + number % 4;
    let items: Vec<_> = (0..items)
        .map(|n| {
            let request = REQUESTS[((number + n) % 6) as usize];
            let decision = if (number + n).is_multiple_of(3) {
                "Overturned"
            } else {
                "Upheld"
            };
            (request, decision)
        })
        .collect();
    letter(&format!("CM15-{number:07}"), &items)
}

/// A corpus of files, an archive and lines of JSON, with some duplicates and some failures.
fn corpus(folder: &Path, files: u64) -> PathBuf {
    let corpus = folder.join("corpus");
    for n in 0..files {
        let path = corpus.join(format!("{:03}", n / 200));
        fs::create_dir_all(&path).unwrap();
        let text = match n % 97 {
            0 => "An invoice.".to_string(),
            // The same letter as the file before.
            1 => text(n - 1),
            _ => text(n),
        };
        fs::write(path.join(format!("{n}.txt")), text).unwrap();
    }
    let mut tar = tar::Builder::new(fs::File::create(corpus.join("more.tar")).unwrap());
    for n in files..files + files / 4 {
        let text = text(n);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, format!("{n}.txt"), text.as_bytes())
            .unwrap();
    }
    tar.finish().unwrap();
    let mut lines = fs::File::create(corpus.join("more.jsonl")).unwrap();
    // Some are in the archive, too.
    for n in files + files / 5..files + files / 3 {
        let line = serde_json::json!({"id": n, "text": text(n)});
        writeln!(lines, "{line}").unwrap();
    }
    corpus
}

/// What is compared: counts, facets, and every item of every letter.
#[derive(PartialEq, Debug)]
struct Holds {
    counts: Vec<serde_json::Value>,
    facets: serde_json::Value,
    items: Vec<String>,
}

fn holds(index: &Path) -> Holds {
    let index = index.display().to_string();
    let status = imr(["status", "--json", "--index", &index])
        .code(0)
        .json()
        .remove(0);
    let keys = [
        "letters",
        "items",
        "sources",
        "failures",
        "unrecognized",
        "warnings",
        "unlisted",
    ];
    let facets = "drug,decision,treatment,outcome,specialty";
    let args = ["--limit", "1", "--facets", facets, "--top", "1000"];
    let found = imr(["search", "--index", &index, "--json"].iter().chain(&args));
    let rows = imr(["export", "--index", &index, "--format", "jsonl"]);
    let mut items: Vec<String> = rows.out.lines().map(str::to_string).collect();
    items.sort();
    Holds {
        counts: keys.iter().map(|key| status[key].clone()).collect(),
        facets: found.json().remove(0)["facets"].take(),
        items,
    }
}

fn indexing(corpus: &Path, index: &Path, more: &[&str]) -> Command {
    let mut command = command();
    command
        .args(["index", "--quiet", "--jobs", "2", "--commit-letters", "80"])
        .arg(corpus)
        .arg("--index")
        .arg(index)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn is_sound(index: &Path) {
    let ran = imr(["status", "--check", "--index", &index.display().to_string()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// Waits, and says whether it ended by itself.
fn wait(child: &mut Child, time: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < time {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    child.try_wait().unwrap().is_some()
}

#[test]
fn killed_at_any_moment_it_is_whole_and_the_next_run_completes_it() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 400);
    let undisturbed = folder.path().join("undisturbed");
    let start = Instant::now();
    assert!(
        indexing(&corpus, &undisturbed, &[])
            .status()
            .unwrap()
            .success()
    );
    let usual = start.elapsed().as_micros() as u64;
    let expected = holds(&undisturbed);
    assert!(expected.items.len() > 1100, "{}", expected.items.len());

    let mut numbers = Numbers(20_150_106);
    let (mut kills, mut runs) = (0, 0);
    let mut index = folder.path().join("killed-0");
    while kills < 30 {
        runs += 1;
        assert!(runs < 300, "{kills} kills of {runs} runs");
        let mut child = indexing(&corpus, &index, &[]).spawn().unwrap();
        // Runs become shorter as less is left; some moments are early, some late.
        let moment = Duration::from_micros(numbers.below(usual * 2 / 3));
        if wait(&mut child, moment) {
            assert_eq!(holds(&index), expected, "after {kills} kills");
            index = folder.path().join(format!("killed-{kills}-{runs}"));
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        if index.join("imr.json").exists() {
            is_sound(&index);
        }
    }
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    is_sound(&index);
    assert_eq!(holds(&index), expected);
}

#[test]
fn a_full_disk_ends_it_with_a_clear_message_and_the_next_run_completes_it() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 400);
    let undisturbed = folder.path().join("undisturbed");
    assert!(
        indexing(&corpus, &undisturbed, &[])
            .status()
            .unwrap()
            .success()
    );
    let expected = holds(&undisturbed);
    let index = folder.path().join("index");
    // A file may not grow beyond some blocks of 512 bytes: to the writer, a disk that is full.
    let mut failed = 0;
    for blocks in [1, 8, 40, 200, 300] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let run = indexing(&corpus, &index, &[]);
        let output = Command::new("sh")
            .args(["-c", &script])
            .arg(run.get_program())
            .args(run.get_args())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(2) {
            failed += 1;
            assert!(
                told.contains("cannot be written") || told.contains("file too large"),
                "{told}"
            );
            assert!(!told.contains("panicked"), "{told}");
        }
        if index.join("imr.json").exists() {
            is_sound(&index);
        }
    }
    assert!(failed >= 2, "the limit was met {failed} times");
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    is_sound(&index);
    assert_eq!(holds(&index), expected);
}

#[test]
fn ctrl_c_commits_and_says_how_to_go_on() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 3000);
    let index = folder.path().join("index");
    let mut command = command();
    let child = command
        .args(["index", "--jobs", "1", "--commit-letters", "100"])
        .arg(&corpus)
        .arg("--index")
        .arg(&index)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As soon as some letters are safe, and long before all are.
    let name = index.display().to_string();
    let some = || {
        let told = imr(["status", "--json", "--index", &name]);
        told.code == 0 && told.json()[0]["letters"].as_u64() > Some(0)
    };
    let began = Instant::now();
    while !some() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "nothing is committed"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("Finishing current letters."), "{told}");
    assert!(
        told.contains("Interrupted. Run the same command to resume."),
        "{told}"
    );
    is_sound(&index);
    let before = holds(&index).items.len();
    assert!(before > 0, "what was read is kept");
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    assert!(holds(&index).items.len() > before);
}

#[test]
fn two_writers_at_once_and_searches_meanwhile() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 1500);
    let index = folder.path().join("index");
    let mut first = indexing(&corpus, &index, &[]).spawn().unwrap();
    while !index.join("imr.json").exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let name = index.display().to_string();
    let second = imr(["index", &corpus.display().to_string(), "--index", &name]);
    let rebuild = imr([
        "index",
        "--rebuild",
        &corpus.display().to_string(),
        "--index",
        &name,
    ]);
    let mut seen = Vec::new();
    while first.try_wait().unwrap().is_none() {
        let found = imr([
            "search", "--index", &name, "--json", "norco", "--limit", "1",
        ]);
        assert!(matches!(found.code, 0 | 1), "{}", found.err);
        seen.push(found.json()[0]["letters"].as_u64().unwrap());
    }
    for second in [second, rebuild] {
        assert_eq!(second.code, 2, "{}", second.err);
        assert!(
            second
                .err
                .contains("another imr process is writing to the index"),
            "{}",
            second.err
        );
    }
    assert!(seen.is_sorted(), "{seen:?}");
    seen.dedup();
    assert!(seen.len() > 1, "commits are seen as they come: {seen:?}");
    is_sound(&index);
}

#[test]
fn two_first_runs_at_once() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 200);
    for round in 0..8 {
        let index = folder.path().join(format!("index-{round}"));
        let children: Vec<_> = (0..3)
            .map(|_| indexing(&corpus, &index, &[]).spawn().unwrap())
            .collect();
        let codes: Vec<_> = children
            .into_iter()
            .map(|mut child| child.wait().unwrap().code())
            .collect();
        assert!(codes.contains(&Some(0)), "{codes:?}");
        assert!(codes.iter().all(|c| matches!(c, Some(0 | 2))), "{codes:?}");
        is_sound(&index);
    }
}

#[test]
fn a_rebuild_that_is_killed_leaves_the_old_index_and_goes_on() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 600);
    let index = folder.path().join("index");
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    let expected = holds(&index);
    let mut numbers = Numbers(2015);
    let mut kills = 0;
    for _ in 0..8 {
        let mut child = indexing(&corpus, &index, &["--rebuild"]).spawn().unwrap();
        if !wait(&mut child, Duration::from_millis(20 + numbers.below(400))) {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        is_sound(&index);
        assert_eq!(holds(&index), expected);
    }
    assert!(kills >= 3, "{kills}");
    assert!(
        indexing(&corpus, &index, &["--rebuild"])
            .status()
            .unwrap()
            .success()
    );
    is_sound(&index);
    assert_eq!(holds(&index), expected);
    let generations = fs::read_dir(&index)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().is_dir())
        .count();
    assert_eq!(generations, 1);
}

/// A rebuild that takes the place of an index does not disturb the searches that are under way.
#[test]
fn searches_go_on_while_rebuilds_take_the_place_of_the_index() {
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 100);
    let index = folder.path().join("index");
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    let name = index.display().to_string();
    let search = || {
        imr(["search", "--index", &name, "norco", "--limit", "1"])
            .code(0)
            .out
    };
    let wanted = search();
    let searches = std::thread::scope(|scope| {
        let rebuilds = scope.spawn(|| {
            for _ in 0..6 {
                let rebuilt = indexing(&corpus, &index, &["--rebuild"]).status().unwrap();
                assert!(rebuilt.success());
            }
        });
        let mut searches = 0;
        while !rebuilds.is_finished() {
            assert_eq!(search().lines().next(), wanted.lines().next());
            imr(["status", "--index", &name]).code(0);
            let exported = imr(["export", "--index", &name, "--by", "letter"]).code(0);
            assert!(exported.out.lines().count() > 100, "{}", exported.err);
            searches += 3;
        }
        searches
    });
    assert!(searches > 10, "{searches}");
    is_sound(&index);
}

/// The right to write is lost midway. Only root can become another user who has fewer rights; any
/// other user takes the rights from himself.
#[test]
fn a_permission_lost_midway() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    let folder = TempDir::new().unwrap();
    let corpus = corpus(folder.path(), 1500);
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(folder.path(), 0o755);
    let program = folder.path().join("imr");
    copy_program(&program);
    mode(&program, 0o755);
    let index = folder.path().join("index");
    fs::create_dir(&index).unwrap();
    let is_root = chown(&index, Some(65534), Some(65534)).is_ok();
    let mut run = Command::new(&program);
    run.args(["index", "--quiet", "--jobs", "1", "--commit-letters", "100"])
        .arg(&corpus)
        .arg("--index")
        .arg(&index)
        .current_dir(folder.path())
        .stderr(Stdio::piped());
    if is_root {
        run.uid(65534).gid(65534);
    }
    let mut child = run.spawn().unwrap();
    let generation = index.join("generation-1");
    while !generation.join("meta.json").exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(300));
    let ended_before = child.try_wait().unwrap().is_some();
    mode(&generation, 0o555);
    let output = child.wait_with_output().unwrap();
    mode(&generation, 0o755);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!ended_before, "it was still at work: {told}");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("cannot be written: permission denied"),
        "{told}"
    );
    is_sound(&index);
    assert!(indexing(&corpus, &index, &[]).status().unwrap().success());
    is_sound(&index);
}
