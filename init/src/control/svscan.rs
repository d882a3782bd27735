//! `s6-svscan`: supervises every service directory of a scan directory.

use crate::scan::svscan::Svscan;
use crate::scan::{Config, Tree};
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Valued};
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: those of `.s6-svscan/finish`, 0 without one; 100 wrong usage or somebody else
/// has the scan directory, 111 the system said no, 126 and 127 `.s6-svscan/crash` can't be
/// exec'd.
pub const COMMAND: Command = Command {
    name: "s6-svscan",
    usage: "s6-svscan [ -C services_max ] [ -L name_max ] [ -t timeout ] [ -d notif ] \
            [ -X consoleholder ] scandir",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const VALUED: [Valued; 6] = [
    Valued { short: b'C', long: "services-max", slot: 0 },
    // Its name until s6 2.12.
    Valued { short: b'c', long: "", slot: 0 },
    Valued { short: b'L', long: "name-max", slot: 1 },
    Valued { short: b't', long: "timeout", slot: 2 },
    Valued { short: b'd', long: "notification-fd", slot: 3 },
    Valued { short: b'X', long: "console-holder", slot: 4 },
];

fn number(word: Option<Arg>, what: &str) -> Result<Option<u32>, Fail> {
    let Some(word) = word else { return Ok(None) };
    let number = uint(word.to_bytes());
    number.map(Some).ok_or_else(|| Fail::bad(format!("{what} must be an unsigned integer")))
}

/// A descriptor above the standard ones that is open.
fn descriptor(word: Option<Arg>, what: &str, kind: &str) -> Result<Option<i32>, Fail> {
    let Some(number) = number(word, what)? else { return Ok(None) };
    let fd = number.cast_signed();
    if (0..3).contains(&fd) {
        return Err(Fail::bad(format!("{what} must be 3 or more")));
    }
    match sys::fd::flags(fd) {
        Ok(_) => Ok(Some(fd)),
        Err(errno) => Err(Fail::bad(format!("invalid {kind} fd: {}", sys::reason(errno)))),
    }
}

fn run(image: &mut Image, argv: Argv) -> Ran {
    let found = long::scan::<5>(&argv, &[], &VALUED)?;
    let [max, name_max, rescan, notif, console] = found.values;
    let scandir = argv.get(found.used).copied().ok_or_else(Fail::usage)?;
    // Messages name files by their whole path, wherever the process stands.
    let mut place = scandir.to_bytes().to_vec();
    if !place.starts_with(b"/") {
        let cwd = sys::fs::getcwd().map_err(|errno| Fail::sys("getcwd", errno))?;
        place = [&cwd, &b"/"[..], &place].concat();
    }
    let mut config = Config::new(&place, image.env.vars().to_vec());
    if let Some(max) = number(max, "services_max")? {
        config.services_max = max.clamp(4, 160_000) as usize;
    }
    if let Some(max) = number(name_max, "name_max")? {
        config.name_max = max.clamp(11, 1019) as usize;
    }
    config.rescan = number(rescan, "timeout")?.filter(|&ms| ms > 0).map(u64::from);
    let notif = descriptor(notif, "notif", "notification")?;
    config.console = descriptor(console, "consoleholder", "console holder")?;
    if let Some(fd) = config.console {
        sys::fd::set_cloexec(fd, true).map_err(|e| Fail::sys("coe console holder", e))?;
    }
    sys::fs::chdir(scandir).map_err(|errno| Fail::sys_at("chdir to", scandir.to_bytes(), errno))?;
    sys::process::set_name(c"s6-svscan");
    let tree = Tree::new(config)?;
    if let Some(fd) = notif {
        let _ = sys::fd::write(fd, b"\n");
        let _ = sys::fd::close(fd);
    }
    let director = Svscan { env: image.env.vars().to_vec() };
    Ok(Next::Exit(director.run(tree)))
}
