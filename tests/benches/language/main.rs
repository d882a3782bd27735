//! What the language costs, beside its peers, in one run:
//!
//! `cargo bench -p tests --bench language [-- NAME]`
//!
//! Every snippet is a process from its spawn to its end, whose last program does nothing. Rounds
//! are interleaved and rotated, so that whatever else the machine does falls on all alike; a row
//! tells the median, the 10th percentile, and the ratio of the median to ours. Peers are what the
//! machine has: Debian's execline, dash, busybox; `CHAINIT_PEER=DIR` adds a directory of execline
//! commands, such as a static build of the original, and with it come the targets. `CHAINIT_BIN`
//! names a binary other than the musl one that the tarballs ship. A name takes only the snippets
//! that have it in theirs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs)]

#[path = "../first/lab.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod lab;
mod measure;
mod snippets;

fn main() {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let lab = lab::Lab::new();
    for snippet in snippets::all(&lab).iter().filter(|s| s.name.contains(&wanted)) {
        measure::run(&lab, snippet);
    }
}
