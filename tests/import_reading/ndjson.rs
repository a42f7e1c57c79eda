use std::io::{Cursor, Read};

use collectors::import::{Format, MAX_LINE};
use facts::{Kind, PersonKey};

use super::{read_with, refusal, rows, with_options};

const COMMIT: &str = r#"{"revision":"r1","repository":"api","authored_at":"2026-01-01T00:00:00Z","committed_at":"2026-01-02T00:00:00+02:00"}"#;

#[test]
fn keys_stand_in_any_order_and_null_is_missing() {
    let kept = rows(
        Kind::Commit,
        format!(
            "{COMMIT}\n{}\n",
            r#" {"committed_at":"2026-01-02T00:00:00Z","change_id":null,"repository":"a\"\u00e9","source":"git","authored_at":"2026-01-01T00:00:00Z","revision":"r2"} "#
        ),
    );
    assert_eq!(kept.column("revision"), ["r1", "r2"]);
    assert_eq!(kept.column("repository"), ["api", "a\"é"]);
    assert_eq!(kept.column("source"), ["import", "git"]);
    assert_eq!(kept.column("change_id"), ["-", "-"]);
    assert_eq!(kept.column("committed_at"), ["2026-01-01T22:00:00Z", "2026-01-02T00:00:00Z"]);
}

#[test]
fn every_type_of_column_is_read() {
    let kept = rows(
        Kind::Cost,
        r#"{"team":"a","resource":"cpu","day":"2026-01-31","amount":12,"currency":"EUR"}
           {"team":"a","resource":"cpu","day":"2026-02-01","amount":1.25,"currency":"EUR"}"#,
    );
    assert_eq!(kept.column("day"), ["2026-01-31", "2026-02-01"]);
    assert_eq!(kept.column("amount"), ["12", "1.25"]);
    let kept = rows(Kind::Team, r#"{"name":"a","engineers":7}"#);
    assert_eq!(kept.column("engineers"), ["7"]);
    assert_eq!(kept.column("valid_from"), ["2026-03-01T00:00:00Z"]);
    let kept = rows(Kind::Service, r#"{"name":"shop","retired":true}"#);
    assert_eq!(kept.column("retired"), ["true"]);
}

#[test]
fn people_are_hashed() {
    let kept = rows(Kind::Engineer, r#"{"id":"Ada@example.org","joined_at":"2026-01-01T00:00:00Z"}"#);
    let key = PersonKey::new(b"0123456789abcdef").unwrap();
    assert_eq!(kept.column("id"), [key.hash("ada@example.org")]);
}

#[test]
fn an_unknown_key_a_key_twice_and_a_nested_value_are_problems_of_the_row() {
    let kept = rows(
        Kind::Incident,
        r#"{"id":"i1","opend_at":"x","opened_at":"2026-01-01T00:00:00Z"}
{"id":"i2","id":"i3","opened_at":"2026-01-01T00:00:00Z"}
{"id":"i4","opened_at":"2026-01-01T00:00:00Z","title":{"en":["x"]},"severity":["high"]}
{"id":"i5","opened_at":"2026-01-01T00:00:00Z"}"#,
    );
    assert_eq!(kept.column("id"), ["i5"]);
    assert_eq!(
        kept.refused(),
        [
            "1: column opend_at: is not a column of incident (did you mean `opened_at`?)",
            "2: column id: stands more than once in this row; keep one",
            "3: column title: an object stands where a single value is expected; \
             column severity: a list stands where a single value is expected",
        ]
    );
    assert_eq!(kept.rejections[1].raw, r#"{"id":"i2","id":"i3","opened_at":"2026-01-01T00:00:00Z"}"#);
}

#[test]
fn a_bad_value_does_not_hide_that_others_are_missing() {
    let kept = rows(Kind::Incident, r#"{"opened_at":17}"#);
    assert_eq!(
        kept.refused(),
        ["1: column opened_at: `17`: expected a time; write RFC 3339 with an offset, such as 2026-01-31T14:00:00Z or \
          2026-01-31T15:00:00+01:00; column id: is required and missing (the identifier in the source)"]
    );
}

#[test]
fn a_line_that_is_no_object_or_no_json_is_refused_alone() {
    let kept =
        rows(Kind::Commit, format!("{{}} x\n17\n\"text\"\n\n[1]\n{{\"revision\":\n{{\"revision\":NaN}}\n{COMMIT}"));
    let no_object = r#"is not a JSON object; write one object per row, such as {"id": "1"}"#;
    assert_eq!(kept.column("origin_line"), ["8"]);
    assert_eq!(
        kept.refused(),
        [
            "1: is not valid JSON at byte 4 of the row: trailing characters".to_owned(),
            format!("2: {no_object}"),
            format!("3: {no_object}"),
            format!("5: {no_object}"),
            "6: is not a complete JSON object; write each object on one line, and line ends in text as \\n".to_owned(),
            "7: is not valid JSON at byte 13 of the row: expected value; JSON has no NaN and no Infinity, leave the \
             value out"
                .to_owned(),
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_line_and_byte() {
    let mut content = format!("{COMMIT}\n{{\"revision\":\"").into_bytes();
    content.extend(b"\xff\"}\n{\"a\":\xc3\n");
    let kept = rows(Kind::Commit, content);
    assert_eq!(
        kept.refused(),
        [
            "2: is not UTF-8 at byte 14 of the row; save the file as UTF-8",
            "3: is not UTF-8 at byte 6 of the row; save the file as UTF-8"
        ]
    );
    assert_eq!(kept.rejections[0].raw, "{\"revision\":\"\u{fffd}\"}");
}

#[test]
fn a_last_line_that_breaks_off_is_a_cut_file_wherever_it_does() {
    for length in 1..COMMIT.len() {
        assert_eq!(
            refusal(Kind::Commit, format!("{COMMIT}\n\n{}", &COMMIT[..length])),
            "in, line 3: the file is cut, its last line is not a complete JSON object; send it again whole"
        );
    }
    let mut within_a_character = format!("{COMMIT}\n{{\"revision\":\"").into_bytes();
    within_a_character.push(0xc3);
    assert!(refusal(Kind::Commit, within_a_character).starts_with("in, line 2: the file is cut"));
}

#[test]
fn blank_lines_crlf_and_a_byte_order_mark_are_no_part_of_the_rows() {
    let kept = rows(Kind::Commit, format!("\u{feff}\r\n{COMMIT}\r\n\r\n  \n{COMMIT}\r\n"));
    assert_eq!(kept.column("origin_line"), ["2", "5"]);
    let (result, _) = with_options(Kind::Commit, |options| read_with(&options, Some(Format::Ndjson), Cursor::new("")));
    assert_eq!(result.unwrap(), 0);
}

#[test]
fn a_line_that_is_far_too_long_is_refused_and_the_next_is_taken() {
    let start = Cursor::new("{\"revision\":\"é");
    let endless = std::io::repeat(b'x').take(64 << 20);
    let content = start.chain(endless).chain(Cursor::new(format!("\"}}\n{COMMIT}\n")));
    let (result, kept) = with_options(Kind::Commit, |options| read_with(&options, Some(Format::Ndjson), content));
    assert_eq!(result.unwrap(), 2);
    assert_eq!(kept.column("origin_line"), ["2"]);
    assert_eq!(kept.refused(), [format!("1: is longer than {MAX_LINE} bytes; shorten its values")]);
    assert_eq!(kept.rejections[0].raw.len(), 4096);
}

#[test]
fn a_line_of_just_the_longest_length_is_taken() {
    let start = r#"{"id":"i1","opened_at":"2026-01-01T00:00:00Z","title":""#;
    let line = |length: usize| format!("{start}{}\"}}\n", "x".repeat(length - start.len() - 2));
    let kept = rows(Kind::Incident, line(MAX_LINE) + &line(MAX_LINE + 1) + &line(100));
    assert_eq!(kept.column("origin_line"), ["1", "3"]);
    assert_eq!(kept.rejections[0].line, 2);
}

#[test]
fn a_rejection_shows_no_half_character_where_it_is_cut() {
    let kept = rows(Kind::Commit, format!("{{\"x\":\"a{}\"}}\n", "é".repeat(4000)));
    // 7 bytes, then characters of two bytes each: byte 4096 is the first half of one.
    assert_eq!(kept.rejections[0].raw.len(), 4095);
    assert!(kept.rejections[0].raw.ends_with('é'));
}

#[test]
fn objects_that_carriage_returns_alone_keep_apart_are_told_with_the_way_out_and_within_one_they_are_white_space() {
    assert_eq!(
        refusal(Kind::Commit, format!("{COMMIT}\r{COMMIT}\r")),
        "in: its lines end with a carriage return alone, as on old Macintoshes; write it with newlines, for instance by: \
         tr '\\r' '\\n' < FILE"
    );
    let below_another = &rows(Kind::Commit, format!("{COMMIT}\n{COMMIT}\r{COMMIT}\n")).refused()[0];
    let hint = "trailing characters; its lines seem to end with a carriage return alone";
    assert!(below_another.starts_with("2: ") && below_another.ends_with(hint), "{below_another}");
    assert_eq!(rows(Kind::Commit, COMMIT.replace(",\"", ",\r\"")).column("revision"), ["r1"]);
}

#[test]
fn white_space_around_a_value_is_no_part_of_it_and_nothing_else_is_a_value_left_out() {
    let kept = rows(
        Kind::Incident,
        r#"{"id":"\u00a0i1\n","opened_at":"2026-01-01T00:00:00Z ","acknowledged_at":"","title":" \t ","service":"shop\u200b"}"#,
    );
    assert_eq!(kept.column("id"), ["i1"]);
    assert_eq!(kept.column("acknowledged_at"), ["-"]);
    assert_eq!(kept.column("title"), ["-"]);
    assert_eq!(kept.column("service"), ["shop"]);
}
