//! A file's first line: whether it has one, needs one, and what the kernel makes of it.

use super::finding::{FIRST_LINE, MEANINGLESS_FIRST_LINE, NOT_EXECLINE};
use super::walk::Walk;
use crate::operator::script::file::{
    BadLaunch, FirstLine, Positional, Role, Runner, first_line, runner,
};
use interpreter::diagnose::{Remark, printable};
use interpreter::launch;

/// Finds what is wrong with the first line. What runs the file.
pub fn examine(walk: &mut Walk, role: Role) -> Runner {
    let source = walk.source;
    let none = Runner::Execline(Positional::Environment, None);
    let Some(line) = first_line(source) else {
        missing(walk, role);
        return none;
    };
    let runner = runner(&line);
    if role == Role::Oneshot {
        oneshot(walk, &line, &runner);
        return match runner {
            Runner::Execline(..) => none,
            // Somebody took it for a shell's script: what a shell makes of it is worth saying.
            Runner::Other(name) if is_shell(&name) => none,
            other => other,
        };
    }
    if walk.world.root.is_some() && !walk.world.has(line.interpreter) {
        let path = String::from_utf8_lossy(&printable(line.interpreter)).into_owned();
        let remark = Remark::new(format!("the image has no {path}"))
            .help("let the first line name an interpreter that is there; /bin/execlineb and /usr/bin/execlineb need the tarballs of links");
        walk.find(&FIRST_LINE, line.at.clone(), remark);
    }
    match &runner {
        Runner::Execline(_, bad) => {
            if let Some(bad) = bad {
                walk.find(&FIRST_LINE, line.at.clone(), bad_launch(&line, *bad));
            }
        }
        Runner::Other(name) => {
            let name = String::from_utf8_lossy(&printable(name)).into_owned();
            let remark = Remark::new(format!("not execline but {name}: not checked"));
            walk.find(&NOT_EXECLINE, line.at.clone(), remark);
            if line.interpreter.ends_with(b"\r")
                || source[..line.at.end + 2.min(source.len() - line.at.end)].contains(&b'\r')
            {
                let remark = Remark::new("the file has CRLF line ends, which makes the carriage return part of the interpreter's name")
                    .help("convert it with: sed -i 's/\\r$//' FILE");
                walk.find(&super::finding::CRLF, line.at.clone(), remark);
            }
        }
    }
    runner
}

/// Whether the interpreter is a shell.
pub fn is_shell(name: &[u8]) -> bool {
    matches!(name, b"sh" | b"bash" | b"dash" | b"ash" | b"ksh" | b"zsh" | b"bashio")
}

fn missing(walk: &mut Walk, role: Role) {
    let source = walk.source;
    let text = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let hidden = text.trim_ascii_start().starts_with(b"#!");
    let cause = match text.len() < source.len() && hidden {
        true => "a byte order mark hides the #! behind it",
        false if hidden => "the #! is not at the very begin of the file, where the kernel wants it",
        false if role == Role::Service && !text.trim_ascii().is_empty() => {
            "the file has no #! line, and the kernel can't run it"
        }
        false => return,
    };
    let end = source.iter().position(|&b| b == b'\n').unwrap_or(source.len());
    let remark = Remark::new(cause).help("let the file begin with: #!/command/execlineb -P");
    walk.find(&FIRST_LINE, 0..end, remark);
}

fn oneshot(walk: &mut Walk, line: &FirstLine, runner: &Runner) {
    let cause = "nothing reads a first line here: s6-rc parses the file as execline";
    let remark = match runner {
        Runner::Execline(..) => {
            Remark::new(cause).help("leave it out: the options in it have no effect")
        }
        Runner::Other(name) => {
            let name = String::from_utf8_lossy(&printable(name)).into_owned();
            Remark::new(format!("{cause}, not as {name}"))
                .help("put the script in a file of its own, with its x bit, and write only that file's path here")
        }
    };
    walk.find(&MEANINGLESS_FIRST_LINE, line.at.clone(), remark);
}

fn bad_launch(line: &FirstLine, bad: BadLaunch) -> Remark {
    let argument = line.argument.unwrap_or_default();
    let shown = String::from_utf8_lossy(&printable(argument)).into_owned();
    match bad {
        BadLaunch::OneWord if line.interpreter.ends_with(b"execlineb") => {
            let joined = argument.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
            let letters: Vec<u8> =
                joined.flat_map(|w| w.strip_prefix(b"-").unwrap_or(w)).copied().collect();
            let letters = String::from_utf8_lossy(&printable(&letters)).into_owned();
            Remark::new(format!("the kernel hands \"{shown}\" over as one word, which is no option"))
                .help(format!("write it in one: -{letters}"))
        }
        BadLaunch::OneWord => {
            Remark::new(format!("the kernel hands \"{shown}\" over as one word, a program's name"))
                .help("name the interpreter itself (#!/command/execlineb -P), or write: #!/usr/bin/env -S execlineb -P")
        }
        BadLaunch::Option => Remark::new(format!("execlineb can't take these options: {shown}"))
            .help(format!("usage: {}", launch::COMMAND.usage)),
    }
}
