//! The place of the measurements: the artefact, its links, the floor, and how rows are printed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub struct Lab {
    pub dir: PathBuf,
    pub chainit: PathBuf,
    pub floor: PathBuf,
}

impl Lab {
    pub fn new() -> Lab {
        let dir = std::env::temp_dir().join(format!("chainit-bench-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("bin")).unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let built = std::env::var_os("CHAINIT_BIN").map_or_else(|| build(workspace), PathBuf::from);
        // A linker leaves its file in the page cache in pieces that cost a start 30 µs; what is
        // measured is a file as an installation writes it, like those of the peers.
        let chainit = dir.join("chainit");
        std::fs::copy(&built, &chainit).unwrap();
        let source = workspace.join("tests/benches/first/floor.c");
        let compile = |name: &str, define: &str| {
            let program = dir.join(name);
            let mut cc = Command::new("cc");
            cc.args(["-O2", "-static", "-nostdlib", "-fno-stack-protector", define, "-o"]);
            assert!(cc.arg(&program).arg(&source).status().unwrap().success(), "cc: {name}");
            program
        };
        let floor = compile("floor", "-DFLOOR");
        compile("text", "-DTEXT");
        let names = Command::new(&chainit).arg("commands").output().unwrap().stdout;
        for name in String::from_utf8(names).unwrap().lines() {
            std::os::unix::fs::symlink(&chainit, dir.join("bin").join(name)).unwrap();
        }
        println!("artefact: {} ({} bytes)", built.display(), chainit.metadata().unwrap().len());
        Lab { dir, chainit, floor }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn build(workspace: &Path) -> PathBuf {
    let script = workspace.join("init/overlay/build-musl");
    let out = Command::new(script).current_dir(workspace).output().unwrap();
    assert!(out.status.success(), "build-musl: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    PathBuf::from(text.lines().last().unwrap())
}

/// Times of one contestant.
pub struct Row {
    pub name: String,
    pub times: Vec<Duration>,
}

impl Row {
    pub fn new(name: &str) -> Row {
        Row { name: name.to_owned(), times: Vec::new() }
    }

    /// That percentile, in microseconds.
    pub fn at(&self, percent: usize) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6
    }
}

/// The first row is ours.
pub fn print(title: &str, rows: &[Row]) {
    println!("\n{title}\n{:<34} {:>10} {:>10} {:>8}", "", "median µs", "p10 µs", "ratio");
    let ours = rows[0].at(50);
    for row in rows {
        let (median, p10) = (row.at(50), row.at(10));
        println!("{:<34} {median:>10.1} {p10:>10.1} {:>8.2}", row.name, median / ours);
    }
}
