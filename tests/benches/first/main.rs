//! What a container costs, beside the peers, in one run:
//!
//! `cargo bench -p tests --bench first`
//!
//! Rounds are interleaved, so that whatever else the machine does falls on all alike; a row tells
//! the median, the 10th percentile, and the ratio of the median to ours. The artefact is the musl
//! binary that the tarballs ship (`CHAINIT_BIN=FILE` takes another). Peers are what the machine
//! has: tini and dumb-init.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs)]

mod boot;
mod lab;

fn main() {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|a| a == boot::HELPER) {
        return boot::helper(args);
    }
    let lab = lab::Lab::new();
    boot::run(&lab);
}
