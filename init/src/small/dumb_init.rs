//! `dumb-init`: runs a program in a session of its own, and passes signals on to all of it, others
//! in their place where that is asked for.

use super::{decimal, ended, hear_of_children, next_signal, print, start};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint_prefix;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};
use sys::process::getpid;
use sys::signal::*;
use sys::spawn::Action;

/// The command.
pub const COMMAND: Command = Command {
    name: "dumb-init",
    usage: "dumb-init [ -c ] [ -r signal:signal ] [ -v ] [ -h ] [ -V ] prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const VERSION: &[u8] = b"dumb-init v1.2.5\n";

const HELP: &[u8] = b"Usage: dumb-init [option] command [[arg] ...]

Runs a command, passes signals on to its session, and reaps what ends. This one is chainit.

   -c, --single-child   signals go to the command alone (also: DUMB_INIT_SETSID=0)
   -r, --rewrite s:r    signal r is passed on in the place of s, and none if r is 0;
                        there may be several
   -v, --verbose        tells what it does (also: DUMB_INIT_DEBUG=1)
   -h, --help           prints this
   -V, --version        prints the version
";

const BAD_REWRITE: &[u8] =
    b"Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage.
";

/// Signals of a terminal's job control: whoever passes them on stops, too.
const STOPPING: [i32; 3] = [SIGTSTP, SIGTTOU, SIGTTIN];

/// Signals have numbers from 1 to this.
const LAST: usize = 31;

const LONG: [(&[u8], u8); 5] = [
    (b"help", b'h'),
    (b"rewrite", b'r'),
    (b"single-child", b'c'),
    (b"verbose", b'v'),
    (b"version", b'V'),
];

struct Proxy {
    debug: bool,
    session: bool,
    /// What is passed on in a signal's place.
    rewrite: [Option<i32>; LAST + 1],
    /// Signals that are passed over once.
    skipped: Vec<i32>,
    child: i32,
}

/// 1: wrong usage; 2: the command can't be run. Else the command's own code.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let name = image.argv0.to_bytes();
    let mut proxy = Proxy {
        debug: false,
        session: true,
        rewrite: [None; LAST + 1],
        skipped: Vec::new(),
        child: 0,
    };
    let used = match proxy.options(&argv, name) {
        Ok(used) => used,
        Err(code) => return Ok(Next::Exit(code)),
    };
    argv.advance(used);
    if argv.is_empty() {
        let rest = b" [option] program [args]\nTry ";
        print(2, &[b"Usage: ", name, rest, name, b" --help for full usage.\n"]);
        return Ok(Next::Exit(1));
    }
    if image.env.get(b"DUMB_INIT_DEBUG") == Some(b"1") {
        proxy.debug = true;
        proxy.tell(&[b"Running in debug mode."]);
    }
    if image.env.get(b"DUMB_INIT_SETSID") == Some(b"0") {
        proxy.session = false;
        proxy.tell(&[b"Not running in setsid mode."]);
    }
    if proxy.session {
        for signal in STOPPING {
            proxy.rewrite[signal as usize].get_or_insert(SIGSTOP);
        }
    }
    Ok(Next::Exit(proxy.supervise(image, &argv)))
}

impl Proxy {
    /// How many words the options are. An error: the exit code, everything being said.
    fn options(&mut self, words: &[Arg], name: &[u8]) -> Result<usize, i32> {
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let next = words.get(at).map(|word| word.to_bytes());
            let took_next = match word.to_bytes() {
                b"--" => return Ok(at),
                [b'-', b'-', long @ ..] => self.long(long, next, name)?,
                [b'-', letters @ ..] if !letters.is_empty() => self.letters(letters, next, name)?,
                _ => return Ok(at - 1),
            };
            at += usize::from(took_next);
        }
        Ok(at)
    }

    fn long(&mut self, word: &[u8], next: Option<&[u8]>, name: &[u8]) -> Result<bool, i32> {
        let cut = word.iter().position(|&b| b == b'=');
        let (option, value) = match cut {
            Some(cut) => (&word[..cut], Some(&word[cut + 1..])),
            None => (word, None),
        };
        let mut fits = LONG.iter().filter(|(long, _)| long.starts_with(option));
        let exact = LONG.iter().find(|(long, _)| *long == option);
        let found = exact.or_else(|| fits.next().filter(|_| fits.next().is_none()));
        let Some((long, letter)) = found else {
            print(2, &[name, b": unrecognized option '--", word, b"'\n"]);
            return Err(1);
        };
        match (letter, value) {
            (b'r', Some(value)) => self.letter(b'r', value).map(|()| false),
            (b'r', None) => match next {
                Some(value) => self.letter(b'r', value).map(|()| true),
                None => {
                    print(2, &[name, b": option '--", long, b"' requires an argument\n"]);
                    Err(1)
                }
            },
            (_, Some(_)) => {
                print(2, &[name, b": option '--", long, b"' doesn't allow an argument\n"]);
                Err(1)
            }
            (&letter, None) => self.letter(letter, b"").map(|()| false),
        }
    }

    fn letters(&mut self, letters: &[u8], next: Option<&[u8]>, name: &[u8]) -> Result<bool, i32> {
        for (at, &letter) in letters.iter().enumerate() {
            let rest = &letters[at + 1..];
            match letter {
                b'r' if !rest.is_empty() => return self.letter(letter, rest).map(|()| false),
                b'r' => match next {
                    Some(value) => return self.letter(letter, value).map(|()| true),
                    None => {
                        print(2, &[name, b": option requires an argument -- 'r'\n"]);
                        return Err(1);
                    }
                },
                b'h' | b'v' | b'V' | b'c' => self.letter(letter, b"")?,
                _ => {
                    print(2, &[name, b": invalid option -- '", &[letter], b"'\n"]);
                    return Err(1);
                }
            }
        }
        Ok(false)
    }

    fn letter(&mut self, letter: u8, value: &[u8]) -> Result<(), i32> {
        match letter {
            b'h' => {
                print(2, &[VERSION, HELP]);
                return Err(0);
            }
            b'V' => {
                print(2, &[VERSION]);
                return Err(0);
            }
            b'v' => self.debug = true,
            b'c' => self.session = false,
            _ => {
                let Some((from, to)) = rewrite(value) else {
                    print(2, &[BAD_REWRITE]);
                    return Err(1);
                };
                self.rewrite[from] = Some(to);
            }
        }
        Ok(())
    }

    fn supervise(&mut self, image: &Image, argv: &Argv) -> i32 {
        let all = Set::full();
        set_mask(&all);
        hear_of_children();
        if self.session {
            self.leave_terminal();
        }
        // This process holds no directory that somebody may want to unmount; the command begins
        // where it was called.
        let here = sys::fd::open(c".", sys::at::O_PLACE, 0).ok();
        let _ = sys::fs::chdir(c"/");
        let mut actions: Vec<Action> = here.map(Action::Fchdir).into_iter().collect();
        if self.session {
            actions.extend([Action::Setsid, Action::TakeTerminal(0)]);
        }
        // What was ignored is not: every signal that comes is passed on.
        let reset = (1..=LAST as i32).filter(|signal| ![SIGKILL, SIGSTOP].contains(signal));
        actions.extend(reset.map(Action::DefaultSignal));
        actions.push(Action::UnblockSignals);
        match start(image, argv, &actions) {
            Ok(pid) => self.child = pid,
            Err((errno, remark)) => {
                let name = argv.first().map_or(&b""[..], |word| word.to_bytes());
                let reason = sys::reason(errno);
                print(2, &[b"[dumb-init] ", name, b": ", reason.as_bytes(), b"\n", &remark]);
                return 2;
            }
        }
        if self.session {
            self.tell(&[b"setsid complete."]);
        }
        self.tell(&[b"Child spawned with PID ", &decimal(self.child), b"."]);
        here.map(sys::fd::close);
        loop {
            let signal = next_signal(&all);
            if let Some(code) = self.handle(signal) {
                return code;
            }
        }
    }

    /// The kernel hangs up on whoever lets go of a terminal, if the session is its own.
    fn leave_terminal(&mut self) {
        if let Err(errno) = sys::process::drop_terminal(0) {
            let reason = sys::reason(errno);
            return self.tell(&[
                b"Unable to detach from controlling tty (",
                reason.as_bytes(),
                b").",
            ]);
        }
        if sys::process::is_session_leader() {
            self.tell(&[
                b"Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive.",
            ]);
            self.skipped = vec![SIGHUP, SIGCONT];
        } else {
            self.tell(&[b"Detached from controlling tty, but was not session leader."]);
        }
    }

    /// The code with which it ends, if it does.
    fn handle(&mut self, signal: i32) -> Option<i32> {
        self.tell(&[b"Received signal ", &decimal(signal), b"."]);
        if let Some(at) = self.skipped.iter().position(|&skipped| skipped == signal) {
            self.skipped.swap_remove(at);
            self.tell(&[b"Ignoring tty hand-off signal ", &decimal(signal), b"."]);
        } else if signal == SIGCHLD {
            return self.reap();
        } else {
            self.forward(signal);
            if STOPPING.contains(&signal) {
                self.tell(&[b"Suspending self due to TTY signal."]);
                let _ = kill(getpid(), SIGSTOP);
            }
        }
        None
    }

    fn reap(&self) -> Option<i32> {
        while let Some((pid, status)) = ended() {
            let (how, number) = match status.signal() {
                Some(signal) => (&b" was terminated by signal "[..], signal),
                None => (&b" exited with exit status "[..], status.code().unwrap_or(0)),
            };
            self.tell(&[b"A child with PID ", &decimal(pid), how, &decimal(number), b"."]);
            if pid == self.child {
                self.forward(SIGTERM);
                let code = status.shell_code();
                self.tell(&[b"Child exited with status ", &decimal(code), b". Goodbye."]);
                return Some(code);
            }
        }
        None
    }

    fn forward(&self, signal: i32) {
        let other = self.rewrite.get(signal as usize).copied().flatten();
        if let Some(other) = other {
            let (signal, other) = (decimal(signal), decimal(other));
            self.tell(&[b"Translating signal ", &signal, b" to ", &other, b"."]);
        }
        let signal = other.unwrap_or(signal);
        let number = decimal(signal);
        if signal == 0 {
            return self.tell(&[b"Not forwarding signal ", &number, b" to children (ignored)."]);
        }
        let _ = kill(if self.session { -self.child } else { self.child }, signal);
        self.tell(&[b"Forwarded signal ", &number, b" to children."]);
    }

    fn tell(&self, what: &[&[u8]]) {
        if self.debug {
            print(2, &[b"[dumb-init] ", &what.concat(), b"\n"]);
        }
    }
}

/// `FROM:TO`; blanks before a number, and whatever comes behind the second, are passed over.
fn rewrite(value: &[u8]) -> Option<(usize, i32)> {
    let (from, rest) = number(value)?;
    let (to, _) = number(rest.strip_prefix(b":")?)?;
    let (from, to) = (from as usize, to as usize);
    ((1..=LAST).contains(&from) && to <= LAST).then_some((from, to as i32))
}

fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let (number, used) = uint_prefix(text);
    (used > 0).then(|| (number, &text[used..]))
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn two_numbers_of_signals() {
        for good in ["15:2", " 15:2", "+15: 2", "15:2x"] {
            assert_eq!(rewrite(good.as_bytes()), Some((15, 2)), "{good}");
        }
        assert_eq!(rewrite(b"31:0"), Some((31, 0)));
        for bad in ["", "herp", "15", "15::12", "15:derp", "0:1", "1:32", "32:1", "15 :2", "-1:2"] {
            assert_eq!(rewrite(bad.as_bytes()), None, "{bad}");
        }
    }
}
