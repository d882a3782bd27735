//! Sockets of the file system: servers that start a program for each connection, clients, who may
//! connect, and programs that run for others.

mod accessrules_cdb_from_fs;
mod accessrules_fs_from_cdb;
pub mod cdb;
mod connlimit;
mod ioconnect;
mod ipcclient;
pub mod ipcserver;
mod ipcserver_access;
mod ipcserver_socketbinder;
pub mod ipcserverd;
pub mod message;
pub mod rules;
mod sudo;
mod sudoc;
mod sudod;

use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail};

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    accessrules_cdb_from_fs::COMMAND,
    accessrules_fs_from_cdb::COMMAND,
    connlimit::COMMAND,
    ioconnect::COMMAND,
    ipcclient::COMMAND,
    ipcserver::COMMAND,
    ipcserver_access::COMMAND,
    ipcserver_socketbinder::COMMAND,
    ipcserverd::COMMAND,
    sudo::COMMAND,
    sudoc::COMMAND,
    sudod::COMMAND,
];

/// Writes `NAME: info: …` to standard error.
fn info(image: &Image, message: &str) {
    let line = format!("{}: info: {message}\n", image.command.name);
    let _ = sys::fd::write_all(2, line.as_bytes());
}

/// A variable that has to be there. Exit code 100.
pub fn variable(image: &Image, name: &[u8]) -> Result<&'static [u8], Fail> {
    image.env.get(name).ok_or_else(|| Fail::bad(format!("{} not set", shown(name))))
}

/// A variable that has to be a number. Exit code 100.
pub fn number(image: &Image, name: &[u8]) -> Result<u32, Fail> {
    let value = variable(image, name)?;
    let wrong = || Fail::bad(format!("invalid {}: {}", shown(name), shown(value)));
    interpreter::args::number::uint(value).ok_or_else(wrong)
}
