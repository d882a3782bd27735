//! `chainit run`: containers without an engine. The trees have an `/init` of their own where it
//! is not the stages that are tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tests::build::fused;
use tests::harness::{Outcome, assert_order, run};

fn main() {
    run(&[
        ("exit codes, streams and arguments", passed_through),
        ("environment, host name, ids, directory", surroundings),
        ("writes vanish", writes_vanish),
        ("another root, and links in it", other_root),
        ("the tree's own cmd", own_cmd),
        ("^C is docker stop", interrupted),
        ("a container that does not stop", deaf),
        ("a terminal", terminal),
        ("a CMD on a terminal has job control", job_control),
        ("^C on a terminal is the CMD's", typed),
        ("the example", example),
        ("without root", unprivileged),
        ("what can't be booted", refused),
    ]);
}

/// A tree that goes away.
struct Tree(PathBuf);

impl Tree {
    /// A tree of these files; a path that ends in `!` is made executable, without the `!`.
    fn new(name: &str, files: &[(&str, &str)]) -> Tree {
        let dir = std::env::temp_dir().join(format!("chainit-run-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        for (path, text) in files {
            let (path, mode) = path.strip_suffix('!').map_or((*path, 0o644), |p| (p, 0o755));
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        }
        Tree(dir)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(fused().expect("the binary"));
        command.arg("run").arg(&self.0).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Starts it and waits for its first line.
    fn start(&self, args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>) {
        let mut child = self.command(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert_eq!(line, "up\n");
        (child, lines)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An init that becomes its CMD.
const INIT: (&str, &str) = ("init!", "#!/bin/sh\nexec \"$@\"\n");

/// Skips the case where there can be no container.
macro_rules! container {
    () => {
        let out = Tree::new("probe", &[INIT]).run(&["--", "true"]);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.code() == Some(125) && text.contains("namespaces") {
            return Outcome::Skipped(text);
        }
    };
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn passed_through() -> Outcome {
    container!();
    let tree = Tree::new("code", &[INIT]);
    for code in [0, 7, 111, 255] {
        let script = format!("exit {code}");
        assert_eq!(tree.run(&["--", "sh", "-c", &script]).status.code(), Some(code));
    }
    let out = tree.run(&["--", "sh", "-c", "echo out; echo err >&2; printf %s. \"$@\"", "", "a b"]);
    assert_eq!((text(&out.stdout), text(&out.stderr)), ("out\na b.".into(), "err\n".into()));
    let mut child =
        tree.command(&["--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"through");
    Outcome::Passed
}

fn surroundings() -> Outcome {
    container!();
    let tree = Tree::new("my_web.d", &[INIT]);
    let show = "env | sort; echo; hostname; id -u; echo $$; pwd; ls -l /proc/self/fd | wc -l";
    let out = tree
        .command(&["-e", "A=1 2", "-e", "SEEN", "-e", "UNSET", "-w", "/usr", "--hostname", "web"])
        .args(["--", "sh", "-c", show])
        .env("SEEN", "yes")
        .env("HIDDEN", "no")
        .env_remove("UNSET")
        .output()
        .unwrap();
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(
        text(&out.stdout),
        format!(
            "A=1 2\nHOME=/root\nHOSTNAME=web\nPATH={path}\nPWD=/usr\nSEEN=yes\n\nweb\n0\n1\n/usr\n5\n"
        ),
        "{}",
        text(&out.stderr)
    );
    let out =
        tree.run(&["--", "sh", "-c", "hostname; cat /etc/hostname; grep -c my-web /etc/hosts"]);
    let name = format!("chainit-run-my-web-d-{}", std::process::id());
    assert_eq!(text(&out.stdout), format!("{name}\n{name}\n1\n"));
    Outcome::Passed
}

fn writes_vanish() -> Outcome {
    container!();
    let tree = Tree::new("writes", &[INIT, ("etc/chainit-test", "from the tree\n")]);
    let script = "set -e; cat /etc/chainit-test; echo new > /etc/chainit-test
        for dir in / /etc /usr /var /var/log /srv /root /run; do
            mkdir $dir/chainit-test-dir; echo x > $dir/chainit-test-dir/file
        done; rm -r /etc/s6-overlay; test -x /command/execlineb; test -w /dev/null
        /command/s6-echo done";
    for _ in 0..2 {
        let out = tree.run(&["--", "sh", "-c", script]);
        assert_eq!(text(&out.stdout), "from the tree\ndone\n", "{}", text(&out.stderr));
    }
    for dir in ["/", "/etc", "/usr", "/var", "/var/log", "/srv", "/root", "/run"] {
        assert!(!Path::new(dir).join("chainit-test-dir").exists(), "{dir}");
    }
    assert!(!Path::new("/etc/chainit-test").exists());
    let kept = std::fs::read_to_string(tree.0.join("etc/chainit-test")).unwrap();
    assert_eq!(kept, "from the tree\n");
    Outcome::Passed
}

fn other_root() -> Outcome {
    container!();
    if !Path::new("/bin/busybox").exists() {
        return Outcome::Skipped("needs Debian's busybox-static".into());
    }
    let root = Tree::new("root,with:odd\\name", &[("usr/bin/keep", "kept\n")]);
    symlink("usr/bin", root.0.join("bin")).unwrap();
    std::fs::copy("/bin/busybox", root.0.join("usr/bin/busybox")).unwrap();
    symlink("busybox", root.0.join("usr/bin/sh")).unwrap();
    let tree = Tree::new("over", &[INIT, ("bin/more!", "#!/bin/sh\necho more\n")]);
    let script = "busybox cat /bin/keep; /usr/bin/more; busybox ls -d /tmp /run /proc/1 /dev/null
        echo x > /written; /command/s6-echo end";
    let root_arg = ["--rootfs", root.0.to_str().unwrap()];
    let out = tree.run(&[&root_arg[..], &["--", "sh", "-c", script]].concat());
    let expected = "kept\nmore\n/dev/null\n/proc/1\n/run\n/tmp\nend\n";
    assert_eq!(text(&out.stdout), expected, "{}", text(&out.stderr));
    let left: Vec<_> =
        std::fs::read_dir(&root.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    Outcome::Passed
}

fn own_cmd() -> Outcome {
    container!();
    let tree = Tree::new("cmd", &[INIT, ("cmd!", "#!/bin/sh\necho its own\nexit 3\n")]);
    let out = tree.run(&[]);
    assert_eq!((text(&out.stdout).as_str(), out.status.code()), ("its own\n", Some(3)));
    let out = tree.run(&["--", "echo", "another"]);
    assert_eq!((text(&out.stdout).as_str(), out.status.code()), ("another\n", Some(0)));
    Outcome::Passed
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
}

fn interrupted() -> Outcome {
    container!();
    let init =
        "#!/bin/sh\ntrap 'exit 4' TERM\ntrap '' INT\necho up\nwhile :; do sleep 0.02; done\n";
    let tree = Tree::new("stop", &[("init!", init)]);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (mut child, _lines) = tree.start(&[]);
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(4), "{signal}");
    }
    Outcome::Passed
}

fn deaf() -> Outcome {
    container!();
    let init = "#!/bin/sh\ntrap '' TERM INT\necho up\nwhile :; do sleep 0.02; done\n";
    let tree = Tree::new("deaf", &[("init!", init)]);
    let (mut child, _lines) = tree.start(&["--stop-timeout", "1"]);
    let begin = Instant::now();
    send(&child, Signal::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(137));
    assert!(begin.elapsed() >= Duration::from_millis(990));
    let (mut child, _lines) = tree.start(&["--stop-timeout", "1000"]);
    send(&child, Signal::SIGTERM);
    std::thread::sleep(Duration::from_millis(100));
    send(&child, Signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(137));
    // Without its outside the container goes, too: the pipe that it holds closes.
    let (mut child, mut lines) = tree.start(&[]);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = String::new();
    lines.read_line(&mut rest).unwrap();
    assert_eq!(rest, "");
    Outcome::Passed
}

/// What comes of it on a terminal, where keys are typed as soon as a text has been shown: output
/// and exit code.
fn on_terminal(
    tree: &Path,
    args: &str,
    typed: Option<(&str, &[u8])>,
) -> Option<(String, Option<i32>)> {
    let chainit = fused().expect("the binary").display();
    // A shell that stays gets the ^C too, and says 130.
    let line = format!("exec {chainit} run {} {args}", tree.display());
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("TERM", "chainit-test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    if let Some((after, keys)) = typed {
        let mut byte = [0];
        while !text(&shown).ends_with(after) && stdout.read(&mut byte).unwrap() > 0 {
            shown.push(byte[0]);
        }
        let _ = stdin.write_all(keys);
    }
    stdout.read_to_end(&mut shown).unwrap();
    drop(stdin);
    Some((text(&shown), child.wait().unwrap().code()))
}

const NO_SCRIPT: &str = "needs script, of Debian's bsdutils";

fn terminal() -> Outcome {
    container!();
    let tree = Tree::new("terminal", &[INIT]);
    let script = "test -t 0 && test -t 1 && test -c /dev/console && tty && echo $TERM; exit 3";
    let Some((shown, code)) = on_terminal(&tree.0, &format!("-- sh -c '{script}'"), None) else {
        return Outcome::Skipped(NO_SCRIPT.into());
    };
    assert!(shown.contains("/dev/pts/0\r\nchainit-test\r\n"), "{shown}");
    assert_eq!(code, Some(3));
    Outcome::Passed
}

fn job_control() -> Outcome {
    container!();
    let tree = Tree::new("jobs", &[]);
    let script = "read -r pid name state parent group session tty foreground rest < /proc/$$/stat
        echo $((session == $$)) $((group == $$)) $((foreground == $$)); exit 6";
    let Some((shown, code)) = on_terminal(&tree.0, &format!("-- sh -c '{script}'"), None) else {
        return Outcome::Skipped(NO_SCRIPT.into());
    };
    assert!(shown.contains("1 1 1\r\n"), "{shown}");
    assert_eq!(code, Some(6));
    Outcome::Passed
}

const UP: &str = "service legacy-services successfully started";

fn typed() -> Outcome {
    container!();
    let tree = Tree::new("typed", &[]);
    let script = "trap \"exit 9\" INT; echo cmd runs; while :; do sleep 0.1; done";
    let (args, typed) = (format!("-- sh -c '{script}'"), ("cmd runs", &b"\x03"[..]));
    let Some((shown, code)) = on_terminal(&tree.0, &args, Some(typed)) else {
        return Outcome::Skipped(NO_SCRIPT.into());
    };
    assert_eq!(code, Some(9), "{shown}");
    // Without a CMD nobody has the terminal: the container is meant.
    let (shown, code) = on_terminal(&tree.0, "", Some((UP, b"\x03"))).unwrap();
    assert!(shown.contains("legacy-services successfully stopped"), "{shown}");
    assert_eq!(code, Some(0));
    Outcome::Passed
}

fn example() -> Outcome {
    container!();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("WEB_PORT={}", free.local_addr().unwrap().port());
    drop(free);
    let out = Command::new(fused().expect("the binary"))
        .arg("run")
        .arg(tests::build::root().join("init/examples/web"))
        .args(["-e", &port])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stdout = [
        "cont-init.d: the page will be",
        "HTTP/1.0 200 OK",
        "Hello from process",
        "cont-finish.d: what the web service has logged",
        "ready on",
        "GET / HTTP/1.0",
        "told to stop",
        "finish: web has ended with code 0",
    ];
    let stderr = [
        "cont-init: info: running /etc/cont-init.d/10-prepare",
        "cont-init: info: /etc/cont-init.d/10-prepare exited 0",
        "service legacy-services successfully started",
        "service legacy-services successfully stopped",
        "cont-finish: info: running /etc/cont-finish.d/10-log",
    ];
    assert_order(&text(&out.stdout), &stdout);
    assert_order(&text(&out.stderr), &stderr);
    assert_eq!(out.status.code(), Some(0));
    Outcome::Passed
}

fn unprivileged() -> Outcome {
    container!();
    let tree = Tree::new("user", &[INIT]);
    let script =
        "id -u; echo x > /etc/x && echo y > /var/log/y && touch /usr/bin/z && echo written";
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    command.arg(fused().expect("the binary")).arg("run").arg(&tree.0);
    command.args(["--", "sh", "-c", script]).stdin(Stdio::null());
    let out = command.output();
    let Ok(out) = out else { return Outcome::Skipped("needs setpriv, of util-linux".into()) };
    let said = text(&out.stderr);
    let can_not = ["Operation not permitted", "setpriv: ", "No space left", "namespaces"];
    if out.stdout.is_empty() && can_not.iter().any(|part| said.contains(part)) {
        return Outcome::Skipped(said);
    }
    assert_eq!(text(&out.stdout), "0\nwritten\n", "{said}");
    Outcome::Passed
}

fn refused() -> Outcome {
    container!();
    let missing = Tree::new("missing", &[]);
    std::fs::remove_dir(&missing.0).unwrap();
    let bare = Tree::new("bare", &[("init", "#!/bin/sh\n")]);
    let file = Tree::new("file", &[INIT, ("etc/init.d/x", "")]);
    std::fs::remove_dir_all(file.0.join("etc")).unwrap();
    std::fs::write(file.0.join("etc"), "").unwrap();
    for (tree, args, parts) in [
        (&missing, &[][..], &["No such file or directory", "chainit-run-missing"][..]),
        (&bare, &[], &["unable to exec /init: Permission denied", "x bit", "help: chmod +x"]),
        (&file, &[], &["etc", "help: "]),
        (&bare, &["-w", "/chainit-nowhere"], &["/chainit-nowhere", "-w names a directory"]),
    ] {
        let out = tree.run(args);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(125), "{said}");
        assert!(said.starts_with("chainit: fatal: "), "{said}");
        for part in parts {
            assert!(said.contains(part), "{part:?} is missing in: {said}");
        }
    }
    assert_eq!(bare.run(&["-e", "=x"]).status.code(), Some(100));
    assert_eq!(bare.run(&["--nonsense"]).status.code(), Some(100));
    Outcome::Passed
}
