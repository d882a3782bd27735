//! A key whose value is given.

use super::{Defined, LETTERS, Problem, transform, transform_option};
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::transform::Transform;
use interpreter::image::Image;
use interpreter::word::Fail;

/// Reads `[ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key value`.
pub fn read(_image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    let mut how = Transform::default();
    options::take(argv, &LETTERS[5..], |letter, arg| {
        transform_option(&mut how, letter, arg);
        Ok(())
    })?;
    let [key, value, ..] = **argv else { return Err(Fail::usage().into()) };
    defined.check(key)?;
    defined.add(key, transform(&how, value, key.to_bytes())?);
    argv.advance(2);
    Ok(())
}
