//! The container, from `/init` to its exit code.
//!
//! ```text
//! /init -> preinit -> PID 1's tree -> stage 2: hook, cont-init.d, services.d, then the CMD itself
//!                                  \-> PID 1: supervises, reaps, ends the container (pid1, shutdown)
//! ```
//!
//! Everything up to the tree happens in the process that the container manager started. Stage 2
//! begins there, too, and becomes a process of its own when there is something to run; where there
//! is nothing but the CMD, that is the first process to be made. The two share a pipe through
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
mod take_run;
mod terminal;
pub(crate) mod wipe;

use crate::scan::{Config, Tree};
use crate::supervise::record::In;
use alive::Scope;
use catch_all::Log;
use contenv::Contenv;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};
use milestone::Progress;
use pid1::Pid1;
use say::Say;
use shutdown::End;
use stage2::{Beside, Place, Stage2, Went};
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
    BY_SCRIPT,
    oneshots::SERVICES_DOWN,
    oneshots::SERVICES_UP,
    linux_init::SHUTDOWN,
];

/// `/init`.
const COMMAND: Command =
    Command { name: "init", usage: "init [ cmd... ]", run, kind: Kind::Daemon, examine: None };

/// The interpreter of `/init`, which is a script so that an image can have another in its place.
const BY_SCRIPT: Command = Command {
    name: "s6-overlay-init",
    usage: "s6-overlay-init script [ cmd... ]",
    run: |image, mut argv| {
        argv.next_word().ok_or_else(Fail::usage)?;
        image.command = &COMMAND;
        run(image, argv)
    },
    kind: Kind::Daemon,
    examine: None,
};

fn run(image: &mut Image, cmd: Argv) -> Ran {
    let scope = Scope::here();
    preinit::alone(scope)?;
    let was = take_run::take(image, &cmd);
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
    preinit::prepare(&contenv, was, &mut say)?;
    let workdir = layout::lay(&contenv, image.argv0, &mut say)?;
    let env = match contenv.is_kept() {
        true => image.env.vars().to_vec(),
        false => image.env.vars().iter().filter(|v| is_path(v)).copied().collect(),
    };
    begin(image, cmd, Container { contenv, say, env, workdir, scope, log: None })
}

fn is_path(var: &Arg) -> bool {
    var.to_bytes().starts_with(b"PATH=")
}

/// What PID 1 and stage 2 need.
struct Container {
    contenv: Contenv,
    say: Say,
    env: Vec<Arg>,
    workdir: Vec<u8>,
    scope: Scope,
    log: Option<Log>,
}

fn begin(image: &mut Image, cmd: Argv, mut container: Container) -> Ran {
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
    let Container { contenv, say, log, .. } = &mut container;
    *log = catch_all::begin(image, contenv, say);
    let (tree, director) = supervise(&container).inspect_err(|_| back(container.log))?;
    let log = container.log;
    let Container { contenv, say, env, workdir, scope, .. } = container;
    let console = log.map_or(2, |log| log.console);
    let stage = Stage2 {
        contenv,
        say,
        env,
        console,
        place: Place::Within { tree: Box::new(tree), progress: Progress::default(), log, scope },
        socket: -1,
        workdir,
        deadline: None,
    };
    match stage.run(image, cmd) {
        Went::Apart(ran) => ran,
        Went::Here(tree, beside) => pid1(*tree, director, beside, log),
        Went::Nowhere(fail) => {
            back(log);
            Err(fail)
        }
    }
}

/// What is said from now on nobody would log.
fn back(log: Option<Log>) {
    if let Some(log) = log {
        log.leave();
    }
}

/// PID 1's tree, which hears of everything from now on.
fn supervise(container: &Container) -> Result<(Tree, Pid1), Fail> {
    let Container { contenv, env, scope, log, .. } = container;
    sys::process::set_name(c"s6-svscan");
    if *scope == Scope::Own {
        sys::process::set_subreaper(true).map_err(|e| Fail::sys("become a subreaper", e))?;
    }
    let mut config = Config::new(preinit::SCANDIR, env.clone());
    let mut director = Pid1::new(contenv.clone(), env.clone(), *scope);
    config.signals = director.heard();
    config.console = log.map(|log| log.console);
    let mut tree = Tree::new(config)?;
    tree.is_new();
    if let Some(format) = director.lines() {
        tree.name_lines(format);
    }
    Ok((tree, director))
}

/// PID 1, once stage 2 has gone its own way.
fn pid1(mut tree: Tree, mut director: Pid1, beside: Beside, log: Option<Log>) -> Ran {
    terminal::read_nothing();
    if director.scope() == Scope::Namespace {
        // A container manager that has not made a session leaves that to us.
        let _ = sys::process::setsid();
    }
    if let Some(socket) = beside.socket {
        let served = tree.serve(socket).map_err(|e| Fail::sys("listen to stage 2", e));
        served.inspect_err(|_| back(log))?;
    }
    director.goes_on(&mut tree, beside);
    if let Some(log) = log {
        tree.scan();
        tree.hold_log(log.reader);
    }
    see_through(tree, director)
}

/// PID 1 from now to its end, which is the container's: nothing is put away before it.
fn see_through(mut tree: Tree, mut director: Pid1) -> ! {
    tree.run(&mut director);
    let (how, code) = director.end();
    elsewhere::leave();
    if director.syncs() {
        sys::process::sync();
    }
    sys::process::exit(leave(director.scope(), how, code))
}

/// PID 1 where an earlier program of it has left off. `None`: that is not what it has written.
pub fn resume(tree: Tree, image: &Image, rest: &mut In) -> Option<i32> {
    sys::process::set_name(c"s6-svscan");
    let director = Pid1::load(Contenv::new(image.env.clone()), rest)?;
    see_through(tree, director)
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
