//! `s6-usertree-maker`: writes the service directory of a user's own supervision tree.

use super::maker::{self, LOGGER_OPTIONS, Logger, Names, quoted};
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 written, 100 wrong usage, 111 the system said no (what was written stays).
pub const COMMAND: Command = Command {
    name: "s6-usertree-maker",
    usage: "s6-usertree-maker [ -d userscandir ] [ -p path ] [ -E envdir [ -e var ... ] ] \
            [ -r service/logger[/pipeline] ] [ -l loguser ] [ -t stamptype ] [ -n nfiles ] \
            [ -s filesize ] [ -S maxsize ] [ -P prefix ] user logdir dir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// More variables than this are refused.
const MOST: usize = 64;

struct Order {
    scandir: Arg,
    path: Arg,
    envdir: Option<Arg>,
    vars: Vec<Arg>,
    logger: Logger,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut order = Order {
        scandir: c"${HOME}/service",
        path: interpreter::image::DEFAULT_PATH,
        envdir: None,
        vars: Vec::new(),
        logger: Logger::default(),
    };
    let mut names = None;
    options::take(&mut argv, &["d:p:E:e:r:", LOGGER_OPTIONS].concat(), |letter, value| {
        match letter {
            b'd' => order.scandir = value,
            b'p' => order.path = value,
            b'E' => order.envdir = Some(value),
            b'e' => order.add(value)?,
            b'r' => names = Some(value),
            letter => order.logger.option(letter, value)?,
        }
        Ok(())
    })?;
    let [user, logdir, dir, ..] = *argv else { return Err(Fail::usage()) };
    let (user, logdir, dir) = (user.to_bytes(), logdir.to_bytes(), dir.to_bytes());
    if !logdir.starts_with(b"/") {
        return Err(Fail::bad("logdir must be absolute"));
    }
    let scandir = order.scandir.to_bytes();
    if !scandir.starts_with(b"/") && !scandir.starts_with(b"${HOME}/") {
        return Err(Fail::bad("userscandir must be absolute or start with ${HOME}/"));
    }
    order.logger.check()?;
    let script = order.script(image, user);
    let below = |name: &[u8]| [dir, b"/", name].concat();
    let Some(names) = names.map(Names::read).transpose()? else {
        maker::service(image, dir, &script, None)?;
        order.logger.write(image, &below(b"log"), logdir, None)?;
        return Ok(Next::Exit(0));
    };
    let Some(logger) = &names.logger else {
        let what = "argument to -r must be: service/logger or service/logger/pipeline";
        return Err(Fail::bad(what));
    };
    maker::ensure(dir)?;
    maker::service(image, &below(&names.service), &script, Some(&names))?;
    order.logger.write(image, &below(logger), logdir, Some(&names))?;
    Ok(Next::Exit(0))
}

impl Order {
    fn add(&mut self, var: Arg) -> Result<(), Fail> {
        if self.vars.len() >= MOST {
            return Err(Fail::bad(format!("too many variables: {MOST} is the most")));
        }
        if var.to_bytes().contains(&b'=') {
            return Err(Fail::bad(format!("invalid variable name: {}", shown(var.to_bytes()))));
        }
        self.vars.push(var);
        Ok(())
    }

    /// The variables that are handed on, quoted; without a directory to read there are none.
    fn vars(&self) -> Vec<Vec<u8>> {
        let vars = self.vars.iter().filter(|_| self.envdir.is_some());
        vars.map(|var| quoted(var.to_bytes())).collect()
    }

    fn script(&self, image: &Image, user: &[u8]) -> Vec<u8> {
        let user = &quoted(user)[..];
        let vars = self.vars();
        let mut text = Vec::new();
        let mut line = |pieces: &[&[u8]]| {
            pieces.iter().for_each(|piece| text.extend_from_slice(piece));
            text.push(b'\n');
        };
        line(&[b"#!", &maker::interpreter(image), b" -P"]);
        line(&[b"fdmove -c 2 1"]);
        line(&[b"emptyenv -p"]);
        line(&[b"export USER ", user]);
        line(&[b"s6-envuidgid -i -- ", user]);
        line(&[b"s6-applyuidgid -U --"]);
        line(&[b"backtick -in HOME { homeof ", user, b" }"]);
        if let Some(envdir) = self.envdir {
            line(&[b"s6-envdir -i -- ", &quoted(envdir.to_bytes())]);
        }
        if !vars.is_empty() {
            line(&[b"multisubstitute\n{"]);
            vars.iter().for_each(|var| line(&[b"  importas -D \"\" -- ", var, b" ", var]));
            line(&[b"}"]);
        }
        line(&[b"multisubstitute\n{"]);
        for var in ["USER", "HOME", "UID", "GID", "GIDLIST"] {
            line(&[b"  importas -i ", var.as_bytes(), b" ", var.as_bytes()]);
        }
        line(&[b"}"]);
        vars.iter().for_each(|var| line(&[b"export ", var, b" ${", var, b"}"]));
        line(&[b"export PATH ", &quoted(self.path.to_bytes())]);
        line(&[b"s6-svscan -d3 -- ", &quoted(self.scandir.to_bytes())]);
        text
    }
}
