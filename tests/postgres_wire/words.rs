//! How a text is cut into statements.

use dashboards::published::{first_words, statements};

#[test]
fn statements_end_at_semicolons_that_are_not_within_anything() {
    assert_eq!(statements("select 1; select 2;"), ["select 1", "select 2"]);
    assert_eq!(
        statements("select ';', \";\", $$;$$, $a$;$a$, E'\\';' -- ;\n; /* ; /* ; */ ; */ x"),
        ["select ';', \";\", $$;$$, $a$;$a$, E'\\';' -- ;", "/* ; /* ; */ ; */ x",]
    );
    assert_eq!(statements("select 'it''s; fine'; y"), ["select 'it''s; fine'", "y"]);
    assert_eq!(statements("select $1; z"), ["select $1", "z"]);
    for empty in ["", ";", " ;; \n", "-- ping", "/* ping */", "-- a\n;-- b"] {
        assert!(statements(empty).is_empty(), "{empty:?}");
    }
    // What does not end is one statement, and the parser says what is wrong with it.
    for open in ["select 'a; b", "select /* a; b", "select $$a; b", "select \"a; b"] {
        assert_eq!(statements(open), [open]);
    }
}

#[test]
fn the_first_words_are_told_without_comments_and_quotes() {
    assert_eq!(
        first_words("/* x */ SET -- y\n \"TimeZone\" TO 'Europe/Berlin'", 9),
        ["set", "TimeZone", "to", "Europe/Berlin"]
    );
}
