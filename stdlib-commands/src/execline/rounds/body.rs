//! What a loop runs in each round.

use super::super::{fdmove, importas, own};
use super::Children;
use crate::options;
use interpreter::again::Round;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::subst::{Subst, substitute_into};
use interpreter::image::Image;
use interpreter::word::{Command, Fail};
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::share::{self, Others};
use sys::spawn::{Action, Failed};

/// A command line that is run again and again, each time with another value of a variable. What
/// can be found out once is found out once, and what a round needs is given back at its end.
pub struct Body<'a> {
    image: &'a Image,
    name: Arg,
    /// The environment but for the variable.
    rest: Vec<Arg>,
    /// The command line as the original would spawn it.
    argv: Argv,
    program: Program,
    short: Option<Short>,
    /// A child blocks no signal, though its parent does.
    unblock: bool,
    /// One round's child at a time is all that there is to wait for.
    alone: Option<Others>,
}

/// The files that the first word can stand for.
struct Program {
    places: Vec<CString>,
    /// What it was at first. Where it was foreign, an exec finds its way alone.
    first: Option<&'static Command>,
    /// It is that whatever there is: its word is a command's own.
    own: bool,
}

/// The same without words of ours that only lead to a foreign program: `importas -uSi -- name`,
/// which `-E` asks for, and `fdmove to from`.
struct Short {
    words: Argv,
    import: bool,
    moved: Option<Action>,
    /// None where the program's name changes from round to round.
    program: Option<Program>,
}

impl<'a> Body<'a> {
    /// `words` with the variable `name` in their environment or, with `import`, in their places.
    pub fn new(
        image: &'a Image,
        name: Arg,
        words: Argv,
        import: bool,
        children: &Children,
    ) -> Body<'a> {
        let mut env = image.env.clone();
        env.unset(name.to_bytes());
        let mut argv = words.clone();
        if import {
            argv.prepend(&[own::IMPORTAS, c"-uSi", c"--", name]);
        }
        let program = Program::find(image, argv.first().unwrap_or(&c""), true);
        let rest = env.vars().to_vec();
        let (unblock, alone) = (children.masked(), children.alone());
        let mut body = Body { image, name, rest, argv, program, short: None, unblock, alone };
        body.short = body.shorten(words, import);
        body
    }

    /// `words` in the image's own environment, with the signals blocked that are; each round is
    /// waited for alone.
    pub fn fixed(image: &'a Image, words: Argv) -> Body<'a> {
        let program = Program::find(image, words.first().unwrap_or(&c""), true);
        let rest = image.env.vars().to_vec();
        let (short, unblock, alone) = (None, false, Some(Others::Stay));
        Body { image, name: c"", rest, argv: words, program, short, unblock, alone }
    }

    fn shorten(&self, mut words: Argv, import: bool) -> Option<Short> {
        let image = self.image;
        // A second variable of that name would be what importas finds, and PATH is what it uses.
        let again =
            |var: &Arg| var.to_bytes().split(|&b| b == b'=').next() == Some(self.name.to_bytes());
        let plain = self.name.to_bytes() != b"PATH" && !self.rest.iter().any(again);
        if import && !(plain && self.program.is(&importas::COMMAND)) {
            return None;
        }
        let mut program = first_program(image, &words, import);
        let mut moved = None;
        if let [_, to, from, _, ..] = &*words
            && program.as_ref().is_some_and(|program| program.is(&fdmove::COMMAND))
            && let (Ok(to), Ok(from)) = (options::fd(to), options::fd(from))
        {
            moved = Some(Action::Move { to, from });
            words.advance(3);
            program = first_program(image, &words, import);
        }
        (import || moved.is_some()).then_some(Short { words, import, moved, program })
    }

    /// Begins a round, and ends it where that costs less. Exit code 111 where it can't be started.
    pub fn start(&self, value: &[u8]) -> Result<Round, Fail> {
        let text = value.split(|&b| b == 0).next().unwrap_or_default();
        let failed = |failed| self.image.spawn_fail(&self.argv, failed);
        if interpreter::trace::on() {
            let actions = self.actions(None);
            let env = environment(&self.rest, self.name, text);
            let pid = self.image.spawn(&self.argv, Some(&env), &actions).map_err(failed)?;
            return Ok(Round::Begun(pid));
        }
        if let Some(round) = self.short.as_ref().and_then(|short| self.start_short(short, text)) {
            return Ok(round);
        }
        self.start_whole(text).map_err(failed)
    }

    /// None: a word of ours takes part, or whatever goes wrong is the child's to tell.
    fn start_short(&self, short: &Short, value: &[u8]) -> Option<Round> {
        let mut fresh = Vec::new();
        let words: Vec<&CStr> = if short.import {
            let key = Subst { name: self.name.to_bytes().to_vec(), values: vec![value.to_vec()] };
            substitute_into(&short.words, &[key].as_slice(), &mut fresh).ok()?
        } else {
            short.words.to_vec()
        };
        let varying;
        let program = match &short.program {
            Some(program) => program,
            None => {
                varying = Program::find(self.image, words.first()?, false);
                &varying
            }
        };
        if program.word(self.image).is_some() || program.places.is_empty() {
            return None;
        }
        let variable = (!short.import).then(|| variable(self.name, value));
        self.spawn(program, &words, variable.as_deref(), short.moved).ok()
    }

    fn start_whole(&self, value: &[u8]) -> Result<Round, Failed> {
        match self.program.word(self.image) {
            None if self.program.places.is_empty() => {
                Err(Failed { action: None, errno: Errno::ENOENT })
            }
            None => {
                let variable = (!self.name.is_empty()).then(|| variable(self.name, value));
                self.spawn(&self.program, &self.argv, variable.as_deref(), None)
            }
            Some(command) => {
                let (rest, name) = (&*self.rest, self.name);
                let env = || environment(rest, name, value);
                self.image.start_word(command, &self.argv, env, &self.actions(None), self.alone)
            }
        }
    }

    fn spawn(
        &self,
        program: &Program,
        words: &[&CStr],
        variable: Option<&CStr>,
        moved: Option<Action>,
    ) -> Result<Round, Failed> {
        let places: Vec<&CStr> = program.places.iter().map(CString::as_c_str).collect();
        let env: Vec<&CStr> = self.rest.iter().copied().chain(variable).collect();
        let actions = self.actions(moved);
        match self.alone {
            Some(others) if share::POSSIBLE => {
                share::spawn(&places, words, &env, &actions, others).map(Round::Over)
            }
            _ => sys::spawn::spawn(&places, words, &env, &actions).map(Round::Begun),
        }
    }

    fn actions(&self, moved: Option<Action>) -> Vec<Action> {
        self.unblock.then_some(Action::UnblockSignals).into_iter().chain(moved).collect()
    }
}

/// A round's environment, which stays in memory.
fn environment(rest: &[Arg], name: Arg, value: &[u8]) -> Vec<Arg> {
    let variable = (!name.is_empty()).then(|| leak(variable(name, value).into_bytes()));
    rest.iter().copied().chain(variable).collect()
}

fn variable(name: Arg, value: &[u8]) -> CString {
    CString::new([name.to_bytes(), b"=", value].concat()).unwrap_or_default()
}

/// The program that words begin with in every round; none where a key may be in its name.
fn first_program(image: &Image, words: &Argv, import: bool) -> Option<Program> {
    let first = words.first().filter(|first| !(import && first.to_bytes().contains(&b'$')))?;
    Some(Program::find(image, first, false))
}

impl Program {
    fn find(image: &Image, first: &CStr, block: bool) -> Program {
        let mut places = image.places(first, block);
        let found = image.word_among(&places);
        let own = image.own(first).filter(|_| found.is_none());
        let own = own.filter(|_| places.iter().all(|path| sys::fs::stat(path).is_err()));
        if own.is_some() {
            places.clear();
        }
        Program { places, first: found.or(own), own: own.is_some() }
    }

    /// The word of this binary that it is at the moment.
    fn word(&self, image: &Image) -> Option<&'static Command> {
        self.first.and_then(|first| match self.own {
            true => Some(first),
            false => image.word_among(&self.places),
        })
    }

    fn is(&self, command: &Command) -> bool {
        self.first.is_some_and(|word| word.name == command.name)
    }
}
