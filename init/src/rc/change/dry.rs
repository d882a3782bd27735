//! What would be done, in the words of the original: the command lines that it would run.

use crate::rc::ONESHOT_RUNNER;
use crate::rc::compiled::{Kind, Service, Way};
use crate::rc::live::Live;
use interpreter::diagnose::shown;
use sys::Errno;
use sys::time::{Time, monotonic};

/// Prints such a command line.
pub fn show(verbosity: u32, line: &str) {
    if verbosity > 0 {
        let _ = sys::fd::write_all(1, format!("s6-rc-dryrun: {line}\n").as_bytes());
    }
}

/// The command of a transition.
pub fn transition(
    live: &Live,
    service: Service,
    way: Way,
    until: Option<Time>,
    verbosity: u32,
) -> String {
    let limit = limit(service.timeout(way), until);
    match (service.kind(), way) {
        (Kind::Oneshot, Way::Up) => oneshot(live, service, "up", limit, verbosity),
        (Kind::Oneshot, Way::Down) => oneshot(live, service, "down", limit, verbosity),
        (Kind::Longrun, Way::Down) => longrun(live, service, "-dwD", limit),
        (Kind::Longrun, Way::Up) => {
            let path = [&live.servicedir(service.id)[..], b"/notification-fd"].concat();
            let tells = service.is_nominal() || sys::fs::access(&path, 0) != Err(Errno::ENOENT);
            longrun(live, service, if tells { "-uwU" } else { "-uwu" }, limit)
        }
    }
}

/// The command of a reload.
pub fn reload(live: &Live, service: Service, until: Option<Time>, verbosity: u32) -> String {
    match service.kind() {
        Kind::Longrun => longrun(live, service, "-l", limit(service.timeout(Way::Up), until)),
        Kind::Oneshot => {
            oneshot(live, service, "reload", limit(service.timeout(Way::Up), until), verbosity)
        }
    }
}

/// The time for a service, cut short by that for the whole; 0: any.
fn limit(own: u32, until: Option<Time>) -> u64 {
    let whole = until.map(|until| until.millis_since(monotonic()).max(1));
    let own = Some(u64::from(own)).filter(|&own| own > 0);
    [own, whole].into_iter().flatten().min().unwrap_or(0)
}

fn longrun(live: &Live, service: Service, letters: &str, limit: u64) -> String {
    format!("s6-svc {letters} -T {limit} -- {}", shown(&live.servicedir(service.id)))
}

fn oneshot(live: &Live, service: Service, verb: &str, limit: u64, verbosity: u32) -> String {
    let options = if verbosity >= 4 { "-vel0" } else { "-el0" };
    let (dir, runner) = (shown(&live.dir), String::from_utf8_lossy(ONESHOT_RUNNER));
    let (id, name) = (service.id, shown(service.name().to_bytes()));
    format!(
        "s6-sudo {options} -t 30000 -T {limit} -- {dir}/servicedirs/{runner}/s {verb} {id}  # {name}"
    )
}
