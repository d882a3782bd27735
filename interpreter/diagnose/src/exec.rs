//! Why a program could not be exec'd.

use super::Remark;
use super::elf::{self, interpreter_of, shebang};
use super::family::package_of;
use super::names::nearest;
use super::shell::habit;
use super::show::printable;
use sys::Errno;

/// What is known about an exec that failed. Everything may be left at its default.
#[derive(Clone, Debug, Default)]
pub struct ExecFacts<'a> {
    /// The `PATH` in which a name without a slash was looked up.
    pub search_path: &'a [u8],
    /// The file that the name led to.
    pub file: Option<FileFacts>,
    /// The file that [`interpreter_of`] its head names, if there is one of that name.
    pub interpreter: Option<FileFacts>,
    /// Where among our own commands there is one of the interpreter's name.
    pub interpreter_elsewhere: Option<Vec<u8>>,
    /// The first directory on the way to the file that does not exist, is none, or can't be
    /// searched.
    pub bad_dir: Option<Vec<u8>>,
    /// The effective user id.
    pub uid: u32,
    /// The length of the longest word of the command line or the environment, in bytes.
    pub longest_word: usize,
    /// The length of all words of the command line and the environment, in bytes.
    pub all_words: usize,
    /// The names of the commands that we know.
    pub commands: &'a [&'a [u8]],
}

/// What is known about a file.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Its path.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
    /// Its permission bits.
    pub mode: u32,
    /// The process may execute it (`access` with `X_OK`).
    pub executable: bool,
    /// It is on a file system that is mounted noexec.
    pub noexec: bool,
    /// Its first bytes; a page is enough.
    pub head: Vec<u8>,
}

/// What a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    #[default]
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link to a path where nothing is.
    DanglingLink(Vec<u8>),
    /// A fifo, a socket, a device.
    Other,
}

/// The longest word that the kernel takes, with its NUL.
const LONGEST_WORD: usize = 128 << 10;

/// Why exec'ing `name` failed with `errno`, and what to do about it. The sentences' subject is the
/// program.
pub fn why_exec_failed(name: &[u8], errno: Errno, facts: &ExecFacts) -> Remark {
    let known = match (errno, &facts.file) {
        (Errno::ENOENT, None) => Some(not_found(name, facts)),
        (Errno::ENOENT, Some(file)) => interpreter_missing(file, facts),
        (Errno::EACCES, Some(file)) => denied(file, facts),
        (Errno::EACCES | Errno::ENOTDIR, None) => None,
        (Errno::ENOEXEC, Some(file)) => Some(no_format(file, facts)),
        (Errno::E2BIG, _) => Some(too_big(facts)),
        _ => None,
    };
    known.or_else(|| bad_dir(errno, facts)).unwrap_or_else(|| by_number(errno))
}

fn say(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn by_number(errno: Errno) -> Remark {
    match errno {
        Errno::EACCES => {
            Remark::new("may not be executed by this user, or a security policy forbids it")
        }
        Errno::ELOOP => Remark::new("is at the end of symbolic links that lead round in a circle"),
        Errno::ENAMETOOLONG => Remark::new("has a name that is longer than the file system takes"),
        Errno::ETXTBSY => Remark::new("is open for writing in some process")
            .help("let whoever writes it close it first"),
        Errno::ENOMEM => Remark::new("finds no memory to start in"),
        Errno::EAGAIN => {
            Remark::new("would exceed the number of processes that this user may have")
                .help("raise the limit (ulimit -u, or the container's --pids-limit)")
        }
        Errno::EMFILE | Errno::ENFILE => Remark::new("finds no free file descriptor"),
        Errno::EPERM => Remark::new("is forbidden to run by a security policy"),
        other => Remark::new(format!("can't be run: {}", sys::reason(other))),
    }
}

fn bad_dir(errno: Errno, facts: &ExecFacts) -> Option<Remark> {
    let dir = printable(facts.bad_dir.as_deref()?);
    let (cause, help): (&[u8], &[u8]) = match errno {
        Errno::EACCES => (b", which this user may not search", b"chmod +x "),
        Errno::ENOTDIR => (b", which is no directory", b""),
        _ => (b", which does not exist", b""),
    };
    let remark = Remark::new(say(&[b"lies below ", &dir, cause]));
    Some(if help.is_empty() { remark } else { remark.help(say(&[help, &dir])) })
}

fn not_found(name: &[u8], facts: &ExecFacts) -> Remark {
    if let Some(remark) = no_program(name) {
        return remark;
    }
    if let Some(remark) = not_ours(name, facts) {
        return remark;
    }
    if name.contains(&b'/') {
        return bad_dir(Errno::ENOENT, facts).unwrap_or_else(|| {
            Remark::new("does not exist").help("put it there, or correct the path")
        });
    }
    let path = printable(facts.search_path);
    let remark = Remark::new(say(&[b"is in no directory of PATH, which is ", &path]));
    if facts.commands.contains(&name) {
        return remark.help(
            "it is one of execline's and s6's commands: add their directory, \
                            /command, to PATH",
        );
    }
    match nearest(name, facts.commands.iter().copied()) {
        Some(near) => remark.help(say(&[b"is it ", near, b" that is meant?"])),
        None => remark.help("install it, or give its whole path"),
    }
}

/// For commands of the packages whose place chainit takes that it does not have, wherever they are
/// looked for.
fn not_ours(name: &[u8], facts: &ExecFacts) -> Option<Remark> {
    let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    let package = package_of(base).filter(|_| !facts.commands.contains(&base))?;
    let is_known = !facts.commands.is_empty();
    let remark =
        Remark::new(format!("is one of {package}'s commands, and chainit does not have it"));
    is_known.then(|| {
        remark.help(format!("install {package}'s own beside it, or write the script without it"))
    })
}

/// For words that can hardly be meant as a program's name.
fn no_program(name: &[u8]) -> Option<Remark> {
    if name.is_empty() {
        return Some(Remark::new(
            "is the empty word: a block or a value that is empty stands where \
                                 a program should",
        ));
    }
    if name.starts_with(b" ") {
        return Some(
            Remark::new("is a word of a block, and the command before it takes no block here")
                .help("write it without { and }, or put a command that takes a block before it"),
        );
    }
    if let Some(habit) = habit(name) {
        let cause =
            format!("is {}, and execline has none such: every word is a program", habit.what);
        return Some(Remark::new(cause).help(habit.instead));
    }
    name.iter().any(u8::is_ascii_whitespace).then(|| {
        Remark::new("is one word with blanks in it, and a program's name")
            .help("quotes make one word: write the program and each argument as a word of its own")
    })
}

fn interpreter_missing(file: &FileFacts, facts: &ExecFacts) -> Option<Remark> {
    if let FileKind::DanglingLink(target) = &file.kind {
        let target = printable(target);
        return Some(Remark::new(say(&[b"is a link to ", &target, b", which does not exist"])));
    }
    let interpreter = interpreter_of(&file.head)?;
    let shown = printable(&interpreter);
    let is_script = shebang(&file.head).is_some();
    if let Some(found) = &facts.interpreter {
        let next = printable(&interpreter_of(&found.head)?);
        return Some(Remark::new(say(&[
            b"has the interpreter ",
            &shown,
            b", whose own interpreter ",
            &next,
            b" does not exist",
        ])));
    }
    if interpreter.ends_with(b"\r") {
        return Some(crlf(file, &shown));
    }
    if is_script {
        let cause = [
            b"names the interpreter ",
            &shown[..],
            b" in its first line, which does not exist here",
        ];
        return Some(Remark::new(say(&cause)).help(interpreter_help(&interpreter, facts)));
    }
    let cause = say(&[b"needs the dynamic linker ", &shown, b", which does not exist here"]);
    Some(Remark::new(cause).help(linker_help(&interpreter)))
}

fn crlf(file: &FileFacts, interpreter: &[u8]) -> Remark {
    let path = printable(&file.path);
    let cause = [
        b"names the interpreter ",
        interpreter,
        b" in its first line: the file has CRLF line ends",
    ];
    Remark::new(say(&cause)).help(say(&[b"convert it with: sed -i 's/\\r$//' ", &path]))
}

fn interpreter_help(interpreter: &[u8], facts: &ExecFacts) -> Vec<u8> {
    if !interpreter.starts_with(b"/") {
        return b"the kernel does not search PATH for it: write its whole path".to_vec();
    }
    if let Some(elsewhere) = &facts.interpreter_elsewhere {
        return say(&[
            b"let the first line name ",
            &printable(elsewhere),
            b", or unpack s6-overlay-symlinks-noarch.tar.xz and s6-overlay-symlinks-arch.tar.xz, too",
        ]);
    }
    b"install it, or let the first line name one that is there".to_vec()
}

fn linker_help(linker: &[u8]) -> &'static str {
    let holds = |part: &[u8]| linker.windows(part.len()).any(|w| w == part);
    if holds(b"ld-musl") {
        "it was built for musl (Alpine): take a build for this system's libc, or a static one"
    } else if holds(b"ld-linux") {
        "it was built for glibc: take a build for this system's libc or a static one, or on Alpine \
         install gcompat"
    } else {
        "take a build for this system, or a static one"
    }
}

fn denied(file: &FileFacts, facts: &ExecFacts) -> Option<Remark> {
    if let Some(remark) = not_executable(file, facts) {
        return Some(remark);
    }
    let interpreter = facts.interpreter.as_ref()?;
    let path = printable(&interpreter.path);
    let remark = not_executable(interpreter, facts)?;
    let cause = say(&[b"can't run, because its interpreter ", &path, b" ", &remark.cause]);
    Some(Remark { cause, help: remark.help })
}

fn not_executable(file: &FileFacts, facts: &ExecFacts) -> Option<Remark> {
    let path = printable(&file.path);
    match file.kind {
        FileKind::Directory => {
            return Some(
                Remark::new("is a directory").help("name a program: a file that can be run"),
            );
        }
        FileKind::Other => return Some(Remark::new("is not a regular file")),
        FileKind::DanglingLink(_) | FileKind::Regular => {}
    }
    if file.mode & 0o111 == 0 {
        let chmod = say(&[b"chmod +x ", &path, b" (in a Dockerfile: COPY --chmod=755)"]);
        return Some(Remark::new("lacks its x bit").help(chmod));
    }
    if file.noexec {
        return Some(
            Remark::new("is on a file system that is mounted noexec").help(
                "mount it with exec (docker run --tmpfs DIR:exec), or put the file elsewhere",
            ),
        );
    }
    let cause = format!(
        "may not be executed by the user {} (its mode is {:04o})",
        facts.uid,
        file.mode & 0o7777
    );
    (!file.executable).then(|| Remark::new(cause).help(say(&[b"chmod a+rx ", &path])))
}

fn no_format(file: &FileFacts, facts: &ExecFacts) -> Remark {
    let here = this_machine();
    if let Some(elf) = elf::read(&file.head) {
        return match elf.machine {
            Some(machine) if machine != here => foreign("is", machine),
            _ => Remark::new("is a program that this kernel can't run, or a damaged one"),
        };
    }
    if let Some(line) = shebang(&file.head) {
        if line.interpreter.is_empty() {
            return Remark::new("names no interpreter behind the #! of its first line");
        }
        if !line.whole {
            return Remark::new(
                "has a first line that is too long for the kernel, which reads 255 bytes",
            );
        }
        let machine = facts.interpreter.as_ref().and_then(|i| elf::read(&i.head)?.machine);
        return match machine {
            Some(machine) if machine != here => foreign("has an interpreter that is", machine),
            _ => Remark::new(say(&[
                b"has the interpreter ",
                &printable(line.interpreter),
                b", which can't be run",
            ])),
        };
    }
    no_program_file(file)
}

/// Whether a program's file, by its head, is for another machine than this.
pub fn is_foreign(head: &[u8]) -> bool {
    elf::read(head).and_then(|elf| elf.machine).is_some_and(|machine| machine != this_machine())
}

fn foreign(is: &str, machine: &str) -> Remark {
    Remark::new(format!("{is} a program for {machine}, and this machine is {}", this_machine()))
        .help("take the build for this machine (docker build --platform, or the other tarball)")
}

fn no_program_file(file: &FileFacts) -> Remark {
    let head = &file.head[..];
    let path = printable(&file.path);
    if head.is_empty() {
        return Remark::new("is empty");
    }
    if let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf")
        && rest.starts_with(b"#!")
    {
        return Remark::new("begins with a byte order mark, which hides the #! behind it")
            .help(say(&[b"remove it with: sed -i '1s/^\\xef\\xbb\\xbf//' ", &path]));
    }
    if head.trim_ascii_start().starts_with(b"#!") {
        return Remark::new("has blanks before its #!, which must be its first two bytes");
    }
    let magic = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    let binary = head.contains(&0).then_some("a file that is no program");
    if let Some(what) = magic.map(|(_, what)| *what).or(binary) {
        return Remark::new(format!("is {what}"));
    }
    Remark::new("has no #! line").help(
        "let its first line be #!/command/execlineb -P, or #!/bin/sh if it is a shell's script",
    )
}

const MAGIC: &[(&[u8], &str)] = &[
    (b"\xff\xfe", "a text in UTF-16, which the kernel can't read"),
    (b"\xfe\xff", "a text in UTF-16, which the kernel can't read"),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS, or a Java class"),
    (b"\0asm", "a WebAssembly module"),
    (b"\x1f\x8b", "a gzip file, still packed"),
    (b"\xfd7zXZ", "an xz file, still packed"),
    (b"PK\x03\x04", "a zip file, still packed"),
    (b"!<arch>", "an archive (a library or a Debian package)"),
];

fn too_big(facts: &ExecFacts) -> Remark {
    if facts.longest_word >= LONGEST_WORD {
        return Remark::new(format!(
            "was given a word or a variable of {} bytes, and the kernel takes {} at most",
            facts.longest_word,
            LONGEST_WORD - 1
        ))
        .help("pass it in a file, or through a pipe");
    }
    Remark::new(format!(
        "was given a command line and an environment of {} bytes, more than the kernel takes",
        facts.all_words
    ))
    .help(
        "pass it in a file, or through a pipe; or raise the stack limit, of which it is a quarter",
    )
}

fn this_machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86" => "i386",
        "powerpc64" if cfg!(target_endian = "little") => "powerpc64le",
        other => other,
    }
}

#[cfg(test)]
mod tests;
