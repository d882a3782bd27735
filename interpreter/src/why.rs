//! Why a program could not be exec'd: gathers what `diagnose` needs to know, and only when
//! something has failed.

use crate::arg::{Arg, Argv};
use crate::diagnose::{
    ExecFacts, FileFacts, FileKind, Place, Remark, interpreter_of, printable, why_exec_failed,
};
use crate::image::Image;
use sys::Errno;

/// How much of a file is read: a `#!` line, or an ELF header with the dynamic linker's name.
const HEAD: usize = 4096;

/// Where the commands are.
const COMMANDS: &[u8] = b"/command/";

/// The lengths of the longest word, and of all words, that a program would have been given.
pub fn sizes(argv: &[Arg], env: &[Arg]) -> (usize, usize) {
    let lengths = || argv.iter().chain(env).map(|word| word.to_bytes_with_nul().len());
    (lengths().max().unwrap_or(0), lengths().sum())
}

/// The message for a word that could not be exec'd, with the lines' ends.
pub fn exec_failed(image: &Image, file: Arg, sizes: (usize, usize), errno: Errno) -> Vec<u8> {
    message(image, "fatal", "exec", file, sizes, errno)
}

/// The message for a block's program that could not be started, with the lines' ends.
pub fn spawn_failed(image: &Image, level: &str, argv: &Argv, errno: Errno) -> Vec<u8> {
    let file = argv.first().copied().unwrap_or(c"");
    message(image, level, "spawn", file, sizes(argv, image.env.vars()), errno)
}

fn message(
    image: &Image,
    level: &str,
    verb: &str,
    file: Arg,
    sizes: (usize, usize),
    errno: Errno,
) -> Vec<u8> {
    let name = file.to_bytes();
    let names = (image.catalogue.names)();
    let remark = remark(name, image.search_path().to_bytes(), sizes, &names, errno);
    let place = image.place_of(file);
    let mut text = format!("{}: {level}: unable to {verb} ", image.command.name).into_bytes();
    text.extend_from_slice(&printable(name));
    text.extend_from_slice(format!(": {}\n", sys::reason(errno)).as_bytes());
    text.extend_from_slice(&remark.lines(place.as_ref(), name));
    text
}

/// Why the program at `path` could not be exec'd, for callers that have no chain: a service's
/// `run`, a script of a stage, the CMD. A name without a slash is looked up in `search_path`.
pub fn exec_remark(path: &[u8], search_path: &[u8], errno: Errno) -> Remark {
    remark(path, search_path, (0, 0), &[], errno)
}

/// Would an exec of the file fail, as far as that can be told without one?
pub fn exec_fault(path: &[u8]) -> Option<Errno> {
    let fault = |path: &[u8]| sys::fs::eaccess(path, sys::fs::X_OK).err();
    fault(path).or_else(|| {
        let interpreter = interpreter_of(&head(path)).filter(|i| i.starts_with(b"/"))?;
        fault(&interpreter)
    })
}

fn remark(
    name: &[u8],
    search_path: &[u8],
    (longest_word, all_words): (usize, usize),
    commands: &[&[u8]],
    errno: Errno,
) -> Remark {
    let path = locate(name, search_path);
    let file = path.as_deref().and_then(facts);
    let wanted = file.as_ref().and_then(|f| interpreter_of(&f.head));
    let interpreter = wanted.as_deref().and_then(facts);
    let facts = ExecFacts {
        search_path,
        bad_dir: bad_dir(path.as_deref().unwrap_or(name)),
        file,
        interpreter,
        interpreter_elsewhere: wanted.as_deref().and_then(among_commands),
        uid: sys::process::ids().1,
        longest_word,
        all_words,
        commands,
    };
    why_exec_failed(name, errno, &facts)
}

/// The first file of that name, executable or not.
fn locate(name: &[u8], search_path: &[u8]) -> Option<Vec<u8>> {
    if name.contains(&b'/') {
        return Some(name.to_vec());
    }
    let dirs = search_path.split(|&b| b == b':').filter(|dir| !dir.is_empty());
    let mut paths = dirs.map(|dir| [dir, b"/", name].concat());
    paths.find(|path| sys::fs::lstat_bytes(path).is_ok())
}

fn facts(path: &[u8]) -> Option<FileFacts> {
    let kind = match sys::fs::stat_bytes(path) {
        Ok(stat) if stat.is_dir() => (FileKind::Directory, stat.mode),
        Ok(stat) if stat.is_file() => (FileKind::Regular, stat.mode),
        Ok(stat) => (FileKind::Other, stat.mode),
        Err(_) => (FileKind::DanglingLink(sys::fs::readlink(path).ok()?), 0),
    };
    Some(FileFacts {
        path: path.to_vec(),
        head: if kind.0 == FileKind::Regular { head(path) } else { Vec::new() },
        kind: kind.0,
        mode: kind.1,
        executable: sys::fs::eaccess(path, sys::fs::X_OK).is_ok(),
        noexec: sys::fs::is_noexec(path).unwrap_or(false),
    })
}

/// The path of our command of that file's name, if there is one.
fn among_commands(path: &[u8]) -> Option<Vec<u8>> {
    let name = path.rsplit(|&b| b == b'/').next()?;
    let command = [COMMANDS, name].concat();
    (!name.is_empty() && command != path && sys::fs::stat_bytes(&command).is_ok())
        .then_some(command)
}

fn head(path: &[u8]) -> Vec<u8> {
    let flags = sys::fd::O_RDONLY | sys::fd::O_CLOEXEC | sys::fd::O_NONBLOCK;
    let Ok(fd) = sys::fd::open_bytes(path, flags, 0) else { return Vec::new() };
    let mut bytes = vec![0; HEAD];
    let got = sys::fd::read(fd, &mut bytes).unwrap_or(0);
    let _ = sys::fd::close(fd);
    bytes.truncate(got);
    bytes
}

/// The first directory on the way that is missing, none, or closed to this user.
fn bad_dir(path: &[u8]) -> Option<Vec<u8>> {
    let ends = path.iter().enumerate().filter(|(i, b)| **b == b'/' && *i > 0).map(|(i, _)| i);
    for end in ends {
        let dir = &path[..end];
        let open = sys::fs::stat_bytes(dir).is_ok_and(|s| s.is_dir())
            && sys::fs::eaccess(dir, sys::fs::X_OK).is_ok();
        if !open {
            return Some(dir.to_vec());
        }
    }
    None
}

/// Of a script `./run` the name tells nothing: where it lies, if a `cd` did not lead away from it.
pub fn whole_name<'a>(name: &'a [u8], source: &[u8]) -> &'a [u8] {
    let whole = name.strip_prefix(b"./").and_then(|rest| {
        let path = [&sys::fs::getcwd().ok()?[..], b"/", rest].concat();
        let text = sys::fd::read_file(&std::ffi::CString::new(path.clone()).ok()?).ok()?;
        (text == source).then_some(path)
    });
    whole.map_or(name, |path| path.leak())
}

/// The message of a word that failed: below its first line, where the word stands.
pub fn word_failed(image: &Image, message: &str) -> Vec<u8> {
    let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
    let place = image.place_of(image.argv0).map(|place| place.show(b"this word failed"));
    let end = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
    let place = place.unwrap_or_default();
    [first.as_bytes(), b"\n", &place, rest.as_bytes(), end.as_bytes()].concat()
}

impl Image {
    /// Where in the script a word stands, if it still is the script's own: substitution makes new
    /// ones.
    pub(crate) fn place_of(&self, word: Arg) -> Option<Place<'static>> {
        let origin = self.origin.as_ref()?;
        let at = word.as_ptr() as usize;
        if !origin.words.contains(&at) {
            return None;
        }
        let span = crate::syntax::place_of(origin.source, at - origin.words.start)?;
        let file = origin.file.map_or(&b"-c"[..], |f| whole_name(f.to_bytes(), origin.source));
        Some(Place { file, source: origin.source, span })
    }
}
