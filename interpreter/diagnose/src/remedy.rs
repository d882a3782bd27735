//! What helps against the kernel's no, whoever it was said to.

use sys::Errno;

/// A way out, or nothing where none is known.
pub fn remedy(errno: Errno) -> &'static str {
    match errno {
        Errno::ENOENT => {
            "nothing is there, or a directory on the way is missing: make it before, or \
                          correct the path"
        }
        Errno::EACCES | Errno::EPERM => "this user may not: try as its owner, or as root",
        Errno::EROFS => "it is mounted read-only: mount it read-write, or choose another place",
        Errno::ENOSPC | Errno::EDQUOT => "make room on that file system",
        Errno::EISDIR => "a directory is there, where a file is wanted",
        Errno::ENOTDIR => "a file is there, where a directory is wanted",
        Errno::EEXIST => "it is there already: remove it, or choose another name",
        Errno::EBADF => "no such descriptor is open, or the number is above the limit (ulimit -n)",
        Errno::ECONNREFUSED => "nobody listens there: start the server first",
        Errno::EMFILE => "close some descriptors, or raise the limit (ulimit -n)",
        _ => "",
    }
}
