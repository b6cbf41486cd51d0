//! What a request cannot do to `imr serve`.

use crate::support::{imr, letter, sample_index};
use crate::web_client::{Running, server};
use imr::web::Options;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn another_name_than_its_own_is_not_answered() {
    for host in ["evil.example", "evil.example:7878", "10.1.2.3", ""] {
        assert_eq!(
            server().send("GET", "/api/search", host).status,
            421,
            "{host}"
        );
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:7878"] {
        assert_eq!(server().send("GET", "/healthz", host).status, 200, "{host}");
    }
    let without = server().raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(without.status, 421);
    let two =
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(matches!(server().raw(two).status, 400 | 421));
    let absolute =
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(server().raw(absolute).status, 421);
}

#[test]
fn only_reading_is_allowed() {
    let host = server().address.to_string();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let got = server().send(method, "/", &host);
        assert_eq!(got.status, 405, "{method}");
        assert_eq!(got.header("allow").unwrap(), "GET, HEAD");
    }
    let head = server().send("HEAD", "/?q=norco", &host);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn every_answer_keeps_to_itself() {
    let paths = [
        "/",
        "/figures",
        "/api/search",
        "/nothing",
        "/api/nothing",
        "/api/export",
        "/healthz",
    ];
    for path in paths {
        let got = server().get(path);
        let policy = got.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(
            got.header("referrer-policy").unwrap(),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            got.header("x-content-type-options").unwrap(),
            "nosniff",
            "{path}"
        );
        assert_eq!(got.header("cache-control").unwrap(), "no-store", "{path}");
        assert!(
            got.header("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
    let page = server().page("/?q=norco");
    assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"));
    let scripts = page.matches("<script").count();
    assert!(scripts > 1 && scripts == page.matches("<script src=\"/assets/").count());
    // Nothing is fetched from elsewhere.
    assert!(
        !page.contains("href=\"http") && !page.contains("src=\"http"),
        "{page}"
    );
    let style = crate::web_client::links(&page, "/assets/page.").remove(0);
    let got = server().get(&style);
    assert_eq!(got.status, 200);
    assert!(got.header("cache-control").unwrap().contains("immutable"));
    assert!(!got.text().contains("url(") && !got.text().contains("@import"));
}

#[test]
fn whatever_is_asked_or_written_stays_text() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let folder = tempfile::TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    std::fs::create_dir(&corpus).unwrap();
    let text = letter(
        "CM15-0900994",
        &[(&format!("Knee brace {evil}"), "Overturned")],
    );
    std::fs::write(corpus.join("<b>x.txt"), text).unwrap();
    let index = folder.path().join("index");
    let (from, at) = (corpus.display().to_string(), index.display().to_string());
    imr(["index", &from, "--quiet", "--index", &at]).code(0);
    let running = Running::over(&index, Options::default());
    let coded: String = evil.bytes().map(|b| format!("%{b:02X}")).collect();
    let id = running.get("/api/search?q=knee").json()["hits"][0]["id"].clone();
    let id = id.as_str().unwrap().to_string();
    let paths = [
        format!("/?q=knee+{coded}"),
        format!("/?q=knee&match=any&case={coded}"),
        format!("/?drug={coded}"),
        format!("/?{coded}=1"),
        format!("/?show=class&find={coded}"),
        "/?q=brace".to_string(),
        format!("/letters/{id}?q=knee+{coded}"),
        format!("/letters/{coded}"),
        format!("/figures?q=knee&case={coded}"),
        format!("/figures?q=knee+{coded}"),
        format!("/figures?by={coded}"),
    ];
    for path in paths {
        let page = running.get(&path).text();
        assert!(page.contains("<!DOCTYPE html>"), "{path}");
        assert!(
            !page.contains("<script>") && !page.contains("<img"),
            "{path}: {page}"
        );
        assert!(!page.contains("<b>x"), "{path}");
    }
}

#[test]
fn no_path_is_taken_from_a_request() {
    for path in [
        "/../Cargo.toml",
        "/letters/../../Cargo.toml",
        "/letters/..%2F..%2FCargo.toml/source",
        "/letters/sample-corpus%2F2016%2FCM16-0900202.txt/source",
        "/letters/CM16-0900202/source",
        "/letters//source",
        "/assets/../page.css",
        "/assets/page.css",
        "/api/letters/CM16-0900202.txt",
        "/api/letters/sample-corpus%2F2016%2FCM16-0900202.txt",
        "/letters/00000000000000000000000000000000",
        "/%00",
    ] {
        let got = server().get(path);
        assert_eq!(got.status, 404, "{path}: {}", got.text());
    }
}

#[test]
fn what_is_too_much_is_refused_and_the_server_goes_on() {
    let long = "a".repeat(2_001);
    for (path, status) in [
        (format!("/?q={long}"), 400),
        (format!("/api/search?q={long}"), 400),
        (format!("/?q={}", "a".repeat(9_000)), 414),
        ("/?offset=9999999".to_string(), 400),
        ("/?offset=18446744073709551616".to_string(), 400),
        ("/api/search?limit=100000".to_string(), 400),
        ("/api/search?top=-1".to_string(), 400),
        (format!("/api/search?facets={}", "drug,".repeat(40)), 400),
        (format!("/?{}", "drug=norco&".repeat(201)), 400),
        (format!("/?q={}", "(".repeat(1_500)), 400),
        ("/?page=1..4000000000".to_string(), 200),
        ("/?q=pa*+co*+re*+me*+tr*+de*".to_string(), 200),
    ] {
        let got = server().get(&path);
        let path: String = path.chars().take(60).collect();
        assert_eq!(got.status, status, "{path}: {}", got.text());
    }
    // A head without end.
    let head = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    let got = server().raw(head.as_bytes());
    assert!(matches!(got.status, 0 | 431), "{}", got.status);
    assert_eq!(
        server().raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n").status,
        400
    );
    assert_eq!(server().get("/healthz").status, 200);
}

#[test]
fn a_document_of_another_site_or_without_end_is_refused() {
    let host = server().address;
    let send = |origin: &str, length: &str| {
        let request = format!(
            "POST /similar HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: {origin}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\ntext=norco"
        );
        server().raw(request.as_bytes()).status
    };
    assert_eq!(send(&format!("http://{host}"), "10"), 200);
    for origin in [
        "http://evil.example",
        "null",
        "http://localhost.evil.example",
    ] {
        assert_eq!(send(origin, "10"), 403, "{origin}");
    }
    let large = vec![b'a'; (16 << 20) + 100];
    let got = server().post("/similar", "application/x-www-form-urlencoded", &large);
    assert_eq!(got.status, 413);
    // What says that it is larger is not waited for.
    let start = Instant::now();
    assert_eq!(send(&format!("http://{host}"), "99999999999"), 413);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_body_is_not_read() {
    let host = server().address;
    let request = format!(
        "GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000000\r\nConnection: close\r\n\r\nabc"
    );
    assert_eq!(server().raw(request.as_bytes()).status, 200);
}

#[test]
fn who_says_nothing_is_let_go() {
    let options = Options {
        silence: Duration::from_millis(300),
        connections: 4,
        ..Options::default()
    };
    let running = Running::over(sample_index(), options);
    let start = Instant::now();
    // As many as there may be, none of which says all of what it wants.
    let mut slow: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(running.address).unwrap();
            stream.write_all(b"GET / HT").unwrap();
            stream
        })
        .collect();
    assert_eq!(running.get("/healthz").status, 200);
    assert!(start.elapsed() < Duration::from_secs(10));
    for stream in &mut slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut rest = Vec::new();
        // Closed, or reset because what it had begun to say was not read.
        let ended = stream.read_to_end(&mut rest);
        let waits = |e: &std::io::Error| {
            matches!(
                e.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            )
        };
        assert!(!ended.is_err_and(|e| waits(&e)), "it is closed");
    }
}

#[test]
fn more_than_can_be_done_at_once_is_turned_away() {
    let options = Options {
        at_once: 1,
        waiting: 1,
        ..Options::default()
    };
    let running = Running::over(sample_index(), options);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let asks: Vec<_> = (0..24)
            .map(|_| scope.spawn(|| running.get("/?q=pain+OR+norco+OR+lumbar").status))
            .collect();
        asks.into_iter().map(|ask| ask.join().unwrap()).collect()
    });
    assert!(
        answers.iter().all(|s| matches!(s, 200 | 503)),
        "{answers:?}"
    );
    assert!(answers.contains(&200));
    assert_eq!(running.get("/healthz").status, 200);
}

#[test]
fn what_takes_too_long_is_given_up() {
    let options = Options {
        limit: Duration::ZERO,
        ..Options::default()
    };
    let running = Running::over(sample_index(), options);
    let got = running.get("/api/search?q=pain&facets=all&limit=200");
    assert_eq!(got.status, 503);
    assert_eq!(
        got.header("content-type").unwrap(),
        "application/problem+json"
    );
    assert!(got.header("retry-after").is_some());
}

#[test]
fn a_log_tells_no_query_unless_asked() {
    let running = Running::over(sample_index(), Options::default());
    running.get("/?q=secretword");
    let log = running.log.lock().unwrap().join("\n");
    assert!(
        log.contains("GET / 200") && !log.contains("secretword"),
        "{log}"
    );
    let options = Options {
        log_queries: true,
        ..Options::default()
    };
    let running = Running::over(sample_index(), options);
    running.get("/?q=secretword");
    let log = running.log.lock().unwrap().join("\n");
    assert!(log.contains("GET /?q=secretword 200"), "{log}");
}

#[test]
fn connections_that_say_nothing_give_way_to_those_that_ask() {
    let options = Options {
        connections: 4,
        silence: Duration::from_secs(600),
        ..Options::default()
    };
    let server = Running::over(sample_index(), options);
    let silent: Vec<TcpStream> = (0..12)
        .map(|_| TcpStream::connect(server.address).unwrap())
        .collect();
    for _ in 0..8 {
        assert_eq!(server.get("/api/search?q=norco&limit=1").status, 200);
    }
    drop(silent);
}
