//! What the benchmark's report is made of, without a process or a clock in it: figures, curves,
//! pictures and pages. The measuring is `benches/report`.

pub mod explain;
pub mod fit;
pub mod markdown;
pub mod model;
pub mod number;
pub mod options;
pub mod page;
pub mod plot;
pub mod raw;
pub mod readme;
pub mod stats;
#[cfg(test)]
mod tests;
