//! `unexport`: one variable less in the environment.

use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "unexport",
    usage: "unexport variable prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    if name.to_bytes().contains(&b'=') {
        return Err(Fail::bad(format!(
            "invalid variable name: {} has a =",
            shown(name.to_bytes())
        )));
    }
    image.env.unset(name.to_bytes());
    argv.advance(1);
    Ok(Next::Chain(argv))
}
