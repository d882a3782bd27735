//! The commands of execline and s6 that scripts use: one a file, joined into one table.

pub mod copy;
pub mod execline;
pub mod linux;
pub mod linux_init;
pub mod options;
pub mod output;
pub mod overlay;
pub mod passwd;
pub mod portable;
pub mod remove;
pub mod s6;
pub mod unique;

use interpreter::word::Command;

/// The interpreter, which the original's users know as one of execline's commands.
static LANGUAGE: &[Command] = &[interpreter::launch::COMMAND];

/// The commands of this crate, from every family.
pub const fn tables() -> [&'static [Command]; 7] {
    [
        LANGUAGE,
        execline::COMMANDS,
        s6::COMMANDS,
        portable::COMMANDS,
        linux::COMMANDS,
        linux_init::COMMANDS,
        overlay::COMMANDS,
    ]
}

/// Finds a command of this crate by its name.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    tables().into_iter().find_map(|table| interpreter::word::find(table, name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn tables_are_sorted_for_the_search() {
        for table in super::tables() {
            assert!(table.is_sorted_by(|a, b| a.name < b.name));
        }
    }
}
