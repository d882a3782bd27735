//! The processes of blocks.

use crate::arg::{Arg, Argv};
use crate::image::{Image, Origin};
use crate::resolve::Target;
use crate::trace;
use crate::word::{Catalogue, Command, Fail};
use sys::process::Status;
use sys::share::{self, Others};
use sys::spawn::{Action, Failed};

/// How many forks there may be one within the other, each of a process that has not been exec'd.
const DEEPEST: u32 = 16;

impl Image {
    /// Starts a child that does the actions and runs the words (none: it exits 0) in the
    /// environment `env`, or in this image's. Its pid.
    ///
    /// A foreign program is spawned without a copy of this process; a word of this binary runs
    /// in a copy, and can't fail to start.
    pub fn spawn(
        &self,
        argv: &Argv,
        env: Option<&[Arg]>,
        actions: &[Action],
    ) -> Result<i32, Failed> {
        let vars = env.unwrap_or(self.env.vars());
        self.forget();
        let target = self.target(argv);
        if trace::on() {
            return trace::spawn(self, target, argv, vars, actions);
        }
        self.spawn_target(target, argv, vars, actions)
    }

    fn target(&self, argv: &Argv) -> Target {
        match argv.first() {
            None => Target::Files(Vec::new()),
            Some(first) => self.resolve_block(first),
        }
    }

    pub(crate) fn spawn_target(
        &self,
        target: Target,
        argv: &Argv,
        vars: &[Arg],
        actions: &[Action],
    ) -> Result<i32, Failed> {
        match target {
            Target::Files(files) if files.is_empty() && !argv.is_empty() => {
                Err(Failed { action: None, errno: sys::Errno::ENOENT })
            }
            Target::Files(files) if !argv.is_empty() => {
                sys::spawn::spawn(&files, argv, vars, actions)
            }
            target => self.fork(target, argv, vars, actions),
        }
    }

    fn fork(
        &self,
        target: Target,
        argv: &Argv,
        env: &[Arg],
        actions: &[Action],
    ) -> Result<i32, Failed> {
        let fail = |errno| Failed { action: None, errno };
        match sys::process::fork().map_err(fail)? {
            sys::process::Fork::Parent(pid) => Ok(pid),
            sys::process::Fork::Child => {
                if actions.iter().any(|action| sys::spawn::act(action).is_err()) {
                    sys::process::exit(127);
                }
                let Target::Word(command) = target else { sys::process::exit(0) };
                let mut image = self.child(env.to_vec());
                if trace::on() {
                    trace::word(&image, command, argv);
                }
                image.enter(command);
                sys::process::exit(crate::chain::run(&mut image, argv.clone()))
            }
        }
    }

    /// [`Image::spawn`] without actions, and the wait for the child's end: the cheapest way, in
    /// which the child shares this process's memory wherever that can't be told. The inner error
    /// is the wait's. A word that calls it waits for nothing else before: what the word before has
    /// found out is taken for true once more.
    pub fn spawn_and_wait(&self, argv: &Argv) -> Result<sys::Result<Status>, Failed> {
        if trace::on() {
            let pid = self.spawn(argv, None, &[])?;
            return Ok(sys::process::wait(pid).inspect(|status| trace::ended(pid, *status)));
        }
        let vars = self.env.vars();
        let target = self.target(argv);
        self.forget();
        match target {
            Target::Files(files) if share::POSSIBLE && !files.is_empty() => {
                share::spawn(&files, argv, vars, &[], Others::Stay)
            }
            Target::Word(command) if self.can_share(command, argv) => {
                self.share(command, argv, || vars.to_vec(), Others::Stay)
            }
            target => {
                let pid = self.spawn_target(target, argv, vars, &[])?;
                Ok(sys::process::wait(pid))
            }
        }
    }

    /// Runs a word of this binary in a child that [can share](Image::can_share) this process's
    /// memory, and waits for its end. The environment is made there.
    pub(crate) fn share(
        &self,
        command: &'static Command,
        argv: &Argv,
        env: impl FnOnce() -> Vec<Arg> + Send,
        others: Others,
    ) -> Result<sys::Result<Status>, Failed> {
        let heir = Heir::of(self);
        let child = || {
            let mut image = heir.image(env());
            image.shares_memory = true;
            image.enter(command);
            crate::chain::run(&mut image, argv.clone())
        };
        let waited = share::run(child, others);
        waited.map_err(|share::Unborn(errno)| Failed { action: None, errno })
    }

    /// The image of a child of this process, with that environment.
    pub(crate) fn child(&self, env: Vec<Arg>) -> Image {
        Heir::of(self).image(env)
    }

    /// May a block that begins with this command run in shared memory, and does it pay? Where
    /// another word than a quick one follows, which is a guess, it would have to be exec'd. The
    /// C library allocates for a regular expression, and a file in /proc may be a trait of the
    /// memory that the process writing it has.
    pub(crate) fn can_share(&self, command: &Command, argv: &Argv) -> bool {
        const AHEAD: usize = 24;
        let quick = |word: &Arg| {
            let found = (self.catalogue.find)(word.to_bytes().trim_ascii_start());
            found.is_none_or(|command| command.kind.is_quick())
        };
        let apart =
            |word: &Arg| matches!(word.to_bytes(), b"=~" | [b'/', b'p', b'r', b'o', b'c', ..]);
        share::POSSIBLE
            && command.kind.is_quick()
            && argv.iter().skip(1).take(AHEAD).all(quick)
            && !argv.iter().any(apart)
    }

    /// Warns that a block's program could not be started, and why.
    pub fn warn_spawn(&self, argv: &Argv, failed: Failed) {
        let message = crate::why::spawn_failed(self, "warning", argv, failed.errno);
        let _ = sys::fd::write_all(2, &message);
    }

    /// The failure of a command that can't go on without its block's program: exit code 111.
    pub fn spawn_fail(&self, argv: &Argv, failed: Failed) -> Fail {
        let message = crate::why::spawn_failed(self, "fatal", argv, failed.errno);
        let _ = sys::fd::write_all(2, &message);
        Fail::silent(111)
    }
}

/// What the image of a child takes from its parent's.
struct Heir<'a> {
    catalogue: Catalogue,
    command: &'static Command,
    me: Option<Option<(u64, u64)>>,
    forks: u32,
    origin: Option<&'a Origin>,
}

impl<'a> Heir<'a> {
    /// The kernel remembers for each mapping all the processes that it was copied through, and a
    /// fork goes through them: blocks within blocks to a depth of 400 would take seconds. Sixteen
    /// deep, the words are exec'd, which begins anew.
    fn of(image: &'a Image) -> Heir<'a> {
        let forks = image.forks + 1;
        Heir {
            catalogue: image.catalogue,
            command: image.command,
            me: if forks < DEEPEST { image.me.get().copied() } else { Some(None) },
            forks,
            origin: image.origin.as_ref(),
        }
    }

    fn image(&self, env: Vec<Arg>) -> Image {
        let mut image = Image::new(env.into(), self.catalogue, self.command);
        if let Some(me) = self.me {
            let _ = image.me.set(me);
        }
        image.forks = self.forks;
        image.origin = self.origin.cloned();
        image
    }
}
