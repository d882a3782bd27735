//! Clocks.

/// Seconds and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time {
    /// Whole seconds.
    pub sec: i64,
    /// And nanoseconds, below 1,000,000,000.
    pub nsec: i64,
}

fn clock(id: libc::clockid_t) -> Time {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the structure; these clocks always exist.
    unsafe { libc::clock_gettime(id, &mut t) };
    #[allow(clippy::unnecessary_cast)]
    Time { sec: t.tv_sec as i64, nsec: t.tv_nsec as i64 }
}

/// The wall clock, since the epoch.
pub fn now() -> Time {
    clock(libc::CLOCK_REALTIME)
}

/// A clock that nobody sets, since some moment of the past. Asked by a system call: what is asked
/// a few times is answered before the C library has found the kernel's page for it.
#[cfg(target_pointer_width = "64")]
pub fn monotonic() -> Time {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the structure, which is the kernel's own on such a machine.
    unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_MONOTONIC, &raw mut t) };
    Time { sec: t.tv_sec, nsec: t.tv_nsec }
}

/// A clock that nobody sets, since some moment of the past.
#[cfg(not(target_pointer_width = "64"))]
pub fn monotonic() -> Time {
    clock(libc::CLOCK_MONOTONIC)
}

/// The time since the system was started, also while it slept.
pub fn since_boot() -> Time {
    clock(libc::CLOCK_BOOTTIME)
}

/// Sets the wall clock.
pub fn set(time: Time) -> crate::Result<()> {
    let time = libc::timespec { tv_sec: time.sec as _, tv_nsec: time.nsec as _ };
    // SAFETY: the call reads the one structure.
    crate::check(unsafe { libc::clock_settime(libc::CLOCK_REALTIME, &time) }).map(drop)
}

impl Time {
    /// Nanoseconds.
    pub fn nanos(self) -> i128 {
        i128::from(self.sec) * 1_000_000_000 + i128::from(self.nsec)
    }
    /// This and some milliseconds.
    pub fn plus_millis(self, ms: u64) -> Time {
        let nsec = self.nsec + (ms % 1000) as i64 * 1_000_000;
        Time {
            sec: self.sec + (ms / 1000) as i64 + nsec / 1_000_000_000,
            nsec: nsec % 1_000_000_000,
        }
    }
    /// From that moment to this, in milliseconds rounded up, 0 if it lies ahead.
    pub fn millis_since(self, earlier: Time) -> u64 {
        let nanos = self.nanos() - earlier.nanos();
        if nanos <= 0 { 0 } else { ((nanos + 999_999) / 1_000_000) as u64 }
    }
}

/// Sleeps for so long, whatever signals come.
pub fn sleep(time: Time) {
    let mut left = libc::timespec { tv_sec: time.sec as _, tv_nsec: time.nsec as _ };
    // SAFETY: the call reads and writes the one structure.
    while unsafe { libc::nanosleep(&left, &mut left) } == -1
        && crate::Errno::last() == crate::Errno::EINTR
    {}
}

/// A second broken down: year, month (1-12), day, hour, minute, second.
pub type Broken = [i32; 6];

/// A second in the local time zone, as `localtime_r` has it; zeroes for one that has no year in
/// 32 bits.
pub fn local(sec: i64) -> Broken {
    broken_down(sec, false).unwrap_or_default()
}

/// A second in the local time zone, or in UTC; `None` where its year is no number of 32 bits.
pub fn broken_down(sec: i64, utc: bool) -> Option<Broken> {
    // SAFETY: tm is plain numbers and one pointer, for which zeroes are a valid value.
    let mut tm: libc::tm = unsafe { core::mem::zeroed() };
    let at = libc::timespec { tv_sec: sec as _, tv_nsec: 0 };
    // SAFETY: the calls read the one number and fill the structure.
    let done = unsafe {
        if utc {
            libc::gmtime_r(&at.tv_sec, &mut tm)
        } else {
            libc::localtime_r(&at.tv_sec, &mut tm)
        }
    };
    let date = [tm.tm_year.checked_add(1900)?, tm.tm_mon + 1, tm.tm_mday];
    let [year, month, day] = date;
    (!done.is_null()).then_some([year, month, day, tm.tm_hour, tm.tm_min, tm.tm_sec])
}
