//! `s6-envdir`: the files of a directory are variables of the rest's environment.

use crate::options;
use interpreter::arg::{Argv, leak};
use interpreter::diagnose::shown;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, fd};

/// Exit codes: 100 wrong usage, 111 the directory, or a file in it, can't be read.
pub const COMMAND: Command = Command {
    name: "s6-envdir",
    usage: "s6-envdir [ -I | -i ] [ -n ] [ -f ] [ -L ] [ -c nullchar ] dir prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// How much of a file counts, in bytes, unless `-L` is given.
const MOST: usize = 4095;

/// How a file becomes a value.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Without the newline at the end, or the blanks at the line's end.
    pub chomp: bool,
    /// All lines, not the first one alone.
    pub verbatim: bool,
    /// No more than 4095 bytes.
    pub clamp: bool,
    /// What a NUL becomes.
    pub null: u8,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { chomp: true, verbatim: false, clamp: true, null: b'\n' }
    }
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut reading = Reading::default();
    let mut insist = true;
    options::take(&mut argv, "IinfLc:", |letter, value| {
        match letter {
            b'I' | b'i' => insist = letter == b'i',
            b'n' => reading.chomp = false,
            b'f' => reading.verbatim = true,
            b'L' => reading.clamp = false,
            _ => reading.null = value.to_bytes().first().copied().unwrap_or(0),
        }
        Ok(())
    })?;
    let [dir, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let dir = dir.to_bytes();
    let is_missing = !insist && reading.null != 0 && sys::fs::stat_bytes(dir) == Err(Errno::ENOENT);
    if !is_missing {
        load(&mut image.env, dir, reading)?;
    }
    Ok(Next::Chain(argv))
}

/// Makes variables of the files of a directory ([`changes`]). Exit code 111, and nothing changed,
/// where something can't be read.
pub fn load(env: &mut Env, dir: &[u8], reading: Reading) -> Result<(), Fail> {
    for change in changes(dir, reading)? {
        env.merge(leak(change));
    }
    Ok(())
}

/// What the files of a directory change in an environment, as [`Env::merge`] takes it: each sets
/// the variable of its name, or takes it away where it is empty. Those whose names begin with a
/// dot or hold a `=` count for nothing. Exit code 111 where something can't be read.
pub fn changes(dir: &[u8], reading: Reading) -> Result<Vec<Vec<u8>>, Fail> {
    let fail = |errno| Fail::sys_at("envdir", dir, errno);
    if reading.null == 0 {
        return Err(fail(Errno::EINVAL));
    }
    let mut changes = Vec::new();
    for mut name in sys::fs::entries(dir).map_err(fail)? {
        if name.starts_with(b".") || name.contains(&b'=') {
            continue;
        }
        let path = [dir, b"/", &name].concat();
        let content =
            content(&path, reading.clamp).map_err(|errno| unreadable(dir, &path, errno))?;
        if let Some(value) = value(content, reading) {
            name.push(b'=');
            name.extend(value);
        }
        changes.push(name);
    }
    Ok(changes)
}

fn unreadable(dir: &[u8], path: &[u8], errno: Errno) -> Fail {
    let (dir, path) = (shown(dir), shown(path));
    let (reason, cause) = match errno {
        Errno::ENOENT => (sys::reason(Errno::EIDRM), "a link that leads nowhere".into()),
        other => (sys::reason(other), sys::reason(other)),
    };
    let help = "a file that is no variable has a name that begins with a dot";
    let what = format!("unable to envdir {dir}: {reason}\n{path}: {cause}\nhelp: {help}");
    Fail::with_code(111, what)
}

fn content(path: &[u8], clamp: bool) -> sys::Result<Vec<u8>> {
    let file = fd::open_bytes(path, fd::O_RDONLY | fd::O_CLOEXEC, 0)?;
    let content = if clamp { beginning(file) } else { fd::read_to_end(file) };
    let _ = fd::close(file);
    content
}

fn beginning(file: i32) -> sys::Result<Vec<u8>> {
    let mut buffer = vec![0; MOST];
    let mut length = 0;
    while length < MOST {
        match fd::read(file, &mut buffer[length..])? {
            0 => break,
            n => length += n,
        }
    }
    buffer.truncate(length);
    Ok(buffer)
}

/// The value that a file's content stands for; none where it is empty.
fn value(mut content: Vec<u8>, reading: Reading) -> Option<Vec<u8>> {
    if content.is_empty() {
        return None;
    }
    if !reading.verbatim {
        let end = content.iter().position(|&b| b == b'\n').unwrap_or(content.len());
        content.truncate(end);
    }
    match (reading.chomp, reading.verbatim) {
        (false, _) => {}
        (true, true) => {
            content.pop_if(|last| *last == b'\n');
        }
        (true, false) => while content.pop_if(|last| b" \t\r".contains(last)).is_some() {},
    }
    for byte in content.iter_mut().filter(|byte| **byte == 0) {
        *byte = reading.null;
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (options, content, expected) in [
            ("", &b""[..], None),
            ("", b"\n", Some(&b""[..])),
            ("", b"a \t\r\nb", Some(b"a")),
            ("", b"a", Some(b"a")),
            ("", b"a\0b\n", Some(b"a\nb")),
            ("n", b"a \nb", Some(b"a ")),
            ("f", b"a \nb\n\n", Some(b"a \nb\n")),
            ("f", b"a", Some(b"a")),
            ("f", b"\n", Some(b"")),
            ("fn", b"a\n", Some(b"a\n")),
        ] {
            let reading = Reading {
                chomp: !options.contains('n'),
                verbatim: options.contains('f'),
                ..Reading::default()
            };
            let got = value(content.to_vec(), reading);
            assert_eq!(got.as_deref(), expected, "-{options} {}", content.escape_ascii());
        }
    }
}
