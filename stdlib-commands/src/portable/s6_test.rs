//! `s6-test`: is an expression true? s6-portable-utils had it until 2.3.0.0; then execline's
//! `eltest` took its place.

use crate::execline::eltest::{self, Rules, judge};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-test",
    usage: "s6-test expression...",
    run,
    kind: Kind::Quick,
    examine: Some(eltest::examine),
};

/// Called `[`, it wants a `]` at the end.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    if image.argv0.to_bytes() == b"[" && !argv.is_empty() {
        if argv.last().is_some_and(|word| word.to_bytes() != b"]") {
            return Err(Fail::bad("parse error: missing closing bracket"));
        }
        let words = argv.len() - 1;
        argv.truncate(words);
    }
    judge(image, &argv, Rules::S6Test)
}
