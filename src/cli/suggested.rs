//! Values of options that shells complete: they are offered, not enforced, so that what is wrong gets
//! the message of the part of the program that knows why.

use crate::fields;
use clap::builder::{PossibleValue, TypedValueParser};
use std::ffi::OsStr;

/// Takes any text, and offers some.
#[derive(Clone)]
pub(super) struct SuggestedValues(fn() -> Vec<&'static str>);

impl SuggestedValues {
    /// The names of the facets.
    pub(super) const FACETS: SuggestedValues = SuggestedValues(facets);
    /// The names of the facets, and the word for all of them.
    pub(super) const ALL_FACETS: SuggestedValues = SuggestedValues(|| {
        let mut names = facets();
        names.push("all");
        names
    });
    /// The names of the columns of an export, and the words for all of them and for their list.
    pub(super) const COLUMNS: SuggestedValues = SuggestedValues(|| {
        let names = crate::export::columns().iter().map(|column| column.name);
        names.chain(["all", "help"]).collect()
    });
}

fn facets() -> Vec<&'static str> {
    fields::facets().map(|(field, _)| field.name).collect()
}

impl TypedValueParser for SuggestedValues {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        clap::builder::StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0().into_iter().map(PossibleValue::new)))
    }
}
