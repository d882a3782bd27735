//! The positional parameters, out of the environment, as keys.

use super::{Defined, Problem};
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::args::positional::Positionals;
use interpreter::image::Image;
use interpreter::word::Fail;

/// Reads `[ -P num ]`: keys up to that number, empty words for those that are not given.
pub fn read(image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    let mut least = 0;
    options::take(argv, "P:", |_, arg| {
        least = options::number(arg)?;
        Ok(())
    })?;
    if let Some(given) = image.env.get(b"#").and_then(number::uint) {
        check_least(image, least, given)?;
    }
    let found = Positionals::of_environment(&image.env, least)
        .map_err(|missing| Problem::Key(missing.to_string()))?;
    defined.add_positionals(found)
}

/// What `EXECLINE_STRICT` says to too few parameters.
fn check_least(image: &Image, least: u32, given: u32) -> Result<(), Fail> {
    if given >= least {
        return Ok(());
    }
    let message = format!("too few arguments: expected at least {least} but got {given}");
    match image.strict() {
        0 => {}
        1 => image.warn(&message),
        _ => return Err(Fail::bad(message)),
    }
    Ok(())
}
