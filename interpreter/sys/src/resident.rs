//! How much of its own program a process keeps in memory that lives as long as the machine.
//!
//! At a fault in a mapped file the kernel maps what else it has of it in a window of 64 KiB: fine
//! for a process that lives for microseconds, but one that wakes up here and there in a large
//! program would soon have all of it, though it needs a tenth. A window ends where a mapping does,
//! so the program's mapping is cut into pieces.

use core::ffi::c_void;

/// The pieces: what a fault may bring with it, against the kernel's 200 bytes for each.
const PIECE: usize = 16 * 1024;

const PAGE: usize = 4096;

/// So many pieces may stay in a process that sleeps, above those that it goes to sleep with.
const FEW: libc::c_long = 8;

/// What a process has of its program in memory.
pub struct Resident {
    /// The number of faults until the last time that all was forgotten.
    seen: libc::c_long,
    is_cut: bool,
}

impl Resident {
    /// Nothing is done before something is to be forgotten for the first time: whoever ends before
    /// that is better off with a mapping in one piece.
    pub fn new() -> Resident {
        Resident { seen: libc::c_long::MIN, is_cut: false }
    }

    /// Cuts the code and the constants of the program into pieces.
    fn cut(&mut self) {
        for (start, end) in segments() {
            // A flag that means nothing for the program's file, on every second piece.
            for piece in (start..end).step_by(2 * PIECE) {
                advise(piece, PIECE.min(end - piece), libc::MADV_DONTDUMP);
            }
        }
        self.is_cut = true;
    }

    /// Whether it has taken up more than a few pieces.
    pub fn is_swollen(&self) -> bool {
        faults().saturating_sub(self.seen) > FEW
    }

    /// Forgets all pieces. The kernel has them still, and maps again what is wanted.
    pub fn forget(&mut self) {
        if !self.is_cut {
            self.cut();
        }
        for (start, end) in segments() {
            advise(start, end - start, libc::MADV_DONTNEED);
        }
        self.seen = faults();
    }
}

impl Default for Resident {
    fn default() -> Resident {
        Resident::new()
    }
}

#[cfg(target_pointer_width = "32")]
type Phdr = libc::Elf32_Phdr;
#[cfg(target_pointer_width = "64")]
type Phdr = libc::Elf64_Phdr;

/// How many faults this process has had that needed no disk.
fn faults() -> libc::c_long {
    // SAFETY: rusage is plain numbers, for which zeroes are a valid value; the call fills it.
    unsafe {
        let mut usage: libc::rusage = core::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_minflt
    }
}

fn advise(start: usize, length: usize, advice: i32) {
    // SAFETY: the range is of the program's own segments that nobody can write to: what is dropped
    // of them is read from the file again.
    unsafe { libc::madvise(start as *mut c_void, length, advice) };
}

/// The whole pages of the program's segments that can't be written to.
fn segments() -> impl Iterator<Item = (usize, usize)> {
    // SAFETY: the kernel tells where the program's headers are, and how many.
    let headers = unsafe {
        let at = libc::getauxval(libc::AT_PHDR) as *const Phdr;
        let count = libc::getauxval(libc::AT_PHNUM) as usize;
        if at.is_null() { &[] } else { core::slice::from_raw_parts(at, count) }
    };
    let fixed = headers.iter().filter(|h| h.p_type == libc::PT_LOAD && h.p_flags & libc::PF_W == 0);
    let pages = |address| address as usize & !(PAGE - 1);
    fixed.map(move |h| (pages(h.p_vaddr), pages(h.p_vaddr + h.p_memsz)))
}
