//! Left, right or both.

use serde::{Deserialize, Serialize};

/// Which side of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Laterality {
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// Both.
    Bilateral,
}

impl Laterality {
    /// The name in records and columns.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Laterality::Left => "left",
            Laterality::Right => "right",
            Laterality::Bilateral => "bilateral",
        }
    }
}

/// The side that a folded request names.
pub fn read(folded: &str) -> Option<Laterality> {
    let (mut left, mut right, mut both) = (false, false, false);
    for word in folded.split(|c: char| !c.is_ascii_alphanumeric()) {
        match word {
            "left" | "lt" => left = true,
            "right" | "rt" => right = true,
            "bilateral" | "bilaterally" | "both" | "bilat" => both = true,
            _ => {}
        }
    }
    match (left, right, both) {
        (_, _, true) | (true, true, _) => Some(Laterality::Bilateral),
        (true, false, _) => Some(Laterality::Left),
        (false, true, _) => Some(Laterality::Right),
        _ => None,
    }
}
