//! Several keys whose values are the parts of one.

use super::{Defined, Problem, transform, transform_option};
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::transform::Transform;
use interpreter::image::Image;
use interpreter::word::Fail;

/// Reads `[ -0 ] [ -r ] [ -N | -n ] [ -C | -c ] [ -d delim ] value { keys... }`.
///
/// A part whose key is the empty word is passed over. Keys beyond the last part are empty words,
/// with `-0` no words. With `-r` the last key has the parts that are left over.
pub fn read(image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    let mut how = Transform { split: true, ..Transform::default() };
    let mut vanish = false;
    let mut rest_to_last = false;
    options::take(argv, "0rNnCcd:", |letter, arg| {
        match letter {
            b'0' => vanish = true,
            b'r' => rest_to_last = true,
            _ => transform_option(&mut how, letter, arg),
        }
        Ok(())
    })?;
    let [value, _, ..] = **argv else { return Err(Fail::usage().into()) };
    argv.advance(1);
    let keys = image.block(argv)?.ok_or_else(Fail::usage)?;
    if keys.is_empty() {
        return Err(Problem::EmptyBlock);
    }
    let parts = transform(&how, value, b"the value")?;
    for (key, values) in deal(&keys, &parts, vanish, rest_to_last) {
        defined.check(key)?;
        defined.add(key, values);
    }
    Ok(())
}

/// Which key has which of the parts.
fn deal(
    keys: &[Arg],
    parts: &[Vec<u8>],
    vanish: bool,
    rest_to_last: bool,
) -> Vec<(Arg, Vec<Vec<u8>>)> {
    let last = keys.iter().rposition(|key| !key.is_empty());
    let left_over = if rest_to_last { parts.len().saturating_sub(keys.len()) } else { 0 };
    let values = |i: usize| match parts.get(i) {
        Some(_) => parts[i..=i + if Some(i) == last { left_over } else { 0 }].to_vec(),
        None if vanish => Vec::new(),
        None => vec![Vec::new()],
    };
    let named = keys.iter().enumerate().filter(|(_, key)| !key.is_empty());
    named.map(|(i, &key)| (key, values(i))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(keys: &[Arg], parts: &str, vanish: bool, rest_to_last: bool) -> String {
        let parts: Vec<_> = parts.split_terminator(' ').map(|p| p.as_bytes().to_vec()).collect();
        let text = |values: Vec<Vec<u8>>| {
            values.iter().map(|v| v.escape_ascii().to_string() + ",").collect::<String>()
        };
        let dealt = deal(keys, &parts, vanish, rest_to_last);
        let each = dealt.into_iter().map(|(k, v)| format!("{}={}", k.to_str().unwrap(), text(v)));
        each.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parts_are_dealt_in_order() {
        let (a, b, none): (Arg, Arg, Arg) = (c"a", c"b", c"");
        assert_eq!(run(&[a, b], "1 2 3", false, false), "a=1, b=2,");
        assert_eq!(run(&[a, b], "1 2 3 4", false, true), "a=1, b=2,3,4,");
        assert_eq!(run(&[a, b], "1", false, true), "a=1, b=,");
        assert_eq!(run(&[a, b], "1", true, true), "a=1, b=");
        assert_eq!(run(&[none, b], "1 2", false, false), "b=2,");
        assert_eq!(run(&[a, none], "1 2 3 4", false, true), "a=1,2,3,");
        assert_eq!(run(&[none], "1 2", false, true), "");
    }
}
