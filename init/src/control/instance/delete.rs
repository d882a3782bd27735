//! `s6-instance-delete`: stops an instance and removes it.

use super::super::{ftrig, linked};
use crate::stages::wipe;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 it is gone, 1 nobody scans `instance/`, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-instance-delete",
    usage: "s6-instance-delete [ -X ] [ -t timeout ] service instancename",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (waits, timeout) = linked::way_out(&mut argv)?;
    let (service, name) = super::names(&argv)?;
    super::enter(service)?;
    let link = [b"./", name.to_bytes()].concat();
    linked::take_out(b".", &link, waits, ftrig::after(timeout)).map_err(|errno| {
        let (name, service) = (name.to_string_lossy(), service.to_string_lossy());
        Fail::sys(format!("prepare deletion of instance {name} of service {service}"), errno)
    })?;
    let copy = super::copy_of(name);
    if let Err(errno) = wipe::remove(&copy) {
        let place = [service.to_bytes(), &copy[2..]].concat();
        let (place, why) = (String::from_utf8_lossy(&place), sys::reason(errno));
        image.warn(&format!("unable to remove {place}: {why}"));
    }
    Ok(Next::Exit(0))
}
