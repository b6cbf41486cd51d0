//! The query language: words, phrases, connectors, fields.
//!
//! ```text
//! query   = clause*                     words side by side: see MatchMode
//! clause  = near ("OR" near)*           OR binds its neighbours
//! near    = factor ("w/N" factor)*      within N words, in any order
//! factor  = ["-" | "NOT"] primary
//! primary = "(" query ")" | [field ":"] ( "\"phrase\"" ["~N"] | word | word"*" | word"!" | group )
//! ```

use super::request::SearchError;

/// The longest query that is read, in characters.
pub const LONGEST: usize = 2000;
/// The most words, phrases and prefixes of a query.
pub const MOST_LEAVES: usize = 60;
/// The deepest nesting of parentheses.
const DEEPEST: usize = 20;
/// The widest `w/N` and `~N`.
const WIDEST: u32 = 50;
/// The most words of a phrase with `~N`: what a loose phrase costs grows with each.
const MOST_LOOSE: usize = 6;

/// The fields that a query may name, with the names people use.
pub const FIELDS: [(&str, &str); 22] = [
    ("request", "request"),
    ("item", "request"),
    ("rationale", "rationale"),
    ("reason", "rationale"),
    ("summary", "summary"),
    ("guidelines", "guidelines"),
    ("guideline", "guideline"),
    ("drug", "drug"),
    ("decision", "decision"),
    ("treatment", "treatment"),
    ("body", "body-part"),
    ("body_part", "body-part"),
    ("body-part", "body-part"),
    ("bodypart", "body-part"),
    ("specialty", "specialty"),
    ("licensure", "licensure"),
    ("page", "page"),
    ("year", "year"),
    ("outcome", "outcome"),
    ("case", "case"),
    ("sex", "sex"),
    ("age", "age"),
];

/// A query as a tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Clauses side by side.
    All(Vec<Node>),
    /// Alternatives.
    Any(Vec<Node>),
    /// What must not be.
    Not(Box<Node>),
    /// What is looked for.
    Leaf(Leaf),
}

/// A word, phrase or the like.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Where it must stand; None anywhere.
    pub field: Option<&'static str>,
    /// What.
    pub what: What,
}

/// What a leaf looks for.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A word as typed; with hyphens and slashes it may be several words of the index.
    Word(String),
    /// Words one after the other, with at most so many others between.
    Phrase(Vec<String>, u32),
    /// A word's beginning.
    Prefix(String),
    /// Two words or phrases within so many words, in any order.
    Near(Box<What>, Box<What>, u32),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    And,
    Not,
    Within(u32),
    Field(&'static str),
    Phrase(String, u32),
    Word(String),
    Prefix(String),
}

/// Reads a query. Words that are in no field of the language stay words ("10:30").
///
/// # Errors
/// One sentence that points at the place.
pub fn parse(query: &str) -> Result<Node, SearchError> {
    if query.chars().count() > LONGEST {
        return Err(error(
            query,
            &format!("more than {LONGEST} characters"),
            LONGEST,
        ));
    }
    let tokens = tokens(query)?;
    let leaves = tokens
        .iter()
        .filter(|(t, _)| matches!(t, Token::Word(_) | Token::Phrase(..) | Token::Prefix(_)))
        .count();
    if leaves > MOST_LEAVES {
        return Err(error(
            query,
            &format!("more than {MOST_LEAVES} words and phrases"),
            0,
        ));
    }
    let mut parser = Parser {
        query,
        tokens,
        at: 0,
    };
    let node = parser.all(0)?;
    match parser.peek() {
        None => Ok(node),
        Some((_, place)) => Err(error(
            query,
            "a closing parenthesis that nothing opened",
            *place,
        )),
    }
}

fn error(query: &str, what: &str, at: usize) -> SearchError {
    let chars: Vec<char> = query.chars().collect();
    let cut = if at == 0 {
        chars.len()
    } else {
        at.min(chars.len() + 1) - 1
    };
    let before: String = chars[cut.saturating_sub(30)..cut].iter().collect();
    let after: String = chars[cut..(cut + 30).min(chars.len())].iter().collect();
    SearchError::Query {
        what: what.to_string(),
        at,
        marked: format!("{before}\u{2192}{after}"),
    }
}

fn tokens(query: &str) -> Result<Vec<(Token, usize)>, SearchError> {
    let chars: Vec<char> = query.chars().map(plain).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let place = at + 1;
        match chars[at] {
            c if c.is_whitespace() || c == ',' || c == ';' => at += 1,
            '(' => {
                tokens.push((Token::Open, place));
                at += 1;
            }
            ')' => {
                tokens.push((Token::Close, place));
                at += 1;
            }
            '"' => {
                let Some(len) = chars[at + 1..].iter().position(|c| *c == '"') else {
                    return Err(error(query, "a quotation mark that nothing closes", place));
                };
                let phrase: String = chars[at + 1..at + 1 + len].iter().collect();
                at += len + 2;
                let mut slop = 0;
                if chars.get(at) == Some(&'~') {
                    let digits: String = chars[at + 1..]
                        .iter()
                        .take_while(|c| c.is_ascii_digit())
                        .collect();
                    if digits.is_empty() {
                        return Err(error(query, "a ~ without its number", at + 1));
                    }
                    slop = match digits.parse() {
                        Ok(slop) if slop <= WIDEST => slop,
                        _ => {
                            let what = format!("a ~ of more than {WIDEST} words");
                            return Err(error(query, &what, at + 1));
                        }
                    };
                    at += 1 + digits.len();
                    if slop > 0 && phrase.split_whitespace().count() > MOST_LOOSE {
                        let what = format!("a ~ after a phrase of more than {MOST_LOOSE} words");
                        return Err(error(query, &what, place));
                    }
                }
                if phrase.chars().any(char::is_alphanumeric) {
                    tokens.push((Token::Phrase(phrase, slop), place));
                }
            }
            '-' if chars
                .get(at + 1)
                .is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '(')) =>
            {
                tokens.push((Token::Not, place));
                at += 1;
            }
            _ => {
                let len = chars[at..]
                    .iter()
                    .position(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ';'))
                    .unwrap_or(chars.len() - at);
                let word: String = chars[at..at + len].iter().collect();
                word_token(query, &word, place, &mut tokens)?;
                at += len;
            }
        }
    }
    Ok(tokens)
}

fn plain(c: char) -> char {
    match c {
        '\u{201c}'..='\u{201f}' => '"',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2010}'..='\u{2015}' => '-',
        _ => c,
    }
}

fn word_token(
    query: &str,
    word: &str,
    place: usize,
    tokens: &mut Vec<(Token, usize)>,
) -> Result<(), SearchError> {
    match word {
        "OR" | "||" => tokens.push((Token::Or, place)),
        "AND" | "&&" | "&" => tokens.push((Token::And, place)),
        "NOT" => tokens.push((Token::Not, place)),
        _ => {
            let within = word.strip_prefix("w/").or_else(|| word.strip_prefix("W/"));
            if let Some(number) =
                within.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            {
                let Some(distance) = number.parse().ok().filter(|n| (1..=WIDEST).contains(n))
                else {
                    let what = format!("a w/ that is not of 1 to {WIDEST} words");
                    return Err(error(query, &what, place));
                };
                tokens.push((Token::Within(distance), place));
                return Ok(());
            }
            if let Some((name, rest)) = word.split_once(':') {
                let known = FIELDS
                    .iter()
                    .find(|(field, _)| field.eq_ignore_ascii_case(name));
                if let Some((_, field)) = known {
                    tokens.push((Token::Field(field), place));
                    if !rest.is_empty() {
                        word_token(query, rest, place + name.chars().count() + 1, tokens)?;
                    }
                    return Ok(());
                }
            }
            let stem = word.trim_end_matches(['*', '!']);
            if stem.len() < word.len() {
                if stem.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
                    return Err(error(query, "a * or ! after less than two letters", place));
                }
                tokens.push((Token::Prefix(stem.to_string()), place));
            } else if word.chars().any(char::is_alphanumeric) {
                let word = word.trim_end_matches(['.', '?', ':']);
                tokens.push((Token::Word(word.to_string()), place));
            }
        }
    }
    Ok(())
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

    fn all(&mut self, depth: usize) -> Result<Node, SearchError> {
        let mut clauses = Vec::new();
        while let Some((token, _)) = self.peek() {
            match token {
                Token::Close => break,
                Token::And => self.at += 1,
                _ => clauses.push(self.any(depth)?),
            }
        }
        Ok(Node::All(clauses))
    }

    fn any(&mut self, depth: usize) -> Result<Node, SearchError> {
        let mut choices = vec![self.near(depth)?];
        while let Some((Token::Or, place)) = self.peek().cloned() {
            self.at += 1;
            if matches!(self.peek(), None | Some((Token::Close | Token::Or, _))) {
                return self.fail("an OR with nothing after it", place);
            }
            choices.push(self.near(depth)?);
        }
        Ok(if choices.len() == 1 {
            choices.swap_remove(0)
        } else {
            Node::Any(choices)
        })
    }

    fn near(&mut self, depth: usize) -> Result<Node, SearchError> {
        let mut node = self.factor(depth)?;
        while let Some((Token::Within(distance), place)) = self.peek().cloned() {
            self.at += 1;
            if self.peek().is_none() {
                return self.fail("a w/ with nothing after it", place);
            }
            let right = self.factor(depth)?;
            let (Node::Leaf(a), Node::Leaf(b)) = (&node, &right) else {
                return self.fail(
                    "a w/ that does not stand between two words or phrases",
                    place,
                );
            };
            let both = |a: &Leaf, b: &Leaf| {
                What::Near(Box::new(a.what.clone()), Box::new(b.what.clone()), distance)
            };
            node = match &a.what {
                // "a w/5 b w/5 c": b is near a, and c near b.
                What::Near(_, middle, _) => {
                    let middle = Leaf {
                        field: a.field,
                        what: (**middle).clone(),
                    };
                    let second = Node::Leaf(Leaf {
                        field: a.field.or(b.field),
                        what: both(&middle, b),
                    });
                    Node::All(vec![node.clone(), second])
                }
                _ => Node::Leaf(Leaf {
                    field: a.field.or(b.field),
                    what: both(a, b),
                }),
            };
        }
        Ok(node)
    }

    fn factor(&mut self, depth: usize) -> Result<Node, SearchError> {
        let Some((token, place)) = self.peek().cloned() else {
            return self.fail("nothing where a word belongs", 0);
        };
        self.at += 1;
        match token {
            Token::Not => {
                if matches!(
                    self.peek(),
                    None | Some((Token::Close | Token::Or | Token::And, _))
                ) {
                    return self.fail("a NOT with nothing after it", place);
                }
                Ok(Node::Not(Box::new(self.factor(depth)?)))
            }
            Token::Open => {
                if depth >= DEEPEST {
                    return self.fail("too many parentheses inside each other", place);
                }
                let node = self.all(depth + 1)?;
                match self.peek() {
                    Some((Token::Close, _)) => {
                        self.at += 1;
                        Ok(node)
                    }
                    _ => self.fail("a parenthesis that nothing closes", place),
                }
            }
            Token::Field(field) => {
                if matches!(
                    self.peek(),
                    None | Some((Token::Close | Token::Or | Token::And | Token::Within(_), _))
                ) {
                    return self.fail(&format!("'{field}:' with nothing after it"), place);
                }
                let node = self.factor(depth)?;
                Ok(within(node, field))
            }
            Token::Phrase(phrase, slop) => {
                let words = phrase.split_whitespace().map(str::to_string).collect();
                Ok(leaf(What::Phrase(words, slop)))
            }
            Token::Word(word) => Ok(leaf(What::Word(word))),
            Token::Prefix(word) => Ok(leaf(What::Prefix(word))),
            Token::Close => self.fail("a closing parenthesis that nothing opened", place),
            Token::Or => self.fail("an OR with nothing before it", place),
            Token::And => self.fail("an AND with nothing before it", place),
            Token::Within(_) => self.fail("a w/ with nothing before it", place),
        }
    }
}

fn leaf(what: What) -> Node {
    Node::Leaf(Leaf { field: None, what })
}

/// Puts a node into a field: `rationale:(taper wean)`.
fn within(node: Node, field: &'static str) -> Node {
    let all = |nodes: Vec<Node>| nodes.into_iter().map(|n| within(n, field)).collect();
    match node {
        Node::Leaf(leaf) => Node::Leaf(Leaf {
            field: leaf.field.or(Some(field)),
            ..leaf
        }),
        Node::Not(node) => Node::Not(Box::new(within(*node, field))),
        Node::All(nodes) => Node::All(all(nodes)),
        Node::Any(nodes) => Node::Any(all(nodes)),
    }
}

impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |f: &mut std::fmt::Formatter<'_>, nodes: &[Node], between: &str| {
            for (n, node) in nodes.iter().enumerate() {
                if n > 0 {
                    write!(f, "{between}")?;
                }
                match node {
                    Node::All(inner) if inner.len() > 1 => write!(f, "({node})")?,
                    Node::Any(_) => write!(f, "({node})")?,
                    _ => write!(f, "{node}")?,
                }
            }
            Ok(())
        };
        match self {
            Node::All(nodes) => list(f, nodes, " "),
            Node::Any(nodes) => list(f, nodes, " OR "),
            Node::Not(node) => match &**node {
                Node::Leaf(_) => write!(f, "-{node}"),
                _ => write!(f, "-({node})"),
            },
            Node::Leaf(leaf) => {
                if let Some(field) = leaf.field {
                    write!(f, "{field}:")?;
                }
                write!(f, "{}", leaf.what)
            }
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            What::Word(word) => write!(f, "{word}"),
            What::Prefix(word) => write!(f, "{word}*"),
            What::Phrase(words, 0) => write!(f, "\"{}\"", words.join(" ")),
            What::Phrase(words, slop) => write!(f, "\"{}\"~{slop}", words.join(" ")),
            What::Near(a, b, distance) => write!(f, "{a} w/{distance} {b}"),
        }
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
            ("\u{201c}pain contract\u{201d}", "\"pain contract\""),
        ] {
            assert_eq!(told(query), want, "{query}");
        }
    }

    #[test]
    fn errors_point_at_the_place() {
        for (query, want) in [
            (
                "norco \"pain",
                "the query has a quotation mark that nothing closes at character 7: norco \u{2192}\"pain",
            ),
            (
                "(a b",
                "the query has a parenthesis that nothing closes at character 1: \u{2192}(a b",
            ),
            (
                "a)",
                "the query has a closing parenthesis that nothing opened at character 2: a\u{2192})",
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
                "the query has a w/ that does not stand between two words or phrases at character 7: (a b) \u{2192}w/3 c",
            ),
        ] {
            assert_eq!(told(query), want);
        }
    }
}
