//! The only loop: run a word in this process, or exec it.

use crate::arg::{Arg, Argv};
use crate::image::Image;
use crate::resolve::Target;
use crate::word::{Fail, Next};
use sys::spawn::{Action, Failed};

/// How many forks there may be one within the other, each of a process that has not been exec'd.
const DEEPEST: u32 = 16;

/// Runs the image's command and whatever its command line leads to. Comes back with the exit
/// code of the process, if no program took its place.
pub fn run(image: &mut Image, mut argv: Argv) -> i32 {
    loop {
        image.argv0 = argv.next_word().unwrap_or(c"");
        match step(image, argv) {
            Ok(Step::Exit(code)) => return code,
            Ok(Step::Word(next)) => argv = next,
            Err(fail) => return report(image, &fail),
        }
    }
}

enum Step {
    Exit(i32),
    Word(Argv),
}

fn step(image: &mut Image, argv: Argv) -> Result<Step, Fail> {
    let (file, argv) = match (image.command.run)(image, argv)? {
        Next::Exit(code) => return Ok(Step::Exit(code)),
        Next::Chain(argv) => (argv.first().copied().ok_or(Fail::Usage)?, argv),
        Next::File { file, argv } => (file, argv),
    };
    match image.resolve(file) {
        Target::Word(command) => {
            image.enter(command);
            Ok(Step::Word(argv))
        }
        Target::Files(files) => {
            let errno = sys::spawn::exec(&files, &argv, image.env.vars());
            Err(Fail::Exec { file, sizes: crate::why::sizes(&argv, image.env.vars()), errno })
        }
    }
}

/// Says what a failure has to say; its exit code.
pub fn report(image: &Image, fail: &Fail) -> i32 {
    match fail {
        Fail::Silent(_) => {}
        Fail::Usage => usage(image, ""),
        Fail::Option(bad) => {
            let option = bad.letter.escape_ascii();
            let name = image.command.name;
            usage(
                image,
                &match (bad.lacks_argument, bad.letter) {
                    (true, _) => format!("{name}: option -{option} lacks its argument\n"),
                    (false, b'-') => format!("{name}: there are no long options here\n"),
                    (false, _) => format!("{name}: there is no option -{option}\n"),
                },
            );
        }
        Fail::Exec { file, sizes, errno } => {
            let message = crate::why::exec_failed(image, file, *sizes, *errno);
            let _ = sys::fd::write_all(2, &message);
        }
        other => {
            let message = format!("{}: fatal: {other}", image.command.name);
            let _ = sys::fd::write_all(2, &crate::why::word_failed(image, &message));
        }
    }
    fail.code()
}

fn usage(image: &Image, detail: &str) {
    let message = format!("{}: usage: {}\n{detail}", image.command.name, image.command.usage);
    let _ = sys::fd::write_all(2, &crate::why::word_failed(image, &message));
}

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
        let target = match argv.first() {
            None => Target::Files(Vec::new()),
            Some(first) => self.resolve_block(first),
        };
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
                let mut image = self.child(env);
                image.enter(command);
                sys::process::exit(run(&mut image, argv.clone()))
            }
        }
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
        Fail::Silent(111)
    }

    /// The image of a child of this process, with that environment.
    ///
    /// The kernel remembers for each mapping all the processes that it was copied through, and a
    /// fork goes through them: blocks within blocks to a depth of 400 would take seconds. Sixteen
    /// deep, the words are exec'd, which begins anew.
    pub fn child(&self, env: &[Arg]) -> Image {
        let forks = self.forks + 1;
        let me = self.me.filter(|_| forks < DEEPEST);
        let mut image = Image::new(env.to_vec().into(), self.catalogue, self.command, me);
        image.forks = forks;
        image.origin = self.origin.clone();
        image
    }
}
