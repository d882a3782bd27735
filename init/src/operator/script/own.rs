//! Which words of a command line are the command's own, and where the rest of the chain begins.

use super::fit::{Problem, fit};
use super::shape::{self, Takes};
use super::special;
use super::tokens::{Kind, Token};
use interpreter::arg::Arg;
use interpreter::word::Command;

/// How many words of the command line, the name included, belong to the command itself; all of
/// them where they don't fit its usage.
pub fn own_words(command: &'static Command, argv: &[Arg]) -> usize {
    fitting(command, argv).unwrap_or(argv.len())
}

fn fitting(command: &'static Command, argv: &[Arg]) -> Option<usize> {
    let mut misread = Vec::new();
    loop {
        let (tokens, indices) = tokens(argv, &misread);
        let range = 0..tokens.len();
        let shape =
            special::shape(command.name, shape::parse(command.usage), &tokens, range.clone());
        let laid = fit(&shape, &tokens, range, special::has_long(command.name), &|_| false);
        let wrong = match laid.problem {
            None => {
                let chain = laid.parts.iter().find(|filled| filled.part.takes == Takes::Chain);
                let Some(at) = chain.map(|filled| filled.range.start) else {
                    return Some(argv.len());
                };
                // No program has the empty name: a block that may be left out, and is not.
                if !argv.get(indices[at])?.is_empty() || misread.contains(&indices[at]) {
                    return Some(indices[at]);
                }
                at
            }
            Some(Problem::NoBlock { word: Some(at), .. }) => at,
            Some(Problem::BlockForWord { open, .. }) => open,
            Some(_) => return None,
        };
        let index = *indices.get(wrong)?;
        if misread.contains(&index) {
            return None;
        }
        misread.push(index);
    }
}

/// The words behind the name as tokens, each with its index: a word with a blank in front begins a
/// block, and an empty one is a word. Of those that are `misread` it is the other way round.
fn tokens(argv: &[Arg], misread: &[usize]) -> (Vec<Token>, Vec<usize>) {
    let (mut tokens, mut indices) = (Vec::new(), Vec::new());
    let mut put = |kind, text: &[u8], index| {
        tokens.push(Token { kind, at: 0..0, text: text.to_vec(), plain: true });
        indices.push(index);
        tokens.len() - 1
    };
    let mut opens = Vec::new();
    let mut index = 1;
    while let Some(word) = argv.get(index) {
        let text = word.to_bytes();
        let in_block = text.starts_with(b" ");
        let is_other = misread.contains(&index) && (in_block || text.is_empty());
        if in_block == is_other {
            put(Kind::Word, text, index);
            index += 1;
            continue;
        }
        let open = put(Kind::Open(0), b"", index);
        while let Some(inner) = argv.get(index).and_then(|w| w.to_bytes().strip_prefix(b" ")) {
            put(Kind::Word, inner, index);
            index += 1;
        }
        opens.push((open, put(Kind::Close, b"", index)));
        index += 1;
    }
    for (open, close) in opens {
        tokens[open].kind = Kind::Open(close);
    }
    (tokens, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(argv: &[Arg]) -> usize {
        let name = argv[0].to_bytes();
        own_words(super::super::command(name).unwrap(), argv)
    }

    #[test]
    fn the_chain_begins_behind_what_the_command_takes() {
        assert_eq!(own(&[c"export", c"A", c"b", c"prog", c"x"]), 3);
        assert_eq!(own(&[c"export", c"A", c"", c"prog"]), 3);
        assert_eq!(own(&[c"export", c"A", c" b", c"prog", c"", c"x"]), 3);
        assert_eq!(own(&[c"foreground", c" a", c"  b", c" ", c"", c"prog"]), 5);
        assert_eq!(own(&[c"foreground", c"", c"prog"]), 2);
        assert_eq!(own(&[c"ifelse", c" a", c"", c"", c"prog"]), 4);
        assert_eq!(own(&[c"importas", c"-D", c"x y", c"-u", c"a", c"A", c"prog"]), 6);
        assert_eq!(own(&[c"importas", c"-uSi", c"--", c"i", c"if", c" a", c"", c"prog"]), 4);
        assert_eq!(own(&[c"redirfd", c"-w", c"1", c"f", c"prog"]), 4);
        assert_eq!(own(&[c"emptyenv", c"--keep-path", c"prog"]), 2);
        assert_eq!(own(&[c"wait", c"", c"prog"]), 2);
        assert_eq!(own(&[c"wait", c" 1", c"", c"prog"]), 3);
        assert_eq!(own(&[c"if", c"-n", c" a", c""]), 4);
    }

    #[test]
    fn without_a_chain_or_a_fit_all_is_its_own() {
        assert_eq!(own(&[c"exit", c"3"]), 2);
        assert_eq!(own(&[c"s6-echo", c"a", c"b"]), 3);
        assert_eq!(own(&[c"export", c"A"]), 2);
        assert_eq!(own(&[c"foreground", c"a", c"b"]), 3);
        assert_eq!(own(&[c"foreground"]), 1);
    }
}
