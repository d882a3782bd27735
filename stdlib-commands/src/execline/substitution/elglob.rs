//! A key whose values are the paths that match a pattern.

use super::{Defined, Problem, unable};
use crate::execline::list;
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::Fail;
use sys::posix::{GlobError, GlobFlags, glob};

#[derive(Default)]
struct Options {
    flags: GlobFlags,
    verbose: bool,
    chomp: bool,
    /// One word for all paths, each ended by the delimiter; an empty one means netstrings.
    delim: Option<Arg>,
}

/// Reads `[ -v ] [ -w ] [ -s ] [ -m ] [ -e ] [ -0 ] [ -n ] [ -d delim ] key pattern`.
pub fn read(image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    let mut options = Options {
        flags: GlobFlags { no_sort: true, no_check: true, ..GlobFlags::default() },
        ..Options::default()
    };
    options::take(argv, "vwsme0nd:", |letter, arg| {
        match letter {
            b'v' => options.verbose = true,
            b'w' => options.flags.strict = true,
            b's' => options.flags.no_sort = false,
            b'm' => options.flags.mark = true,
            b'e' => options.flags.no_escape = true,
            b'0' => options.flags.no_check = false,
            b'n' => options.chomp = true,
            _ => options.delim = Some(arg),
        }
        Ok(())
    })?;
    let [key, pattern, ..] = **argv else { return Err(Fail::usage().into()) };
    defined.check(key)?;
    defined.add(key, joined(paths(image, pattern, &options)?, &options));
    argv.advance(2);
    Ok(())
}

fn paths(image: &Image, pattern: Arg, options: &Options) -> Result<Vec<Vec<u8>>, Problem> {
    let globbed = glob(pattern, options.flags);
    if options.verbose {
        for (path, errno) in &globbed.unreadable {
            let path = shown(path);
            image.warn(&format!("while globbing, error reading {path}: {}", sys::reason(*errno)));
        }
    }
    match (globbed.paths, globbed.unreadable.last()) {
        (Ok(paths), _) => Ok(paths),
        (Err(GlobError::NoMatch), _) => Ok(Vec::new()),
        (Err(GlobError::Aborted), Some((path, errno))) => {
            let (pattern, path) = (shown(pattern.to_bytes()), shown(path));
            Err(unable(format!("glob {pattern}: unable to read {path}"), *errno))
        }
        (Err(GlobError::Aborted), None) => Err(unable(what(pattern), sys::Errno::EIO)),
        (Err(GlobError::NoSpace), _) => Err(unable(what(pattern), sys::Errno::ENOMEM)),
    }
}

fn what(pattern: Arg) -> String {
    format!("glob {}", shown(pattern.to_bytes()))
}

fn joined(paths: Vec<Vec<u8>>, options: &Options) -> Vec<Vec<u8>> {
    let Some(delim) = options.delim else { return paths };
    let mut word = list::encode(&paths, list::delimiter(delim));
    if options.chomp && !delim.is_empty() {
        word.pop();
    }
    vec![word]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_words_or_one_word() {
        let paths = || vec![b"a".to_vec(), b"bc".to_vec()];
        let run = |delim, chomp| joined(paths(), &Options { delim, chomp, ..Options::default() });
        assert_eq!(run(None, true), paths());
        assert_eq!(run(Some(c":;"), false), [b"a:bc:"]);
        assert_eq!(run(Some(c":;"), true), [b"a:bc"]);
        assert_eq!(run(Some(c""), true), [b"1:a,2:bc,"]);
        let options = Options { delim: Some(c":"), chomp: true, ..Options::default() };
        assert_eq!(joined(Vec::new(), &options), [b""]);
    }
}
