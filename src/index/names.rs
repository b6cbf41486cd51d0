//! The names in records that many of an index's letters have, numbered: a diagnosis, a drug, a guideline's title. A record
//! has the number, which is a byte or two.

use foldhash::fast::FixedState;
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32, FixedState>,
}

impl Names {
    /// Names in the order of their numbers.
    pub(super) fn new(names: Vec<String>) -> Names {
        let numbers = names.iter().cloned().zip(0..).collect();
        Names { names, numbers }
    }

    /// In the order of their numbers.
    pub(super) fn in_order(&self) -> &[String] {
        &self.names
    }

    /// A name as a record has it.
    pub(super) fn name<'n>(&self, name: &'n str) -> Name<'n> {
        match self.numbers.get(name) {
            Some(number) => Name::Numbered(*number),
            None => Name::Itself(name),
        }
    }

    /// What a record's name stands for.
    ///
    /// # Errors
    /// If none has its number.
    pub(super) fn read<'n>(&'n self, name: &Name<'n>) -> Result<&'n str, String> {
        match name {
            Name::Itself(name) => Ok(name),
            Name::Numbered(number) => {
                let name = self.names.get(*number as usize);
                let name = name.map(String::as_str);
                name.ok_or_else(|| format!("no name has the number {number}"))
            }
        }
    }
}

/// A name in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'n> {
    Numbered(u32),
    Itself(&'n str),
}

/// Written as its number and one, or as a zero and itself.
impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Name::Numbered(number) => (number.saturating_add(1)).serialize(serializer),
            Name::Itself(name) => {
                let mut parts = serializer.serialize_tuple(2)?;
                parts.serialize_element(&0_u32)?;
                parts.serialize_element(name)?;
                parts.end()
            }
        }
    }
}

impl<'de: 'n, 'n> Deserialize<'de> for Name<'n> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a name or its number")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Name<'de>, A::Error> {
                let missing = || A::Error::custom("a part of a name is missing");
                let number: u32 = parts.next_element()?.ok_or_else(missing)?;
                match number.checked_sub(1) {
                    Some(number) => Ok(Name::Numbered(number)),
                    None => Ok(Name::Itself(parts.next_element()?.ok_or_else(missing)?)),
                }
            }
        }
        deserializer.deserialize_tuple(2, Parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_is_a_byte_and_another_is_itself() {
        let names = Names::new(vec!["MRI".to_string(), "Norco".to_string()]);
        for (name, bytes) in [("Norco", 1), ("Soma", 6), ("", 2)] {
            let written = postcard::to_allocvec(&names.name(name)).unwrap();
            assert_eq!(written.len(), bytes, "{name}");
            let read: Name = postcard::from_bytes(&written).unwrap();
            assert_eq!(names.read(&read), Ok(name));
        }
        assert!(names.read(&Name::Numbered(2)).is_err());
        assert!(postcard::from_bytes::<Name>(&[]).is_err());
        assert!(postcard::from_bytes::<Name>(&[0]).is_err());
    }
}
