//! The stages as scripts of oneshots: what `fix-attrs`, `legacy-cont-init` and `legacy-services`
//! have in `up` and `down`, for an image whose own services stand in the graph with them. Each is
//! the interpreter of a script below `etc/s6-rc/scripts`, where images put scripts of their own.

mod down;

use super::contenv::Contenv;
use super::say::Say;
use super::stage2::{Failed, Stage2, fix_attrs, init_scripts, services};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::time::monotonic;

macro_rules! script {
    ($name:literal, $run:path) => {
        Command {
            name: $name,
            usage: concat!($name, " [ script ]"),
            run: |image, argv| script(image, &argv, $run),
            kind: Kind::Daemon,
            examine: None,
        }
    };
}

/// `fix-attrs` up.
pub const FIX_ATTRS: Command = script!("fix-attrs", fix_attrs::run);
/// `legacy-cont-init` up.
pub const CONT_INIT: Command = script!("cont-init", init_scripts::run);
/// `legacy-cont-init` down.
pub const CONT_FINISH: Command = script!("cont-finish", down::finish_scripts);
/// `legacy-services` up.
pub const SERVICES_UP: Command = script!("services-up", services_up);
/// `legacy-services` down.
pub const SERVICES_DOWN: Command = script!("services-down", down::services);

/// Exit codes: 0 done, 1 something failed and `S6_BEHAVIOUR_IF_STAGE2_FAILS` is 2, 100 wrong usage,
/// 111 the system said no. The one word that there may be is the script's path.
fn script(image: &mut Image, argv: &Argv, run: fn(&mut Stage2) -> Result<(), Failed>) -> Ran {
    if argv.len() > 1 {
        return Err(Fail::usage());
    }
    image.env.unset(b"RC_NAME");
    let mut contenv = Contenv::new(image.env.clone());
    contenv.touch();
    let say = Say::new(contenv.verbosity());
    let env = image.env.vars().to_vec();
    let mut stage = Stage2::of_a_oneshot(contenv, say, env);
    let done = run(&mut stage);
    stage.say.flush();
    Ok(Next::Exit(match done {
        Ok(()) => 0,
        Err(Failed::Stop(code) | Failed::Stage(_, code) | Failed::Graph(code)) => code,
        // It is in a process of its own.
        Err(Failed::TimedOut | Failed::Left(_)) => 1,
    }))
}

/// Asks the tree by its own socket.
fn services_up(stage: &mut Stage2) -> Result<(), Failed> {
    let limit = stage.contenv.number_or(b"S6_CMD_WAIT_FOR_SERVICES_MAXTIME", 0);
    stage.deadline = (limit > 0).then(|| (monotonic().plus_millis(limit), limit));
    match crate::scan::request::connect(super::preinit::SCANDIR) {
        Ok(socket) => stage.socket = socket,
        Err(errno) => {
            let reason = sys::reason(errno);
            let what = b"services-up: fatal: unable to reach the supervisor of /run/service: ";
            stage.say.error(&[what, reason.as_bytes()]);
            return Err(Failed::Stop(111));
        }
    }
    services::run(stage)
}
