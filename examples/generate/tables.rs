//! What the crate's own tables lend: drugs by how often they are prescribed, services, terms,
//! specialties, states; and names made of syllables.

use crate::random::{Random, running};
use imr::vocabulary::{Drugs, Generic, Meaning, Services, Specialties, Synonyms, states};
use std::collections::HashSet;
use std::fmt::Write;

/// The drugs that injured workers are given most, in that order; the others follow by the table.
const FREQUENT: [&str; 64] = [
    "norco",
    "tramadol",
    "cyclobenzaprine",
    "omeprazole",
    "gabapentin",
    "naproxen",
    "ibuprofen",
    "soma",
    "percocet",
    "ultram",
    "lidoderm",
    "flexeril",
    "tizanidine",
    "lyrica",
    "cymbalta",
    "celebrex",
    "prilosec",
    "terocin",
    "voltaren gel",
    "ambien",
    "ms contin",
    "oxycontin",
    "diclofenac",
    "meloxicam",
    "orphenadrine",
    "baclofen",
    "tylenol #3",
    "xanax",
    "trazodone",
    "nucynta",
    "butrans",
    "zolpidem",
    "oxycodone",
    "morphine",
    "fentanyl patch",
    "methadone",
    "pantoprazole",
    "relafen",
    "topamax",
    "lunesta",
    "protonix",
    "nortriptyline",
    "amitriptyline",
    "ativan",
    "klonopin",
    "valium",
    "ondansetron",
    "colace",
    "senna",
    "docusate",
    "zofran",
    "sertraline",
    "lexapro",
    "wellbutrin",
    "theramine",
    "sentra pm",
    "duexis",
    "viagra",
    "metaxalone",
    "robaxin",
    "etodolac",
    "nabumetone",
    "ketoprofen",
    "flector",
];

const STRENGTHS: [usize; 16] = [
    5, 10, 15, 20, 25, 30, 50, 75, 100, 150, 200, 250, 300, 500, 600, 800,
];

const BEGIN: [&str; 40] = [
    "Ad", "Al", "Bar", "Ben", "Bor", "Cal", "Car", "Cor", "Dal", "Del", "Dor", "Ed", "El", "Fal",
    "Far", "Gar", "Gil", "Hal", "Har", "Hol", "Jan", "Kel", "Ken", "Lam", "Lor", "Mar", "Mel",
    "Mor", "Nel", "Nor", "Or", "Pel", "Quin", "Ram", "Ros", "Sal", "Sel", "Tor", "Val", "Wil",
];
const MIDDLE: [&str; 24] = [
    "a", "an", "ar", "be", "da", "den", "do", "en", "er", "ga", "i", "in", "ka", "la", "li", "lo",
    "ma", "mi", "no", "o", "ri", "si", "ta", "ve",
];
const END: [&str; 36] = [
    "by", "cock", "dal", "dez", "don", "dorf", "feld", "gan", "ham", "han", "ington", "kin", "kov",
    "ley", "lin", "lund", "man", "mer", "mond", "nard", "nes", "nik", "pour", "quist", "rado",
    "ridge", "rian", "sen", "shaw", "son", "stein", "tano", "ter", "vale", "wick", "zaki",
];
const PLACE: [&str; 12] = [
    "ville", "ton", "wood", "field", "dale", " Creek", " Springs", "port", " Valley", "crest",
    " City", "mont",
];

/// The tables, ready to draw from.
pub(crate) struct Tables {
    drugs: Vec<Drug>,
    /// Running sums of weights that fall off as the rank to the power of one and a half.
    zipf: Vec<usize>,
    services: Vec<&'static str>,
    terms: Vec<&'static str>,
    specialties: Vec<&'static str>,
}

struct Drug {
    generic: &'static Generic,
    /// As it is mostly called.
    name: &'static str,
    names: Vec<&'static str>,
}

/// A drug as a letter asks for it.
pub(crate) struct Prescription {
    /// "Norco"
    pub name: String,
    /// "Norco 10/325mg"
    pub with_strength: String,
    /// Its class.
    pub class: &'static str,
}

/// The usual names of each service: the first of every row of its phrases.
fn services() -> Vec<&'static str> {
    const USUAL: usize = 6;
    let mut names = Vec::new();
    let mut row: Option<(Meaning, f32)> = None;
    let mut of_row = 0;
    for (name, meaning, rank) in Services::get().rows().filter(|(_, _, rank)| *rank >= 6.0) {
        if row != Some((meaning, rank)) {
            row = Some((meaning, rank));
            of_row = 0;
        }
        of_row += 1;
        if of_row <= USUAL {
            names.push(name);
        }
    }
    names
}

impl Tables {
    /// Reads the crate's tables.
    pub(crate) fn new() -> Tables {
        let table = Drugs::get();
        let mut seen = HashSet::new();
        let frequent = FREQUENT
            .iter()
            .filter_map(|name| Some((table.named(name)?, *name)));
        let others = table
            .generics()
            .iter()
            .map(|generic| (generic, generic.name));
        let drugs: Vec<Drug> = frequent
            .chain(others)
            .filter(|(generic, _)| seen.insert(generic.name))
            .map(|(generic, name)| Drug {
                generic,
                name,
                names: table.names_of(generic),
            })
            .collect();
        let terms = Synonyms::get().groups().iter().flatten().copied();
        Tables {
            zipf: running((4..drugs.len() + 4).map(|rank| 1_000_000_000 / (rank * rank.isqrt()))),
            drugs,
            services: services(),
            terms: terms.collect(),
            specialties: Specialties::get().names().collect(),
        }
    }

    /// A drug with a strength that this drug comes in.
    pub(crate) fn prescription(&self, random: &mut Random) -> Prescription {
        let rank = random.weighted(&self.zipf);
        let drug = &self.drugs[rank];
        let name = if drug.names.is_empty() || random.per_mille(700) {
            drug.name
        } else {
            drug.names[random.early(drug.names.len())]
        };
        let mut capital = name.to_string();
        if let Some(first) = capital.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        // Three strengths a drug, told by its rank.
        let strength = STRENGTHS[(rank * 7 + random.below(3)) % STRENGTHS.len()];
        let unit = random.of(&[" mg", "mg", " mg", "mg", " mg ER", " milligrams"]);
        let with_strength = if name.contains('#') {
            capital.clone()
        } else if drug.generic.name.contains("acetaminophen/") {
            format!("{capital} {strength}/325{unit}")
        } else {
            format!("{capital} {strength}{unit}")
        };
        Prescription {
            name: capital,
            with_strength,
            class: drug.generic.class,
        }
    }

    /// Appends a drug as a history lists it: "gabapentin 300 mg".
    pub(crate) fn medication(&self, random: &mut Random, out: &mut String) {
        let drug = self.prescription(random);
        out.push_str(if random.per_mille(600) {
            &drug.with_strength
        } else {
            &drug.name
        });
    }

    /// Any treatment.
    pub(crate) fn service(&self, random: &mut Random) -> &'static str {
        self.services[random.below(self.services.len())]
    }

    /// Any term that people search for.
    pub(crate) fn term(&self, random: &mut Random) -> &'static str {
        self.terms[random.below(self.terms.len())]
    }

    /// A reviewer's specialty; the table has the frequent ones first.
    pub(crate) fn specialty(&self, random: &mut Random) -> &'static str {
        let near = random.early(self.specialties.len());
        self.specialties[if random.per_mille(700) {
            near / 5
        } else {
            near
        }]
    }

    /// A state of licensure: California mostly.
    pub(crate) fn state(&self, random: &mut Random) -> &'static str {
        if random.per_mille(620) {
            "California"
        } else {
            random.of(states()).0
        }
    }

    /// Appends a doctor's name: one of some tens of thousands, a few of them everywhere.
    pub(crate) fn surname(&self, random: &mut Random, out: &mut String) {
        out.push_str(BEGIN[random.early(BEGIN.len())]);
        if random.per_mille(600) {
            out.push_str(MIDDLE[random.early(MIDDLE.len())]);
        }
        out.push_str(END[random.early(END.len())]);
    }

    /// Appends the name of a town.
    pub(crate) fn town(&self, random: &mut Random, out: &mut String) {
        let _ = write!(
            out,
            "{}{}{}",
            random.of(&BEGIN),
            random.of(&MIDDLE),
            random.of(&PLACE)
        );
    }
}
