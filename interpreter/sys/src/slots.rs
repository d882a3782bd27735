//! Processes of one who has thousands of descriptors open: a child gets the few that it needs,
//! and the kernel neither copies the others nor closes them again.
//!
//! The child begins with the parent's own table. What it needs has been put into reserved low
//! numbers, so that one `close_range(2)` with `CLOSE_RANGE_UNSHARE` gives it a table that ends
//! behind them. Where the kernel has no such call (before 5.9, or forbidden), it gets a copy.

use crate::spawn::{Action, Failed, Order, carry_out};
use crate::{Errno, Result, apart, check, fd};
use core::cell::RefCell;
use core::ffi::CStr;

/// Standard input, output and error, the readiness pipe and the lock, and two numbers that a
/// definition may name as theirs.
const COUNT: usize = 7;

/// Low numbers that are kept free for children.
#[derive(Debug)]
pub struct Slots {
    /// What stands in them while they are free: the first one stays as it is.
    numbers: [i32; COUNT],
    shares: bool,
    /// The stack of the next child, which every one would have to map anew.
    stack: RefCell<Vec<u128>>,
}

const SPARE: usize = 0;

impl Slots {
    /// Reserves the lowest numbers that are free. They are filled with copies of `like`.
    pub fn reserve(like: i32) -> Result<Slots> {
        let shares = can_unshare();
        let mut slots = Slots { numbers: [-1; COUNT], shares, stack: RefCell::default() };
        for number in &mut slots.numbers {
            *number = fd::dup_above(like, 3, true)?;
        }
        Ok(slots)
    }

    /// What [`crate::spawn::spawn_flags`] does, for what may only name descriptors above 2 as the
    /// source of [`Action::Copy`] and [`Action::Move`], or in an [`Action::Fchdir`] before any
    /// relative path. A source that is moved stays open in this process.
    pub fn spawn(
        &self,
        paths: &[&CStr],
        argv: &[&CStr],
        env: &[&CStr],
        actions: &[Action],
        flags: i32,
    ) -> core::result::Result<i32, Failed> {
        let mut actions = actions.to_vec();
        let used = self.place(&mut actions);
        used.map_err(|errno| Failed { action: Some(0), errno }).and_then(|used| {
            let behind = self.numbers.iter().max().map_or(3, |max| max + 1);
            let mut stack = self.stack.take();
            if stack.capacity() == 0 {
                stack = crate::spawn::stack();
            }
            let mut carry = |shares: bool| {
                let mut order = Order::new(paths, argv, env, &actions);
                order.behind = shares.then_some(behind);
                let shared = if shares { libc::CLONE_FILES } else { 0 };
                carry_out(order, flags | shared, &mut stack)
            };
            let spawned = match carry(self.shares && !apart::known()) {
                // An emulator knows no child that shares descriptors.
                Err(Failed { action: None, errno: Errno::EINVAL }) if self.shares => carry(false),
                spawned => spawned,
            };
            self.stack.replace(stack);
            self.clear(used);
            spawned
        })
    }

    /// Keeps no memory for the next child: it may be long until then.
    pub fn rest(&self) {
        self.stack.take();
    }

    /// Puts what the actions name into slots that no action writes to. How many slots.
    fn place(&self, actions: &mut [Action]) -> Result<u32> {
        let targets = actions.iter().filter_map(|action| match *action {
            Action::Copy { to, .. } | Action::Move { to, .. } | Action::Open { to, .. } => Some(to),
            _ => None,
        });
        let targets: Vec<i32> = targets.collect();
        let mut used = 0;
        for action in actions {
            let (Action::Copy { from, .. } | Action::Move { from, .. }) = action else { continue };
            if *from < 3 {
                continue;
            }
            let free = |i: &usize| used & 1 << i == 0 && !targets.contains(&self.numbers[*i]);
            let slot = (SPARE + 1..COUNT).find(free).ok_or(Errno::EMFILE);
            let placed = slot.and_then(|slot| {
                used |= 1 << slot;
                copy_cloexec(self.numbers[slot], *from).map(|()| self.numbers[slot])
            });
            match placed {
                Ok(number) => *from = number,
                Err(errno) => {
                    self.clear(used);
                    return Err(errno);
                }
            }
        }
        Ok(used)
    }

    fn clear(&self, used: u32) {
        for slot in (SPARE + 1..COUNT).filter(|slot| used & 1 << slot != 0) {
            let _ = copy_cloexec(self.numbers[slot], self.numbers[SPARE]);
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for number in self.numbers.into_iter().filter(|&number| number >= 0) {
            let _ = fd::close(number);
        }
    }
}

/// Afterwards `to` is what `from` is, and is closed by an exec.
fn copy_cloexec(to: i32, from: i32) -> Result<()> {
    // SAFETY: no memory is touched; `to` is a slot.
    check(unsafe { libc::dup3(from, to, libc::O_CLOEXEC) }).map(drop)
}

/// A call that changes nothing in a table that nobody shares, and fails where there is none.
fn can_unshare() -> bool {
    end_table(i32::MAX).is_ok()
}

/// Gives the caller a table of its own that ends before `behind`.
pub(crate) fn end_table(behind: i32) -> Result<()> {
    // SAFETY: no memory is touched; descriptors from `behind` on are nobody's but the child's.
    let done = unsafe {
        libc::syscall(libc::SYS_close_range, behind, u32::MAX, libc::CLOSE_RANGE_UNSHARE)
    };
    check(done as i32).map(drop)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::spawn::spawn;

    /// What `/bin/sh -c` prints about its descriptors.
    fn child(slots: &Slots, actions: &[Action], script: &CStr) -> Vec<u8> {
        let (read, write) = fd::pipe(fd::O_CLOEXEC).unwrap();
        let mut actions = actions.to_vec();
        actions.push(Action::Copy { to: 1, from: write });
        let pid = slots.spawn(&[c"/bin/sh"], &[c"sh", c"-c", script], &[], &actions, 0).unwrap();
        fd::close(write).unwrap();
        let said = fd::read_to_end(read).unwrap();
        fd::close(read).unwrap();
        crate::process::wait(pid).unwrap();
        said
    }

    fn both(test: impl Fn(&Slots)) {
        for shares in [true, false] {
            let mut slots = Slots::reserve(0).unwrap();
            slots.shares &= shares;
            test(&slots);
        }
    }

    #[test]
    fn a_child_has_what_it_was_given_and_no_more() {
        both(|slots| {
            let high = fd::open(c"/etc", fd::O_RDONLY, 0).unwrap();
            let pipe = fd::pipe(fd::O_CLOEXEC).unwrap();
            let moved = Action::Move { to: slots.numbers[2], from: pipe.1 };
            let to = slots.numbers[2];
            let actions = [Action::Fchdir(high), moved];
            let script = format!("echo $(pwd) >&{to}; exec 2>/dev/null; echo end >&{}\0", to + 1);
            let script = CStr::from_bytes_with_nul(script.as_bytes()).unwrap();
            assert_eq!(child(slots, &actions, script), b"");
            fd::close(pipe.1).unwrap();
            assert_eq!(fd::read_to_end(pipe.0).unwrap(), b"/etc\n", "and nobody else has it open");
            fd::close(pipe.0).unwrap();
            fd::close(high).unwrap();
        });
    }

    #[test]
    fn the_parent_keeps_its_table() {
        both(|slots| {
            let high = fd::dup_above(0, 200, false).unwrap();
            let said = child(slots, &[], c"test -e /proc/self/fd/200 && echo it is there");
            assert_eq!(said.is_empty(), slots.shares);
            fd::close(high).unwrap();
        });
    }

    #[test]
    fn who_fails_leaves_nothing() {
        both(|slots| {
            let pipe = fd::pipe(fd::O_CLOEXEC).unwrap();
            let actions = [Action::Copy { to: 5, from: pipe.1 }];
            let failed = slots.spawn(&[c"/nowhere"], &[c"x"], &[], &actions, 0);
            assert_eq!(failed, Err(Failed { action: None, errno: Errno::ENOENT }));
            fd::close(pipe.1).unwrap();
            assert_eq!(fd::read_to_end(pipe.0).unwrap(), b"", "and it is closed");
            fd::close(pipe.0).unwrap();
            let same = spawn(&[c"/nowhere"], &[c"x"], &[], &[]);
            assert_eq!(same, Err(Failed { action: None, errno: Errno::ENOENT }));
        });
    }
}
