//! Words of a command line, as the kernel gives and takes them.
//!
//! A process that chain-loads ends in an exec or an exit, so a word is never freed: it is a
//! pointer into the argument area of the process, into the parsed script, or into a leaked
//! buffer. Taking a block's quoting off is therefore a pointer moved by one.

use std::ffi::CStr;
use std::ops::Deref;

/// One word: any bytes but NUL, NUL-terminated.
pub type Arg = &'static CStr;

/// Makes a word that lives as long as the process. Bytes from the first NUL on are dropped, as
/// they would be by an exec.
pub fn leak(bytes: Vec<u8>) -> Arg {
    sys::lasting(bytes)
}

/// The words of a NUL-terminated blob, in order, the blob leaked.
pub fn leak_blob(blob: Vec<u8>, count: usize) -> Vec<Arg> {
    let mut rest: &'static [u8] = Box::leak(blob.into_boxed_slice());
    let mut words = Vec::with_capacity(count);
    while let Ok(word) = CStr::from_bytes_until_nul(rest) {
        words.push(word);
        rest = &rest[word.to_bytes_with_nul().len()..];
    }
    words
}

/// A word with its first `n` bytes taken off (at most all of them).
pub fn skip(word: Arg, n: usize) -> Arg {
    &word[n.min(word.count_bytes())..]
}

/// A command line that is being eaten from the front: taking words off moves a mark, so that a
/// script of thousands of words does not copy the rest of itself at every hop.
#[derive(Clone, Default, Debug)]
pub struct Argv {
    words: Vec<Arg>,
    start: usize,
}

impl Argv {
    /// A command line of these words.
    pub fn new(words: Vec<Arg>) -> Self {
        Argv { words, start: 0 }
    }

    /// Takes off the first `n` words, at most all.
    pub fn advance(&mut self, n: usize) {
        self.start = (self.start + n).min(self.words.len());
    }

    /// Takes off the first word.
    pub fn next_word(&mut self) -> Option<Arg> {
        let word = self.words.get(self.start).copied();
        self.advance(1);
        word
    }

    /// Puts words in front of what is left.
    pub fn prepend(&mut self, front: &[Arg]) {
        if self.start >= front.len() {
            self.start -= front.len();
            self.words[self.start..self.start + front.len()].copy_from_slice(front);
        } else {
            self.words.splice(..self.start, front.iter().copied());
            self.start = 0;
        }
    }

    /// Puts another word in the place of one.
    pub fn set(&mut self, at: usize, word: Arg) {
        if let Some(there) = self.words.get_mut(self.start + at) {
            *there = word;
        }
    }

    /// Puts these words in the place of that one and all behind it.
    pub fn replace_from(&mut self, at: usize, words: &[Arg]) {
        self.truncate(at);
        self.words.extend_from_slice(words);
    }

    /// Keeps the first `n` of the words that are left.
    pub fn truncate(&mut self, n: usize) {
        self.words.truncate(self.start + n);
    }
}

/// Takes a block off the front of a command line as [`Image::block`] does it, but asks nothing of its
/// words; none where its end is missing.
///
/// [`Image::block`]: crate::image::Image::block
pub fn block(argv: &mut Argv) -> Option<Argv> {
    let end = argv.iter().position(|word| word.is_empty())?;
    let bare = |word: &Arg| skip(word, usize::from(word.to_bytes().starts_with(b" ")));
    let block = argv[..end].iter().map(bare).collect();
    argv.advance(end + 1);
    Some(Argv::new(block))
}

impl Deref for Argv {
    type Target = [Arg];
    fn deref(&self) -> &[Arg] {
        &self.words[self.start..]
    }
}

impl From<Vec<Arg>> for Argv {
    fn from(words: Vec<Arg>) -> Self {
        Argv::new(words)
    }
}
