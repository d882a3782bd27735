//! `s6-svperms`: who may see a service's state, control it, and listen to it.

use super::fifodir::{FOR_ALL, FOR_GROUP};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::{options, passwd};
use sys::fs::Stat;

/// Exit codes: 0 done, 1 something of it could not be told, 100 wrong usage, 111 the system said
/// no.
pub const COMMAND: Command = Command {
    name: "s6-svperms",
    usage: "s6-svperms [ -v ] [ -u | -g group | -G group | -o | -O group ] [ -e | -E group ] \
            servicedirs...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// Who has a right besides the owner.
#[derive(Clone, Copy)]
enum Who {
    Nobody,
    Group(u32),
    All,
}

#[derive(Default)]
struct Order {
    show: bool,
    /// Who may see the state, and who may control.
    supervise: Option<(Who, Who)>,
    events: Option<Who>,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut order = Order::default();
    options::take(&mut argv, "vug:G:oO:eE:", |letter, value| {
        match letter {
            b'v' => order.show = true,
            b'u' => order.supervise = Some((Who::Nobody, Who::Nobody)),
            b'g' => order.supervise = Some((group(value)?, Who::Nobody)),
            b'G' => order.supervise = Some((group(value)?, group(value)?)),
            b'o' => order.supervise = Some((Who::All, Who::Nobody)),
            b'O' => order.supervise = Some((Who::All, group(value)?)),
            b'e' => order.events = Some(Who::All),
            _ => order.events = Some(group(value)?),
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    order.show |= order.supervise.is_none() && order.events.is_none();
    let mut code = 0;
    for dir in &*argv {
        let dir = dir.to_bytes();
        if let Some((see, control)) = order.supervise {
            set_supervise(image, dir, see, control)?;
        }
        if let Some(who) = order.events {
            set_events(image, dir, who)?;
        }
        if order.show {
            code |= show(image, dir)?;
        }
    }
    Ok(Next::Exit(code))
}

/// A group by its name, or by its number behind a colon.
fn group(word: Arg) -> Result<Who, Fail> {
    if let Some(number) = word.to_bytes().strip_prefix(b":") {
        return uint(number).map(Who::Group).ok_or_else(Fail::usage);
    }
    let found = passwd::find_group(word.to_bytes())
        .map_err(|errno| Fail::sys(format!("read {}", passwd::GROUP), errno))?;
    let name = word.to_string_lossy();
    let missing = || Fail::bad(format!("unable to find entry for {name} in {}", passwd::GROUP));
    found.map(Who::Group).ok_or_else(missing)
}

fn set(path: &[u8], gid: u32, mode: u32) -> Result<(), Fail> {
    sys::fs::chown(path, None, Some(gid), true).map_err(|e| Fail::sys_at("chown", path, e))?;
    sys::fs::chmod(path, mode).map_err(|e| Fail::sys_at("chmod", path, e))
}

/// The primary group of a file's owner, or root's where the owner is nobody that is known.
fn owners_group(image: &Image, path: &[u8]) -> Result<u32, Fail> {
    let uid = sys::fs::stat_bytes(path).map_err(|e| Fail::sys_at("stat", path, e))?.uid;
    Ok(passwd::primary_group(uid).ok().flatten().unwrap_or_else(|| {
        let path = String::from_utf8_lossy(path);
        image.warn(&format!(
            "unable to determine primary gid for the owner of {path} (using root instead)"
        ));
        0
    }))
}

fn set_supervise(image: &Image, dir: &[u8], see: Who, control: Who) -> Result<(), Fail> {
    let place = [dir, b"/supervise"].concat();
    let (gid, mode) = match see {
        Who::Nobody => (owners_group(image, &place)?, 0o700),
        Who::Group(gid) => (gid, 0o710),
        Who::All => (owners_group(image, &place)?, 0o711),
    };
    set(&place, gid, mode)?;
    let fifo = [dir, b"/supervise/control"].concat();
    match control {
        Who::Group(gid) => set(&fifo, gid, 0o620),
        _ => set(&fifo, owners_group(image, &fifo)?, 0o600),
    }
}

fn set_events(image: &Image, dir: &[u8], who: Who) -> Result<(), Fail> {
    let place = [dir, b"/event"].concat();
    match who {
        Who::Group(gid) => set(&place, gid, FOR_GROUP),
        _ => set(&place, owners_group(image, &place)?, FOR_ALL),
    }
}

/// Prints what can be told; 1 where something can't be.
fn show(image: &Image, dir: &[u8]) -> Result<i32, Fail> {
    let mut text = Vec::new();
    let parts: [Part; 3] = [
        (b"/supervise", "is not a directory", Stat::is_dir, status, "status"),
        (b"/supervise/control", "is not a named pipe", Stat::is_fifo, control, "control"),
        (b"/event", "is not a directory", Stat::is_dir, events, "events"),
    ];
    let mut skip = None;
    let mut code = 0;
    for (i, (file, not, is_right, who, label)) in parts.into_iter().enumerate() {
        // What can't be told of supervise/ leaves nothing to say about what is in it.
        if skip == Some(i) {
            continue;
        }
        let path = [dir, file].concat();
        let shown = String::from_utf8_lossy(&path);
        let told = match sys::fs::stat_bytes(&path) {
            Err(errno) => Err(format!("unable to stat {shown}: {}", sys::reason(errno))),
            Ok(stat) if !is_right(&stat) => Err(format!("{shown} {not}")),
            Ok(stat) => who(stat.mode & 0o7777).map(|who| (who, stat.gid)).ok_or_else(|| {
                format!("{shown} has incorrect permissions: {:o}", stat.mode & 0o7777)
            }),
        };
        match told {
            Ok((who, gid)) => {
                text.extend_from_slice(dir);
                text.extend_from_slice(format!(" {label}: {}\n", name_of(who, gid)).as_bytes());
            }
            Err(why) => {
                image.warn(&why);
                code = 1;
                skip = (i == 0).then_some(1);
            }
        }
    }
    sys::fd::write_all(1, &text).map_err(|e| Fail::sys("write to stdout", e))?;
    Ok(code)
}

type Part = (&'static [u8], &'static str, fn(&Stat) -> bool, fn(u32) -> Option<Who>, &'static str);

fn name_of(who: Who, gid: u32) -> String {
    match who {
        Who::Nobody => "owner".into(),
        Who::All => "public".into(),
        Who::Group(_) => {
            let name = passwd::group_name(gid).ok().flatten();
            let name = name.map(|name| String::from_utf8_lossy(&name).into_owned());
            format!("group {}", name.unwrap_or_else(|| gid.to_string()))
        }
    }
}

/// Who may see the state, by the permissions of `supervise/`; `None` where they make no sense.
fn status(mode: u32) -> Option<Who> {
    let bad = mode & 0o5066 != 0 || mode & 0o700 != 0o700 || mode & 0o011 == 0o001;
    match mode & 0o011 {
        _ if bad => None,
        0 => Some(Who::Nobody),
        0o010 => Some(Who::Group(0)),
        _ => Some(Who::All),
    }
}

/// Who may control, by the permissions of `supervise/control`.
fn control(mode: u32) -> Option<Who> {
    match mode {
        _ if mode & 0o157 != 0 => None,
        _ if mode & 0o020 != 0 => Some(Who::Group(0)),
        _ => Some(Who::Nobody),
    }
}

/// Who may listen, by the permissions of `event/`.
fn events(mode: u32) -> Option<Who> {
    match mode {
        FOR_GROUP => Some(Who::Group(0)),
        FOR_ALL => Some(Who::All),
        _ => None,
    }
}
