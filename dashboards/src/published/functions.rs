//! What PostgreSQL means otherwise than DuckDB where it calls a function or compares with an instant, put into DuckDB's words on the
//! way through a statement's tree.

use serde_json::Value as Json;

use super::check::Checker;
use super::parameters;
use super::refusal::Refusal;
use super::rewrite;
use super::spelled;
use super::types;

impl Checker<'_> {
    /// Texts that are compared with an instant are instants.
    pub(super) fn respell(&self, node: &mut Json) {
        const SIDES: [&str; 6] = ["/left", "/right", "/input", "/lower", "/upper", "/children/0"];
        let is_instant = |side: &&str| {
            let side = node.pointer(side).unwrap_or(&Json::Null);
            parameters::of_expression(side, self.relations) == Some(types::oid::TIMESTAMPTZ)
        };
        if !SIDES.iter().any(is_instant) {
            return;
        }
        for side in SIDES.iter().take(5) {
            if let Some(side) = node.pointer_mut(side) {
                spelled::respell_beside_instant(side);
            }
        }
        if node["type"] == "COMPARE_IN" || node["type"] == "COMPARE_NOT_IN" {
            node["children"].as_array_mut().into_iter().flatten().for_each(spelled::respell_beside_instant);
        }
    }

    /// `format` joins texts; whoever calls it of DuckDB's functions can have it make texts of any length.
    pub(super) fn format(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let children = node["children"].as_array().cloned().unwrap_or_default();
        let Some(pattern) = children.first().and_then(rewrite::plain_text).flatten() else {
            return Err(Refusal::unsupported("the pattern of format is written out as a text"));
        };
        let wrong = || Refusal::unsupported("of the signs of format %s, %I, %L and %% are known, each with its value");
        let mut values = children.into_iter().skip(1);
        let mut parts: Vec<Json> = Vec::new();
        for (place, piece) in pattern.replace("%%", "\u{0}").split('%').enumerate() {
            let rest = match piece.split_at_checked(1).filter(|_| place > 0) {
                None if place > 0 => return Err(wrong()),
                None => piece,
                Some((sign, rest)) => {
                    let value = rewrite::cast(values.next().ok_or_else(wrong)?, "VARCHAR");
                    parts.push(match sign {
                        "s" => value,
                        "I" => rewrite::call("quote_ident", vec![value]),
                        "L" => rewrite::call("quote_literal", vec![value]),
                        _ => return Err(wrong()),
                    });
                    rest
                }
            };
            parts.push(rewrite::text(Some(&rest.replace('\u{0}', "%"))));
        }
        let alias = node["alias"].take();
        *node = rewrite::call("concat", parts);
        node["alias"] = alias;
        self.walk(&mut node["children"])
    }

    /// `to_date` by a format in PostgreSQL's words.
    pub(super) fn day_by_format(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let format = rewrite::plain_text(&node["children"][1]).flatten().map(|format| spelled::format(&format));
        let format = format.ok_or_else(|| Refusal::unsupported("the format of to_date is written out as a text"))?;
        let alias = node["alias"].take();
        let read = rewrite::call("strptime", vec![node["children"][0].take(), rewrite::text(Some(&format))]);
        *node = rewrite::cast(read, "DATE");
        node["alias"] = alias;
        self.walk(&mut node["child"])
    }

    /// Texts that are written out where a span or an instant is meant: PostgreSQL takes them for one.
    pub(super) fn name_types(&self, name: &str, node: &mut Json) {
        let Some(children) = node["children"].as_array_mut() else { return };
        let (span, instant) = match (name, children.len()) {
            ("date_bin", 3) => (0, Some(2)),
            ("generate_series", 3) => (2, None),
            _ => return,
        };
        let zone = parameters::of_expression(&children[1], self.relations) == Some(types::oid::TIMESTAMPTZ);
        let mut name = |place: usize, sql_type: &str| {
            if children[place]["class"] == "CONSTANT" && children[place]["value"]["type"]["id"] == "VARCHAR" {
                children[place] = rewrite::cast(children[place].take(), sql_type);
            }
        };
        name(span, "INTERVAL");
        if let Some(place) = instant {
            name(place, if zone { "TIMESTAMP WITH TIME ZONE" } else { "TIMESTAMP" });
        }
    }
}
