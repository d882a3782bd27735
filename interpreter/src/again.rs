//! Children that a loop makes again and again, of which nothing may stay in its memory.

use crate::arg::{Arg, Argv};
use crate::image::Image;
use crate::word::Command;
use sys::process::{Fork, Status, fork};
use sys::share::Others;
use sys::spawn::{Action, Failed};

/// One of the children.
pub enum Round {
    /// It runs, and has that pid.
    Begun(i32),
    /// It has been waited for.
    Over(sys::Result<Status>),
}

impl Image {
    /// Runs a word of this binary behind the actions: in this process's memory, if it can and this
    /// process has nothing to do (`alone`) until the child ends, else as [`Image::fork_word`] does.
    pub fn start_word(
        &self,
        command: &'static Command,
        argv: &Argv,
        env: impl FnOnce() -> Vec<Arg> + Send,
        actions: &[Action],
        alone: Option<Others>,
    ) -> Result<Round, Failed> {
        if let Some(others) = alone
            && actions.is_empty()
            && self.can_share(command, argv)
        {
            return self.share(command, argv, env, others).map(Round::Over);
        }
        self.fork_word(command, argv, env, actions).map(Round::Begun)
    }

    /// Runs a word of this binary in a copy of this process, behind the actions. The environment
    /// is made there, so that it takes no memory here. The child's pid.
    pub fn fork_word(
        &self,
        command: &'static Command,
        argv: &Argv,
        env: impl FnOnce() -> Vec<Arg>,
        actions: &[Action],
    ) -> Result<i32, Failed> {
        match fork().map_err(|errno| Failed { action: None, errno })? {
            Fork::Parent(pid) => Ok(pid),
            Fork::Child => {
                if actions.iter().any(|action| sys::spawn::act(action).is_err()) {
                    sys::process::exit(127);
                }
                let mut image = self.child(env());
                image.enter(command);
                sys::process::exit(crate::chain::run(&mut image, argv.clone()))
            }
        }
    }
}
