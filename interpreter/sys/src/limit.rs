//! Resource limits of this process (`setrlimit(2)`).

use crate::{Result, check};

pub use libc::{
    RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_MEMLOCK, RLIMIT_NOFILE,
    RLIMIT_NPROC, RLIMIT_RSS, RLIMIT_RTPRIO, RLIMIT_STACK,
};

/// No limit.
pub const INFINITY: u64 = libc::RLIM_INFINITY;

/// The number of a resource, whose type is not the same in every libc.
#[cfg(target_env = "gnu")]
pub type Resource = libc::__rlimit_resource_t;
/// The number of a resource, whose type is not the same in every libc.
#[cfg(not(target_env = "gnu"))]
pub type Resource = libc::c_int;

/// The soft and the hard limit.
pub fn get(resource: Resource) -> Result<(u64, u64)> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure.
    check(unsafe { libc::getrlimit(resource, &mut limit) })?;
    Ok((limit.rlim_cur, limit.rlim_max))
}

/// Sets both.
pub fn set(resource: Resource, (soft, hard): (u64, u64)) -> Result<()> {
    let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
    // SAFETY: the call reads the structure. (musl's setrlimit brings what many threads need.)
    check(unsafe { libc::prlimit(0, resource, &limit, core::ptr::null_mut()) }).map(drop)
}
