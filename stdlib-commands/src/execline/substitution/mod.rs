//! Keys and their values: what `define`, `importas`, `elglob`, `multidefine` and
//! `elgetpositionals` do, each as a command of its own and as a directive of `multisubstitute`.
//!
//! A directive reads its words off the front of a command line, adds to a [`Defined`], and
//! changes nothing else; then [`Defined::run_rest`] does all at once what was asked for.

pub mod define;
pub mod elglob;
pub mod importas;
pub mod multidefine;
pub mod positionals;

use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::positional::Positionals;
use interpreter::args::subst::{Keys, Subst, Values, substitute_in};
use interpreter::args::transform::Transform;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Cause, Fail, Next, Ran};
use sys::Errno;

/// The options of `importas`; those of `import` are the ones behind the first, and `define`'s those
/// that say how a value is transformed. Texts of a program lie far from its code, and this one is
/// needed often (`init/overlay/layout.ld`).
static LETTERS: [u8; 12] = *b"SiuD:NnsCcd:";

/// What directives have defined, and which variables they take away.
#[derive(Default)]
pub struct Defined {
    substs: Vec<Subst>,
    positionals: Option<Positionals<'static>>,
    unexport: Vec<Arg>,
}

/// Why a directive gives up. What is said of it, and with which exit code, is the command's.
#[derive(Debug)]
pub enum Problem {
    /// Wrong options or too few words.
    Usage(Fail),
    /// A key that can't be one, and why.
    Key(String),
    /// A block of names without a name.
    EmptyBlock,
    /// Something could not be done: what, and the reason.
    Unable {
        /// Completes "unable to".
        what: String,
        /// Why not.
        reason: String,
    },
    /// The same for a command and a directive.
    Final(Fail),
}

/// A directive: takes its words (its own name is gone) off the command line.
pub type Directive = fn(&Image, &mut Argv, &mut Defined) -> Result<(), Problem>;

impl From<Fail> for Problem {
    fn from(fail: Fail) -> Problem {
        match fail.cause() {
            Cause::Usage | Cause::Option(_) | Cause::Number(_) => Problem::Usage(fail),
            _ => Problem::Final(fail),
        }
    }
}

/// The command that is one directive.
pub fn run(image: &mut Image, mut argv: Argv, directive: Directive) -> Ran {
    let mut defined = Defined::default();
    directive(image, &mut argv, &mut defined).map_err(|problem| match problem {
        Problem::Usage(fail) | Problem::Final(fail) => fail,
        Problem::Key(why) => Fail::with_code(111, format!("bad substitution key: {why}")),
        Problem::EmptyBlock => Fail::bad("empty block: it wants the names of keys"),
        Problem::Unable { what, reason } => {
            Fail::with_code(111, format!("unable to {what}: {reason}"))
        }
    })?;
    defined.run_rest(image, argv)
}

/// Goes on with a variable more: `name` has that value; with `import` as [`go_on`] does it.
pub fn bequeath(image: &mut Image, argv: Argv, name: Arg, value: &[u8], import: bool) -> Ran {
    image.env.merge(leak([name.to_bytes(), b"=", value].concat()));
    go_on(image, argv, name, import)
}

/// Goes on; with `import` the variable is taken out of the environment, and its value put in the
/// place of the key `name`, as `importas -uSi -- name` does it.
pub fn go_on(image: &mut Image, mut argv: Argv, name: Arg, import: bool) -> Ran {
    if !import {
        return Next::chain_or_end(argv);
    }
    image.enter(&super::importas::COMMAND);
    argv.prepend(&[c"-uSi", c"--", name]);
    run(image, argv, importas::read)
}

/// Refuses a name that no variable can have: exit code 100.
pub fn check_variable(name: Arg) -> Result<(), Fail> {
    let bytes = name.to_bytes();
    if bytes.is_empty() || bytes.contains(&b'=') {
        let name = shown(name.to_bytes());
        return Err(Fail::bad(format!(
            "invalid variable name: \"{name}\" is empty or has a =; write the name alone"
        )));
    }
    Ok(())
}

impl Defined {
    /// Refuses a key that is empty or there already.
    fn check(&self, key: Arg) -> Result<(), Problem> {
        if key.is_empty() {
            return Err(Problem::Key("it is empty".to_owned()));
        }
        match self.lookup(key.to_bytes()) {
            Some(_) => Err(twice(key.to_bytes())),
            None => Ok(()),
        }
    }

    /// Adds a key that has been checked.
    fn add(&mut self, key: Arg, values: Vec<Vec<u8>>) {
        self.substs.push(Subst { name: key.to_bytes().to_vec(), values });
    }

    fn add_positionals(&mut self, positionals: Positionals<'static>) -> Result<(), Problem> {
        if self.positionals.is_some() {
            return Err(twice(b"#"));
        }
        match self.substs.iter().find(|s| positionals.lookup(&s.name).is_some()) {
            Some(both) => return Err(twice(&both.name)),
            None => self.positionals = Some(positionals),
        }
        Ok(())
    }

    /// Substitutes in the words that are left, and goes on with them; there are none: the end,
    /// with 0.
    pub fn run_rest(self, image: &mut Image, argv: Argv) -> Ran {
        let argv = substitute_in(argv, &self)
            .map_err(|e| Fail::with_code(111, format!("unable to substitute: {e}")))?;
        for name in &self.unexport {
            image.env.merge(name);
        }
        Next::chain_or_end(argv)
    }
}

fn twice(key: &[u8]) -> Problem {
    Problem::Key(format!("{} is defined twice", key.escape_ascii()))
}

impl Keys for Defined {
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>> {
        let positional = || self.positionals.as_ref().and_then(|p| p.lookup(name));
        self.substs.lookup(name).or_else(positional)
    }
}

/// Takes up one of the options that say how a value is transformed.
fn transform_option(transform: &mut Transform, letter: u8, arg: Arg) {
    match letter {
        b'N' | b'n' => transform.chomp = letter == b'n',
        b'C' | b'c' => transform.crunch = letter == b'C',
        b's' => transform.split = true,
        _ => transform.delim = arg.to_bytes().to_vec(),
    }
}

/// The words that a value becomes. `what` it is, completes "split", which can fail; the value
/// itself may be a secret, and is not told.
fn transform(how: &Transform, value: Arg, what: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
    how.apply(value.to_bytes().to_vec()).map_err(|bad| Problem::Unable {
        what: format!("split {}", shown(what)),
        reason: bad.to_string(),
    })
}

/// A [`Problem::Unable`] that the kernel gave the reason for.
fn unable(what: String, errno: Errno) -> Problem {
    Problem::Unable { what, reason: sys::reason(errno) }
}
