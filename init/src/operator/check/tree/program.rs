//! The programs of services: whether the kernel can run them, and whether they can say that they
//! are ready.

use super::super::finding::{
    BAD_VALUE, CANNOT_EXEC, CANNOT_NOTIFY, LOW_DESCRIPTOR, MISSING_NOTIFICATION_FD,
};
use super::super::first_line::is_shell;
use super::super::world::World;
use super::{Notes, below, text};
use crate::operator::script::file::{Role, Runner, first_line, runner};
use interpreter::args::number::uint;
use interpreter::diagnose::{
    ExecFacts, FileFacts, FileKind, Remark, interpreter_of, is_foreign, shown, why_exec_failed,
};
use sys::Errno;

/// Checks a service's program, if it is there. `itself`: it is run where it lies, and needs its x
/// bit.
pub fn check(world: &World, path: &[u8], itself: bool, notes: &mut Notes) {
    file(world, path, itself, Role::Service, notes);
}

/// Checks a script of a stage: a text without a first line is a shell's.
pub fn stage(world: &World, path: &[u8], notes: &mut Notes) {
    file(world, path, true, Role::Any, notes);
}

fn file(world: &World, path: &[u8], itself: bool, role: Role, notes: &mut Notes) {
    let Ok(stat) = sys::fs::stat_bytes(path) else { return };
    let source = if stat.is_file() { sys::fd::read_file_bytes(path) } else { Ok(Vec::new()) };
    let Ok(source) = source else { return };
    let kind = match () {
        () if stat.is_dir() => FileKind::Directory,
        () if stat.is_file() => FileKind::Regular,
        () => FileKind::Other,
    };
    let mode = if itself { stat.mode } else { stat.mode | 0o111 };
    let elf = source.starts_with(b"\x7fELF");
    let binary = elf || source[..source.len().min(512)].contains(&0);
    let errno = match () {
        () if kind != FileKind::Regular || mode & 0o111 == 0 => Some(Errno::EACCES),
        () if elf => program(world, &source),
        () if binary || source.trim_ascii().is_empty() && role == Role::Service => {
            Some(Errno::ENOEXEC)
        }
        () => None,
    };
    if let Some(errno) = errno {
        let executable = mode & 0o111 != 0;
        let (path, noexec) = (path.to_vec(), false);
        let file = FileFacts { path, kind, mode, executable, noexec, head: source.clone() };
        let place = file.path.clone();
        let facts = ExecFacts { file: Some(file), ..ExecFacts::default() };
        let mut remark = why_exec_failed(&place, errno, &facts);
        remark.cause = [b"can't be run: it ", &remark.cause[..]].concat();
        notes.find(&CANNOT_EXEC, &place, 0..0, remark);
    }
    if !binary {
        notes.script(path, &source, role, world);
    }
}

/// Why a binary program can't be run: on this machine, if it is for this machine.
fn program(world: &World, source: &[u8]) -> Option<Errno> {
    let root = world.root?;
    let linker = interpreter_of(source);
    if root == b"/" && is_foreign(source) {
        return Some(Errno::ENOEXEC);
    }
    linker.is_some_and(|linker| !world.has(&linker)).then_some(Errno::ENOENT)
}

/// Signals that are none.
pub fn signals(dir: &[u8], notes: &mut Notes) {
    for name in [&b"down-signal"[..], b"reload-signal"] {
        let path = below(dir, name);
        let Some(content) = text(&path) else { continue };
        let line = content.split(|&b| b == b'\n').next().unwrap_or_default();
        if sys::signal::parse(line).is_none() {
            let remark = Remark::new(format!("{} is no signal", shown(line)))
                .help("write its name or its number on the first line, and nothing else: SIGTERM, TERM, 15");
            notes.find(&BAD_VALUE, &path, 0..line.len(), remark);
        }
    }
}

/// Numbers that are none, in a service directory that nobody compiles.
pub fn numbers(dir: &[u8], notes: &mut Notes) {
    for name in ["notification-fd", "lock-fd", "timeout-kill", "timeout-finish", "max-death-tally"]
    {
        let path = below(dir, name.as_bytes());
        let Some(content) = text(&path) else { continue };
        let line = content.split(|&b| b == b'\n').next().unwrap_or_default();
        let (rule, remark) = match uint(line) {
            None => {
                let remark =
                    Remark::new("this is no number").help("write a number and nothing else");
                (&BAD_VALUE, remark)
            }
            Some(fd @ 0..3) if name.ends_with("-fd") => {
                let remark =
                    Remark::new(format!("{fd} is the service's standard input, output or error"))
                        .help("use a number from 3 on");
                (&LOW_DESCRIPTOR, remark)
            }
            Some(_) => continue,
        };
        notes.find(rule, &path, 0..line.len(), remark);
    }
}

/// Whether the service says that it is ready, and somebody listens: as far as its script tells.
pub fn readiness(dir: &[u8], notes: &mut Notes) {
    let run = below(dir, b"run");
    let Some(source) = text(&run) else { return };
    let Some(line) = first_line(&source) else { return };
    let (execline, shell) = match runner(&line) {
        Runner::Execline(..) => (true, false),
        Runner::Other(name) => (false, is_shell(&name)),
    };
    if !execline && !shell {
        return;
    }
    let words: Vec<&[u8]> = source[line.at.end..]
        .split(|&b| b == b'\n')
        .filter(|line| !line.trim_ascii_start().starts_with(b"#"))
        .flat_map(|line| line.split(|b| b.is_ascii_whitespace() || b"\"';(){}".contains(b)))
        .filter(|word| !word.is_empty())
        .collect();
    let notifies = words.iter().any(|w| w.windows(6).any(|part| part == b"notify"));
    let path = below(dir, b"notification-fd");
    let Some(content) = text(&path) else {
        return unheard(&words, &run, &source, notes);
    };
    let number = content.split(|&b| b == b'\n').next().unwrap_or_default();
    let Some(fd) = uint(number) else { return };
    let names_it =
        |word: &&&[u8]| word.split(|b| !b.is_ascii_digit()).any(|digits| uint(digits) == Some(fd));
    // 1 is written to by everybody; others' scripts may know of it.
    let unknown = fd < 3 || words.iter().any(|word| is_unknown(word));
    if notifies || unknown || words.iter().any(|word| names_it(&word)) {
        return;
    }
    let remark = Remark::new(format!(
        "run says nothing to descriptor {fd}: whoever waits for the service to be ready waits in vain"
    ))
    .help("remove this file, or have the service asked whether it is ready: s6-notifyoncheck -c \"…\" in front of the program, and the question in data/check or behind -c");
    notes.find(&CANNOT_NOTIFY, &path, 0..number.len(), remark);
}

/// Words that may lead to anything: variables, and programs of the image's own.
fn is_unknown(word: &[u8]) -> bool {
    const SYSTEM: [&[u8]; 6] =
        [b"/bin/", b"/sbin/", b"/usr/bin/", b"/usr/sbin/", b"/command/", b"/dev/"];
    let own = word.starts_with(b"/") && !SYSTEM.iter().any(|dir| word.starts_with(dir));
    own && !word.contains(&b'.')
        || word == b"$@"
        || word.starts_with(b"./")
        || word.ends_with(b".sh")
        || word.ends_with(b".py")
}

/// `s6-notifyoncheck` without a file that says where to.
fn unheard(words: &[&[u8]], run: &[u8], source: &[u8], notes: &mut Notes) {
    const NAME: &[u8] = b"s6-notifyoncheck";
    let Some(at) = words.iter().position(|word| word.ends_with(NAME)) else { return };
    let own = words[at + 1..].iter().take_while(|word| word.starts_with(b"-"));
    // With -3 it has a descriptor of its own.
    if own.clone().any(|word| word.contains(&b'3')) {
        return;
    }
    let start = source.windows(NAME.len()).position(|w| w == NAME).unwrap_or_default();
    let remark = Remark::new("s6-notifyoncheck ends here: there is no file notification-fd")
        .help("write one beside run, with the number 3");
    notes.find(&MISSING_NOTIFICATION_FD, run, start..start + NAME.len(), remark);
}
