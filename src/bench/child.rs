//! The product as a process of its own, so that its memory is its own, and so that it can be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use super::memory;

/// The token that the replayed system wants, and the secret that pushes are signed with.
pub const SECRET: &str = "a secret of the bench only";
/// The variable in which the product finds it.
pub const VARIABLE: &str = "CAIRN_BENCH_SECRET";

/// Where the product is, and in which folder, with which configuration it works.
pub struct Cairn {
    /// The binary.
    pub binary: PathBuf,
    folder: PathBuf,
}

impl Cairn {
    /// A product with a configuration of its own, and no store yet.
    pub fn new(binary: &Path, folder: &Path, configuration: &str) -> anyhow::Result<Cairn> {
        let cairn = Cairn { binary: binary.to_path_buf(), folder: folder.to_path_buf() };
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
        super::remove_store(&cairn.store())?;
        std::fs::write(folder.join("cairn.toml"), configuration).context("writing the configuration of the bench")?;
        Ok(cairn)
    }

    /// The store it works on.
    pub fn store(&self) -> PathBuf {
        self.folder.join("cairn.duckdb")
    }

    /// What it says when it is run with some arguments.
    pub fn said(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let ran = Command::new(&self.binary)
            .current_dir(&self.folder)
            .args(arguments)
            .env(VARIABLE, SECRET)
            .output()
            .with_context(|| format!("starting {}", self.binary.display()))?;
        let said = String::from_utf8_lossy(&ran.stderr);
        anyhow::ensure!(ran.status.success(), "cairn {} failed: {said}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    }

    /// Starts it with some arguments.
    pub fn start(&self, arguments: &[&str]) -> anyhow::Result<Running> {
        let child = Command::new(&self.binary)
            .current_dir(&self.folder)
            .args(arguments)
            .env(VARIABLE, SECRET)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", self.binary.display()))?;
        Ok(Running(child))
    }
}

/// The product as it runs; killed when it is let go of, as by a loss of power.
pub struct Running(Child);

impl Running {
    /// Waits for its end; how much memory it needed at most.
    pub async fn end(mut self) -> anyhow::Result<Option<f64>> {
        let mut peak = None;
        loop {
            peak = memory::peak_mib_of(self.0.id()).or(peak);
            if let Some(status) = self.0.try_wait()? {
                anyhow::ensure!(status.success(), "the process that was measured ended with {status}");
                return Ok(peak);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How much memory it has needed at most so far.
    pub fn peak_mib(&self) -> Option<f64> {
        memory::peak_mib_of(self.0.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
