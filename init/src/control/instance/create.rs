//! `s6-instance-create`: makes an instance of a service and brings it under supervision.

use super::super::linked::{self, How};
use super::super::{ftrig, maker};
use super::copy;
use crate::stages::wipe;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

/// Exit codes: 0 it is supervised, 1 nobody scans `instance/`, 99 the time is over, 100 wrong
/// usage or there is one of that name, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-instance-create",
    usage: "s6-instance-create [ -d | -D ] [ -f ] [ -P ] [ -t timeout ] service instancename",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (how, timeout) = How::take(&mut argv)?;
    let (service, name) = super::names(&argv)?;
    for dir in [&b"/instances"[..], b"/instance"] {
        maker::ensure(&[service.to_bytes(), dir].concat())?;
    }
    super::enter(service)?;
    let deadline = ftrig::after(timeout);
    let place = super::copy_of(name);
    // What it is called in messages.
    let shown = [service.to_bytes(), &place[2..]].concat();
    is_free(&place, &shown)?;
    let copied = copy::readable(image, b"../template", &place);
    copied.map_err(|errno| {
        let _ = wipe::remove(&place);
        let (service, shown) = (service.to_string_lossy(), String::from_utf8_lossy(&shown));
        Fail::sys(format!("copy {service}/template to {shown}"), errno)
    })?;
    let link = [b"./", name.to_bytes()].concat();
    let done =
        linked::parts(&place).and_then(|parts| how.put(b".", &place, &link, &parts, deadline));
    done.map(|()| Next::Exit(0)).map_err(|errno| {
        let _ = wipe::remove(&place);
        ftrig::missed(what(service, name), errno, 99)
    })
}

fn what(service: Arg, name: Arg) -> String {
    let (service, name) = (service.to_string_lossy(), name.to_string_lossy());
    format!("create instance of {service} named {name}")
}

fn is_free(place: &[u8], shown: &[u8]) -> Result<(), Fail> {
    let name = String::from_utf8_lossy(shown);
    match sys::fs::stat_bytes(place) {
        Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(Fail::sys_at("stat", shown, errno)),
        Ok(stat) if stat.is_dir() => {
            Err(Fail::bad(format!("instance appears to already exist at {name}")))
        }
        Ok(_) => Err(Fail::bad(format!("unexpected file preventing instance creation at {name}"))),
    }
}
