//! Words that commands put in front of others. They stand for this binary's commands also where PATH
//! does not lead there, as the original's paths do in an s6-overlay.

use interpreter::arg::Arg;
use std::ffi::CStr;
use std::ptr;

// A static has one address, which no word of a script has.
pub(super) static FDCLOSE: Arg = c"fdclose";
pub(super) static FDMOVE: Arg = c"fdmove";
pub(super) static FORSTDIN: Arg = c"forstdin";
pub(super) static IMPORTAS: Arg = c"importas";
pub(super) static PIPELINE: Arg = c"pipeline";
pub(super) static UNEXPORT: Arg = c"unexport";

/// Whether it is one of them.
pub fn is(word: &CStr) -> bool {
    let all = [FDCLOSE, FDMOVE, FORSTDIN, IMPORTAS, PIPELINE, UNEXPORT];
    all.iter().any(|own| ptr::eq(own.as_ptr(), word.as_ptr()))
}
