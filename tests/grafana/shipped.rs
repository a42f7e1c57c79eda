//! The shipped files, as Grafana reads them.

use std::fs;
use std::path::Path;

use analytics::Catalogue;
use dashboards::grafana::{Way, rules as made_rules};
use serde_json::Value;

use crate::house_rules::root;

/// A dashboard that is shipped.
pub struct Shipped {
    pub path: String,
    pub way: Way,
    pub json: Value,
}

/// Something that asks for data.
pub struct Target {
    /// Where it stands, for messages.
    pub place: String,
    pub json: Value,
}

impl Shipped {
    /// Its panels, without the rows that part them.
    pub fn panels(&self) -> Vec<&Value> {
        self.json["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row").collect()
    }

    /// Its variable of a name.
    pub fn variable(&self, name: &str) -> &Value {
        let list = self.json["templating"]["list"].as_array().unwrap();
        list.iter().find(|variable| variable["name"] == name).unwrap_or_else(|| panic!("{}: no {name}", self.path))
    }

    /// Everything that its panels ask.
    pub fn targets(&self) -> Vec<Target> {
        let of = |panel: &Value| -> Vec<Target> {
            let targets = panel["targets"].as_array().unwrap().iter();
            targets
                .map(|json| Target { place: format!("{}: {}", self.path, panel["title"]), json: json.clone() })
                .collect()
        };
        self.panels().into_iter().flat_map(of).collect()
    }

    /// Everything that its annotations ask.
    pub fn annotations(&self) -> Vec<Target> {
        let list = self.json["annotations"]["list"].as_array().unwrap().iter();
        list.map(|annotation| Target {
            place: format!("{}: {}", self.path, annotation["name"]),
            json: annotation["target"].clone(),
        })
        .collect()
    }
}

/// The dashboards in `dashboards/grafana/`.
pub fn dashboards() -> Vec<Shipped> {
    let mut found = Vec::new();
    for way in Way::ALL {
        let folder = root().join("dashboards/grafana/dashboards").join(way.folder());
        let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            found.push(Shipped { path: format!("{}/{name}", way.folder()), way, json });
        }
    }
    assert_eq!(found.len(), 18);
    found
}

/// The alert rules of a way, as the file holds them: that the file does is tested beside its text.
pub fn rules(catalogue: &Catalogue, way: Way) -> Vec<Value> {
    made_rules(catalogue, way)["groups"][0]["rules"].as_array().unwrap().clone()
}

/// The paths of all files in the generated folders.
pub fn generated_paths() -> Vec<String> {
    fn walk(folder: &Path, base: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, found);
            } else {
                found.push(path.strip_prefix(base).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let base = root().join("dashboards/grafana");
    let mut found = Vec::new();
    for folder in ["alerting", "dashboards", "datasources", "provider"] {
        walk(&base.join(folder), &base, &mut found);
    }
    found
}

/// All values of a key, however deep.
pub fn all_of<'a>(json: &'a Value, key: &str) -> Vec<&'a Value> {
    match json {
        Value::Object(object) => {
            let own = object.get(key).into_iter();
            own.chain(object.values().flat_map(|value| all_of(value, key))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| all_of(item, key)).collect(),
        _ => Vec::new(),
    }
}
