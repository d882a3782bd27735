//! Directories on disk: what is in them after writing, rotating, and crashes.

use super::*;
use interpreter::arg::leak;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const LAUNCHER: Launcher = Launcher { execlineb: Vec::new(), env: Vec::new() };
const QUIET: Voice = Voice { verbosity: 0 };

/// An empty directory of the test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("chainit-log-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

fn spec(dir: &Path) -> DirSpec {
    DirSpec {
        path: leak(dir.as_os_str().as_bytes().to_vec()),
        keep: 100,
        size: 4096,
        tolerance: 0,
        total: 0,
        cooldown: 10,
        period: 0,
        processor: None,
    }
}

fn log(dir: &mut Logdir, bytes: &[u8]) {
    dir.buffer().extend_from_slice(bytes);
    dir.flush(&LAUNCHER);
}

/// The files but `lock` and `state`: an archive's suffix or the name, the content, the x bit.
fn files(dir: &Path) -> Vec<(String, String, bool)> {
    let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    let describe = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let name = if name.starts_with('@') { &name[25..] } else { name };
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        let content = std::fs::read_to_string(path).unwrap();
        let is_log = name != "lock" && name != "state";
        is_log.then(|| (name.to_owned(), content, mode & 0o100 != 0))
    };
    names.iter().filter_map(describe).collect()
}

fn file(name: &str, content: &str, is_complete: bool) -> (String, String, bool) {
    (name.into(), content.into(), is_complete)
}

fn leave(dir: &Path, name: &str, content: &str, mode: u32) {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::write(dir.join(name), content).unwrap();
    std::fs::set_permissions(dir.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn one_buffer_fills_several_files() {
    let path = scratch("fills");
    let mut dir = open(spec(&path), 0o644, QUIET).unwrap();
    let line = format!("{}\n", "x".repeat(99));
    log(&mut dir, line.repeat(100).as_bytes());
    let sizes: Vec<_> = files(&path).iter().map(|f| (f.0.clone(), f.1.len(), f.2)).collect();
    let archive = (".s".to_owned(), 4100, true);
    assert_eq!(sizes, [archive.clone(), archive, ("current".into(), 1800, false)]);
    assert!(dir.is_at_rest());
    dir.finish().unwrap();
    assert!(files(&path)[2].2);
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn what_a_crash_left_is_archived() {
    let path = scratch("crash");
    leave(&path, "current", "new\n", 0o644);
    leave(&path, "previous", "old\n", 0o744);
    leave(&path, "processed", "half", 0o644);
    drop(open(spec(&path), 0o644, QUIET).unwrap());
    let left = [file(".u", "old\n", true), file(".u", "new\n", false), file("current", "", false)];
    assert_eq!(files(&path), left);
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn what_the_processor_had_done_counts() {
    let path = scratch("processed");
    leave(&path, "current", "", 0o644);
    leave(&path, "previous", "old\n", 0o744);
    leave(&path, "processed", "OLD\n", 0o744);
    drop(open(spec(&path), 0o644, QUIET).unwrap());
    assert_eq!(files(&path), [file(".s", "OLD\n", true), file("current", "", false)]);
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn a_complete_file_is_gone_on_with() {
    let path = scratch("complete");
    leave(&path, "current", "old\n", 0o744);
    let mut dir = open(spec(&path), 0o644, QUIET).unwrap();
    log(&mut dir, b"new\n");
    assert_eq!(files(&path), [file("current", "old\nnew\n", false)]);
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn the_second_who_comes_is_refused() {
    let path = scratch("lock");
    let _first = open(spec(&path), 0o644, QUIET).unwrap();
    let trouble = open(spec(&path), 0o644, QUIET).err().unwrap();
    assert_eq!((trouble.what, trouble.errno), ("lock", Errno::EBUSY));
    assert!(trouble.remedy().contains("another s6-log"));
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn a_file_that_somebody_removed_is_made_again() {
    let path = scratch("removed");
    let mut dir = open(spec(&path), 0o644, QUIET).unwrap();
    log(&mut dir, b"lost\n");
    std::fs::remove_file(path.join("current")).unwrap();
    dir.rotate(&LAUNCHER);
    log(&mut dir, b"new\n");
    assert_eq!(files(&path), [file("current", "new\n", false)]);
    assert!(dir.is_at_rest());
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn the_link_that_s6_had_not_removed_is_no_second_archive() {
    let path = scratch("twin");
    leave(&path, "current", "old\n", 0o644);
    let archive = path.join("@400000006b01819715077368.u");
    std::fs::hard_link(path.join("current"), archive).unwrap();
    drop(open(spec(&path), 0o644, QUIET).unwrap());
    assert_eq!(files(&path), [file(".u", "old\n", false), file("current", "", false)]);
    std::fs::remove_dir_all(path).unwrap();
}
