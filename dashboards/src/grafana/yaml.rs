//! YAML, as far as provisioning files need it: mappings and lists in blocks, every text quoted as JSON quotes it.

use serde_json::Value;

/// A document of a value, after some lines of comment.
pub fn document(head: &str, value: &Value) -> String {
    let mut text = head.to_owned();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                text.push_str(&format!("{indent}{name}:"));
                after(text, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push_str(&format!("{indent}-"));
                match item {
                    // The first entry of a mapping stands on the line of its dash.
                    Value::Object(entries) if !entries.is_empty() => {
                        let mut inner = String::new();
                        write(&mut inner, item, depth + 1);
                        text.push(' ');
                        text.push_str(inner.trim_start());
                    }
                    item => after(text, item, depth),
                }
            }
        }
        scalar => text.push_str(&format!("{indent}{scalar}\n")),
    }
}

/// What stands after a name or a dash: on the same line, or in a block below.
fn after(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            text.push('\n');
            write(text, value, depth + 1);
        }
        scalar => text.push_str(&format!(" {scalar}\n")),
    }
}
