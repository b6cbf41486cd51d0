//! Running the command, and an index of the sample corpus that tests share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// What a run printed and how it ended.
pub(crate) struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails the test unless the run ended with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Ran {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.out.lines().map(parse).collect()
    }

    /// The case numbers of the hits and mentions, in order.
    pub(crate) fn cases(&self) -> Vec<String> {
        let case = |hit: &serde_json::Value| Some(hit.get("case_number")?.as_str()?.to_string());
        let lines = self.json().into_iter();
        lines
            .filter(|line| line["type"] != "partial")
            .filter_map(|line| case(&line))
            .collect()
    }
}

fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command prints UTF-8");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// The command, run from the project's root, with no colour and no index from the environment.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imr"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("IMR_INDEX")
        .env_remove("COLUMNS")
        // Exports name their day: the same one in every run.
        .env("SOURCE_DATE_EPOCH", "1768435200")
        .env("NO_COLOR", "1");
    command
}

pub(crate) fn imr<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    ran(command().args(args).output().expect("the command starts"))
}

/// Runs the command with an input.
pub(crate) fn imr_with_input(args: &[&str], input: &[u8]) -> Ran {
    use std::io::Write;
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || {
        // The command may end before it has read all.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the command ends");
    feeding.join().expect("the input is fed");
    ran(output)
}

/// An index of the sample corpus, made once.
pub(crate) fn sample_index() -> &'static Path {
    static INDEX: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = INDEX.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("index");
        imr([
            "index",
            "sample-corpus",
            "--quiet",
            "--index",
            &path.display().to_string(),
        ])
        .code(0);
        (folder, path)
    });
    path
}

/// Searches the sample corpus.
pub(crate) fn search(args: &[&str]) -> Ran {
    with_sample_index("search", args)
}

/// Runs a command that takes `--index` over the sample corpus.
pub(crate) fn with_sample_index(command: &str, args: &[&str]) -> Ran {
    let index = sample_index().display().to_string();
    imr([command, "--index", &index].iter().chain(args))
}

/// A letter in layout A with one item.
pub(crate) fn letter(case: &str, items: &[(&str, &str)]) -> String {
    let mut text = format!(
        "Case Number: {case}\nDate Assigned: 01/28/2015 Date of Injury: 07/16/2014\n\
         Decision Date: 03/06/2015 UR Denial Date: 01/05/2015\nPriority: Standard Application\n\
         Received: 01/21/2015\n\nHOW THE IMR FINAL DETERMINATION WAS MADE\n\n\
         State(s) of Licensure: California\nCertification(s)/Specialty: Pain Management\n\n\
         CLINICAL CASE SUMMARY\n\nThe worker is a 45 year old male roofer who fell.\n\n\
         IMR ISSUES, DECISIONS AND RATIONALES\n\n"
    );
    for (request, decision) in items {
        text += &format!(
            "{request}: {decision}\n\nClaims Administrator guideline: The Claims Administrator did \
             not cite any medical evidence for its decision.\n\nMAXIMUS guideline: Decision based on \
             MTUS Chronic Pain Treatment Guidelines, page(s) 74-96.\n\nDecision rationale: The \
             chart was weighed for {request}.\n\n"
        );
    }
    text
}

/// Copies the program. Another one does it: what this process has open to write would be inherited by
/// what other tests start meanwhile, and a file that is open to write cannot be started.
#[cfg(unix)]
pub(crate) fn copy_program(to: &Path) {
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_imr"))
        .arg(to)
        .status();
    assert!(copied.unwrap().success());
}
