//! Random scripts, run by ours, fused and unfused, and by the original: all of them have to do the
//! same.

pub mod generate;
pub mod known;
pub mod outcome;
pub mod rng;
pub mod room;
pub mod script;
pub mod shrink;
pub mod table;
pub mod trial;
pub mod worker;
