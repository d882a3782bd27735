//! `chainit install` and the tarballs: what is laid down, where, and over what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use tests::build::{fused, root};
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

/// In bytes, for a program that is stripped and static on musl.
const ARCH_BUDGET: u64 = 623_000;

fn main() {
    run(&[
        ("what is laid down is what is listed", listed),
        ("every command's link leads to the program", links),
        ("over itself and beside other things", again),
        ("links of the image stay inside of it", inside),
        ("something in the way is named", in_the_way),
        ("a read-only root is named", read_only),
        ("tarballs have the same bytes twice, and the same files", tarballs),
        ("the architecture's tarball is small", small),
    ]);
}

fn chainit(args: &[&str]) -> Output {
    Command::new(fused().expect("the binary")).args(args).output().unwrap()
}

fn install(dir: &Path, more: &[&str]) -> Output {
    chainit(&[&["install", "--root", dir.to_str().unwrap()], more].concat())
}

fn installed(dir: &Path) {
    let out = install(dir, &["--symlinks"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stdout.is_empty() && out.stderr.is_empty());
}

/// Everything below a directory: kind, path, target, as `--list` shows it.
fn walk(top: &Path, dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap().display().to_string();
        let kind = entry.file_type().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
        if kind.is_symlink() {
            let target = std::fs::read_link(&path).unwrap();
            found.insert(format!("link\t{name}\t{}", target.display()));
        } else if kind.is_dir() {
            assert_eq!(mode, 0o755, "{name}");
            found.insert(format!("dir\t{name}"));
            walk(top, &path, found);
        } else if mode == 0o4755 {
            found.insert(format!("setuid\t{name}"));
        } else if mode == 0o755 {
            let script = std::fs::read(&path).unwrap().starts_with(b"#!");
            found.insert(format!("{}\t{name}", if script { "script" } else { "binary" }));
        } else {
            assert_eq!(mode, 0o644, "{name}");
            found.insert(format!("file\t{name}"));
        }
    }
}

fn files(top: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(top, top, &mut found);
    found
}

/// The table, and the directories above it that belong to the image.
fn table() -> BTreeSet<String> {
    let out = chainit(&["install", "--list", "--symlinks"]).stdout;
    let lines = String::from_utf8(out).unwrap();
    let entries = lines.lines().map(|line| line.split_once('\t').unwrap().1.to_owned());
    let images = ["dir\tetc", "dir\tusr", "dir\tusr/bin"].map(str::to_owned);
    entries.chain(images).collect()
}

fn listed() -> Outcome {
    let scratch = Scratch::new("install-listed");
    installed(&scratch.0);
    assert_eq!(files(&scratch.0), table());
    for path in [
        "command/execlineb",
        "command/with-contenv",
        "usr/bin/s6-log",
        "package/admin/s6-overlay/command/printcontenv",
        "package/admin/execline/command/execlineb",
        "package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources/base/type",
        "etc/s6-overlay/user-bundles.d/user/type",
    ] {
        assert!(scratch.0.join(path).exists(), "{path}");
    }
    Outcome::Passed
}

fn links() -> Outcome {
    let scratch = Scratch::new("install-links");
    installed(&scratch.0);
    let program = scratch.0.join("package/admin/s6-overlay-3.2.3.2/command/chainit");
    for entry in std::fs::read_dir(scratch.0.join("command")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.canonicalize().unwrap(), program.canonicalize().unwrap());
    }
    let out = Command::new(scratch.0.join("usr/bin/s6-echo")).arg("hello").output().unwrap();
    assert_eq!(out.stdout, b"hello\n");
    assert!(!scratch.0.join("command/init").exists());
    assert!(!scratch.0.join("usr/bin/halt").exists());
    Outcome::Passed
}

fn again() -> Outcome {
    let scratch = Scratch::new("install-again");
    let dir = &scratch.0;
    installed(dir);
    let set = |path: &str, mode| {
        std::fs::set_permissions(dir.join(path), PermissionsExt::from_mode(mode)).unwrap();
    };
    std::fs::write(dir.join("etc/passwd"), "mine").unwrap();
    std::fs::write(dir.join("command/mine"), "mine").unwrap();
    std::fs::write(dir.join("etc/s6-overlay/user-bundles.d/user/type"), "broken").unwrap();
    std::fs::remove_file(dir.join("command/cd")).unwrap();
    std::fs::write(dir.join("command/cd"), "in the place of a link").unwrap();
    set("etc", 0o700);
    installed(dir);
    let mode = std::fs::metadata(dir.join("etc")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    set("etc", 0o755);
    let mut expected = table();
    expected.extend(["file\tetc/passwd", "file\tcommand/mine"].map(str::to_owned));
    assert_eq!(files(dir), expected);
    let bundle = std::fs::read(dir.join("etc/s6-overlay/user-bundles.d/user/type")).unwrap();
    assert_eq!(bundle, b"bundle\n");
    Outcome::Passed
}

fn inside() -> Outcome {
    let scratch = Scratch::new("install-inside");
    let dir = scratch.0.join("image");
    std::fs::create_dir_all(dir.join("opt/commands")).unwrap();
    symlink("/opt/commands", dir.join("command")).unwrap();
    symlink("../../../../../chainit-escaped", dir.join("etc")).unwrap();
    installed(&dir);
    assert!(dir.join("opt/commands/execlineb").symlink_metadata().is_ok());
    assert!(dir.join("chainit-escaped/s6-overlay").is_dir());
    assert!(!Path::new("/opt/commands/execlineb").exists());
    Outcome::Passed
}

/// The exit code is 111 and the message has all of these.
fn assert_refused(out: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(111), "{text}");
    assert!(text.starts_with("chainit: fatal: "), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}

fn in_the_way() -> Outcome {
    let scratch = Scratch::new("install-way");
    let file = scratch.0.join("command");
    std::fs::write(&file, "").unwrap();
    assert_refused(&install(&scratch.0, &[]), &[file.to_str().unwrap(), "help: "]);
    std::fs::remove_file(&file).unwrap();
    let dir = scratch.0.join("command/cd");
    std::fs::create_dir_all(&dir).unwrap();
    assert_refused(&install(&scratch.0, &[]), &[dir.to_str().unwrap(), "help: "]);
    assert_refused(&install(&file.join("nowhere"), &[]), &["nowhere", "No such file"]);
    assert_eq!(chainit(&["install"]).status.code(), Some(100));
    Outcome::Passed
}

fn read_only() -> Outcome {
    let scratch = Scratch::new("install-read-only");
    let dir = scratch.0.to_str().unwrap();
    let script = "mount -t tmpfs -o ro none \"$1\" || exit 99; exec \"$0\" install --root \"$1\"";
    let out = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .args([fused().expect("the binary"), Path::new(dir)])
        .output();
    match out {
        Ok(out) if out.status.code() == Some(111) => {
            assert_refused(&out, &[dir, "Read-only file system", "help: "]);
            Outcome::Passed
        }
        _ => Outcome::Skipped("nothing can be mounted here".into()),
    }
}

/// Why no tarballs can be made here.
fn missing_tool() -> Option<Outcome> {
    let absent = |tool: &&str| Command::new(tool).arg("--version").output().is_err();
    let missing = ["xz", "sha256sum"].into_iter().find(absent)?;
    Some(Outcome::Skipped(format!("needs {missing} (Debian: xz-utils, coreutils)")))
}

fn make(dir: &Path, umask: &str) {
    let out = Command::new("sh")
        .args(["-c", "umask \"$1\"; exec \"$0\" \"$2\" \"$3\""])
        .arg(root().join("init/overlay/make-tarballs"))
        .args([umask, "x86_64"])
        .arg(dir)
        .env("CHAINIT_BIN", fused().expect("the binary"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

fn small() -> Outcome {
    if let Some(skipped) = missing_tool() {
        return skipped;
    }
    if std::env::var_os("CHAINIT_BIN").is_none() {
        return Outcome::Skipped("CHAINIT_BIN names no program built by build-musl".into());
    }
    let scratch = Scratch::new("install-small");
    make(&scratch.0, "022");
    let size = std::fs::metadata(scratch.0.join("s6-overlay-x86_64.tar.xz")).unwrap().len();
    assert!(size < ARCH_BUDGET, "{size} bytes: see ARCHITECTURE.md, Room in the file");
    Outcome::Passed
}

fn tarballs() -> Outcome {
    if let Some(skipped) = missing_tool() {
        return skipped;
    }
    let scratch = Scratch::new("install-tarballs");
    let (first, second) = (scratch.0.join("first"), scratch.0.join("second"));
    make(&first, "022");
    make(&second, "077");
    let mut names: Vec<_> =
        std::fs::read_dir(&first).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 12);
    for name in &names {
        let (one, two) = (first.join(name), second.join(name));
        assert!(std::fs::read(one).unwrap() == std::fs::read(two).unwrap(), "{}", name.display());
    }
    let tarballs: Vec<_> =
        names.iter().filter(|n| n.to_str().unwrap().ends_with(".xz")).cloned().collect();
    let backwards: Vec<_> = tarballs.iter().rev().cloned().collect();
    for (order, name) in [(&tarballs, "x"), (&backwards, "y")] {
        let dir = scratch.0.join(name);
        std::fs::create_dir(&dir).unwrap();
        // Twice: extracting over what is there is an upgrade.
        for tarball in order.iter().chain(order.iter()) {
            let tar = Command::new("tar")
                .arg("-C")
                .arg(&dir)
                .arg("-Jxpf")
                .arg(first.join(tarball))
                .status();
            assert!(tar.unwrap().success());
        }
        let is_man = |entry: &String| entry.contains("\tusr/share");
        let (man, laid): (BTreeSet<_>, BTreeSet<_>) = files(&dir).into_iter().partition(is_man);
        let parts = ["--list", "--part", "syslogd"];
        let syslogd =
            String::from_utf8(chainit(&[&["install"][..], &parts].concat()).stdout).unwrap();
        let syslogd = syslogd.lines().map(|line| line.split_once('\t').unwrap().1.to_owned());
        assert_eq!(laid, table().into_iter().chain(syslogd).collect());
        assert!(laid.contains("script\tetc/s6-overlay/s6-rc.d/syslogd/run"));
        assert!(man.contains("file\tusr/share/man/man1/execlineb.1"));
        assert!(man.contains("file\tusr/share/man/man7/execline.7"));
    }
    let sums = Command::new("sh")
        .args(["-c", "cd \"$0\" && cat *.sha256 | sha256sum -c --quiet"])
        .arg(&first)
        .status();
    assert!(sums.unwrap().success());
    Outcome::Passed
}
