//! Why ours is behind somewhere. A row that is behind without a sentence here makes the report fail.

use super::model::{Curve, Role, Table};

/// Where an explanation holds: the beginning of the anchor, the beginning of the peer's name, and the
/// sentence.
pub type Reason = (&'static str, &'static str, &'static str);

/// A row that ours is behind in.
#[derive(Debug, Clone, PartialEq)]
pub struct Behind {
    /// The row.
    pub anchor: String,
    /// Its title.
    pub title: String,
    /// Who is ahead.
    pub peer: String,
    /// Ours as a part of theirs.
    pub ratio: f64,
    /// Why, if anybody knows.
    pub why: Option<&'static str>,
}

/// A row's reason.
pub fn reason(reasons: &[Reason], anchor: &str, peer: &str) -> Option<&'static str> {
    let holds = |r: &&Reason| anchor.starts_with(r.0) && peer.starts_with(r.1);
    reasons.iter().find(holds).map(|r| r.2)
}

/// All rows that ours is behind in.
pub fn behind(tables: &[Table], reasons: &[Reason]) -> Vec<Behind> {
    let mut all = Vec::new();
    for table in tables {
        let Some(ours) = table.our_median() else { continue };
        for peer in table.ahead_of_us() {
            let theirs = peer.at(50).unwrap_or(f64::NAN);
            all.push(Behind {
                anchor: table.anchor.clone(),
                title: table.title.clone(),
                peer: peer.name.clone(),
                ratio: ours / theirs,
                why: reason(reasons, &table.anchor, &peer.name),
            });
        }
    }
    all
}

/// What still counts as linear: a fit through three points of one run is not sharper.
pub const LINEAR: f64 = 1.15;

/// Curves of ours that grow faster than their N.
pub fn steep(curves: &[Curve]) -> Vec<(String, f64)> {
    let ours = curves.iter().flat_map(|c| {
        let lines = c.lines.iter().filter(|l| l.role == Role::Ours);
        lines.filter_map(|l| Some((c.title.to_owned(), l.fit?.exponent)))
    });
    ours.filter(|(_, exponent)| *exponent > LINEAR).collect()
}

/// Our own measurements that gave nothing.
pub fn missing(tables: &[Table]) -> Vec<String> {
    let ours = tables.iter().flat_map(|t| t.entries.iter().map(move |e| (t, e)));
    ours.filter(|(_, e)| e.role == Role::Ours && e.values.is_empty())
        .map(|(t, e)| {
            let why = e.failed.as_deref().unwrap_or("nothing was measured");
            format!("{}: {}: {why}", t.anchor, e.name)
        })
        .collect()
}

/// What is known. It belongs to a machine that nobody else uses; a row that is behind on a busy one is
/// behind by chance.
pub const REASONS: &[Reason] = &[
    (
        "supervision-start-10",
        "s6",
        "one process makes the ten one after the other and waits for each exec, which takes half as \
         long again where the child begins on another processor; ten s6-supervise make theirs side by \
         side, on all processors",
    ),
    (
        "memory-tree-0",
        "s6",
        "a page or two, as long as there is no service; with ten services it is less than half",
    ),
    (
        "memory-tree-0",
        "runit",
        "a page or two, as long as there is no service; with ten services it is less than half",
    ),
    (
        "container-legacy-1000-down",
        "s6-overlay",
        "here all services have ended before the container does. A real s6-overlay supervises 999 of the \
         1,000 (too many services), its s6-svwait fails at the one that is missing, and so it waits for \
         nobody: the kernel kills what is left",
    ),
    (
        "container-empty-up",
        "tini",
        "tini makes nothing: /init lays out /run for scripts and tools, some 20 files and directories, takes \
         the tree's lock and looks whether the image has scripts or services",
    ),
    (
        "container-empty-whole",
        "tini",
        "tini makes nothing and looks at nothing: /init lays out /run for scripts and tools, looks whether the \
         image has scripts or services, writes down how it ended, and asks whether anybody is left",
    ),
    (
        "container-empty-defaults",
        "tini",
        "tini makes nothing and looks at nothing: /init lays out /run for scripts and tools, looks whether the \
         image has scripts or services, writes down how it ended, and asks whether anybody is left",
    ),
    (
        "size-wire",
        "s6-overlay",
        "an s6-overlay that somebody has built without s6-networking and s6-dns; as it is published, its \
         programs take 737 kB, and ours can also check, explain, trace and show what they run",
    ),
    (
        "supervision-fifo",
        "s6",
        "a supervisor that slept has given most of its program's pages back, and gets them again one by one",
    ),
    (
        "supervision-fifo",
        "Debian's s6",
        "a supervisor that slept has given most of its program's pages back, and gets them again one by one",
    ),
    (
        "supervision-fifo",
        "runit",
        "a supervisor that slept has given most of its program's pages back, and gets them again one by one",
    ),
    (
        "supervision-command",
        "s6",
        "the command is a name of one large program, whose start takes more page faults than that of \
         a small one, and a supervisor that slept has given most of its pages back",
    ),
    (
        "logging-plain",
        "supervisord",
        "supervisord copies what it has read, whatever it is; s6-log looks for the end of each line, \
         to select lines and to rotate between two of them",
    ),
    (
        "graph-plan-10",
        "s6",
        "with so few services it is the start of the program that counts, and a small one starts faster",
    ),
    (
        "container-empty-down",
        "tini",
        "tini ends with its child; /init writes down the code and how it ended, says what it brings \
         down, and asks whether anybody is left, for which the kernel walks over all processes of the machine",
    ),
    (
        "container-empty-down",
        "dumb-init",
        "dumb-init ends with its child; /init writes down the code and how it ended, says what it \
         brings down, and asks whether anybody is left, for which the kernel walks over all processes of the \
         machine",
    ),
    (
        "container-stop-0",
        "tini",
        "tini passes the signal to its child and ends with it; /init tells whoever is in the \
         container, and only the kernel, which walks over all processes of the machine, says when \
         nobody is",
    ),
    (
        "container-stop-0",
        "dumb-init",
        "dumb-init passes the signal to its child and ends with it; /init tells whoever is in the \
         container, and only the kernel, which walks over all processes of the machine, says when \
         nobody is",
    ),
    (
        "counts-",
        "tini",
        "tini has no /run to lay out, no environment to keep and no tree; it only forks",
    ),
    (
        "counts-",
        "dumb-init",
        "dumb-init has no /run to lay out, no environment to keep and no tree; it only forks",
    ),
    (
        "memory-container",
        "tini",
        "tini holds nothing but its child's pid; PID 1 here holds a tree and listens to it",
    ),
    (
        "memory-container",
        "dumb-init",
        "dumb-init holds nothing but its child's pid; PID 1 here holds a tree and listens to it",
    ),
    (
        "supervision-orphans",
        "tini",
        "each reaps them by one wait4(2) an orphan; PID 1 here looks up whose child each one was",
    ),
    (
        "supervision-orphans",
        "dumb-init",
        "each reaps them by one wait4(2) an orphan; PID 1 here looks up whose child each one was",
    ),
    (
        "supervision-restarts",
        "supervisord",
        "supervisord starts a program that dies at once again without a pause; here, as in s6, the \
         next start is a second behind the last one, so that 1,000 services give 1,000 starts",
    ),
    (
        "logging-lost",
        "runit: svlogd",
        "svlogd reads 1 kB at a time, s6-log and ours 8 kB, and a block is what a kill -9 can lose; \
         smaller ones are more system calls, and fewer lines a second",
    ),
    (
        "logging-lost",
        "daemontools: multilog",
        "multilog reads 1 kB at a time, s6-log and ours 8 kB, and a block is what a kill -9 can lose; \
         smaller ones are more system calls, and fewer lines a second",
    ),
    (
        "size-",
        "Debian's execline and s6",
        "these are linked with the C library that the image must have, and bring neither s6-rc nor an \
         /init; ours is one static file that runs in an empty image",
    ),
    (
        "size-",
        "Debian's runit",
        "runit supervises and does nothing else: no language, no dependencies, no /init for a \
         container, and a C library that the image must have",
    ),
    ("size-", "Debian's supervisor", "the package is without Python, which it needs"),
    ("size-", "Debian's tini", "tini is one of the programs that this one is, and the smallest"),
    (
        "size-",
        "Debian's dumb-init",
        "dumb-init is one of the programs that this one is, and a small one",
    ),
];
