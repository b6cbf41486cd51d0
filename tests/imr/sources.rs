//! Where letters come from: archives, compressed files, lines of JSON, lists; and what is wrong
//! with some of them.

use crate::support::{Ran, imr, imr_with_input, letter};
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

/// A corpus and an index in a folder that goes when the test ends.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("corpus")).unwrap();
        Place { folder }
    }

    fn corpus(&self) -> PathBuf {
        self.folder.path().join("corpus")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.corpus().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn index_with(&self, args: &[&str]) -> Ran {
        let (corpus, index) = (self.corpus(), self.index());
        let corpus = corpus.display().to_string();
        imr(["index", &corpus, "--index", &index].iter().chain(args))
    }

    fn index(&self) -> String {
        self.folder.path().join("index").display().to_string()
    }

    /// The files of each case, from the corpus's folder.
    fn files(&self) -> BTreeMap<String, Vec<String>> {
        let all = imr([
            "search",
            "--index",
            &self.index(),
            "--json",
            "--limit",
            "10000",
        ]);
        let root = format!("{}/", fs::canonicalize(self.corpus()).unwrap().display());
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_string();
        all.json()
            .iter()
            .filter(|hit| hit["type"] == "hit")
            .map(|hit| {
                let files = hit["files"].as_array().unwrap().iter();
                let files = files.map(|f| text(f).replace(&root, "")).collect();
                (text(&hit["case_number"]), files)
            })
            .collect()
    }

    #[track_caller]
    fn holds(&self, expected: &[(&str, &str)]) {
        let files = self.files();
        let found: Vec<(&str, String)> = files
            .iter()
            .map(|(case, files)| (case.as_str(), files.join(" ")))
            .collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(c, f)| (*c, f.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn is_sound(&self) {
        let ran = imr(["status", "--check", "--index", &self.index()]).code(0);
        assert!(ran.out.contains("sound: "), "{}", ran.out);
    }
}

fn one(case: &str) -> Vec<u8> {
    letter(
        case,
        &[
            ("Norco 10/325mg", "Upheld"),
            ("MRI of the knee", "Overturned"),
        ],
    )
    .into_bytes()
}

fn zipped(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[test]
fn letters_come_from_files_and_archives_of_every_kind() {
    let place = Place::new();
    let sample = format!(
        "{}/sample-corpus/2015/CM15-0900106.pdf",
        env!("CARGO_MANIFEST_DIR")
    );
    let long = format!("{}CM15-0000012.txt", "a-long-name/".repeat(30));
    place.write("CM15-0000001.txt", one("CM15-0000001"));
    place.write("2.txt.gz", gzipped(&one("CM15-0000002")));
    place.write("3.zst", zstd(&one("CM15-0000003")));
    place.write(
        "a.zip",
        zipped(&[
            ("2015/4.txt", one("CM15-0000004")),
            ("2015/CM15-0900106.pdf", fs::read(sample).unwrap()),
            ("2015/5.txt.gz", gzipped(&one("CM15-0000005"))),
        ]),
    );
    place.write("b.tar", tarred(&[("6.txt", one("CM15-0000006"))]));
    place.write(
        "c.tar.gz",
        gzipped(&tarred(&[("7.txt", one("CM15-0000007"))])),
    );
    place.write("d.tgz", gzipped(&tarred(&[("8", one("CM15-0000008"))])));
    place.write(
        "e.tar.zst",
        zstd(&tarred(&[
            ("9.txt", one("CM15-0000009")),
            (&long, one("CM15-0000012")),
        ])),
    );
    let line = |id: &str, case: &str| {
        let text = String::from_utf8(one(case)).unwrap();
        serde_json::json!({"id": id, "pages": [1, {"n": 2}], "text": text}).to_string() + "\n"
    };
    place.write("f.jsonl", line("x/10", "CM15-0000010"));
    place.write("g.jsonl.gz", gzipped(line("11", "CM15-0000011").as_bytes()));
    let ran = place.index_with(&[]).code(0);
    assert!(ran.err.starts_with("13 letters, 25 items ("), "{}", ran.err);
    let long = format!("e.tar.zst!{long}");
    place.holds(&[
        ("CM15-0000001", "CM15-0000001.txt"),
        ("CM15-0000002", "2.txt.gz"),
        ("CM15-0000003", "3.zst"),
        ("CM15-0000004", "a.zip!2015/4.txt"),
        ("CM15-0000005", "a.zip!2015/5.txt.gz"),
        ("CM15-0000006", "b.tar!6.txt"),
        ("CM15-0000007", "c.tar.gz!7.txt"),
        ("CM15-0000008", "d.tgz!8"),
        ("CM15-0000009", "e.tar.zst!9.txt"),
        ("CM15-0000010", "f.jsonl!x/10"),
        ("CM15-0000011", "g.jsonl.gz!11"),
        ("CM15-0000012", &long),
        ("CM15-0900106", "a.zip!2015/CM15-0900106.pdf"),
    ]);
    place.is_sound();
    // Nothing was unpacked beside them, and archives that did not change are not opened again.
    assert_eq!(fs::read_dir(place.corpus()).unwrap().count(), 10);
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .starts_with("0 letters, 0 items, 13 skipped as unchanged ("),
        "{}",
        ran.err
    );
    // A letter in an archive is found by its name there, and extracted without an index.
    let shown = imr(["show", "--index", &place.index(), "6.txt"]).code(0);
    assert!(shown.out.contains("CM15-0000006"), "{}", shown.out);
    let zip = place.corpus().join("a.zip").display().to_string();
    assert_eq!(imr(["extract", &zip]).code(0).cases().len(), 3);
}

#[test]
fn an_archive_that_changes_is_read_again_and_only_its_new_members_are_parsed() {
    let place = Place::new();
    let first = ("1.txt", one("CM15-0000001"));
    place.write(
        "a.zip",
        zipped(&[first.clone(), ("2.txt", one("CM15-0000002"))]),
    );
    place.index_with(&[]).code(0);
    place.write(
        "a.zip",
        zipped(&[
            first,
            ("two.txt", one("CM15-0000002")),
            ("3.txt", one("CM15-0000003")),
        ]),
    );
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .contains("1 letter, 2 items, 1 skipped as unchanged, 1 duplicate, 1 moved"),
        "{}",
        ran.err
    );
    place.holds(&[
        ("CM15-0000001", "a.zip!1.txt"),
        ("CM15-0000002", "a.zip!two.txt"),
        ("CM15-0000003", "a.zip!3.txt"),
    ]);
    // A member that is gone stays until it is pruned; so does an archive.
    place.write("a.zip", zipped(&[("3.txt", one("CM15-0000003"))]));
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .contains("a.zip!two.txt no longer exists; its letters are still in the index"),
        "{}",
        ran.err
    );
    assert_eq!(place.files().len(), 3);
    let ran = place.index_with(&["--prune"]).code(0);
    assert!(ran.err.contains("2 pruned"), "{}", ran.err);
    place.holds(&[("CM15-0000003", "a.zip!3.txt")]);
    place.is_sound();
    // An archive that moves keeps its letters; nothing of the old path is left.
    fs::rename(place.corpus().join("a.zip"), place.corpus().join("b.zip")).unwrap();
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err.starts_with("0 letters, 0 items, 1 moved ("),
        "{}",
        ran.err
    );
    place.holds(&[("CM15-0000003", "b.zip!3.txt")]);
    let ran = place.index_with(&[]).code(0);
    assert!(!ran.err.contains("gone"), "{}", ran.err);
}

#[test]
fn lines_of_json_have_the_keys_that_are_named() {
    let place = Place::new();
    let text = |case| String::from_utf8(one(case)).unwrap();
    let lines = [
        serde_json::json!({"case": 17, "body": text("CM15-0000001")}).to_string(),
        serde_json::json!({"body": text("CM15-0000002")}).to_string(),
        String::new(),
        serde_json::json!({"case": "n", "text": "elsewhere"}).to_string(),
        "{\"case\": \"cut".to_string(),
        "[1, 2]".to_string(),
        serde_json::json!({"case": "o", "body": {"pages": []}}).to_string(),
        serde_json::json!({"case": "p", "body": "no letter"}).to_string(),
    ];
    place.write("letters.jsonl", lines.join("\n"));
    let ran = place
        .index_with(&["--id-key", "case", "--text-key", "body"])
        .code(0);
    for told in [
        "letters.jsonl!n has no text under the key 'body'",
        "letters.jsonl!line 5 is not a JSON object",
        "letters.jsonl!line 6 is not a JSON object",
        "letters.jsonl!o has no text under the key 'body'",
        "letters.jsonl!p is not an IMR determination letter",
    ] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    place.holds(&[
        ("CM15-0000001", "letters.jsonl!17"),
        ("CM15-0000002", "letters.jsonl!line 2"),
    ]);
}

#[test]
fn a_list_of_paths_on_standard_input() {
    let place = Place::new();
    for n in 1..=3 {
        place.write(&format!("{n}.dat"), one(&format!("CM15-000000{n}")));
    }
    let path = |name: &str| place.corpus().join(name).display().to_string();
    let index = place.index();
    let list = format!(
        "{}\r\n\n{}\n{}\n",
        path("1.dat"),
        path("2.dat"),
        path("not-there")
    );
    let ran = imr_with_input(&["index", "-", "--index", &index], list.as_bytes()).code(0);
    assert!(ran.err.contains("not-there does not exist"), "{}", ran.err);
    assert!(
        ran.err.contains("2 letters, 4 items, 1 failed"),
        "{}",
        ran.err
    );
    let list = format!("{}\0{}\0", path("2.dat"), path("3.dat"));
    let args = ["index", "--files-from", "-", "--index", &index];
    let ran = imr_with_input(&args, list.as_bytes()).code(0);
    assert!(
        ran.err
            .contains("1 letter, 2 items, 1 skipped as unchanged"),
        "{}",
        ran.err
    );
    assert_eq!(place.files().len(), 3);
    imr_with_input(&["index", "-", "--index", &index], b"\n").code(2);
}

#[test]
fn one_file_is_one_source_however_it_is_named() {
    let place = Place::new();
    place.write("a.txt", one("CM15-0000001"));
    place.index_with(&[]).code(0);
    let index = place.index();
    let run = |folder: &Path, name: &str| {
        let mut command = crate::support::command();
        command
            .current_dir(folder)
            .args(["index", name, "--index", &index]);
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    for (folder, name) in [
        (place.folder.path(), "corpus"),
        (place.folder.path(), "./corpus/../corpus/"),
        (&place.corpus(), "."),
        (&place.corpus(), "a.txt"),
    ] {
        let told = run(folder, name);
        assert!(
            told.starts_with("0 letters, 0 items, 1 skipped as unchanged ("),
            "{name}: {told}"
        );
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.corpus(), place.folder.path().join("link")).unwrap();
        let told = run(place.folder.path(), "link");
        assert!(told.contains("1 skipped as unchanged"), "{told}");
    }
    // Named twice, it is read once; and people see it from where they stand.
    place.write("b.txt", one("CM15-0000002"));
    let (corpus, file) = (place.corpus(), place.corpus().join("b.txt"));
    let args = [
        "index",
        corpus.to_str().unwrap(),
        file.to_str().unwrap(),
        "--index",
        &index,
    ];
    let ran = imr(args).code(0);
    assert!(
        ran.err.starts_with("1 letter, 2 items, 1 skipped"),
        "{}",
        ran.err
    );
    let mut command = crate::support::command();
    command.current_dir(place.folder.path());
    let output = command
        .args(["search", "--index", &index, "norco"])
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("\n    corpus/a.txt\n"), "{out}");
}

#[test]
fn tricks_of_archives_are_harmless_and_told() {
    let place = Place::new();
    let mut tar = tar::Builder::new(Vec::new());
    let mut entry = |path: &[u8], bytes: &[u8], kind: tar::EntryType| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, bytes).unwrap();
    };
    let file = tar::EntryType::Regular;
    entry(b"../../up.txt", &one("CM15-0000001"), file);
    entry(b"/etc/passwd", &one("CM15-0000002"), file);
    entry(b"same.txt", &one("CM15-0000003"), file);
    entry(b"same.txt", &one("CM15-0000004"), file);
    entry(b"link.txt", b"", tar::EntryType::Symlink);
    entry(b"picture.png", b"\x89PNG", file);
    entry(b"inner.zip", b"PK", file);
    entry(b"folder/.hidden", b"x", file);
    place.write("tricks.tar", tar.into_inner().unwrap());
    let ran = place.index_with(&[]).code(0);
    for told in [
        "tricks.tar!inner.zip is an archive inside an archive: unpack the outer one first",
        "tricks.tar has 2 entries with a name that leads out of it or cannot be printed (first: ../../up.txt)",
        "tricks.tar has 1 entry with the same name as an earlier entry (first: same.txt)",
        "4 letters, 8 items, 1 failed, 3 files of other kinds skipped (.png, hidden, link)",
    ] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    place.holds(&[
        ("CM15-0000001", "tricks.tar!up.txt"),
        ("CM15-0000002", "tricks.tar!etc/passwd"),
        ("CM15-0000003", "tricks.tar!same.txt"),
        ("CM15-0000004", "tricks.tar!same.txt#2"),
    ]);
    assert!(!place.folder.path().join("up.txt").exists());
    // A file that is called like a member is not taken for it.
    place.write("tricks.tar!up.txt", one("CM15-0000005"));
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .contains("has the name of a member of the archive next to it; rename it"),
        "{}",
        ran.err
    );
}

#[test]
fn thousands_of_entries_with_one_name() {
    let place = Place::new();
    let name = |n: usize| format!("n{n:04}.txt");
    let names: Vec<String> = (0..3000).map(name).collect();
    let entries: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), one(&format!("CM15-{:07}", n + 1))))
        .collect();
    // The writer refuses to write a name twice: it is put in afterwards.
    let mut zip = zipped(&entries);
    for name in &names {
        for at in memchr::memmem::find_iter(&zip.clone(), name).collect::<Vec<_>>() {
            zip[at..at + name.len()].copy_from_slice(b"same0.txt");
        }
    }
    place.write("same.zip", zip);
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .contains("same.zip has 2999 entries with the same name as an earlier entry"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("3,000 letters, 6,000 items ("),
        "{}",
        ran.err
    );
    let files = place.files();
    assert_eq!(files["CM15-0003000"], ["same.zip!same0.txt#3000"]);
    place.is_sound();
}

#[test]
fn bombs_and_broken_archives_end_with_a_reason() {
    let place = Place::new();
    // 100 MB of nothing; and as a member of 3 MB, beyond the limit of one letter.
    let nothing = vec![b' '; 100 << 20];
    place.write(
        "bomb.tar.gz",
        gzipped(&tarred(&[("a.txt", nothing.clone())])),
    );
    place.write("bomb.txt.zst", zstd(&nothing[..3 << 20]));
    let many: Vec<String> = (0..50).map(|n| format!("{n}.txt")).collect();
    let many: Vec<_> = many
        .iter()
        .map(|n| (n.as_str(), vec![b' '; 2 << 20]))
        .collect();
    place.write("bomb.zip", zipped(&many));
    place.write(
        "large.zip",
        zipped(&[
            ("a.txt", vec![b'x'; 3 << 20]),
            ("b.txt", one("CM15-0000001")),
        ]),
    );
    place.write("none.zip", b"PK but no zip");
    place.write("none.tar", b"no tar, and shorter than its first header");
    place.write("none.tar.gz", b"no gzip");
    place.write("none.tar.zst", b"no zstd");
    place.write("none.txt.gz", b"no gzip");
    let whole = gzipped(&tarred(&[
        ("2.txt", one("CM15-0000002")),
        ("3.txt", one("CM15-0000003")),
    ]));
    place.write("cut.tar.gz", &whole[..whole.len() - 60]);
    let plain = tarred(&[
        ("4.txt", one("CM15-0000004")),
        ("5.txt", one("CM15-0000005")),
    ]);
    place.write("cut.tar", &plain[..plain.len() - 2048]);
    let mut zip = zipped(&[
        ("6.txt", one("CM15-0000006")),
        ("7.txt", one("CM15-0000007")),
    ]);
    let at = memchr::memmem::find(&zip, b"6.txt").unwrap() + 20;
    zip[at] ^= 0x55;
    place.write("damaged.zip", zip);
    let ran = place
        .index_with(&["--max-letter", "1", "--verbose"])
        .code(0);
    for (file, reason) in [
        ("bomb.tar.gz ", "expands to more than 250 times its size"),
        ("bomb.txt.zst ", "is larger than the limit of 1048576 bytes"),
        (
            "bomb.zip!0.txt ",
            "is larger than the limit of 1048576 bytes",
        ),
        (
            "large.zip!a.txt ",
            "is larger than the limit of 1048576 bytes",
        ),
        ("none.zip ", "is a broken zip archive"),
        ("none.tar ", "is a broken tar archive"),
        ("none.tar.gz ", "is a broken tar archive"),
        ("none.tar.zst ", "is a broken tar archive"),
        ("none.txt.gz ", "cannot be read"),
        ("cut.tar.gz ", "is a broken tar archive"),
        (
            "cut.tar ",
            "is a broken tar archive from 5.txt on: it ends there",
        ),
        ("damaged.zip!6.txt ", "cannot be read"),
    ] {
        let told = ran
            .err
            .lines()
            .any(|l| l.contains(file) && l.contains(reason));
        assert!(told, "{file}: {reason}\n{}", ran.err);
    }
    let files = place.files();
    for case in ["CM15-0000001", "CM15-0000004", "CM15-0000007"] {
        assert!(files.contains_key(case), "{case}: {files:?}");
    }
    // What is known to fail is told from memory; with a higher limit it is tried again.
    place.write(
        "large.zip",
        zipped(&[("a.txt", {
            let mut text = one("CM15-0000008");
            text.resize(3 << 19, b' ');
            text
        })]),
    );
    place.index_with(&["--max-letter", "1"]).code(0);
    assert!(!place.files().contains_key("CM15-0000008"));
    let higher = ["--max-letter", "16", "--memory", "512"];
    place.index_with(&higher).code(0);
    assert!(
        !place.files().contains_key("CM15-0000008"),
        "it did not change"
    );
    place
        .index_with(&[&higher[..], &["--retry"]].concat())
        .code(0);
    assert!(place.files().contains_key("CM15-0000008"));
    place.is_sound();
}

#[test]
fn entries_that_need_a_password_are_told() {
    let place = Place::new();
    // The bit that says "encrypted", in the local header and in the directory.
    let mut zip = zipped(&[
        ("a.txt", one("CM15-0000001")),
        ("b.txt", one("CM15-0000002")),
    ]);
    let local = memchr::memmem::find(&zip, b"PK\x03\x04").unwrap();
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    zip[local + 6] |= 1;
    zip[central + 8] |= 1;
    place.write("locked.zip", zip);
    let ran = place.index_with(&[]).code(0);
    assert!(
        ran.err
            .contains("locked.zip!a.txt is encrypted in its archive"),
        "{}",
        ran.err
    );
    place.holds(&[("CM15-0000002", "locked.zip!b.txt")]);
}

/// Root may read anywhere: then nothing is tested of rights, only that loops of links end.
#[cfg(unix)]
#[test]
fn links_in_circles_and_folders_that_cannot_be_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new();
    place.write("a.txt", one("CM15-0000001"));
    place.write("locked/b.txt", one("CM15-0000002"));
    symlink(place.corpus(), place.corpus().join("circle")).unwrap();
    symlink("self", place.corpus().join("self")).unwrap();
    symlink(
        place.corpus().join("a.txt"),
        place.corpus().join("again.txt"),
    )
    .unwrap();
    let locked = place.corpus().join("locked");
    let mode = |mode| fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o000);
    let readable = fs::read_dir(&locked).is_ok();
    let ran = place.index_with(&[]).code(0);
    mode(0o755);
    assert!(ran.err.contains("self is a broken link"), "{}", ran.err);
    assert!(ran.err.contains("(link to a folder)"), "{}", ran.err);
    assert!(ran.err.contains("1 duplicate"), "{}", ran.err);
    if !readable {
        assert!(
            ran.err.contains("locked cannot be read: permission denied"),
            "{}",
            ran.err
        );
    }
    // What was below a folder that could not be read is not taken for gone.
    place.index_with(&[]).code(0);
    mode(0o000);
    let ran = place.index_with(&["--prune"]).code(0);
    mode(0o755);
    assert!(!ran.err.contains("pruned"), "{}", ran.err);
    assert_eq!(place.files().len(), 2);
}

#[test]
fn lines_of_json_with_a_mark_or_in_utf_16() {
    let place = Place::new();
    let lines = |numbers: [&str; 2]| {
        let line = |case: &str| {
            let text = String::from_utf8(one(case)).unwrap() + "Caf\u{e9} \u{1f600}";
            serde_json::json!({"id": case, "text": text}).to_string()
        };
        numbers.map(line).join("\n") + "\n"
    };
    let utf16 = |text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]| {
        let mark = mark.then_some(0xfeff);
        let units = mark.into_iter().chain(text.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let marked = "\u{feff}".to_string() + &lines(["CM15-0000001", "CM15-0000002"]);
    place.write("a.jsonl", &marked);
    let two = lines(["CM15-0000003", "CM15-0000004"]);
    place.write("b.jsonl", utf16(&two, true, u16::to_le_bytes));
    let two = lines(["CM15-0000005", "CM15-0000006"]);
    place.write("c.jsonl", utf16(&two, true, u16::to_be_bytes));
    let two = lines(["CM15-0000007", "CM15-0000008"]);
    place.write("d.jsonl.gz", gzipped(&utf16(&two, false, u16::to_le_bytes)));
    let ran = place.index_with(&[]).code(0);
    assert!(ran.err.starts_with("8 letters, "), "{}", ran.err);
    let shown = imr(["show", "CM15-0000008", "--index", &place.index()]).code(0);
    assert!(shown.out.contains("Caf\u{e9} \u{1f600}"), "{}", shown.out);
}

#[test]
fn what_was_saved_before_a_cut_or_padded_after_it_is_read() {
    let place = Place::new();
    let text = one("CM15-0000001");
    place.write("a.txt.gz", [gzipped(&text), vec![0; 512]].concat());
    let text = one("CM15-0000002");
    place.write(
        "b.txt.gz",
        [gzipped(&text), b"-- sent from a phone".to_vec()].concat(),
    );
    let tar = gzipped(&tarred(&[("3.txt", one("CM15-0000003"))]));
    place.write("c.tar.gz", [tar, vec![0; 512]].concat());
    let zip = zipped(&[
        ("4.txt", one("CM15-0000004")),
        ("5.txt", one("CM15-0000005")),
        ("6.txt", one("CM15-0000006")),
    ]);
    // In the middle of the third.
    let third = memchr::memmem::find(&zip, b"6.txt").unwrap();
    place.write("d.zip", &zip[..third + 20]);
    let ran = place.index_with(&[]).code(0);
    assert!(ran.err.contains("5 letters, "), "{}", ran.err);
    assert!(
        ran.err.contains(
            "d.zip is a broken zip archive, cut short: the 2 files before the cut were read"
        ),
        "{}",
        ran.err
    );
}

/// A zip archive of three letters that was written as a stream, as browsers and office programs do: how many bytes an
/// entry has stands behind them.
fn streamed(cases: [&str; 3], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new_stream(Vec::new());
    for case in cases {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("{case}.txt"), options).unwrap();
        zip.write_all(&one(case)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn entries_of_a_damaged_zip_are_found_by_their_own_headers() {
    use memchr::memmem::{find, find_iter, rfind};
    use zip::CompressionMethod::{Deflated, Stored};
    let entry_of_directory = b"PK\x01\x02";
    let cut = |zip: &[u8]| zip[..find(zip, entry_of_directory).unwrap()].to_vec();
    let place = Place::new();
    let all = |from: usize| [from, from + 1, from + 2].map(|n| format!("CM15-000000{n}"));
    let some = |from: usize, method| {
        let cases = all(from);
        streamed([&cases[0], &cases[1], &cases[2]], method)
    };
    place.write("a.zip", cut(&some(0, Deflated)));
    place.write(
        "b.zip",
        [b"#!/bin/sh\n".to_vec(), cut(&some(1, Stored))].concat(),
    );
    let mut damaged = some(3, Deflated);
    let second = find_iter(&damaged, entry_of_directory).nth(1).unwrap();
    damaged[second] = 0;
    place.write("c.zip", damaged);
    // The directory says that it has one entry.
    let mut few = some(6, Deflated);
    let end = rfind(&few, b"PK\x05\x06").unwrap();
    few[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    place.write("d.zip", few);
    // And one byte of a letter is another.
    let mut changed = cut(&some(7, Stored));
    let at = rfind(&changed, b"roofer").unwrap();
    changed[at] = b'R';
    place.write("e.zip", changed);
    let ran = place.index_with(&[]).code(0);
    for told in [
        "a.zip is a broken zip archive, cut short: the 3 files before the cut were read",
        "b.zip is a broken zip archive, cut short: the 3 files before the cut were read",
        "c.zip is a broken zip archive: its directory is damaged; 2 more files were recovered",
        "d.zip is a broken zip archive: its directory lists too few files; 2 more files were recovered",
        "e.zip is a broken zip archive, cut short: the 2 files before the cut were read",
        "e.zip!CM15-0000009.txt cannot be read: its checksum differs",
    ] {
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }
    let cases: Vec<String> = place.files().into_keys().collect();
    let expected = [all(0), all(3), all(6)].concat();
    assert_eq!(cases, expected);
}

#[test]
fn archives_written_one_after_another_are_read_to_the_end() {
    let place = Place::new();
    let tar = |case: &str| tarred(&[(&format!("{case}.txt"), one(case))]);
    let two = [tar("CM15-0000001"), tar("CM15-0000002")].concat();
    place.write("a.tar", two);
    let padded = [gzipped(&tar("CM15-0000003")), vec![0; 512]].concat();
    place.write("b.tgz", [padded, gzipped(&tar("CM15-0000004"))].concat());
    let ran = place.index_with(&[]).code(0);
    assert!(ran.err.contains("4 letters, "), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn what_names_and_texts_say_does_nothing_to_a_terminal() {
    let place = Place::new();
    let name = "\u{1b}[2J\u{202e}a\nb";
    place.write(&format!("{name}.txt"), "An invoice.");
    let text = String::from_utf8(one("CM15-0000001")).unwrap();
    let text = text.replace("10/325mg", "10/325mg \u{1b}[31m\u{9b}1m\u{202e}\u{2066}");
    place.write(&format!("{name}2.txt"), text);
    let bare = text_without_case(&one("CM15-0000002"));
    place.write(&format!("{name}3.txt"), bare);
    let corpus = place.corpus().display().to_string();
    let missing = place.corpus().join("\u{1b}]0;x\u{7}").display().to_string();
    let index = place.index();
    let runs = [
        place.index_with(&["--verbose"]),
        place.index_with(&["--verbose", "--retry"]),
        imr(["status", "--failures", "--index", &index]),
        imr(["search", "--index", &index]),
        imr(["search", "norco", "--index", &index]),
        imr(["show", "CM15-0000001", "--index", &index]),
        imr(["extract", &corpus]),
        imr(["extract", &missing]),
        imr(["index", &missing, "--index", &index]),
        imr(["show", &missing, "--index", &index]),
        imr(["search", "x", "--index", &missing]),
    ];
    for (n, ran) in runs.iter().enumerate() {
        let said = format!("{}{}", ran.out, ran.err);
        let acts = |c: char| {
            (c.is_control() && c != '\n')
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || c == '\u{2066}'
        };
        assert!(!said.contains(acts), "{n}: {said:?}");
        assert!(!said.contains("a\nb"), "{n}: {said:?}");
    }
}

/// A letter that is named by its file.
fn text_without_case(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().skip(1).collect::<Vec<_>>().join("\n")
}
