//! `s6-fdholderd`: holds descriptors for those who connect to the socket that is its input.

mod session;
mod store;

use super::daemon::no_rules;
use super::seconds;
use crate::sockets::ipcserverd::set_up;
use crate::sockets::message::{self, Descriptor};
use crate::sockets::rules::{Rules, Verdict};
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use session::{Rights, Session};
use std::ffi::CString;
use stdlib_commands::options;
use store::Store;
use sys::event::{self, POLLIN, POLLOUT};
use sys::limit::{self, RLIMIT_NOFILE};
use sys::posix::Regex;
use sys::signal::{self, Disposition, SIGHUP, SIGPIPE, SIGTERM, Set};
use sys::time::{Time, monotonic, now};
use sys::{Errno, fd, tai, unix};

/// Exit codes after SIGTERM: 0, 1 if descriptors are held yet, 2 if clients are connected yet, 3
/// both. Else 100 wrong usage or no socket, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-fdholderd",
    usage: "s6-fdholderd [ -v verbosity ] [ -1 ] [ -c maxconn ] [ -n maxfds ] [ -t timeout ] \
            [ -T lameducktimeout ] [ -i rulesdir | -x rulesfile ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// More connections than this at once there never are.
const MOST: u32 = 256;

/// How many descriptors the server needs for itself.
const OWN: u64 = 6;

/// How long nothing is accepted after the kernel had no room for a connection, in milliseconds.
const PAUSE: u64 = 1000;

struct Options {
    verbosity: u32,
    notify: bool,
    most_clients: u32,
    most_fds: u32,
    timeout: u32,
    lame_duck: u32,
    /// The rules; true: they are a directory.
    rules: (Arg, bool),
}

struct Server<'a> {
    image: &'a Image,
    options: Options,
    rules: Rules,
    signals: i32,
    store: Store,
    sessions: Vec<Session>,
    /// SIGTERM has come: nobody new is let in. When the patience with the others ends, if ever.
    leaving: Option<Option<Time>>,
    /// The kernel had no room for the last connection: until then none is accepted.
    pause: Option<Time>,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut options = read(&mut argv)?;
    options.most_fds = room(options.most_fds)?;
    set_up(options.notify)?;
    let fail = |errno| Fail::sys("trap signals", errno);
    let signals = [SIGTERM, SIGHUP];
    for signal in signals {
        signal::dispose(signal, Disposition::Default).map_err(fail)?;
    }
    signal::dispose(SIGPIPE, Disposition::Ignore).map_err(fail)?;
    let set = Set::of(&signals);
    signal::block(&set);
    let signals = event::signalfd(&set).map_err(fail)?;
    let rules = match options.rules {
        (dir, true) => Rules::Dir(dir),
        (file, false) => Rules::cdb(file)?,
    };
    if options.notify {
        let _ = fd::write(1, b"\n");
        let _ = fd::close(1);
    }
    let (store, sessions) = Default::default();
    let mut server =
        Server { image, options, rules, signals, store, sessions, leaving: None, pause: None };
    while server.turn()? {}
    let (fds, clients) = (server.store.len() > 0, !server.sessions.is_empty());
    Ok(Next::Exit(i32::from(fds) | i32::from(clients) << 1))
}

fn read(argv: &mut Argv) -> Result<Options, Fail> {
    let (mut verbosity, mut notify, mut rules) = (1, false, None);
    let (mut most_clients, mut most_fds, mut timeout, mut lame_duck) = (16, 1000, 0, 0);
    options::take(argv, "v:1c:n:i:x:t:T:", |letter, word| {
        match letter {
            b'v' => verbosity = options::number(word)?,
            b'1' => notify = true,
            b'i' | b'x' => rules = Some((word, letter == b'i')),
            b't' => timeout = options::number(word)?,
            b'T' => lame_duck = options::number(word)?,
            b'c' => most_clients = options::number(word)?,
            _ => most_fds = options::number(word)?,
        }
        Ok(())
    })?;
    let rules = rules.ok_or_else(no_rules)?;
    let most_clients = most_clients.clamp(1, MOST);
    Ok(Options { verbosity, notify, most_clients, most_fds, timeout, lame_duck, rules })
}

/// How many descriptors can be held: as many as wished, as far as they may be open.
fn room(wished: u32) -> Result<u32, Fail> {
    let (soft, _) = limit::get(RLIMIT_NOFILE).map_err(|errno| Fail::sys("getrlimit", errno))?;
    if soft <= OWN {
        let what = "open file limit too low\nhelp: raise it (ulimit -n) to more than is to be held";
        return Err(Fail::with_code(111, what));
    }
    let most = if u64::from(wished) > soft { soft - OWN } else { wished.into() };
    Ok((most as u32).max(1))
}

impl Server<'_> {
    /// Waits, and does what there is to do; false at the end.
    fn turn(&mut self) -> Result<bool, Fail> {
        let leaving = self.leaving.is_some();
        let is_busy = |s: &Session| s.receiver.is_amid() || !s.sender.is_empty();
        if leaving && !self.sessions.iter().any(is_busy) {
            return Ok(false);
        }
        let full = self.sessions.len() as u32 >= self.options.most_clients;
        let listens = !leaving && !full && self.pause.is_none();
        let mut fds = vec![(self.signals, POLLIN, 0), (if listens { 0 } else { -1 }, POLLIN, 0)];
        for session in &self.sessions {
            let reads = !leaving || session.receiver.is_amid();
            let events = if reads { POLLIN } else { 0 };
            let out = if session.sender.is_empty() { 0 } else { POLLOUT };
            let socket = if events | out == 0 { -1 } else { session.socket.number() };
            fds.push((socket, events | out, 0));
        }
        match event::poll(&mut fds, self.patience()) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        self.store.expire(&tai::pack(now()));
        let time = monotonic();
        if self.leaving.flatten().is_some_and(|end| end <= time) {
            return Ok(false);
        }
        self.pause = self.pause.filter(|end| *end > time);
        if fds[0].2 != 0 {
            self.heed()?;
        }
        let mut came = fds[2..].iter().map(|fd| fd.2);
        for mut session in std::mem::take(&mut self.sessions) {
            let events = came.next().unwrap_or(0);
            if events == 0 && session.deadline.is_some_and(|end| end <= time) {
                continue;
            }
            if events == 0 || self.serve(&mut session, events).is_ok() {
                self.sessions.push(session);
            }
        }
        if fds[1].2 != 0 {
            self.accept()?;
        }
        Ok(true)
    }

    /// How long nothing has to be done, in milliseconds; none: for ever.
    fn patience(&self) -> Option<u64> {
        let ends = self.sessions.iter().filter_map(|session| session.deadline);
        let end = ends.chain(self.leaving.flatten()).chain(self.pause).min();
        let wait = end.map(|end| end.millis_since(monotonic()));
        let moment = tai::pack(now());
        let expiry = self.store.next_end(&moment).map(|end| {
            let part =
                |m: &super::Moment| u32::from_be_bytes([m[8], m[9], m[10], m[11]]) / 1_000_000;
            let seconds = seconds(&end).saturating_sub(seconds(&moment));
            (seconds * 1000 + u64::from(part(&end)) + 1).saturating_sub(part(&moment).into())
        });
        wait.into_iter().chain(expiry).min()
    }

    fn heed(&mut self) -> Result<(), Fail> {
        loop {
            let next = event::read_signal(self.signals);
            match next.map_err(|errno| Fail::sys("read signals", errno))?.map(|s| s.number) {
                None => return Ok(()),
                Some(SIGTERM) if self.leaving.is_none() => {
                    self.leaving = Some(message::deadline(self.options.lame_duck));
                }
                Some(SIGHUP) => match self.options.rules {
                    (_, true) => {}
                    (file, false) => match Rules::cdb(file) {
                        Ok(rules) => self.rules = rules,
                        Err(fail) => self.warn(&format!("keeping the rules: {fail}")),
                    },
                },
                Some(_) => {}
            }
        }
    }

    /// Takes in what has come, answers, and sends what can be sent. An error ends the connection.
    fn serve(&mut self, session: &mut Session, events: i16) -> sys::Result<()> {
        if events & !POLLOUT != 0 {
            match session.receiver.fill(session.socket.number()) {
                Err(Errno::EAGAIN) => {}
                other => other?,
            }
            while let Some(message) = session.receiver.take()? {
                session.answer(message, &mut self.store, self.options.most_fds as usize)?;
                if session.deadline.is_none() {
                    session.deadline = message::deadline(self.options.timeout);
                }
            }
        }
        if !session.sender.is_empty() && session.sender.flush(session.socket.number())? {
            session.deadline = None;
        }
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Fail> {
        match unix::accept(0, unix::SOCK_NONBLOCK) {
            Ok((connection, _)) => {
                let socket = Descriptor::new(connection);
                if let Some(rights) = self.rights(&socket) {
                    let deadline = message::deadline(self.options.timeout);
                    self.sessions.push(Session::new(socket, rights, deadline));
                }
                Ok(())
            }
            Err(Errno::EAGAIN | Errno::ECONNABORTED) => Ok(()),
            Err(errno @ (Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM)) => {
                self.warn(&format!("unable to accept: {}", sys::reason(errno)));
                self.pause = Some(monotonic().plus_millis(PAUSE));
                Ok(())
            }
            Err(errno) => Err(Fail::sys("accept", errno)),
        }
    }

    /// What a new client may do; none: not even be here.
    fn rights(&self, socket: &Descriptor) -> Option<Rights> {
        let (uid, gid) = match unix::peer(socket.number()) {
            Ok(peer) => peer,
            Err(errno) => {
                self.warn(&format!("unable to getpeereid: {}", sys::reason(errno)));
                return None;
            }
        };
        let grant = match self.rules.check(uid, gid) {
            Ok(Verdict::Allow(grant)) => grant,
            Ok(Verdict::Deny | Verdict::Unknown) => return None,
            Err(fail) => {
                self.warn(&format!("error while checking rules: {fail}"));
                return None;
            }
        };
        if grant.exec.is_some() {
            self.warn(&format!("unused exec string in rules for uid {uid} gid {gid}"));
        }
        let mut rights = Rights::default();
        for change in &grant.changes {
            let Some(end) = change.iter().position(|&b| b == b'=') else { continue };
            let (name, value) = (&change[..end], &change[end + 1..]);
            match name {
                b"S6_FDHOLDER_GETDUMP" => rights.get_dump = true,
                b"S6_FDHOLDER_SETDUMP" => rights.set_dump = true,
                b"S6_FDHOLDER_LIST" => rights.list = true,
                b"S6_FDHOLDER_STORE_REGEX" if rights.store.is_none() => {
                    rights.store = Some(self.pattern(name, value)?);
                }
                b"S6_FDHOLDER_RETRIEVE_REGEX" if rights.retrieve.is_none() => {
                    rights.retrieve = Some(self.pattern(name, value)?);
                }
                _ => {}
            }
        }
        Some(rights)
    }

    fn pattern(&self, name: &[u8], value: &[u8]) -> Option<Regex> {
        match Regex::new(&CString::new(value).unwrap_or_default()) {
            Ok(pattern) => Some(pattern),
            Err(bad) => {
                let (name, value, why) = (shown(name), shown(value), shown(&bad.0));
                self.warn(&format!("invalid {name} value: {value}: {why}"));
                None
            }
        }
    }

    fn warn(&self, message: &str) {
        if self.options.verbosity > 0 {
            self.image.warn(message);
        }
    }
}
