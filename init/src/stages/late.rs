//! The stages as a live state of s6-rc, made when somebody first asks for one.
//!
//! An image without services of its own boots without a graph, and few such containers ever need
//! one. Whoever calls `s6-rc -a list` in them, or has a stage restarted, finds what upstream has.

use super::preinit::SCANDIR;
use super::stage2::{graph, services};
use crate::rc::compile::compile;
use crate::rc::init::{Plan, adopt};
use crate::rc::source::Talk;

const PLAN: Plan =
    Plan { scandir: SCANDIR, compiled: graph::DB, live: crate::rc::LIVE, prefix: b"", own: true };

/// Makes it, where the stages are up and it is not there. Where that can't be done whoever needs it
/// says why it is missing.
pub fn make() {
    let there = |path| sys::fs::stat_bytes(path).is_ok();
    if there(graph::DB) || there(PLAN.live) || !there(services::COPIES) {
        return;
    }
    let quiet = Talk { who: "s6-rc-compile", verbosity: 0 };
    let _ = compile(&[graph::SOURCES], &graph::BUNDLES, graph::DB, quiet);
    let _ = adopt(&PLAN);
}

/// It was made, here or by stage 2, and brings the stages down.
pub fn is_made() -> bool {
    let there = |path| sys::fs::stat_bytes(path).is_ok();
    there(PLAN.live) && there(graph::DB)
}
