//! What a usage line does not tell of a few commands.

use super::fit::fit;
use super::shape::Shape;
use super::tokens::Token;
use std::ops::Range;

/// Commands whose options have long names too, beside all of s6-rc.
const LONG: &[&str] = &[
    "dumb-init",
    "emptyenv",
    "fstab2s6rc",
    "redirfd",
    "s6-accessrules-cdb-from-fs",
    "s6-background-watch",
    "s6-ftrig-listen",
    "s6-ftrig-listen1",
    "s6-ftrig-wait",
    "s6-notify-fd-from-socket",
    "s6-notify-socket-from-fd",
    "s6-notifyoncheck",
    "s6-setsid",
    "s6-svscan",
    "s6-svscanboot",
    "s6-swapoff",
    "s6-swapon",
    "s6-umount",
    "wait",
];

/// Whether the command has options with long names.
pub fn has_long(name: &str) -> bool {
    LONG.contains(&name) || name == "s6-rc" || name.starts_with("s6-rc-")
}

/// The shape that the command has with the options that the words begin with.
pub fn shape(name: &str, mut shape: Shape, tokens: &[Token], range: Range<usize>) -> Shape {
    let option = match name {
        "importas" => b'S',
        "execlineb" => b'c',
        _ => return shape,
    };
    if fit(&shape, tokens, range, false, &|_| false).option(option).is_some() {
        // The key is the variable's name too; the script is the option's argument.
        shape.parts.retain(|part| !matches!(part.name, "var" | "script"));
    }
    shape
}
