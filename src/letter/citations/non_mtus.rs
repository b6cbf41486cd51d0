//! Citations of a "Non-MTUS Citation".

use super::sections::tidy;
use super::side::{Citation, push};
use super::statement::Named;
use crate::vocabulary::Source;

/// The citations of the guidelines that a statement names; what it cites where it names none.
pub fn citations(text: &str, named: &[Named], citations: &mut Vec<Citation>) {
    for source in [Source::Odg, Source::Acoem, Source::Other] {
        let mut of_source = named.iter().filter(|n| n.source == source);
        let Some(first) = of_source.next() else {
            continue;
        };
        // A book named inside an ODG citation's section is still another source; an ACOEM named
        // there is how ODG's chapters cross-refer only after "ODG/".
        let sections = tidy(&text[first.end..]);
        push(
            citations,
            Citation::beside_mtus(source, first.title, sections),
        );
    }
    if !named.iter().any(|n| n.source != Source::Mtus) {
        let cited = text
            .split_once("itation")
            .map_or(text, |(_, after)| after)
            .trim_matches([' ', '.', ':']);
        if !cited.is_empty() {
            push(
                citations,
                Citation {
                    source: Source::Other.name().to_string(),
                    title: String::new(),
                    printed: cited.to_string(),
                    sections: String::new(),
                    pages: Vec::new(),
                },
            );
        }
    }
}
