//! Logging directories that can't be written for a while: the logger says so, waits, and then every
//! line is there, once and in order.

use super::files::Small;
use super::{LONG, truly_up, well};
use crate::lab::{Scratch, Svscan, Tools, ours, settled, within};
use tests::harness::Outcome;

const LINES: usize = 5000;

/// A service that writes its lines once it is told to go, and its logger, which begins a new file
/// every 4 kB.
fn scene(s: &Scratch, tools: &Tools) -> (Svscan, usize) {
    let wait = "while [ ! -e ../../go ]; do sleep 0.02; done";
    s.script("a/run", &format!("{wait}\nseq 1 {LINES}\necho done >../../done\nexec sleep 99"));
    let log = tools.0.join("s6-log");
    let script = format!("exec {} -b -- n100 s4096 r50 ../../../logs", log.display());
    s.script("a/log/run", &script);
    let svscan = tools.svscan(s);
    let current = s.0.join("logs/current");
    within("up", LONG, || truly_up(&svscan, &s.service("a")) && current.exists());
    let descriptors = settled(&svscan);
    (svscan, descriptors)
}

/// All that is logged, the archives first.
fn logged(s: &Scratch) -> String {
    let mut files: Vec<_> =
        std::fs::read_dir(s.0.join("logs")).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| !path.ends_with("lock") && !path.ends_with("state"));
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect()
}

fn all_there(s: &Scratch, mut svscan: Svscan, descriptors: usize) {
    well(s, &svscan, &["a", "a/log"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    let expected: String = (1..=LINES).map(|i| format!("{i}\n")).collect();
    assert!(logged(s) == expected, "lines are lost, doubled, or in disorder");
}

fn go(s: &Scratch) {
    std::fs::write(s.0.join("go"), "").unwrap();
}

/// The file system of the logs is full, and then it is not.
pub fn no_room_for_logs() -> Outcome {
    let (s, ours) = (Scratch::new("logroom"), ours());
    let Some(_small) = Small::new(&s.0.join("logs"), "size=128k") else {
        return Outcome::Skipped("nothing can be mounted here".into());
    };
    let (svscan, descriptors) = scene(&s, &ours);
    let filler = s.0.join("logs/filler");
    let _ = std::fs::write(&filler, vec![1; 1 << 20]);
    go(&s);
    within("it says so", LONG, || s.text("stderr").contains("No space left on device"));
    std::fs::remove_file(&filler).unwrap();
    within("the service gets rid of its lines", LONG, || !s.text("done").is_empty());
    all_there(&s, svscan, descriptors);
    Outcome::Passed
}

/// The directory of the logs is read-only, and then it is not.
pub fn read_only_logs() -> Outcome {
    let (s, ours) = (Scratch::new("logro"), ours());
    let (svscan, descriptors) = scene(&s, &ours);
    let Some(small) = Small::read_only(&s.0.join("logs")) else {
        return Outcome::Skipped("nothing can be mounted here".into());
    };
    go(&s);
    within("it says so", LONG, || s.text("stderr").contains("Read-only file system"));
    drop(small);
    within("the service gets rid of its lines", LONG, || !s.text("done").is_empty());
    all_there(&s, svscan, descriptors);
    Outcome::Passed
}

/// A logger that is killed when it has a full pipe's lines and has not written them loses none: the
/// next one finds them where they were.
pub fn killed_in_a_flood() -> Outcome {
    let (s, ours) = (Scratch::new("logflood"), ours());
    let script = format!(
        "mkfifo in && exec 3<>in 4<in 5>in 3>&- && seq 1 {LINES} >&5 && rm in\n\
         strace -qq -o trace -e trace=tee,write -e inject=write:signal=KILL:when=1 \
         s6-log -b n100 s100000 r50 ./logs <&4 5>&-\n\
         exec 5>&-\n\
         s6-log -b n100 s100000 r50 ./logs <&4"
    );
    let mut sh = std::process::Command::new("sh");
    let path = format!("{}:/usr/bin:/bin", ours.0.display());
    let out = sh.args(["-c", &script]).env("PATH", path).current_dir(&s.0).output().unwrap();
    let trace = s.text("trace");
    if !trace.contains("write(") {
        return Outcome::Skipped(format!("no trace: {}", String::from_utf8_lossy(&out.stderr)));
    }
    assert!(trace.contains("killed by SIGKILL"), "{trace}");
    let expected: String = (1..=LINES).map(|i| format!("{i}\n")).collect();
    assert!(logged(&s) == expected, "lines are lost, doubled, or in disorder:\n{trace}");
    Outcome::Passed
}
