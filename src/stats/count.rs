//! From a request to its report.

use super::report::{Figures, Report, Request, Rest, Row, Sort};
use crate::search::{Axis, AxisTally, Backend, Decisions, GroupBy, Ordinal, SearchError, Tally};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Counts the decisions of a request.
///
/// # Errors
/// If the query, a filter or a facet cannot be understood, or the index is damaged.
pub fn report(engine: &dyn Backend, request: &Request) -> Result<Report, SearchError> {
    let axes = axes(request)?;
    let free: Vec<GroupBy> = axes
        .iter()
        .map(|axis| GroupBy {
            axis: axis.clone(),
            only: None,
        })
        .collect();
    let mut tally = engine.tally(&request.search, &free)?;
    let chosen: Vec<ListedValues> = axes
        .iter()
        .enumerate()
        .map(|(n, axis)| choose(&tally.axes[n], axis, n, request))
        .collect();
    // What is taken as one is counted in a walk of its own: an item of two drugs counts once.
    let several = tally.axes.iter().any(|axis| axis.several);
    let folds = chosen.iter().any(|c| !c.rest.is_empty());
    let mut several_of: Vec<bool> = tally.axes.iter().map(|a| a.several).collect();
    several_of.resize(2, false);
    if folds && several {
        let along: Vec<GroupBy> = axes
            .iter()
            .zip(&chosen)
            .map(|(axis, chosen)| GroupBy {
                axis: axis.clone(),
                only: match axis {
                    Axis::Facet(_) => Some(chosen.shown.clone()),
                    Axis::Period(_) => None,
                },
            })
            .collect();
        tally = engine.tally(&request.search, &along)?;
    }
    let places: Vec<ValuePositions> = chosen
        .iter()
        .zip(&tally.axes)
        .map(|(chosen, axis)| ValuePositions::new(chosen, axis))
        .collect();
    let mut report = Report {
        understood: tally.understood.clone(),
        filters: request.search.filters.clone(),
        by: request.by.clone(),
        over: request.over,
        sort: request.sort,
        min: request.min,
        all: Figures::of(&tally.all),
        several: several_of[0],
        several_columns: several_of[1],
        ..Report::default()
    };
    if let Some(rows) = places.first() {
        let columns = places.get(1);
        let cells = |row: &[Ordinal]| columns.map_or(Vec::new(), |c| c.cells(&tally, row));
        let axis = &tally.axes[0];
        report.rows = rows.listed(axis, &chosen[0], &cells);
        report.rest = rows.rest(axis, &chosen[0], &cells);
        report.without = Figures::of(&axis.without);
    }
    if let Some(columns) = places.get(1) {
        let (axis, no_cells) = (&tally.axes[1], |_: &[Ordinal]| Vec::new());
        report.columns = columns.listed(axis, &chosen[1], &no_cells);
        report.rest_columns = columns.rest(axis, &chosen[1], &no_cells);
        report.without_column = Figures::of(&axis.without);
    }
    Ok(report)
}

/// The axes of a request: rows, then columns.
fn axes(request: &Request) -> Result<Vec<Axis>, SearchError> {
    let facets = request.by.iter().map(|path| Axis::Facet(path.clone()));
    let axes: Vec<Axis> = request
        .over
        .map(Axis::Period)
        .into_iter()
        .chain(facets)
        .collect();
    if axes.len() > 2 {
        return Err(SearchError::BadValue {
            filter: "by".to_string(),
            value: request.by.join(","),
            expected: match request.over {
                Some(_) => "one facet, which is what a series takes".to_string(),
                None => "one facet, or two for a cross table".to_string(),
            },
        });
    }
    Ok(axes)
}

/// Which values of an axis are listed, in their order, and which are taken as one.
struct ListedValues {
    shown: Vec<String>,
    rest: Vec<String>,
}

fn choose(axis: &AxisTally, of: &Axis, place: usize, request: &Request) -> ListedValues {
    let mut values: Vec<(&str, &Decisions)> = axis
        .values
        .iter()
        .map(|(v, counts)| (v.as_str(), counts))
        .collect();
    let period = matches!(of, Axis::Period(_));
    // Columns are chosen by count: a rare value at a high rate is no good heading.
    let sort = match (period, place) {
        (true, _) => Sort::Name,
        (false, 0) => request.sort,
        (false, _) => Sort::Count,
    };
    values.sort_by(|a, b| order(sort, a, b));
    let most = match (period, place) {
        (true, _) => None,
        (false, 0) => request.top,
        (false, _) => request.columns,
    };
    let least = if period { 0 } else { request.min };
    let (mut shown, mut rest) = (Vec::new(), Vec::new());
    for (value, counts) in values {
        let listed = counts.decided() >= least && most.is_none_or(|most| shown.len() < most);
        if listed {
            shown.push(value.to_string());
        } else {
            rest.push(value.to_string());
        }
    }
    // Years and pages read from left to right.
    let numbers = |value: &String| value.bytes().all(|b| b.is_ascii_digit());
    if place > 0 && (request.sort == Sort::Name || shown.iter().all(numbers)) {
        shown.sort_by(|a, b| by_name(a, b));
    }
    ListedValues { shown, rest }
}

fn order(sort: Sort, a: &(&str, &Decisions), b: &(&str, &Decisions)) -> Ordering {
    let by_count = || {
        b.1.items()
            .cmp(&a.1.items())
            .then(b.1.letters.cmp(&a.1.letters))
    };
    let first = match sort {
        Sort::Count => by_count(),
        Sort::Name => Ordering::Equal,
        Sort::Rate => {
            // Compared as fractions: 1/3 and 2/6 are the same. Nothing decided comes last.
            let (x, y) = (a.1, b.1);
            let products = (
                u128::from(x.overturned) * u128::from(y.decided()),
                u128::from(y.overturned) * u128::from(x.decided()),
            );
            let none = (x.decided() == 0).cmp(&(y.decided() == 0));
            none.then(products.1.cmp(&products.0)).then_with(by_count)
        }
    };
    first.then_with(|| by_name(a.0, b.0))
}

/// Names in order, numbers in them by their value: page 9 before page 78.
fn by_name(a: &str, b: &str) -> Ordering {
    let part = |a: &str, b: &str| match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.to_lowercase().cmp(&b.to_lowercase()),
    };
    let (mut left, mut right) = (a.split('/'), b.split('/'));
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) => match part(a, b) {
                Ordering::Equal => {}
                other => return other,
            },
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (None, None) => return a.cmp(b),
        }
    }
}

/// Where the chosen values stand in a tally.
struct ValuePositions {
    /// For each listed value; empty where nothing was found under it.
    shown: Vec<Vec<Ordinal>>,
    rest: Vec<Ordinal>,
}

impl ValuePositions {
    fn new(chosen: &ListedValues, axis: &AxisTally) -> ValuePositions {
        let mut at: HashMap<&str, Ordinal> = HashMap::new();
        for (n, (value, _)) in axis.values.iter().enumerate() {
            if axis.rest != Some(n as Ordinal) {
                at.insert(value, n as Ordinal);
            }
        }
        let place = |value: &String| at.get(value.as_str()).copied();
        ValuePositions {
            shown: chosen
                .shown
                .iter()
                .map(|v| place(v).into_iter().collect())
                .collect(),
            rest: match axis.rest {
                Some(rest) => vec![rest],
                None => chosen.rest.iter().filter_map(place).collect(),
            },
        }
    }

    fn listed(
        &self,
        axis: &AxisTally,
        chosen: &ListedValues,
        cells: &dyn Fn(&[Ordinal]) -> Vec<Figures>,
    ) -> Vec<Row> {
        let row = |(value, at): (&String, &Vec<Ordinal>)| Row {
            value: value.clone(),
            figures: sum(axis, at),
            cells: cells(at),
        };
        chosen.shown.iter().zip(&self.shown).map(row).collect()
    }

    fn rest(
        &self,
        axis: &AxisTally,
        chosen: &ListedValues,
        cells: &dyn Fn(&[Ordinal]) -> Vec<Figures>,
    ) -> Option<Rest> {
        if chosen.rest.is_empty() {
            return None;
        }
        Some(Rest {
            values: chosen.rest.len(),
            figures: sum(axis, &self.rest),
            cells: cells(&self.rest),
        })
    }

    /// The figures of a row under each of these columns.
    fn cells(&self, tally: &Tally, rows: &[Ordinal]) -> Vec<Figures> {
        let rest = (!self.rest.is_empty()).then_some(&self.rest);
        self.shown
            .iter()
            .chain(rest)
            .map(|columns| {
                let mut counts = Decisions::default();
                for row in rows {
                    for column in columns {
                        if let Some(cell) = tally.cells.get(&(*row, *column)) {
                            counts += *cell;
                        }
                    }
                }
                Figures::of(&counts)
            })
            .collect()
    }
}

fn sum(axis: &AxisTally, places: &[Ordinal]) -> Figures {
    let mut counts = Decisions::default();
    for at in places {
        counts += axis.values[*at as usize].1;
    }
    Figures::of(&counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(overturned: u64, upheld: u64, undecided: u64) -> Decisions {
        Decisions {
            letters: 1,
            upheld,
            overturned,
            partial: 0,
            undecided,
        }
    }

    fn shown(request: &Request, values: &[(&str, Decisions)]) -> (Vec<String>, Vec<String>) {
        let axis = AxisTally {
            values: values.iter().map(|(v, c)| ((*v).to_string(), *c)).collect(),
            ..AxisTally::default()
        };
        let chosen = choose(&axis, &Axis::Facet("drug".into()), 0, request);
        (chosen.shown, chosen.rest)
    }

    #[test]
    fn order_least_and_most() {
        let values = [
            ("a", counts(1, 9, 0)),
            ("b", counts(3, 3, 1)),
            ("c", counts(0, 0, 20)),
            ("d", counts(1, 0, 0)),
        ];
        let by = |sort, min, top| Request {
            sort,
            min,
            top,
            ..Request::default()
        };
        assert_eq!(
            shown(&by(Sort::Count, 0, None), &values).0,
            ["c", "a", "b", "d"]
        );
        assert_eq!(
            shown(&by(Sort::Rate, 0, None), &values).0,
            ["d", "b", "a", "c"]
        );
        let (listed, rest) = shown(&by(Sort::Rate, 2, Some(1)), &values);
        assert_eq!((listed, rest.len()), (vec!["b".to_string()], 3));
    }

    #[test]
    fn numbers_are_in_their_order() {
        let mut pages = [
            "MTUS/Chronic/111",
            "MTUS/Chronic/9",
            "MTUS/Chronic",
            "ODG",
            "MTUS/Chronic/78",
        ];
        pages.sort_by(|a, b| by_name(a, b));
        assert_eq!(
            pages,
            [
                "MTUS/Chronic",
                "MTUS/Chronic/9",
                "MTUS/Chronic/78",
                "MTUS/Chronic/111",
                "ODG"
            ]
        );
    }
}
