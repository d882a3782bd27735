//! `s6-sudod`: runs a program for the client at its standard input and output, with the client's
//! arguments and descriptors.

use super::message::{self, Deadline, Descriptor, Message, Receiver};
use super::sudoc::{CLIENT, SERVER};
use interpreter::arg::{Arg, Argv, leak_blob};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::event::{self, POLLIN};
use sys::process::Status;
use sys::signal::{self, Disposition, SIGCHLD, SIGCONT, SIGPIPE, SIGTERM, Set};
use sys::spawn::Action;
use sys::{Errno, fd};

/// Exit codes: 0 the program has run, 1 the client has gone, 100 wrong usage or a wrong client,
/// 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-sudod",
    usage: "s6-sudod [ -0 ] [ -1 ] [ -2 ] [ -d ] [ -t timeout ] args...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// A client sends no more words, and no more variables.
const MOST: u32 = 131_072;

struct Options {
    /// Which of the standard descriptors are not the client's.
    own: [bool; 3],
    detached: bool,
    deadline: Deadline,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = read(&mut argv)?;
    for socket in [0, 1] {
        fd::set_nonblock(socket, true)
            .map_err(|errno| Fail::sys("make socket non-blocking", errno))?;
    }
    let fail = |errno| Fail::sys("trap SIGCHLD", errno);
    let deadline = options.deadline;
    message::write_all(1, SERVER, deadline)
        .map_err(|errno| Fail::sys("write banner to client", errno))?;
    let message = message::receive(0, &mut Receiver::default(), deadline)
        .map_err(|errno| Fail::sys("read message from client", errno))?;
    let order = parse(image, &argv, message)?;
    let fds = descriptors(order.fds, options.own)?;
    signal::dispose(SIGCHLD, Disposition::Default).map_err(fail)?;
    let set = Set::of(&[SIGCHLD]);
    signal::block(&set);
    let signals = event::signalfd(&set).map_err(fail)?;
    let mut actions = vec![Action::Close(signals)];
    actions.extend(fds.iter().zip(0..).map(|(fd, to)| Action::Move { to, from: fd.number() }));
    actions.push(Action::UnblockSignals);
    let pid = match image.spawn(&order.argv, Some(&order.env), &actions) {
        Ok(pid) => pid,
        Err(failed) => {
            let _ = message::write_all(1, &[failed.errno as i32 as u8], deadline);
            return Err(image.spawn_fail(&order.argv, failed));
        }
    };
    // What is left as the program's standard error is this one's own.
    fds.into_iter().filter(|fd| fd.number() == 2).for_each(|fd| {
        fd.release();
    });
    if let Err(errno) = message::write_all(1, &[0], deadline) {
        // A client that goes this early has gone all the same; the original leaves its program
        // running.
        if !options.detached {
            end(pid);
            return Err(Fail::sys("send confirmation to client", errno));
        }
    }
    let Some(status) = attend(pid, signals, options.detached)? else { return Ok(Next::Exit(1)) };
    let _ = signal::dispose(SIGPIPE, Disposition::Ignore);
    fd::set_nonblock(1, false).map_err(|errno| Fail::sys("set stdout blocking", errno))?;
    match fd::write_all(1, &status.0.to_be_bytes()) {
        Err(Errno::EPIPE) if options.detached => {}
        other => other.map_err(|errno| Fail::sys("write status to client", errno))?,
    }
    Ok(Next::Exit(0))
}

fn read(argv: &mut Argv) -> Result<Options, Fail> {
    let (mut own, mut detached, mut timeout) = ([false; 3], false, 0);
    options::take(argv, "012dt:", |letter, word| {
        match letter {
            b'd' => (own, detached) = ([true; 3], true),
            b't' => timeout = options::number(word)?,
            digit => own[usize::from(digit - b'0')] = true,
        }
        Ok(())
    })?;
    Ok(Options { own, detached, deadline: message::deadline(timeout) })
}

/// What is to run.
struct Order {
    argv: Argv,
    env: Vec<Arg>,
    fds: Vec<Descriptor>,
}

fn parse(image: &Image, argv: &Argv, message: Message) -> Result<Order, Fail> {
    if message.fds.len() != 3 {
        return Err(Fail::bad("client did not send 3 fds"));
    }
    let Some(request) = message.bytes.strip_prefix(CLIENT) else {
        return Err(Fail::bad("wrong client banner"));
    };
    let (head, words) =
        request.split_first_chunk::<16>().ok_or_else(|| Fail::bad("wrong client message"))?;
    let number = |i: usize| {
        let bytes = &head[i * 4..][..4];
        bytes.iter().fold(0u32, |number, &byte| number << 8 | u32::from(byte))
    };
    let (argc, envc, arg_length, env_length) = (number(0), number(1), number(2), number(3));
    if u64::from(arg_length) + u64::from(env_length) != words.len() as u64 {
        return Err(Fail::bad("wrong client argc/envlen"));
    }
    if argc > MOST || envc > MOST {
        return Err(Fail::bad("too many args/envvars from client"));
    }
    if argv.is_empty() && argc == 0 {
        return Err(Fail::bad("client and server args both empty"));
    }
    let (words, vars) = words.split_at(arg_length as usize);
    let mut all = argv.to_vec();
    all.extend(blob(words, argc, "argv")?);
    let mut env = image.env.vars().to_vec();
    for var in blob(vars, envc, "envp")? {
        let bytes = var.to_bytes();
        let Some(end) = bytes.iter().position(|&b| b == b'=') else {
            let _ = message::write_all(1, &[Errno::EINVAL as i32 as u8], None);
            return Err(Fail::bad("bad environment from client"));
        };
        let name = &bytes[..=end];
        // Only what is there, and empty, is the client's to set.
        let place = env.iter_mut().find(|own| own.to_bytes().starts_with(name));
        if let Some(own) = place.filter(|own| own.to_bytes() == name) {
            *own = var;
        }
    }
    Ok(Order { argv: Argv::new(all), env, fds: message.fds })
}

/// So many words with a NUL behind each.
fn blob(bytes: &[u8], count: u32, what: &str) -> Result<Vec<Arg>, Fail> {
    let words = leak_blob(bytes.to_vec(), count as usize);
    if words.len() == count as usize && bytes.last().is_none_or(|&last| last == 0) {
        return Ok(words);
    }
    let _ = message::write_all(1, &[Errno::EINVAL as i32 as u8], None);
    Err(Fail::sys_with(111, format!("make child {what}"), Errno::EINVAL))
}

/// The program's standard descriptors.
fn descriptors(fds: Vec<Descriptor>, own: [bool; 3]) -> Result<Vec<Descriptor>, Fail> {
    let null = |flags: i32, what: &str| {
        fd::null(flags | fd::O_CLOEXEC)
            .map(Descriptor::new)
            .map_err(|errno| Fail::sys(format!("open /dev/null for {what}"), errno))
    };
    let mut all = Vec::with_capacity(3);
    for (i, fd) in fds.into_iter().enumerate() {
        all.push(match i {
            _ if !own[i] => fd,
            0 => null(fd::O_RDONLY, "reading")?,
            1 => null(fd::O_WRONLY, "writing")?,
            _ => Descriptor::new(2),
        });
    }
    Ok(all)
}

/// Waits for the program's end. None: the client went before, and the program has been told to
/// end; not so where it is detached.
fn attend(pid: i32, signals: i32, detached: bool) -> Result<Option<Status>, Fail> {
    let mut client = 0;
    loop {
        let mut fds = [(signals, POLLIN, 0), (client, 0, 0)];
        match event::poll(&mut fds, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        let _ = event::read_signal(signals);
        match sys::process::wait_any(pid, false) {
            Ok(Some((_, status))) => {
                interpreter::trace::ended(pid, status);
                return Ok(Some(status));
            }
            Ok(None) => {}
            Err(errno) => return Err(Fail::sys("wait for the program", errno)),
        }
        if fds[1].2 != 0 {
            if !detached {
                end(pid);
                return Ok(None);
            }
            client = -1;
        }
    }
}

/// Tells the program to end, also where it is stopped.
fn end(pid: i32) {
    let _ = signal::kill(pid, SIGTERM);
    let _ = signal::kill(pid, SIGCONT);
}
