//! Turns the specification's pages into the text of all manuals, and tells the linker what the
//! program that ships need not have.

#[path = "src/operator/manual/extract.rs"]
mod extract;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Its families of pages. The pages beside them are no manuals: scripts, surprises, README.
const SPEC: &str = "../spec";

/// What the linker is to leave out, and what it is to put where.
const SCRIPTS: [&str; 2] = ["overlay/no-unwind.ld", "overlay/layout.ld"];

/// What `build-musl` links with.
const TOOLS: [&str; 2] = ["overlay/link-absolute", "overlay/absolute-calls.awk"];

/// What stands between two manuals (and in `manual::store`).
const BETWEEN: &str = "\x0c";

fn main() -> Result<(), String> {
    link()?;
    manuals()
}

/// Whether this is the program of the tarballs.
fn ships() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    is("CARGO_CFG_TARGET_ENV", "musl") && is("PROFILE", "release")
}

/// The program that ships is the release on musl; others are for debuggers.
fn link() -> Result<(), String> {
    let ships = ships();
    let here = env::current_dir().map_err(|e| e.to_string())?;
    for tool in TOOLS {
        println!("cargo:rerun-if-changed={tool}");
    }
    for script in SCRIPTS {
        println!("cargo:rerun-if-changed={script}");
        if ships {
            println!("cargo:rustc-link-arg-bin=chainit=-T{}", here.join(script).display());
        }
    }
    if ships {
        println!("cargo:rustc-link-arg-bin=chainit=-Wl,--no-eh-frame-hdr");
    }
    Ok(())
}

fn manuals() -> Result<(), String> {
    println!("cargo:rerun-if-changed={SPEC}");
    let mut pages = Vec::new();
    let families = entries(Path::new(SPEC)).map_err(|e| format!("{SPEC}: {e}"))?;
    for family in families.iter().filter(|path| path.is_dir()) {
        for file in entries(family).map_err(|e| format!("{}: {e}", family.display()))? {
            if file.extension().is_some_and(|ext| ext == "md") {
                let text =
                    fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
                pages.push((file, text));
            }
        }
    }
    let pages = pages.iter().map(|(file, text)| extract::Page {
        family: name(file.parent()),
        stem: file.file_stem().and_then(|stem| stem.to_str()).unwrap_or(""),
        text,
    });
    let table = extract::table(pages)?;
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: cargo runs this")?;
    let out = Path::new(&out);
    let text = table.join(BETWEEN);
    // The program that ships finds the text in a file. Cargo's own place for it has a name that
    // nobody could guess, so it goes to where the program will be.
    let (carried, beside) = if ships() {
        let profile = out.ancestors().nth(3).ok_or("OUT_DIR is not where cargo puts it")?;
        ("", profile.join("chainit.manuals"))
    } else {
        (text.as_str(), out.join("chainit.manuals"))
    };
    fs::write(out.join("carried.txt"), carried)
        .and_then(|()| fs::write(&beside, &text))
        .map_err(|e| format!("{}: {e}", beside.display()))
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: Option<&Path>) -> &str {
    path.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or("")
}
