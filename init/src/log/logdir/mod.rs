//! One logging directory: lines go into `current`, which becomes an archive when it is full.
//!
//! What is on disk at any moment is enough to go on after a crash: a file has its owner's x bit
//! when it is complete, and [`open()`] archives what it finds without.

mod archive;
mod open;
mod rotate;
mod step;
#[cfg(test)]
mod tests;

use super::script::{DirSpec, Processor};
use super::voice::{Trouble, Voice};
use archive::join;
use step::Step;
use sys::time::Time;
use sys::{Arg, Errno};

pub use open::open;

/// How processors are started.
pub struct Launcher {
    /// The paths that are tried for `execlineb`.
    pub execlineb: Vec<Arg>,
    /// The environment.
    pub env: Vec<Arg>,
}

/// A directory that is being written to.
pub struct Logdir {
    spec: DirSpec,
    voice: Voice,
    /// Permissions of a file that is not complete.
    mode: u32,
    current: i32,
    /// Held, never used: the lock falls with the descriptor.
    _lock: i32,
    /// Bytes in `current`.
    written: u64,
    out: Vec<u8>,
    /// How much of `out` is in `current`.
    done: usize,
    rotation: Option<Step>,
    /// `current` is full.
    is_full: bool,
    /// A write has failed; when it is tried again.
    blocked: Option<Time>,
    /// A step of the rotation has failed; when it is tried again.
    retry: Option<Time>,
    /// No more lines come.
    is_ending: bool,
    period_end: Option<Time>,
    /// The processor, while it runs.
    processor: Option<i32>,
    said: Option<Trouble>,
}

/// A buffer beyond this is given back once it is empty.
const KEPT: usize = 512 * 1024;

impl Logdir {
    /// Where lines for `current` are put; [`Logdir::flush`] writes them.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Is there something that has not been written?
    pub fn has_pending(&self) -> bool {
        self.done < self.out.len()
    }

    /// May the process end? With nothing left to write, a rotation that fails is left to the
    /// next start, which archives what it finds.
    pub fn is_at_rest(&self) -> bool {
        !self.has_pending() && (self.rotation.is_none() || self.retry.is_some())
    }

    /// No more lines come: what is left is written even where a rotation that does not get on
    /// would hold it back.
    pub fn end(&mut self) {
        self.is_ending = true;
    }

    /// When something is to be done by [`Logdir::tick`].
    pub fn deadline(&self) -> Option<Time> {
        [self.blocked, self.retry, self.period_end].into_iter().flatten().min()
    }

    /// Does what is due: tries again, or rotates because the period is over.
    pub fn tick(&mut self, now: Time, launcher: &Launcher) {
        let is_due = |at: &mut Option<Time>| at.take_if(|at| *at <= now).is_some();
        let (unblocked, again) = (is_due(&mut self.blocked), is_due(&mut self.retry));
        if is_due(&mut self.period_end) {
            self.period_end = after_period(&self.spec, now);
            self.rotate(launcher);
        } else if unblocked || again {
            self.flush(launcher);
        }
    }

    /// Rotates, whatever the size; a rotation that waits for its next attempt goes on at once.
    pub fn rotate(&mut self, launcher: &Launcher) {
        self.retry = None;
        self.rotation.get_or_insert(Step::FIRST);
        self.flush(launcher);
    }

    /// Writes what it can, and rotates as far as it can. A file that is full is rotated at once,
    /// and not when the next line comes; but lines go before the steps of a rotation, because
    /// what is in a file survives this process, and a step may wait for the disk.
    pub fn flush(&mut self, launcher: &Launcher) {
        loop {
            if self.has_pending() && self.is_writable() {
                self.write();
                continue;
            }
            if self.is_full && self.rotation.is_none() {
                self.rotation = Some(Step::FIRST);
            }
            if !self.step(launcher) {
                break;
            }
        }
        self.compact();
    }

    fn is_writable(&self) -> bool {
        let has_file = self.rotation.is_none_or(Step::has_new_current) && !self.is_full;
        // At the end, a rotation that has failed holds nothing back.
        let is_stuck = self.is_ending && self.retry.is_some();
        self.blocked.is_none() && (has_file || is_stuck)
    }

    fn write(&mut self) {
        let mark = u64::from(self.spec.size).saturating_sub(self.spec.tolerance.into());
        let room = mark.saturating_sub(self.written);
        let rest = &self.out[self.done..];
        let piece = &rest[..step::portion(rest, room)];
        match sys::fd::write(self.current, piece) {
            Ok(0) => self.block(Errno::EIO),
            Err(errno) => self.block(errno),
            Ok(n) => {
                self.is_full = n as u64 >= room && piece[n - 1] == b'\n';
                self.written += n as u64;
                self.done += n;
                self.said = None;
            }
        }
    }

    fn compact(&mut self) {
        if self.done == self.out.len() {
            self.out.clear();
            if self.out.capacity() > KEPT {
                self.out = Vec::new();
            }
        } else {
            self.out.drain(..self.done);
        }
        self.done = 0;
    }

    /// Writes no more until the time has passed.
    fn block(&mut self, errno: Errno) {
        let path = join(self.spec.path.to_bytes(), b"current");
        let waiting = self.out.len() - self.done;
        self.blocked = Some(self.after_cooldown());
        let trouble = Trouble { what: "write to", path, errno };
        self.say(trouble, &format!("; {waiting} bytes wait in memory"));
    }

    /// Leaves the rotation where it is until the time has passed.
    fn put_off(&mut self, trouble: Trouble) {
        self.retry = Some(self.after_cooldown());
        self.say(trouble, "");
    }

    fn after_cooldown(&self) -> Time {
        sys::time::monotonic().plus_millis(self.cooldown())
    }

    /// Says what failed, once as long as it is the same.
    fn say(&mut self, trouble: Trouble, more: &str) {
        if self.said.as_ref() != Some(&trouble) {
            let (remedy, cooldown) = (trouble.remedy(), self.spec.cooldown);
            self.voice.warn(&format!("{trouble}{remedy}; trying again every {cooldown} ms{more}"));
            self.said = Some(trouble);
        }
    }

    /// Marks `current` as complete, for the next start to go on with.
    pub fn finish(&self) -> Result<(), Trouble> {
        if self.rotation.is_some() {
            return Ok(());
        }
        let path = join(self.spec.path.to_bytes(), b"current");
        sys::fd::sync(self.current).map_err(Trouble::of("sync", &path))?;
        sys::fs::fchmod(self.current, self.mode | COMPLETE).map_err(Trouble::of("chmod", &path))
    }

    /// Milliseconds between attempts.
    pub fn cooldown(&self) -> u64 {
        self.spec.cooldown.into()
    }
}

/// The owner's x bit: the file is complete.
const COMPLETE: u32 = 0o100;

fn after_period(spec: &DirSpec, now: Time) -> Option<Time> {
    (spec.period > 0).then(|| now.plus_millis(u64::from(spec.period) * 1000))
}

/// Opens `current` for appending.
fn open_current(path: &[u8]) -> sys::Result<i32> {
    use sys::fd::{O_APPEND, O_CLOEXEC, O_CREAT, O_WRONLY};
    sys::fd::open_bytes(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
}
