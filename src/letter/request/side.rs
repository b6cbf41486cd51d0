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
pub(super) fn read(folded: &str) -> Option<Laterality> {
    let (mut left, mut right, mut both) = (false, false, false);
    let words = || {
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty())
    };
    let words = words().zip(words().skip(1).chain(std::iter::once("")));
    for (word, next) in words {
        match word {
            "left" | "lt" | "lue" | "lle" | "leftsided" => left = true,
            "right" | "rt" | "rue" | "rle" | "rightsided" => right = true,
            "bilateral" | "bilaterally" | "both" | "bilat" | "bil" | "bue" | "bues" | "ble"
            | "bles" => both = true,
            "b" if next == "l" => both = true,
            // "L knee", but "L spine" and "L4" are levels.
            "l" if has_sides(next) => left = true,
            "r" if has_sides(next) => right = true,
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

/// Whether a word names a part of the body that there are two of.
fn has_sides(word: &str) -> bool {
    const PAIRED: [&str; 22] = [
        "shoulder", "knee", "hip", "ankle", "wrist", "elbow", "hand", "foot", "arm", "leg",
        "thumb", "finger", "index", "upper", "lower", "ear", "eye", "heel", "forearm", "thigh",
        "calf", "great",
    ];
    PAIRED.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_in_short() {
        assert_eq!(read("ncv emg of the lle"), Some(Laterality::Left));
        assert_eq!(read("mri rue"), Some(Laterality::Right));
        assert_eq!(read("emg ble"), Some(Laterality::Bilateral));
        assert_eq!(read("mri b l shoulders"), Some(Laterality::Bilateral));
        assert_eq!(read("l knee brace"), Some(Laterality::Left));
        assert_eq!(read("mri (l) shoulder"), Some(Laterality::Left));
        assert_eq!(read("mri l spine"), None);
        assert_eq!(read("l4 5 laminectomy"), None);
    }
}
