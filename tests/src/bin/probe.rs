//! The foreign programs that random scripts call, as one file under several names, and without a
//! shell: a long run starts millions of them. The name is that of the file, because scripts
//! change argv\[0\].
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "test code")]

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::exit;

fn main() {
    let exe = std::env::current_exe().unwrap_or_default();
    let mut words: Vec<Vec<u8>> = std::env::args_os().map(OsString::into_vec).collect();
    let zero = if words.is_empty() { Vec::new() } else { words.remove(0) };
    let number = |at: usize| {
        words.get(at).and_then(|w| std::str::from_utf8(w).ok()?.parse().ok()).unwrap_or(0)
    };
    let mut out = Vec::new();
    match exe.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
        "args" => list(&words, &mut out),
        "lines" => words.iter().for_each(|word| out.extend([word, &b"\n"[..]].concat())),
        "cat" => {
            let _ = std::io::stdin().read_to_end(&mut out);
        }
        "env" => variables(&mut out),
        "state" => {
            out.extend([b"called ", &zero[..], b" "].concat());
            list(&words, &mut out);
            variables(&mut out);
            process(&mut out);
        }
        "code" => exit(number(0)),
        "false" => exit(1),
        "crash" => crash(number(0)),
        "upto" => exit(upto(number(0), words.get(1).cloned().unwrap_or_default())),
        _ => {}
    }
    if std::io::stdout().write_all(&out).and_then(|()| std::io::stdout().flush()).is_err() {
        eprintln!("probe: unable to write");
        exit(1);
    }
}

fn list(words: &[Vec<u8>], out: &mut Vec<u8>) {
    if words.is_empty() {
        out.extend_from_slice(b"no arguments");
    }
    for word in words {
        out.extend([b"<", &word[..], b">"].concat());
    }
    out.push(b'\n');
}

/// In order. What holds a process's number is not the same twice.
fn variables(out: &mut Vec<u8>) {
    let all = fs::read("/proc/self/environ").unwrap_or_default();
    for variable in all.split(|&byte| byte == 0).filter(|variable| !variable.is_empty()) {
        let name = variable.split(|&byte| byte == b'=').next().unwrap_or_default();
        let number = variable[name.len()..].iter().skip(1).all(u8::is_ascii_digit);
        match name {
            b"!" | b"PIDV" if number => out.extend([name, b"=a number"].concat()),
            _ => out.extend_from_slice(variable),
        }
        out.push(b'\n');
    }
}

/// What an exec hands on besides the environment.
fn process(out: &mut Vec<u8>) {
    let cwd = std::env::current_dir().map(|dir| dir.display().to_string()).unwrap_or_default();
    let mut text = format!("in {cwd}\n");
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines() {
        match line.split_once(":\t") {
            Some(("Umask", mask)) => text += &format!("umask {mask}\n"),
            Some((key @ ("SigBlk" | "SigIgn"), mask)) => {
                // A C library can have its own ideas about 32 and 33.
                let mask = u64::from_str_radix(mask, 16).unwrap_or(0) & 0x7fff_ffff;
                text += &format!("{key} {mask:x}\n");
            }
            _ => {}
        }
    }
    for fd in 0..10 {
        let Ok(target) = fs::read_link(format!("/proc/self/fd/{fd}")) else { continue };
        let target = target.display().to_string();
        let kind = target.split(":[").next().unwrap_or_default();
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap_or_default();
        let flags = info.lines().find(|line| line.starts_with("flags:")).unwrap_or_default();
        text += &format!("fd {fd} {kind} {flags}\n");
    }
    out.extend_from_slice(text.as_bytes());
}

fn crash(number: i32) {
    if let Ok(signal) = nix::sys::signal::Signal::try_from(number) {
        // The first SIGSEGV goes to std's handler, which looks for an overflown stack, and goes.
        let _ = nix::sys::signal::raise(signal);
        let _ = nix::sys::signal::raise(signal);
    }
}

/// 0 as often as that, then 1: what ends a loop. The count is kept in a file.
fn upto(most: i32, file: Vec<u8>) -> i32 {
    let path = OsString::from_vec(file);
    let mut content = fs::read(&path).unwrap_or_default();
    content.push(b'.');
    let written = fs::write(&path, &content).is_ok();
    i32::from(!written || content.len() > usize::try_from(most).unwrap_or(0))
}
