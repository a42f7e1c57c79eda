use std::io::{Cursor, Read};

use collectors::import::{ImportError, MAX_LINE};
use facts::Kind;

use super::{read, read_with, refusal, rows, with_options};

const COMMIT: &str = "revision,repository,authored_at,committed_at";

#[test]
fn columns_stand_in_any_order_and_empty_fields_are_missing() {
    let kept = rows(
        Kind::Deployment,
        "result,finished_at,service,id,environment,revision,kind\n\
         success,2026-01-31T15:00:00+01:00,shop,d1,production,,\n\
         failure,2026-02-01T00:00:00.5Z,shop,d2,staging,abc,rollback\n",
    );
    assert_eq!(kept.column("id"), ["d1", "d2"]);
    assert_eq!(kept.column("finished_at"), ["2026-01-31T14:00:00Z", "2026-02-01T00:00:00.500Z"]);
    assert_eq!(kept.column("revision"), ["-", "abc"]);
    assert_eq!(kept.column("kind"), ["deploy", "rollback"]);
    assert_eq!(kept.column("source"), ["import", "import"]);
    assert_eq!(kept.column("origin_line"), ["2", "3"]);
}

#[test]
fn counts_below_zero_are_refused_and_lost_hours_are_not() {
    let kept = rows(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences\n\
         1,templates,2026-01-01T00:00:00Z,-8,-3\n\
         2,templates,2026-01-01T00:00:00Z,-8,3\n",
    );
    assert_eq!(kept.column("id"), ["2"]);
    assert_eq!(kept.refused(), ["2: column occurrences: `-3`: is below 0, which it cannot be"]);
    let quotas = rows(
        Kind::Quota,
        "team,environment,resource,at,quota_limit,used\n\
         web,production,cpu,2026-01-01T00:00:00Z,10,-1\n\
         web,production,cpu,2026-01-02T00:00:00Z,10,0\n",
    );
    assert_eq!(quotas.refused(), ["2: column used: `-1`: is below 0, which it cannot be"]);
    assert_eq!(quotas.column("used"), ["0"]);
}

#[test]
fn only_what_need_not_be_told_is_advised_to_be_left_out() {
    let deployments = rows(
        Kind::Deployment,
        "id,service,environment,started_at,finished_at,result\n\
         1,shop,production,2026-01-01T01:00:00Z,2026-01-01T00:00:00Z,success\n",
    );
    let refused = &deployments.refused()[0];
    assert!(refused.ends_with("is before started_at (2026-01-01T01:00:00Z); mend one of the two"), "{refused}");
    let incidents = rows(Kind::Incident, "id,opened_at,resolved_at\n1,2026-01-01T01:00:00Z,2026-01-01T00:00:00Z\n");
    let refused = &incidents.refused()[0];
    assert!(refused.ends_with("mend one of the two, or leave resolved_at out if it is not known"), "{refused}");
}

#[test]
fn a_byte_order_mark_crlf_and_blank_lines_are_no_part_of_the_rows() {
    let content = format!(
        "\u{feff}\r\n{COMMIT}\r\n\r\nr1,api,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z\r\n  \r\n\r\n\
         r2,api,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z"
    );
    let kept = rows(Kind::Commit, content);
    assert_eq!(kept.column("revision"), ["r1", "r2"]);
    assert_eq!(kept.column("committed_at"), ["2026-01-02T00:00:00Z"; 2]);
    assert_eq!(kept.column("origin_line"), ["4", "7"]);
}

#[test]
fn a_row_is_found_at_the_line_where_it_begins_whatever_its_quotes_hold() {
    let kept = rows(
        Kind::Incident,
        "id,opened_at,title\n\
         i1,2026-01-01T00:00:00Z,\"two\nlines, a comma and \"\"quotes\"\"\"\n\
         i2,2026-01-01T00:00:00Z,5\" disk\n\
         i3,yesterday,\"x\n\n\"\n\
         i4,2026-01-01T00:00:00Z,\"\"\n",
    );
    assert_eq!(kept.column("id"), ["i1", "i2", "i4"]);
    assert_eq!(kept.column("title"), ["two\nlines, a comma and \"quotes\"", "5\" disk", "-"]);
    assert_eq!(kept.column("origin_line"), ["2", "4", "8"]);
    assert_eq!(kept.rejections[0].line, 5);
    assert_eq!(kept.rejections[0].raw, "i3,yesterday,\"x\n\n\"");
}

#[test]
fn a_header_with_semicolons_or_tabs_and_no_comma_sets_the_delimiter() {
    for delimiter in [";", "\t"] {
        let content = "id,opened_at,title\ni1,2026-01-01T00:00:00Z,a b\n".replace(',', delimiter);
        assert_eq!(rows(Kind::Incident, content).column("title"), ["a b"]);
    }
}

#[test]
fn a_header_is_refused_with_everything_that_is_wrong_with_it() {
    assert_eq!(
        refusal(Kind::Deployment, "id,service,environment,finishd_at,result,id\n"),
        "in: unknown column `finishd_at` (did you mean `finished_at`?); column `id` stands twice in the header; \
         required column `finished_at` is missing from the header; mend the columns, nothing was taken from this file"
    );
    assert!(refusal(Kind::Commit, "qqq\n").contains("unknown column `qqq` (known are source, revision, repository,"));
}

#[test]
fn an_empty_file_has_no_header_and_a_header_alone_has_no_rows() {
    for nothing in ["", "\u{feff}", "\n\n"] {
        assert_eq!(
            refusal(Kind::Commit, nothing),
            "in: the file is empty, its first line must name the columns, at least \
             revision,repository,authored_at,committed_at; mend the columns, nothing was taken from this file"
        );
    }
    assert!(rows(Kind::Commit, COMMIT).batches.is_empty());
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_refused_alone() {
    let good = "r1,api,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z";
    let kept = rows(Kind::Commit, format!("{COMMIT}\nr0,api\n{good},\n{good}\nr2,api,2026-01"));
    assert_eq!(kept.column("revision"), ["r1"]);
    assert_eq!(
        kept.refused(),
        [
            "2: has 2 fields, the header has 4",
            "3: has 5 fields, the header has 4",
            "5: has 3 fields, the header has 4; is the file cut?",
        ]
    );
    assert_eq!(kept.rejections[0].raw, "r0,api");
}

#[test]
fn a_bad_row_is_refused_with_every_problem_it_has() {
    let kept = rows(
        Kind::Deployment,
        "id,service,environment,finished_at,result\n,shop,production,2026-01-31T15:00:00,sucess\n",
    );
    assert_eq!(
        kept.refused(),
        ["2: column finished_at: `2026-01-31T15:00:00`: has no time zone; add the offset (Z for UTC), or say which \
          zone is meant: --time-zone with `cairn import`, time_zone in the [[source]] of files, time_zone= with POST /v1/facts; column result: `sucess`: expected one of success, failure, cancelled \
          (did you mean `success`?); column id: is required and missing (the identifier in the source)"]
    );
}

#[test]
fn a_time_without_zone_is_read_in_the_zone_that_is_given() {
    let content = format!("{COMMIT}\nr1,api,2026-01-31T15:00:00,2026-07-31 15:00:00\n");
    let (result, kept) = with_options(Kind::Commit, |mut options| {
        options.time_zone = Some("Europe/Berlin".parse().unwrap());
        read_with(&options, None, Cursor::new(content.clone()))
    });
    assert_eq!(result.unwrap(), 1);
    assert_eq!(kept.column("authored_at"), ["2026-01-31T14:00:00Z"]);
    assert_eq!(kept.column("committed_at"), ["2026-07-31T13:00:00Z"]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let row = |hours: &str| format!("t{hours},login,2026-01-01T00:00:00Z,{hours}\n");
    let kept = rows(
        Kind::TimeSaving,
        format!("id,capability,at,hours\n{}{}{}{}", row("NaN"), row("inf"), row("1.5"), row("1e999")),
    );
    assert_eq!(kept.column("hours"), ["1.5"]);
    assert_eq!(kept.column("occurrences"), ["1"]);
    assert_eq!(kept.refused()[0], "2: column hours: `NaN`: expected a number, such as 1.5");
    assert_eq!(kept.rejections.iter().map(|rejection| rejection.line).collect::<Vec<_>>(), [2, 3, 5]);
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_line_column_and_byte() {
    let mut content = b"id,opened_at,title\ni1,2026-01-01T00:00:00Z,ok\ni2,2026-01-01T00:00:00Z,caf".to_vec();
    content.extend(b"\xe9!\n");
    let kept = rows(Kind::Incident, content);
    assert_eq!(kept.column("id"), ["i1"]);
    assert_eq!(
        kept.refused(),
        ["3: column title: `caf\u{fffd}!`: is not UTF-8 at byte 4 of the value; save the file as UTF-8"]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_a_cut_file_and_names_where_it_opens() {
    let row = "i1,2026-01-01T00:00:00Z,";
    assert_eq!(
        refusal(Kind::Incident, format!("id,opened_at,title\n{row}x\n{row}\"open\n{row}x\n")),
        "in, line 3: the file is cut, a quote opened in this row is never closed; send it again whole"
    );
    let runaway = format!("id,opened_at,title\n{row}x\n{row}\"open\n{}", format!("{row}x\n").repeat(50_000));
    let (result, kept) = read(Kind::Incident, runaway);
    assert!(matches!(result.unwrap_err(), ImportError::Damaged { line: Some(3), .. }));
    assert!(kept.rejections.is_empty());
}

#[test]
fn a_line_that_is_far_too_long_is_refused_and_the_next_is_taken() {
    let start = Cursor::new(format!("{COMMIT}\nr0,"));
    let end = Cursor::new("\nr1,api,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z\n");
    let endless = std::io::repeat(b'x').take(64 << 20);
    let (result, kept) =
        with_options(Kind::Commit, |options| read_with(&options, None, start.chain(endless).chain(end)));
    assert_eq!(result.unwrap(), 2);
    assert_eq!(kept.column("revision"), ["r1"]);
    assert_eq!(kept.column("origin_line"), ["3"]);
    assert_eq!(kept.refused(), [format!("2: is longer than {MAX_LINE} bytes; shorten its values")]);
    assert_eq!(kept.rejections[0].raw.len(), 4096);
}

#[test]
fn a_cost_is_in_a_currency_that_there_is() {
    let content = "team,resource,day,amount,currency\n\
        paved,compute,2026-02-10,10,EUR\n\
        paved,compute,2026-02-11,10,EURO\n\
        paved,compute,2026-02-12,10,XQZ\n";
    let kept = rows(Kind::Cost, content);
    assert_eq!(kept.column("currency"), ["EUR"]);
    assert_eq!(kept.rejections.iter().map(|rejection| rejection.line).collect::<Vec<_>>(), [3, 4]);
    for (rejection, value) in kept.rejections.iter().zip(["EURO", "XQZ"]) {
        let problem = &rejection.problems[0];
        assert_eq!((problem.column.as_deref(), problem.value.as_deref()), (Some("currency"), Some(value)));
        assert!(problem.message.contains("ISO 4217"), "{}", problem.message);
    }
}

#[test]
fn lines_that_end_with_a_carriage_return_alone_are_told_with_the_way_out() {
    let told = refusal(Kind::Commit, "revision,repository\rr1,api\rr2,web\r");
    assert_eq!(
        told,
        "in: its lines end with a carriage return alone, as on old Macintoshes; write it with newlines, for instance by: \
         tr '\\r' '\\n' < FILE"
    );
    let below_a_whole_header = "id,opened_at\na,2026-01-01T00:00:00Z\rb,2026-01-02T00:00:00Z\r";
    assert_eq!(
        rows(Kind::Incident, below_a_whole_header).refused(),
        ["2: has 3 fields, the header has 2; its lines seem to end with a carriage return alone"]
    );
}

#[test]
fn white_space_around_names_and_values_is_no_part_of_them() {
    let kept = rows(
        Kind::Incident,
        "id , opened_at,acknowledged_at\u{a0},service,severity\r\r\n\
         a\u{a0}, 2026-01-01T00:00:00Z, ,\u{200b}shop\t,\u{feff} high\r\r\n\
         b,2026-01-01T00:00:00Z,\t,sh op,\r\r\n\
         \u{200b},2026-01-01T00:00:00Z,,,\n",
    );
    assert_eq!(kept.column("id"), ["a", "b"]);
    assert_eq!(kept.column("opened_at"), ["2026-01-01T00:00:00Z"; 2]);
    assert_eq!(kept.column("acknowledged_at"), ["-", "-"]);
    assert_eq!(kept.column("service"), ["shop", "sh op"]);
    assert_eq!(kept.column("severity"), ["high", "-"]);
    assert_eq!(kept.refused(), ["4: column id: is required and missing (the identifier in the source)"]);
    let deployment =
        "id,service,environment,finished_at,result\r\r\nd,shop,production,2026-01-01T00:00:00Z,success\r\r\n";
    assert_eq!(rows(Kind::Deployment, deployment).column("result"), ["success"]);
}

#[test]
fn control_characters_stand_in_titles_alone_and_never_reach_a_terminal() {
    let kept = rows(
        Kind::Incident,
        "id,opened_at,title\na\u{1b}[31m,2026-01-01T00:00:00Z,x\nb,2026-01-01T00:00:00Z,a \u{7}bell\n",
    );
    assert_eq!(kept.column("title"), ["a \u{7}bell"]);
    assert_eq!(kept.refused(), ["2: column id: `a\\u{1b}[31m`: holds the control character \\u{1b}; leave it out"]);
    let told = refusal(Kind::Commit, "revision\u{1b}[2J\n");
    assert!(told.contains("unknown column `revision\\u{1b}[2J`"), "{told}");
}

#[test]
fn truths_may_be_written_in_capitals() {
    let kept = rows(Kind::Service, "name,retired\na,True\nb,FALSE\nc,true\nd,yes\n");
    assert_eq!(kept.column("retired"), ["true", "false", "true"]);
    assert_eq!(kept.refused(), ["5: column retired: `yes`: expected true or false"]);
}

#[test]
fn times_and_days_outside_of_the_years_that_can_be_meant_are_refused() {
    let outside = "is outside of the years 1900 to 9999; is it in a wrong unit, or was it never set?";
    let kept = rows(
        Kind::Incident,
        "id,opened_at,acknowledged_at\n\
         a,1900-01-01T00:00:00Z,9999-12-31T23:59:59Z\n\
         b,1899-12-31T23:59:59Z,\n\
         c,2026-01-01T00:00:00Z,0001-01-01T00:00:00Z\n\
         d,9999-12-31T23:59:59-01:00,\n",
    );
    assert_eq!(kept.column("id"), ["a"]);
    assert_eq!(
        kept.refused(),
        [
            format!("3: column opened_at: `1899-12-31T23:59:59Z`: {outside}"),
            format!("4: column acknowledged_at: `0001-01-01T00:00:00Z`: {outside}; leave it empty if it is not known"),
            format!("5: column opened_at: `9999-12-31T23:59:59-01:00`: {outside}"),
        ]
    );
    let day = |day: &str| format!("web,cpu,{day},1,EUR\n");
    let days = ["1899-12-31", "1900-01-01", "9999-12-31"].map(day).concat();
    let costs = rows(Kind::Cost, format!("team,resource,day,amount,currency\n{days}"));
    assert_eq!(costs.column("day"), ["1900-01-01", "9999-12-31"]);
    assert_eq!(costs.refused(), [format!("2: column day: `1899-12-31`: {outside}")]);
}
