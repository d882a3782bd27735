//! Scripts that the tree runs for whoever asks over its socket.

use crate::faults::LONG;
use crate::lab::{Scratch, Svscan, Tools, ours, settled, within};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr};
use nix::sys::socket::{connect, recv, send, socket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tests::harness::Outcome;

struct Client(OwnedFd);

impl Client {
    fn new(dir: &Path) -> Client {
        let seqpacket = SockType::SeqPacket;
        let fd = socket(AddressFamily::Unix, seqpacket, SockFlag::empty(), None).unwrap();
        let path = dir.join("scan/.s6-svscan/oneshots");
        within("the socket", LONG, || {
            connect(fd.as_raw_fd(), &UnixAddr::new(&path).unwrap()).is_ok()
        });
        Client(fd)
    }

    fn ask(&self, packet: &[u8]) {
        send(self.0.as_raw_fd(), packet, MsgFlags::empty()).unwrap();
    }

    fn run(&self, words: &[&str]) -> i32 {
        let words: String = words.iter().map(|word| format!("{word}\0")).collect();
        self.ask(format!("R{words}").as_bytes());
        match self.answer() {
            ('P', pid) => pid,
            other => panic!("{other:?}"),
        }
    }

    /// A letter and a number; `('-', 0)` at the end.
    fn answer(&self) -> (char, i32) {
        let mut packet = [0; 64];
        match recv(self.0.as_raw_fd(), &mut packet, MsgFlags::empty()).unwrap() {
            0 => ('-', 0),
            n => {
                let number = packet[1..n].try_into().map_or(0, i32::from_be_bytes);
                (packet[0].into(), number)
            }
        }
    }
}

const EXITED: fn(i32) -> (char, i32) = |code| ('X', code << 8);

fn upgrade(tools: &Tools, svscan: &Svscan) {
    let mut chainit = tools.command("chainit");
    let out = chainit.args(["upgrade", "--scandir"]).arg(&svscan.scan).output().unwrap();
    assert!(out.status.success(), "{out:?}");
}

/// A script's state is the same whoever asks; its output goes where the tree's goes.
pub fn state() -> Outcome {
    let (s, ours) = (Scratch::new("oneshot-state"), ours());
    s.script(
        ".state",
        "echo \"$# $1|$RC_NAME|$TREE|$(pwd)|$(umask)\"\n\
         readlink /proc/self/fd/0\n\
         read -r _ _ _ _ pgrp session _ < /proc/$$/stat\n\
         test $pgrp = $$ && test $session = $$ && echo leader\n\
         grep SigBlk /proc/self/status\n\
         readlink /proc/$$/fd/* | grep -e socket -e anon_inode -e svscan\n\
         echo said >&2\n\
         exit 3",
    );
    let output = s.0.join("stdout");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!(
        "umask 027; ulimit -Sn 321; TREE=yes RC_NAME=wrong exec {} {} </dev/zero >{} 2>{}",
        ours.0.join("s6-svscan").display(),
        s.scan().display(),
        output.display(),
        s.0.join("stderr").display()
    ));
    let child = command.spawn().unwrap();
    let svscan = Svscan { child, tools: ours.clone(), scan: s.scan() };
    let client = Client::new(&s.0);
    client.run(&["some name", "./.state", "an argument"]);
    assert_eq!(client.answer(), EXITED(3));
    let scan = std::fs::canonicalize(s.scan()).unwrap();
    let none = "0000000000000000";
    assert_eq!(
        s.text("stdout"),
        format!(
            "1 an argument|some name|yes|{}|0027\n/dev/null\nleader\n\
             SigBlk:\t{none}\n",
            scan.display()
        )
    );
    assert_eq!(s.text("stderr"), "said\n");
    drop(svscan);
    Outcome::Passed
}

/// How scripts end, and what can't be run.
pub fn answers() -> Outcome {
    let (s, ours) = (Scratch::new("oneshot-answers"), ours());
    s.script(
        ".obeys",
        "trap 'echo told > ../told; exit 9' TERM\necho > ../up\n\
                        while :; do sleep 0.02; done",
    );
    s.script(".goes-on", "trap '' TERM\necho > ../up\nsleep 0.05\necho > ../done");
    s.file("text", "no program\n");
    let svscan = ours.svscan(&s);
    let client = Client::new(&s.0);
    let descriptors = begun(&svscan, &s);
    client.run(&["one", "sh", "-c", "exit 200"]);
    assert_eq!(client.answer(), EXITED(200));
    // A connection can be used again.
    client.run(&["one", "sh", "-c", "kill -9 $$"]);
    assert_eq!(client.answer(), ('X', 9));
    let errno = |errno: nix::Error| ('E', errno as i32);
    for (packet, failed) in [
        (&b"Rone\0there-is-no-such-program\0"[..], nix::Error::ENOENT),
        (b"Rone\0./text\0", nix::Error::EACCES),
        (b"Rone\0", nix::Error::EINVAL),
        (b"R", nix::Error::EINVAL),
        (b"Rone\0no end", nix::Error::EPROTO),
        (b"F", nix::Error::EPROTO),
        (b"nonsense", nix::Error::EPROTO),
        (&[b'x'; 5000], nix::Error::EMSGSIZE),
    ] {
        client.ask(packet);
        assert_eq!(client.answer(), errno(failed), "{}", packet.escape_ascii());
    }
    // It is told to end, and its end is told.
    client.run(&["one", "./.obeys"]);
    within("it is up", LONG, || s.0.join("up").exists());
    client.ask(b"Rone\0true\0");
    assert_eq!(client.answer(), errno(nix::Error::EBUSY));
    client.ask(b"T");
    assert_eq!(client.answer(), EXITED(9));
    assert_eq!(s.text("told"), "told\n");
    // Nobody waits any more: it is told to end, too.
    for file in ["up", "told"] {
        std::fs::remove_file(s.0.join(file)).unwrap();
    }
    let other = Client::new(&s.0);
    other.run(&["two", "./.obeys"]);
    within("it is up", LONG, || s.0.join("up").exists());
    drop(other);
    within("it is told", LONG, || s.text("told") == "told\n");
    std::fs::remove_file(s.0.join("up")).unwrap();
    // One that does not care runs on, and is reaped.
    let other = Client::new(&s.0);
    let pid = other.run(&["two", "./.goes-on"]);
    within("it is up", LONG, || s.0.join("up").exists());
    drop(other);
    within("it runs on", LONG, || s.0.join("done").exists());
    let gone = || !std::path::Path::new(&format!("/proc/{pid}")).exists();
    within("it is reaped", LONG, gone);
    assert_eq!(settled(&svscan), descriptors);
    assert_eq!(s.text("stderr"), "");
    Outcome::Passed
}

/// How many descriptors there are once a child has been: the first one makes the tree keep some free.
fn begun(svscan: &Svscan, s: &Scratch) -> usize {
    let client = Client::new(&s.0);
    client.run(&["begun", "true"]);
    assert_eq!(client.answer(), EXITED(0));
    drop(client);
    settled(svscan)
}

/// A script whose asker has gone may take its time to end. Until then no other runs for the same
/// service; who asks for one is told what it waits for, also by a new program of the tree's.
pub fn one_at_a_time() -> Outcome {
    let (s, ours) = (Scratch::new("oneshot-alone"), ours());
    s.script(
        ".slow",
        "trap : TERM\nmkdir ../alone || echo beside another > ../bad\necho > ../up\n\
         until test -e ../go; do sleep 0.02; done\nrmdir ../alone",
    );
    let svscan = ours.svscan(&s);
    let descriptors = begun(&svscan, &s);
    let first = Client::new(&s.0);
    let pid = first.run(&["one", "./.slow"]);
    within("it is up", LONG, || s.0.join("up").exists());
    drop(first);
    let (next, gone, told) = (Client::new(&s.0), Client::new(&s.0), Client::new(&s.0));
    for client in [&next, &gone, &told] {
        client.ask(b"Rone\0./.slow\0");
        assert_eq!(client.answer(), ('B', pid));
    }
    next.ask(b"Rone\0true\0");
    assert_eq!(next.answer(), ('E', nix::Error::EBUSY as i32));
    told.ask(b"T");
    assert_eq!(told.answer(), ('X', 15), "it has ended before it began");
    drop((gone, told));
    let other = Client::new(&s.0);
    other.run(&["another", "true"]);
    assert_eq!(other.answer(), EXITED(0));
    drop(other);
    upgrade(&ours, &svscan);
    std::fs::write(s.0.join("go"), "").unwrap();
    assert_eq!(next.answer().0, 'P');
    assert_eq!(next.answer(), EXITED(0));
    assert_eq!(s.text("bad"), "");
    // Whoever still waits when the tree stops is told so.
    ["go", "up"].iter().for_each(|file| std::fs::remove_file(s.0.join(file)).unwrap());
    let pid = next.run(&["one", "./.slow"]);
    within("it is up", LONG, || s.0.join("up").exists());
    let last = Client::new(&s.0);
    last.ask(b"Rone\0./.slow\0");
    assert_eq!(last.answer(), ('B', pid));
    drop(next);
    assert_eq!(settled(&svscan), descriptors + 1);
    let mut svscan = svscan;
    assert_eq!(svscan.stop().code(), Some(0));
    assert_eq!(last.answer(), ('E', nix::Error::ESHUTDOWN as i32));
    std::fs::write(s.0.join("go"), "").unwrap();
    within("the script ends", LONG, || !s.0.join("alone").exists());
    Outcome::Passed
}

/// A new program of the tree's goes on with the scripts that run, and tells of one that ended in
/// between; a stop tells them to end, and does not wait for one.
pub fn upgrades() -> Outcome {
    let (s, ours) = (Scratch::new("oneshot-upgrade"), ours());
    s.script(".waits", "until test -e ../go; do sleep 0.02; done\nexit 5");
    let mut svscan = ours.svscan(&s);
    let (client, killed) = (Client::new(&s.0), Client::new(&s.0));
    let pid = client.run(&["one", "./.waits"]);
    let other = killed.run(&["two", "sleep", "1000"]);
    let descriptors = begun(&svscan, &s);
    for _ in 0..5 {
        upgrade(&ours, &svscan);
    }
    assert_eq!(settled(&svscan), descriptors);
    std::fs::write(s.0.join("go"), "").unwrap();
    assert_eq!(client.answer(), EXITED(5));
    // While the tree stands still, its upgrade and a script's end are both due.
    let tree = nix::unistd::Pid::from_raw(svscan.child.id().cast_signed());
    let signal = |pid, signal| nix::sys::signal::kill(pid, signal).unwrap();
    signal(tree, nix::sys::signal::SIGSTOP);
    std::thread::scope(|scope| {
        scope.spawn(|| upgrade(&ours, &svscan));
        signal(nix::unistd::Pid::from_raw(other), nix::sys::signal::SIGKILL);
        signal(tree, nix::sys::signal::SIGCONT);
    });
    assert_eq!(killed.answer(), ('X', 9));
    let last = client.run(&["one", "sleep", "1000"]);
    assert_ne!(last, pid);
    let deaf =
        killed.run(&["two", "sh", "-c", "trap '' TERM; until test -e ../end; do sleep 0.02; done"]);
    assert_eq!(svscan.stop().code(), Some(0));
    let gone = |pid: i32| {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    within("the script ends", LONG, || gone(last));
    std::fs::write(s.0.join("end"), "").unwrap();
    within("the other ends when it likes", LONG, || gone(deaf));
    Outcome::Passed
}

/// Only the tree's user and root may ask, whoever comes by the socket.
pub fn strangers() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can become somebody else".into());
    }
    let (s, ours) = (Scratch::new("oneshot-stranger"), ours());
    let _svscan = ours.svscan(&s);
    drop(Client::new(&s.0));
    let socket = s.scan().join(".s6-svscan/oneshots");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    for path in [&socket, &s.scan().join(".s6-svscan")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    // This very program, as another user, is the stranger.
    let me = s.0.join("stranger");
    std::fs::copy(std::env::current_exe().unwrap(), &me).unwrap();
    let mut stranger = ours.command("s6-applyuidgid");
    let out = stranger.args(["-u", "65534", "-g", "65534"]).arg(me).env(STRANGER, &s.0).output();
    let out = out.unwrap();
    let eperm = nix::Error::EPERM as i32;
    assert_eq!(String::from_utf8_lossy(&out.stdout), format!("('E', {eperm}) ('-', 0)"), "{out:?}");
    Outcome::Passed
}

/// What tells this program that it is the stranger, and where its tree is.
const STRANGER: &str = "CHAINIT_TESTS_STRANGER";

/// Connects, and prints what it is told, if it has been started for that.
pub fn as_stranger() -> bool {
    let Some(dir) = std::env::var_os(STRANGER) else { return false };
    let client = Client::new(Path::new(&dir));
    let told = format!("{:?} {:?}", client.answer(), client.answer());
    std::io::Write::write_all(&mut std::io::stdout(), told.as_bytes()).unwrap();
    true
}
