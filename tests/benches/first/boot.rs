//! A container with nothing in it: from the exec of its init to the first instruction of the CMD,
//! and from there to the end of the container.
//!
//! Each round is a helper process in pid and mount namespaces of its own; its times are taken
//! inside of it, so that making the namespaces does not count.

use crate::lab::{Lab, Row, print};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

pub const HELPER: &str = "--boot";
const ROUNDS: usize = 100;

fn monotonic() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).unwrap().into()
}

/// `ROOT INIT ARGS…`: boots once, prints both times in nanoseconds.
pub fn helper(mut args: impl Iterator<Item = OsString>) {
    use nix::mount::{MsFlags, mount};
    use nix::sched::{CloneFlags, unshare};
    let root = PathBuf::from(args.next().unwrap());
    unshare(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS).expect("namespaces (run as root)");
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
    mount(Some("tmpfs"), &root.join("run"), Some("tmpfs"), MsFlags::empty(), none).unwrap();
    mount(Some("/proc"), &root.join("proc"), none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
        .unwrap();
    mount(Some("/dev"), &root.join("dev"), none, MsFlags::MS_BIND, none).unwrap();
    nix::unistd::chroot(&root).unwrap();
    std::env::set_current_dir("/").unwrap();
    let mut command = Command::new(args.next().unwrap());
    command.args(args).env_clear().env("PATH", "/command:/usr/bin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let start = monotonic();
    let mut child = command.spawn().unwrap();
    let mut seen = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut seen).unwrap();
    let status = child.wait().unwrap();
    let end = monotonic();
    assert!(status.success(), "{status}");
    let (sec, nsec) = seen.split_at(8);
    let sec = u64::from_ne_bytes(sec.try_into().unwrap());
    let nsec = u64::from_ne_bytes(nsec.try_into().unwrap());
    let cmd = Duration::new(sec, nsec as u32);
    println!("{} {}", (cmd - start).as_nanos(), (end - cmd).as_nanos());
}

fn root(lab: &Lab) -> PathBuf {
    let root = lab.dir.join("root");
    for dir in ["run", "proc", "etc", "tmp", "dev"] {
        std::fs::create_dir_all(root.join(dir)).unwrap();
    }
    let install = Command::new(&lab.chainit).arg("install").arg("--root").arg(&root).status();
    assert!(install.unwrap().success(), "chainit install");
    std::fs::copy(&lab.floor, root.join("floor")).unwrap();
    for (from, to) in [("/usr/bin/tini-static", "tini"), ("/usr/bin/dumb-init", "dumb-init")] {
        if Path::new(from).exists() {
            std::fs::copy(from, root.join(to)).unwrap();
            libraries(Path::new(from), &root);
        }
    }
    root
}

/// What a dynamic program needs, at the same paths.
fn libraries(program: &Path, root: &Path) {
    let said = Command::new("ldd").arg(program).output().unwrap().stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    for path in said.split_whitespace().filter(|word| word.starts_with('/')) {
        let to = root.join(&path[1..]);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(path.trim_end_matches(':'), to).unwrap();
    }
}

pub fn run(lab: &Lab) {
    let root = root(lab);
    let all: [(&str, &[&str]); 4] = [
        ("chainit's /init", &["/init", "/floor"]),
        ("tini-static", &["/tini", "--", "/floor"]),
        ("dumb-init", &["/dumb-init", "/floor"]),
        ("no init", &["/floor"]),
    ];
    let there = |c: &&(&str, &[&str])| root.join(&c.1[0][1..]).exists();
    let contestants: Vec<_> = all.iter().filter(there).collect();
    let rows = || contestants.iter().map(|c| Row::new(c.0)).collect::<Vec<_>>();
    let (mut up, mut down, mut whole) = (rows(), rows(), rows());
    for round in 0..ROUNDS {
        for turn in 0..contestants.len() {
            let i = (turn + round) % contestants.len();
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg(HELPER).arg(&root).args(contestants[i].1);
            let out = command.output().unwrap();
            let text = String::from_utf8(out.stdout).unwrap();
            let times: Vec<u64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
            let [a, b] = times[..] else {
                panic!("{}: {text}{}", contestants[i].0, String::from_utf8_lossy(&out.stderr));
            };
            up[i].times.push(Duration::from_nanos(a));
            down[i].times.push(Duration::from_nanos(b));
            whole[i].times.push(Duration::from_nanos(a + b));
        }
    }
    print("empty container: from the init's exec to the CMD's first instruction", &up);
    print("empty container: from the CMD's end to the container's", &down);
    print("empty container: the whole", &whole);
}
