//! POSIX's patterns as libc does them: leftmost-longest, which is what execline's users have.

use crate::{Errno, Result};
use core::ffi::{CStr, c_char, c_int};
use std::sync::Mutex;

pub use libc::{FNM_NOESCAPE, FNM_PATHNAME, FNM_PERIOD, REG_EXTENDED, REG_ICASE, REG_NOSUB};

/// A compiled regular expression.
pub struct Regex(libc::regex_t);

/// What an expression matched, or one of its subexpressions; none for one that took no part.
pub type Span = Option<core::ops::Range<usize>>;

/// A pattern that does not compile, or can't be matched.
#[derive(Debug)]
pub struct BadPattern(
    /// Why not, in libc's words.
    pub Vec<u8>,
    /// Whether that is because it would take more memory than there is.
    pub bool,
);

impl Regex {
    /// Compiles an extended one without captures.
    pub fn new(pattern: &CStr) -> core::result::Result<Regex, BadPattern> {
        Regex::with(pattern, REG_EXTENDED | REG_NOSUB)
    }

    /// Compiles; `flags`: libc's `REG_*`.
    pub fn with(pattern: &CStr, flags: c_int) -> core::result::Result<Regex, BadPattern> {
        // SAFETY: regex_t is plain data that regcomp fills.
        let mut regex: libc::regex_t = unsafe { core::mem::zeroed() };
        // SAFETY: the pattern is NUL-terminated, the structure is ours.
        match unsafe { libc::regcomp(&mut regex, pattern.as_ptr(), flags) } {
            0 => Ok(Regex(regex)),
            code => Err(bad(code, &regex)),
        }
    }

    /// Does it match anywhere?
    pub fn is_match(&self, text: &CStr) -> bool {
        // SAFETY: the expression is compiled, the text NUL-terminated, no match array is given.
        unsafe { libc::regexec(&self.0, text.as_ptr(), 0, core::ptr::null_mut(), 0) == 0 }
    }

    /// How many subexpressions it has.
    pub fn groups(&self) -> usize {
        // POSIX's re_nsub, which the libc crate keeps to itself: the first word of musl's
        // structure, the seventh of glibc's.
        const AT: usize = if cfg!(target_env = "musl") { 0 } else { 6 };
        // SAFETY: the structure is aligned, longer than seven words, and was filled by regcomp.
        unsafe { core::ptr::from_ref(&self.0).cast::<usize>().add(AT).read() }
    }

    /// Where it matches first, and where the first `groups` of its subexpressions do: nothing if
    /// it was compiled without captures. `None`: nowhere.
    pub fn find(
        &self,
        text: &CStr,
        groups: usize,
    ) -> core::result::Result<Option<Vec<Span>>, BadPattern> {
        let mut spans = vec![libc::regmatch_t { rm_so: -1, rm_eo: -1 }; groups + 1];
        let array = spans.as_mut_ptr();
        // SAFETY: the expression is compiled, the text NUL-terminated, the array has the length.
        match unsafe { libc::regexec(&self.0, text.as_ptr(), spans.len(), array, 0) } {
            0 => Ok(Some(spans.iter().map(span).collect())),
            libc::REG_NOMATCH => Ok(None),
            code => Err(bad(code, &self.0)),
        }
    }
}

fn span(found: &libc::regmatch_t) -> Span {
    Some(usize::try_from(found.rm_so).ok()?..usize::try_from(found.rm_eo).ok()?)
}

/// What musl's `regerror` says, which would bring all of its formatted output.
#[cfg(target_env = "musl")]
fn bad(code: c_int, _regex: &libc::regex_t) -> BadPattern {
    let reason: &[u8] = match code {
        libc::REG_BADPAT => b"Invalid regexp",
        libc::REG_ECOLLATE => b"Unknown collating element",
        libc::REG_ECTYPE => b"Unknown character class name",
        libc::REG_EESCAPE => b"Trailing backslash",
        libc::REG_ESUBREG => b"Invalid back reference",
        libc::REG_EBRACK => b"Missing ']'",
        libc::REG_EPAREN => b"Missing ')'",
        libc::REG_EBRACE => b"Missing '}'",
        libc::REG_BADBR => b"Invalid contents of {}",
        libc::REG_ERANGE => b"Invalid character range",
        libc::REG_ESPACE => b"Out of memory",
        libc::REG_BADRPT => b"Repetition not preceded by valid expression",
        _ => b"Unknown error",
    };
    BadPattern(reason.to_vec(), code == libc::REG_ESPACE)
}

#[cfg(not(target_env = "musl"))]
fn bad(code: c_int, regex: &libc::regex_t) -> BadPattern {
    let mut reason = [0u8; 128];
    // SAFETY: the call writes at most the buffer's length, with a NUL at the end.
    unsafe { libc::regerror(code, regex, reason.as_mut_ptr().cast(), reason.len()) };
    let end = reason.iter().position(|&b| b == 0).unwrap_or(0);
    BadPattern(reason[..end].to_vec(), code == libc::REG_ESPACE)
}

impl Drop for Regex {
    fn drop(&mut self) {
        // SAFETY: it was compiled once and is freed once.
        unsafe { libc::regfree(&mut self.0) };
    }
}

/// How [`glob`] works.
#[derive(Clone, Copy, Default, Debug)]
pub struct GlobFlags {
    /// Directories get a slash (`GLOB_MARK`).
    pub mark: bool,
    /// Not sorted (`GLOB_NOSORT`).
    pub no_sort: bool,
    /// A pattern that matches nothing gives itself (`GLOB_NOCHECK`).
    pub no_check: bool,
    /// Backslashes are ordinary (`GLOB_NOESCAPE`).
    pub no_escape: bool,
    /// A directory that can't be read is an error (`GLOB_ERR`).
    pub strict: bool,
}

/// Why a glob failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobError {
    /// Nothing matched.
    NoMatch,
    /// A directory could not be read.
    Aborted,
    /// Out of memory.
    NoSpace,
}

/// What [`glob`] found.
#[derive(Debug)]
pub struct Globbed {
    /// The paths that match.
    pub paths: core::result::Result<Vec<Vec<u8>>, GlobError>,
    /// The directories that could not be read, and why.
    pub unreadable: Vec<(Vec<u8>, Errno)>,
}

/// Where libc's callback, which is given no data of ours, leaves what it is told.
static UNREADABLE: Mutex<Vec<(Vec<u8>, Errno)>> = Mutex::new(Vec::new());

extern "C" fn note_unreadable(path: *const c_char, errno: c_int) -> c_int {
    // SAFETY: glob passes a C string, which lives during the call.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes().to_vec();
    if let Ok(mut list) = UNREADABLE.try_lock() {
        list.push((path, Errno::from_raw(errno)));
    }
    0
}

/// The paths that match the pattern.
pub fn glob(pattern: &CStr, flags: GlobFlags) -> Globbed {
    let bits = [
        (flags.mark, libc::GLOB_MARK),
        (flags.no_sort, libc::GLOB_NOSORT),
        (flags.no_check, libc::GLOB_NOCHECK),
        (flags.no_escape, libc::GLOB_NOESCAPE),
        (flags.strict, libc::GLOB_ERR),
    ];
    let flags = bits.iter().filter(|b| b.0).fold(0, |all: c_int, b| all | b.1);
    // SAFETY: glob_t is plain data that glob fills.
    let mut found: libc::glob_t = unsafe { core::mem::zeroed() };
    let note = Some(note_unreadable as extern "C" fn(*const c_char, c_int) -> c_int);
    // SAFETY: the pattern is NUL-terminated, the function takes what glob gives it, the
    // structure is ours.
    let code = unsafe { libc::glob(pattern.as_ptr(), flags, note, &mut found) };
    let mut paths = Vec::new();
    if code == 0 {
        for i in 0..found.gl_pathc {
            // SAFETY: glob has put so many C strings there.
            paths.push(unsafe { CStr::from_ptr(*found.gl_pathv.add(i)).to_bytes().to_vec() });
        }
    }
    // SAFETY: filled by glob, freed once.
    unsafe { libc::globfree(&mut found) };
    let paths = match code {
        0 => Ok(paths),
        libc::GLOB_NOMATCH => Err(GlobError::NoMatch),
        libc::GLOB_NOSPACE => Err(GlobError::NoSpace),
        _ => Err(GlobError::Aborted),
    };
    let unreadable = UNREADABLE.lock().map(|mut list| core::mem::take(&mut *list));
    Globbed { paths, unreadable: unreadable.unwrap_or_default() }
}

/// Does the name match the shell pattern? `flags`: libc's `FNM_*`.
pub fn fnmatch(pattern: &CStr, name: &CStr, flags: c_int) -> bool {
    // SAFETY: both are NUL-terminated and only read.
    unsafe { libc::fnmatch(pattern.as_ptr(), name.as_ptr(), flags) == 0 }
}

/// The path of the terminal that a descriptor is.
pub fn ttyname(fd: i32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; 256];
    // SAFETY: the call writes at most the buffer's length, with a NUL at the end.
    let code = unsafe { libc::ttyname_r(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
    if code != 0 {
        return Err(crate::Errno::from_raw(code));
    }
    let end = buffer.iter().position(|&b| b == 0).unwrap_or(0);
    Ok(buffer[..end].to_vec())
}
