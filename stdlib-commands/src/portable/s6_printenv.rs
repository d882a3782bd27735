//! `s6-printenv`: the environment.

use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-printenv",
    usage: "s6-printenv [ -n ] [ -0 | -d delimchar ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut last, mut end, mut zero) = (true, b'\n', false);
    options::take(&mut argv, "nd:0", |letter, value| {
        match letter {
            b'n' => last = false,
            b'd' => end = value.to_bytes().first().copied().unwrap_or(0),
            _ => zero = true,
        }
        Ok(())
    })?;
    let mut text = Vec::new();
    for var in image.env.vars().iter().map(|var| var.to_bytes()) {
        if end == 0 && !zero {
            text.extend_from_slice(format!("{}:", var.len()).as_bytes());
            text.extend_from_slice(var);
            text.push(b',');
        } else {
            text.extend_from_slice(var);
            text.push(if zero { 0 } else { end });
        }
    }
    if !last && (end != 0 || zero) {
        text.pop();
    }
    output::write_and_end(&text)
}
