//! `chainit check`: what it finds in files, how it says so, and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use tests::build::fused;
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("a clean script says nothing", clean),
        ("a finding shows its place and the way out", human),
        ("without a terminal there are no colours, on one there are", colours),
        ("json is an array of findings", json),
        ("sarif is a log with rules and results", sarif),
        ("another interpreter's script is not checked", not_execline),
        ("the file type beside it says what up and down are", roles),
        ("what can't be read is named, and the rest is checked", unreadable),
        ("wrong usage", usage),
        ("in an image every word has to be there", image),
        ("a tree of services is checked as a whole", tree),
        ("a whole image is one whose programs are looked up", whole_image),
        ("a tree's findings are told to programs too", tree_for_programs),
        ("a definition is checked among the others", one_definition),
        ("a fifo in a tree is not waited for", fifo),
    ]);
}

/// A directory with these files, and what the check of them says.
struct Lab(Scratch);

impl Lab {
    fn new(name: &str, files: &[(&str, &str)]) -> Lab {
        let lab = Lab(Scratch::new(&format!("check-{name}")));
        for (path, text) in files {
            lab.put(path, text, 0o644);
        }
        lab
    }

    fn put(&self, path: &str, text: &str, mode: u32) {
        let path = self.0.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }

    fn check(&self, args: &[&str]) -> Output {
        chainit(&self.0.0, args)
    }
}

fn chainit(dir: &Path, args: &[&str]) -> Output {
    let binary = fused().expect("the binary");
    Command::new(binary).arg("check").args(args).current_dir(dir).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const CLEAN: &str =
    "#!/command/execlineb -P\nforeground { s6-echo hello }\nnginx -g \"daemon off;\"\n";
const FORGOTTEN: &str = "#!/command/execlineb -P\necho starting\ns6-setuidgid nobody\nnginx\n";

fn clean() -> Outcome {
    let lab = Lab::new("clean", &[("run", CLEAN)]);
    let out = lab.check(&["run"]);
    assert_eq!((out.status.code(), text(&out.stdout), text(&out.stderr)), (Some(0), "", ""));
    Outcome::Passed
}

fn human() -> Outcome {
    let lab = Lab::new("human", &[("run", FORGOTTEN), ("other", CLEAN)]);
    let out = lab.check(&["other", "run"]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(
        text(&out.stdout),
        "run:2:1: warning[forgotten-foreground]: echo gets all that follows as arguments, \
         s6-setuidgid and what is behind it too\n  echo starting\n  ^^^^\n\
         help: to run it and go on: foreground { echo … }, or if { echo … } to go on only if it \
         succeeds\n"
    );
    Outcome::Passed
}

fn colours() -> Outcome {
    let lab = Lab::new("colours", &[("run", FORGOTTEN)]);
    assert!(!lab.check(&["run"]).stdout.contains(&0x1b));
    let on_terminal = |env: &str| {
        let binary = fused().expect("the binary").display();
        let line = format!("{env} {binary} check run");
        Command::new("script").args(["-qec", &line, "/dev/null"]).current_dir(&lab.0.0).output()
    };
    let Ok(painted) = on_terminal("TERM=xterm NO_COLOR=") else {
        return Outcome::Skipped("needs script (Debian: bsdutils)".into());
    };
    assert!(text(&painted.stdout).contains("\x1b[1;33mwarning[forgotten-foreground]:\x1b[0m"));
    assert!(!on_terminal("TERM=xterm NO_COLOR=1").unwrap().stdout.contains(&0x1b));
    assert!(!on_terminal("TERM=dumb NO_COLOR=").unwrap().stdout.contains(&0x1b));
    Outcome::Passed
}

fn json() -> Outcome {
    let lab = Lab::new("json", &[("run", "cd $x prog\n"), ("clean", CLEAN)]);
    let out = lab.check(&["--format", "json", "run"]);
    assert_eq!(out.status.code(), Some(1));
    let lines: Vec<&str> = text(&out.stdout).lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with(
        "[{\"file\":\"run\",\"rule\":\"first-line\",\"level\":\"error\",\"line\":1,\"column\":1,"
    ));
    assert!(
        lines[1].contains("\"line\":1,\"column\":4,\"endLine\":1,\"endColumn\":6,\"cause\":\"")
    );
    assert!(lines[1].contains("\"help\":[\"") && lines[1].ends_with("]}]"));
    assert_eq!(lab.check(&["--format=json", "clean"]).stdout, b"[]\n");
    parses(&out.stdout)
}

/// Where there is a Python, it has to read the document.
fn parses(document: &[u8]) -> Outcome {
    use std::io::Write;
    let python = Command::new("python3")
        .args(["-c", "import json, sys; json.load(sys.stdin)"])
        .stdin(std::process::Stdio::piped())
        .spawn();
    let Ok(mut python) = python else { return Outcome::Passed };
    python.stdin.take().unwrap().write_all(document).unwrap();
    assert!(python.wait().unwrap().success(), "{}", text(document));
    Outcome::Passed
}

fn sarif() -> Outcome {
    let lab = Lab::new("sarif", &[("a b/run", FORGOTTEN)]);
    let out = lab.check(&["--format", "sarif", "a b/run", "missing"]);
    assert_eq!(out.status.code(), Some(111));
    for part in [
        "\"version\":\"2.1.0\"",
        "{\"id\":\"forgotten-foreground\",",
        "\"ruleId\":\"forgotten-foreground\"",
        "{\"artifactLocation\":{\"uri\":\"a%20b/run\"},\"region\":{\"startLine\":2,\"startColumn\":1,\"endLine\":2,\"endColumn\":5}}",
        "\"executionSuccessful\":false",
        "{\"artifactLocation\":{\"uri\":\"missing\"}}",
    ] {
        assert!(text(&out.stdout).contains(part), "{part} is missing in {}", text(&out.stdout));
    }
    parses(&out.stdout)
}

fn not_execline() -> Outcome {
    let lab = Lab::new("other", &[("run", "#!/command/with-contenv bash\nif true; then x; fi\n")]);
    let out = lab.check(&["run"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(text(&out.stdout), "run: note[not-execline]: not execline but bash: not checked\n");
    Outcome::Passed
}

fn roles() -> Outcome {
    let lab = Lab::new(
        "roles",
        &[
            ("oneshot/type", "oneshot\n"),
            ("oneshot/up", "#!/bin/sh\necho hello\n"),
            ("oneshot/down", "s6-echo bye\n"),
            ("longrun/type", "longrun\n"),
            ("longrun/run", "nginx\n"),
        ],
    );
    let out = lab.check(&["oneshot/up", "oneshot/down", "longrun/run"]);
    let found: Vec<&str> = text(&out.stdout).lines().filter(|l| l.contains('[')).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("oneshot/up:1:1: warning[meaningless-first-line]: "));
    assert!(found[1].starts_with("longrun/run:1:1: error[first-line]: "));
    Outcome::Passed
}

fn unreadable() -> Outcome {
    let lab = Lab::new("unreadable", &[("run", FORGOTTEN), ("dir/x", "")]);
    let out = lab.check(&["dir", "missing", "run"]);
    assert_eq!(out.status.code(), Some(111));
    assert!(text(&out.stdout).contains("forgotten-foreground"));
    assert!(text(&out.stderr).contains("unable to read dir: it is a directory\nhelp: "));
    assert!(text(&out.stderr).contains("unable to read missing: No such file"));
    Outcome::Passed
}

fn usage() -> Outcome {
    let lab = Lab::new("usage", &[("run", CLEAN)]);
    for args in [&[][..], &["--format", "xml", "run"], &["--unknown", "run"]] {
        let out = lab.check(args);
        assert_eq!(out.status.code(), Some(100), "{args:?}");
        assert!(!out.stderr.is_empty() && out.stdout.is_empty());
    }
    Outcome::Passed
}

fn image() -> Outcome {
    let lab = Lab::new("image", &[("run", CLEAN), ("own", "#!/bin/execlineb\n/opt/x/tool a\n")]);
    let out = lab.check(&["--root", ".", "run"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stdout)
            .contains("run:1:1: error[first-line]: the image has no /command/execlineb")
    );
    assert!(text(&out.stdout).contains(
        "run:3:1: error[missing-program]: is in no directory of PATH, which is /command:"
    ));
    lab.put("command/execlineb", "", 0o755);
    lab.put("usr/sbin/nginx", "", 0o755);
    assert_eq!(lab.check(&["--root", ".", "run"]).status.code(), Some(0));
    let elsewhere = lab.check(&["--root", ".", "--path", "/bin", "run"]);
    assert!(text(&elsewhere.stdout).contains("missing-program"));
    // A link leads to where it leads in the image.
    std::os::unix::fs::symlink("/usr/local/x", lab.0.0.join("opt")).unwrap();
    std::os::unix::fs::symlink("command", lab.0.0.join("bin")).unwrap();
    assert!(
        text(&lab.check(&["--root", ".", "own"]).stdout)
            .contains("own:2:1: error[missing-program]")
    );
    lab.put("usr/local/x/x/tool", "", 0o755);
    assert_eq!(lab.check(&["--root", ".", "own"]).status.code(), Some(0));
    Outcome::Passed
}

const S6_RC: &str = "etc/s6-overlay/s6-rc.d";

/// An overlay with these files below `s6-rc.d`.
fn overlay(name: &str, files: &[(&str, &str)]) -> Lab {
    let lab = Lab::new(name, &[]);
    for (path, text) in files {
        lab.put(&format!("{S6_RC}/{path}"), text, 0o644);
    }
    lab
}

/// The files and the rules of what was found, without `s6-rc.d` and places.
fn found(out: &Output) -> Vec<String> {
    let finding = |line: &&str| line.contains("]: ") && line.contains('[');
    let short = |line: &str| {
        let (path, rest) = line.split_once(": ").unwrap();
        let path = path.split(':').next().unwrap().replace(&format!("{S6_RC}/"), "");
        let (level, rest) = rest.split_once('[').unwrap();
        format!("{path} {level} {}", rest.split(']').next().unwrap())
    };
    text(&out.stdout).lines().filter(finding).map(short).collect()
}

fn tree() -> Outcome {
    let lab = overlay(
        "tree",
        &[
            ("p/type", "longrun\n"),
            ("p/run", "#!/bin/sh\n"),
            ("p/producer-for", "q\n"),
            ("q/type", "longrun\n"),
            ("q/run", "#!/bin/sh\n"),
            ("q/dependencies.d/base", ""),
            ("q/consumer-for", "p\n"),
            ("q/pipeline-name", "pipe\n"),
            ("user/contents.d/pipe", ""),
            ("a/type", "longrun\n"),
            ("a/dependencies.d/b", ""),
            ("b/type", "oneshot\n"),
            ("b/up", "foreground { s6-true\n"),
            ("b/dependencies.d/a", ""),
            ("b/timeout-up", "soon\n"),
            ("c/type", "longrun\n"),
            ("c/run", "#!/bin/sh\n"),
            ("c/producer-for", "nobody\n"),
            ("c/notification-fd", "1\n"),
            ("d/type", "servce\n"),
            ("e/type", "bundle\n"),
            ("f/up", "s6-true\n"),
            ("s6rc-x/type", "bundle\n"),
            ("user/contents.d/a", ""),
            ("user/contents.d/b", ""),
        ],
    );
    let out = lab.check(&["etc/s6-overlay"]);
    assert_eq!(out.status.code(), Some(1));
    let all = found(&out);
    for expected in [
        "a/dependencies.d/b error dependency-cycle",
        "a/run error missing-file",
        "b/timeout-up error bad-value",
        "b/up error syntax",
        "c/notification-fd warning low-descriptor",
        "c/producer-for error broken-pipeline",
        "c warning in-no-bundle",
        "d/type error service-type",
        "e/contents error missing-file",
        "f/type error missing-file",
        "s6rc-x error reserved-name",
    ] {
        assert!(all.iter().any(|line| line == expected), "{expected} is missing in {all:#?}");
    }
    // A pipeline's name stands for all of its services.
    assert!(!all.iter().any(|line| line.starts_with(['p', 'q'])), "{all:#?}");
    // The overlay's own definitions, and the type of `user`, are there without being there.
    assert!(!all.iter().any(|line| line.starts_with("user")), "{all:#?}");
    Outcome::Passed
}

fn whole_image() -> Outcome {
    let lab = overlay(
        "whole",
        &[
            ("a/type", "oneshot\n"),
            ("a/up", "/opt/prepare\n"),
            ("a/dependencies.d/base", ""),
            ("b/type", "longrun\n"),
            ("b/run", "\x7fELF\x02\x01\x01\0"),
            ("b/dependencies.d/a", ""),
            ("user/contents.d/a", ""),
            ("user/contents.d/b", ""),
        ],
    );
    // A layer: nobody knows what the others have.
    assert_eq!(lab.check(&["."]).status.code(), Some(0));
    lab.put("command/execlineb", "", 0o755);
    lab.put("usr/bin/prog", "", 0o755);
    let out = lab.check(&["."]);
    assert_eq!(found(&out), ["./a/up error missing-program"], "{}", text(&out.stdout));
    lab.put("opt/prepare", "", 0o755);
    assert_eq!(found(&lab.check(&["."])), [""; 0]);
    // The stages' scripts belong to the image.
    lab.put("etc/cont-init.d/01-x", "s6-echo hello\n", 0o644);
    lab.put("etc/services.d/old/run", "#!/bin/nothing\n", 0o755);
    assert_eq!(
        found(&lab.check(&["."])),
        ["./etc/cont-init.d/01-x error cannot-exec", "./etc/services.d/old/run error first-line"]
    );
    assert_eq!(lab.check(&["etc/s6-overlay"]).status.code(), Some(0));
    Outcome::Passed
}

fn tree_for_programs() -> Outcome {
    let lab = overlay("programs", &[("a b/type", "nothing\n")]);
    let json = lab.check(&["--format=json", "."]);
    assert_eq!(json.status.code(), Some(1));
    for part in [
        "[{\"file\":\"./etc/s6-overlay/s6-rc.d/a b/type\",\"rule\":\"service-type\",\"level\":\"error\"",
        "\"line\":1,\"column\":1",
    ] {
        assert!(text(&json.stdout).contains(part), "{part}: {}", text(&json.stdout));
    }
    let sarif = lab.check(&["--format=sarif", "."]);
    for part in ["\"ruleId\":\"service-type\"", "s6-rc.d/a%20b/type\""] {
        assert!(text(&sarif.stdout).contains(part), "{part}: {}", text(&sarif.stdout));
    }
    parses(&json.stdout);
    parses(&sarif.stdout)
}

fn one_definition() -> Outcome {
    let lab = overlay(
        "one",
        &[
            ("a/type", "oneshot\n"),
            ("a/up", "cd $x prog\n"),
            ("a/dependencies.d/b", ""),
            ("b/type", "wrong\n"),
            ("user/contents.d/a", ""),
        ],
    );
    let dir = format!("{S6_RC}/a");
    assert_eq!(found(&lab.check(&[&dir])), ["a/up error unset-variable"]);
    // In a plain directory of definitions too, by a path without a slash.
    let plain = Lab::new("plain", &[("a/type", "oneshot\n"), ("a/up", "&&\n"), ("b/type", "x\n")]);
    assert_eq!(found(&plain.check(&["a"])), ["./a/up error shell-habit"]);
    assert_eq!(plain.check(&["."]).status.code(), Some(1));
    Outcome::Passed
}

fn fifo() -> Outcome {
    let lab = overlay("fifo", &[("a/type", "longrun\n"), ("a/dependencies.d/base", "")]);
    for name in ["run", "notification-fd", "down-signal", "finish"] {
        let path = lab.0.0.join(S6_RC).join("a").join(name);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    let all = found(&lab.check(&["etc/s6-overlay"]));
    assert!(all.contains(&"a/run error cannot-exec".to_owned()), "{all:?}");
    Outcome::Passed
}
