//! The report's files.

use std::path::Path;
use tests::bench::explain::{REASONS, behind};
use tests::bench::model::{Report, curves};
use tests::bench::options::Options;
use tests::bench::{markdown, page, plot, raw, readme};

pub fn all(report: &Report, options: &Options) -> Result<(), String> {
    let root = tests::build::root();
    let (page_dir, beside, name) = match &options.out {
        Some(out) => (out.clone(), out.clone(), "."),
        None if options.whole() => (root.clone(), root.join(markdown::BESIDE), markdown::BESIDE),
        None => {
            let out = root.join("target/benchmarks");
            (out.clone(), out, ".")
        }
    };
    std::fs::create_dir_all(&beside).map_err(|e| format!("{}: {e}", beside.display()))?;
    stale(&beside);
    let curves = curves(&report.tables);
    let behind = behind(&report.tables, REASONS);
    write(&page_dir.join("BENCHMARKS.md"), &markdown::page(report, &curves, &behind, name))?;
    write(&beside.join("index.html"), &page::page(report, &curves, &behind))?;
    write(&beside.join("raw.csv"), &raw::csv(report))?;
    write(&beside.join("raw.json"), &raw::json(report))?;
    for curve in &curves {
        write(&beside.join(format!("{}.svg", curve.anchor())), &plot::curve(curve))?;
    }
    if options.out.is_none() && options.whole() {
        figures(&root.join("README.md"), report)?;
    }
    println!("\nwritten: {} and {}", page_dir.join("BENCHMARKS.md").display(), beside.display());
    Ok(())
}

/// Plots of curves that may be there no longer.
fn stale(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("curve-") && name.ends_with(".svg") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn figures(readme: &Path, report: &Report) -> Result<(), String> {
    let text = std::fs::read_to_string(readme).map_err(|e| format!("{}: {e}", readme.display()))?;
    match readme::replaced(&text, &readme::figures(report)) {
        Some(text) => write(readme, &text),
        None => Err(format!("{}: the marks around its figures are missing", readme.display())),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
