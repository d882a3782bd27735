//! A flood: lines come faster than they are written, and the pipe is full.
//!
//! They are copied out of the pipe (`tee(2)`), and taken out of it only when they are in their
//! files. So a SIGKILL loses none of them, though some can come twice, and a block can be larger
//! than what may be lost otherwise: each costs system calls, and wakes whoever writes into the pipe.

use super::lines::{CHUNK, Lines};
use sys::{Errno, Result, fd};

/// How many bytes are copied at once: what a pipe holds that nobody has changed.
const BLOCK: usize = 64 * 1024;

/// The room of a pipe with a flood in it: its writer goes on while a block is written.
const ROOM: i32 = 4 * BLOCK as i32;

/// Whether there is a flood, and what of it has been copied.
pub struct Flood {
    is_on: bool,
    /// The input is no pipe, or no other pipe can be had.
    is_impossible: bool,
    /// The pipe for copies.
    copies: Option<(i32, i32)>,
    /// How many bytes are in the lines, and in the input, too.
    copied: usize,
}

impl Flood {
    /// There is one already where the logger before this one was killed in it.
    pub fn new() -> Flood {
        let is_on = fd::readable(0).is_ok_and(|bytes| bytes >= CHUNK);
        Flood { is_on, is_impossible: false, copies: None, copied: 0 }
    }

    /// Reads once behind the bytes of `lines`: how many bytes, 0 at the end.
    pub fn read(&mut self, lines: &mut Lines) -> Result<usize> {
        if self.is_on {
            match self.copy(lines) {
                Err(errno) if errno != Errno::EAGAIN => self.give_up(),
                copied => return copied,
            }
        }
        let n = fd::read_some(0, lines.room(CHUNK), CHUNK)?;
        self.is_on = n == CHUNK && !self.is_impossible;
        Ok(n)
    }

    fn copy(&mut self, lines: &mut Lines) -> Result<usize> {
        let (from, to) = match self.copies {
            Some(pipe) => pipe,
            None => *self.copies.insert(begin()?),
        };
        let n = fd::tee(0, to, BLOCK)?;
        let mut rest = n;
        while rest > 0 {
            rest -= fd::read_some(from, lines.room(rest), rest)?;
        }
        self.copied = n;
        Ok(n)
    }

    /// Takes out of the input what is in files by now. An unfinished line is in none: it stays
    /// in the input, unless the block had no line's end.
    pub fn settle(&mut self, lines: &mut Lines) -> Result<()> {
        let mut rest = std::mem::take(&mut self.copied);
        if rest == 0 {
            return Ok(());
        }
        self.is_on = rest >= CHUNK;
        if lines.waiting() < rest {
            rest -= lines.forget();
        }
        while rest > 0 {
            let n = fd::read_some(0, lines.room(rest), rest)?;
            lines.take_back(n);
            rest -= n;
        }
        Ok(())
    }

    fn give_up(&mut self) {
        if let Some((from, to)) = self.copies.take() {
            let _ = fd::close(from);
            let _ = fd::close(to);
        }
        (self.is_on, self.is_impossible) = (false, true);
    }
}

fn begin() -> Result<(i32, i32)> {
    // A user can only have so much room in pipes; without it writer and logger take turns.
    if fd::pipe_room(0)? < ROOM {
        let _ = fd::set_pipe_room(0, ROOM);
    }
    fd::pipe(fd::O_CLOEXEC)
}
