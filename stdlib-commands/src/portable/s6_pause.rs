//! `s6-pause`: waits for a signal that ends it.

use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};
use sys::signal::{self, Disposition};

pub const COMMAND: Command = Command {
    name: "s6-pause",
    usage: "s6-pause [ -t ] [ -h ] [ -a ] [ -q ] [ -b ] [ -i ] [ -p signal,signal... ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// It only ends by a signal.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut ignored = Vec::new();
    options::take(&mut argv, "thaqbip:", |letter, value| {
        ignored.push(match letter {
            b't' => signal::SIGTERM,
            b'h' => signal::SIGHUP,
            b'a' => signal::SIGALRM,
            b'q' => signal::SIGQUIT,
            b'b' => signal::SIGABRT,
            b'i' => signal::SIGINT,
            _ => {
                for word in value.to_bytes().split(|b| b",: \t\r\n".contains(b)) {
                    match number::uint_prefix(word) {
                        (_, 0) if !word.is_empty() => return Err(Fail::usage()),
                        (n, _) => ignored.push(n.cast_signed()),
                    }
                }
                return Ok(());
            }
        });
        Ok(())
    })?;
    for signal in ignored {
        let _ = signal::dispose(signal, Disposition::Ignore);
    }
    loop {
        let _ = sys::event::poll(&mut [], None);
    }
}
