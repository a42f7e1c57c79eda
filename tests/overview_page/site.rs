//! The pages over some facts, served on a port of this machine, and what a reader sees of them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use analytics::http::MetricsState;
use analytics::quality::Checks;
use chrono::{DateTime, Utc};
use facts::{Batch, Deployment};
use tokio::runtime::Runtime;

use crate::support::{at, deployment, engine, store_in};

/// The pages over some facts.
pub struct Site {
    address: SocketAddr,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

/// The present of the site.
fn now() -> DateTime<Utc> {
    at("2026-03-04T10:00:00Z")
}

/// A page as it came.
pub struct Page {
    pub status: u16,
    pub head: String,
    pub html: String,
}

impl Site {
    pub fn over(batches: &[Batch]) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        store.write(batches, None, now()).unwrap();
        Site::of(folder, &store)
    }

    /// The pages over a store in a folder.
    pub fn of(folder: tempfile::TempDir, store: &store::Store) -> Site {
        Site::answering(folder, engine(store, "UTC"))
    }

    /// The pages of an engine over a store in a folder.
    pub fn answering(folder: tempfile::TempDir, engine: analytics::Engine) -> Site {
        let checks = Arc::new(Checks::read(sql::CHECKS, engine.catalogue()).unwrap());
        let kinds = Arc::new([("github".to_owned(), "github".to_owned())].into());
        let pages = dashboards::Pages { metrics: MetricsState { engine, clock: now }, checks, kinds };
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, dashboards::routes(pages)).await });
        Site { address, _runtime: runtime, _folder: folder }
    }

    pub fn get(&self, path: &str) -> Page {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, html) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Page { status, head: head.to_ascii_lowercase(), html: html.to_owned() }
    }

    /// The card of a metric, on the overview of the last four weeks.
    pub fn card(&self, metric: &str) -> String {
        self.get("/?window=4").card(metric)
    }
}

impl Page {
    /// The HTML of a metric's card.
    pub fn card(&self, metric: &str) -> String {
        let place = format!("<h3><a href=\"/m/{metric}");
        let cards = self.html.split("<article").skip(1).map(|rest| rest.split("</article>").next().unwrap());
        cards.filter(|card| card.contains(&place)).collect::<Vec<_>>().concat()
    }

    /// What can be read on it.
    pub fn text(&self) -> String {
        text(&self.html)
    }

    /// Where its links lead.
    pub fn links(&self) -> Vec<String> {
        links(&self.html)
    }
}

/// What can be read of some HTML: without tags, its white space made one.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, words)| words));
        text.push(' ');
    }
    let text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the links of some HTML lead.
pub fn links(html: &str) -> Vec<String> {
    let hrefs = html.split("<a ").skip(1).filter_map(|rest| rest.split('>').next()?.split("href=\"").nth(1));
    hrefs.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

/// Deployments of a service at noon of some days of 2026, written `MM-DD`.
pub fn deployments(service: &str, days: &[&str]) -> Vec<Deployment> {
    days.iter().map(|day| deployment(&format!("{service}-{day}"), service, &format!("2026-{day}T12:00:00Z"))).collect()
}

/// Every other day of the four weeks: fourteen days.
pub const EVERY_OTHER_DAY: [&str; 14] = [
    "02-02", "02-04", "02-06", "02-08", "02-10", "02-12", "02-14", "02-16", "02-18", "02-20", "02-22", "02-24",
    "02-26", "02-28",
];

/// One day in each of the four weeks before.
pub const WEEKLY_BEFORE: [&str; 4] = ["01-06", "01-13", "01-20", "01-27"];
