//! `posix-cd`: another working directory, as POSIX wants it of a `cd` that is a program.

use crate::output;
use interpreter::arg::{Argv, leak};
use interpreter::diagnose::shown;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "posix-cd",
    usage: "posix-cd [ -L | -P ] [ - | path ] [ prog... ]",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// The longest path that the kernel takes, its NUL counted.
const PATH_MAX: usize = 4096;

/// 100: nowhere to go; 111: it can't be gone to.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut physical = false;
    crate::options::take(&mut argv, "LP", |letter, _| {
        physical = letter == b'P';
        Ok(())
    })?;
    let (wanted, back) = match argv.next_word() {
        None => (image.env.get_arg(b"HOME"), false),
        Some(word) if word.to_bytes() == b"-" => (image.env.get_arg(b"OLDPWD"), true),
        word => (word, false),
    };
    let wanted = wanted.filter(|word| !word.is_empty()).ok_or_else(Fail::usage)?.to_bytes();
    let along = along_cdpath(&image.env, wanted);
    let (mut path, found) = along.clone().unwrap_or_else(|| (wanted.to_vec(), false));
    let cwd = || sys::fs::getcwd().map_err(|errno| Fail::sys("getcwd", errno));
    image.env.set(b"OLDPWD", &cwd()?);
    if !physical {
        path = logical(&mut image.env, path, wanted)?;
    }
    sys::fs::chdir(leak(path.clone())).map_err(|errno| {
        let wanted = shown(wanted);
        Fail::sys(
            match &along {
                None => format!("chdir to {wanted}"),
                Some((path, _)) => {
                    let path = shown(path);
                    format!("chdir to {wanted} (no CDPATH has it, {path} the last)")
                }
            },
            errno,
        )
    })?;
    if physical {
        path = cwd()?;
        image.env.set(b"PWD", &path);
    }
    if back || found {
        path.push(b'\n');
        output::write(&path)?;
    }
    Next::chain_or_end(argv)
}

/// The first directory of that name in a directory of CDPATH, else the last place that was
/// looked at, which is where the original then goes; none for a name that says itself where it is.
fn along_cdpath(env: &Env, name: &[u8]) -> Option<(Vec<u8>, bool)> {
    if matches!(
        name,
        [b'/', ..] | [b'.'] | [b'.', b'/', ..] | [b'.', b'.'] | [b'.', b'.', b'/', ..]
    ) {
        return None;
    }
    let cdpath = env.get(b"CDPATH").filter(|path| !path.is_empty())?;
    let mut last = None;
    for dir in cdpath.strip_suffix(b":").unwrap_or(cdpath).split(|&b| b == b':') {
        let path = join(if dir.is_empty() { b"." } else { dir }, name);
        if sys::fs::stat_bytes(&path).is_ok_and(|st| st.is_dir()) {
            return Some((path, true));
        }
        last = Some((path, false));
    }
    last
}

fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if dir.is_empty() || dir.ends_with(b"/") { b"" } else { b"/" };
    [dir, slash, name].concat()
}

/// Makes PWD what it is to be, from what it says now, and gives the path to go to: the same, or
/// the way from here where that is too long for the kernel.
fn logical(env: &mut Env, path: Vec<u8>, wanted: &[u8]) -> Result<Vec<u8>, Fail> {
    let here = env.get(b"PWD");
    let whole = match here {
        Some(here) if !path.starts_with(b"/") => join(here, &path),
        _ => path,
    };
    let canonical = canonicalize(&whole).map_err(|(at, errno)| {
        let (whole, at) = (shown(&whole), shown(&at));
        Fail::sys(format!("canonicalize {whole}: problem with {at}"), errno)
    })?;
    env.set(b"PWD", &canonical);
    if canonical.len() < PATH_MAX || wanted.len() >= PATH_MAX {
        return Ok(canonical);
    }
    let below = here.filter(|here| !here.is_empty()).and_then(|here| {
        let rest = canonical.strip_prefix(here)?;
        if here.ends_with(b"/") { Some(rest) } else { rest.strip_prefix(b"/") }
    });
    Ok(below.map(<[u8]>::to_vec).unwrap_or(canonical))
}

/// The path without `.`, `..` and needless slashes, links not followed. A `..` that follows no
/// directory is an error: where, and why.
fn canonicalize(path: &[u8]) -> Result<Vec<u8>, (Vec<u8>, Errno)> {
    let root: &[u8] = if path.starts_with(b"/") { b"/" } else { b"" };
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|&b| b == b'/') {
        match (name, names.last()) {
            (b"" | b".", _) => {}
            (b"..", Some(last)) if *last != b".." => {
                let before = [root, &names.join(&b'/')].concat();
                match sys::fs::stat_bytes(&before) {
                    Ok(found) if found.is_dir() => names.pop(),
                    Ok(_) => return Err((before, Errno::ENOTDIR)),
                    Err(errno) => return Err((before, errno)),
                };
            }
            (b"..", _) if !root.is_empty() => {}
            _ => names.push(name),
        }
    }
    let path = [root, &names.join(&b'/')].concat();
    Ok(if path.is_empty() { b".".to_vec() } else { path })
}

#[cfg(test)]
mod tests {
    use super::canonicalize;

    #[test]
    fn paths() {
        for (path, canonical) in [
            ("/", "/"),
            ("//", "/"),
            ("/..", "/"),
            ("/../../usr//bin/./", "/usr/bin"),
            ("/usr/bin/../..", "/"),
            ("", "."),
            ("./", "."),
            ("..", ".."),
            (".././../x/", "../../x"),
            ("x/.y/...", "x/.y/..."),
        ] {
            assert_eq!(canonicalize(path.as_bytes()).unwrap(), canonical.as_bytes(), "{path}");
        }
        assert_eq!(canonicalize(b"/nowhere/..").unwrap_err().0, b"/nowhere");
    }
}
