//! `piperw`: a pipe, its ends as descriptors of chosen numbers.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::fd;

pub const COMMAND: Command = Command {
    name: "piperw",
    usage: "piperw fdr fdw prog...",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// 111: there is no pipe, or no such descriptor.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [reader, writer, _, ..] = *argv else { return Err(Fail::usage()) };
    let (reader, writer) = (options::fd(reader)?, options::fd(writer)?);
    if reader == writer {
        return Err(Fail::usage());
    }
    let (read, write) = fd::pipe(0).map_err(|e| Fail::sys("create pipe", e))?;
    place(read, write, reader, writer).map_err(|e| {
        let (reader, writer) = (reader.cast_unsigned(), writer.cast_unsigned());
        Fail::sys(format!("move the pipe to fds {reader} and {writer}"), e)
    })?;
    argv.advance(2);
    Ok(Next::Chain(argv))
}

fn place(read: i32, mut write: i32, reader: i32, writer: i32) -> sys::Result<()> {
    if write == reader {
        write = fd::dup_above(write, 0, false)?;
    }
    fd::rename(reader, read)?;
    fd::rename(writer, write)
}
