//! What a switch is about to do, written down in both live directories before it begins. Whoever
//! opens a live state after a switch that was cut short (SIGKILL, a full disk) brings it to one of
//! its two ends first: back, if the live link still leads to the old directory, or else forth.

use super::finish::Finish;
use crate::rc::db;
use crate::rc::init::Plan;
use crate::stages::wipe;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::Errno;

/// The file's name in a live directory.
const NAME: &[u8] = b"/switch";
/// What it begins with in the old directory, and in the new one.
const TO: u8 = b'>';
const FROM: u8 = b'<';

/// The service directories that are moved: each with its old place and its new one.
pub type Moves = [(Vec<u8>, Vec<u8>)];

/// Writes it.
pub fn begin(old_dir: &[u8], dir: &[u8], moves: &Moves) -> sys::Result<()> {
    let places = moves.iter().flat_map(|(from, to)| [&from[..], b"\0", to, b"\0"]).flatten();
    let places: Vec<u8> = places.copied().collect();
    for (at, mark, other) in [(dir, FROM, old_dir), (old_dir, TO, dir)] {
        let text = [&[mark], other, b"\0", &places].concat();
        crate::rc::init::make::set(&[at, NAME].concat(), Some(&text))?;
    }
    Ok(())
}

/// The switch is at its end, whichever that is.
pub fn end(live_dir: &[u8]) -> sys::Result<()> {
    match sys::fs::unlink(&[live_dir, NAME].concat()) {
        Err(Errno::ENOENT) => Ok(()),
        other => other,
    }
}

/// Moves all back that was moved, and removes the new directory.
pub fn go_back(old_dir: &[u8], dir: &[u8], moves: &Moves) -> sys::Result<()> {
    for (from, to) in moves.iter().rev() {
        match sys::fs::rename(to, from) {
            Err(Errno::ENOENT) => {}
            other => other?,
        }
    }
    wipe::remove(dir)?;
    end(old_dir)
}

/// Brings a live state, whose lock the caller has, to an end of a switch that was cut short, if
/// there was one.
pub fn recover(live: &[u8]) -> Result<(), Fail> {
    let file = [live, NAME].concat();
    let text = match sys::fd::read_file_bytes(&file) {
        Err(Errno::ENOENT) => return Ok(()),
        other => other.map_err(|errno| Fail::sys_at("read", &file, errno))?,
    };
    let mut words = text.get(1..).unwrap_or_default().split(|&b| b == 0);
    let other = words.next().unwrap_or_default();
    let mut moves = Vec::new();
    while let (Some(from), Some(to)) = (words.next(), words.next()) {
        moves.push((from.to_vec(), to.to_vec()));
    }
    let dir = sys::fs::realpath(live).map_err(|errno| Fail::sys_at("realpath", live, errno))?;
    match text.first() {
        Some(&TO) => go_back(&dir, other, &moves),
        Some(&FROM) => return go_on(live, &dir, other),
        _ => Err(Errno::EINVAL),
    }
    .map_err(|errno| Fail::sys(format!("undo the switch that is in {}", shown(&file)), errno))
}

/// Removes what those have left beside a live link who were cut short before anything led there:
/// new directories, and links that were to take its place.
pub fn sweep(live: &[u8], current: &[u8]) {
    let cut = live.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let (place, own) = (&live[..cut], [&live[cut..], b":"].concat());
    let (update, any) = ([&own[..], b"s6-rc-update:"].concat(), [&own[..], b"s6-rc-"].concat());
    for name in sys::fs::list(place).unwrap_or_default() {
        let path = [place, &name].concat();
        let is_new = name.starts_with(&update) && !current.ends_with(&name);
        if is_new || name.starts_with(&own) && leads_to(&path, &any) {
            let _ = wipe::remove(&path);
        }
    }
}

fn leads_to(link: &[u8], prefix: &[u8]) -> bool {
    sys::fs::readlink(link).is_ok_and(|target| target.starts_with(prefix))
}

fn go_on(live: &[u8], dir: &[u8], old_dir: &[u8]) -> Result<(), Fail> {
    let read = |name: &str, how: fn(&[u8]) -> sys::Result<Vec<u8>>| {
        let path = [dir, b"/", name.as_bytes()].concat();
        how(&path).map_err(|errno| Fail::sys_at("read", &path, errno))
    };
    let scandir = read("scandir", sys::fs::readlink)?;
    let compiled = read("compiled", sys::fs::readlink)?;
    let prefix = read("prefix", sys::fd::read_file_bytes)?;
    let new = db::open(&compiled)?;
    let (scandir, compiled, prefix) = (&scandir, &compiled, &prefix);
    let site = &Plan { scandir, compiled, live, prefix, own: false };
    let finish = Finish { site, dir, old_dir, new: &new, kept: &|_| true, until: None };
    finish.refresh()?;
    finish.supervise()?;
    finish.forget()?;
    end(dir).map_err(|errno| Fail::sys_at("unlink the file switch in", dir, errno))
}
