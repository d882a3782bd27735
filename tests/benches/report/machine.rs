//! Where and with what it is measured.

use crate::child::run;
use crate::lab::Lab;
use crate::peers::versions;
use std::fs::read_to_string;
use std::path::Path;
use std::process::Command;
use tests::bench::model::Machine;
use tests::bench::options::Options;

pub fn describe(lab: &Lab, options: &Options, args: &[String]) -> Machine {
    let file = |path: &str| read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or_else(|| "unknown".into(), |v| v.1.trim().to_owned())
    };
    let said = |program: &str, args: &[&str]| {
        let out = run(Command::new(program).args(args)).map(|o| o.stdout).unwrap_or_default();
        String::from_utf8_lossy(&out).trim().to_owned()
    };
    let file_system = |dir: &Path| said("stat", &["-f", "-c", "%T", &dir.display().to_string()]);
    let cpu = file("/proc/cpuinfo");
    let mut names = ["model name", "CPU part", "Hardware"].iter().map(|n| value(&cpu, n));
    let name = names.find(|v| v != "unknown").unwrap_or_else(|| "unknown".into());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let system = file("/etc/os-release");
    let system = system.lines().find_map(|l| l.strip_prefix("PRETTY_NAME="));
    let load = file("/proc/loadavg");
    let before: Vec<&str> = load.split(' ').take(3).collect();
    let busy = before.first().and_then(|l| l.parse().ok()).unwrap_or(0.0) > 0.5 * processors as f64;
    let facts = [
        ("processor", format!("{processors} × {name}")),
        ("memory", value(&file("/proc/meminfo"), "MemTotal")),
        ("kernel", said("uname", &["-srm"])),
        ("system", system.unwrap_or("unknown").trim_matches('"').to_owned()),
        ("virtual machine", said("systemd-detect-virt", &[])),
        ("date", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("load before", before.join(" ")),
        ("programs stand on", file_system(&lab.installed)),
        ("what is written stands on", file_system(&lab.dir)),
    ];
    let facts = facts.into_iter().filter(|f| !f.1.is_empty()).map(|(n, v)| (n.to_owned(), v));
    let warning = if options.quick {
        Some(
            "A trial of few rounds (--quick): these figures are good for nothing but the table's form.",
        )
    } else if busy {
        Some("The machine was busy when this began: don't trust the figures.")
    } else {
        None
    };
    Machine {
        facts: facts.collect(),
        versions: versions(&lab.built, lab.overlay.as_deref()),
        command: command(args),
        warning: warning.map(str::to_owned),
    }
}

/// What was typed, with the folders' names left to whoever types it.
fn command(args: &[String]) -> String {
    let mut line = String::new();
    for name in ["CHAINIT_PEER", "CHAINIT_OVERLAY"] {
        if std::env::var_os(name).is_some() {
            line += &format!("{name}=DIR ");
        }
    }
    line += "cargo bench -p tests --bench report";
    let args: Vec<&str> = args.iter().map(String::as_str).filter(|a| *a != "--bench").collect();
    if args.is_empty() { line } else { format!("{line} -- {}", args.join(" ")) }
}
