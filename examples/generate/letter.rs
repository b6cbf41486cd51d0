//! A case as a letter in the layouts of docs/extraction.md, wrapped and paged as an extractor leaves it.

use crate::case::{Case, Item};
use crate::phrases::Phrases;
use crate::random::Random;
use crate::tables::Tables;
use std::fmt::Write;
use time::{Date, Month};

/// A letter, and what a reader of it should find.
pub(crate) struct Letter {
    /// "CM15-0900001"
    pub case_number: String,
    pub text: String,
    /// The requests and whether each denial was overturned.
    pub items: Vec<(String, bool)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    A,
    AProse,
    B,
}

/// Writes letters.
pub(crate) struct Writer {
    phrases: Phrases,
    tables: Tables,
}

/// One letter while it is written.
struct Draft<'w> {
    writer: &'w Writer,
    case: Case,
    layout: Layout,
    random: Random,
    /// Paragraphs; an empty one parts what stands close together.
    paragraphs: Vec<String>,
}

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer {
            phrases: Phrases::read(),
            tables: Tables::new(),
        }
    }

    /// The letter of a number: the same for the same seed, whatever was written before.
    pub(crate) fn letter(&self, seed: u64, number: usize) -> Letter {
        let mut random = Random::new(seed, number as u64);
        let case = Case::new(&self.phrases, &self.tables, &mut random);
        let year = case.received.year().clamp(2013, 2019) % 100;
        let case_number = format!("CM{year:02}-09{number:05}");
        let mut draft = Draft {
            writer: self,
            layout: layout(case.decided, &mut random),
            case,
            random,
            paragraphs: Vec::new(),
        };
        draft.header(&case_number);
        draft.how_made();
        draft.summary();
        draft.decisions();
        let text = laid_out(&draft.paragraphs, &mut draft.random);
        let items = draft.case.items.into_iter();
        Letter {
            case_number,
            text,
            items: items.map(|item| (item.request, item.overturned)).collect(),
        }
    }
}

/// B until the middle of 2014, A with prose credentials until early 2015, then A.
fn layout(decided: Date, random: &mut Random) -> Layout {
    match (decided.year(), decided.month()) {
        (..2014, _) => Layout::B,
        (2014, month) if month < Month::July => Layout::B,
        (2014, _) if random.per_mille(250) => Layout::B,
        (2014, _) => Layout::AProse,
        (2015, month) if month < Month::April && random.per_mille(600) => Layout::AProse,
        _ => Layout::A,
    }
}

impl Draft<'_> {
    /// Appends a sentence of a list, if it can be one that the text does not have yet.
    fn sentence(&mut self, list: &str, out: &mut String) {
        let Writer { phrases, tables } = self.writer;
        let before = out.len();
        for _ in 0..4 {
            phrases.sentence(list, &self.case, tables, &mut self.random, out);
            if !out[..before].contains(out[before..].trim_start()) {
                return;
            }
            out.truncate(before);
        }
    }

    fn push(&mut self, paragraph: impl Into<String>) {
        self.paragraphs.push(paragraph.into());
    }

    fn header(&mut self, case_number: &str) {
        if self.layout == Layout::B {
            self.push("MAXIMUS FEDERAL SERVICES, INC.");
            self.push("Independent Medical Review");
            self.push("P.O. Box 900900, Sacramento, CA 95899");
            self.push("(555) 010-9090    Fax: (555) 010-9091");
        }
        if self.layout == Layout::A && self.random.per_mille(10) {
            return;
        }
        let priority = match self.random.per_mille(15) {
            false if self.layout == Layout::B => "STANDARD",
            false => "Standard",
            true if self.layout == Layout::B => "EXPEDITED",
            true => "Expedited",
        };
        let day = |date: Date| {
            format!(
                "{:02}/{:02}/{}",
                u8::from(date.month()),
                date.day(),
                date.year()
            )
        };
        let case = &self.case;
        let values = [
            ("Case Number:", case_number.to_string()),
            ("Date Assigned:", day(case.assigned)),
            ("Date of Injury:", day(case.injury)),
            ("Decision Date:", day(case.decided)),
            ("UR Denial Date:", day(case.denied)),
            ("Priority:", priority.to_string()),
            ("Application Received:", day(case.received)),
        ];
        match self.random.below(3) {
            // Pairs, one a line.
            0 => {
                for (label, value) in &values {
                    self.push(format!("{label} {value}"));
                }
            }
            // The table's rows.
            1 => {
                let [
                    number,
                    assigned,
                    injury,
                    decided,
                    denied,
                    priority,
                    received,
                ] = &values;
                self.push(format!("{} {}", number.0, number.1));
                for (left, right) in [(assigned, injury), (decided, denied), (priority, received)] {
                    self.push(format!(
                        "{} {}      {} {}",
                        left.0, left.1, right.0, right.1
                    ));
                }
            }
            // All labels, then all values.
            _ => {
                for (label, _) in &values {
                    self.push(*label);
                }
                for (_, value) in &values {
                    self.push(value.as_str());
                }
            }
        }
        self.push("");
    }

    fn how_made(&mut self) {
        self.push("HOW THE IMR FINAL DETERMINATION WAS MADE");
        let mut text = String::new();
        self.sentence("how", &mut text);
        self.push(text);
        self.push("");
        let tables = &self.writer.tables;
        let random = &mut self.random;
        let mut specialties = vec![tables.specialty(random)];
        if random.per_mille(300) {
            specialties.push(tables.specialty(random));
            specialties.dedup();
        }
        let mut states = vec![tables.state(random)];
        while states.len() < 4 && random.per_mille(250) {
            states.push(tables.state(random));
        }
        states.dedup();
        if self.layout == Layout::A {
            self.push("The Expert Reviewer has the following credentials:");
            self.push(format!("State(s) of Licensure: {}", states.join(", ")));
            self.push(format!(
                "Certification(s)/Specialty: {}",
                specialties.join(", ")
            ));
        } else {
            let who = random.of(&["expert", "physician"]);
            let mut text = format!(
                "The {who} reviewer is Board Certified in {}",
                specialties[0]
            );
            if let Some(second) = specialties.get(1) {
                let _ = write!(text, ", has a subspecialty in {second}");
            }
            let _ = write!(text, ", and is licensed to practice in {}.", states[0]);
            self.push(text);
        }
        self.push("");
        if self.layout == Layout::B {
            self.push("DOCUMENTS REVIEWED");
            for n in 1..=self.random.range(4, 12) {
                let mut line = String::new();
                self.sentence("document", &mut line);
                self.push(format!("{n}. {line}"));
            }
            self.push("");
        }
    }

    fn summary(&mut self) {
        self.push("CLINICAL CASE SUMMARY");
        let mut lists = vec!["summary.opening"];
        // One summary in twelve goes on for pages.
        let rounds = if self.random.per_mille(120) {
            self.random.range(2, 5)
        } else {
            1
        };
        for _ in 0..rounds {
            for (list, least, most) in [
                ("summary.complaint", 2, 5),
                ("summary.exam", 3, 6),
                ("summary.diagnosis", 1, 2),
                ("summary.studies", 1, 5),
                ("summary.treatment", 3, 7),
                ("summary.work", 0, 1),
                ("summary.request", 0, 2),
            ] {
                let count = self.random.range(least, most);
                lists.extend(std::iter::repeat_n(list, count));
            }
        }
        let mut text = String::new();
        for (n, list) in lists.into_iter().enumerate() {
            let item = self.random.below(self.case.items.len());
            self.case.speak_of(item);
            if n % 9 == 8 {
                let printed = misprinted(&text, &mut self.random);
                self.push(printed);
                text.clear();
            }
            self.sentence(list, &mut text);
        }
        let printed = misprinted(&text, &mut self.random);
        self.push(printed);
        self.push("");
    }

    fn decisions(&mut self) {
        self.push(if self.layout == Layout::B {
            "IMR DECISION(S) AND RATIONALE(S)"
        } else {
            "IMR ISSUES, DECISIONS AND RATIONALES"
        });
        self.push("What was decided on each item in dispute, and why:");
        self.push("");
        for at in 0..self.case.items.len() {
            self.case.speak_of(at);
            self.heading(at);
            self.guidelines(at);
            let rationale = self.rationale(at);
            let rationale = misprinted(&rationale, &mut self.random);
            self.push(if self.layout == Layout::B {
                format!("The Physician Reviewer's decision rationale: {rationale}")
            } else {
                format!("Decision rationale: {rationale}")
            });
            self.push("");
        }
    }

    fn heading(&mut self, at: usize) {
        let item = &self.case.items[at];
        if self.layout == Layout::B {
            let not = if item.overturned { "" } else { "not " };
            let opening = if self.random.per_mille(400) {
                "The request for "
            } else {
                ""
            };
            self.push(format!(
                "{}. {opening}{} is {not}medically necessary and appropriate.",
                at + 1,
                item.request
            ));
        } else {
            let word = if item.overturned {
                "Overturned"
            } else {
                "Upheld"
            };
            let request = match &item.of {
                Some((original, authorized)) => format!(
                    "{original} was the original request. {authorized} was authorized by the \
                     Claims Administrator. The remaining IMR eligible portion of the original \
                     request, {}",
                    item.request
                ),
                None => item.request.clone(),
            };
            self.push(format!("{request}: {word}"));
        }
        self.push("");
    }

    fn guidelines(&mut self, at: usize) {
        let administrator = (!self.random.per_mille(110)).then(|| self.citation(at));
        let reviewer = self.citation(at);
        if self.layout == Layout::B {
            self.push(administrator.map_or_else(
                || "The Claims Administrator did not cite any evidence based criteria for its decision.".to_string(),
                |cited| format!("The Claims Administrator based its decision on the {cited}."),
            ));
            self.push("");
            self.push(format!(
                "The Physician Reviewer based his/her decision on the {reviewer}."
            ));
        } else {
            self.push(administrator.map_or_else(
                || {
                    "Claims Administrator guideline: The Claims Administrator did not cite any \
                     medical evidence for its decision."
                        .to_string()
                },
                |cited| format!("Claims Administrator guideline: {cited}."),
            ));
            self.push("");
            self.push(format!("MAXIMUS guideline: {reviewer}."));
        }
        self.push("");
    }

    fn citation(&mut self, at: usize) -> String {
        let item = &self.case.items[at];
        let part = self.case.part;
        let (section, pages) = self.random.of(chronic_pain(item));
        let of_chapter = !matches!(item.treatment, "pharmacy" | "home-health");
        let second = self.random.per_mille(220);
        let kind = self.random.below(if of_chapter { 4 } else { 2 });
        if self.layout == Layout::B {
            return match kind {
                0 | 1 => format!(
                    "Chronic Pain Medical Treatment Guidelines, {section}, pages {pages}, which \
                     is part of the MTUS"
                ),
                2 => {
                    let chapter = part
                        .chapter
                        .trim_end_matches(|c: char| c == ' ' || c.is_ascii_digit());
                    format!(
                        "ACOEM Guidelines, {chapter}, pages {}, which is part of the MTUS",
                        part.pages
                    )
                }
                _ => format!(
                    "Official Disability Guidelines (ODG), {} Chapter, {section}",
                    part.odg
                ),
            };
        }
        let odg = format!(
            "Non-MTUS Citation Official Disability Guidelines (ODG) {} Chapter, {section}",
            part.odg
        );
        let mut text = match kind {
            0 => format!(
                "Decision based on MTUS Chronic Pain Treatment Guidelines {section} Page(s): {pages}"
            ),
            1 => format!(
                "Decision based on MTUS Chronic Pain Treatment Guidelines {section}, page(s) {pages}"
            ),
            2 => format!(
                "Decision based on MTUS {}, Section(s): Special Studies, page(s) {}",
                part.chapter, part.pages
            ),
            _ => format!("Decision based on {odg}"),
        };
        if second && kind != 3 {
            let _ = write!(text, ". Decision based on {odg}");
        }
        text
    }

    fn rationale(&mut self, at: usize) -> String {
        let (treatment, decision) = {
            let item = &self.case.items[at];
            (
                item.treatment,
                if item.overturned {
                    "overturned"
                } else {
                    "upheld"
                },
            )
        };
        let rules = format!("rule.{treatment}");
        let general = "general".to_string();
        let facts = format!("{decision}.{treatment}");
        let mut text = String::new();
        let long = if self.random.per_mille(60) {
            self.random.range(2, 5)
        } else {
            1
        };
        for _ in 0..long {
            for (list, least, most) in [(&rules, 1, 3), (&general, 3, 7), (&facts, 2, 5)] {
                for _ in 0..self.random.range(least, most) {
                    self.sentence(list, &mut text);
                }
            }
        }
        self.sentence(&format!("close.{decision}"), &mut text);
        text
    }
}

/// Sections and pages of the chronic pain guideline that an item's reviewers turn to.
fn chronic_pain(item: &Item) -> &'static [(&'static str, &'static str)] {
    match (item.treatment, item.class) {
        ("pharmacy", "opioid analgesic") => &[
            ("Opioids", "74-96"),
            ("Opioids, criteria for use", "76-80"),
            ("Opioids, long-term assessment", "88-89"),
            ("Opioids", "78-80, 91, 124"),
            ("Weaning of Medications", "124"),
        ],
        ("pharmacy", "muscle relaxant") => &[
            ("Muscle relaxants (for pain)", "63-66"),
            ("Antispasmodics", "64-65"),
            ("Carisoprodol (Soma)", "29"),
        ],
        ("pharmacy", "NSAID" | "proton pump inhibitor") => &[
            ("NSAIDs, GI symptoms & cardiovascular risk", "68-69"),
            ("NSAIDs (non-steroidal anti-inflammatory drugs)", "67-73"),
            ("Anti-inflammatory medications", "22"),
        ],
        ("pharmacy", "anticonvulsant") => &[
            ("Antiepilepsy drugs (AEDs)", "16-20"),
            ("Gabapentin", "18-19, 49"),
        ],
        ("pharmacy", "topical analgesic") => &[
            ("Topical Analgesics", "111-113"),
            ("Lidoderm (lidocaine patch)", "56-57"),
            ("Salicylate topicals", "105"),
        ],
        ("pharmacy", "benzodiazepine" | "sedative-hypnotic") => &[("Benzodiazepines", "24")],
        ("pharmacy", _) => &[
            ("Antidepressants for chronic pain", "13-16"),
            ("Introduction", "8-9"),
            ("Medications for chronic pain", "60-61"),
        ],
        ("rehabilitation", _) => &[
            ("Physical Medicine", "98-99"),
            ("Manual therapy & manipulation", "58-60"),
            ("Functional restoration programs (FRPs)", "30-33"),
            ("Aquatic therapy", "22"),
        ],
        ("injection", _) => &[
            ("Epidural steroid injections (ESIs)", "46"),
            ("Trigger point injections", "122"),
            ("Botulinum toxin", "25-26"),
        ],
        ("equipment", _) => &[
            ("Transcutaneous electrotherapy", "113-117"),
            ("Interferential Current Stimulation (ICS)", "118-120"),
            ("H-wave stimulation (HWT)", "117-118"),
        ],
        ("diagnostic-test", _) => &[
            ("Drug testing", "43"),
            ("Opioids, steps to avoid misuse", "94-95"),
        ],
        ("behavioral-health", _) => &[
            ("Behavioral interventions", "23"),
            ("Psychological treatment", "101-102"),
        ],
        ("home-health", _) => &[("Home health services", "51")],
        ("surgery", _) => &[
            ("Spinal cord stimulators (SCS)", "105-107"),
            ("Introduction", "1"),
        ],
        _ => &[("Introduction", "1-2"), ("Chronic pain programs", "30-34")],
    }
}

/// A text with the slips that typists make: about one word in a thousand.
fn misprinted(text: &str, random: &mut Random) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let letters = word.len() > 4 && word.bytes().all(|b| b.is_ascii_lowercase());
        if !letters || !random.per_mille(2) {
            out.push_str(word);
            continue;
        }
        let at = random.range(1, word.len() - 2);
        match random.below(3) {
            // Two letters change places; one is left out; one is doubled.
            0 => {
                out.push_str(&word[..at]);
                out.push_str(&word[at + 1..at + 2]);
                out.push_str(&word[at..=at]);
                out.push_str(&word[at + 2..]);
            }
            1 => {
                out.push_str(&word[..at]);
                out.push_str(&word[at + 1..]);
            }
            _ => {
                out.push_str(&word[..=at]);
                out.push_str(&word[at..]);
            }
        }
    }
    out
}

/// Wraps the paragraphs, with an empty line after every line as some extractors leave it, or
/// between paragraphs; and with page breaks wherever they fall.
fn laid_out(paragraphs: &[String], random: &mut Random) -> String {
    let airy = random.per_mille(500);
    let width = random.range(86, 100);
    let page = random.range(44, 52);
    let mut text = String::new();
    let mut lines = 0;
    let mut line = |content: &str| {
        if lines > 0 && lines % page == 0 {
            text.push('\x0c');
        }
        lines += 1;
        text.push_str(content);
        text.push_str(if airy { "\n\n" } else { "\n" });
    };
    for paragraph in paragraphs {
        if paragraph.is_empty() {
            if !airy {
                line("");
            }
            continue;
        }
        let mut from = 0;
        while paragraph.len() - from > width {
            let rest = &paragraph[from..];
            let head = rest.get(..width).unwrap_or(rest);
            let Some(end) = head.rfind(' ') else { break };
            line(&rest[..end]);
            from += end + 1;
        }
        line(&paragraph[from..]);
    }
    text
}
