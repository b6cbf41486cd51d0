//! The made-up case behind a letter: a worker, an injury, dates, and what is disputed.

use crate::phrases::Phrases;
use crate::random::Random;
use crate::tables::Tables;
use std::fmt::Write;
use time::{Date, Duration, Month};

/// Whose findings and diagnoses a part of the body has.
#[derive(Clone, Copy)]
pub(crate) enum Region {
    Spine,
    Upper,
    Lower,
}

/// A part of the body, and the chapters that speak of it.
pub(crate) struct Part {
    pub name: &'static str,
    pub region: Region,
    /// The chapter of the schedule, with its year.
    pub chapter: &'static str,
    /// Its pages on special studies.
    pub pages: &'static str,
    /// The chapter of ODG.
    pub odg: &'static str,
    /// How many of a hundred injuries are its.
    pub share: usize,
}

const fn part(
    name: &'static str,
    region: Region,
    chapter: &'static str,
    pages: &'static str,
    odg: &'static str,
    share: usize,
) -> Part {
    Part {
        name,
        region,
        chapter,
        pages,
        odg,
        share,
    }
}

/// Where workers are hurt.
pub(crate) const PARTS: [Part; 13] = [
    part(
        "low back",
        Region::Spine,
        "Low Back Complaints 2004",
        "303-305",
        "Low Back",
        36,
    ),
    part(
        "neck",
        Region::Spine,
        "Neck and Upper Back Complaints 2004",
        "177-178",
        "Neck and Upper Back",
        17,
    ),
    part(
        "upper back",
        Region::Spine,
        "Neck and Upper Back Complaints 2004",
        "181-183",
        "Neck & Upper Back",
        3,
    ),
    part(
        "shoulder",
        Region::Upper,
        "Shoulder Complaints 2004",
        "207-209",
        "Shoulder",
        13,
    ),
    part(
        "wrist",
        Region::Upper,
        "Forearm, Wrist, and Hand Complaints 2004",
        "268-269",
        "Forearm, Wrist, & Hand",
        6,
    ),
    part(
        "hand",
        Region::Upper,
        "Forearm, Wrist, and Hand Complaints 2004",
        "272",
        "Carpal Tunnel Syndrome",
        4,
    ),
    part(
        "elbow",
        Region::Upper,
        "Elbow Complaints 2007",
        "33",
        "Elbow",
        3,
    ),
    part(
        "forearm",
        Region::Upper,
        "Forearm, Wrist, and Hand Complaints 2004",
        "264",
        "Forearm, Wrist, & Hand",
        1,
    ),
    part(
        "knee",
        Region::Lower,
        "Knee Complaints 2004",
        "341-343",
        "Knee & Leg",
        11,
    ),
    part(
        "ankle",
        Region::Lower,
        "Ankle and Foot Complaints 2004",
        "374-375",
        "Ankle & Foot",
        3,
    ),
    part(
        "foot",
        Region::Lower,
        "Ankle and Foot Complaints 2004",
        "370-371",
        "Ankle & Foot",
        2,
    ),
    part(
        "hip",
        Region::Lower,
        "General Approaches 2004",
        "48",
        "Hip & Pelvis",
        2,
    ),
    part(
        "lower leg",
        Region::Lower,
        "Knee Complaints 2004",
        "346-347",
        "Knee & Leg",
        1,
    ),
];

/// A treatment, how many of a thousand items ask for it, and how many of a thousand of these are
/// overturned.
const TREATMENTS: [(&str, usize, usize); 11] = [
    ("pharmacy", 420, 90),
    ("rehabilitation", 170, 120),
    ("equipment", 90, 95),
    ("injection", 80, 125),
    ("diagnostic-test", 75, 130),
    ("imaging", 60, 140),
    ("surgery", 45, 190),
    ("evaluation", 35, 310),
    ("behavioral-health", 14, 280),
    ("home-health", 6, 110),
    ("other", 5, 100),
];

/// A disputed item.
pub(crate) struct Item {
    pub treatment: &'static str,
    /// As the heading prints it.
    pub request: String,
    /// What was asked for before a part of it was authorised, and that part.
    pub of: Option<(String, String)>,
    /// The drug by name, for the rationale; "the treatment" where there is none.
    pub drug: String,
    /// The drug's class; empty where there is none.
    pub class: &'static str,
    pub overturned: bool,
}

/// The case.
pub(crate) struct Case {
    pub female: bool,
    pub age: usize,
    pub part: &'static Part,
    pub side: &'static str,
    pub injury: Date,
    pub denied: Date,
    pub received: Date,
    pub assigned: Date,
    pub decided: Date,
    pub items: Vec<Item>,
    /// The drug and request of the item that is being written about.
    pub drug: String,
    pub request: String,
}

impl Case {
    /// Makes up a case.
    pub(crate) fn new(phrases: &Phrases, tables: &Tables, random: &mut Random) -> Case {
        let decided = decision_date(random);
        let assigned = before(decided, random.range(12, 75));
        let received = before(assigned, random.range(4, 30));
        let denied = before(received, random.range(3, 32));
        let years = random.early(16);
        let injury = before(denied, 30 + years * 365 + random.below(365));
        let shares = crate::random::running(PARTS.iter().map(|p| p.share));
        let mut case = Case {
            female: random.per_mille(480),
            age: 20 + (random.below(25) + random.below(25)),
            part: &PARTS[random.weighted(&shares)],
            side: random.of(&["left", "right", "right", "left", "bilateral"]),
            injury,
            denied,
            received,
            assigned,
            decided,
            items: Vec::new(),
            drug: "the treatment".to_string(),
            request: String::new(),
        };
        for _ in 0..item_count(random) {
            let item = case.item(phrases, tables, random);
            case.items.push(item);
        }
        case
    }

    /// Turns the talk to an item.
    pub(crate) fn speak_of(&mut self, at: usize) {
        if let Some(item) = self.items.get(at) {
            self.drug.clone_from(&item.drug);
            self.request.clone_from(&item.request);
        }
    }

    fn item(&mut self, phrases: &Phrases, tables: &Tables, random: &mut Random) -> Item {
        let shares = crate::random::running(TREATMENTS.iter().map(|(_, share, _)| *share));
        let (treatment, _, overturned) = TREATMENTS[random.weighted(&shares)];
        let mut item = Item {
            treatment,
            request: String::new(),
            of: None,
            drug: "the treatment".to_string(),
            class: "",
            overturned: random.per_mille(overturned),
        };
        if treatment == "pharmacy" {
            self.medication(&mut item, phrases, tables, random);
        } else {
            let list = format!("request.{treatment}");
            phrases.phrase(&list, self, tables, random, &mut item.request);
        }
        if let Some(first) = item.request.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        item
    }

    fn medication(
        &mut self,
        item: &mut Item,
        phrases: &Phrases,
        tables: &Tables,
        random: &mut Random,
    ) {
        let drug = tables.prescription(random);
        item.drug.clone_from(&drug.name);
        item.class = drug.class;
        if drug.class == "topical analgesic" && random.per_mille(700) {
            self.drug.clone_from(&drug.name);
            phrases.phrase("topical", self, tables, random, &mut item.request);
            return;
        }
        if random.per_mille(40) {
            item.drug = "the cream".to_string();
            item.class = "topical analgesic";
            item.request = compound(random);
            return;
        }
        let count = 30 * random.range(1, 6);
        if random.per_mille(25) {
            let rest = count / 3;
            item.request = format!("{} #{rest}", drug.with_strength);
            item.of = Some((
                format!("{} #{count}", drug.with_strength),
                format!("{} #{}", drug.with_strength, count - rest),
            ));
            return;
        }
        let name = &drug.with_strength;
        item.request = match random.below(8) {
            0 => format!("{name} #{count} with {} refills", random.range(1, 5)),
            1 => format!("{count} tablets of {name}"),
            2 => format!(
                "{name}, one by mouth {} #{count}",
                random
                    .of(&["daily", "twice a day", "at bedtime", "every {6} hours"])
                    .replace("{6}", "six")
            ),
            3 => name.clone(),
            4 => format!("{name} quantity {count}"),
            _ => format!("{name} #{count}"),
        };
    }

    /// Appends a date of the history: between injury and denial, the last year most often.
    pub(crate) fn date(&self, random: &mut Random, out: &mut String) {
        let days = (self.denied - self.injury).whole_days().clamp(1, 20_000) as usize;
        let back = if random.per_mille(700) {
            random.below(days.min(365))
        } else {
            random.below(days)
        };
        date(before(self.denied, back), random, out);
    }
}

/// Appends a date in one of the ways that doctors write it.
pub(crate) fn date(date: Date, random: &mut Random, out: &mut String) {
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let _ = match random.below(8) {
        0 => write!(out, "{} {day}, {year}", date.month()),
        1 => write!(out, "{month}/{day}/{:02}", year % 100),
        2 | 3 => write!(out, "{month}/{day}/{year}"),
        _ => write!(out, "{month:02}/{day:02}/{year}"),
    };
}

fn before(date: Date, days: usize) -> Date {
    date.saturating_sub(Duration::days(days as i64))
}

/// When a letter was decided: from late 2013 to 2019, about as many a year as there were.
fn decision_date(random: &mut Random) -> Date {
    let shares = crate::random::running([15, 140, 165, 176, 172, 184, 148]);
    let year = 2013 + random.weighted(&shares) as i32;
    let (first, days) = if year == 2013 {
        (Month::October, 92)
    } else {
        (Month::January, 365)
    };
    let start = Date::from_calendar_date(year, first, 1).expect("a first of the month");
    start + Duration::days(random.below(days) as i64)
}

/// How many items a letter has: one in most, about two in the mean, twenty at the most.
fn item_count(random: &mut Random) -> usize {
    if random.per_mille(560) {
        return 1;
    }
    if random.per_mille(30) {
        return random.range(6, 20);
    }
    let mut count = 2;
    while count < 20 && random.per_mille(550) {
        count += 1;
    }
    count
}

/// A cream that a pharmacy mixes.
fn compound(random: &mut Random) -> String {
    const BASES: [&str; 9] = [
        "Flurbiprofen",
        "Ketoprofen",
        "Gabapentin",
        "Cyclobenzaprine",
        "Baclofen",
        "Lidocaine",
        "Capsaicin",
        "Menthol",
        "Tramadol",
    ];
    let first = random.below(BASES.len());
    let parts: Vec<String> = (0..random.range(2, 4))
        .map(|n| {
            let base = BASES[(first + n * 2) % BASES.len()];
            format!("{base} {}%", random.range(1, 4) * 5)
        })
        .collect();
    format!("{} cream {} gm", parts.join("/"), 30 * random.range(1, 8))
}
