//! A block off the front of a command line. An input is words with NULs between them; the first
//! byte says how strict to be.

use super::input::words;
use interpreter::arg::{Arg, Argv};
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Catalogue, Command};

pub fn image(env: Vec<Arg>, command: &'static Command) -> Image {
    let find = stdlib_commands::find;
    let catalogue =
        Catalogue { find, names: Vec::new, own: |_| false, own_words: |_, words| words.len() };
    Image::new(Env::new(env), catalogue, command)
}

pub fn block(input: &[u8]) -> usize {
    let Some((&first, rest)) = input.split_first() else { return 0 };
    let strict = first & 1 != 0;
    let env = if strict { vec![c"EXECLINE_STRICT=2"] } else { Vec::new() };
    let image = image(env, stdlib_commands::find(b"if").unwrap());
    let words = words(rest);
    let mut argv = Argv::new(words.clone());
    // A second one finds what the first has left.
    let mut left = &words[..];
    for _ in 0..2 {
        let end = left.iter().position(|word| word.is_empty());
        let inside = &left[..end.unwrap_or(left.len())];
        let quoted = inside.iter().take_while(|w| w.to_bytes().starts_with(b" ")).count();
        match image.block(&mut argv) {
            Err(fail) => {
                assert!(strict && quoted < inside.len());
                assert_eq!(fail.code(), 100);
                break;
            }
            Ok(None) => {
                assert!(end.is_none() && (!strict || quoted == inside.len()));
                assert!(argv.is_empty());
                break;
            }
            Ok(Some(block)) => {
                let plain = |w: &Arg| {
                    let bytes = w.to_bytes();
                    bytes.strip_prefix(b" ").unwrap_or(bytes).to_vec()
                };
                assert!(block.iter().map(|w| w.to_bytes().to_vec()).eq(inside.iter().map(plain)));
                left = &left[end.unwrap() + 1..];
                assert_eq!(&*argv, left);
            }
        }
    }
    rest.len()
}
