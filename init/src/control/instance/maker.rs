//! `s6-instance-maker`: writes the service directory of an instanced service.

use super::super::maker::{self, LOGGER_OPTIONS, Logger, Names};
use super::copy;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 written, 100 wrong usage, 111 the system said no (what was written stays).
pub const COMMAND: Command = Command {
    name: "s6-instance-maker",
    usage: "s6-instance-maker [ -c max ] [ -u user ] [ -l loguser ] [ -L logdir ] [ -t stamptype ] \
            [ -n nfiles ] [ -s filesize ] [ -S maxsize ] [ -P prefix ] \
            [ -r service[/logger[/pipeline]] ] template dir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// More instances than this are not planned for.
const MOST: u32 = 90_000;

struct Order {
    user: Option<Arg>,
    most: u32,
    logdir: Option<Arg>,
    logger: Logger,
    names: Option<Names>,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut order =
        Order { user: None, most: 500, logdir: None, logger: Logger::default(), names: None };
    let mut names = None;
    options::take(&mut argv, &["c:u:L:r:", LOGGER_OPTIONS].concat(), |letter, value| {
        match letter {
            b'c' => order.most = options::number(value)?,
            b'u' => order.user = Some(value).filter(|user| !user.is_empty()),
            b'L' => order.logdir = Some(value),
            b'r' => names = Some(value),
            letter => order.logger.option(letter, value)?,
        }
        Ok(())
    })?;
    let [template, dir, ..] = *argv else { return Err(Fail::usage()) };
    order.check(names)?;
    let (template, dir) = (template.to_bytes(), dir.to_bytes());
    match &order.names {
        None => order.write_plain(image, template, dir)?,
        Some(names) => order.write_sources(image, template, dir, names)?,
    }
    Ok(Next::Exit(0))
}

impl Order {
    fn check(&mut self, names: Option<Arg>) -> Result<(), Fail> {
        if self.logdir.is_some_and(|dir| !dir.to_bytes().starts_with(b"/")) {
            return Err(Fail::bad("logdir must be absolute"));
        }
        self.logger.check()?;
        let user = self.user.map_or(&b""[..], |user| user.to_bytes());
        if user.iter().any(|b| b" \t\n".contains(b)) {
            return Err(Fail::bad("invalid user"));
        }
        self.most = self.most.clamp(1, MOST);
        let Some(names) = names.map(Names::read).transpose()? else {
            // Each instance's logger counts as a service.
            self.most <<= u32::from(self.logdir.is_some());
            return Ok(());
        };
        let mismatch = match (&names.logger, self.logdir) {
            (Some(_), None) => "logger specified (-r) but logdir not specified (-L)",
            (None, Some(_)) => "logdir specified (-L) but logger name not specified (-r)",
            _ => {
                self.names = Some(names);
                return Ok(());
            }
        };
        Err(Fail::bad(mismatch))
    }

    fn script(&self, image: &Image) -> Vec<u8> {
        let mut text = [b"#!", &maker::interpreter(image)[..], b" -P\n\nfdmove -c 2 1\n"].concat();
        if let Some(user) = self.user {
            text.extend([b"s6-setuidgid ", &maker::quoted(user.to_bytes())[..], b"\n"].concat());
        }
        text.extend(format!("s6-svscan -d3 -C{} -- instance\n", self.most).into_bytes());
        text
    }

    fn write_service(&self, image: &Image, template: &[u8], dir: &[u8]) -> Result<(), Fail> {
        maker::service(image, dir, &self.script(image), self.names.as_ref())?;
        if self.names.is_none() {
            maker::make(&[dir, b"/instance"].concat())?;
            maker::make(&[dir, b"/instances"].concat())?;
        }
        let copied = copy::readable(image, template, &[dir, b"/template"].concat());
        copied.map_err(|errno| {
            let (from, to) = (String::from_utf8_lossy(template), String::from_utf8_lossy(dir));
            Fail::sys(format!("copy file hierarchy from {from} to {to}/template"), errno)
        })
    }

    fn write_plain(&self, image: &Image, template: &[u8], dir: &[u8]) -> Result<(), Fail> {
        self.write_service(image, template, dir)?;
        match self.logdir {
            Some(logdir) => {
                self.logger.write(image, &[dir, b"/log"].concat(), logdir.to_bytes(), None)
            }
            None => Ok(()),
        }
    }

    fn write_sources(
        &self,
        image: &Image,
        template: &[u8],
        dir: &[u8],
        names: &Names,
    ) -> Result<(), Fail> {
        maker::ensure(dir)?;
        let below = |name: &[u8]| [dir, b"/", name].concat();
        self.write_service(image, template, &below(&names.service))?;
        match (&names.logger, self.logdir) {
            (Some(logger), Some(logdir)) => {
                self.logger.write(image, &below(logger), logdir.to_bytes(), Some(names))
            }
            _ => Ok(()),
        }
    }
}
