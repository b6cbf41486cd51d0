//! Numbers as requests write them.

/// A number in digits or words up to twenty-four.
pub(super) fn count(word: &str) -> Option<u32> {
    const WORDS: [&str; 25] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "twenty-one",
        "twenty-two",
        "twenty-three",
        "twenty-four",
    ];
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "no" => Some(0),
        "once" | "a" | "an" => Some(1),
        "twice" => Some(2),
        _ => WORDS.iter().position(|w| *w == word).map(|n| n as u32),
    }
}
