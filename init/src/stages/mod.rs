//! The container, from `/init` to its exit code.
//!
//! ```text
//! /init -> preinit -> fork -> PID 1: supervises, reaps, ends the container (pid1, shutdown)
//!                         \-> stage 2: hook, cont-init.d, services.d, then the CMD itself
//! ```
//!
//! Everything up to the fork happens in the process that the container manager started. Stage 2
//! is forked before PID 1 has a tree, so it inherits nothing of one; the two share a pipe through
//! which stage 2 tells how far it is, and a socket over which it asks for a scan. There is no
//! third process.
//!
//! Exit codes of `/init`: the container's, from the exitcode file; before the container is up 100
//! for a container that is set up wrongly and 111 where the system says no.

mod alive;
mod catch_all;
pub(crate) mod contenv;
pub(crate) mod copy;
mod elsewhere;
pub(crate) mod env_files;
pub(crate) mod late;
mod layout;
mod linux_init;
mod memory;
mod milestone;
mod oneshots;
pub(crate) mod path;
mod pid1;
mod planned;
mod preinit;
mod relay;
mod results;
mod run_dir;
mod say;
mod script;
mod shutdown;
mod stage2;
mod terminal;
pub(crate) mod wipe;

use crate::scan::{Config, Tree};
use crate::supervise::record::In;
use alive::Scope;
use catch_all::Log;
use contenv::Contenv;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use pid1::Pid1;
use say::Say;
use shutdown::End;
use sys::process::Fork;
use sys::signal::{SIGCHLD, Set};

/// The commands of the stages; sorted by name.
pub static COMMANDS: &[Command] = &[
    oneshots::CONT_FINISH,
    oneshots::CONT_INIT,
    oneshots::FIX_ATTRS,
    linux_init::HALT,
    COMMAND,
    linux_init::POWEROFF,
    linux_init::REBOOT,
    linux_init::HPR,
    linux_init::INIT_SHUTDOWN,
    linux_init::TELINIT,
    oneshots::SERVICES_DOWN,
    oneshots::SERVICES_UP,
    linux_init::SHUTDOWN,
];

/// `/init`.
const COMMAND: Command =
    Command { name: "init", usage: "init [ cmd... ]", run, kind: Kind::Daemon };

fn run(image: &mut Image, cmd: Argv) -> Ran {
    preinit::alone()?;
    sys::fs::umask(0o022);
    let path = path::complete(image.env.get(b"PATH"));
    image.env.set(b"PATH", &path);
    image.enter(image.command);
    let trouble = env_files::expand(&mut image.env);
    let contenv = Contenv::new(image.env.clone());
    let mut say = Say::new(contenv.verbosity());
    for what in trouble {
        say.warn(&[b"init: warning: ", &what]);
    }
    preinit::wait_for_manager(&contenv, &mut say);
    preinit::prepare(&contenv, &mut say)?;
    let workdir = layout::lay(&contenv, &mut say)?;
    let env = match contenv.is_kept() {
        true => image.env.vars().to_vec(),
        false => image.env.vars().iter().filter(|v| is_path(v)).copied().collect(),
    };
    // Asked before the fork: the child is never PID 1.
    let scope = Scope::here();
    fork(image, cmd, Container { contenv, say, env, workdir, scope, log: None })
}

fn is_path(var: &Arg) -> bool {
    var.to_bytes().starts_with(b"PATH=")
}

/// What both sides of the fork need.
struct Container {
    contenv: Contenv,
    say: Say,
    env: Vec<Arg>,
    workdir: Vec<u8>,
    scope: Scope,
    log: Option<Log>,
}

impl Container {
    fn console(&self) -> i32 {
        self.log.map_or(2, |log| log.console)
    }
}

fn fork(image: &mut Image, cmd: Argv, mut container: Container) -> Ran {
    let fail = |what: &'static str| move |errno| Fail::sys(what, errno);
    terminal::open_output_to_all();
    if container.scope == Scope::Namespace {
        terminal::give_up(2);
    }
    // A signal that comes before the tree listens waits for it.
    let mut signals = crate::scan::tree::SIGNALS.to_vec();
    signals.push(SIGCHLD);
    sys::signal::block(&Set::of(&signals));
    sys::fs::chdir(c"/").map_err(fail("change the working directory to /"))?;
    let (told, tell) =
        sys::fd::pipe(sys::fd::O_CLOEXEC | sys::fd::O_NONBLOCK).map_err(fail("make a pipe"))?;
    let (ours, theirs) = sys::fd::socketpair(sys::fd::SOCK_SEQPACKET | sys::fd::SOCK_CLOEXEC)
        .map_err(fail("make a socket pair"))?;
    let Container { contenv, say, log, .. } = &mut container;
    *log = catch_all::begin(image, contenv, say);
    container.say.flush();
    let forked = sys::process::fork().inspect_err(|_| back(container.log));
    match forked.map_err(fail("fork"))? {
        Fork::Child => {
            let _ = sys::fd::close(told);
            let _ = sys::fd::close(ours);
            container.log.map(|log| sys::fd::close(log.reader));
            begin_session(&container);
            stage2(image, cmd, container, tell, theirs)
        }
        Fork::Parent(pid) => {
            let _ = sys::fd::close(tell);
            let _ = sys::fd::close(theirs);
            pid1(container, pid, told, ours)
        }
    }
}

/// What is said from now on nobody would log.
fn back(log: Option<Log>) {
    if let Some(log) = log {
        log.leave();
    }
}

/// Where the session is not ours to leave the terminal is still reached by its group.
fn begin_session(container: &Container) {
    match container.scope == Scope::Own && terminal::is_there(container.console()) {
        true => drop(sys::process::setpgid(0, 0)),
        false => drop(sys::process::setsid()),
    }
}

fn stage2(image: &mut Image, cmd: Argv, container: Container, pipe: i32, socket: i32) -> Ran {
    let console = container.console();
    let Container { contenv, say, env, workdir, .. } = container;
    sys::signal::set_mask(&Set::empty());
    sys::process::set_name(c"rc.init");
    let stage = stage2::Stage2 {
        contenv,
        say,
        env,
        console,
        pipe,
        socket,
        workdir,
        deadline: None,
        met: false,
    };
    stage.run(image, cmd)
}

fn pid1(container: Container, stage2: i32, pipe: i32, socket: i32) -> Ran {
    let Container { contenv, env, scope, log, .. } = container;
    sys::process::set_name(c"s6-svscan");
    terminal::read_nothing();
    if scope == Scope::Own {
        sys::process::set_subreaper(true).map_err(|e| Fail::sys("become a subreaper", e))?;
    } else {
        // A container manager that has not made a session leaves that to us.
        let _ = sys::process::setsid();
    }
    let mut config = Config::new(preinit::SCANDIR, env.clone());
    let mut director = Pid1::new(contenv, env, scope, stage2, pipe);
    config.signals = director.heard();
    config.console = log.map(|log| log.console);
    let mut tree = Tree::new(config).inspect_err(|_| back(log))?;
    if let Some(format) = director.lines() {
        tree.name_lines(format);
    }
    let served = tree.serve(socket).map_err(|e| Fail::sys("listen to stage 2", e));
    served.inspect_err(|_| back(log))?;
    crate::scan::request::greet(socket);
    if let Some(log) = log {
        tree.scan();
        tree.hold_log(log.reader);
    }
    Ok(Next::Exit(see_through(tree, director)))
}

/// PID 1 from now to its end. The container's code.
fn see_through(mut tree: Tree, mut director: Pid1) -> i32 {
    tree.run(&mut director);
    let (how, code) = director.end();
    elsewhere::leave();
    if director.syncs() {
        sys::process::sync();
    }
    leave(director.scope(), how, code)
}

/// PID 1 where an earlier program of it has left off. `None`: that is not what it has written.
pub fn resume(tree: Tree, image: &Image, rest: &mut In) -> Option<i32> {
    sys::process::set_name(c"s6-svscan");
    let director = Pid1::load(Contenv::new(image.env.clone()), rest)?;
    Some(see_through(tree, director))
}

/// Ends as upstream does: the kernel ends a namespace's PID 1 that asks for a restart or for
/// power off by a signal. Where it refuses, the code is 111.
fn leave(scope: Scope, how: End, code: i32) -> i32 {
    use nix::sys::reboot::{RebootMode, reboot};
    let mode = match how {
        _ if scope == Scope::Own => return code,
        End::Halt => return code,
        End::Poweroff => RebootMode::RB_POWER_OFF,
        End::Reboot => RebootMode::RB_AUTOBOOT,
    };
    let _ = reboot(mode);
    111
}
