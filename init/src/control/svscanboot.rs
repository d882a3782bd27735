//! `s6-svscanboot`: a supervision tree that logs what it says itself.

use super::catch_all::CatchAll;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::long::{self, Flag, Valued};
use interpreter::args::number::octal_prefix;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY};

/// Exit codes: 100 wrong usage, 111 the system said no; else those of `s6-svscan`.
pub const COMMAND: Command = Command {
    name: "s6-svscanboot",
    usage: "s6-svscanboot [ -u ] [ -c devconsole ] [ -D catchalldir ] [ -m catchallmode ] \
            [ -l catchalluser ] [ -o catchalloptions ] [ -d notif ] [ -C services_max ] \
            [ -L name_max ] [ -t rescan ] scandir",
    run,
    kind: Kind::Link,
    examine: None,
};

const OF_USER: u64 = 1;
const FLAGS: [Flag; 1] = [Flag { short: b'u', long: "user", clear: 0, set: OF_USER }];
const VALUED: [Valued; 9] = [
    Valued { short: b'c', long: "console", slot: 0 },
    Valued { short: b'D', long: "catchall-directory", slot: 1 },
    Valued { short: b'm', long: "catchall-mode", slot: 2 },
    Valued { short: b'l', long: "catchall-user", slot: 3 },
    Valued { short: b'o', long: "catchall-options", slot: 4 },
    Valued { short: b'd', long: "notification-fd", slot: 5 },
    Valued { short: b'C', long: "services-max", slot: 6 },
    Valued { short: b'L', long: "name-max", slot: 7 },
    Valued { short: b't', long: "timeout", slot: 8 },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let long::Found { bits, values, used } = long::scan::<9>(&argv, &FLAGS, &VALUED)?;
    let [console, dir, mode, user, directives, notif, max, name_max, rescan] = values;
    argv.advance(used);
    let scandir = *argv.first().ok_or_else(Fail::usage)?;
    let mode = mode.map_or(Ok(0o2750), octal)?;
    let notif = notif.map(descriptor).transpose()?;
    let number = |word: Option<Arg>| word.map(options::number).transpose();
    let max = number(max)?.map(|max| max.clamp(4, 160_000));
    let name_max = number(name_max)?.map(|max| max.clamp(11, 1019));
    let rescan = number(rescan)?.filter(|&ms| ms > 0);
    let is_root = sys::process::ids().1 == 0;
    if user.is_some() && !is_root {
        image.warn("ignoring catchall-user option when not root");
    }
    let dir = directory(image, dir, bits & OF_USER != 0)?;
    let user = user.filter(|_| is_root);
    let mut logger = CatchAll { dir, mode, user, directives: directives.unwrap_or(c"t") };
    logger.make()?;
    let service = [scandir.to_bytes(), b"/s6-svscan-log"].concat();
    logger.write(image, &service)?;
    let holder = if notif == Some(3) { 4 } else { 3 };
    redirect(&[&service[..], b"/fifo"].concat(), console, holder)?;
    let mut words = vec![c"s6-svscan"];
    for (option, number) in [
        (c"-X", Some(holder.cast_unsigned())),
        (c"-d", notif.map(i32::cast_unsigned)),
        (c"-C", max),
        (c"-L", name_max),
        (c"-t", rescan),
    ] {
        if let Some(number) = number {
            words.extend([option, leak(number.to_string().into_bytes())]);
        }
    }
    words.extend([c"--", scandir]);
    Ok(Next::Chain(Argv::new(words)))
}

/// Permissions in octal.
fn octal(word: Arg) -> Result<u32, Fail> {
    match octal_prefix(word.to_bytes()) {
        (mode, len) if len > 0 && len == word.to_bytes().len() => Ok(mode),
        _ => Err(Fail::bad("catchall-mode must be an (octal) unsigned integer")),
    }
}

fn descriptor(word: Arg) -> Result<i32, Fail> {
    let fd = options::fd(word)?;
    if (0..3).contains(&fd) {
        return Err(Fail::bad("notification-fd must be 3 or greater"));
    }
    match sys::fd::flags(fd) {
        Ok(_) => Ok(fd),
        Err(errno) => Err(Fail::sys(format!("use descriptor {fd} for readiness"), errno)),
    }
}

/// Where the logger logs to; a user's is below `XDG_RUNTIME_DIR` unless it is absolute.
fn directory(image: &Image, given: Option<Arg>, of_user: bool) -> Result<Vec<u8>, Fail> {
    let given = given.map(|dir| dir.to_bytes());
    match given {
        Some(dir) if !of_user || dir.starts_with(b"/") => Ok(dir.to_vec()),
        None if !of_user => Ok(b"/run/uncaught-logs".to_vec()),
        below => {
            let base = image.env.get(b"XDG_RUNTIME_DIR");
            let base = base.ok_or_else(|| Fail::bad("XDG_RUNTIME_DIR is not set"))?;
            Ok([base, b"/", below.unwrap_or(b"uncaught-logs")].concat())
        }
    }
}

/// Standard input becomes nothing, standard output and error the fifo that the logger will read,
/// and `holder` the console, or what standard error was.
fn redirect(fifo: &[u8], console: Option<Arg>, holder: i32) -> Result<(), Fail> {
    let open = |path: &[u8], flags, to| {
        let fd = sys::fd::open_bytes(path, flags, 0);
        let done = fd.and_then(|fd| sys::fd::rename(to, fd));
        done.map_err(|errno| Fail::sys_at("open", path, errno))
    };
    sys::fd::null(O_RDONLY)
        .and_then(|fd| sys::fd::rename(0, fd))
        .map_err(|errno| Fail::sys_at("open", b"/dev/null", errno))?;
    match console {
        Some(console) => open(console.to_bytes(), O_WRONLY, holder)?,
        None => sys::fd::copy(holder, 2).map_err(|e| Fail::sys("copy standard error", e))?,
    }
    // A fifo can only be opened for writing while somebody reads it.
    let fail = |errno| Fail::sys_at("open", fifo, errno);
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
    let reader = sys::fd::open_bytes(fifo, flags, 0).map_err(fail)?;
    let opened = open(fifo, O_WRONLY | O_NONBLOCK, 1);
    let _ = sys::fd::close(reader);
    opened?;
    sys::fd::set_nonblock(1, false).map_err(fail)?;
    sys::fd::copy(2, 1).map_err(|e| Fail::sys("copy standard output", e))
}
