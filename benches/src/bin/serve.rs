//! How many searches a second `imr serve` answers, on loopback.
//!
//! `serve IMR INDEX [--seconds N] [--connections N] [--distinct]`: starts IMR over INDEX and asks it over
//! several connections that stay open, each in turn one of two hundred queries with four facets and
//! ten hits; with `--distinct` no query is asked twice. Every answer must be 200 and hold a summary. Tells
//! searches a second, times, and the server's memory at the beginning and at the end.

use imr_benches::queries::mix;
use imr_benches::{Outcome, Times, option};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SEED: u64 = 20_190_630;

/// A server that ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let (Some(imr), Some(index)) = (args.next(), args.next()) else {
        return Err("serve IMR INDEX [--seconds N] [--connections N] [--distinct]".into());
    };
    let number = |name: &str, usual: usize| option(name).map_or(Ok(usual), |n| n.parse());
    let seconds = number("--seconds", 20)? as u64;
    let connections = number("--connections", 8)?;
    let distinct = std::env::args().any(|arg| arg == "--distinct");
    let paths: Vec<String> = mix(200, SEED).iter().map(path).collect();
    let mut child = Command::new(imr)
        .args(["serve", "--port", "0", "--quiet", "--index", &index])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let server = Server(child);
    let address = line
        .trim()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let next = AtomicUsize::new(0);
    let run = |seconds: u64| -> Result<Vec<Duration>, String> {
        let until = Instant::now() + Duration::from_secs(seconds);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..connections)
                .map(|_| scope.spawn(|| ask(address, &paths, distinct, &next, until)))
                .collect();
            let mut all = Vec::new();
            for thread in threads {
                all.extend(thread.join().map_err(|_| "a client failed")??);
            }
            Ok(all)
        })
    };
    run(3)?;
    let before = memory(server.0.id());
    let start = Instant::now();
    let times = run(seconds)?;
    let taken = start.elapsed().as_secs_f64();
    let count = times.len();
    let times = Times::new(times);
    println!(
        "{count} searches in {taken:.1} s over {connections} connections, no error: {:.0} a second",
        count as f64 / taken
    );
    println!(
        "ms: median {:.2}, p90 {:.2}, p99 {:.2}, max {:.1}",
        times.percentile(50),
        times.percentile(90),
        times.percentile(99),
        times.percentile(100)
    );
    println!(
        "memory of its own (RssAnon), MB: {before:.0} before, {:.0} after",
        memory(server.0.id())
    );
    Ok(())
}

fn path(query: &imr_benches::queries::Query) -> String {
    let mut path = format!(
        "/api/search?facets=drug,decision,specialty,year&q={}",
        coded(&query.text)
    );
    for filter in &query.filters {
        path.push_str(&format!("&{}={}", filter.name, coded(&filter.value)));
    }
    path
}

fn coded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let each = text.bytes().map(|b| match b {
        b if plain(b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    });
    each.collect()
}

/// Asks on one connection until the time is over.
fn ask(
    address: &str,
    paths: &[String],
    distinct: bool,
    next: &AtomicUsize,
    until: Instant,
) -> Result<Vec<Duration>, String> {
    let told = |e: std::io::Error| e.to_string();
    let stream = TcpStream::connect(address).map_err(told)?;
    stream.set_nodelay(true).map_err(told)?;
    let mut out = stream.try_clone().map_err(told)?;
    let mut back = BufReader::with_capacity(64 << 10, stream);
    let mut times = Vec::new();
    let mut body = Vec::new();
    while Instant::now() < until {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let mut path = paths[n % paths.len()].clone();
        if distinct {
            // Another answer to be worked out, that takes as long: how many values are listed.
            path.push_str(&format!("&top={}", 10 + n / paths.len()));
        }
        let start = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        out.write_all(request.as_bytes()).map_err(told)?;
        let mut length = 0;
        let mut good = false;
        loop {
            let mut line = String::new();
            if back.read_line(&mut line).map_err(told)? == 0 {
                return Err("the server hung up".to_string());
            }
            let line = line.trim_end().to_lowercase();
            good |= line == "http/1.1 200 ok";
            if let Some(n) = line.strip_prefix("content-length: ") {
                length = n.parse().map_err(|_| "no length")?;
            }
            if line.is_empty() {
                break;
            }
        }
        body.resize(length, 0);
        back.read_exact(&mut body).map_err(told)?;
        if !good || !body.starts_with(b"{\"type\":\"summary\"") {
            return Err(format!("{path}: {}", String::from_utf8_lossy(&body)));
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Megabytes that a process holds and that are no file's.
fn memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
