//! What the makers of service directories have in common: the files of a service whose run script
//! is an execline script, and of its logger.
//!
//! The scripts name their words without a path, as those of a plainly configured s6 do: they run
//! wherever a supervisor's `PATH` leads to commands of execline and s6, ours or others. Their
//! first line needs a path: that of the `execlineb` which the maker finds, or that of an
//! s6-overlay.

use interpreter::arg::Arg;
use interpreter::args::number::uint64;
use interpreter::image::Image;
use interpreter::word::Fail;
use stdlib_commands::options;
use sys::fd::{O_CLOEXEC, O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY};

/// The options of [`Logger::option`].
pub const LOGGER_OPTIONS: &str = "l:t:n:s:S:P:";

/// How a logger logs.
pub struct Logger {
    user: Option<Arg>,
    stamp: u32,
    files: u32,
    size: u64,
    total: u64,
    prefix: Option<Arg>,
}

impl Default for Logger {
    fn default() -> Logger {
        Logger { user: None, stamp: 1, files: 10, size: 1_000_000, total: 0, prefix: None }
    }
}

impl Logger {
    /// Takes in an option of [`LOGGER_OPTIONS`].
    pub fn option(&mut self, letter: u8, value: Arg) -> Result<(), Fail> {
        let bytes = || uint64(value.to_bytes()).ok_or_else(|| Fail::number(value));
        match letter {
            b'l' => self.user = Some(value),
            b't' => self.stamp = options::number(value)?,
            b'n' => self.files = options::number(value)?,
            b's' => self.size = bytes()?,
            b'S' => self.total = bytes()?,
            _ => self.prefix = Some(value),
        }
        Ok(())
    }

    /// Exit code 100 where an option makes no sense.
    pub fn check(&self) -> Result<(), Fail> {
        match self.stamp {
            0..=3 => Ok(()),
            _ => Err(Fail::bad("stamptype must be 0, 1, 2 or 3")),
        }
    }

    fn run_script(&self, image: &Image, dir: &[u8]) -> Vec<u8> {
        let mut text = [b"#!", &interpreter(image)[..], b" -P\n"].concat();
        if let Some(user) = self.user {
            text.extend([b"s6-setuidgid ", &quoted(user.to_bytes())[..], b"\n"].concat());
        }
        text.extend_from_slice(b"s6-log -bd3 -- ");
        for (bit, directive) in [(1, b"t "), (2, b"T ")] {
            if self.stamp & bit != 0 {
                text.extend_from_slice(directive);
            }
        }
        text.extend(format!("n{} s{} ", self.files, self.size).into_bytes());
        if self.total > 0 {
            text.extend(format!("S{} ", self.total).into_bytes());
        }
        if let Some(prefix) = self.prefix {
            text.extend(directive(&[b"p", prefix.to_bytes()].concat()));
            text.push(b' ');
        }
        text.extend(quoted(dir));
        text.push(b'\n');
        text
    }

    /// Writes a logger's service directory, for s6-rc where it has names there.
    pub fn write(
        &self,
        image: &Image,
        dir: &[u8],
        logdir: &[u8],
        names: Option<&Names>,
    ) -> Result<(), Fail> {
        begin(dir)?;
        run(image, dir, &self.run_script(image, logdir), names.is_none())?;
        let Some(names) = names else { return Ok(()) };
        write(dir, "type", b"longrun\n")?;
        write(dir, "consumer-for", &line(&names.service))?;
        match &names.pipeline {
            Some(pipeline) => write(dir, "pipeline-name", &line(pipeline)),
            None => Ok(()),
        }
    }
}

/// Names for s6-rc: `service[/logger[/pipeline]]`.
pub struct Names {
    /// The service.
    pub service: Vec<u8>,
    /// Its logger.
    pub logger: Option<Vec<u8>>,
    pipeline: Option<Vec<u8>>,
}

impl Names {
    /// Reads them. Exit code 100 where a name can't be one.
    pub fn read(word: Arg) -> Result<Names, Fail> {
        let word = word.to_bytes();
        if word.contains(&b'\n') {
            return Err(Fail::bad("newlines are forbidden in s6-rc names"));
        }
        let mut parts = word.splitn(3, |&b| b == b'/');
        let service = parts.next().unwrap_or_default().to_vec();
        let (logger, pipeline) = (parts.next(), parts.next());
        for (what, name) in [("logger", logger), ("pipeline", pipeline)] {
            if name.is_some_and(<[u8]>::is_empty) {
                return Err(Fail::bad(format!("{what} name cannot be empty")));
            }
        }
        if service.is_empty() && logger.is_some() {
            return Err(Fail::bad("service name cannot be empty"));
        }
        if pipeline.is_some_and(|name| name.contains(&b'/')) {
            return Err(Fail::bad("slashes are forbidden in s6-rc names"));
        }
        let owned = |name: Option<&[u8]>| name.map(<[u8]>::to_vec);
        Ok(Names { service, logger: owned(logger), pipeline: owned(pipeline) })
    }
}

/// Writes the service directory of a service that tells its readiness on descriptor 3, for s6-rc
/// where it has names there.
pub fn service(
    image: &Image,
    dir: &[u8],
    script: &[u8],
    names: Option<&Names>,
) -> Result<(), Fail> {
    begin(dir)?;
    run(image, dir, script, names.is_none())?;
    let Some(names) = names else { return Ok(()) };
    write(dir, "type", b"longrun\n")?;
    match &names.logger {
        Some(logger) => write(dir, "producer-for", &line(logger)),
        None => Ok(()),
    }
}

/// The path of `execlineb`, for a script's first line.
pub fn interpreter(image: &Image) -> Vec<u8> {
    let places = image.places(c"execlineb", false);
    let found = places
        .iter()
        .map(|path| path.to_bytes())
        .find(|path| path.starts_with(b"/") && sys::fs::access(path, sys::fs::X_OK).is_ok());
    found.unwrap_or(b"/command/execlineb").to_vec()
}

/// A word for a script, in double quotes.
pub fn quoted(word: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for &byte in word {
        match byte {
            7..=13 => text.extend([b'\\', b"abtnvfr"[usize::from(byte - 7)]]),
            b'"' | b'\\' => text.extend([b'\\', byte]),
            b' '..=b'~' => text.push(byte),
            _ => text.extend(format!("\\0x{byte:02x}").into_bytes()),
        }
    }
    text.push(b'"');
    text
}

/// A directive of a logger, as it is, because people quote what has to be quoted themselves; but
/// one with blanks and without a quote can only be meant as one word.
fn directive(word: &[u8]) -> Vec<u8> {
    let has = |bytes: &[u8]| word.iter().any(|b| bytes.contains(b));
    if has(b" \t\r\n") && !has(b"\"\\") { quoted(word) } else { word.to_vec() }
}

/// Makes a directory for all. Exit code 111 where it can't be made, or is there.
pub fn make(dir: &[u8]) -> Result<(), Fail> {
    let old = sys::fs::umask(0);
    let made = sys::fs::mkdir(dir, 0o755);
    sys::fs::umask(old);
    made.map_err(|errno| Fail::sys_at("mkdir", dir, errno))
}

/// [`make`], where one that is there is fine.
pub fn ensure(dir: &[u8]) -> Result<(), Fail> {
    match make(dir) {
        Err(fail) if fail.errno() == Some(sys::Errno::EEXIST) => Ok(()),
        other => other,
    }
}

fn begin(dir: &[u8]) -> Result<(), Fail> {
    make(dir)?;
    write(dir, "notification-fd", b"3\n")
}

fn line(word: &[u8]) -> Vec<u8> {
    [word, b"\n"].concat()
}

/// Writes a file of a service directory.
pub fn write(dir: &[u8], name: &str, text: &[u8]) -> Result<(), Fail> {
    let path = [dir, b"/", name.as_bytes()].concat();
    let flags = O_WRONLY | O_NONBLOCK | O_CREAT | O_TRUNC | O_CLOEXEC;
    let written = sys::fd::open_bytes(&path, flags, 0o666).and_then(|fd| {
        let written = sys::fd::write_all(fd, text);
        written.and(sys::fd::close(fd))
    });
    written.map_err(|errno| Fail::sys_at("write to", &path, errno))
}

/// Writes the run script. A service directory's can be exec'd by whoever may read it.
fn run(image: &Image, dir: &[u8], script: &[u8], executable: bool) -> Result<(), Fail> {
    write(dir, "run", script)?;
    if !executable {
        return Ok(());
    }
    let path = [dir, b"/run"].concat();
    let umask = sys::fs::umask(0);
    sys::fs::umask(umask);
    let readable = 0o666 & !umask;
    sys::fs::chmod(&path, readable | (readable >> 2 & 0o111))
        .map_err(|errno| Fail::sys_at("chmod", &path, errno))?;
    if readable & 0o400 == 0 {
        let path = String::from_utf8_lossy(&path);
        image.warn(&format!("weird umask, check permissions manually on {path}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_execline_reads_them() {
        for (word, text) in [
            (&b"nobody"[..], &b"\"nobody\""[..]),
            (b"a b$c{}#", b"\"a b$c{}#\""),
            (b"a\"b\\c", b"\"a\\\"b\\\\c\""),
            (b"\x07\t\r\n", b"\"\\a\\t\\r\\n\""),
            (b"\x01\x7f\xff", b"\"\\0x01\\0x7f\\0xff\""),
        ] {
            assert_eq!(quoted(word), text, "{}", word.escape_ascii());
        }
    }

    #[test]
    fn only_a_bare_directive_with_blanks_is_quoted() {
        for (word, text) in [
            (&b"pweb: "[..], &b"\"pweb: \""[..]),
            (b"pweb:", b"pweb:"),
            (b"p\"web: \"", b"p\"web: \""),
            (b"pweb:\\s", b"pweb:\\s"),
        ] {
            assert_eq!(directive(word), text, "{}", word.escape_ascii());
        }
    }
}
