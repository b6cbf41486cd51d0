//! The query as a tree: what was typed, without any engine's types, and serializable.
//!
//! The parser makes it once for a request; the planner reads it, and its `Display` is the query as it
//! was understood, which parses to the same tree again.

use super::tokens::{begins_a_case_number, is_operator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A query as a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum QueryAst {
    /// Clauses side by side.
    All(Vec<QueryAst>),
    /// Alternatives.
    Any(Vec<QueryAst>),
    /// What must not be.
    Not(Box<QueryAst>),
    /// What is looked for.
    Leaf(Leaf),
}

/// A word, phrase or the like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// Where it must stand; None anywhere.
    pub field: Option<Cow<'static, str>>,
    /// Pattern.
    pub pattern: Pattern,
    /// Where it stands in the query, in characters from 1.
    pub at: usize,
}

/// What a leaf looks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    /// A word as typed; with hyphens and slashes it may be several words of the index.
    Word(String),
    /// Words one after the other, with at most so many others between.
    Phrase(Vec<String>, u32),
    /// A word's beginning.
    Prefix(String),
    /// Two words or phrases within so many words, in any order.
    Near(Box<Pattern>, Box<Pattern>, u32),
}

/// Whether a leaf is written with a digit first.
fn begins_with_a_digit(leaf: &Leaf) -> bool {
    match &leaf.pattern {
        Pattern::Word(word) | Pattern::Prefix(word) => {
            leaf.field.is_none() && word.starts_with(|c: char| c.is_ascii_digit())
        }
        Pattern::Phrase(..) | Pattern::Near(..) => false,
    }
}

impl std::fmt::Display for QueryAst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |f: &mut std::fmt::Formatter<'_>, nodes: &[QueryAst], between: &str| {
            for (n, node) in nodes.iter().enumerate() {
                if n > 0 {
                    write!(f, "{between}")?;
                }
                match node {
                    QueryAst::All(inner) if inner.len() > 1 => write!(f, "({node})")?,
                    QueryAst::Any(_) => write!(f, "({node})")?,
                    _ => write!(f, "{node}")?,
                }
            }
            Ok(())
        };
        match self {
            QueryAst::All(nodes) => list(f, nodes, " "),
            QueryAst::Any(nodes) => list(f, nodes, " OR "),
            QueryAst::Not(node) => match &**node {
                // "CM -15-0900101" would be a case number.
                QueryAst::Leaf(leaf) if begins_with_a_digit(leaf) => write!(f, "NOT {node}"),
                QueryAst::Leaf(_) => write!(f, "-{node}"),
                _ => write!(f, "-({node})"),
            },
            QueryAst::Leaf(leaf) => {
                if let Some(field) = &leaf.field {
                    write!(f, "{field}:")?;
                }
                write!(f, "{}", leaf.pattern)
            }
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // With a mark behind it, as it was typed, it is read as a word again.
            Pattern::Word(word) if is_operator(word) || begins_a_case_number(word) => {
                write!(f, "{word}.")
            }
            Pattern::Word(word) => write!(f, "{word}"),
            Pattern::Prefix(word) => write!(f, "{word}*"),
            Pattern::Phrase(words, 0) => write!(f, "\"{}\"", words.join(" ")),
            Pattern::Phrase(words, slop) => write!(f, "\"{}\"~{slop}", words.join(" ")),
            Pattern::Near(a, b, distance) => write!(f, "{a} w/{distance} {b}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parser::parse;
    use super::*;

    #[test]
    fn a_tree_survives_being_written_down() {
        for query in [
            "norco taper",
            "rationale:(taper OR wean*) -\"pain contract\"~2",
            "opioid w/5 taper! drug:norco",
        ] {
            let tree = parse(query).unwrap();
            let written = serde_json::to_string(&tree).unwrap();
            let again: QueryAst = serde_json::from_str(&written).unwrap();
            assert_eq!(again, tree);
            assert_eq!(
                parse(&tree.to_string()).unwrap().to_string(),
                tree.to_string()
            );
        }
    }
}
