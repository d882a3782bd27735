//! Commands to supervisors and news from them.

use sys::Result;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The process runs.
    Up,
    /// It runs and has said that it is ready.
    Ready,
    /// It has ended; its finish script may still run.
    Down,
    /// It has ended, and so has its finish script.
    ReallyDown,
}

/// Sends command bytes to a service's supervisor. `Ok(false)`: there is none.
pub fn svc(_dir: &[u8], _bytes: &[u8]) -> Result<bool> {
    Ok(false)
}

/// Sends command bytes to the supervisor of a scan directory. `Ok(false)`: there is none.
pub fn scanctl(_dir: &[u8], _bytes: &[u8]) -> Result<bool> {
    Ok(false)
}

/// Waits until all of the services have reached the goal, at most `timeout_ms` (`None`: for
/// ever). Gives the positions of those that have not: the time was over, or they can't any
/// more (their supervisor ended, or they failed for good).
pub fn wait_for(_dirs: &[&[u8]], _goal: Goal, _timeout_ms: Option<u64>) -> Result<Vec<usize>> {
    Ok(Vec::new())
}
