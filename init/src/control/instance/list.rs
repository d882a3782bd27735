//! `s6-instance-list`: the names of a service's instances.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 told, 1 nobody scans `instance/`, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-instance-list",
    usage: "s6-instance-list service",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    options::take(&mut argv, "", |_, _| Ok(()))?;
    let service = *argv.first().ok_or_else(Fail::usage)?;
    super::enter(service)?;
    let place = || [service.to_bytes(), b"/instance"].concat();
    let names = sys::fs::list(b".").map_err(|e| Fail::sys_at("read", &place(), e))?;
    let mut text = Vec::new();
    for name in names.iter().filter(|name| name.first() != Some(&b'.')) {
        text.extend_from_slice(name);
        text.push(b'\n');
    }
    sys::fd::write_all(1, &text).map_err(|e| Fail::sys("write to stdout", e))?;
    Ok(Next::Exit(0))
}
