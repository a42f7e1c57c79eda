use std::io::{Cursor, Read};

use facts::Kind;

use super::{read, read_with, refusal, rows, with_options};

fn incident(id: &str) -> String {
    format!(r#"{{"id":"{id}","opened_at":"2026-01-01T00:00:00Z"}}"#)
}

#[test]
fn elements_are_rows_and_are_counted_from_one() {
    let content = format!(
        " [\n {},\n{{\"id\":\"b]}},[{{\\\"\", \"opened_at\": \n\"2026-01-01T00:00:00Z\"}}, 17 ,{} ]\n ",
        incident("a"),
        incident("c")
    );
    let kept = rows(Kind::Incident, content);
    assert_eq!(kept.column("id"), ["a", "b]},[{\"", "c"]);
    assert_eq!(kept.column("origin_line"), ["1", "2", "4"]);
    assert_eq!(kept.refused(), ["3: is not a JSON object; write one object per row, such as {\"id\": \"1\"}"]);
}

#[test]
fn an_empty_array_has_no_rows() {
    assert_eq!(read(Kind::Incident, "[]").0.unwrap(), 0);
    assert_eq!(read(Kind::Incident, "[ \n ]\n").0.unwrap(), 0);
}

#[test]
fn commas_too_many_and_broken_elements_are_refused_alone() {
    let kept = rows(Kind::Incident, format!("[{},,{{\"id\" 1}},{{\"id\":[}}]}},{},]", incident("a"), incident("b")));
    assert_eq!(kept.column("id"), ["a", "b"]);
    let empty = "is empty; there is a comma too many before or after it";
    let refused = kept.refused();
    assert_eq!(refused[0], format!("2: {empty}"));
    assert_eq!(refused[1], "3: is not valid JSON at byte 7 of the row: expected `:`");
    assert!(refused[2].starts_with("4: is not valid JSON at byte 8 of the row: "), "{}", refused[2]);
    assert_eq!(refused[3], format!("6: {empty}"));
}

#[test]
fn an_array_that_is_not_closed_is_cut_and_one_that_goes_on_is_damaged() {
    let whole = format!("[{},{}]", incident("a"), incident("b"));
    for length in 1..whole.len() {
        let message = refusal(Kind::Incident, &whole[..length]);
        let end = "the file is cut, the JSON array, or a quote or bracket in its last element, is never closed; \
                   send it again whole";
        assert!(message.ends_with(end), "{message}");
    }
    assert_eq!(
        refusal(Kind::Incident, whole.clone() + "\n{}"),
        "in: something follows the closing bracket of the JSON array; send one array"
    );
}

#[test]
fn an_element_that_is_far_too_long_is_refused_and_the_next_is_taken() {
    let start = Cursor::new(r#"[{"id":"],"#);
    let endless = std::io::repeat(b'x').take(64 << 20);
    let content = start.chain(endless).chain(Cursor::new(format!("\"}},{}]", incident("a"))));
    let (result, kept) = with_options(Kind::Incident, |options| read_with(&options, None, content));
    assert_eq!(result.unwrap(), 2);
    assert_eq!(kept.column("origin_line"), ["2"]);
    assert_eq!(kept.rejections[0].line, 1);
    assert_eq!(kept.rejections[0].raw.len(), 4096);
}
