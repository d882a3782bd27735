//! `chainit run`: boots a service tree as a container, without an engine.
//!
//! Two processes: this one stays outside, passes signals and the terminal through and gives the
//! container's exit code; its child builds the container around itself and becomes `/init`.

mod channel;
mod inside;
mod layers;
mod mounts;
mod outside;
mod overlay;
mod plan;
mod space;
mod stop;
mod terminal;

use super::fault::{Fault, show};
use clap::ArgMatches;
use interpreter::env::Env;
use outside::Outside;
use plan::Plan;
use space::Side;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;

/// Boots a container and waits for its end: its exit code.
pub fn run(options: &ArgMatches, env: &Env) -> Result<i32, Fault> {
    let plan = plan(options, env)?;
    if !plan.terminal && std::io::stderr().is_terminal() {
        let line = format!("chainit: booting {} (^C stops it)\n", show(&plan.tree));
        let _ = sys::fd::write_all(2, line.as_bytes());
    }
    let signals = outside::signals()?;
    match space::enter()? {
        Side::Inside(channel, guest) => inside::run(&plan, guest, &channel),
        Side::Outside(channel, pid) => Outside { pid, channel, signals, grace: plan.grace }.watch(),
    }
}

fn plan(options: &ArgMatches, env: &Env) -> Result<Plan, Fault> {
    let word = |name: &str| options.get_one::<OsString>(name).map(|word| word.as_bytes().to_vec());
    let words = |name: &str| -> Vec<Vec<u8>> {
        let all = options.get_many::<OsString>(name).unwrap_or_default();
        all.map(|word| word.as_bytes().to_vec()).collect()
    };
    let tree = directory(&word("tree").unwrap_or_default())?;
    let base = directory(&word("rootfs").unwrap_or_else(|| b"/".to_vec()))?;
    let mut command = words("command");
    let own = sys::fs::stat_bytes(&super::root::join(&tree, b"cmd")).is_ok_and(|s| s.is_file());
    if command.is_empty() && own {
        command.push(b"/cmd".to_vec());
    }
    // Only a terminal on both sides can be passed through; else the streams are.
    let terminal =
        !command.is_empty() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let hostname = word("hostname").unwrap_or_else(|| plan::hostname(&tree));
    let term = terminal.then(|| env.get(b"TERM").unwrap_or(b"xterm"));
    let caller = |name: &[u8]| env.get(name).map(<[u8]>::to_vec);
    let env = plan::environment(&hostname, term, &words("env"), caller).map_err(|word| {
        Fault::usage(format!("-e {word} has no name: NAME=value, or NAME alone, is wanted"))
    })?;
    let workdir = word("workdir").unwrap_or_else(|| b"/".to_vec());
    let grace = options.get_one::<u64>("stop-timeout").map_or(10_000, |s| s.saturating_mul(1000));
    Ok(Plan { tree, base, env, command, workdir, hostname, grace, terminal })
}

/// A directory's real path.
fn directory(path: &[u8]) -> Result<Vec<u8>, Fault> {
    let failed = |errno| Fault::at("find the directory", path, errno);
    let real = std::fs::canonicalize(std::ffi::OsStr::from_bytes(path))
        .map_err(|e| failed(e.raw_os_error().map_or(sys::Errno::EIO, sys::Errno::from_raw)))?;
    let real = real.as_os_str().as_bytes().to_vec();
    match sys::fs::stat_bytes(&real) {
        Ok(stat) if stat.is_dir() => Ok(real),
        Ok(_) => Err(failed(sys::Errno::ENOTDIR)),
        Err(errno) => Err(failed(errno)),
    }
}
