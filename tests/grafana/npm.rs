//! Grafana's own packages take the files: its types the dashboards, its formats every unit, and a YAML parser the provisioning.

use std::path::Path;
use std::process::Command;

use analytics::Catalogue;
use dashboards::grafana::{Way, rules};
use serde_json::Value;

use super::shipped::{all_of, dashboards};
use crate::house_rules::root;
use crate::packages::installed;

const GRAFANA: &str = "12.4.10";

/// The dashboard types with the words of their enumerations, as JSON has them; queries are typed by their data sources.
const TYPES: &str = "
import type { AnnotationQuery, Dashboard, DataSourceRef } from '@grafana/schema';
type Words<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Words<U>[] : T extends object ? { [K in keyof T]: Words<T[K]> } : T;
type Query = { refId: string; datasource: DataSourceRef; [more: string]: unknown };
type Annotation = Omit<Words<AnnotationQuery>, 'target'> & { target: Query };
type Shipped = Omit<Words<Dashboard>, 'annotations'> & { annotations: { list: Annotation[] } };
";

#[test]
fn grafanas_types_accept_the_dashboards() {
    let schema = format!("@grafana/schema@{GRAFANA}");
    let Some(folder) = installed("grafana-schema", &[&schema, "typescript@5.9.3"]) else { return };
    let mut program = TYPES.to_owned();
    for (index, board) in dashboards().iter().enumerate() {
        let json = serde_json::to_string_pretty(&board.json).unwrap();
        program += &format!("// {}\nexport const board{index}: Shipped = {json};\n", board.path);
    }
    assert_eq!(compiled(&folder, "boards.ts", &program), "");
    // The check itself can fail: a word that is none, and a key that there is not.
    let word = compiled(&folder, "word.ts", &program.replacen("\"absolute\"", "\"absolut\"", 1));
    assert!(word.contains("error TS"), "{word}");
    let key = compiled(&folder, "key.ts", &program.replacen("\"weekStart\":", "\"weekBegin\":", 1));
    assert!(key.contains("weekBegin"), "{key}");
}

/// What the compiler says of a program.
fn compiled(folder: &Path, name: &str, program: &str) -> String {
    std::fs::write(folder.join(name), program).unwrap();
    let output = Command::new("node")
        .args(["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck"])
        .args(["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022", name])
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn grafana_knows_every_unit() {
    let data = format!("@grafana/data@{GRAFANA}");
    let Some(folder) = installed("grafana-data", &[&data, "react@18.3.1", "react-dom@18.3.1"]) else { return };
    let mut units: Vec<String> = Vec::new();
    for board in dashboards() {
        let defaults = all_of(&board.json, "unit").into_iter().map(|unit| unit.as_str().unwrap().to_owned());
        let overrides = all_of(&board.json, "properties").into_iter().flat_map(|list| list.as_array().unwrap());
        let overrides = overrides.filter(|property| property["id"] == "unit");
        units.extend(defaults.chain(overrides.map(|property| property["value"].as_str().unwrap().to_owned())));
    }
    units.sort();
    units.dedup();
    assert!(units.contains(&"percentunit".to_owned()) && units.len() >= 4, "{units:?}");
    // Read rather than run: outside of a browser the package does not start.
    let file = folder.join("node_modules/@grafana/data/dist/cjs/valueFormats/categories.cjs");
    let text = std::fs::read_to_string(file).unwrap();
    let known = |unit: &str| text.contains(&format!("id: \"{unit}\""));
    assert_eq!(units.iter().filter(|unit| !known(unit)).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(known("s") && !known("fortnights"));
}

/// What a script prints.
fn run(folder: &Path, script: &str, argument: &str) -> String {
    let output = Command::new("node").args(["-e", script, argument]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const YAML: &str = "
const { parse } = require('yaml');
console.log(JSON.stringify(parse(require('node:fs').readFileSync(process.argv[1], 'utf8'))));
";

#[test]
fn the_provisioning_is_yaml_that_says_what_was_meant() {
    let Some(folder) = installed("yaml", &["yaml@2.8.1"]) else { return };
    let read = |path: &str| -> Value {
        let path = root().join("dashboards/grafana").join(path);
        serde_json::from_str(&run(&folder, YAML, path.to_str().unwrap())).unwrap()
    };
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    for way in Way::ALL {
        assert_eq!(read(&format!("alerting/{}.yaml", way.folder())), rules(&catalogue, way));
    }
    let sources = read("datasources/cairn.yaml");
    let found: Vec<&str> =
        sources["datasources"].as_array().unwrap().iter().map(|source| source["uid"].as_str().unwrap()).collect();
    assert_eq!(found, Way::ALL.map(Way::uid));
    let folders = read("provider/cairn.yaml");
    let compose = read("compose.yaml");
    let mounts = compose["services"]["grafana"]["volumes"].as_array().unwrap();
    for provider in folders["providers"].as_array().unwrap() {
        let path = provider["options"]["path"].as_str().unwrap();
        let is_mounted =
            mounts.iter().any(|mount| path.starts_with(mount.as_str().unwrap().split(':').nth(1).unwrap()));
        assert!(is_mounted, "{path} is not mounted");
    }
    assert_eq!(compose["services"]["grafana"]["environment"]["CAIRN_URL"], "http://cairn:8080");
}
