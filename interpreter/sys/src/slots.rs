//! Processes of one who has thousands of descriptors open: a child gets the few that it needs,
//! and the kernel neither copies the others nor closes them again.
//!
//! The child begins with the parent's own table. What it needs has been put into reserved low
//! numbers, so that one `close_range(2)` with `CLOSE_RANGE_UNSHARE` gives it a table that ends
//! behind them. Where the kernel has no such call (before 5.9, or forbidden), it gets a copy.

use crate::alongside::Child;
use crate::spawn::{Action, Failed, Order, carry_out};
use crate::{Errno, Result, alongside, apart, check, fd};
use core::cell::{Cell, RefCell};
use core::ffi::CStr;
use std::collections::VecDeque;
use std::rc::Rc;

/// Standard input, output and error, the readiness pipe and the lock, and two numbers that a
/// definition may name as theirs.
const COUNT: usize = 7;

/// Low numbers that are kept free for children.
#[derive(Debug)]
pub struct Slots {
    /// What stands in them while they are free: the first one stays as it is.
    numbers: [i32; COUNT],
    shares: bool,
    /// Whether a parent may go on before its child's exec: whether the kernel tells of that.
    goes_on: Cell<Option<bool>>,
    /// Stacks for the next children, which every one would have to map anew.
    stacks: RefCell<Vec<Vec<u128>>>,
    /// Slots that children may still have to look into.
    taken: Cell<u32>,
    /// Slots that children have looked into, and that still are what was put there.
    used: Cell<u32>,
    /// These, the oldest first.
    under_way: RefCell<VecDeque<Rc<Flight>>>,
}

/// A child whose exec may still be to come.
#[derive(Debug)]
struct Flight {
    child: Child,
    /// Its slots.
    used: u32,
    outcome: Cell<Option<core::result::Result<(), Failed>>>,
}

/// A child that was made, and what may have to be waited for.
#[derive(Debug)]
pub struct Begun(Made);

#[derive(Debug)]
enum Made {
    /// It is its program.
    Whole(i32),
    UnderWay(Rc<Flight>),
}

impl Begun {
    /// One that is its program by now.
    pub fn whole(pid: i32) -> Begun {
        Begun(Made::Whole(pid))
    }

    /// Whether its exec has not been waited for.
    pub fn is_under_way(&self) -> bool {
        matches!(self.0, Made::UnderWay(_))
    }

    /// Its pid.
    pub fn pid(&self) -> i32 {
        match &self.0 {
            Made::Whole(pid) => *pid,
            Made::UnderWay(flight) => flight.child.pid,
        }
    }
}

const SPARE: usize = 0;

impl Slots {
    /// Reserves the lowest numbers that are free. They are filled with copies of `like`.
    pub fn reserve(like: i32) -> Result<Slots> {
        let shares = can_unshare();
        let mut slots = Slots {
            numbers: [-1; COUNT],
            shares,
            goes_on: Cell::new(Some(false).filter(|_| !shares || !alongside::can_be())),
            stacks: RefCell::default(),
            taken: Cell::new(0),
            used: Cell::new(0),
            under_way: RefCell::default(),
        };
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
            let mut stack = self.stack();
            let mut carry = |shares: bool| {
                let mut order = Order::new(paths, argv, env, &actions);
                order.behind = shares.then_some(self.behind());
                let shared = if shares { libc::CLONE_FILES } else { 0 };
                carry_out(order, flags | shared, &mut stack)
            };
            let spawned = match carry(self.shares && !apart::known()) {
                // An emulator knows no child that shares descriptors.
                Err(Failed { action: None, errno: Errno::EINVAL }) if self.shares => carry(false),
                spawned => spawned,
            };
            self.stacks.borrow_mut().push(stack);
            self.clear(used);
            spawned
        })
    }

    /// [`Slots::spawn`] that does not wait for the exec, where that can be. Then what an
    /// [`Action::Fchdir`] names stays open until [`Slots::complete`], and nobody waits for just any child
    /// before that. What was put into slots may stay there until all are complete.
    pub fn begin(
        &self,
        paths: &[&CStr],
        argv: &[&CStr],
        env: &[&CStr],
        actions: &[Action],
        flags: i32,
    ) -> core::result::Result<Begun, Failed> {
        let begun = match self.goes_on.get() {
            Some(false) => None,
            _ if apart::known() => None,
            known => self.go_on([paths, argv, env], actions.to_vec(), flags, known.is_none()),
        };
        begun.unwrap_or_else(|| self.spawn(paths, argv, env, actions, flags).map(Begun::whole))
    }

    /// `tries`: the child is waited for, and shows whether the kernel clears its word. `None`: it makes
    /// no such child.
    fn go_on(
        &self,
        lists: [&[&CStr]; 3],
        mut actions: Vec<Action>,
        flags: i32,
        tries: bool,
    ) -> Option<core::result::Result<Begun, Failed>> {
        let used = match self.place(&mut actions) {
            Ok(used) => used,
            Err(errno) => return Some(Err(Failed { action: Some(0), errno })),
        };
        let flags = if tries { flags | libc::CLONE_VFORK } else { flags };
        let child = match Child::begin(lists, actions, self.behind(), flags, self.stack()) {
            Ok(child) => child,
            Err(errno) => {
                self.clear(used);
                let unknown = tries && errno == Errno::EINVAL;
                self.goes_on.set(self.goes_on.get().or(unknown.then_some(false)));
                return (!unknown).then_some(Err(Failed { action: None, errno }));
            }
        };
        if tries {
            self.goes_on.set(Some(child.has_left()));
            child.leaves();
        }
        let flight = Rc::new(Flight { child, used, outcome: Cell::new(None) });
        self.taken.set(self.taken.get() | used);
        self.under_way.borrow_mut().push_back(flight.clone());
        Some(Ok(Begun(Made::UnderWay(flight))))
    }

    /// Waits for the exec: the pid, or why there is none any more.
    pub fn complete(&self, begun: Begun) -> core::result::Result<i32, Failed> {
        let flight = match begun.0 {
            Made::Whole(pid) => return Ok(pid),
            Made::UnderWay(flight) => flight,
        };
        while flight.outcome.get().is_none() && self.wait_for_one() {}
        match flight.outcome.get() {
            Some(Err(failed)) => {
                let _ = crate::process::wait(flight.child.pid);
                Err(failed)
            }
            _ => Ok(flight.child.pid),
        }
    }

    /// Waits for the oldest of those that are under way; false: there is none.
    fn wait_for_one(&self) -> bool {
        let Some(flight) = self.under_way.borrow_mut().pop_front() else { return false };
        let (failed, stack) = flight.child.outcome();
        self.stacks.borrow_mut().push(stack);
        flight.outcome.set(Some(failed.map_or(Ok(()), Err)));
        self.taken.set(self.taken.get() & !flight.used);
        self.used.set(self.used.get() | flight.used);
        // The next one that is begun overwrites some of them.
        if self.under_way.borrow().is_empty() {
            self.clear(self.used.take());
        }
        true
    }

    fn stack(&self) -> Vec<u128> {
        self.stacks.borrow_mut().pop().unwrap_or_else(crate::spawn::stack)
    }

    /// Where a child's table ends.
    fn behind(&self) -> i32 {
        self.numbers.iter().max().map_or(3, |max| max + 1)
    }

    /// Keeps no memory for the next child: it may be long until then.
    pub fn rest(&self) {
        self.stacks.take();
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
            let slot = loop {
                let used = used | self.taken.get();
                let free = |i: &usize| used & 1 << i == 0 && !targets.contains(&self.numbers[*i]);
                match (SPARE + 1..COUNT).find(free) {
                    None if self.wait_for_one() => {}
                    slot => break slot.ok_or(Errno::EMFILE),
                }
            };
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
            slots.goes_on.set(slots.goes_on.get().or((!slots.shares).then_some(false)));
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
    fn children_begin_before_the_last_one_is_done() {
        both(|slots| {
            let begin = |to: i32, script: &CStr| {
                let (read, write) = fd::pipe(fd::O_CLOEXEC).unwrap();
                let dir = fd::open(c"/etc", fd::O_RDONLY, 0).unwrap();
                let actions = [Action::Fchdir(dir), Action::Copy { to, from: write }];
                let words = [c"sh", c"-c", script];
                let begun = slots.begin(&[c"/bin/sh"], &words, &[], &actions, 0).unwrap();
                fd::close(write).unwrap();
                (begun, read, dir)
            };
            // More than there are slots for.
            let all: Vec<_> = (0..20)
                .map(|i| {
                    let script = format!("echo {i} $(pwd)\0");
                    begin(1, CStr::from_bytes_with_nul(script.as_bytes()).unwrap())
                })
                .collect();
            let nowhere = slots.begin(&[c"/nowhere"], &[c"x"], &[], &[], 0);
            let late = begin(slots.numbers[2], c"echo late >&5; test -e /proc/self/fd/6 || exit 7");
            let complete = |(begun, read, dir): (Begun, i32, i32)| {
                let pid = begun.pid();
                assert_eq!(slots.complete(begun), Ok(pid));
                (pid, read, dir)
            };
            let all: Vec<_> = all.into_iter().map(complete).collect();
            let failed = nowhere.and_then(|begun| slots.complete(begun));
            assert_eq!(failed, Err(Failed { action: None, errno: Errno::ENOENT }));
            let pid = slots.complete(late.0).unwrap();
            // Nobody is under way any more, and nothing is left in the slots.
            for (i, (pid, read, dir)) in all.into_iter().enumerate() {
                let wanted = format!("{i} /etc\n");
                fd::close(dir).unwrap();
                assert_eq!(fd::read_to_end(read).unwrap(), wanted.as_bytes());
                fd::close(read).unwrap();
                assert_eq!(crate::process::wait(pid).unwrap().code(), Some(0));
            }
            crate::process::wait(pid).unwrap();
            fd::close(late.1).unwrap();
            fd::close(late.2).unwrap();
            assert_eq!(slots.goes_on.get(), Some(slots.shares && cfg!(target_arch = "x86_64")));
            assert_eq!(slots.taken.get(), 0);
            assert!(slots.under_way.borrow().is_empty());
        });
    }

    /// A child that dies within the memory is waited for, and one that nobody completes.
    #[test]
    fn who_is_killed_before_the_exec_has_left() {
        let slots = Slots::reserve(0).unwrap();
        let begin =
            |actions: &[Action]| slots.begin(&[c"/bin/true"], &[c"true"], &[], actions, 0).unwrap();
        slots.complete(begin(&[])).unwrap();
        let (read, write) = fd::pipe(fd::O_CLOEXEC).unwrap();
        for _ in 0..20 {
            let begun = begin(&[]);
            let pid = begun.pid();
            let _ = crate::signal::kill(pid, crate::signal::SIGKILL);
            assert_eq!(slots.complete(begun), Ok(pid));
            crate::process::wait(pid).unwrap();
        }
        drop(begin(&[Action::Copy { to: 1, from: write }]));
        drop(slots);
        for fd in [read, write] {
            fd::close(fd).unwrap();
        }
    }

    /// Whoever goes on finds its own errno, not that of a child.
    #[test]
    fn an_errno_is_its_own() {
        let slots = Slots::reserve(0).unwrap();
        for _ in 0..200 {
            let begun = slots.begin(&[c"/nowhere"], &[c"x"], &[], &[], 0);
            for _ in 0..200 {
                assert_eq!(fd::close(-1), Err(Errno::EBADF));
            }
            let failed = begun.and_then(|begun| slots.complete(begun));
            assert_eq!(failed, Err(Failed { action: None, errno: Errno::ENOENT }));
        }
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
