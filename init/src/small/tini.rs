//! `tini`: runs a program, passes signals on to it, and reaps everything else.

use super::{decimal, ended, hear_of_children, next_signal, print, start};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint_prefix;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};
use sys::process::{Status, getpid};
use sys::signal::*;
use sys::spawn::Action;

/// The command.
pub const COMMAND: Command = Command {
    name: "tini",
    usage: "tini [ -s ] [ -p signal ] [ -v ] [ -w ] [ -g ] [ -e code ] [ -l ] [ -h ] prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};
/// The name of the one without libraries.
pub const STATIC: Command = Command {
    name: "tini-static",
    usage: "tini-static [ -s ] [ -p signal ] [ -v ] [ -w ] [ -g ] [ -e code ] [ -l ] [ -h ] prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const VERSION: &[u8] = b"tini version 0.19.0";
const LICENSE: &[u8] = include_bytes!("../../../LICENSE");

const HELP: &[u8] = b"
Runs a program under the supervision of a valid init process, which is chainit.

  --version  the version
  -h         this
  -s         becomes a subreaper (also: TINI_SUBREAPER is set)
  -p SIGNAL  gets this signal, as SIGKILL, when its parent ends
  -v         is more verbose, up to 3 times (also: TINI_VERBOSITY, from 0; it is 1 otherwise)
  -w         warns of each process that it reaps
  -g         passes signals on to the program's process group (also: TINI_KILL_PROCESS_GROUP is set)
  -e CODE    makes this exit code 0; there may be several
  -l         the license
";

/// Signals that mean this process itself.
const OWN: [i32; 9] = [SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU];

/// What was asked for.
struct Options {
    verbosity: i32,
    subreaper: bool,
    group: bool,
    warn_of_reaping: bool,
    parent_death: Option<i32>,
    /// Codes that become 0.
    expected: [bool; 256],
}

/// What the command line leads to.
enum Line {
    Run(Argv),
    /// The end, with this code; everything has been said.
    End(i32),
}

/// 1: wrong usage; 126, 127: the program can't be run. Else the program's own code.
fn run(image: &mut Image, argv: Argv) -> Ran {
    let mut options = Options {
        verbosity: 1,
        subreaper: false,
        group: false,
        warn_of_reaping: false,
        parent_death: None,
        expected: [false; 256],
    };
    let posix = image.env.get(b"POSIXLY_CORRECT").is_some();
    let name = image.command.name;
    let code = match parse(&argv, posix, &mut options, name) {
        Line::End(code) => code,
        Line::Run(argv) => {
            options.read_env(image);
            options.supervise(image, &argv)
        }
    };
    Ok(Next::Exit(code))
}

fn usage(fd: i32, name: &str) {
    let name = name.as_bytes();
    let line = b" [OPTIONS] PROGRAM -- [ARGS] | --version\n";
    print(fd, &[name, b" (", VERSION, b")\nUsage: ", name, line, HELP, b"\n"]);
}

/// As the C library's getopt: options may stand behind the program, unless POSIXLY_CORRECT is
/// set, and everything does behind `--`.
fn parse(words: &[Arg], posix: bool, options: &mut Options, name: &str) -> Line {
    if let [only] = words
        && only.to_bytes() == b"--version"
    {
        print(1, &[VERSION, b"\n"]);
        return Line::End(0);
    }
    let mut operands = Vec::new();
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        match word.to_bytes() {
            b"--" => break,
            [b'-', letters @ ..] if !letters.is_empty() => {
                if let Err(code) = options.take(letters, &mut words, name) {
                    return Line::End(code);
                }
            }
            _ => operands.push(word),
        }
        if posix && !operands.is_empty() {
            break;
        }
    }
    operands.extend(words);
    if operands.is_empty() {
        usage(2, name);
        return Line::End(1);
    }
    Line::Run(operands.into())
}

impl Options {
    /// Takes a word of letters. An error: the exit code, everything being said.
    fn take<'a>(
        &mut self,
        letters: &[u8],
        words: &mut impl Iterator<Item = &'a Arg>,
        name: &str,
    ) -> Result<(), i32> {
        for (at, letter) in letters.iter().enumerate() {
            match letter {
                b'h' => {
                    usage(1, name);
                    return Err(0);
                }
                b'l' => {
                    print(1, &[LICENSE]);
                    return Err(0);
                }
                b's' => self.subreaper = true,
                b'g' => self.group = true,
                b'w' => self.warn_of_reaping = true,
                b'v' => self.verbosity += 1,
                b'p' | b'e' => {
                    let rest = &letters[at + 1..];
                    let mut next = || words.next().map(|word| word.to_bytes());
                    let value = if rest.is_empty() { next() } else { Some(rest) };
                    let Some(value) = value else {
                        return Err(misused(name, b"option requires an argument", *letter, b""));
                    };
                    return self.value(*letter, value);
                }
                _ => {
                    let help = b"help: the program's own options come behind --\n";
                    return Err(misused(name, b"invalid option", *letter, help));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, letter: u8, value: &[u8]) -> Result<(), i32> {
        let done = match letter {
            b'p' => {
                let name = value.strip_prefix(b"SIG").filter(|n| !n[..].is_empty());
                self.parent_death = name.filter(|n| !n[0].is_ascii_digit()).and_then(parse_signal);
                self.parent_death.is_some()
            }
            _ => {
                let (code, used) = uint_prefix(value);
                let fits = used > 0 && used == value.len();
                let slot = self.expected.get_mut(code as usize).filter(|_| fits);
                slot.map(|expected| *expected = true).is_some()
            }
        };
        if done {
            return Ok(());
        }
        self.fatal(&[b"Not a valid option for -", &[letter], b": ", value]);
        Err(1)
    }

    fn read_env(&mut self, image: &Image) {
        let is_set = |name| image.env.get(name).is_some();
        self.subreaper |= is_set(b"TINI_SUBREAPER");
        self.group |= is_set(b"TINI_KILL_PROCESS_GROUP");
        if let Some(value) = image.env.get(b"TINI_VERBOSITY") {
            self.verbosity = i32::try_from(uint_prefix(value).0).unwrap_or(i32::MAX);
        }
    }

    fn supervise(&self, image: &Image, argv: &Argv) -> i32 {
        let heard = Set::all_but(&OWN);
        let mask = set_mask(&heard);
        // Whoever has given the terminal away is not to be stopped where it writes to it.
        let ignored = [SIGTTIN, SIGTTOU].map(|s| dispose(s, Disposition::Ignore).unwrap_or(false));
        let childless = hear_of_children();
        if let Some(signal) = self.parent_death
            && let Err(errno) = sys::process::die_with_parent(signal)
        {
            return self.fails("be told of the parent's end", errno);
        }
        if self.subreaper
            && let Err(errno) = sys::process::set_subreaper(true)
        {
            return self.fails("become a subreaper", errno);
        }
        self.warn_of_zombies();
        let mut actions =
            vec![Action::Setpgrp, Action::Foreground(0), Action::Mask(Box::leak(Box::new(mask)))];
        let was = |signal, ignored| match ignored {
            true => Action::IgnoreSignal(signal),
            false => Action::DefaultSignal(signal),
        };
        let dispositions = [(SIGTTIN, ignored[0]), (SIGTTOU, ignored[1]), (SIGCHLD, childless)];
        actions.extend(dispositions.map(|(signal, ignored)| was(signal, ignored)));
        let name = argv.first().map_or(&b""[..], |word| word.to_bytes());
        match start(image, argv, &actions) {
            Ok(pid) => {
                let number = decimal(pid);
                self.say(2, &[b"Spawned child process '", name, b"' with pid '", &number, b"'"]);
                self.wait(&heard, pid)
            }
            Err((errno, remark)) => {
                let reason = sys::reason(errno);
                self.fatal(&[b"exec ", name, b" failed: ", reason.as_bytes()]);
                print(2, &[&remark]);
                match errno {
                    sys::Errno::ENOENT => self.code(127),
                    sys::Errno::EACCES => self.code(126),
                    _ => self.code(1),
                }
            }
        }
    }

    /// The code with which it ends where the program's would be this.
    fn code(&self, code: i32) -> i32 {
        let expected = self.expected.get(code as usize).copied().unwrap_or(false);
        if expected { 0 } else { code }
    }

    fn wait(&self, heard: &Set, child: i32) -> i32 {
        loop {
            match next_signal(heard) {
                SIGCHLD => self.say(3, &[b"Received SIGCHLD"]),
                signal => self.pass(child, signal),
            }
            let mut code = None;
            while let Some((pid, status)) = ended() {
                self.say(3, &[b"Reaped child with pid: '", &decimal(pid), b"'"]);
                if pid == child {
                    code = Some(self.child_ended(status));
                } else if self.warn_of_reaping {
                    self.say(1, &[b"Reaped zombie process with pid=", &decimal(pid)]);
                }
            }
            if let Some(code) = code {
                self.say(4, &[b"Exiting: child has exited"]);
                return code;
            }
        }
    }

    fn pass(&self, child: i32, signal: i32) {
        self.say(3, &[b"Passing signal: '", &shown(signal), b"'"]);
        let to = if self.group { -child } else { child };
        if kill(to, signal) == Err(sys::Errno::ESRCH) {
            self.say(1, &[b"Child was dead when forwarding signal"]);
        }
    }

    fn child_ended(&self, status: Status) -> i32 {
        match status.signal() {
            Some(signal) => self
                .say(2, &[b"Main child exited with signal (with signal '", &shown(signal), b"')"]),
            None => {
                let code = decimal(status.code().unwrap_or(0));
                self.say(2, &[b"Main child exited normally (with status '", &code, b"')"]);
            }
        }
        self.code(status.shell_code())
    }

    fn warn_of_zombies(&self) {
        if getpid() == 1 || sys::process::is_subreaper() {
            return;
        }
        self.say(
            1,
            &[b"Tini is not running as PID 1 and isn't registered as a child subreaper: orphans \
                go to somebody else, so zombie reaping won't work.\n\
                help: run it as PID 1, with -s, or with TINI_SUBREAPER in the environment"],
        );
    }

    fn fails(&self, what: &str, errno: sys::Errno) -> i32 {
        let reason = sys::reason(errno);
        self.fatal(&[b"unable to ", what.as_bytes(), b": ", reason.as_bytes()]);
        1
    }

    fn fatal(&self, what: &[&[u8]]) {
        self.say(0, what);
    }

    fn say(&self, level: i32, what: &[&[u8]]) {
        const LEVELS: [&[u8]; 5] = [b"FATAL", b"WARN ", b"INFO ", b"DEBUG", b"TRACE"];
        if level > self.verbosity && level > 0 {
            return;
        }
        let level = level as usize;
        let fd = if level < 2 { 2 } else { 1 };
        let pid = decimal(getpid());
        print(fd, &[b"[", LEVELS[level], b" tini (", &pid, b")] ", &what.concat(), b"\n"]);
    }
}

fn parse_signal(name: &[u8]) -> Option<i32> {
    sys::signal::parse(name).filter(|_| !name.iter().any(u8::is_ascii_lowercase))
}

fn shown(signal: i32) -> Vec<u8> {
    match sys::signal::name(signal) {
        Some(name) => [b"SIG", name.as_bytes()].concat(),
        None => decimal(signal).to_vec(),
    }
}

fn misused(name: &str, what: &[u8], letter: u8, help: &[u8]) -> i32 {
    print(2, &[name.as_bytes(), b": ", what, b" -- '", &[letter], b"'\n", help]);
    usage(2, name);
    1
}
