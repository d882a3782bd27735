//! The inputs that the fuzzers have kept, through the same properties, without a fuzzer:
//! `tests/fuzz/README.md`.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../tests/fuzz/properties/mod.rs"]
mod properties;

use std::fs;
use std::path::Path;

#[test]
fn every_property_holds_for_every_input_that_was_kept() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/seeds");
    for (target, property) in properties::ALL {
        let mut count = 0;
        for entry in fs::read_dir(seeds.join(target)).unwrap() {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            // A panic tells the input by the lines in front of it.
            println!("{}", path.display());
            property(&input);
            count += 1;
        }
        assert!(count > 0, "{target} has no inputs");
    }
}
