//! Containers, as data: a tree, an environment and a CMD; the lines that come out in their order,
//! the exit code, and what must not come out.
//!
//! Each is booted for real, by `chainit run` over the machine's own root. Whatever a case needs to
//! happen from outside (a signal to PID 1) it does from inside, where it is the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "test code: it stops where something is wrong, and its report is what it prints"
)]

mod cases;

use cases::{Case, Place, all};
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::scratch::Scratch;

/// No case takes longer, unless it hangs.
const TOO_LONG: Duration = Duration::from_secs(60);

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    if let Err(why) = possible() {
        println!("skipped: {} boot cases: {why}", all().count());
        println!("\n0 passed, 0 failed, {} skipped", all().count());
        return;
    }
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for case in all().filter(|case| case.name.contains(&filter)) {
        match check(case) {
            Ok(true) => passed += 1,
            Ok(false) => {
                skipped += 1;
                println!("skipped: {}: no namespaces for it here", case.name);
            }
            Err(why) => {
                failed += 1;
                println!("case {} ... FAILED\n{why}", case.name);
            }
        }
    }
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    std::process::exit(i32::from(failed > 0));
}

/// Can a container be started here at all?
fn possible() -> Result<(), String> {
    let dir = Scratch::new("boot-possible");
    let (code, output) = boot(&dir.0, &[], Some(&["true"]), &[], "")?;
    let denied = ["namespace", "mount", "unshare", "not permitted"];
    match code {
        Some(0) => Ok(()),
        _ if denied.iter().any(|word| output.contains(word)) => Err(output),
        _ => Ok(()),
    }
}

/// Writes a case's files. What begins with `#!`, or with a `+` that is left out, is executable.
fn plant(tree: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (mode, text) = match content.strip_prefix('+') {
            Some(text) => (0o755, text),
            None if content.starts_with("#!") => (0o755, *content),
            None => (0o644, content.strip_prefix('-').unwrap_or(content)),
        };
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }
}

type Booted = (Option<i32>, String);

/// Grace times that no case can sit out: whoever waits for them hangs.
const GRACE: [&str; 2] = ["S6_KILL_GRACETIME=600000", "S6_SERVICES_GRACETIME=600000"];

fn sets(env: &[&str], var: &str) -> bool {
    let name = |var: &str| var.split('=').next().map(str::to_owned);
    env.iter().any(|set| name(set) == name(var))
}

fn boot(
    tree: &Path,
    env: &[&str],
    cmd: Option<&[&str]>,
    options: &[&str],
    input: &str,
) -> Result<Booted, String> {
    let binary = tests::build::fused()?;
    let mut run = Command::new(binary);
    run.arg("run").args(options);
    for var in GRACE.into_iter().filter(|var| !sets(env, var)).chain(env.iter().copied()) {
        run.args(["-e", var]);
    }
    run.arg(tree).args(cmd.map(|_| "--")).args(cmd.unwrap_or_default());
    start(run, tree, input)
}

/// Starts a command line as PID 1 of namespaces that share the machine's root, all that a start
/// of `/init` writes to aside.
fn boot_bare(tree: &Path, mount: &str, cmd: &[&str]) -> Result<Booted, String> {
    let bin = tree.join("bin");
    std::fs::create_dir_all(&bin).map_err(|e| e.to_string())?;
    let _ = std::os::unix::fs::symlink(tests::build::fused()?, bin.join("init"));
    let mut run = Command::new("unshare");
    if !nix::unistd::geteuid().is_root() {
        run.args(["--user", "--map-root-user"]);
    }
    let script = "mount -t tmpfs none /var && mount -t tmpfs -o \"$0\" none /run && exec \"$@\"";
    run.args(["--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", script, mount]).args(cmd);
    let path = std::env::var("PATH").unwrap_or_default();
    run.env("PATH", format!("{}:{path}", bin.display()));
    start(run, tree, "")
}

/// What makes a root of the working directory, and becomes `/init` in it.
const ENTER: &str = r#"
mount --make-rprivate /
mount --bind . .
cd "$PWD"
mount -t proc proc proc
touch dev/null
mount --bind /dev/null dev/null
# Here it is about what can be done without it.
rm package/admin/s6-overlay-3.2.3.2/libexec/take-run
eval "$SCRIPT"
set -- /init "$@"
case $WHO in
    ?*) set -- /command/s6-applyuidgid -u "${WHO%:*}" -g "${WHO#*:}" -G "${WHO#*:}" "$@" ;;
esac
set -- /command/s6-env -i $VARS "$@"
case $PIVOT in
    '') exec chroot . "$@" ;;
esac
pivot_root . mnt
cd /
exec "$@"
"#;

/// Boots in a root of its own.
fn boot_place(tree: &Path, place: &Place, env: &[&str], cmd: &[&str]) -> Result<Booted, String> {
    let root = tree.join("root");
    let fail = |e: std::io::Error| e.to_string();
    for dir in ["bin", "etc", "tmp", "var", "run", "proc", "dev", "mnt", "usr/bin"] {
        std::fs::create_dir_all(root.join(dir)).map_err(fail)?;
    }
    std::fs::set_permissions(root.join("tmp"), PermissionsExt::from_mode(0o1777)).map_err(fail)?;
    std::os::unix::fs::symlink("/run", root.join("var/run")).map_err(fail)?;
    std::fs::copy("/bin/busybox", root.join("bin/busybox")).map_err(fail)?;
    let applets = Command::new("/bin/busybox").arg("--list").output().map_err(fail)?.stdout;
    for name in String::from_utf8_lossy(&applets).lines() {
        let _ = std::os::unix::fs::symlink("busybox", root.join("bin").join(name));
    }
    let mut install = Command::new(tests::build::fused()?);
    let installed = install.args(["install", "--root"]).arg(&root).output().map_err(fail)?;
    if !installed.status.success() {
        return Err(String::from_utf8_lossy(&installed.stderr).into_owned());
    }
    let mut run = Command::new("unshare");
    if !nix::unistd::geteuid().is_root() {
        run.args(["--user", "--map-root-user"]);
    }
    let vars = GRACE.into_iter().filter(|var| !sets(env, var)).chain(env.iter().copied());
    run.args(["--mount", "--pid", "--fork", "sh", "-ec", ENTER, "sh"])
        .args(cmd)
        .current_dir(&root)
        .env("VARS", vars.collect::<Vec<_>>().join(" "))
        .env("SCRIPT", place.script)
        .env("WHO", place.user)
        .env("PIVOT", if place.namespaces { "1" } else { "" });
    start(run, tree, "")
}

fn start(mut run: Command, tree: &Path, input: &str) -> Result<Booted, String> {
    let (log, stdin) = (tree.with_extension("log"), tree.with_extension("in"));
    std::fs::write(&stdin, input).map_err(|e| e.to_string())?;
    let out = File::create(&log).map_err(|e| e.to_string())?;
    let begin = Instant::now();
    let mut child = run
        .stdin(File::open(&stdin).map_err(|e| e.to_string())?)
        .stdout(Stdio::from(out.try_clone().map_err(|e| e.to_string())?))
        .stderr(Stdio::from(out))
        .spawn()
        .map_err(|e| format!("cannot start it: {e}"))?;
    let code = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break status.code(),
            None if begin.elapsed() > TOO_LONG => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let output = std::fs::read(&log).unwrap_or_default();
    let _ = std::fs::remove_file(&log);
    let _ = std::fs::remove_file(&stdin);
    Ok((code, String::from_utf8_lossy(&output).into_owned()))
}

/// Boots a case; false where it could not be tried.
fn check(case: &Case) -> Result<bool, String> {
    if case.root && !nix::unistd::geteuid().is_root() {
        return Ok(false);
    }
    let dir = Scratch::new(&format!("boot-{}", case.name));
    if case.place.is_some() && !Path::new("/bin/busybox").exists() {
        return Ok(false);
    }
    plant(&dir.0.join(if case.place.is_some() { "root" } else { "" }), case.files);
    let cmd = case.cmd.unwrap_or_default();
    let (code, output) = match (case.run, &case.place) {
        (Some(mount), _) => boot_bare(&dir.0, mount, cmd)?,
        (None, Some(place)) => boot_place(&dir.0, place, case.env, cmd)?,
        (None, None) => boot(&dir.0, case.env, case.cmd, case.options, case.input)?,
    };
    let shown = || format!("output:\n{}", output.replace('\n', "\n    "));
    if output.contains("unshare: unshare failed") {
        return Ok(false);
    }
    match code {
        None => return Err(format!("hangs, or was killed; {}", shown())),
        Some(code) if code != case.code => {
            return Err(format!("exit code {code} instead of {}; {}", case.code, shown()));
        }
        Some(_) => {}
    }
    let mut rest = output.lines();
    for wanted in case.lines {
        let fits = |line: &str| match wanted.strip_suffix('*') {
            Some(start) => line.starts_with(start),
            None => line == *wanted,
        };
        if !rest.any(fits) {
            return Err(format!("no line `{wanted}` in its place; {}", shown()));
        }
    }
    if let Some(bad) = case.without.iter().find(|text| output.contains(**text)) {
        return Err(format!("`{bad}` is in the output; {}", shown()));
    }
    Ok(true)
}
