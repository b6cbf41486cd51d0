//! Any text as a query: an answer, or one sentence that says where it cannot be read; and the query as it was
//! understood is the same question.

#![no_main]

use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr::search::{Engine, Request};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("imr-fuzz-query-{}", std::process::id()));
    let index = Index::open_or_create(&folder).expect("an index can be made");
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-corpus/2015"));
    let ingest = Ingest::new(&index, IngestOptions::default());
    ingest.run(&[corpus], &Progress::default()).expect("the letters are indexed");
    Engine::open(&folder).expect("the index opens")
});

fuzz_target!(|query: &str| {
    let ask = |query: &str| {
        let request = Request { query: query.to_string(), limit: 3, snippets: true, ..Request::default() };
        ENGINE.search(&request)
    };
    match ask(query) {
        Ok(response) => {
            let again = ask(&response.understood).expect("what was understood can be asked");
            assert_eq!((again.letters, again.items), (response.letters, response.items), "{query:?}");
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error}"),
    }
});
