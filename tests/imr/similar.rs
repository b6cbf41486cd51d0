//! Letters like a letter, and decisions on requests like those of a document.

use crate::support::{imr_with_input, sample_index, with_sample_index};
use serde_json::Value;

fn similar(args: &[&str]) -> crate::support::Ran {
    with_sample_index("similar", args)
}

fn of_type(lines: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = lines.iter().filter(|line| line["type"] == kind);
    of_kind.cloned().collect()
}

#[test]
fn a_document_is_read_and_its_requests_are_compared() {
    for (file, kind, requests) in [
        (
            "denial-lumbar-mri.txt",
            "a utilization review decision",
            &["MRI", "physical therapy"][..],
        ),
        (
            "denial-norco.txt",
            "a utilization review decision",
            &["medication", "medication", "urine drug test"],
        ),
        (
            "request-for-authorization.txt",
            "a request for authorization",
            &[
                "carpal tunnel release",
                "occupational or hand therapy",
                "brace or orthosis",
            ],
        ),
        (
            "progress-report.txt",
            "a medical report",
            &[
                "epidural steroid injection",
                "acupuncture",
                "consultation or referral",
            ],
        ),
    ] {
        let path = format!("sample-corpus/not-letters/{file}");
        let lines = similar(&[&path, "--json"]).code(0).json();
        assert_eq!(lines[0]["type"], "understood", "{file}");
        assert_eq!(lines[0]["kind"], kind, "{file}");
        let read = of_type(&lines, "request");
        let services: Vec<&str> = read
            .iter()
            .map(|line| line["service"][0].as_str().unwrap())
            .collect();
        assert_eq!(services, requests, "{file}");
        for hit in of_type(&lines, "hit") {
            let request = &read[hit["request_number"].as_u64().unwrap() as usize - 1];
            let item = hit["matching_items"][0].as_u64().unwrap() as usize;
            let item = &hit["items"][item];
            assert!(item["decision"].is_string(), "{file}: {item}");
            let alike = item["service"] == request["service"] || item["drugs"] == request["drugs"];
            assert!(
                alike,
                "{file}: {} for {}",
                item["request"], request["request"]
            );
        }
    }
}

#[test]
fn the_table_of_the_form_for_requests_is_read() {
    let form = "State of California\nREQUEST FOR AUTHORIZATION\nDWC Form RFA\n\
        Requested Treatment (see instructions)\n\
        Diagnosis (Required) ICD-Code (Required) Service/Good Requested (Required) CPT/HCPCS Code \
        Other Information: (Frequency, Duration, Quantity, etc.)\n\
        Lumbar radiculopathy M54.16 MRI of the lumbar spine 72148 x1\n\
        Neck strain S16.1XXA Physical therapy 97110 2x6\n\
        Requesting Physician Signature: Date: 02/01/2016\n";
    let index = sample_index();
    let index = index.to_str().unwrap();
    let lines = imr_with_input(
        &["similar", "-", "--json", "--index", index],
        form.as_bytes(),
    );
    let lines = lines.code(0).json();
    assert_eq!(lines[0]["kind"], "a request for authorization");
    let diagnoses = lines[0]["diagnoses"].to_string();
    assert!(diagnoses.contains("lumbar radiculopathy"), "{diagnoses}");
    assert!(
        diagnoses.contains("cervical sprain or strain"),
        "{diagnoses}"
    );
    let requests: Vec<Value> = of_type(&lines, "request");
    let requests: Vec<&str> = requests
        .iter()
        .map(|r| r["request"].as_str().unwrap())
        .collect();
    let wanted = [
        "MRI of the lumbar spine 72148 x1",
        "Physical therapy 97110 2x6",
    ];
    assert_eq!(requests, wanted);
}

#[test]
fn odds_are_those_of_the_statistics() {
    let document = "sample-corpus/not-letters/denial-lumbar-mri.txt";
    let lines = similar(&[document, "--json", "--item", "1"]).json();
    let such = &of_type(&lines, "request")[0]["past_decisions"][0];
    let mut args = vec!["--format".to_string(), "json".to_string()];
    for filter in such["filters"].as_array().unwrap() {
        args.push(format!("--{}", filter["name"].as_str().unwrap()));
        args.push(filter["value"].as_str().unwrap().to_string());
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let stats = with_sample_index("stats", &args).json();
    assert_eq!(stats[0]["all"]["overturned"], such["overturned"]);
    let upheld = stats[0]["all"]["upheld"].as_u64().unwrap();
    assert_eq!(
        such["items"].as_u64().unwrap(),
        upheld + such["overturned"].as_u64().unwrap()
    );
    // A decision that is asked for narrows what is listed, not what is counted.
    let overturned = similar(&[
        document,
        "--json",
        "--item",
        "1",
        "--decision",
        "overturned",
    ]);
    let lines = overturned.json();
    assert_eq!(
        &of_type(&lines, "request")[0]["past_decisions"][0]["items"],
        &such["items"]
    );
    for hit in of_type(&lines, "hit") {
        assert_ne!(hit["outcome"], "upheld");
    }
}

#[test]
fn what_was_understood_can_be_corrected() {
    let document = "sample-corpus/not-letters/progress-report.txt";
    let ran = similar(&[document, "--item", "2", "--without", "diagnosis:insomnia"]).code(0);
    assert!(
        !ran.out.contains("insomnia") && ran.out.contains("acupuncture"),
        "{}",
        ran.out
    );
    assert!(
        !ran.out.contains("epidural steroid injection; body"),
        "{}",
        ran.out
    );
    let ran = similar(&[
        document,
        "--request",
        "Norco 10/325 mg #60",
        "--with",
        "body-part:knee",
    ]);
    let ran = ran.code(0);
    assert!(
        ran.out.contains("drug acetaminophen/hydrocodone"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("body part knee"), "{}", ran.out);
    for (args, message) in [
        (["--item", "9"], "there is no request 9"),
        (
            ["--without", "diagnosis:gout"],
            "--without diagnosis:gout: nothing to leave out",
        ),
        (
            ["--without", "color:red"],
            "there is no field 'color'; the fields are drug, treatment",
        ),
        (["--with", "drug:norcoo"], "did you mean"),
    ] {
        let ran = similar(&[&[document], &args[..]].concat()).code(2);
        assert!(ran.err.contains(message), "{args:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn a_document_may_come_from_standard_input_and_is_not_kept() {
    let index = sample_index().display().to_string();
    let before = with_sample_index("status", &["--json"]).out;
    let text = b"Please authorize acupuncture 2 x 4 for the low back.";
    let ran = imr_with_input(&["similar", "-", "--index", &index], text).code(0);
    assert!(
        ran.out
            .contains("treatment acupuncture; body part low back"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("such request"), "{}", ran.out);
    assert_eq!(with_sample_index("status", &["--json"]).out, before);
    let nothing = imr_with_input(
        &["similar", "-", "--index", &index],
        b"Nothing of the kind.",
    );
    assert!(
        nothing
            .code(1)
            .out
            .contains("no request, drug or service was found")
    );
    let empty = imr_with_input(&["similar", "-", "--index", &index], b"");
    assert!(empty.code(2).err.contains("standard input is empty"));
}

#[test]
fn a_letter_is_like_others_and_not_like_itself() {
    let lines = similar(&["CM16-0900202", "--json"]).code(0).json();
    assert!(lines.len() >= 3);
    let mut last = 1.0;
    for line in &lines {
        assert_ne!(line["case_number"], "CM16-0900202");
        let similarity = line["similarity"].as_f64().unwrap();
        assert!(similarity <= last && similarity > 0.0);
        last = similarity;
    }
    let shared: Vec<&Value> = lines.iter().map(|line| &line["shared"][0]).collect();
    assert_eq!(shared[0], "acetaminophen/hydrocodone");
    let filtered = similar(&["CM16-0900202", "--json", "--decision", "overturned"]).json();
    assert!(filtered.len() < lines.len());
    // Item by item, where one is named.
    let ran = similar(&["CM16-0900202", "--item", "1"]).code(0);
    assert!(ran.out.contains("such requests"), "{}", ran.out);
    assert!(!ran.out.contains("CM16-0900202  "), "{}", ran.out);
}

#[test]
fn a_letter_of_the_index_is_called_so_and_does_not_count_itself() {
    let ran = with_sample_index("similar", &["CM16-0900202", "--item", "1"]).code(0);
    assert!(
        ran.out.contains("Read as a letter of the index"),
        "{}",
        ran.out
    );
    let case = "not case CM16-0900202";
    for line in ran.out.lines().filter(|line| line.contains("such request")) {
        let after = ran.out.split(line).nth(1).unwrap_or_default();
        assert!(
            line.contains(case) || after.contains("CM16-0900202)"),
            "{}",
            ran.out
        );
    }
    let own = ran
        .out
        .lines()
        .filter(|line| line.starts_with("   CM16-0900202"));
    assert_eq!(own.count(), 0, "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_a_document() {
    let folder = tempfile::TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let name = pipe.display().to_string();
    let writing = std::thread::spawn(move || std::fs::write(pipe, "Back brace LSO"));
    let ran = with_sample_index("similar", &[&name]);
    writing.join().unwrap().unwrap();
    assert!(
        ran.out.contains("1. Back brace LSO"),
        "{}{}",
        ran.out,
        ran.err
    );
}
