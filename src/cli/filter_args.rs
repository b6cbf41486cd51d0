//! The options of all filters, made from the registry of fields.

use crate::fields::{self, FieldDefinition, FilterDefinition, FilterKind};
use crate::search::Filter;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use std::ffi::OsStr;
use std::sync::LazyLock;

/// The heading under which filters stand in the help.
const HEADING: &str =
    "Filters (repeat for OR; different filters are ANDed; --not-drug ... excludes)";

/// More values than this are not offered to a shell.
const MOST_COMPLETED: usize = 400;

/// What a letter must have, as it was typed.
#[derive(Clone, Default)]
pub(super) struct FilterArgs {
    filters: Vec<Filter>,
    any_item: bool,
}

/// An option: `drug` or `not-drug`.
struct FilterOption {
    name: String,
    field: &'static FieldDefinition,
    filter: &'static FilterDefinition,
    excludes: bool,
}

/// The options of all filters; those that exclude come last.
static OPTIONS: LazyLock<Vec<FilterOption>> = LazyLock::new(|| {
    let option = |excludes: bool| {
        fields::filters().map(move |(field, filter)| FilterOption {
            name: format!("{}{}", if excludes { "not-" } else { "" }, field.name),
            field,
            filter,
            excludes,
        })
    };
    let all = option(false).chain(option(true));
    all.filter(|option| Filter::named(&option.name, "").is_some())
        .collect()
});

impl FilterArgs {
    /// Whether filters on items may hold in different items of a letter.
    #[must_use]
    pub(super) fn is_any_item(&self) -> bool {
        self.any_item
    }

    /// The filters as a request holds them.
    #[must_use]
    pub(super) fn filters(&self) -> Vec<Filter> {
        self.filters.clone()
    }
}

impl clap::Args for FilterArgs {
    fn augment_args(mut command: Command) -> Command {
        for FilterOption {
            name,
            field,
            filter,
            excludes,
        } in OPTIONS.iter()
        {
            let option = Arg::new(name.as_str())
                .long(name.as_str())
                .value_name(filter.value_name)
                .action(ArgAction::Append)
                .value_parser(Value(field))
                .hide_possible_values(true)
                .allow_negative_numbers(filter.resolve.kind() != FilterKind::Word)
                .help(filter.help)
                .hide(*excludes)
                .hide_short_help(filter.rare)
                .help_heading(HEADING);
            command = command.arg(option);
        }
        command.arg(
            Arg::new("any-item")
                .long("any-item")
                .action(ArgAction::SetTrue)
                .help("Let filters hold for different items of a letter")
                .help_heading(HEADING),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FilterArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<FilterArgs, clap::Error> {
        let mut args = FilterArgs::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let values = |name: &'static str| {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            values.filter_map(move |value| Filter::named(name, value))
        };
        let names = OPTIONS.iter().map(|option| option.name.as_str());
        self.filters = names.flat_map(values).collect();
        self.any_item = matches.get_flag("any-item");
        Ok(())
    }
}

/// A value of a field's filter: any text, resolved later; a shell completes the names there are, where
/// they are few.
#[derive(Clone)]
struct Value(&'static FieldDefinition);

impl TypedValueParser for Value {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let (_, names) = COMPLETED.iter().find(|(field, _)| *field == self.0)?;
        Some(Box::new(
            names.iter().map(|name| PossibleValue::new(name.as_str())),
        ))
    }
}

/// The names that a shell completes.
static COMPLETED: LazyLock<Vec<(&'static FieldDefinition, Vec<String>)>> = LazyLock::new(|| {
    let names = |(field, filter): (&'static FieldDefinition, &FilterDefinition)| {
        let [names, _] = filter.resolve.names(&|_| Vec::new());
        let few = !names.is_empty() && names.len() <= MOST_COMPLETED;
        few.then_some((field, names))
    };
    fields::filters().filter_map(names).collect()
});
