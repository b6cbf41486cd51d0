//! The suite on a cluster of three nodes is a program of its own (tests/cluster), and `cargo test` says so.

use std::process::Command;

/// Starts three OpenSearch nodes: Java 17, Maven, Python, 3 GB of memory, and minutes.
#[test]
#[ignore = "the cluster suite was skipped: it starts three OpenSearch nodes (Java, Maven); run it with: .ci/run cluster"]
fn cluster_suite() {
    let suite = Command::new("python3")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "tests/cluster/run.py",
            env!("CARGO_BIN_EXE_imr"),
            "sample-corpus",
        ])
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&suite.stdout);
    let last = said.lines().last().unwrap_or_default();
    assert!(
        suite.status.success() && last.contains(" 0 failed"),
        "{said}{}",
        String::from_utf8_lossy(&suite.stderr)
    );
}
