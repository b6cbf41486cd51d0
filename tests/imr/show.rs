//! One letter.

use crate::support::with_sample_index;
use insta::assert_snapshot;

#[test]
fn a_letter_as_a_person_sees_it() {
    assert_snapshot!(
        with_sample_index("show", &["CM15-0900106", "--no-text"])
            .code(0)
            .out
    );
}

#[test]
fn by_file_and_in_json() {
    let ran = with_sample_index("show", &["CM15-0900102", "--json"]).code(0);
    assert_eq!(
        ran.json()[0]["file"],
        "sample-corpus/2015/CM15-0900102.txt",
        "a letter without a case number, by its file"
    );
    let ran = with_sample_index("show", &["CM15-0900101"]).code(0);
    assert!(ran.out.contains("\nText\n"), "the text follows the items");
}

#[test]
fn an_unknown_case_suggests() {
    let ran = with_sample_index("show", &["CM15-0900199"]).code(1);
    assert!(
        ran.err
            .starts_with("imr: no letter is called 'CM15-0900199'; did you mean CM15-09001"),
        "{}",
        ran.err
    );
}
