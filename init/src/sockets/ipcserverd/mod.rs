//! `s6-ipcserverd`: starts a program for each connection to the socket that is its input.

mod program;

use super::info;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use program::Program;
use stdlib_commands::options;
use sys::event::{self, POLLERR, POLLHUP, POLLIN};
use sys::signal::{
    self, Disposition, SIGABRT, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGPIPE, SIGQUIT, SIGTERM, Set,
};
use sys::spawn::Action;
use sys::{Errno, fd, unix};

/// Exit codes: 0 a signal ended it, 100 wrong usage or no socket, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-ipcserverd",
    usage: "s6-ipcserverd [ -v verbosity ] [ -1 ] [ -P | -p ] [ -c maxconn ] [ -C localmaxconn ] \
            prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// More connections than this at once there never are.
const MOST: u32 = 16384;

/// How long nothing is accepted after the kernel had no room for a connection, in milliseconds,
/// unless a child ends.
const PAUSE: u64 = 1000;

const SIGNALS: [i32; 5] = [SIGCHLD, SIGTERM, SIGHUP, SIGQUIT, SIGABRT];

struct Options {
    verbosity: u32,
    notify: bool,
    lookup: bool,
    most: u32,
    most_local: u32,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = read(&mut argv)?;
    set_up(options.notify)?;
    let set = Set::of(&SIGNALS);
    let fail = |errno| Fail::sys("trap signals", errno);
    let mut ignored = Vec::new();
    for signal in SIGNALS {
        if signal::dispose(signal, Disposition::Default).map_err(fail)? {
            ignored.push(Action::IgnoreSignal(signal));
        }
    }
    signal::dispose(SIGPIPE, Disposition::Ignore).map_err(fail)?;
    signal::block(&set);
    let signals = event::signalfd(&set).map_err(fail)?;
    let program = Program::new(image, argv);
    let clients = Vec::new();
    let mut server = Server { image, program, options, signals, ignored, clients, full: false };
    if server.options.verbosity >= 2 {
        info(image, "starting");
        server.tell_status();
    }
    if server.options.notify {
        let _ = fd::write(1, b"\n");
        let _ = fd::close(1);
    }
    while server.turn()? {}
    if server.options.verbosity >= 2 {
        info(image, "exiting");
    }
    Ok(Next::Exit(0))
}

fn read(argv: &mut Argv) -> Result<Options, Fail> {
    let mut options =
        Options { verbosity: 1, notify: false, lookup: true, most: 40, most_local: 40 };
    options::take(argv, "Pp1c:C:v:", |letter, word| {
        match letter {
            b'P' | b'p' => options.lookup = letter == b'p',
            b'1' => options.notify = true,
            b'c' => options.most = options::number(word)?,
            b'C' => options.most_local = options::number(word)?,
            _ => options.verbosity = options::number(word)?,
        }
        Ok(())
    })?;
    if argv.first().is_none_or(|program| program.is_empty()) {
        return Err(Fail::usage());
    }
    options.most = options.most.clamp(1, MOST);
    let local = if options.lookup { options.most_local } else { MOST };
    options.most_local = local.min(options.most);
    Ok(options)
}

/// The socket is for this process, and the output for who waits until it is ready.
pub fn set_up(notify: bool) -> Result<(), Fail> {
    let input = sys::fs::fstat(0).map_err(|errno| Fail::sys("fstat stdin", errno))?;
    if !input.is_socket() {
        let help = "s6-ipcserver-socketbinder makes one and runs this";
        return Err(Fail::bad(format!("stdin is not a socket\nhelp: {help}")));
    }
    fd::set_cloexec(0, true).map_err(|errno| Fail::sys("make socket close-on-exec", errno))?;
    if notify {
        fd::flags(1).map_err(|errno| {
            Fail::bad(format!("called with option -1 but stdout said: {}", sys::reason(errno)))
        })?;
    } else {
        let _ = fd::close(1);
    }
    Ok(())
}

struct Client {
    pid: i32,
    uid: u32,
}

struct Server<'a> {
    image: &'a Image,
    program: Program<'a>,
    options: Options,
    signals: i32,
    /// What was ignored when it began is ignored by the programs.
    ignored: Vec<Action>,
    clients: Vec<Client>,
    /// The kernel had no room for the last connection.
    full: bool,
}

impl Server<'_> {
    /// Waits, and does what there is to do; false at the end.
    fn turn(&mut self) -> Result<bool, Fail> {
        let room = (self.clients.len() as u32) < self.options.most && !self.full;
        let mut fds = [(self.signals, POLLIN, 0), (0, POLLIN, 0)];
        let watched = if room { &mut fds[..] } else { &mut fds[..1] };
        match event::poll(watched, self.full.then_some(PAUSE)) {
            Ok(0) => self.full = false,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        if fds[0].2 != 0 {
            return self.heed();
        }
        if fds[1].2 & (POLLERR | POLLHUP) != 0 {
            let help = "it does not listen: s6-ipcserver-socketbinder -b 0 makes such a socket";
            let what = format!("trouble with socket\nhelp: {help}");
            return Err(Fail::with_code(111, what));
        }
        if fds[1].2 & POLLIN != 0 {
            self.accept()?;
        }
        Ok(true)
    }

    fn heed(&mut self) -> Result<bool, Fail> {
        let mut on = true;
        loop {
            let next = event::read_signal(self.signals);
            let Some(signal) = next.map_err(|errno| Fail::sys("read signals", errno))? else {
                return Ok(on);
            };
            let (name, doing) = match signal.number {
                SIGCHLD => {
                    self.reap()?;
                    continue;
                }
                SIGTERM => ("SIGTERM", " quitting"),
                SIGHUP => ("SIGHUP", " sending SIGTERM+SIGCONT to all connections"),
                SIGQUIT => ("SIGQUIT", " sending SIGTERM+SIGCONT to all connections and quitting"),
                _ => ("SIGABRT", " sending SIGKILL to all connections and quitting"),
            };
            if self.options.verbosity >= 2 {
                info(self.image, &format!("received {name},{doing}"));
            }
            match signal.number {
                SIGTERM => {}
                SIGABRT => self.kill(SIGKILL),
                _ => {
                    self.kill(SIGTERM);
                    self.kill(SIGCONT);
                }
            }
            on &= signal.number == SIGHUP;
        }
    }

    fn kill(&self, signal: i32) {
        for client in &self.clients {
            let _ = signal::kill(client.pid, signal);
        }
    }

    fn reap(&mut self) -> Result<(), Fail> {
        loop {
            let (pid, status) = match sys::process::wait_any(-1, false) {
                Ok(Some(ended)) => ended,
                Ok(None) | Err(Errno::ECHILD) => return Ok(()),
                Err(errno) => return Err(Fail::sys("wait for children", errno)),
            };
            self.full = false;
            interpreter::trace::ended(pid, status);
            let Some(at) = self.clients.iter().position(|client| client.pid == pid) else {
                continue;
            };
            let client = self.clients.swap_remove(at);
            if self.options.verbosity >= 2 {
                let uid = self.shown(client.uid);
                let (how, number) = match status.signal() {
                    Some(signal) => ("signal", signal),
                    None => ("exitcode", status.code().unwrap_or(0)),
                };
                info(self.image, &format!("end pid {pid} uid {uid} {how} {number}"));
                self.tell_status();
            }
        }
    }

    fn accept(&mut self) -> Result<(), Fail> {
        let (connection, name) = match unix::accept(0, 0) {
            Ok(connection) => connection,
            Err(Errno::EAGAIN) => return Ok(()),
            Err(errno @ (Errno::EOPNOTSUPP | Errno::EINVAL | Errno::EBADF)) => {
                return Err(Fail::sys("accept", errno));
            }
            Err(errno) => {
                let short = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM];
                self.full = short.contains(&errno);
                self.warn(&format!("unable to accept: {}", sys::reason(errno)));
                return Ok(());
            }
        };
        self.serve(connection, &name);
        let _ = fd::close(connection);
        Ok(())
    }

    fn serve(&mut self, connection: i32, name: &[u8]) {
        let (mut uid, mut gid) = (0, 0);
        if self.options.lookup {
            match unix::peer(connection) {
                Ok(peer) => (uid, gid) = peer,
                Err(errno) => {
                    return self.warn(&format!("unable to getpeereid: {}", sys::reason(errno)));
                }
            }
        }
        let count = self.clients.iter().filter(|client| client.uid == uid).count();
        let most = self.options.most_local;
        if count >= most as usize {
            let (uid, gid, count) = (self.shown(uid), self.shown(gid), self.shown(count as u32));
            return info(self.image, &format!("deny {uid}:{gid} count {count}/{most}"));
        }
        let set = |name: &str, value: u32| match self.options.lookup {
            true => format!("{name}={value}").into_bytes(),
            false => name.into(),
        };
        let number = if self.options.lookup { count.to_string() } else { String::new() };
        let changes = [
            b"PROTO=IPC".to_vec(),
            set("IPCREMOTEEUID", uid),
            set("IPCREMOTEEGID", gid),
            format!("IPCCONNNUM={number}").into_bytes(),
            [b"IPCREMOTEPATH=", name].concat(),
        ];
        let mut actions = vec![
            Action::Close(self.signals),
            Action::Move { to: 0, from: connection },
            Action::Copy { to: 1, from: 0 },
            Action::DefaultSignal(SIGPIPE),
        ];
        actions.extend(&self.ignored);
        actions.push(Action::UnblockSignals);
        match self.program.start(&changes, &actions) {
            Err(failed) if self.options.verbosity > 0 => self.program.tell_failure(failed),
            Err(_) => {}
            Ok(pid) => {
                self.clients.push(Client { pid, uid });
                if self.options.verbosity >= 2 {
                    let (uid, gid) = (self.shown(uid), self.shown(gid));
                    let count = self.shown(count as u32 + 1);
                    let allowed = format!("allow {uid}:{gid} pid {pid} count {count}/{most}");
                    info(self.image, &allowed);
                    self.tell_status();
                }
            }
        }
    }

    fn tell_status(&self) {
        let (count, most) = (self.clients.len(), self.options.most);
        info(self.image, &format!("status: {count}/{most}"));
    }

    fn warn(&self, message: &str) {
        if self.options.verbosity > 0 {
            self.image.warn(message);
        }
    }

    /// What is known of clients only where they are looked up.
    fn shown(&self, number: u32) -> String {
        if self.options.lookup { number.to_string() } else { "?".into() }
    }
}
