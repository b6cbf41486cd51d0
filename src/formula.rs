//! Cells of tables that are opened in spreadsheets.

use std::borrow::Cow;

/// Beginnings by which a spreadsheet takes a cell for a formula, or that some skip to find one
/// (OWASP, "CSV Injection"); the last four are the wide forms of the first.
const DANGEROUS: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// A cell that no spreadsheet takes for a formula: an apostrophe before what is dangerous and no
/// number.
pub(crate) fn harmless(cell: &str) -> Cow<'_, str> {
    let shown = cell.trim_start_matches(' ');
    if !shown.starts_with(DANGEROUS) {
        return cell.into();
    }
    let digits = shown.strip_prefix(['+', '-']).unwrap_or("=");
    let number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if number && digits.parse::<f64>().is_ok() {
        return cell.into();
    }
    format!("'{cell}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless() {
        let link = "=HYPERLINK(\"http://x\")";
        assert_eq!(harmless(link), format!("'{link}"));
        assert_eq!(harmless(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(harmless("-2"), "-2");
        assert_eq!(harmless("-2+cmd"), "'-2+cmd");
        assert_eq!(harmless("-inf"), "'-inf");
        assert_eq!(harmless("\u{ff1d}1"), "'\u{ff1d}1");
        assert_eq!(harmless("Norco 10/325mg #60"), "Norco 10/325mg #60");
        assert_eq!(harmless(""), "");
    }
}
