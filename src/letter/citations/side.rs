//! What one side relied on.

use crate::vocabulary::Source;
use serde::{Deserialize, Serialize};

/// One cited guideline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// "MTUS", "ODG", "ACOEM" or "other".
    pub source: String,
    /// The guideline as a facet: one value for all the names it was printed with. Empty for
    /// `other`.
    pub title: String,
    /// The title as printed, with its year ("Chronic Pain Treatment 2009"). Empty where the letter
    /// names only the source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// What stands after "Section(s):", or between the title and the pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sections: String,
    /// Pages, ranges expanded, ascending. Only MTUS pages are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<u32>,
}

impl Citation {
    /// Of a source other than the MTUS: no pages are kept, and no title of one without a name.
    pub(super) fn beside_mtus(source: Source, title: &str, sections: String) -> Citation {
        Citation {
            source: source.name().to_string(),
            title: match source {
                Source::Other => String::new(),
                _ => title.to_string(),
            },
            printed: String::new(),
            sections,
            pages: Vec::new(),
        }
    }
}

/// What one side relied on (docs/json.md).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The citations, in the order printed.
    pub citations: Vec<Citation>,
    /// The passage as printed, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Side {
    /// The sources cited, sorted, each once.
    #[must_use]
    pub fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = self.citations.iter().map(|c| c.source.as_str()).collect();
        sources.sort_by_key(|source| (*source == "other", *source));
        sources.dedup();
        sources
    }

    /// The MTUS titles as printed, in order, each once.
    #[must_use]
    pub fn mtus(&self) -> Vec<&str> {
        let mut titles: Vec<&str> = Vec::new();
        for citation in self.citations.iter().filter(|c| c.source == "MTUS") {
            if !citation.printed.is_empty() && !titles.contains(&citation.printed.as_str()) {
                titles.push(&citation.printed);
            }
        }
        titles
    }

    /// The MTUS pages cited, ascending, each once.
    #[must_use]
    pub fn pages(&self) -> Vec<u32> {
        let mtus = self.citations.iter().filter(|c| c.source == "MTUS");
        let mut pages: Vec<u32> = mtus.flat_map(|c| c.pages.iter().copied()).collect();
        pages.sort_unstable();
        pages.dedup();
        pages
    }
}

/// Two citations of the same guideline in one passage are one, with the pages of both.
pub(super) fn push(citations: &mut Vec<Citation>, new: Citation) {
    let same = citations
        .iter_mut()
        .find(|c| c.source == new.source && c.printed == new.printed && c.title == new.title);
    match same {
        Some(citation) => {
            citation.pages.extend(new.pages);
            citation.pages.sort_unstable();
            citation.pages.dedup();
            if citation.sections.is_empty() {
                citation.sections = new.sections;
            } else if !new.sections.is_empty() && citation.sections != new.sections {
                citation.sections = format!("{}; {}", citation.sections, new.sections);
            }
        }
        None => citations.push(new),
    }
}
