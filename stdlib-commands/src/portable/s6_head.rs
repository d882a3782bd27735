//! `s6-head`: the beginning of what it reads.

use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-head",
    usage: "s6-head [ -S ] [ -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | -n lines | -c chars ] \
            [ file... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const CHUNK: usize = 64 * 1024;

/// 111: a file can't be read, or has fewer characters than were asked for, or standard output
/// can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut safe, mut amount) = (false, None);
    options::take(&mut argv, "S123456789n:c:", |letter, value| {
        if letter == b'S' {
            safe = true;
            return Ok(());
        }
        let count = match letter {
            b'n' | b'c' => options::number(value)?,
            digit => u32::from(digit - b'0'),
        };
        match amount.replace((letter == b'c', count as usize)) {
            None => Ok(()),
            Some(_) => Err(Fail::usage()),
        }
    })?;
    let (chars, count) = amount.unwrap_or((false, 10));
    // Only of the standard input could somebody else want the rest.
    safe &= argv.is_empty();
    let head = |fd| copy(fd, count, chars, safe);
    if argv.is_empty() {
        head(0).map_err(|errno| Fail::sys("head stdin", errno))?;
    }
    for (i, file) in argv.iter().map(|file| file.to_bytes()).enumerate() {
        if argv.len() > 1 {
            let gap: &[u8] = if i > 0 { b"\n" } else { b"" };
            output::write(&[gap, b"==> ", file, b" <==\n"].concat())?;
        }
        let fd = super::open(file)?;
        head(fd).map_err(|errno| Fail::sys_at("head", file, errno))?;
        let _ = sys::fd::close(fd);
    }
    Ok(Next::Exit(0))
}

/// Copies so many lines or characters. One that is safe reads nothing behind them: never more
/// bytes than lines are missing.
fn copy(fd: i32, mut left: usize, chars: bool, safe: bool) -> sys::Result<()> {
    let mut buffer = vec![0; CHUNK];
    while left > 0 {
        let most = if chars || safe { left.min(CHUNK) } else { CHUNK };
        let got = sys::fd::read(fd, &mut buffer[..most])?;
        let mut piece = &buffer[..got];
        if got == 0 {
            return if chars { Err(Errno::EPIPE) } else { Ok(()) };
        }
        if chars {
            left -= got;
        } else {
            let ends = piece.iter().enumerate().filter(|(_, b)| **b == b'\n');
            if let Some((end, _)) = ends.clone().nth(left - 1) {
                piece = &piece[..=end];
            }
            left -= ends.count().min(left);
        }
        sys::fd::write_all(1, piece)?;
    }
    Ok(())
}
