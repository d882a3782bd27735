//! Bytes on disk and over the wire.

use crate::child::run;
use crate::lab::Lab;
use std::path::Path;
use std::process::Command;
use tests::bench::model::{Better, Entry, Role, Table};

fn table(anchor: &str, title: &str, how: &str, entries: Vec<Entry>) -> Table {
    let table = Table {
        anchor: format!("size-{anchor}"),
        section: "size",
        title: title.into(),
        unit: "bytes",
        better: Better::Less,
        curve: None,
        how: how.into(),
        entries,
    };
    crate::race::print(&table);
    table
}

fn entry(name: &str, role: Role, value: Result<f64, String>) -> Entry {
    let (values, failed) = match value {
        Ok(value) => (vec![value], None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Entry { name: name.into(), role, values, failed }
}

/// What its files hold.
fn unpacked(dir: &Path) -> Result<f64, String> {
    let mut du = Command::new("du");
    let out = run(du.args(["-s", "--apparent-size", "-B1"]).arg(dir))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let first = text.split_whitespace().next().and_then(|n| n.parse().ok());
    first.ok_or_else(|| "du says no number".into())
}

/// As a tarball that xz has made as small as the ones that are shipped.
fn wire(lab: &Lab, dir: &Path) -> Result<f64, String> {
    let (tar, packed) = (lab.dir.join("size.tar"), lab.dir.join("size.tar.xz"));
    let mut make = Command::new("tar");
    make.args(["--sort=name", "--owner=0", "--group=0", "--mtime=@946684800", "-cf"]).arg(&tar);
    run(make.arg("-C").arg(dir).arg("."))?;
    run(Command::new("xz").args(["-6e", "-T1", "-f"]).arg(&tar))?;
    packed.metadata().map(|m| m.len() as f64).map_err(|e| e.to_string())
}

/// The files of Debian's packages, from what dpkg knows.
fn debian(packages: &[&str], field: &str) -> Result<f64, String> {
    let mut sum = 0.0;
    for package in packages {
        let mut query = Command::new("dpkg-query");
        let out = run(query.args(["-W", "-f"]).arg(format!("${{{field}}}")).arg(package))?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        sum += text.trim().parse::<f64>().map_err(|_| format!("{package}: no {field}"))?;
    }
    Ok(sum * 1024.0)
}

fn fetched(packages: &[&str]) -> Result<f64, String> {
    let mut sum = 0.0;
    for package in packages {
        let out = run(Command::new("apt-cache").args(["show", "--no-all-versions", package]))?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let size = text.lines().find_map(|l| l.strip_prefix("Size: ")?.trim().parse::<f64>().ok());
        sum += size.ok_or_else(|| format!("{package}: apt-cache knows no size"))?;
    }
    Ok(sum)
}

const PACKAGES: [(&str, &[&str]); 5] = [
    (
        "Debian's execline and s6",
        &["execline", "libexecline2.9", "s6", "libs6-2.11", "libskarnet2.13"],
    ),
    ("Debian's runit", &["runit"]),
    ("Debian's supervisor, without Python", &["supervisor"]),
    ("Debian's tini", &["tini"]),
    ("Debian's dumb-init", &["dumb-init"]),
];

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let root = lab.dir.join("installed");
    let mut install = Command::new(&lab.chainit);
    std::fs::create_dir_all(&root).map_err(|e| e.to_string())?;
    run(install.arg("install").arg("--root").arg(&root))?;
    let mut disk = vec![entry("chainit", Role::Ours, unpacked(&root))];
    let mut over = vec![entry("chainit", Role::Ours, wire(lab, &root))];
    if let Some(overlay) = &lab.overlay {
        disk.push(entry("s6-overlay", Role::Peer, unpacked(overlay)));
        over.push(entry("s6-overlay", Role::Peer, wire(lab, overlay)));
    }
    for (name, packages) in PACKAGES {
        disk.push(entry(name, Role::Peer, debian(packages, "Installed-Size")));
        over.push(entry(name, Role::Peer, fetched(packages)));
    }
    let how_disk =
        "The installation's root (`du --apparent-size`); of Debian's packages what dpkg says.";
    let how_wire = "The same as a tarball, `xz -6e`; of Debian's packages what apt fetches.";
    Ok(vec![
        table("disk", "on disk", how_disk, disk),
        table("wire", "over the wire", how_wire, over),
    ])
}
