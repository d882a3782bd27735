//! Commands that only rewrite their command line and their environment, on any words: they end in
//! a chain, in 0, or in a documented code.
//!
//! An input is parts between NULs: which command (the first part's length), how many words of an
//! environment (the second's), these, and the command's words.

use super::block::image;
use super::input::words;
use interpreter::arg::Argv;
use interpreter::word::{Command, Next};

/// Nothing that starts a process, reads a file or changes this process. elglob is not among
/// them: the files of a machine have no end.
const PURE: [&[u8]; 12] = [
    b"define",
    b"multidefine",
    b"multisubstitute",
    b"importas",
    b"elgetopt",
    b"elgetpositionals",
    b"shift",
    b"emptyenv",
    b"export",
    b"unexport",
    b"exit",
    b"exec",
];

pub fn command(input: &[u8]) -> usize {
    let mut words = words(input).into_iter();
    let mut number = || words.next().map_or(0, |word| word.to_bytes().len());
    let (which, env) = (number() % PURE.len(), number());
    let env: Vec<_> = words.by_ref().take(env).collect();
    let words: Vec<_> = words.collect();
    if words.iter().any(|word| word.to_bytes().ends_with(b"elglob")) || !tame(input) {
        return 0;
    }
    let command: &'static Command = stdlib_commands::find(PURE[which]).unwrap();
    let mut image = image(env, command);
    match (command.run)(&mut image, Argv::new(words)) {
        Ok(Next::Exit(_)) => {}
        Ok(Next::Chain(argv) | Next::File { argv, .. }) => {
            assert!(!argv.is_empty());
            return 16 * input.len()
                + argv.iter().map(|word| word.count_bytes() + 1).sum::<usize>();
        }
        Err(fail) => assert!(matches!(fail.code(), 1 | 100 | 111 | 126 | 127), "{fail}"),
    }
    16 * input.len()
}

/// Values of many words, several in one word, make more than a run may take, though no more than
/// the words that come out of it; substitution has its own target.
fn tame(input: &[u8]) -> bool {
    input.iter().filter(|&&byte| byte == b'$').count() < 3
}
