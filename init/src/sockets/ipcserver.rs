//! `s6-ipcserver`: a server for a socket of the file system, made of the words that do its parts.

use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use stdlib_commands::s6::identity;

/// Exit codes: 100 wrong usage, else those of the words that it is made of.
pub const COMMAND: Command = Command {
    name: "s6-ipcserver",
    usage: "s6-ipcserver [ -q | -Q | -v ] [ -d | -D ] [ -P | -p ] [ -1 ] [ -c maxconn ] \
            [ -C localmaxconn ] [ -b backlog ] [ -a socketperms ] [ -G gid,gid,... ] [ -g gid ] \
            [ -u uid ] [ -U ] path prog...",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// Who a server is to be, in the words of `s6-applyuidgid`.
#[derive(Default)]
pub struct Who {
    from_env: bool,
    uid: u32,
    gid: u32,
    groups: Option<Vec<u32>>,
}

impl Who {
    /// Takes an option in: one of `U u g G`.
    pub fn option(&mut self, letter: u8, word: Arg) -> Result<(), Fail> {
        match letter {
            b'U' => *self = Who { from_env: true, ..Who::default() },
            b'u' => self.uid = options::number(word)?,
            b'g' => self.gid = options::number(word)?,
            _ => self.groups = Some(identity::list(word.to_bytes()).ok_or_else(Fail::usage)?),
        }
        Ok(())
    }

    /// Adds the word that makes the server so, if anything is asked for.
    pub fn write(&self, words: &mut Vec<Arg>) {
        if !self.from_env && self.uid == 0 && self.gid == 0 && self.groups.is_none() {
            return;
        }
        words.push(c"s6-applyuidgid");
        if self.from_env {
            words.push(c"-Uz");
        }
        if self.uid != 0 {
            valued(words, c"-u", self.uid);
        }
        if self.gid != 0 {
            valued(words, c"-g", self.gid);
        }
        if let Some(groups) = &self.groups {
            let list: Vec<_> =
                groups.iter().map(|&gid| Decimal::new(gid.into()).to_vec()).collect();
            words.extend([c"-G", leak(list.join(&b','))]);
        }
        words.push(c"--");
    }
}

/// Adds an option and its number.
pub fn valued(words: &mut Vec<Arg>, option: Arg, value: u32) {
    words.extend([option, leak(Decimal::new(value.into()).to_vec())]);
}

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut who = Who::default();
    let (mut reuse, mut lookup, mut notify, mut verbosity) = (true, true, false, None);
    let (mut most, mut most_local, mut backlog, mut mode) = (None, None, None, 0o777);
    options::take(&mut argv, "qQvDd1UPpc:C:b:a:u:g:G:", |letter, word| {
        match letter {
            b'q' => verbosity = Some(c"-v0"),
            b'Q' => verbosity = None,
            b'v' => verbosity = Some(c"-v2"),
            b'D' | b'd' => reuse = letter == b'd',
            b'P' | b'p' => lookup = letter == b'p',
            b'1' => notify = true,
            b'c' => most = Some(options::number(word)?.max(1)),
            b'C' => most_local = Some(options::number(word)?.max(1)),
            b'b' => backlog = Some(options::number(word)?.max(1)),
            b'a' => mode = options::octal(word)? & 0o777,
            _ => who.option(letter, word)?,
        }
        Ok(())
    })?;
    let [path, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let mut words: Vec<Arg> = vec![c"s6-ipcserver-socketbinder"];
    if !reuse {
        words.push(c"-D");
    }
    if let Some(backlog) = backlog {
        valued(&mut words, c"-b", backlog);
    }
    if mode != 0o777 {
        words.extend([c"-a", leak(format!("0{mode:o}").into())]);
    }
    words.extend([c"--", path]);
    who.write(&mut words);
    words.push(c"s6-ipcserverd");
    words.extend(verbosity);
    if notify {
        words.push(c"-1");
    }
    if !lookup {
        words.push(c"-P");
    }
    if let Some(most) = most {
        valued(&mut words, c"-c", most);
    }
    if let Some(most) = most_local {
        valued(&mut words, c"-C", most);
    }
    words.push(c"--");
    argv.prepend(&words);
    Ok(Next::Chain(argv))
}
