//! `logutil-service`: becomes a logger into a directory, as nobody and with no environment.

use super::container;
use crate::options;
use crate::s6::identity::Identity;
use crate::s6::s6_envuidgid::{Ids, Query};
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::transform::Transform;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::fd;

/// The command.
pub const COMMAND: Command = Command {
    name: "logutil-service",
    usage: "logutil-service [ -f fifo ] logdir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What is logged how, where `S6_LOGGING_SCRIPT` does not say.
pub const SCRIPT: &[u8] = b"n20 s1000000 T";
/// Who nobody is, where `/etc/passwd` does not say.
const NOBODY: u32 = 65534;

/// 1: wrong options or no directory; 111: the fifo can't be opened, or the kernel lets nobody be nobody.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut fifo: Option<Arg> = None;
    options::take(&mut argv, "f:", |_, value| {
        fifo = Some(value);
        Ok(())
    })
    .map_err(|_| misused("wrong options"))?;
    let &dir = argv.first().ok_or_else(|| misused("too few arguments"))?;
    if let Some(fifo) = fifo.filter(|fifo| !fifo.is_empty()) {
        read_from(fifo)?;
    }
    let script = words(script(&image.env));
    if sys::process::ids().1 == 0 {
        drop_privileges(image)?;
    }
    image.env.clear();
    let mut words: Vec<Arg> = vec![c"s6-log", c"-b", c"--"];
    words.extend(script);
    words.push(dir);
    Ok(Next::Chain(words.into()))
}

fn misused(what: &str) -> Fail {
    Fail::with_code(1, format!("{what}: usage: {}", COMMAND.usage))
}

/// Makes the fifo standard input. Opening it does not wait for a writer, reading does.
fn read_from(fifo: Arg) -> Result<(), Fail> {
    let fail = |errno| Fail::sys_at("open", fifo.to_bytes(), errno);
    let opened = fd::open(fifo, fd::O_RDONLY | fd::O_NONBLOCK, 0).map_err(fail)?;
    fd::set_nonblock(opened, false).map_err(fail)?;
    fd::rename(0, opened).map_err(fail)
}

/// The container's `S6_LOGGING_SCRIPT` without the newline at its end.
fn script(env: &Env) -> Vec<u8> {
    let value = container::value(env, b"S6_LOGGING_SCRIPT").unwrap_or_default();
    let mut script = value.filter(|value| !value.contains(&0)).unwrap_or_else(|| SCRIPT.to_vec());
    script.pop_if(|last| *last == b'\n');
    script
}

/// A script's words.
pub fn words(script: Vec<u8>) -> Vec<Arg> {
    let blanks = Transform { crunch: true, chomp: false, split: true, delim: b" \t".to_vec() };
    blanks.apply(script).unwrap_or_default().into_iter().map(leak).collect()
}

fn drop_privileges(image: &mut Image) -> Result<(), Fail> {
    let default = Ids { uid: NOBODY, gid: NOBODY, groups: Vec::new() };
    let nobody = Query::whole(Some(default)).answer(b"nobody")?;
    Identity { uid: nobody.uid, gid: nobody.gid, groups: Some(nobody.groups) }.assume(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_split_at_blanks() {
        assert_eq!(words(SCRIPT.to_vec()), [c"n20", c"s1000000", c"T"]);
        assert_eq!(words(b"n3 \t s5".to_vec()), [c"n3", c"s5"]);
        assert_eq!(words(Vec::new()), [c""; 0]);
    }

    #[test]
    fn a_script_ends_without_its_newline() {
        let env = |value| Env::new(vec![c"S6_KEEP_ENV=1", value]);
        assert_eq!(script(&env(c"S6_LOGGING_SCRIPT=n1 T\n")), b"n1 T");
        assert_eq!(script(&env(c"S6_LOGGING_SCRIPT=")), SCRIPT);
    }
}
