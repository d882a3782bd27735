//! s6-log's options.

use interpreter::arg::Arg;
use interpreter::args::getopt::Getopt;
use interpreter::word::Fail;
use stdlib_commands::options;

/// What the options say.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Told when everything is open.
    pub notify: Option<i32>,
    /// Warnings are said from 1 on.
    pub verbosity: u32,
    /// Nothing is read while something is not written.
    pub block: bool,
    /// SIGTERM does nothing.
    pub protect: bool,
    /// Longer lines are cut, in bytes; 0: never.
    pub line_limit: usize,
    /// How long a last line is waited for after a signal, in milliseconds; 0: for ever.
    pub last_line: u32,
}

const LIMIT_MIN: usize = 48;

/// Their letters, as for [`Getopt`].
pub const LETTERS: &str = "qvbpl:d:t:";

/// The options, and how many words they were.
pub fn parse(words: &[Arg]) -> Result<(Options, usize), Fail> {
    let mut found = Options {
        notify: None,
        verbosity: 1,
        block: false,
        protect: false,
        line_limit: 8192,
        last_line: 2000,
    };
    let mut walk = Getopt::new(words, LETTERS.as_bytes());
    for option in walk.by_ref() {
        let (letter, arg) = option?;
        let number = || options::number(arg.unwrap_or(c""));
        match letter {
            b'q' => found.verbosity = found.verbosity.saturating_sub(1),
            b'v' => found.verbosity += 1,
            b'b' => found.block = true,
            b'p' => found.protect = true,
            b'l' => found.line_limit = limit(number()?),
            b'd' => found.notify = Some(notify(number()?)?),
            _ => found.last_line = number()?,
        }
    }
    Ok((found, walk.used()))
}

fn limit(bytes: u32) -> usize {
    if bytes == 0 { 0 } else { LIMIT_MIN.max(bytes as usize) }
}

fn notify(fd: u32) -> Result<i32, Fail> {
    if fd < 3 {
        return Err(Fail::bad("notification fd must be 3 or more"));
    }
    let fd = i32::try_from(fd).unwrap_or(i32::MAX);
    sys::fd::flags(fd).map(|_| fd).map_err(|errno| {
        Fail::bad(format!(
            "invalid notification fd: {} (the service's notification-fd file must say {fd}, \
             or the script open it)",
            sys::reason(errno)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use interpreter::word::Cause;

    fn cause(words: &[Arg]) -> Cause {
        parse(words).err().unwrap().into_cause()
    }

    #[test]
    fn all_of_them() {
        let words = [c"-bpvv", c"-l", c"5", c"-t0", c"--", c"-d", c"1"];
        let (options, used) = parse(&words).unwrap();
        assert_eq!(used, 5);
        assert!(options.block && options.protect);
        assert_eq!((options.verbosity, options.line_limit, options.last_line), (3, 48, 0));
        assert_eq!(parse(&[c"-l0"]).unwrap().0.line_limit, 0);
        assert!(matches!(cause(&[c"-lx"]), Cause::Number(_)));
        assert!(matches!(cause(&[c"-e"]), Cause::Option(_)));
        assert!(matches!(cause(&[c"-d2"]), Cause::Bad { code: 100, .. }));
    }
}
