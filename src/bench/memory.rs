//! How much memory a process has needed at most.

/// The peak of this process's resident memory in MiB, as Linux tells it; none elsewhere.
pub fn peak_mib() -> Option<f64> {
    peak_in("self")
}

/// That of another process.
pub fn peak_mib_of(process: u32) -> Option<f64> {
    peak_in(&process.to_string())
}

fn peak_in(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1_024.0)
}
