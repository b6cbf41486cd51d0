//! Letters and items that a person has picked: an address holds them, nothing else does.

use super::refusal::Refusal;
use crate::search::{Backend, Hit, HitItem, SearchError};

/// Picks of one address.
pub(super) const MOST: usize = 150;

/// A letter, or one item of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pick {
    /// The letter's identity.
    pub id: String,
    /// The item's place in the letter, from 0; None for the whole letter.
    pub item: Option<usize>,
}

impl Pick {
    /// Reads "{id}" or "{id}.{item}", items counted from 1.
    fn read(text: &str) -> Option<Pick> {
        let (id, item) = match text.split_once('.') {
            Some((id, item)) => (id, Some(item.parse::<usize>().ok()?.checked_sub(1)?)),
            None => (text, None),
        };
        Some(Pick {
            id: id.to_string(),
            item,
        })
    }
}

/// As an address holds it.
impl std::fmt::Display for Pick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.item {
            Some(item) => write!(f, "{}.{}", self.id, item + 1),
            None => f.write_str(&self.id),
        }
    }
}

/// The picks of an address, each once, in its order.
pub(super) fn read(values: &[String]) -> Result<Vec<Pick>, Refusal> {
    if values.len() > MOST {
        return Err(Refusal::bad(format!("pick: there are more than {MOST}")));
    }
    let mut picks: Vec<Pick> = Vec::new();
    for value in values {
        let pick = Pick::read(value).ok_or_else(|| {
            Refusal::bad("pick: give a letter's identity, or one with a dot and an item's number")
        })?;
        if !picks.contains(&pick) {
            picks.push(pick);
        }
    }
    Ok(picks)
}

/// What the index has of some picks.
pub(super) struct PickedHits {
    /// The letters that are picked, each with the items it is picked for.
    pub found: Vec<(Pick, Hit)>,
    /// The picks that the index does not have.
    pub missing: Vec<Pick>,
}

/// The letters of some picks, in their order.
///
/// # Errors
/// If the index is damaged.
pub(super) fn hits(engine: &dyn Backend, picks: &[Pick]) -> Result<PickedHits, SearchError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for pick in picks {
        let hit = engine.letter(&pick.id)?;
        let hit = hit.filter(|hit| pick.item.is_none_or(|at| at < hit.letter.items.len()));
        let Some(mut hit) = hit else {
            missing.push(pick.clone());
            continue;
        };
        if let Some(item) = pick.item {
            hit.items = vec![HitItem { item, score: 0.0 }];
        }
        found.push((pick.clone(), hit));
    }
    Ok(PickedHits { found, missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pick_is_read_as_it_is_written() {
        let texts = [
            "00ff.6".to_string(),
            "00ff".to_string(),
            "00ff.6".to_string(),
        ];
        let picks = read(&texts).unwrap();
        assert_eq!(picks.len(), 2);
        assert_eq!(picks[0].item, Some(5));
        assert_eq!(picks[0].to_string(), "00ff.6");
        assert_eq!(picks[1].to_string(), "00ff");
        assert!(read(&["00ff.0".to_string()]).is_err() && read(&["a.b".to_string()]).is_err());
        assert!(read(&vec!["a".to_string(); MOST + 1]).is_err());
    }
}
