//! The CMD: what stage 2 becomes.

use super::{Beside, Failed, Place, Stage2, Went, fatal, words};
use crate::stages::layout::{CMDPID, WORKDIR};
use crate::stages::milestone::Milestone;
use crate::stages::{results, script, terminal};
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::resolve::Target;
use interpreter::word::{Cause, Fail, Next, NoExec, Ran};
use sys::Errno;
use sys::spawn::Action;

/// Becomes the CMD, in the image's working directory and with the container's terminal.
/// Comes back with the next word where that is one of ours, or with the reason why not: 127 or
/// 126.
pub fn become_it(mut stage: Stage2, image: &mut Image, mut cmd: Argv) -> Went {
    if let Some(front) = stage.contenv.get(b"S6_CMD_ARG0") {
        cmd.prepend(&words(&front));
    }
    // Scripts may have put another directory in the file.
    let mut dir = std::mem::take(&mut stage.workdir);
    if stage.contenv.is_touched() {
        dir = sys::fd::read_file_bytes(WORKDIR).unwrap_or(dir);
    }
    let dir = dir.strip_suffix(b"\n").unwrap_or(&dir);
    image.env.set(b"PWD", dir);
    image.env.set(b"OLDPWD", b"/");
    stage.say.flush();
    if let Some(pid) = start(&stage, image, &cmd, dir) {
        stage.tell(Milestone::Cmd);
        return stage.went(Ok(Beside { pid: Some(pid), ..Beside::default() }));
    }
    match stage.leave() {
        Err(Failed::Left(left)) => stage.went(left),
        _ => Went::Apart(enter(&mut stage, image, cmd, dir)),
    }
}

/// Starts it out of PID 1's process, without a stage 2 of its own: where that has nothing else to
/// do and nothing goes wrong. Whatever does is seen again, and told, by a stage 2 that is apart.
fn start(stage: &Stage2, image: &Image, cmd: &Argv, dir: &[u8]) -> Option<i32> {
    let Place::Within { tree, .. } = &stage.place else { return None };
    let asked = |name: &[u8]| stage.contenv.number_or(name, 0) > 0;
    if asked(b"S6_CMD_RECEIVE_SIGNALS")
        || asked(b"S6_CMD_USE_TERMINAL")
        || terminal::is_there(stage.console)
    {
        return None;
    }
    let Target::Files(files) = image.resolve(cmd.first()?) else { return None };
    let mut actions = tree.actions_of_old();
    actions.push(Action::Setsid);
    if dir != b"/" {
        actions.push(Action::Chdir(leak(dir.to_vec())));
    }
    sys::spawn::spawn(&files, cmd, image.env.vars(), &actions).ok()
}

/// In stage 2's own process.
fn enter(stage: &mut Stage2, image: &mut Image, cmd: Argv, dir: &[u8]) -> Ran {
    if dir != b"/" {
        let there = sys::with_cstr(dir, sys::fs::chdir);
        there.map_err(|errno| fatal("change the working directory to", dir, errno))?;
    }
    let contenv = &stage.contenv;
    terminal::take(stage.console);
    if contenv.number_or(b"S6_CMD_USE_TERMINAL", 0) > 0 {
        terminal::output_to_terminal();
    }
    if contenv.number_or(b"S6_CMD_RECEIVE_SIGNALS", 0) > 0 {
        let pid = format!("{}\n", sys::process::getpid());
        results::write(CMDPID, pid.as_bytes()).map_err(|e| fatal("write", CMDPID, e))?;
    }
    stage.tell(Milestone::Cmd);
    exec(image, cmd)
}

fn exec(image: &mut Image, cmd: Argv) -> Ran {
    let first = cmd.first().copied().ok_or_else(Fail::usage)?;
    let Target::Files(files) = image.resolve(first) else { return Ok(Next::Chain(cmd)) };
    let vars = image.env.vars();
    let errno = sys::spawn::exec(&files, &cmd, vars);
    if errno == Errno::ENOEXEC {
        as_shell_script(&files, &cmd, vars);
    }
    let sizes = interpreter::why::sizes(&cmd, vars);
    let reason = sys::reason(errno);
    results::set_reason(
        &[b"the CMD ", first.to_bytes(), b" can't be run: ", reason.as_bytes()].concat(),
    );
    Err(Cause::Exec(NoExec { file: first, sizes, errno, tried: true }).into())
}

/// A text without `#!` is the shell's, as everywhere where a shell starts programs.
fn as_shell_script(files: &[Arg], cmd: &Argv, vars: &[Arg]) {
    let is_program = |file: &&Arg| sys::fs::eaccess(file.to_bytes(), sys::fs::X_OK).is_ok();
    let Some(file) = files.iter().find(is_program) else { return };
    if script::is_text(file.to_bytes()) {
        let mut argv: Vec<Arg> = vec![c"sh", file];
        argv.extend(cmd.iter().skip(1));
        sys::spawn::exec(&[c"/bin/sh"], &argv, vars);
    }
}
