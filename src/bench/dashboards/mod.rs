//! How fast dashboards are: the shipped *Delivery* dashboard over the PostgreSQL wire, as Grafana asks for it, and the
//! overview page, both of a server of its own; then many viewers at once beside a system that pushes.

mod board;
mod pool;
mod viewers;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::Catalogue;
use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::child::{Cairn, Running, VARIABLE};
use super::organisation::{Organisation, team_name};
use super::pushes;
use super::report::Figure;

pub use board::{Range, statements};
use pool::Pool;
use viewers::Load;
pub use viewers::Viewers;

const ROUNDS: usize = 3;
/// How often something is asked of a server that runs already.
const REPEATED: usize = 5;
const COLD_MS: f64 = 500.0;
const WARM_MS: f64 = 200.0;
const AGAIN_MS: f64 = 50.0;
const PAGE_MS: f64 = 100.0;
const COMPANY_MS: f64 = 300.0;

/// Measures dashboards over a store that is filled, served by a binary.
pub fn measure(
    binary: &Path,
    folder: &Path,
    store: &Path,
    organisation: &Organisation,
    viewers: Viewers,
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Runtime::new().context("starting the threads of the viewers")?;
    let (pages, wire) = (pushes::free_address()?, pushes::free_address()?);
    let store = store.canonicalize().with_context(|| format!("finding the store {}", store.display()))?;
    let configuration = format!(
        "store = {store:?}\n\n[server]\nlisten = \"{pages}\"\n\n[postgres_wire]\nlisten = \"{wire}\"\n\n\
         [[source]]\nname = \"replay\"\nkind = \"github\"\nrepositories = [\"acme/shop\"]\nsecret = \"${{{VARIABLE}}}\"\n"
    );
    let cairn = Cairn::new(binary, &folder.join("dashboards"), &configuration)?;
    let name = format!("bench-{}", crate::now().timestamp_millis());
    let token = cairn.said(&["token", "create", "--name", &name, "--scope", "read"])?;
    let mut connect: tokio_postgres::Config = format!("postgresql://{wire}/cairn").parse()?;
    connect.user(&name).password(token.trim());
    let site = Site { cairn, connect, pages, wire, catalogue: Catalogue::read(sql::METRICS)?, now: organisation.end() };
    let figures = runtime.block_on(async {
        say("loading dashboards and pages");
        let mut figures = site.alone(organisation.scale.allowance).await?;
        say("loading the dashboard for many viewers");
        figures.extend(site.together(viewers, organisation.scale.n_teams).await?);
        anyhow::Ok(figures)
    });
    site.cairn.said(&["token", "revoke", &name])?;
    figures
}

struct Site {
    cairn: Cairn,
    connect: tokio_postgres::Config,
    pages: String,
    wire: String,
    catalogue: Catalogue,
    now: DateTime<Utc>,
}

impl Site {
    async fn start(&self) -> anyhow::Result<Running> {
        // The pages are listened to before the wire is.
        pushes::start(&self.cairn, &self.wire).await
    }

    /// The dashboard of the year that ends some minutes before the present.
    fn board(&self, team: &str, minutes_ago: i64) -> anyhow::Result<Arc<Vec<String>>> {
        let to = self.now - TimeDelta::minutes(minutes_ago);
        Ok(Arc::new(statements(&self.catalogue, Range { from: to - TimeDelta::days(365), to }, team)?))
    }

    /// One viewer on a quiet server.
    async fn alone(&self, allowance: f64) -> anyhow::Result<Vec<Figure>> {
        let mut figures = Vec::new();
        let team = team_name(0);
        for (of, words) in [("*", "all teams"), (team.as_str(), "one team")] {
            let (mut cold, mut warm, mut again) = (Vec::new(), Vec::new(), Vec::new());
            let mut n_panels = 0;
            for _ in 0..ROUNDS {
                let server = self.start().await?;
                let pool = Arc::new(Pool::new(self.connect.clone()));
                let board = self.board(of, 0)?;
                n_panels = board.len();
                cold.push(milliseconds(pool.load(&board).await?));
                // As a reload does that finds the clock moved on: nothing of it was asked before.
                for minutes in 1..=REPEATED as i64 {
                    warm.push(milliseconds(pool.load(&self.board(of, minutes)?).await?));
                }
                let board = self.board(of, 1)?;
                for _ in 0..REPEATED {
                    again.push(milliseconds(pool.load(&board).await?));
                }
                drop(server);
            }
            let name = |how: &str| format!("Delivery dashboard ({n_panels} statements), {words}, {how}");
            figures.extend([
                Figure::of_rounds(name("fresh server"), "ms", cold).at_most("dashboard, cold", COLD_MS * allowance),
                Figure::of_rounds(name("warm"), "ms", warm).at_most("dashboard, warm", WARM_MS * allowance),
                Figure::of_rounds(name("asked again"), "ms", again).at_most("dashboard, asked again", AGAIN_MS),
            ]);
        }
        figures.extend(self.overview(allowance).await?);
        Ok(figures)
    }

    /// The overview of the twelve weeks up to the present, or to some days before it.
    async fn overview(&self, allowance: f64) -> anyhow::Result<Vec<Figure>> {
        let (mut first, mut warm, mut again) = (Vec::new(), Vec::new(), Vec::new());
        let day = |time: DateTime<Utc>| time.format("%Y-%m-%d");
        let path = |days_ago: i64| {
            let to = self.now - TimeDelta::days(days_ago);
            format!("/?from={}&to={}", day(to - TimeDelta::weeks(12)), day(to))
        };
        for _ in 0..ROUNDS {
            let _server = self.start().await?;
            first.push(milliseconds(self.page(&path(0)).await?));
            for days in 1..=REPEATED as i64 {
                warm.push(milliseconds(self.page(&path(days)).await?));
            }
            for _ in 0..REPEATED {
                again.push(milliseconds(self.page(&path(0)).await?));
            }
        }
        Ok(vec![
            Figure::of_rounds("overview page, fresh server", "ms", first),
            Figure::of_rounds("overview page, warm", "ms", warm).at_most("page", PAGE_MS * allowance),
            Figure::of_rounds("overview page, asked again", "ms", again).at_most("page, asked again", PAGE_MS),
        ])
    }

    /// How long a page takes.
    async fn page(&self, path: &str) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&self.pages).await.context("connecting to the server")?;
        // HTTP/1.0: the answer ends with the connection.
        stream.write_all(format!("GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n").as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let took = begun.elapsed();
        let head = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
        anyhow::ensure!(head.contains(" 200 ") && answer.ends_with(b"</html>"), "{path} was answered by {head}");
        Ok(took)
    }

    /// Many viewers, beside a system that pushes.
    async fn together(&self, viewers: Viewers, n_teams: u64) -> anyhow::Result<Vec<Figure>> {
        let _server = self.start().await?;
        let pool = Arc::new(Pool::new(self.connect.clone()));
        let loads = tokio::select! {
            failed = viewers::push_all_the_time(&self.pages) => match failed? {},
            loads = viewers.look(&pool, self, n_teams) => loads?,
        };
        let all_are_there = loads.iter().filter(|load| load.is_first).map(|load| load.at + load.took).max();
        let times = |is_meant: &dyn Fn(&Load) -> bool| -> Vec<f64> {
            let meant = loads.iter().filter(|load| is_meant(load));
            let mut all: Vec<f64> = meant.map(|load| milliseconds(load.took)).collect();
            all.sort_unstable_by(f64::total_cmp);
            all
        };
        let first = times(&|load| load.is_first);
        let reloads = times(&|load| !load.is_first && Some(load.at) >= all_are_there);
        let within = |all: &[f64], share: f64| {
            all.get(((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1))).copied()
        };
        let name = |of: &[f64], what: &str| format!("{} viewers beside pushes, {} {what}", viewers.n, of.len());
        Ok(vec![
            Figure::new(name(&first, "first loads: half within"), "ms", within(&first, 0.5)),
            Figure::new(name(&first, "first loads: 95 of 100 within"), "ms", within(&first, 0.95)),
            Figure::new(name(&reloads, "reloads once all are there: half within"), "ms", within(&reloads, 0.5)),
            Figure::new(name(&reloads, "reloads once all are there: 95 of 100 within"), "ms", within(&reloads, 0.95))
                .at_most("reload in company", COMPANY_MS),
        ])
    }
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
