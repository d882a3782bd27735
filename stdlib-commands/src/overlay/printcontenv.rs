//! `printcontenv`: the value of a variable of the container's environment.

use super::container;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "printcontenv",
    usage: "printcontenv variable",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: there is no such variable; 100: none was named; 111: it can't be read or written.
fn run(image: &mut Image, argv: Argv) -> Ran {
    let name = argv.first().ok_or_else(|| Fail::bad("too few arguments: name a variable"))?;
    let found = container::value(&image.env, name.to_bytes())
        .map_err(|errno| Fail::sys_at("read variable", name.to_bytes(), errno))?;
    let Some(mut value) = found else { return Ok(Next::Exit(1)) };
    // A value that ends a line needs no second end.
    if !value.ends_with(b"\n") {
        value.push(b'\n');
    }
    crate::output::write_and_end(&value)
}
