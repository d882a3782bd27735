use super::*;
use crate::elf::tests::program;

fn file(mode: u32, head: &[u8]) -> FileFacts {
    FileFacts {
        path: b"/x/run".to_vec(),
        mode,
        executable: mode & 0o111 != 0,
        head: head.to_vec(),
        ..FileFacts::default()
    }
}

fn why(name: &str, errno: Errno, facts: &ExecFacts) -> String {
    let remark = why_exec_failed(name.as_bytes(), errno, facts);
    String::from_utf8([vec![remark.cause], remark.help].concat().join(&b'|')).unwrap()
}

fn why_file(errno: Errno, file: FileFacts) -> String {
    why("/x/run", errno, &ExecFacts { file: Some(file), uid: 1000, ..ExecFacts::default() })
}

#[test]
fn names_that_lead_nowhere() {
    let facts = ExecFacts {
        search_path: b"/usr/bin:/bin",
        commands: &[b"foreground", b"importas", b"s6-svc"],
        ..ExecFacts::default()
    };
    for (name, part) in [
        ("", "the empty word"),
        (" echo", "is a word of a block"),
        ("&&", "if { a } b"),
        ("A=b", "export NAME value prog"),
        ("nginx -g", "a word of its own"),
        ("nginx", "is in no directory of PATH, which is /usr/bin:/bin"),
        ("forground", "is it foreground that is meant?"),
        ("s6-svc", "add their directory, /command, to PATH"),
        ("/x/run", "does not exist"),
    ] {
        assert!(why(name, Errno::ENOENT, &facts).contains(part), "{name}: {part}");
    }
}

#[test]
fn directories_on_the_way() {
    let facts = ExecFacts { bad_dir: Some(b"/x".to_vec()), ..ExecFacts::default() };
    for (errno, cause) in [
        (Errno::ENOENT, "lies below /x, which does not exist"),
        (Errno::ENOTDIR, "lies below /x, which is no directory"),
        (Errno::EACCES, "lies below /x, which this user may not search|chmod +x /x"),
    ] {
        assert_eq!(why("/x/y/z", errno, &facts), cause);
    }
}

#[test]
fn interpreters_that_are_missing() {
    for (head, cause) in [
        (
            &b"#!/command/execlineb\r\necho"[..],
            "names the interpreter /command/execlineb\\r in its first line: the file has CRLF line \
             ends|convert it with: sed -i 's/\\r$//' /x/run",
        ),
        (
            b"#!/bin/bash\n",
            "names the interpreter /bin/bash in its first line, which does not exist here|install \
             it, or let the first line name one that is there",
        ),
        (
            b"#!execlineb -P\n",
            "names the interpreter execlineb in its first line, which does not exist here|the \
             kernel does not search PATH for it: write its whole path",
        ),
    ] {
        assert_eq!(why_file(Errno::ENOENT, file(0o755, head)), cause);
    }
    let facts = ExecFacts {
        file: Some(file(0o755, b"#!/usr/bin/with-contenv sh\n")),
        interpreter_elsewhere: Some(b"/command/with-contenv".to_vec()),
        ..ExecFacts::default()
    };
    let elsewhere = why("/x/run", Errno::ENOENT, &facts);
    assert!(elsewhere.contains("|let the first line name /command/with-contenv, or unpack "));
    let musl = why_file(Errno::ENOENT, file(0o755, &program(62, b"/lib/ld-musl-x86_64.so.1")));
    assert!(musl.starts_with("needs the dynamic linker /lib/ld-musl-x86_64.so.1, which"));
    assert!(musl.contains("built for musl"));
    let link = FileKind::DanglingLink(b"/y".to_vec());
    let dangling = FileFacts { kind: link, ..file(0o777, b"") };
    assert_eq!(why_file(Errno::ENOENT, dangling), "is a link to /y, which does not exist");
    let facts = ExecFacts {
        file: Some(file(0o755, b"#!/a\n")),
        interpreter: Some(file(0o755, b"#!/b\n")),
        ..ExecFacts::default()
    };
    let chained = why("/x/run", Errno::ENOENT, &facts);
    assert_eq!(chained, "has the interpreter /a, whose own interpreter /b does not exist");
}

#[test]
fn files_that_may_not_be_executed() {
    let directory = FileFacts { kind: FileKind::Directory, ..file(0o755, b"") };
    let noexec = FileFacts { noexec: true, ..file(0o755, b"") };
    let owners = FileFacts { executable: false, ..file(0o700, b"") };
    for (file, cause) in [
        (directory, "is a directory"),
        (file(0o644, b""), "lacks its x bit|chmod +x /x/run"),
        (noexec, "is on a file system that is mounted noexec"),
        (owners, "may not be executed by the user 1000 (its mode is 0700)"),
        (file(0o755, b""), "may not be executed by this user, or a security policy"),
    ] {
        assert!(why_file(Errno::EACCES, file.clone()).starts_with(cause), "{cause}");
    }
    let facts = ExecFacts {
        file: Some(file(0o755, b"#!/x/run\n")),
        interpreter: Some(file(0o644, b"")),
        ..ExecFacts::default()
    };
    let through = why("/y", Errno::EACCES, &facts);
    assert!(through.starts_with("can't run, because its interpreter /x/run lacks its x bit|"));
}

#[test]
fn files_that_are_no_program_here() {
    let other = if this_machine() == "aarch64" { (62, "x86_64") } else { (183, "aarch64") };
    let long = [b"#!/", &[b'a'; 300][..], b"\n"].concat();
    for (head, cause) in [
        (&b""[..], "is empty".to_owned()),
        (b"echo a\n", "has no #! line|".to_owned()),
        (b"\xef\xbb\xbf#!/bin/sh\n", "begins with a byte order mark".to_owned()),
        (b"\n#!/bin/sh\n", "has blanks before its #!".to_owned()),
        (b"#!\n", "names no interpreter".to_owned()),
        (&long, "has a first line that is too long".to_owned()),
        (b"\x1f\x8b\x08", "is a gzip file, still packed".to_owned()),
        (b"\x01\0\x02", "is a file that is no program".to_owned()),
        (&program(other.0, b"/x"), format!("is a program for {}, and this", other.1)),
    ] {
        let got = why_file(Errno::ENOEXEC, file(0o755, head));
        assert!(got.starts_with(&cause), "{got}");
    }
}

#[test]
fn command_lines_that_are_too_big() {
    let facts = ExecFacts { longest_word: 200_000, all_words: 300_000, ..ExecFacts::default() };
    assert!(
        why("a", Errno::E2BIG, &facts)
            .starts_with("was given a word or a variable of 200000 bytes")
    );
    let facts = ExecFacts { longest_word: 10, all_words: 3_000_000, ..ExecFacts::default() };
    assert!(why("a", Errno::E2BIG, &facts).contains("of 3000000 bytes"));
}
