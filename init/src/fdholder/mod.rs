//! A process that holds descriptors for others, under names, and the commands that talk to it.

pub mod client;
mod daemon;
mod delete;
mod getdump;
mod list;
mod retrieve;
mod server;
mod setdump;
mod store;
mod transferdump;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    daemon::COMMAND,
    delete::COMMAND,
    getdump::COMMAND,
    list::COMMAND,
    retrieve::COMMAND,
    setdump::COMMAND,
    store::COMMAND,
    transferdump::COMMAND,
    server::COMMAND,
];

/// The longest name, in bytes.
pub const LONGEST: usize = 255;

/// A moment, as the 12 bytes of a TAI64N label, which compare as the moments do.
type Moment = [u8; 12];

/// What nobody lives to see.
const FOR_EVER: u64 = 1 << 61;

/// How many messages a dump of so many descriptors takes.
fn trips(count: usize) -> usize {
    count.div_ceil(sys::unix::MOST_FDS)
}

/// The parts of a dump, one a message, of equal size: a real s6 can't take one with as many
/// descriptors as a message may have.
fn parts<T>(all: &[T]) -> std::slice::Chunks<'_, T> {
    all.chunks(all.len().div_ceil(trips(all.len()).max(1)).max(1))
}

/// The seconds of a moment's label.
fn seconds(moment: &Moment) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *moment;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The moment so many seconds of the label later.
fn later(moment: &Moment, by: u64) -> Moment {
    let mut later = *moment;
    later[..8].copy_from_slice(&seconds(moment).saturating_add(by).to_be_bytes());
    later
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_dump_has_as_many_parts_as_messages() {
        for count in 0..20_000 {
            let all = vec![(); count];
            assert_eq!(super::parts(&all).len(), super::trips(count), "{count}");
            assert!(super::parts(&all).all(|part| part.len() <= sys::unix::MOST_FDS));
        }
    }
}
