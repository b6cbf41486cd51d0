//! The page of `imr serve` over the sample corpus.

use crate::support::{imr, letter, sample_index, search, with_sample_index};
use crate::web_client::{Running, links, server};
use imr::web::Options;
use std::time::{Duration, Instant};

/// The letters that a page says it found.
#[track_caller]
fn letters(page: &str) -> u64 {
    let count = page.split("<h1>").nth(1).and_then(|h| h.split(' ').next());
    let count = count.unwrap_or("").replace(',', "");
    count.parse().unwrap_or_else(|_| panic!("no count: {page}"))
}

/// The number with which a piece of a page begins.
#[track_caller]
fn number(piece: &str) -> u64 {
    let digits = piece.split('<').next().unwrap_or("").replace(',', "");
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number: {piece}"))
}

#[test]
fn the_search_page_shows_what_the_command_finds() {
    let page = server().page("/?q=norco+taper&sort=decided");
    let ran = search(&["norco", "taper", "--sort", "decided", "--json"]).code(0);
    assert_eq!(letters(&page), ran.json()[0]["letters"]);
    let lines = ran.json();
    let hits = lines.iter().filter(|line| line["type"] == "hit");
    let places: Vec<Option<usize>> = hits
        .map(|hit| page.find(hit["case_number"].as_str().unwrap()))
        .collect();
    assert!(places.len() > 2 && places.iter().all(Option::is_some));
    assert!(places.is_sorted(), "in the command's order");
    for expected in [
        "<mark>Norco</mark>",
        "<summary>drug: acetaminophen/hydrocodone</summary>",
        " ms</p>",
        "class=\"badge overturned\"",
        "Newest decision</a>",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[test]
fn every_value_of_a_facet_is_a_link_to_as_many_letters() {
    let mut tried = 0;
    for facet in [
        "decision",
        "class",
        "treatment",
        "body-part",
        "specialty",
        "guideline",
        "page",
        "year",
    ] {
        let page = server().page(&format!("/?not-sex=female&show={facet}"));
        let section = page.split(&format!("id=\"facet-{facet}\"")).nth(1).unwrap();
        let section = section.split("</section>").next().unwrap();
        for value in section.split("<a class=\"value\"").skip(1) {
            let href = links(&format!("<a{value}"), "/?").remove(0);
            let count = number(value.split("class=\"count\">").nth(1).unwrap());
            assert_eq!(letters(&server().page(&href)), count, "{facet}: {href}");
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried} values were tried");
}

#[test]
fn several_values_are_chosen_and_let_go_and_counts_are_sideways() {
    let all = server().page("/?q=pain");
    let upheld = server().page("/?q=pain&decision=upheld");
    // What else could be chosen still has its count.
    assert!(upheld.contains("title=\"overturned: "), "{upheld}");
    let both = server().page("/?q=pain&decision=upheld&decision=overturned");
    assert!(letters(&both) >= letters(&upheld) && letters(&both) <= letters(&all));
    assert_eq!(
        both.matches("aria-current=\"true\" rel=\"nofollow\"")
            .count(),
        2
    );
    // A brand is its drug: the list has it chosen, unfolded, and lets it go.
    let norco = server().page("/?drug=Vicodin&decision=upheld");
    let drug = norco
        .split("title=\"acetaminophen/hydrocodone: ")
        .nth(1)
        .unwrap();
    assert!(drug.split('>').next().unwrap().contains("aria-current"));
    let before = norco
        .split("title=\"acetaminophen/hydrocodone: ")
        .next()
        .unwrap();
    let fold = before.rsplit("<details").next().unwrap();
    assert!(fold.starts_with(" open"), "{fold}");
    assert!(before.ends_with("href=\"/?decision=upheld#facet-class\" "));
    let chip = upheld.split("decision: upheld</summary>").nth(1).unwrap();
    let chip = chip.split("class=\"remove\" href=\"").nth(1).unwrap();
    assert!(chip.starts_with("/?q=pain\""), "{chip}");
}

#[test]
fn a_long_facet_is_shown_whole_and_searched_without_a_script() {
    let short = server().page("/");
    assert!(short.contains("show=specialty#facet-specialty"), "{short}");
    let long = server().page("/?show=specialty");
    assert!(long.contains("name=\"find\""));
    let values = |page: &str| {
        let section = page.split("id=\"facet-specialty\"").nth(1).unwrap();
        let section = section.split("</section>").next().unwrap();
        section.matches("class=\"value\"").count()
    };
    assert!(values(&long) > values(&short));
    let found = server().page("/?show=specialty&find=anesth");
    assert_eq!(values(&found), 1);
}

#[test]
fn brands_are_found_values_excluded_and_pages_gone_to() {
    let found = server().page("/?show=class&find=norco");
    assert!(
        found.contains("acetaminophen/hydrocodone</span>") && !found.contains("title=\"NSAID:"),
        "{found}"
    );
    let page = server().page("/?q=pain");
    let exclude = page.split("title=\"Exclude Upheld\"").next().unwrap();
    let target = exclude
        .rsplit("href=\"")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let target = target.replace("&amp;", "&");
    let without = server().page(&target);
    assert!(target.contains("not-decision=upheld") && letters(&without) < letters(&page));
    let got = server().get("/?q=pain&goto=2&limit=25");
    assert_eq!(
        got.header("location").unwrap(),
        "/?q=pain&offset=25&limit=25"
    );
    assert_eq!(server().get("/?q=pain&goto=two").status, 400);
    // Pages stand under their guideline.
    assert!(page.contains("<li class=\"group\"><h4>"), "{page}");
    // Bars of years lead to their letters.
    let bars = page
        .split("class=\"histogram\"")
        .nth(1)
        .unwrap()
        .split("</ol>")
        .next()
        .unwrap();
    for bar in bars.split("<li>").skip(1) {
        let target = links(bar, "/?").remove(0);
        let said = bar
            .split("title=\"")
            .nth(1)
            .unwrap()
            .split(": ")
            .nth(1)
            .unwrap();
        let said: u64 = said.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(letters(&server().page(&target)), said, "{target}");
    }
    assert!(
        server()
            .page("/export?format=docx")
            .contains("/api/export?format=docx")
    );
}

#[test]
fn two_fields_of_a_form_become_one_range() {
    let got = server().get("/?q=pain&decided-from=2015-01&decided-to=2015-06");
    assert_eq!(got.status, 303);
    let target = got.header("location").unwrap();
    assert_eq!(target, "/?q=pain&decided=2015-01..2015-06");
    let page = server().page(&target);
    let ran = search(&["pain", "--decided", "2015-01..2015-06", "--json"]);
    assert_eq!(letters(&page), ran.json()[0]["letters"]);
}

#[test]
fn pages_follow_one_another_to_the_end() {
    let mut seen = 0;
    let mut next = Some("/?q=pain&decision=upheld".to_string());
    let mut total = 0;
    while let Some(path) = next {
        let page = server().page(&path);
        total = letters(&page);
        seen += page.matches("<article class=\"hit\"").count() as u64;
        let link = page.split("rel=\"next\" href=\"").nth(1);
        next = link.map(|l| l.split('"').next().unwrap().replace("&amp;", "&"));
    }
    assert!(total > 20);
    assert_eq!(seen, total);
}

#[test]
fn misspellings_get_a_link_and_mistakes_a_sentence() {
    let page = server().page("/?q=acupunctur%C3%A9x+hydrocodne");
    assert!(page.contains("Search instead for"), "{page}");
    let got = server().get("/?drug=norcoo");
    assert_eq!(got.status, 400);
    assert!(
        got.text().contains("did you mean &#39;norco&#39;")
            || got.text().contains("did you mean 'norco'")
    );
    let got = server().get("/?q=%22open");
    assert_eq!(got.status, 400);
    assert!(
        got.text().contains("value=\"&quot;open\""),
        "the box keeps it: {}",
        got.text()
    );
    assert_eq!(server().get("/?drugs=norco").status, 400);
}

#[test]
fn what_cannot_be_read_keeps_the_form_and_offers_a_way_on() {
    let got = server().get("/?q=taper&drug=norcoo&decided=banana");
    assert_eq!(got.status, 400);
    let page = got.text();
    for expected in [
        "value=\"taper\"",
        "name=\"decided-from\" value=\"banana\"",
        "Date decided",
        ">drug: norco</a>",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let open = server().get("/?q=%22functional").text();
    let plain = links(&open, "/?q=functional");
    assert_eq!(server().get(&plain[0]).status, 200);
    // Dates as Americans write them.
    for day in ["02%2F01%2F2015", "Feb+2015"] {
        let got = server().get(&format!("/?decided-from={day}"));
        assert_eq!(server().get(&got.header("location").unwrap()).status, 200);
    }
    // Of a parameter that nobody knows the words stay.
    let unknown = server().get("/?q=taper&drugs=norco");
    assert!(unknown.status == 400 && unknown.text().contains("value=\"taper\""));
}

#[test]
fn where_nothing_is_found_each_part_says_what_it_gives() {
    let page = server().page("/?q=norco&body-part=foot&sex=male&specialty=Neurology");
    assert_eq!(letters(&page), 0);
    let alone = page.split("Each alone").nth(1).unwrap();
    for part in alone.split("<li>").skip(1) {
        let Some(target) = links(
            &part.split("</li>").next().unwrap().replace("&amp;", "&"),
            "/?",
        )
        .pop() else {
            continue;
        };
        let said = part.split("class=\"quiet\"> ").nth(1).unwrap();
        let said: u64 = said.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(letters(&server().page(&target)), said, "{part}");
    }
    assert!(alone.contains("sex: male</a>"), "{alone}");
}

#[test]
fn the_first_page_says_what_the_index_holds() {
    let page = server().page("/");
    let all = search(&["--json", "--limit", "0"]).json()[0]["letters"].clone();
    assert_eq!(letters(&page), all);
    for expected in [
        "Last update",
        "How to ask",
        "Keys",
        "/?sort=decided",
        "decided 20",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    for link in links(page.split("id=\"try\"").nth(1).unwrap(), "/?q=") {
        assert_eq!(server().get(&link).status, 200, "{link}");
    }
}

#[test]
fn what_is_typed_is_completed_from_what_letters_have() {
    // They are made after the server has begun.
    let ask = || server().get("/api/suggest?q=taper+norc").json();
    let begun = Instant::now();
    while ask()["suggestions"][0].is_null() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let got = ask();
    assert_eq!(got["rest"], "taper");
    let first = &got["suggestions"][0];
    assert_eq!(first["label"], "drug: acetaminophen/hydrocodone");
    let value = first["value"].as_str().unwrap().replace('/', "%2F");
    assert_eq!(
        letters(&server().page(&format!("/?drug={value}"))),
        first["letters"]
    );
    // Every suggestion is a filter with as many letters as it says, and no path is shown.
    for typed in ["lumb", "mri", "pain", "mtus", "opioid", "surg", "phys"] {
        let got = server().get(&format!("/api/suggest?q={typed}")).json();
        for one in got["suggestions"].as_array().unwrap() {
            let (field, value) = (
                one["field"].as_str().unwrap(),
                one["value"].as_str().unwrap(),
            );
            assert!(
                field == "drug" || !one["label"].as_str().unwrap().contains('/'),
                "{one}"
            );
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair(field, value)
                .finish();
            let found = letters(&server().page(&format!("/?{query}")));
            assert!(
                one["letters"].is_null() || one["letters"] == found,
                "{one}: {found}"
            );
        }
    }
    for typed in ["CM15-09001", "cm1509001", "0900101"] {
        let got = server().get(&format!("/api/suggest?q={typed}")).json();
        assert_eq!(got["suggestions"][0]["field"], "case", "{typed}");
    }
    assert_eq!(server().get("/api/suggest?drug=norco").status, 400);
}

#[test]
fn a_chip_is_excluded_removed_or_turned_back_into_words() {
    let page = server().page("/?q=norco+taper");
    let menu = page
        .split("<summary>drug: acetaminophen/hydrocodone</summary>")
        .nth(1)
        .unwrap();
    let targets = links(menu.split("</li>").next().unwrap(), "/?");
    assert_eq!(
        targets,
        [
            "/?q=%22norco%22+taper",
            "/?q=taper&not-drug=acetaminophen%2Fhydrocodone",
            "/?q=taper"
        ]
    );
    for target in targets {
        assert_eq!(server().get(&target).status, 200);
    }
    let page = server().page("/?drug=opioid+analgesic%2Facetaminophen-hydrocodone");
    assert!(
        page.contains("<summary>drug: acetaminophen/hydrocodone</summary>"),
        "{page}"
    );
    assert!(page.contains("/?not-drug=opioid"));
}

#[test]
fn a_letter_has_its_facts_items_neighbours_and_the_words_marked() {
    let list = server().page("/?q=norco+taper");
    let openers = list.split("<a class=\"open\"").skip(1);
    let hits: Vec<String> = openers
        .map(|a| links(&format!("<a{a}"), "/letters/").remove(0))
        .map(|link| link.split('#').next().unwrap().to_string())
        .collect();
    assert!(hits.len() >= 3);
    let page = server().page(&hits[1]);
    for expected in [
        "<dt>Decided</dt>",
        "<dt>Reviewer</dt>",
        "Cited by the reviewer",
        "<h4>Rationale</h4>",
        "Case summary",
        "Full text",
        "Similar letters",
        "Record as JSON",
        "<mark>",
        "Previous hit",
        "Next hit",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let step = |rel: &str| {
        let link = page
            .split(&format!("rel=\"{rel}\" href=\""))
            .nth(1)
            .unwrap();
        let link = link.split(['"', '#']).next().unwrap();
        link.replace("&amp;", "&")
    };
    assert_eq!(step("prev"), hits[0]);
    assert_eq!(step("next"), hits[2]);
    // A citation searches for itself.
    let cited = links(&page, "/?guideline=");
    assert!(!cited.is_empty());
    for link in cited {
        assert!(letters(&server().page(&link)) > 0, "{link}");
    }
}

#[test]
fn a_letter_is_found_by_its_case_number_and_opens_at_an_item() {
    let page = server().page("/letters/CM15-0900101");
    assert!(page.contains("<h1>CM15-0900101</h1>") && page.contains("id=\"item-1\""));
    for form in [
        "cm15-0900101",
        "CM150900101",
        "0900101",
        "CM%2015%200900101",
    ] {
        let other = server().page(&format!("/letters/{form}"));
        assert!(other.contains("<h1>CM15-0900101</h1>"), "{form}");
    }
    let missing = server().get("/letters/CM15-0900110x");
    assert_eq!(missing.status, 404);
    let missing = server().get("/letters/CM15-9900101");
    assert!(missing.status == 404 && missing.text().contains("no letter has the case number"));
    // The item that answers is unfolded and marked, others are folded.
    let list = server().page("/?q=mri&limit=100");
    let mut openers = list.split("<a class=\"open\"").skip(1);
    let opener = openers.find(|a| a.contains("#item-2\"")).unwrap();
    let hit = links(&format!("<a{opener}"), "/letters/").remove(0);
    let letter = server().page(&hit);
    let card = letter
        .split("<details class=\"card")
        .find(|card| card.contains("id=\"item-2\""));
    assert!(card.unwrap().starts_with(" answers\" open>"), "{card:?}");
    assert!(
        letter.contains("<details class=\"card\"><summary>"),
        "{letter}"
    );
    assert!(letter.contains("Hit ") && letter.contains("Independent Medical Review, Case No. "));
    // Similar letters keep the question.
    let similar = letter.split("Similar letters").nth(1).unwrap();
    assert!(
        links(similar, "/letters/")
            .iter()
            .any(|link| link.contains("?q=mri"))
    );
}

#[test]
fn a_letters_file_is_served_as_it_is() {
    let ran = search(&["--case", "CM15-0900106", "--json"]);
    let pdf = ran.json()[1]["id"].as_str().unwrap().to_string();
    let got = server().get(&format!("/letters/{pdf}/source"));
    assert_eq!(got.header("content-type").unwrap(), "application/pdf");
    let file = std::fs::read("sample-corpus/2015/CM15-0900106.pdf").unwrap();
    assert!(got.body == file);
    assert_eq!(
        got.header("content-disposition").unwrap(),
        "inline; filename=\"CM15-0900106.pdf\""
    );
    let ran = search(&["--case", "CM16-0900202", "--json"]);
    let text = ran.json()[1]["id"].as_str().unwrap().to_string();
    let got = server().get(&format!("/letters/{text}/source"));
    assert_eq!(
        got.header("content-type").unwrap(),
        "text/plain; charset=utf-8"
    );
    assert!(got.text().contains("CM16-0900202"));
}

#[test]
fn a_file_that_changed_or_went_is_not_served() {
    let folder = tempfile::TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    std::fs::create_dir(&corpus).unwrap();
    let file = corpus.join("one.txt");
    std::fs::write(
        &file,
        letter("CM15-0900990", &[("Knee brace", "Overturned")]),
    )
    .unwrap();
    let index = folder.path().join("index");
    let (corpus, at) = (corpus.display().to_string(), index.display().to_string());
    imr(["index", &corpus, "--quiet", "--index", &at]).code(0);
    let running = Running::over(&index, Options::default());
    let found = running.get("/api/search?q=knee").json();
    let id = found["hits"][0]["id"].as_str().unwrap().to_string();
    let source = format!("/letters/{id}/source");
    assert_eq!(running.get(&source).status, 200);
    std::fs::write(&file, "another text").unwrap();
    assert_eq!(running.get(&source).status, 404);
    assert!(
        running
            .page(&format!("/letters/{id}"))
            .contains("gone or has changed")
    );
    std::fs::remove_file(&file).unwrap();
    assert_eq!(running.get(&source).status, 404);
}

#[test]
fn figures_show_what_stats_counts() {
    let page = server().page("/figures?q=pain&by=specialty");
    let ran = with_sample_index("stats", &["pain", "--by", "specialty", "--json"]);
    let report = &ran.json()[0];
    assert_eq!(letters(&page), report["all"]["letters"]);
    // A bar for each year and value, each a link to its letters.
    assert!(page.matches("<a class=\"bar-of\" href=").count() > 10);
    let bar = page.split("<ul class=\"bars\">").nth(1).unwrap();
    let target = links(bar, "/?").remove(0);
    assert!(target.contains("specialty="), "{target}");
    assert_eq!(page.matches("<table").count(), 2);
    let first = report["rows"][0]["value"]
        .as_str()
        .unwrap()
        .replace('&', "&amp;");
    assert!(page.contains(&format!("{first}</a></th>")), "{page}");
    // Every row leads to as many letters as it says.
    for row in page.split("<th scope=\"row\"><a").skip(1) {
        let row = row.split("</tr>").next().unwrap();
        let target = links(&format!("<a{row}"), "/?").remove(0);
        let count = number(row.rsplit("<td class=\"n\">").next().unwrap());
        assert_eq!(letters(&server().page(&target)), count, "{target}");
    }
    let crossed = server().page("/figures?q=pain&by=specialty&and=treatment");
    let panels = crossed.split("class=\"panels\"").nth(1).unwrap();
    let target = links(panels, "/?").remove(0);
    assert!(
        target.contains("specialty=") && target.contains("treatment="),
        "{target}"
    );
    assert!(letters(&server().page(&target)) > 0);
    assert!(
        crossed.contains("type=\"hidden\" name=\"and\" value=\"treatment\""),
        "settings are kept"
    );
    let said = server().page("/figures?q=pain&reasons=true");
    assert!(said.contains("What the rationales say"));
    let both = server().page("/compare?a=q%3Dnorco&words=mri");
    assert!(both.contains(">norco</a>") && both.contains(">mri</a>") && both.contains("points"));
}

#[test]
fn a_commit_and_a_rebuild_are_seen_within_seconds() {
    let folder = tempfile::TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    std::fs::create_dir(&corpus).unwrap();
    let add = |case: &str, request: &str| {
        let text = letter(case, &[(request, "Overturned")]);
        std::fs::write(corpus.join(format!("{case}.txt")), text).unwrap();
    };
    add("CM15-0900991", "Knee brace");
    let index = folder.path().join("index");
    let (from, at) = (corpus.display().to_string(), index.display().to_string());
    imr(["index", &from, "--quiet", "--index", &at]).code(0);
    let running = Running::over(&index, Options::default());
    let wait_for = |letters: u64| {
        let start = Instant::now();
        // Twice: the second answer is one that was kept.
        while running.get("/api/search?q=brace").json()["letters"] != letters
            || running.get("/api/search?q=brace").json()["letters"] != letters
        {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{letters} are not seen"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait_for(1);
    let commit = || {
        let answer = running.get("/api/search?q=brace&limit=0").json();
        answer["commit"].as_str().unwrap().to_string()
    };
    let first = commit();
    let since = |commit: &str| running.get(&format!("/api/search?q=brace&added-after={commit}"));
    assert_eq!(since(&first).json()["letters"], 0);
    add("CM15-0900992", "Ankle brace");
    imr(["index", &from, "--quiet", "--index", &at]).code(0);
    wait_for(2);
    // What is new is told by commits: the letter that was there is not.
    let new = since(&first).json();
    assert_eq!(new["letters"], 1);
    assert_eq!(new["hits"][0]["case_number"], "CM15-0900992");
    assert!(commit() > first && since(&commit()).json()["letters"] == 0);
    let page = running.page(&format!("/?q=brace&added-after={first}"));
    assert!(page.contains("only newly added letters") && letters(&page) == 1);
    // As many letters went as came: counts would tell nothing.
    let second = commit();
    add("CM15-0900993", "Wrist brace");
    std::fs::remove_file(corpus.join("CM15-0900991.txt")).unwrap();
    imr(["index", &from, "--prune", "--quiet", "--index", &at]).code(0);
    let start = Instant::now();
    while commit() == second {
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(since(&second).json()["letters"], 1);
    add("CM15-0900991", "Knee brace");
    imr(["index", &from, "--rebuild", "--quiet", "--index", &at]).code(0);
    wait_for(3);
    let gone = since(&second);
    assert_eq!(gone.status, 410, "{}", gone.text());
    assert!(gone.text().contains("the index was rebuilt after"));
    assert!(running.page("/?q=wrist").contains("CM15-0900993"));
    // What the server tells comes through a pipe: it may be a moment behind its answers.
    let told = || running.log.lock().unwrap().join("\n");
    let start = Instant::now();
    while !told().contains("the index was rebuilt") {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", told());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn requests_under_way_are_answered_before_it_ends() {
    let running = Running::over(sample_index(), Options::default());
    let mut stream = std::net::TcpStream::connect(running.address).unwrap();
    use std::io::{Read, Write};
    let request = format!("GET /?q=pain HTTP/1.1\r\nHost: {}\r\n\r\n", running.address);
    stream.write_all(request.as_bytes()).unwrap();
    // It has begun when its first byte is here; the connection stays open but for the stop.
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    running.stopper.stop();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("</html>"), "the answer is whole");
    let address = running.address;
    drop(running);
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "nobody listens"
    );
}

#[test]
fn a_taken_port_and_a_missing_index_are_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let index = sample_index().display().to_string();
    let ran = imr(["serve", "--port", &port, "--index", &index]).code(2);
    assert!(
        ran.err.contains("is taken by another program"),
        "{}",
        ran.err
    );
    let ran = imr(["serve", "--host", "no such host", "--index", &index]).code(2);
    assert!(ran.err.contains("is not an address"), "{}", ran.err);
    imr(["serve", "--index", "/nowhere/at/all"]).code(2);
}

#[cfg(unix)]
#[test]
fn another_address_than_this_machines_is_warned_of() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let index = sample_index().display().to_string();
    let mut child = crate::support::command()
        .args([
            "serve", "--host", "0.0.0.0", "--port", "0", "--index", &index,
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    told.read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        line.contains("medical histories") && line.contains("no login"),
        "{line}"
    );
}

#[cfg(unix)]
#[test]
fn the_command_says_where_it_is_and_ends_on_a_signal() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;
    let index = sample_index().display().to_string();
    let mut child = crate::support::command()
        .args(["serve", "--port", "0", "--index", &index])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut page = String::new();
    out.read_line(&mut page).unwrap();
    let address = page
        .trim()
        .strip_prefix("http://")
        .unwrap()
        .trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    use std::io::Write;
    write!(
        stream,
        "GET /?q=secretword HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).unwrap();
    assert!(got.starts_with("HTTP/1.1 200 OK"), "{got}");
    let pid = child.id().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    assert!(
        log.contains("GET / 200") && !log.contains("secretword"),
        "{log}"
    );
}
