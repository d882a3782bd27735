//! Lines written beside what a process does, of which it must not notice anything.

use crate::signal::{self, SIGPIPE, SIGXFSZ, Set};
use crate::{Errno, Result, check, fd, retry};

/// How many pieces a line may have.
const PIECES: usize = 8;

/// Writes the pieces (at most eight) as one `write(2)` would, so that lines of several writers stay
/// whole. A reader that is gone, or a file that may not grow, is told as an error, and sends no
/// signal. Allocates nothing.
pub fn write_line(to: i32, pieces: &[&[u8]]) -> Result<()> {
    let fatal = Set::of(&[SIGPIPE, SIGXFSZ]);
    let mask = signal::block(&fatal);
    let written = write_pieces(to, pieces);
    if written.is_err() {
        let _ = signal::wait(&fatal, Some(0));
    }
    signal::set_mask(&mask);
    written
}

fn write_pieces(to: i32, pieces: &[&[u8]]) -> Result<()> {
    let none = libc::iovec { iov_base: core::ptr::null_mut(), iov_len: 0 };
    let mut list = [none; PIECES];
    for (entry, piece) in list.iter_mut().zip(pieces) {
        *entry = libc::iovec { iov_base: piece.as_ptr().cast_mut().cast(), iov_len: piece.len() };
    }
    // SAFETY: each entry is a piece with its length, or empty; the kernel reads them only.
    let first = retry(|| check(unsafe { libc::writev(to, list.as_ptr(), PIECES as i32) }));
    let mut done = match first {
        Ok(n) => n as usize,
        Err(Errno::EAGAIN) => 0,
        Err(errno) => return Err(errno),
    };
    // A full pipe that nobody waits for may have taken a part.
    for piece in pieces {
        let skip = done.min(piece.len());
        done -= skip;
        fd::write_all(to, &piece[skip..])?;
    }
    Ok(())
}

/// A number in decimal, right-aligned; its digits begin where told.
fn digits(mut number: i32, room: &mut [u8; 12]) -> usize {
    let mut at = room.len();
    while at > 0 {
        at -= 1;
        room[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    at
}

/// [`write_line`] of up to three pieces with the own pid between them, and behind the second only
/// where there is a third.
pub fn write_with_pid(to: i32, pieces: [&[u8]; 3]) -> Result<()> {
    let mut room = [0; 12];
    let at = digits(crate::process::getpid(), &mut room);
    let pid = &room[at..];
    let again = if pieces[2].is_empty() { &[] } else { pid };
    write_line(to, &[pieces[0], pid, pieces[1], again, pieces[2]])
}
