//! `s6-tai64ndiff`: writes what it reads, with the time since the line before in the place of the
//! TAI64N labels at the beginning of lines.

use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-tai64ndiff",
    usage: "s6-tai64ndiff",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// How long a label is, with its `@`.
const LABEL: usize = 25;

/// 111: standard input or output fails.
fn run(_image: &mut Image, _argv: Argv) -> Ran {
    let mut before = None;
    lines::filter(b"\n", |line, out| {
        let now = sys::tai::scan(line).filter(|_| line.len() > LABEL).map(sys::time::Time::nanos);
        if let Some(now) = now {
            let since = before.map_or_else(String::new, |before| {
                let nanos: i128 = now - before;
                let (sec, rest) =
                    (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
                format!("{sec:>10}.{rest:09}")
            });
            out.extend_from_slice(format!("[{since:>10}").as_bytes());
            if before.is_none() {
                out.extend_from_slice(b".          ");
            } else {
                out.push(b' ');
            }
            out.push(b']');
        }
        out.extend_from_slice(if now.is_some() { &line[LABEL..] } else { line });
        before = now;
    })
}
