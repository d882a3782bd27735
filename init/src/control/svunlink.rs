//! `s6-svunlink`: takes a service out of a scan directory, and waits until nobody supervises it.

use super::{ftrig, linked};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 it is out, or the time is over; 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svunlink",
    usage: "s6-svunlink [ -X ] [ -t timeout ] scandir name",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (waits, timeout) = linked::way_out(&mut argv)?;
    let [scan, name, ..] = *argv else { return Err(Fail::usage()) };
    linked::check_name(name.to_bytes(), "service name")?;
    let link = [scan.to_bytes(), b"/", name.to_bytes()].concat();
    linked::take_out(scan.to_bytes(), &link, waits, ftrig::after(timeout)).map_err(|errno| {
        let (name, scan) = (name.to_string_lossy(), scan.to_string_lossy());
        Fail::sys(format!("prepare unlinking of service {name} in scandir {scan}"), errno)
    })?;
    Ok(Next::Exit(0))
}
