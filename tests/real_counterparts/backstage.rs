//! A real Backstage backend, installed from npm: its catalogue, and scaffolder tasks that really run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Running, ask, free_port, is_here, rows, wait_for};
use crate::command_line::run;

const TOKEN: &str = "devex-collector-test-token-0001";

/// The folder with the backend's packages; they are installed once.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("backstage");
    let done = folder.join("installed");
    if !done.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(fixture("package.json"), folder.join("package.json")).unwrap();
        npm(&folder, &["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", "--silent"]);
        npm(&folder, &["rebuild", "better-sqlite3", "--silent"]);
        std::fs::write(done, "").unwrap();
    }
    folder
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backstage/backend").join(name)
}

fn npm(folder: &Path, arguments: &[&str]) {
    let mut npm = Command::new("npm");
    // Debian's headers of its own node: nothing has to be fetched to build against it.
    if Path::new("/usr/include/node/node.h").exists() {
        npm.env("npm_config_nodedir", "/usr");
    }
    let output = npm.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "npm {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn start() -> (Running, String) {
    let folder = installed();
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let configuration = std::fs::read_to_string(fixture("app-config.yaml")).unwrap();
    let entities = fixture("entities").display().to_string();
    let configuration = configuration.replace("7107", &port.to_string()).replace("./entities", &entities);
    std::fs::write(folder.join("app-config.yaml"), configuration).unwrap();
    std::fs::copy(fixture("index.js"), folder.join("index.js")).unwrap();
    let running = Running::start(
        Command::new("node")
            .args(["--no-node-snapshot", "index.js", "--config", "app-config.yaml"])
            .env("NODE_ENV", "development")
            .current_dir(&folder),
    );
    let ready = format!("{base}/.backstage/health/v1/readiness");
    wait_for("Backstage starts", || ask("GET", &ready, TOKEN, "").filter(|told| told.0 == 200));
    let kinds = format!("{base}/api/catalog/entity-facets?facet=kind");
    wait_for("its catalogue fills", || {
        ask("GET", &kinds, TOKEN, "").filter(|(_, body)| body.contains("Template") && body.contains("Component"))
    });
    (running, base)
}

/// Runs the template, and waits for its end.
fn scaffold(base: &str, name: &str, fail: bool) {
    let values = serde_json::json!({ "name": name, "owner": "group:default/payments", "fail": fail });
    let body = serde_json::json!({ "templateRef": "template:default/rust-service", "values": values }).to_string();
    let (status, told) = ask("POST", &format!("{base}/api/scaffolder/v2/tasks"), TOKEN, &body).unwrap();
    assert_eq!(status, 201, "{told}");
    let id = serde_json::from_str::<serde_json::Value>(&told).unwrap()["id"].as_str().unwrap().to_owned();
    wait_for("the task ends", || {
        let (_, told) = ask("GET", &format!("{base}/api/scaffolder/v2/tasks/{id}"), TOKEN, "")?;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["status"].as_str().filter(|status| *status != "open" && *status != "processing").map(str::to_owned)
    });
}

#[test]
fn the_catalogue_and_its_scaffolder_are_read_from_a_real_backend() {
    if !is_here("node") || !is_here("npm") {
        return;
    }
    let (_backstage, base) = start();
    scaffold(&base, "ledger", false);
    scaffold(&base, "broken", true);
    let folder = tempfile::tempdir().unwrap();
    let configure = |token: &str| {
        let text = format!(
            "[[source]]\nname = \"portal\"\nkind = \"backstage\"\nurl = \"{base}\"\ntoken_file = \"token\"\n\
            platform_teams = [\"platform\"]\n"
        );
        std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
        std::fs::write(folder.path().join("token"), token).unwrap();
    };
    configure("another-token-than-theirs");
    let refused = run(folder.path(), &["check"]);
    assert!(!refused.is_well && refused.out.contains("externalAccess"), "{}{}", refused.out, refused.err);
    configure(TOKEN);
    let checked = run(folder.path(), &["check"]);
    assert!(checked.is_well, "{}{}", checked.out, checked.err);
    for _ in 0..2 {
        let collected = run(folder.path(), &["collect"]);
        assert!(collected.is_well, "{}{}", collected.out, collected.err);
        let services =
            "select name, team, system, lifecycle, kind, repository, template from facts.service order by name";
        assert_eq!(
            rows(folder.path(), services),
            [
                "payments payments checkout production service example/payments rust-service",
                "web-shop payments checkout experimental website - -",
            ]
        );
        let teams = "select name, kind, parent from facts.team order by name";
        assert_eq!(rows(folder.path(), teams), ["payments product platform", "platform platform -"]);
        let tasks = "
            select service, kind, team, channel, result, ready_at > requested_at
            from facts.provisioning order by requested_at";
        assert_eq!(
            rows(folder.path(), tasks),
            [
                "ledger rust-service payments self_service succeeded true",
                "broken rust-service payments self_service failed -",
            ]
        );
    }
}
