//! The place of the measurements: the artefact, its links, the peers, the programs that are measured.

use crate::child::run;
use crate::peers::{Suite, suites};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::bench::options::Options;

pub struct Lab {
    /// What is written while something is measured: in memory.
    pub dir: PathBuf,
    /// Programs and scripts that are started: where those of the peers are, too, because a start from
    /// memory's file system costs some µs more than from a disk's.
    pub installed: PathBuf,
    pub built: PathBuf,
    /// The artefact, as an installation writes it: a linker leaves its file in the page cache in
    /// pieces that cost a start 30 µs.
    pub chainit: PathBuf,
    pub quick: bool,
    pub root: bool,
    /// Ours first.
    pub suites: Vec<Suite>,
    pub overlay: Option<PathBuf>,
}

impl Lab {
    pub fn new(options: &Options) -> Result<Lab, String> {
        // With as few directories above them as those of the peers have: each costs a look-up.
        let disk = Some(std::env::temp_dir()).filter(|dir| runs(dir));
        let disk = disk.unwrap_or_else(|| tests::build::root().join("target"));
        // A disk's moods are not what is measured.
        let memory = Some(PathBuf::from("/dev/shm")).filter(|dir| runs(dir));
        let base = memory.unwrap_or_else(|| disk.clone());
        forgotten(&base);
        forgotten(&disk);
        let own = format!("{NAME}{}", std::process::id());
        let (dir, installed) = (base.join(&own), disk.join(&own));
        let lab = Lab {
            built: artefact()?,
            chainit: installed.join("chainit"),
            quick: options.quick,
            root: nix::unistd::geteuid().is_root(),
            suites: suites(&installed.join("bin")),
            overlay: std::env::var_os("CHAINIT_OVERLAY").map(PathBuf::from),
            dir,
            installed,
        };
        let fail = |e: std::io::Error| format!("{}: {e}", lab.installed.display());
        std::fs::create_dir_all(&lab.dir).map_err(fail)?;
        std::fs::create_dir_all(&lab.installed).map_err(fail)?;
        std::fs::copy(&lab.built, &lab.chainit).map_err(fail)?;
        tests::build::links(&lab.chainit, &lab.installed.join("bin"))?;
        for kind in ["floor", "text", "interpreter", "turn"] {
            lab.compile(kind, &lab.installed.join(kind), &lab.dir.join("stamps"))?;
        }
        lab.compile_with_libc(&lab.installed.join("floor-libc"));
        for kind in ["cmd", "service", "mortal", "orphans", "bare"] {
            lab.compile(kind, &lab.dir.join(kind), &lab.dir.join("stamps"))?;
        }
        Ok(lab)
    }

    /// One of the programs of `program.c`.
    pub fn compile(&self, kind: &str, to: &Path, stamps: &Path) -> Result<(), String> {
        let source = tests::build::root().join("tests/benches/report/program.c");
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-static", "-nostdlib", "-fno-stack-protector", "-fno-builtin"]);
        // One page, one mapping: the least that a start can cost.
        cc.arg("-Wl,-z,noseparate-code");
        cc.arg(format!("-D{}", kind.to_uppercase()));
        cc.arg(format!("-DSTAMPS=\"{}\"", stamps.display()));
        run(cc.arg("-o").arg(to).arg(source)).map(drop)
    }

    /// The floor as any program in C has it, if musl's compiler is there.
    fn compile_with_libc(&self, to: &Path) {
        let source = to.with_extension("c");
        let mut cc = Command::new("musl-gcc");
        cc.args(["-O2", "-static", "-o"]).arg(to).arg(&source);
        if std::fs::write(&source, "int main(void) { return 0; }\n").is_ok() {
            let _ = run(&mut cc);
        }
    }

    /// One that stands in a tree, which is written anew each time.
    pub fn program(&self, kind: &str) -> PathBuf {
        self.dir.join(kind)
    }

    /// One that a script starts.
    pub fn started(&self, kind: &str) -> PathBuf {
        self.installed.join(kind)
    }

    /// So many rounds, or so many if it is only a trial.
    pub fn rounds(&self, whole: usize) -> usize {
        if self.quick { (whole / 10).clamp(2, 10) } else { whole }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
        let _ = std::fs::remove_dir_all(&self.installed);
    }
}

const NAME: &str = "chainit-bench-";

/// Whether programs run there.
fn runs(dir: &Path) -> bool {
    let probe = dir.join(format!("chainit-probe-{}", std::process::id()));
    let runs = std::fs::copy("/bin/true", &probe).is_ok()
        && Command::new(&probe).status().is_ok_and(|status| status.success());
    let _ = std::fs::remove_file(&probe);
    runs
}

/// What a run that was killed has left behind.
fn forgotten(base: &Path) {
    for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(NAME)?.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn artefact() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHAINIT_BIN") {
        return Ok(named.into());
    }
    println!("building the artefact for musl …");
    let out = run(&mut Command::new(tests::build::root().join("init/overlay/build-musl")))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines().last().map(PathBuf::from).ok_or_else(|| "build-musl names no program".into())
}
