//! `docs/facts.md` is made from the facts' own descriptions. Run with `UPDATE_FACTS=1` to write it anew.

use std::fmt::Write as _;
use std::fs;

use facts::{ColumnType, DefaultValue, Kind};

use super::root;

const HEAD: &str = "# Facts: the intake format

One format for `cairn import KIND FILE` (CSV, NDJSON, Parquet), for `POST /v1/facts/{kind}` (a JSON array or NDJSON) and for
collectors. Columns marked * are required. Times are RFC 3339 with an offset; without one they are refused, unless the import is
told `--time-zone`. Times and days lie in the years 1900 to 9999; others are refused, since they are in a wrong unit or were never
set. `True` and `TRUE` are true, too. Unknown columns are refused by name, with the nearest known one. `source` says where a fact
comes from; source and the columns in **bold** identify a row: sending it again replaces it, sending it unchanged does nothing.
`url` may point at the evidence. People are hashed on write.

White space around a value is no part of it, and where there is nothing else the value is left out. A text with a control
character in it is refused, but for a `title`.

A file is taken whole or not at all. `--accept-valid` takes the good rows and writes the others, with line numbers and reasons,
to FILE.rejected.ndjson, or, where that is there from before, to FILE.rejected-2.ndjson and so on.
";

fn document() -> String {
    let mut text = HEAD.to_owned();
    for kind in Kind::ALL {
        let spec = kind.spec();
        write!(text, "\n## {}\n\n{}\n\n| column | type | meaning |\n|---|---|---|\n", spec.name, spec.doc.trim())
            .unwrap();
        for column in spec.columns {
            let column_type = match column.column_type {
                ColumnType::Text => "text".to_owned(),
                ColumnType::Person => "person, hashed".to_owned(),
                ColumnType::Time => "time".to_owned(),
                ColumnType::Day => "day, YYYY-MM-DD".to_owned(),
                ColumnType::Integer => "whole number".to_owned(),
                ColumnType::Real => "number".to_owned(),
                ColumnType::Boolean => "true or false".to_owned(),
                choice => choice.in_words(),
            };
            let name = if spec.identity.contains(&column.name) {
                format!("**`{}`**", column.name)
            } else {
                format!("`{}`", column.name)
            };
            let star = if column.is_required { "*" } else { "" };
            let default =
                spec.defaults.iter().find(|(name, _)| *name == column.name).map(|(_, default)| match default {
                    DefaultValue::Text(word) => format!(" Default: {word}."),
                    DefaultValue::Integer(number) => format!(" Default: {number}."),
                    DefaultValue::Now => " Default: the time of the intake.".to_owned(),
                });
            let doc = column.doc.trim();
            writeln!(text, "| {name}{star} | {column_type} | {doc}{} |", default.unwrap_or_default()).unwrap();
        }
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for people who changed a fact, not for the product")]
fn the_document_of_the_intake_format_has_every_kind_and_column() {
    let path = root().join("docs/facts.md");
    let expected = document();
    if std::env::var("UPDATE_FACTS").is_ok() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text == expected,
        "docs/facts.md is behind the facts; write it anew: UPDATE_FACTS=1 make test ARGS=intake_format"
    );
}
