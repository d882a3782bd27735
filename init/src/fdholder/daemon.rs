//! `s6-fdholder-daemon`: a server that holds descriptors, made of the words that do its parts.

use crate::sockets::ipcserver::{Who, valued};
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 100 wrong usage, else those of the words that it is made of.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-daemon",
    usage: "s6-fdholder-daemon [ -v verbosity ] [ -d | -D ] [ -1 ] [ -c maxconn ] [ -n maxfds ] \
            [ -b backlog ] [ -G gid,gid,... ] [ -g gid ] [ -u uid ] [ -U ] [ -t timeout ] \
            [ -T lameducktimeout ] [ -i rulesdir | -x rulesfile ] path",
    run,
    kind: Kind::Quick,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut who = Who::default();
    let (mut reuse, mut notify, mut backlog, mut rules) = (true, false, None, None);
    let mut numbers: [(Arg, u32); 5] = [(c"-v", 1), (c"-c", 0), (c"-n", 0), (c"-t", 0), (c"-T", 0)];
    options::take(&mut argv, "Dd1Uv:c:n:b:u:g:G:t:T:i:x:", |letter, word| {
        match letter {
            b'D' | b'd' => reuse = letter == b'd',
            b'1' => notify = true,
            b'b' => backlog = Some(options::number(word)?),
            b'i' => rules = Some([c"-i", word]),
            b'x' => rules = Some([c"-x", word]),
            b'U' | b'u' | b'g' | b'G' => who.option(letter, word)?,
            _ => {
                let least = u32::from(matches!(letter, b'c' | b'n'));
                let number = options::number(word)?.max(least);
                for (_, value) in numbers.iter_mut().filter(|(o, _)| o.to_bytes()[1] == letter) {
                    *value = number;
                }
            }
        }
        Ok(())
    })?;
    let [path, ..] = *argv else { return Err(Fail::usage()) };
    let rules = rules.ok_or_else(no_rules)?;
    let mut words: Vec<Arg> = vec![c"s6-ipcserver-socketbinder"];
    if !reuse {
        words.push(c"-D");
    }
    if let Some(backlog) = backlog {
        valued(&mut words, c"-b", backlog);
    }
    words.extend([c"--", path]);
    who.write(&mut words);
    words.push(c"s6-fdholderd");
    if notify {
        words.push(c"-1");
    }
    for (i, (option, value)) in numbers.into_iter().enumerate() {
        // What is not said is the same as the default.
        if value != u32::from(i == 0) {
            valued(&mut words, option, value);
        }
    }
    words.extend(rules);
    Ok(Next::Chain(Argv::new(words)))
}

/// Nobody might do anything. Exit code 100.
pub fn no_rules() -> Fail {
    Fail::bad("no access rights specified!\nhelp: say with -i or -x who may do what")
}
