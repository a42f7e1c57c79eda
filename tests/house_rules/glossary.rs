//! The glossary's part on metrics is made from their headers. Run with `UPDATE_GLOSSARY=1` to write it anew.

use std::fmt::Write as _;
use std::fs;

use super::root;

const BEGIN: &str = "<!-- made from the metrics' headers: begin -->\n";
const END: &str = "<!-- made from the metrics' headers: end -->";

fn metric_part() -> String {
    let catalogue = analytics::Catalogue::read(sql::METRICS).unwrap();
    let mut text = String::from(BEGIN);
    for metric in catalogue.metrics() {
        let title = metric.title.replace(" ({lead_time_start})", "");
        write!(
            text,
            "\n**{title}** (`{}`, {}, version {})\n: {} [Source]({})\n",
            metric.name, metric.unit, metric.version, metric.definition, metric.source
        )
        .unwrap();
    }
    text.push('\n');
    text.push_str(END);
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for people who changed a definition, not for the product")]
fn the_glossary_has_every_metric_as_its_header_defines_it() {
    let path = root().join("GLOSSARY.md");
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (text.find(BEGIN).unwrap(), text.find(END).unwrap() + END.len());
    let expected = format!("{}{}{}", &text[..begin], metric_part(), &text[end..]);
    if std::env::var("UPDATE_GLOSSARY").is_ok() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(
        text == expected,
        "GLOSSARY.md is behind its metrics; write it anew: UPDATE_GLOSSARY=1 make test ARGS=glossary"
    );
}
