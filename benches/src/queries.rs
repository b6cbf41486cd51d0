//! The queries: a fixed mix, drawn from the crate's vocabulary by a seed.

use imr::search::{FacetRequest, Filter, Request};
use imr::vocabulary::{Drugs, is_stop_word};

/// How a query looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// "acupuncture"
    Word,
    /// "tramadol"
    Drug,
    /// "functional improvement"
    Words,
    /// "\"straight leg raise\""
    Phrase,
    /// "was the weaning of norco documented ..."
    Question,
}

/// A query for both engines.
pub struct Query {
    /// How it looks.
    pub kind: Kind,
    /// As one types it.
    pub text: String,
    /// The filters of imr; FTS5 has none.
    pub filters: Vec<Filter>,
}

impl Query {
    /// As a request: the top ten with snippets.
    #[must_use]
    pub fn request(&self, facets: bool) -> Request {
        let facet = |path: &&str| FacetRequest {
            path: (*path).to_string(),
            top: 10,
        };
        let counted = ["drug", "decision", "specialty", "treatment"];
        Request {
            query: self.text.clone(),
            filters: self.filters.clone(),
            limit: 10,
            snippets: true,
            facets: counted.iter().filter(|_| facets).map(facet).collect(),
            ..Request::default()
        }
    }

    /// For FTS5: all of up to three words, any of more, as near to imr's rule as it has.
    #[must_use]
    pub fn fts5(&self) -> String {
        if self.kind == Kind::Phrase {
            return self.text.clone();
        }
        let words: Vec<String> = self
            .text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !is_stop_word(word))
            .map(|word| format!("\"{word}\""))
            .collect();
        words.join(if words.len() <= 3 { " AND " } else { " OR " })
    }
}

const SUBJECTS: [&str; 30] = [
    "acupuncture",
    "physical therapy",
    "MRI",
    "lumbar spine",
    "opioids",
    "surgery",
    "TENS",
    "cervical",
    "knee",
    "shoulder",
    "drug screen",
    "fusion",
    "arthroscopy",
    "chiropractic",
    "massage",
    "brace",
    "psychotherapy",
    "consultation",
    "epidural",
    "nerve conduction",
    "radiculopathy",
    "home health",
    "gym",
    "mattress",
    "orthotics",
    "compound cream",
    "muscle relaxant",
    "proton pump inhibitor",
    "carpal tunnel",
    "spinal cord stimulator",
];

const ASPECTS: [&str; 24] = [
    "functional improvement",
    "weaning",
    "withdrawal",
    "red flags",
    "documentation",
    "trial",
    "conservative care",
    "gastrointestinal risk",
    "side effects",
    "work status",
    "depression",
    "insomnia",
    "diabetes",
    "spasm",
    "numbness",
    "weakness",
    "relief",
    "denial",
    "examination",
    "first-line",
    "dependence",
    "postoperative",
    "neuropathic pain",
    "morphine equivalents",
];

const PHRASES: [&str; 20] = [
    "straight leg raise",
    "functional improvement",
    "medically necessary",
    "home program",
    "low back pain",
    "urine drug screen",
    "rotator cuff",
    "carpal tunnel",
    "first-line agent",
    "red flag",
    "physical therapy",
    "nerve root",
    "range of motion",
    "activities",
    "trigger points",
    "conservative care",
    "work restrictions",
    "side effects",
    "knee arthroscopy",
    "pain scores",
];

const QUESTIONS: [&str; 10] = [
    "did the reviewer find functional improvement with {drug} in a worker with {subject} and {aspect}",
    "what was said about {aspect} when {subject} was denied after {drug} had failed",
    "is {subject} covered for a patient with {aspect} who takes {drug} and cannot work",
    "why was the denial of {subject} set aside although {aspect} was missing from the record",
    "how many visits of {subject} are allowed after surgery when there is {aspect}",
    "{drug} long term use with {aspect} and no urine drug screen in the file",
    "which letters speak of {subject} together with {aspect} and a failed trial of {drug}",
    "patient over 65 with {aspect} on {drug} asks for {subject}",
    "when is a repeat {subject} justified by new {aspect} on examination",
    "can {drug} be continued for {aspect} if the worker has returned to full duty",
];

const FILTERS: [(&str, &[&str]); 7] = [
    ("decision", &["overturned", "upheld", "overturned"]),
    (
        "treatment",
        &[
            "pharmacy",
            "imaging",
            "rehabilitation",
            "surgery",
            "equipment",
        ],
    ),
    (
        "specialty",
        &[
            "pmr",
            "pain management",
            "occupational medicine",
            "orthopedic surgery",
        ],
    ),
    ("year", &["2014..2016", "2016", "2017", "2018..2019"]),
    ("body-part", &["low-back", "knee", "shoulder", "neck"]),
    ("page", &["78", "98", "111", "68"]),
    (
        "drug",
        &["opioid", "norco", "gabapentin", "muscle relaxant", "nsaid"],
    ),
];

/// Numbers that a seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// So many queries: every fifth of a kind, every second with one or two filters.
#[must_use]
pub fn mix(count: usize, seed: u64) -> Vec<Query> {
    let mut random = Random(seed);
    (0..count)
        .map(|n| {
            let kind = [
                Kind::Word,
                Kind::Drug,
                Kind::Words,
                Kind::Phrase,
                Kind::Question,
            ][n % 5];
            Query {
                kind,
                text: text(kind, &mut random),
                filters: if n % 2 == 0 {
                    Vec::new()
                } else {
                    filters(&mut random)
                },
            }
        })
        .collect()
}

fn text(kind: Kind, random: &mut Random) -> String {
    match kind {
        Kind::Word => {
            let of = if random.below(2) == 0 {
                &SUBJECTS[..]
            } else {
                &ASPECTS[..]
            };
            let phrase = random.of(of);
            phrase.split(' ').next_back().unwrap_or(phrase).to_string()
        }
        Kind::Drug => drug(random).to_string(),
        Kind::Words => match random.below(3) {
            0 => random.of(&SUBJECTS).to_string(),
            1 => format!("{} {}", drug(random), random.of(&ASPECTS)),
            _ => format!("{} {}", random.of(&SUBJECTS), random.of(&ASPECTS)),
        },
        Kind::Phrase => format!("\"{}\"", random.of(&PHRASES)),
        Kind::Question => random
            .of(&QUESTIONS)
            .replace("{drug}", drug(random))
            .replace("{subject}", random.of(&SUBJECTS))
            .replace("{aspect}", random.of(&ASPECTS)),
    }
}

/// A drug that people search for mostly, else any of the table.
fn drug(random: &mut Random) -> &'static str {
    const FREQUENT: [&str; 16] = [
        "norco",
        "tramadol",
        "cyclobenzaprine",
        "omeprazole",
        "gabapentin",
        "naproxen",
        "ibuprofen",
        "soma",
        "percocet",
        "lidoderm",
        "flexeril",
        "tizanidine",
        "lyrica",
        "cymbalta",
        "celebrex",
        "ambien",
    ];
    if random.below(4) > 0 {
        return random.of(&FREQUENT);
    }
    let names = Drugs::get().generics();
    // Ingredients alone: a combination is not what one types.
    let name = names[random.below(names.len())].name;
    name.split('/').next().unwrap_or(name)
}

fn filters(random: &mut Random) -> Vec<Filter> {
    let first = random.below(FILTERS.len());
    (0..=random.below(2))
        .map(|n| {
            let (name, values) = FILTERS[(first + n * 3) % FILTERS.len()];
            Filter {
                name: name.to_string(),
                value: random.of(values).to_string(),
                negated: false,
            }
        })
        .collect()
}
