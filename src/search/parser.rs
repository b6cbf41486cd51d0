//! The query language: words, phrases, connectors, fields.
//!
//! ```text
//! query   = clause*                     words side by side: see MatchMode
//! clause  = near ("OR" near)*           OR binds its neighbours
//! near    = factor ("w/N" factor)*      within N words, in any order
//! factor  = ["-" | "NOT"] primary
//! primary = "(" query ")" | [field ":"] ( "\"phrase\"" ["~N"] | word | word"*" | word"!" | group )
//! ```

use super::error::{SearchError, query_error as error};
use super::query_ast::{Leaf, Pattern, QueryAst};
use super::tokens::{Token, Tokens, cleaned, takes_value, tokens};
use super::{habits, hints};
use std::borrow::Cow;

/// The longest query that is read, in characters.
pub(super) const LONGEST: usize = 2000;
/// The most words, phrases and prefixes of a query.
pub(super) const MOST_LEAVES: usize = 60;
/// The deepest nesting of parentheses.
const DEEPEST: usize = 20;
/// The most pairs that one "w/5" between groups may stand for.
const MOST_NEAR: usize = 24;

/// A query that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ParsedQuery {
    /// What it asks for.
    pub root: QueryAst,
    /// What a person should know of how it was read, each a sentence.
    pub notes: Vec<String>,
}

/// Reads a query. Words that are in no field of the language stay words ("10:30").
///
/// # Errors
/// One sentence that points at the place.
#[cfg(test)]
pub(super) fn parse(query: &str) -> Result<QueryAst, SearchError> {
    Ok(read(query)?.root)
}

/// Reads a query, with notes on how.
///
/// # Errors
/// As [`parse`].
pub(super) fn read(query: &str) -> Result<ParsedQuery, SearchError> {
    let query = &*cleaned(query);
    if query.chars().count() > LONGEST {
        return Err(error(
            query,
            &format!("more than {LONGEST} characters"),
            LONGEST,
        ));
    }
    let Tokens { tokens, mut notes } = habits::read(tokens(query)?);
    notes.extend(hints::of(&tokens));
    let is_leaf = |(token, _): &&(Token, usize)| {
        matches!(token, Token::Word(_) | Token::Phrase(..) | Token::Prefix(_))
    };
    if let Some((_, place)) = tokens.iter().filter(is_leaf).nth(MOST_LEAVES) {
        let what = format!("more than {MOST_LEAVES} words and phrases");
        return Err(error(query, &what, *place));
    }
    let begins = query.chars().position(|c| !c.is_whitespace());
    if let (true, Some(begins)) = (tokens.is_empty(), begins) {
        return Err(error(query, "no word to look for", begins + 1));
    }
    let mut parser = Parser {
        query,
        tokens,
        at: 0,
    };
    let root = parser.all(0)?;
    match parser.peek() {
        None => Ok(ParsedQuery { root, notes }),
        Some((_, place)) => Err(error(
            query,
            "a closing parenthesis without an opening one",
            *place,
        )),
    }
}

struct Parser<'q> {
    query: &'q str,
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&(Token, usize)> {
        self.tokens.get(self.at)
    }

    fn fail<T>(&self, what: &str, at: usize) -> Result<T, SearchError> {
        Err(error(self.query, what, at))
    }

    fn all(&mut self, depth: usize) -> Result<QueryAst, SearchError> {
        let mut clauses = Vec::new();
        while let Some((token, place)) = self.peek().cloned() {
            match token {
                Token::Close => break,
                Token::And => {
                    if clauses.is_empty() {
                        return self.fail("an AND with nothing before it", place);
                    }
                    self.at += 1;
                    if self.at_end() {
                        return self.fail("an AND with nothing after it", place);
                    }
                }
                _ => clauses.push(self.any(depth)?),
            }
        }
        Ok(QueryAst::All(clauses))
    }

    /// Whether a clause ends here.
    fn at_end(&self) -> bool {
        matches!(
            self.peek(),
            None | Some((Token::Close | Token::Or | Token::And, _))
        )
    }

    fn any(&mut self, depth: usize) -> Result<QueryAst, SearchError> {
        let mut choices = vec![self.near(depth)?];
        while let Some((Token::Or, place)) = self.peek().cloned() {
            self.at += 1;
            if self.at_end() {
                return self.fail("an OR with nothing after it", place);
            }
            choices.push(self.near(depth)?);
        }
        Ok(one_or(choices, QueryAst::Any))
    }

    fn near(&mut self, depth: usize) -> Result<QueryAst, SearchError> {
        let mut left = self.factor(depth)?;
        // "a w/5 b w/5 c": b is near a, and c near b.
        let mut links = Vec::new();
        while let Some((Token::Within(distance), place)) = self.peek().cloned() {
            self.at += 1;
            if self.at_end() {
                return self.fail("a w/ with nothing after it", place);
            }
            let right = self.factor(depth)?;
            links.push(self.link(&left, &right, distance, place)?);
            left = right;
        }
        Ok(if links.is_empty() {
            left
        } else {
            one_or(links, QueryAst::All)
        })
    }

    /// Two words or phrases within so many words, or any of a group of them: "w/5 (taper OR wean)".
    fn link(
        &self,
        left: &QueryAst,
        right: &QueryAst,
        distance: u32,
        place: usize,
    ) -> Result<QueryAst, SearchError> {
        let (Some(left), Some(right)) = (choices(left), choices(right)) else {
            return self.fail("a w/ that is not between two words or phrases", place);
        };
        if left.len() * right.len() > MOST_NEAR {
            let what = format!("a w/ between groups of more than {MOST_NEAR} pairs");
            return self.fail(&what, place);
        }
        let mut pairs = Vec::new();
        for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (a, b))) {
            let fields = [&a.field, &b.field];
            if fields.into_iter().flatten().any(|field| takes_value(field)) {
                return self.fail("a w/ next to a field's value, which has no position", place);
            }
            if a.field.is_some() && b.field.is_some() && a.field != b.field {
                return self.fail("a w/ between two fields", place);
            }
            pairs.push(QueryAst::Leaf(Leaf {
                field: a.field.clone().or_else(|| b.field.clone()),
                pattern: Pattern::Near(
                    Box::new(a.pattern.clone()),
                    Box::new(b.pattern.clone()),
                    distance,
                ),
                at: a.at,
            }));
        }
        Ok(one_or(pairs, QueryAst::Any))
    }

    fn factor(&mut self, depth: usize) -> Result<QueryAst, SearchError> {
        let Some((token, place)) = self.peek().cloned() else {
            return self.fail("a missing word", 0);
        };
        self.at += 1;
        match token {
            Token::Not => {
                // What is excluded from what is excluded is asked for.
                let mut excluded = true;
                while let Some((Token::Not, _)) = self.peek() {
                    self.at += 1;
                    excluded = !excluded;
                }
                if self.at_end() {
                    return self.fail("a NOT with nothing after it", place);
                }
                Ok(match self.factor(depth)? {
                    QueryAst::Not(node) if excluded => *node,
                    node if excluded => QueryAst::Not(Box::new(node)),
                    node => node,
                })
            }
            Token::Open => {
                if depth >= DEEPEST {
                    return self.fail("too many parentheses inside each other", place);
                }
                let node = self.all(depth + 1)?;
                if self.peek().is_none() {
                    return self.fail("an unclosed parenthesis", place);
                }
                self.at += 1;
                match node {
                    QueryAst::All(clauses) if clauses.is_empty() => {
                        self.fail("parentheses with no word between them", place)
                    }
                    QueryAst::All(clauses) => Ok(one_or(clauses, QueryAst::All)),
                    node => Ok(node),
                }
            }
            Token::Field(field) => {
                if self.at_end() || matches!(self.peek(), Some((Token::Within(_), _))) {
                    return self.fail(&format!("'{field}:' with nothing after it"), place);
                }
                match self.factor(depth)? {
                    QueryAst::Leaf(leaf) => {
                        self.within(QueryAst::Leaf(Leaf { at: place, ..leaf }), field)
                    }
                    node => self.within(node, field),
                }
            }
            Token::Phrase(phrase, slop) => {
                let words = phrase.split_whitespace().map(str::to_string).collect();
                Ok(leaf(Pattern::Phrase(words, slop), place))
            }
            Token::Word(word) => Ok(leaf(Pattern::Word(word), place)),
            Token::Prefix(word) => Ok(leaf(Pattern::Prefix(word), place)),
            Token::Close => self.fail("a closing parenthesis without an opening one", place),
            Token::Or => self.fail("an OR with nothing before it", place),
            Token::And => self.fail("an AND with nothing before it", place),
            Token::Within(_) => self.fail("a w/ with nothing before it", place),
        }
    }

    /// Puts a node into a field: `rationale:(taper wean)`.
    fn within(&self, node: QueryAst, field: &'static str) -> Result<QueryAst, SearchError> {
        let all = |nodes: Vec<QueryAst>| {
            let within = nodes.into_iter().map(|node| self.within(node, field));
            within.collect::<Result<Vec<_>, _>>()
        };
        Ok(match node {
            QueryAst::Leaf(leaf) => {
                if let Some(inner) = leaf.field {
                    return self.fail(&format!("'{inner}:' inside another field"), leaf.at);
                }
                if takes_value(field) && matches!(leaf.pattern, Pattern::Near(..)) {
                    return self.fail("a w/ between values, which have no position", leaf.at);
                }
                QueryAst::Leaf(Leaf {
                    field: Some(Cow::Borrowed(field)),
                    ..leaf
                })
            }
            QueryAst::Not(node) => QueryAst::Not(Box::new(self.within(*node, field)?)),
            QueryAst::All(nodes) => QueryAst::All(all(nodes)?),
            QueryAst::Any(nodes) => QueryAst::Any(all(nodes)?),
        })
    }
}

fn leaf(pattern: Pattern, at: usize) -> QueryAst {
    let field = None;
    QueryAst::Leaf(Leaf { field, pattern, at })
}

/// A node by itself, or several together.
fn one_or(mut nodes: Vec<QueryAst>, together: fn(Vec<QueryAst>) -> QueryAst) -> QueryAst {
    if nodes.len() == 1 {
        nodes.swap_remove(0)
    } else {
        together(nodes)
    }
}

/// The words and phrases that a node means, if it is one or any of them.
fn choices(node: &QueryAst) -> Option<Vec<&Leaf>> {
    match node {
        QueryAst::Leaf(leaf) => (!matches!(leaf.pattern, Pattern::Near(..))).then(|| vec![leaf]),
        QueryAst::Any(nodes) => {
            let each = nodes.iter().map(choices).collect::<Option<Vec<_>>>()?;
            Some(each.concat())
        }
        QueryAst::All(_) | QueryAst::Not(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> String {
        match parse(query) {
            Ok(node) => node.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_language() {
        for (query, want) in [
            ("norco taper", "norco taper"),
            (
                "\"functional improvement\"~3 OR cures",
                "(\"functional improvement\"~3 OR cures)",
            ),
            ("a OR b c", "(a OR b) c"),
            ("-mri NOT \"x ray\"", "-mri -\"x ray\""),
            ("rationale:(taper wean)", "(rationale:taper rationale:wean)"),
            ("opioid w/5 taper!", "opioid w/5 taper*"),
            (
                "drug:norco L4-5 #60 10/325mg",
                "drug:norco L4-5 #60 10/325mg",
            ),
            ("10:30 follow-up.", "10:30 follow-up"),
            ("", ""),
            ("a AND b", "a b"),
            ("NOT NOT -a -(-b) (c)", "-a b c"),
            ("a w/5 (b OR ca*)", "(a w/5 b OR a w/5 ca*)"),
            ("a w/5 b w/3 c", "(a w/5 b b w/3 c)"),
            (
                "rationale:(a OR b) w/2 c",
                "(rationale:a w/2 c OR rationale:b w/2 c)",
            ),
            ("age:60.. drug:norc*", "age:60.. drug:norc*"),
            ("\u{201c}pain contract\u{201d}", "\"pain contract\""),
            ("'pain contract' norco", "\"pain contract\" norco"),
            (
                "worker's 'de quervain's release'~2",
                "worker's \"de quervain's release\"~2",
            ),
            ("patients' rights", "patients rights"),
            ("norco /5 taper", "norco w/5 taper"),
            ("norco near/5 taper", "norco w/5 taper"),
            ("drug=norco a=b", "drug:norco a=b"),
            ("CM15-0900101", "case:CM15-0900101"),
            (
                "cm150900101, CM15 0900102 norco",
                "(case:CM15-0900101 OR case:CM15-0900102) norco",
            ),
            ("cm15\u{2013}0900101", "case:CM15-0900101"),
            ("norco 0900101 5551234", "norco case:0900101 5551234"),
            ("case:CM15 0900101 norco", "case:CM15-0900101 norco"),
            ("case:CM15* -CM15-0900101", "case:CM15* -case:CM15-0900101"),
            ("\"CM15-0900101\"", "\"CM15-0900101\""),
            // With a mark behind it an operator is a word, and is shown so that it stays one.
            ("norco w/5>> pain", "norco w/5. pain"),
            ("pain NOT< (OR.)", "pain NOT. OR."),
            ("a w/5 w/5. drug:NOT.", "a w/5 w/5. drug:NOT."),
            // What cannot be seen asks for nothing.
            (
                "\u{200b}-nor\u{ad}co \u{2060}\"pain\u{200d}\"",
                "-norco \"pain\"",
            ),
            (
                "d\u{feff}rug:norco N\u{202e}OT cafe\u{301} o\u{fb03}ce",
                "drug:norco -cafe office",
            ),
            ("CM15\u{200e}-0900101", "case:CM15-0900101"),
            ("CM NOT 15-090010 -60 -mri", "CM. NOT 15-090010 NOT 60 -mri"),
            // Beside digits "CM" would begin a case number.
            ("CM# .99991501/02", "CM. 99991501/02"),
            ("CM15. 0900101", "CM15. case:0900101"),
            ("(cm, 15-090010)", "(cm. 15-090010)"),
            ("CM15-0900101_", "case:CM15-0900101"),
            (
                ".CM15-0900101 =0900102",
                "(case:CM15-0900101 OR case:0900102)",
            ),
        ] {
            assert_eq!(told(query), want, "{query}");
        }
    }

    #[test]
    fn nothing_but_punctuation_is_left_out_unsaid() {
        for (query, notes) in [
            ("norco - \u{2022} taper...", 0),
            ("norco \u{663}\u{664}", 1),
            ("norco \u{1f642} taper", 1),
        ] {
            assert_eq!(read(query).unwrap().notes.len(), notes, "{query}");
        }
    }

    #[test]
    fn errors_point_at_the_place() {
        for (query, want) in [
            (
                "norco \"pain",
                "the query has an unclosed quotation mark at character 7: norco \u{2192}\"pain",
            ),
            (
                "(a b",
                "the query has an unclosed parenthesis at character 1: \u{2192}(a b",
            ),
            (
                "a)",
                "the query has a closing parenthesis without an opening one at character 2: a\u{2192})",
            ),
            (
                "a OR",
                "the query has an OR with nothing after it at character 3: a \u{2192}OR",
            ),
            (
                "drug:",
                "the query has 'drug:' with nothing after it at character 1: \u{2192}drug:",
            ),
            (
                "a w/200 b",
                "the query has a w/ that is not of 1 to 50 words at character 3: a \u{2192}w/200 b",
            ),
            (
                "a w/0 b",
                "the query has a w/ that is not of 1 to 50 words at character 3: a \u{2192}w/0 b",
            ),
            (
                "\"a b\"~99999999999",
                "the query has a ~ of more than 50 words at character 6: \"a b\"\u{2192}~99999999999",
            ),
            (
                "(a b) w/3 c",
                "the query has a w/ that is not between two words or phrases at character 7: (a b) \u{2192}w/3 c",
            ),
        ] {
            assert_eq!(told(query), want);
        }
    }
}
