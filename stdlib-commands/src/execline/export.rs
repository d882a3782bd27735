//! `export`: one variable more in the environment.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "export", usage: "export variable value prog...", run, kind: Kind::Link };

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [name, value, _, ..] = *argv else { return Err(Fail::Usage) };
    if name.to_bytes().contains(&b'=') {
        return Err(Fail::bad(format!("invalid variable name: {}", name.to_string_lossy())));
    }
    image.env.set(name.to_bytes(), value.to_bytes());
    argv.advance(2);
    Ok(Next::Chain(argv))
}
