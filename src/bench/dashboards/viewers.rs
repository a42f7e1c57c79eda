//! Viewers who leave a dashboard open that reloads itself, and a system that pushes meanwhile.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::super::organisation::team_name;
use super::super::pushes;
use super::pool::Pool;
use super::{Range, Site, statements};

/// Who looks, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Viewers {
    /// How many.
    pub n: u32,
    /// How often the dashboard of each reloads.
    pub every: Duration,
    /// For how long they look.
    pub lasting: Duration,
}

impl Viewers {
    /// Those that the limit is about.
    pub const USUAL: Viewers = Viewers { n: 50, every: Duration::from_secs(10), lasting: Duration::from_secs(90) };
}

/// A reload.
pub(super) struct Load {
    pub(super) took: Duration,
    /// When it began, counted from when the first viewer came.
    pub(super) at: Duration,
    /// It was the viewer's first: nothing of what it shows was asked for lately.
    pub(super) is_first: bool,
}

/// Between two pushes.
const PUSH_EVERY: Duration = Duration::from_millis(500);

impl Viewers {
    /// Every second viewer looks at all teams, each of the others at a team of its own. What they see ends with the
    /// present, so no two reloads ask for quite the same.
    pub(super) async fn look(self, pool: &Arc<Pool>, site: &Site, n_teams: u64) -> anyhow::Result<Vec<Load>> {
        let mut looking = JoinSet::new();
        let begin = tokio::time::Instant::now();
        for viewer in 0..self.n {
            let team = if viewer % 2 == 0 { "*".to_owned() } else { team_name(u64::from(viewer) % n_teams) };
            let (pool, catalogue, end) = (Arc::clone(pool), site.catalogue.clone(), site.now);
            looking.spawn(async move {
                let mut ticks = tokio::time::interval_at(begin + self.every * viewer / self.n, self.every);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                let mut loads = Vec::new();
                loop {
                    ticks.tick().await;
                    if begin.elapsed() >= self.lasting {
                        return anyhow::Ok(loads);
                    }
                    // The facts of the bench end at a day of their own. Where that is past the range goes on to the present
                    // and is longer by that, so that it holds their last year too.
                    let now = crate::now();
                    let range = Range { from: end.min(now) - TimeDelta::days(365) + begun(begin), to: end.max(now) };
                    let board = Arc::new(statements(&catalogue, range, &team)?);
                    let at = begin.elapsed();
                    loads.push(Load { took: pool.load(&board).await?, at, is_first: loads.is_empty() });
                }
            });
        }
        let mut loads = Vec::new();
        while let Some(of_one) = looking.join_next().await {
            loads.extend(of_one??);
        }
        Ok(loads)
    }
}

/// The begin of a range moves on with the clock too.
fn begun(begin: tokio::time::Instant) -> TimeDelta {
    TimeDelta::from_std(begin.elapsed()).unwrap_or_default()
}

/// Pushes deployments, each a new one, until it is dropped or something fails.
pub(super) async fn push_all_the_time(address: &str) -> anyhow::Result<std::convert::Infallible> {
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = vec![0_u8; 4_096];
    let mut ticks = tokio::time::interval(PUSH_EVERY);
    loop {
        ticks.tick().await;
        let number = usize::try_from(crate::now().timestamp_millis())?;
        stream.write_all(&pushes::request(number)?).await?;
        let n = stream.read(&mut buffer).await?;
        let answer = String::from_utf8_lossy(&buffer[..n]);
        anyhow::ensure!(answer.starts_with("HTTP/1.1 202 "), "a push was refused: {answer}");
    }
}
