//! `s6-svlink`: puts a service into a scan directory, and waits until it is supervised.

use super::linked::{self, How, Parts};
use super::{client, ftrig};
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

/// Exit codes: 0 supervised, 1 nobody scans the directory, 99 the time is over, 100 wrong usage,
/// 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svlink",
    usage: "s6-svlink [ -d | -D ] [ -P ] [ -f ] [ -t timeout ] scandir servicedir [ name ]",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (how, timeout) = How::take(&mut argv)?;
    let [scan, service, ..] = *argv else { return Err(Fail::usage()) };
    let name = argv.get(2).map_or_else(|| last_part(service.to_bytes()), |name| name.to_bytes());
    for (what, word) in [("scandir", scan.to_bytes()), ("servicedir", service.to_bytes())] {
        if word.is_empty() {
            return Err(Fail::bad(format!("invalid {what}")));
        }
    }
    linked::check_name(name, "name")?;
    check_scan(scan)?;
    let parts = check_service(image, service.to_bytes())?;
    let link = [scan.to_bytes(), b"/", name].concat();
    let target = match service.to_bytes() {
        absolute @ [b'/', ..] => Ok(absolute.to_vec()),
        relative => sys::fs::realpath(relative),
    };
    let deadline = ftrig::after(timeout);
    let done = target.and_then(|to| how.put(scan.to_bytes(), &to, &link, &parts, deadline));
    let (service, scan) = (service.to_string_lossy(), scan.to_string_lossy());
    let name = String::from_utf8_lossy(name);
    let what = format!("link servicedir {service} into scandir {scan} with name {name}");
    done.map(|()| Next::Exit(0)).map_err(|errno| ftrig::missed(what, errno, 99))
}

/// What stands behind a path's last slash.
fn last_part(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&b| b != b'/').map_or(0, |last| last + 1);
    let start = path[..end].iter().rposition(|&b| b == b'/').map_or(0, |slash| slash + 1);
    &path[start..end]
}

/// Somebody scans the directory. Exit code 1 where nobody does.
fn check_scan(scan: Arg) -> Result<(), Fail> {
    if linked::is_held(&[scan.to_bytes(), b"/.s6-svscan/lock"].concat())? {
        return Ok(());
    }
    let what = format!("s6-svscan not running on {}", scan.to_string_lossy());
    Err(Fail::with_code(1, what))
}

fn check_service(image: &Image, dir: &[u8]) -> Result<Parts, Fail> {
    let mut parts = vec![(dir.to_vec(), part(image, dir)?)];
    let log = [dir, b"/log"].concat();
    match sys::fs::stat_bytes(&log) {
        Err(Errno::ENOENT) => return Ok(parts),
        Err(errno) => return Err(Fail::sys_at("stat", &log, errno)),
        Ok(stat) if !stat.is_dir() => {
            return Err(Fail::bad(format!("{} is not a directory", String::from_utf8_lossy(&log))));
        }
        Ok(_) => {}
    }
    let supervised = part(image, &log)?;
    if supervised != parts[0].1 {
        let what = "of the service and its logger, one has a supervisor and one has not";
        return Err(Fail::with_code(111, what));
    }
    parts.push((log, supervised));
    Ok(parts)
}

/// Is it supervised? Its `run` must be there. Exit code 100 where it can't be exec'd.
fn part(image: &Image, dir: &[u8]) -> Result<bool, Fail> {
    const OWNER_EXECUTES: u32 = 0o100;
    let run = [dir, b"/run"].concat();
    let stat = sys::fs::stat_bytes(&run).map_err(|errno| Fail::sys_at("stat", &run, errno))?;
    if stat.mode & OWNER_EXECUTES == 0 {
        return Err(Fail::bad(format!("{} is not executable", String::from_utf8_lossy(&run))));
    }
    let supervised = client::is_supervised(dir)
        .map_err(|errno| Fail::sys_at("check supervision status of", dir, errno))?;
    if supervised {
        let dir = String::from_utf8_lossy(dir);
        image.warn(&format!("supervisor already running on {dir}"));
    }
    Ok(supervised)
}
