//! The letters that go through `supervise/control`.

use sys::signal::*;

/// Who gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The process.
    Process,
    /// Its process group, which is its session's first.
    Group,
}

/// Which signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Number(i32),
    /// What the file `down-signal` says, else SIGTERM.
    Down,
    /// What the file `reload-signal` says, else SIGHUP.
    Reload,
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// A signal to what runs.
    Signal(Which, To),
    /// `o`: it runs, but is not started again.
    Once,
    /// `d`: it stops, and stays down.
    Down,
    /// `u`: it runs, and is started again.
    Up,
    /// `D`: as `d`, and over restarts of the supervisor.
    DownForGood,
    /// `U`: as `u`, and over restarts of the supervisor.
    UpForGood,
    /// `x`: the supervisor leaves when the service is down.
    Exit,
    /// `O`: what runs is not started again.
    AtMostOnce,
    /// `Q`: as `O`, and over restarts of the supervisor.
    AtMostOnceForGood,
}

impl Command {
    /// The command of a letter; `None`: bytes that mean nothing are skipped.
    pub fn of(letter: u8) -> Option<Command> {
        use Command::*;
        use To::*;
        let number = |signal, to| Signal(Which::Number(signal), to);
        Some(match letter {
            b'r' => Signal(Which::Down, Process),
            b'l' => Signal(Which::Reload, Process),
            b'P' => number(SIGSTOP, Group),
            b'C' => number(SIGCONT, Group),
            b'K' => number(SIGKILL, Group),
            b'o' => Once,
            b'd' => Down,
            b'u' => Up,
            b'D' => DownForGood,
            b'U' => UpForGood,
            b'x' => Exit,
            b'O' => AtMostOnce,
            b'Q' => AtMostOnceForGood,
            _ => number(SIGNALS.iter().find(|(l, _)| *l == letter)?.1, Process),
        })
    }

    /// The letter that sends this signal, if one does.
    pub fn letter_of(signal: i32) -> Option<u8> {
        SIGNALS.iter().find(|(_, s)| *s == signal).map(|(l, _)| *l)
    }
}

const SIGNALS: [(u8, i32); 12] = [
    (b'a', SIGALRM),
    (b'b', SIGABRT),
    (b'q', SIGQUIT),
    (b'h', SIGHUP),
    (b'k', SIGKILL),
    (b't', SIGTERM),
    (b'i', SIGINT),
    (b'1', SIGUSR1),
    (b'2', SIGUSR2),
    (b'p', SIGSTOP),
    (b'c', SIGCONT),
    (b'y', SIGWINCH),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_letter_means_something() {
        for letter in b"abqhkti12pcyrlPCKoduDUxOQ" {
            assert!(Command::of(*letter).is_some(), "{}", char::from(*letter));
        }
        for letter in b"AzX \n\0\xff" {
            assert_eq!(Command::of(*letter), None);
        }
    }
}
