//! The multicall file: its name tells which command it is.
#![no_main]

sys::entry!(init::main);
