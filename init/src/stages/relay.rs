//! `CHAINIT_SIGNALS`: signals to the container that are meant for the CMD or for a service, as
//! they are or as others.
//!
//! ```text
//! HUP  TERM=QUIT  USR1@nginx  WINCH=QUIT@nginx  INT=0  15:3
//! ```

use sys::signal::*;

/// A signal and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What comes.
    pub from: i32,
    /// What is passed on; 0: nothing.
    pub to: i32,
    /// To whom; `None`: to the CMD.
    pub service: Option<Vec<u8>>,
}

/// Signals that nobody passes on: faults, what can't be caught, and the tree's own.
const NEVER: [i32; 10] =
    [SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS];

/// The rules of a value, with blanks or commas between them, and the words that are none.
pub fn parse(value: &[u8]) -> (Vec<Rule>, Vec<&[u8]>) {
    let (mut rules, mut bad) = (Vec::new(), Vec::new());
    for word in value.split(|b| b" \t\n,".contains(b)).filter(|word| !word.is_empty()) {
        match rule(word) {
            Some(rule) => rules.push(rule),
            None => bad.push(word),
        }
    }
    (rules, bad)
}

fn rule(word: &[u8]) -> Option<Rule> {
    let (signals, service) = match word.iter().position(|&b| b == b'@') {
        Some(at) => (&word[..at], Some(word[at + 1..].to_vec())),
        None => (word, None),
    };
    let (from, to) = match signals.iter().position(|&b| b == b'=' || b == b':') {
        Some(at) => (&signals[..at], &signals[at + 1..]),
        None => (signals, signals),
    };
    let from = sys::signal::parse(from).filter(|from| !NEVER.contains(from))?;
    let to = if to == b"0" { 0 } else { sys::signal::parse(to)? };
    let named = service.as_ref().is_none_or(|name| !name.is_empty());
    named.then_some(Rule { from, to, service })
}

/// The signals that a tree has to listen to: its own, and those of the rules.
pub fn heard(rules: &[Rule]) -> Vec<i32> {
    let mut heard = crate::scan::SIGNALS.to_vec();
    heard.extend(
        rules.iter().map(|rule| rule.from).filter(|from| !crate::scan::SIGNALS.contains(from)),
    );
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_apart() {
        let rule = |from, to, service: &[u8]| Rule {
            from,
            to,
            service: (!service.is_empty()).then(|| service.to_vec()),
        };
        let (rules, bad) = parse(b"HUP, TERM=QUIT\tUSR1@a=b 15:3@x sigint=0 37");
        assert_eq!(bad, [b""; 0]);
        assert_eq!(
            rules,
            [
                rule(SIGHUP, SIGHUP, b""),
                rule(SIGTERM, SIGQUIT, b""),
                rule(SIGUSR1, SIGUSR1, b"a=b"),
                rule(SIGTERM, SIGQUIT, b"x"),
                rule(SIGINT, 0, b""),
                rule(37, 37, b""),
            ]
        );
        assert_eq!(heard(&rules).len(), crate::scan::SIGNALS.len() + 1);
    }

    #[test]
    fn what_is_no_rule() {
        let words =
            [&b"KILL"[..], b"CHLD=HUP", b"NO", b"=HUP", b"HUP=", b"HUP@", b"0=HUP", b"HUP=99"];
        assert_eq!(parse(&words.join(&b' ')), (Vec::new(), words.to_vec()));
    }
}
