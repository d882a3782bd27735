//! Two pieces of work at once, where there are two processors: for work that is waiting for the
//! kernel, thousands of times. It is not for a process that others depend on.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr::null_mut;

struct Job<F, A> {
    work: Option<F>,
    made: Option<A>,
}

/// A thread that is waited for whatever happens.
struct Hand(libc::pthread_t);

impl Drop for Hand {
    fn drop(&mut self) {
        // SAFETY: a thread that was begun, and that nobody else waits for.
        unsafe { libc::pthread_join(self.0, null_mut()) };
    }
}

/// Does `other` in a thread of its own, with descriptors of its own, and `own` meanwhile; one
/// after the other where there is but one processor, or may be no more threads.
pub fn both<A: Send, B>(
    other: impl FnOnce() -> A + Send,
    own: impl FnOnce() -> B,
) -> (Option<A>, B) {
    let job = UnsafeCell::new(Job { work: Some(other), made: None });
    let hand = begin(&job);
    let own = own();
    drop(hand);
    let mut job = job.into_inner();
    let made = job.made.or_else(|| job.work.take().map(|work| work()));
    (made, own)
}

fn begin<F: FnOnce() -> A + Send, A: Send>(job: &UnsafeCell<Job<F, A>>) -> Option<Hand> {
    // SAFETY: no memory is touched.
    if unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) } < 2 {
        return None;
    }
    let mut thread = core::mem::MaybeUninit::uninit();
    // SAFETY: the job outlives the thread, which the caller waits for before it looks at the job
    // again; what is in it may go to another thread.
    let error = unsafe {
        libc::pthread_create(thread.as_mut_ptr(), core::ptr::null(), work::<F, A>, job.get().cast())
    };
    // SAFETY: the call has filled it if it says 0.
    (error == 0).then(|| Hand(unsafe { thread.assume_init() }))
}

extern "C" fn work<F: FnOnce() -> A, A>(job: *mut c_void) -> *mut c_void {
    // Threads that share their descriptors wait for each other at every open and close; if this
    // fails, they do.
    // SAFETY: no memory is touched.
    unsafe { libc::unshare(libc::CLONE_FILES) };
    // SAFETY: only this thread uses the job until it has ended.
    let job = unsafe { &mut *job.cast::<Job<F, A>>() };
    job.made = job.work.take().map(|work| work());
    null_mut()
}

#[cfg(test)]
mod tests {
    use super::both;

    #[test]
    fn both_are_done() {
        let mut own = 0;
        let (made, ()) = both(|| vec![1, 2, 3], || own = 5);
        assert_eq!((made, own), (Some(vec![1, 2, 3]), 5));
    }
}
