//! Finds the binary under test, or builds it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The binary as it ships: a chain of its own words runs in one process.
///
/// `CHAINIT_BIN` names one that is already there.
///
/// # Errors
/// What the build said.
pub fn fused() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    get(&BUILT, "CHAINIT_BIN", &[])
}

/// The same source with an exec between all words.
///
/// `CHAINIT_BIN_UNFUSED` names one that is already there.
///
/// # Errors
/// What the build said.
pub fn unfused() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    // A directory of its own: two feature sets in one would build each other's dependencies anew.
    get(&BUILT, "CHAINIT_BIN_UNFUSED", &["--features", "unfused", "--target-dir", "target/unfused"])
}

fn get(
    cell: &'static OnceLock<Result<PathBuf, String>>,
    variable: &str,
    options: &[&str],
) -> Result<&'static Path, String> {
    let found = cell.get_or_init(|| match std::env::var_os(variable) {
        Some(path) => Ok(PathBuf::from(path)),
        None => build(options),
    });
    found.as_deref().map_err(Clone::clone)
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

fn build(options: &[&str]) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "-p", "init", "-p", "take-run", "--bins", "--message-format=json"])
        .args(options)
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !built.status.success() {
        return Err("the binary does not build".into());
    }
    executable(&String::from_utf8_lossy(&built.stdout))
        .ok_or_else(|| "cargo names no executable".into())
}

/// Takes chainit's `"executable":"…"` out of cargo's messages; the paths of a workspace have
/// nothing in them that JSON would escape.
fn executable(messages: &str) -> Option<PathBuf> {
    let paths =
        messages.split("\"executable\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    paths.map(PathBuf::from).find(|path| path.ends_with("chainit"))
}

/// Makes `dir`, with links for all names of the binary in it, as an installation has them.
///
/// # Errors
/// What went wrong.
pub fn links(binary: &Path, dir: &Path) -> Result<PathBuf, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(fail)?;
    for name in commands(binary)? {
        std::os::unix::fs::symlink(binary, dir.join(name)).map_err(fail)?;
    }
    Ok(dir.to_owned())
}

/// The names that the binary answers to.
///
/// # Errors
/// That it could not be run, or did not list any.
pub fn commands(binary: &Path) -> Result<Vec<String>, String> {
    let listed = Command::new(binary)
        .arg("commands")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
    if !listed.status.success() {
        return Err(format!("`{} commands` failed: {}", binary.display(), listed.status));
    }
    let names: Vec<String> =
        String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(format!("`{} commands` lists nothing", binary.display()));
    }
    Ok(names)
}
