//! `s6-seq`: numbers.

use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-seq",
    usage: "s6-seq [ -w ] [ -s separator ] [ first ] [ increment ] last",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut wide, mut separator) = (false, &b"\n"[..]);
    options::take(&mut argv, "ws:", |letter, value| {
        match letter {
            b'w' => wide = true,
            _ if value.is_empty() => separator = b"\0",
            _ => separator = value.to_bytes(),
        }
        Ok(())
    })?;
    let limits = argv.iter().map(|word| options::number(word).map(u64::from));
    let (mut n, step, last) = match limits.collect::<Result<Vec<_>, _>>()?[..] {
        [last] => (1, 1, last),
        [first, last] => (first, 1, last),
        [first, step, last] => (first, step, last),
        _ => return Err(Fail::usage()),
    };
    let width = match last.saturating_sub(n).checked_div(step) {
        Some(steps) if wide => Decimal::new(n + steps * step).len(),
        _ => 0,
    };
    let mut text = Vec::new();
    while n <= last {
        let decimal = Decimal::new(n);
        let digits = &decimal[..];
        text.extend((digits.len()..width).map(|_| b'0'));
        text.extend_from_slice(digits);
        text.extend_from_slice(separator);
        if text.len() > 1 << 16 {
            output::write(&text)?;
            text.clear();
        }
        n += step;
    }
    output::write_and_end(&text)
}
