//! Every kind of page: over the made-up organisation, over the same half a year later when its source has long been silent,
//! and over an empty store.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use analytics::{Aggregate, compare};
use cairn::Config;
use chrono::{DateTime, TimeDelta, Utc};

use super::chromium::Job;
use crate::grafana::organisation::{Organisation, config, now};
use crate::served::Served;
use crate::support::{engine, store_in};

/// The servers that the pages are of.
pub struct Sites {
    /// The organisation as it is.
    pub whole: &'static Organisation,
    /// The same, whose source has long been silent.
    pub stale: Served,
    /// Nothing yet, and no value model.
    pub empty: Served,
    _folder: tempfile::TempDir,
}

/// Half a year after the last that was told.
fn late() -> DateTime<Utc> {
    now() + TimeDelta::days(182)
}

impl Sites {
    /// The ones that all tests look at.
    pub fn shared() -> &'static Sites {
        static SHARED: OnceLock<Sites> = OnceLock::new();
        SHARED.get_or_init(|| {
            let whole = Organisation::shared();
            let folder = tempfile::tempdir().unwrap();
            let nothing = engine(&store_in(&folder), "UTC");
            let stale = Served::start(whole.engine.clone(), config(), late);
            let empty = Served::start(nothing, Config::default(), now);
            Sites { whole, stale, empty, _folder: folder }
        })
    }

    /// All kinds of page.
    pub fn jobs(&self) -> Vec<Job> {
        let whole = whole_paths(self.whole).into_iter().map(|path| job(&self.whole.server, &path, 200));
        let wrong = WRONG.iter().map(|(path, status)| job(&self.whole.server, path, *status));
        let stale = STALE.iter().map(|path| job(&self.stale, path, 200));
        let empty = EMPTY.iter().map(|path| job(&self.empty, path, 200));
        whole.chain(wrong).chain(stale).chain(empty).collect()
    }
}

/// The address of a page.
pub fn job(server: &Served, path: &str, status: u16) -> Job {
    Job { url: format!("http://{}{path}", server.address), status, html: None, choices: Vec::new() }
}

/// Pages that say what is wrong.
const WRONG: [(&str, u16); 5] = [
    ("/m/deploymnt_frequency", 404),
    ("/services/nobody", 404),
    ("/nothing/here", 404),
    ("/?window=soon", 400),
    ("/m/change_lead_time?temas=shop", 400),
];

const STALE: [&str; 7] =
    ["/", "/?window=52", "/teams", "/m/change_lead_time", "/m/change_lead_time/rows", "/sources", "/data-quality"];

const EMPTY: [&str; 10] = [
    "/",
    "/teams",
    "/m/change_lead_time",
    "/m/employee_nps",
    "/m/value_of_time_saved",
    "/m/deployment_frequency/rows",
    "/improvements",
    "/value",
    "/data-quality",
    "/sources",
];

/// Every kind of page over the whole organisation.
pub fn whole_paths(organisation: &Organisation) -> Vec<String> {
    let engine = &organisation.engine;
    let mut paths: Vec<String> =
        ["/", "/?window=4&grain=day", "/teams", "/improvements", "/value", "/data-quality", "/sources"]
            .map(str::to_owned)
            .into();
    // One metric of each shape, so that a new shape is looked at too.
    let mut shapes = BTreeSet::new();
    for metric in engine.catalogue().metrics() {
        let is_new = shapes.insert(format!("{:?} {:?} {}", metric.shape, metric.aggregate, metric.apart.is_some()));
        let is_asked_for = ["change_fail_rate", "employee_nps", "value_of_time_saved", "dora_score"];
        if is_new || is_asked_for.contains(&metric.name.as_str()) {
            paths.push(format!("/m/{}", metric.name));
            if metric.aggregate != Aggregate::Composed {
                paths.push(format!("/m/{}/rows", metric.name));
            }
        }
    }
    assert!(paths.len() > 20, "{paths:?}");
    let service = &engine.names_of("service").unwrap()[0];
    paths.push(format!("/?team={}", organisation.team));
    paths.push(format!("/m/change_lead_time?grain=month&window=52&team={}", organisation.team));
    paths.push(format!("/teams/{}", organisation.team));
    paths.push(format!("/services/{service}"));
    for improvement in compare::improvements(engine.store()).unwrap() {
        let name = improvement.name.replace(' ', "%20");
        paths.push(format!("/improvements/{name}"));
        paths.push(format!("/improvements/{name}?metric=change_fail_rate"));
        paths.push(format!("/improvements/{name}?metric=change_lead_time.deploy"));
    }
    let checks = organisation.get("/data-quality").1;
    let of_a_check = checks.split("href=\"/data-quality/").nth(1).expect("a check has more rows than its first");
    paths.push(format!("/data-quality/{}", of_a_check.split('"').next().unwrap()));
    paths
}
