//! Lines through loggers, and what is lost when one of them is killed.

use crate::child::{Guard, HANGS};
use crate::lab::Lab;
use crate::race::{About, Runner, race, table};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::bench::model::{Better, Role, Table};

enum Logger {
    /// A command that logs its standard input, and its directory as the last argument.
    Piped(Command),
    Supervisord,
}

struct Contestant {
    name: String,
    role: Role,
    logger: Logger,
    stamps: Logger,
}

/// A line with its newline.
const LINE: usize = 100;
const ROTATION: &str = "s1000000";

fn contestants(lab: &Lab) -> Vec<Contestant> {
    let mut all = Vec::new();
    for suite in &lab.suites {
        let command = |args: &[&str]| {
            let mut log = suite.command("s6-log").ok()?;
            log.args(args).args(["n60", ROTATION]);
            Some(Logger::Piped(log))
        };
        if let (Some(logger), Some(stamps)) = (command(&[]), command(&["t"])) {
            let name = format!("{}: s6-log", suite.name);
            all.push(Contestant { name, role: suite.role, logger, stamps });
        }
    }
    let mut add = |name: &str, file: &str, plain: &[&str], stamped: &[&str]| {
        if Path::new(file).exists() {
            let command = |args: &[&str]| {
                let mut command = Command::new(file);
                command.args(args);
                Logger::Piped(command)
            };
            let (logger, stamps) = (command(plain), command(stamped));
            all.push(Contestant { name: name.into(), role: Role::Peer, logger, stamps });
        }
    };
    add("runit: svlogd", "/usr/bin/svlogd", &[], &["-t"]);
    let multilog = "/usr/bin/multilog";
    add("daemontools: multilog", multilog, &["n60", ROTATION], &["t", "n60", ROTATION]);
    if Path::new("/usr/bin/supervisord").exists() {
        let (logger, stamps) = (Logger::Supervisord, Logger::Supervisord);
        all.push(Contestant { name: "supervisord".into(), role: Role::Peer, logger, stamps });
    }
    all
}

/// An empty directory for logs; svlogd has its settings there.
fn directory(lab: &Lab) -> PathBuf {
    let dir = lab.dir.join("log");
    let _ = std::fs::remove_dir_all(&dir);
    let _ = std::fs::create_dir_all(&dir);
    let _ = std::fs::write(dir.join("config"), format!("{ROTATION}\nn60\n"));
    dir
}

fn again(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    for (name, value) in command.get_envs() {
        copy.env(name, value.unwrap_or_default());
    }
    copy
}

/// The milliseconds that all lines of a file take.
fn through(lab: &Lab, logger: &Logger, input: &Path) -> Result<f64, String> {
    let dir = directory(lab);
    let Logger::Piped(command) = logger else { return supervisord(&dir, input) };
    // Through a pipe, as from a daemon.
    let mut cat =
        Guard::spawn(Command::new("cat").arg(input).stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let pipe = cat.0.stdout.take().ok_or("no pipe")?;
    let mut log = again(command);
    log.arg(&dir).stdin(pipe).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut log = Guard::spawn(&mut log)?;
    let status = log.wait()?;
    let taken = begun.elapsed().as_secs_f64() * 1e3;
    let there = logged(&dir);
    let sent = input.metadata().map_or(0, |m| m.len());
    if !status.success() {
        Err(status.to_string())
    } else if there < sent {
        Err(format!("{there} of {sent} bytes logged"))
    } else {
        Ok(taken)
    }
}

/// It is the program's own output that it logs. The program here passes on what comes through a fifo,
/// so that neither its start nor supervisord's own counts; the end is when the last byte is in a file.
fn supervisord(dir: &Path, input: &Path) -> Result<f64, String> {
    let (place, fifo) = (dir.display(), dir.join("fifo"));
    let text = format!(
        "[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\n\
         pidfile={place}/pid\n[program:s]\ncommand=cat {place}/fifo\n\
         startsecs=0\nautorestart=false\nredirect_stderr=true\nstdout_logfile={place}/current\n\
         stdout_logfile_maxbytes=1000000\nstdout_logfile_backups=60\n"
    );
    std::fs::write(dir.join("conf"), text).map_err(|e| e.to_string())?;
    let mode = nix::sys::stat::Mode::from_bits_truncate(0o600);
    nix::unistd::mkfifo(&fifo, mode).map_err(|e| e.to_string())?;
    let mut start = Command::new("unshare");
    start.args(["--pid", "--fork", "--kill-child=KILL", "--", "/usr/bin/supervisord", "-n", "-c"]);
    start.arg(dir.join("conf")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _supervisord = Guard::spawn(&mut start)?;
    let begun = Instant::now();
    let mut probe = std::fs::File::options();
    probe.write(true).custom_flags(nix::libc::O_NONBLOCK);
    // Held until the feeder has its own: a moment without a writer would be the input's end.
    let _held = loop {
        if let Ok(held) = probe.open(&fifo) {
            break held;
        }
        if begun.elapsed() > HANGS {
            return Err("its program does not start".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let pipe = std::fs::File::options().read(true).write(true).open(&fifo);
    let pipe = pipe.map_err(|e| e.to_string())?;
    let sent = input.metadata().map_or(0, |m| m.len());
    let begun = Instant::now();
    let _cat = Guard::spawn(Command::new("cat").arg(input).stdin(Stdio::null()).stdout(pipe))?;
    while logged(dir) < sent {
        if begun.elapsed() > HANGS {
            return Err(format!("{} of {sent} bytes logged", logged(dir)));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

/// The bytes in the directory's logs.
fn logged(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let log = |name: &str| name.starts_with("current") || name.starts_with('@');
    let sizes = entries.filter(|e| log(&e.file_name().to_string_lossy()));
    sizes.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum()
}

/// Writes as fast as it can, kills the logger after a while, and counts what has left the pipe and
/// has not come into a file.
fn lost(lab: &Lab, logger: &Logger) -> Result<f64, String> {
    let Logger::Piped(command) = logger else { return Err("logs what it started itself".into()) };
    let dir = directory(lab);
    let (reader, mut writer) = std::io::pipe().map_err(|e| e.to_string())?;
    let mut rest = reader.try_clone().map_err(|e| e.to_string())?;
    let mut log = again(command);
    log.arg(&dir).stdin(reader).stdout(Stdio::null()).stderr(Stdio::null());
    let mut log = Guard::spawn(&mut log)?;
    feed(&mut writer, &mut log)?;
    let written = WRITTEN as u64;
    let _ = log.0.kill();
    let _ = log.0.wait();
    drop(writer);
    let mut left = Vec::new();
    rest.read_to_end(&mut left).map_err(|e| e.to_string())?;
    let kept = logged(&dir) + left.len() as u64;
    Ok((written.saturating_sub(kept)) as f64)
}

/// Less than what is rotated away, and no multiple of anybody's buffer.
const WRITTEN: usize = 500_000;

fn feed(writer: &mut std::io::PipeWriter, log: &mut Guard) -> Result<(), String> {
    let line = [b"x".repeat(LINE - 1), b"\n".to_vec()].concat();
    let text = line.repeat(WRITTEN / LINE);
    let begun = Instant::now();
    // Its end comes when the logger has taken nearly all of it: the pipe holds the rest.
    writer.write_all(&text).map_err(|e| e.to_string())?;
    if begun.elapsed() > HANGS || !matches!(log.0.try_wait(), Ok(None)) {
        return Err("the logger has ended".into());
    }
    Ok(())
}

fn about(anchor: &str, title: &str, unit: &'static str, how: &str) -> About {
    About {
        anchor: format!("logging-{anchor}"),
        section: "logging",
        title: title.into(),
        unit,
        better: Better::More,
        curve: None,
        how: how.into(),
    }
}

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let lines = if lab.quick { 50_000 } else { 300_000 };
    let input = lab.dir.join("lines");
    let text = format!("{}\n", "x".repeat(LINE - 1)).repeat(lines);
    std::fs::write(&input, &text).map_err(|e| e.to_string())?;
    drop(text);
    let contestants = contestants(lab);
    let mut all = Vec::new();
    for (stamped, anchor, title) in
        [(false, "plain", "as they are"), (true, "stamped", "with timestamps")]
    {
        let runner = |c| {
            let c: &Contestant = c;
            let logger = if stamped { &c.stamps } else { &c.logger };
            let input = &input;
            Runner::new(&c.name, c.role, move || {
                let seconds = through(lab, logger, input)? / 1e3;
                let lines = lines as f64 / seconds;
                Ok(vec![lines, lines * LINE as f64 / 1e6])
            })
        };
        let fits = |c: &&Contestant| !(stamped && matches!(c.stamps, Logger::Supervisord));
        let mut runners: Vec<Runner> = contestants.iter().filter(fits).map(runner).collect();
        race(&mut runners, lab.rounds(10), Duration::from_secs(20));
        let how = format!(
            "{lines} lines of {LINE} bytes from a pipe into a directory that rotates at 1 MB: \
             `s6-log n60 {ROTATION} DIR`, `svlogd DIR`, `multilog n60 {ROTATION} DIR`; supervisord \
             logs what a program of its passes on, from the first byte sent to the last in a file."
        );
        for (figure, part, unit) in [(0, "lines", "lines/s"), (1, "bytes", "MB/s")] {
            let title = format!("{unit} through a logger, {title}");
            all.push(table(
                about(&format!("{anchor}-{part}"), &title, unit, &how),
                &runners,
                figure,
            ));
        }
    }
    let runner = |c| {
        let c: &Contestant = c;
        Runner::new(&c.name, c.role, move || Ok(vec![lost(lab, &c.logger)?]))
    };
    let piped = |c: &&Contestant| matches!(c.logger, Logger::Piped(_));
    let mut runners: Vec<Runner> = contestants.iter().filter(piped).map(runner).collect();
    race(&mut runners, lab.rounds(40), Duration::from_secs(10));
    let how = "Bytes that a logger had taken out of its pipe and not yet put into a file when it was \
               killed in the midst of 500 kB.";
    let mut about = about("lost", "bytes lost on kill -9", "bytes", how);
    about.better = Better::Less;
    all.push(table(about, &runners, 0));
    Ok(all)
}
