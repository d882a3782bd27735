//! `unexport`: one variable less in the environment.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "unexport", usage: "unexport variable prog...", run, kind: Kind::Link };

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [name, _, ..] = *argv else { return Err(Fail::Usage) };
    if name.to_bytes().contains(&b'=') {
        return Err(Fail::bad(format!("invalid variable name: {}", name.to_string_lossy())));
    }
    image.env.unset(name.to_bytes());
    argv.advance(1);
    Ok(Next::Chain(argv))
}
