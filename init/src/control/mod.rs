//! The tools that talk to supervisors: `s6-svc`, `s6-svstat` and their like, and the functions
//! under them, for everybody who needs a service's state.

pub mod client;
