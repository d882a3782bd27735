//! Instanced services: a service that is a scan directory of its own, in which copies of one
//! service directory come and go. `template/` is what is copied, `instances/` has the copies, and
//! `instance/` is scanned: it has a link to each copy.

pub mod control;
pub use stdlib_commands::copy;
pub mod create;
pub mod delete;
pub mod list;
pub mod maker;
pub mod status;

use super::linked;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Ran};

/// The service and the name of an instance that a command line is about.
fn names(argv: &[Arg]) -> Result<(Arg, Arg), Fail> {
    let [service, name, ..] = *argv else { return Err(Fail::usage()) };
    if service.is_empty() {
        return Err(Fail::bad("invalid service name"));
    }
    match name.to_bytes() {
        [] | [b'.', ..] => Err(Fail::bad("invalid instance name")),
        name if name.iter().any(|b| b" \t\x0c\r\n".contains(b)) => {
            Err(Fail::bad("invalid instance name"))
        }
        _ => Ok((service, name)),
    }
}

/// Goes into the service's `instance/`. Exit code 1 where nobody scans it, 111 where there is
/// none.
fn enter(service: Arg) -> Result<(), Fail> {
    if service.is_empty() {
        return Err(Fail::bad("invalid service path"));
    }
    let dir = [service.to_bytes(), b"/instance"].concat();
    if linked::is_held(&[&dir[..], b"/.s6-svscan/lock"].concat())? {
        return sys::with_cstr(&dir, sys::fs::chdir).map_err(|e| Fail::sys_at("chdir to", &dir, e));
    }
    let service = service.to_string_lossy();
    Err(Fail::with_code(1, format!("instanced service not running on {service}")))
}

/// Where an instance is, as seen from `instance/`.
fn copy_of(name: Arg) -> Vec<u8> {
    [b"../instances/", name.to_bytes()].concat()
}

/// Runs a command that is about services with an instance in the place of the service and its
/// name, which begin at `rest`.
fn stand_in(image: &mut Image, command: &'static Command, argv: &[Arg], rest: usize) -> Ran {
    let (options, about) = argv.split_at(rest);
    let (service, name) = names(about)?;
    let mut words = options.to_vec();
    words.push(leak([service.to_bytes(), b"/instance/", name.to_bytes()].concat()));
    image.enter(command);
    (command.run)(image, Argv::new(words))
}
