//! Who is measured beside ours: what the machine has, what the user gives, what apt-get brings.

use crate::child::run;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::bench::model::Role;

/// A directory of execline's, s6's and perhaps s6-rc's programs.
pub struct Suite {
    pub name: &'static str,
    pub role: Role,
    bin: Vec<PathBuf>,
}

impl Suite {
    /// A program of it, if it has that.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        self.bin.iter().map(|dir| dir.join(program)).find(|path| path.exists())
    }

    /// A command that finds the others of its suite first.
    pub fn command(&self, program: &str) -> Result<Command, String> {
        let file = self.find(program).ok_or_else(|| format!("has no {program}"))?;
        let mut command = Command::new(file);
        command.env("PATH", self.path());
        Ok(command)
    }

    /// s6-svscan's option for the number of services, which had another letter before s6 2.12.
    pub fn most_services(&self) -> String {
        let refused = self.command("s6-svscan").is_ok_and(|mut probe| {
            let status = probe.args(["-C", "10", "/nowhere/at/all"]).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.code() == Some(100))
        });
        if refused { "-c1000".into() } else { "-C3000".into() }
    }

    pub fn path(&self) -> String {
        let dirs: Vec<String> = self.bin.iter().map(|d| d.display().to_string()).collect();
        format!("{}:/usr/bin:/bin", dirs.join(":"))
    }
}

pub const GIVEN: &str = "s6 in CHAINIT_PEER";
pub const DEBIAN: &str = "Debian's s6";

pub fn suites(ours: &Path) -> Vec<Suite> {
    let mut all = vec![Suite { name: "chainit", role: Role::Ours, bin: vec![ours.to_owned()] }];
    if let Some(dir) = std::env::var_os("CHAINIT_PEER") {
        all.push(Suite { name: GIVEN, role: Role::Peer, bin: vec![dir.into()] });
    }
    if Path::new("/usr/bin/s6-svscan").exists() {
        let bin = ["/usr/lib/execline/bin", "/usr/bin"].map(PathBuf::from).into();
        all.push(Suite { name: DEBIAN, role: Role::Peer, bin });
    }
    all
}

/// Debian's packages, and a file that tells whether each is there. The last ones are tools.
const PACKAGES: [(&str, &str); 12] = [
    ("execline", "/usr/lib/execline/bin/execlineb"),
    ("s6", "/usr/bin/s6-svscan"),
    ("runit", "/usr/bin/runsvdir"),
    ("tini", "/usr/bin/tini-static"),
    ("dumb-init", "/usr/bin/dumb-init"),
    ("supervisor", "/usr/bin/supervisord"),
    ("daemontools", "/usr/bin/multilog"),
    ("dash", "/bin/dash"),
    ("busybox-static", "/bin/busybox"),
    ("gcc", "/usr/bin/gcc"),
    ("strace", "/usr/bin/strace"),
    ("xz-utils", "/usr/bin/xz"),
];

/// The packages that are missing.
pub fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|p| !Path::new(p.1).exists()).map(|p| p.0).collect()
}

/// Installs what is missing. What can't be had is measured without.
pub fn install() {
    let missing = missing();
    if missing.is_empty() {
        return;
    }
    println!("apt-get install {}", missing.join(" "));
    let apt = |args: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-y", "-qq"]).args(args);
        run(&mut apt)
    };
    let mut outcome = apt(&["update"]);
    for package in missing {
        outcome = apt(&["install", "--no-install-recommends", package]);
        if let Err(why) = &outcome {
            println!("{package}: {why}");
        }
    }
    drop(outcome);
}

fn packaged(package: &str) -> Option<String> {
    let mut query = Command::new("dpkg-query");
    let out = run(query.args(["-W", "-f", "${Version}", package])).ok()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    (!text.is_empty()).then_some(text)
}

/// Whoever took part, and in which version.
pub fn versions(built: &Path, overlay: Option<&Path>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut git = Command::new("git");
    git.arg("-C").arg(tests::build::root()).args([
        "describe",
        "--always",
        "--dirty",
        "--abbrev=12",
    ]);
    let commit = run(&mut git).map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    let size = built.metadata().map_or(0, |m| m.len());
    let commit = commit.unwrap_or_else(|_| "unknown commit".into());
    all.push(("chainit".into(), format!("{commit}, {size} bytes, static on musl")));
    for (package, _) in &PACKAGES[..9] {
        let version = packaged(package).map_or("not there".into(), |v| format!("Debian's {v}"));
        all.push(((*package).into(), version));
    }
    if let Some(dir) = std::env::var_os("CHAINIT_PEER") {
        let about = describe(Path::new(&dir));
        all.push((GIVEN.into(), about));
    }
    if let Some(root) = overlay {
        all.push(("s6-overlay in CHAINIT_OVERLAY".into(), overlay_version(root)));
    }
    all
}

fn describe(dir: &Path) -> String {
    let program = std::fs::read(dir.join("s6-svscan")).unwrap_or_default();
    let interpreter = b"/ld-";
    let dynamic = program.windows(interpreter.len()).any(|w| w == interpreter);
    format!("given by the user, {}", if dynamic { "dynamic" } else { "static" })
}

/// Its version is in the name of a directory, beside which others of its packages may stand.
fn overlay_version(root: &Path) -> String {
    let names = std::fs::read_dir(root.join("package/admin")).into_iter().flatten().flatten();
    let names = names.map(|e| e.file_name().to_string_lossy().into_owned());
    let version = |name: String| name.strip_prefix("s6-overlay-").map(str::to_owned);
    let mut versions =
        names.filter_map(version).filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    versions.next().unwrap_or_else(|| "of unknown version".into())
}
