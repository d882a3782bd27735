//! What every target runs in: memory that is counted, and is all given back behind each input,
//! because words are never freed and a fuzzer's process runs millions of them.

#[path = "../properties/mod.rs"]
pub mod properties;

mod arena;

pub use libfuzzer_sys;

#[global_allocator]
static ARENA: arena::Arena = arena::Arena;

/// What a run may allocate whatever its input, in bytes.
const BASE: usize = 256 * 1024;

/// And for each byte of its input and of what that has to become. Everything ever allocated
/// counts, freed or not, the naive implementation's as well.
const EACH: usize = 256;

/// Runs a property on an input.
///
/// # Panics
/// Where the property does not hold, or where memory grows faster than input and output.
pub fn run(property: properties::Property, input: &[u8]) {
    let (output, used) = arena::count(|| property(input));
    let limit = BASE + EACH * (input.len() + output);
    assert!(
        used <= limit,
        "{used} bytes allocated for {} of input and {output} of output",
        input.len()
    );
}

/// A target: the name of its property.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(
            init: {
                // What the standard library makes once and keeps must not be made while counting.
                let _ = $crate::properties::$name(b"");
            },
            |input: &[u8]| $crate::run($crate::properties::$name, input)
        );

        /// Asked by LeakSanitizer: words are never freed, and at the end of a run that is no leak.
        #[unsafe(no_mangle)]
        extern "C" fn __lsan_is_turned_off() -> core::ffi::c_int {
            1
        }
    };
}
