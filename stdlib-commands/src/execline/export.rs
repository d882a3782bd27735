//! `export`: one variable more in the environment.

use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "export",
    usage: "export variable value prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [name, value, _, ..] = *argv else { return Err(Fail::usage()) };
    check_name(name)?;
    image.env.set(name.to_bytes(), value.to_bytes());
    argv.advance(2);
    Ok(Next::Chain(argv))
}

/// Refuses a name that has a `=`: exit code 100. The empty name can be set.
pub fn check_name(name: Arg) -> Result<(), Fail> {
    if name.to_bytes().contains(&b'=') {
        return Err(Fail::bad(format!(
            "invalid variable name: {} has a =; a name is a word of its own",
            shown(name.to_bytes())
        )));
    }
    Ok(())
}
