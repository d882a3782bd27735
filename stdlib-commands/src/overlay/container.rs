//! The environment that the container was started with, as `/init` keeps it.

use interpreter::args::number;
use interpreter::env::Env;
use sys::Errno;

/// One file a variable.
pub const ENVIRONMENT: &[u8] = b"/run/s6/container_environment";

/// `S6_KEEP_ENV`, as a number with a 0 in front: empty, unset and no number at all are 0, which
/// stands for an environment that programs do not inherit.
pub fn keeps_env(env: &Env) -> bool {
    number::uint64_prefix(env.get(b"S6_KEEP_ENV").unwrap_or_default()).0 != 0
}

/// The value of a variable, from wherever the container's environment is. `None` where there is
/// none; with `S6_KEEP_ENV` an empty one is none.
pub fn value(env: &Env, name: &[u8]) -> sys::Result<Option<Vec<u8>>> {
    if keeps_env(env) {
        return Ok(env.get(name).filter(|value| !value.is_empty()).map(<[u8]>::to_vec));
    }
    match sys::fd::read_file_bytes(&[ENVIRONMENT, b"/", name].concat()) {
        Ok(value) => Ok(Some(value)),
        Err(Errno::EISDIR) => Err(Errno::EISDIR),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_environment() {
        for (var, keeps) in [
            (c"A=1", false),
            (c"S6_KEEP_ENV=", false),
            (c"S6_KEEP_ENV=0", false),
            (c"S6_KEEP_ENV=00", false),
            (c"S6_KEEP_ENV=no", false),
            (c"S6_KEEP_ENV=1", true),
            (c"S6_KEEP_ENV=02", true),
            (c"S6_KEEP_ENV=2x", true),
        ] {
            assert_eq!(keeps_env(&Env::new(vec![var])), keeps, "{var:?}");
        }
    }
}
