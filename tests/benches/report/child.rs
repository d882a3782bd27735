//! Children that don't outlive their measurement.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Nothing that is measured takes so long, unless it hangs.
pub const HANGS: Duration = Duration::from_secs(60);

/// Killed when it is dropped.
pub struct Guard(pub Child);

impl Guard {
    pub fn spawn(command: &mut Command) -> Result<Guard, String> {
        let name = program(command);
        command.spawn().map(Guard).map_err(|e| format!("{name}: {e}"))
    }

    pub fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(self.0.id() as i32)
    }

    /// Its end, which is asked for so often that little is added to it.
    pub fn wait(&mut self) -> Result<ExitStatus, String> {
        let begun = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if begun.elapsed() < HANGS => {
                    std::thread::sleep(Duration::from_micros(200));
                }
                Ok(None) => return Err(format!("had not ended after {} s", HANGS.as_secs())),
                Err(e) => return Err(format!("wait: {e}")),
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Who is waited for by a blocking call, and since when.
static WAITED_FOR: Mutex<Option<(u32, Instant)>> = Mutex::new(None);

/// A thread that kills what hangs, so that a wait can be a blocking one and adds nothing.
pub fn watch() {
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let waited_for = WAITED_FOR.lock().map(|w| *w).unwrap_or(None);
            if let Some((pid, _)) = waited_for.filter(|w| w.1.elapsed() > HANGS) {
                let pid = nix::unistd::Pid::from_raw(pid as i32);
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            }
        }
    });
}

fn waited_for(child: Option<u32>) {
    if let Ok(mut slot) = WAITED_FOR.lock() {
        *slot = child.map(|pid| (pid, Instant::now()));
    }
}

/// Without its directory: where a peer lies is no part of the report.
fn program(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    path.file_name().unwrap_or(path.as_os_str()).display().to_string()
}

/// Runs it to its end, which has to be a good one.
pub fn run(command: &mut Command) -> Result<Output, String> {
    let name = program(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|e| format!("{name}: {e}"))?;
    let out = child.wait_with_output().map_err(|e| format!("{name}: {e}"))?;
    if out.status.success() {
        return Ok(out);
    }
    let text = String::from_utf8_lossy(&out.stderr);
    let last = text.lines().last().unwrap_or_default();
    Err(format!("{name}: {}: {last}", out.status))
}

/// The nanoseconds from a program's spawn to its end, by the TURN of `program.c` that its command line begins
/// with.
pub fn turn(command: &mut Command) -> Result<f64, String> {
    let name = command.get_args().next().map(|a| Path::new(a).display().to_string());
    let name = name.unwrap_or_default();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().map_err(|e| format!("{name}: {e}"))?;
    waited_for(Some(child.id()));
    let out = child.wait_with_output();
    waited_for(None);
    let told = out.map_err(|e| format!("{name}: {e}"))?.stdout;
    let (numbers, _) = told.as_chunks::<{ size_of::<i64>() }>();
    match *numbers {
        [status, taken] if status == [0; 8] => Ok(i64::from_ne_bytes(taken) as f64),
        [status, _] => Err(format!("{name}: ended with {}", i64::from_ne_bytes(status))),
        _ => Err(format!("{name}: hangs, or could not be run")),
    }
}

/// Runs it to its end with its output thrown away, and tells the milliseconds that it took.
pub fn timed(command: &mut Command) -> Result<f64, String> {
    let name = program(command);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|e| format!("{name}: {e}"))?;
    waited_for(Some(child.id()));
    let status = child.wait();
    let taken = begun.elapsed().as_secs_f64() * 1e3;
    waited_for(None);
    match status {
        Ok(status) if status.success() => Ok(taken),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(e) => Err(format!("{name}: {e}")),
    }
}
