//! The container's first process, up to the instant in which it becomes `/init`.

use super::super::fault::{Fault, show};
use super::super::root::join;
use super::channel::{Channel, Word};
use super::layers;
use super::mounts;
use super::overlay::Layers;
use super::plan::{self, Plan};
use super::space::Guest;
use interpreter::arg::{Arg, leak};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use sys::signal::{Disposition, SIGKILL, Set};

/// Builds the container around this process and becomes its `/init`. If that can't be, the
/// outside is told why.
pub fn run(plan: &Plan, guest: Guest, channel: &Channel) -> ! {
    let why = match build(plan, guest, channel) {
        Ok(()) => become_init(plan),
        Err(fault) => fault,
    };
    let _ = channel.say(&Word::Failed(why.to_string()));
    sys::process::exit(125)
}

/// Directories one of which is covered while the root is built. In the container nothing of it
/// is left.
const STAGES: &[&[u8]] = &[b"/run", b"/tmp", b"/mnt", b"/media", b"/srv", b"/opt", b"/home"];

fn build(plan: &Plan, guest: Guest, channel: &Channel) -> Result<(), Fault> {
    let _ = sys::process::setgroups(&[]);
    sys::process::die_with_parent(SIGKILL)
        .map_err(|e| Fault::step("tie the container to this process", e, ""))?;
    mounts::private()?;
    let there = |dir: &&[u8]| sys::fs::stat_bytes(dir).is_ok_and(|s| s.is_dir());
    let stages: Vec<&[u8]> = STAGES.iter().copied().filter(there).collect();
    let stage = plan::stage(&stages, &[&plan.tree, &plan.base])
        .ok_or_else(|| Fault::said(NO_STAGE, NO_STAGE_HELP))?;
    mounts::stage(stage)?;
    let (upper, work, root) = (join(stage, b"upper"), join(stage, b"work"), join(stage, b"root"));
    for dir in [&upper, &work, &root] {
        sys::fs::mkdir(dir, 0o755).map_err(|e| Fault::at("make directory", dir, e))?;
    }
    layers::fill(plan, &upper, guest)?;
    let count = std::cell::Cell::new(0);
    Layers { plan, guest, upper: &upper, work: &work, root: &root, count }.mount()?;
    mounts::special(&root)?;
    if guest.mapped {
        mounts::home(&root);
    }
    nix::unistd::sethostname(OsStr::from_bytes(&plan.hostname))
        .map_err(|e| Fault::step("set the container's host name", e, ""))?;
    mounts::enter(&root)?;
    session(plan, channel)?;
    sys::with_cstr(&plan.workdir, sys::fs::chdir).map_err(|e| {
        let what = format!("change to the working directory {}", show(&plan.workdir));
        Fault::step(what, e, "-w names a directory of the container")
    })
}

const NO_STAGE: &str =
    "no directory is left to build the container's root on: tree and rootfs are everywhere";
const NO_STAGE_HELP: &str = "make /mnt an empty directory";

/// A session of the container's own, with a terminal of its own where the caller has one.
fn session(plan: &Plan, channel: &Channel) -> Result<(), Fault> {
    sys::process::setsid().map_err(|e| Fault::step("begin the container's session", e, ""))?;
    if !plan.terminal {
        return Ok(());
    }
    let failed = |e| Fault::step("give the container a terminal", e, "");
    let (master, path) = sys::space::pty().map_err(failed)?;
    let slave = sys::fd::open_bytes(&path, sys::fd::O_RDWR, 0).map_err(failed)?;
    sys::process::take_terminal(slave).map_err(failed)?;
    mounts::bind_node(&path, b"/dev/console")?;
    channel.say(&Word::Terminal(master)).map_err(failed)?;
    for fd in 0..3 {
        if fd != slave {
            sys::fd::copy(fd, slave).map_err(failed)?;
        }
    }
    Ok(())
}

/// What Docker leaves to a container's root: the numbers of the kernel's capabilities.
const KEPT: &[u32] = &[
    0,  // CHOWN
    1,  // DAC_OVERRIDE
    3,  // FOWNER
    4,  // FSETID
    5,  // KILL
    6,  // SETGID
    7,  // SETUID
    8,  // SETPCAP
    10, // NET_BIND_SERVICE
    13, // NET_RAW
    18, // SYS_CHROOT
    27, // MKNOD
    29, // AUDIT_WRITE
    31, // SETFCAP
];

/// Comes back only with the reason why it could not be.
fn become_init(plan: &Plan) -> Fault {
    for number in (0..64).filter(|number| !KEPT.contains(number)) {
        if sys::space::drop_capability(number).is_err() {
            break;
        }
    }
    sys::fs::umask(0o022);
    for signal in 1..=64 {
        let _ = sys::signal::dispose(signal, Disposition::Default);
    }
    sys::signal::set_mask(&Set::empty());
    // A container has descriptors 0 to 2, whatever the caller had open.
    for name in sys::fs::list(b"/proc/self/fd").unwrap_or_default() {
        let number = std::str::from_utf8(&name).ok().and_then(|name| name.parse().ok());
        if let Some(fd) = number.filter(|fd| *fd > 2) {
            let _ = sys::fd::set_cloexec(fd, true);
        }
    }
    let words = |list: &[Vec<u8>]| -> Vec<Arg> { list.iter().cloned().map(leak).collect() };
    let mut argv = vec![c"/init"];
    argv.extend(words(&plan.command));
    let errno = sys::spawn::exec(&[c"/init"], &argv, &words(&plan.env));
    let why = interpreter::why::exec_remark(b"/init", b"", errno).lines(None, b"/init");
    let what = format!("unable to exec /init: {}\n", sys::reason(errno));
    Fault::said([what, show(why.trim_ascii_end())].concat(), "")
}
