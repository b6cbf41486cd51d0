//! Whether indexing keeps within `--memory`, however many letters there are.
//!
//! `memory IMR CORPUS... [--memory MB,MB...]`: has IMR index each corpus with each setting (96 and 256 MB) in a process
//! of its own, and looks two hundred times a second how much memory is its own (RssAnon: what is not a
//! file's, which the system takes back when it wants). Linux only.

use imr_benches::{Outcome, option};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let settings = option("--memory").unwrap_or_else(|| "96,256".to_string());
    let named = args.iter().take_while(|arg| !arg.starts_with("--"));
    let named: Vec<&String> = named.collect();
    let Some((imr, corpora)) = named
        .split_first()
        .filter(|(_, corpora)| !corpora.is_empty())
    else {
        return Err("memory IMR CORPUS... [--memory MB,MB...]".into());
    };
    println!(
        "{:>10} {:>12} {:>10} {:>9}",
        "letters", "--memory MB", "peak MB", "seconds"
    );
    for setting in settings.split(',') {
        let setting: u64 = setting.parse()?;
        for corpus in corpora {
            let work = std::env::temp_dir().join(format!("imr-memory-{}", std::process::id()));
            let run = index(imr, corpus, &work, setting);
            let removed = std::fs::remove_dir_all(&work);
            let (letters, peak, seconds) = run?;
            removed?;
            let told = if peak <= setting << 20 { "" } else { "  more" };
            println!(
                "{letters:>10} {setting:>12} {:>10.1} {seconds:>9.1}{told}",
                peak as f64 / f64::from(1 << 20)
            );
        }
    }
    Ok(())
}

/// Indexes a corpus; the letters, the peak in bytes, and seconds.
fn index(
    imr: &str,
    corpus: &str,
    work: &Path,
    megabytes: u64,
) -> Result<(u64, u64, f64), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut child = Command::new(imr)
        .args([
            "index",
            corpus,
            "--quiet",
            "--memory",
            &megabytes.to_string(),
        ])
        .arg("--index")
        .arg(work)
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) << 10);
        std::thread::sleep(Duration::from_millis(5));
    };
    let seconds = start.elapsed().as_secs_f64();
    if !ended.success() {
        return Err(format!("{imr} index {corpus} failed").into());
    }
    let told = Command::new(imr)
        .args(["status", "--json", "--index"])
        .arg(work)
        .output()?;
    let told: serde_json::Value = serde_json::from_slice(&told.stdout)?;
    let letters = told["letters"].as_u64().ok_or("status tells no letters")?;
    Ok((letters, peak, seconds))
}
