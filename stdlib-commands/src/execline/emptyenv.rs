//! `emptyenv`: no environment, or one without what execline has left in it.
//!
//! `-c` takes execline's own variables away, `-P` and `-o` go back to the positional parameters
//! and to the `elgetopt` variables of the script around this one; without those nothing stays
//! but what `-p` (PATH) and `-l` (LD_LIBRARY_PATH) keep.

use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag};
use interpreter::args::{number, pushenv};
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};

pub const COMMAND: Command = Command {
    name: "emptyenv",
    usage: "emptyenv [ -p | -l | -c | -o | -P ] prog...",
    run,
    kind: Kind::Still,
    examine: Some(examine),
};

const PATH: u64 = 1;
const LIBRARY_PATH: u64 = 2;
const CLEANUP: u64 = 4;
const ELGETOPT: u64 = 8;
const POSITIONALS: u64 = 16;

const FLAGS: &[Flag] = &[
    Flag { short: b'p', long: "keep-path", clear: 0, set: PATH },
    Flag { short: b'l', long: "keep-ld-library-path", clear: 0, set: LIBRARY_PATH },
    Flag { short: b'c', long: "cleanup", clear: 0, set: CLEANUP },
    Flag { short: b'o', long: "pop-elgetopt", clear: 0, set: ELGETOPT },
    Flag { short: b'P', long: "pop-execline", clear: 0, set: POSITIONALS },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let found = long::scan::<0>(&argv, FLAGS, &[])?;
    argv.advance(found.used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    match found.bits {
        bits if bits & CLEANUP != 0 => clean_up(&mut image.env),
        bits if bits & (ELGETOPT | POSITIONALS) != 0 => image.env = pop(&image.env, bits)?,
        bits => image.env = kept(&image.env, bits),
    }
    Ok(Next::Chain(argv))
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    if let Err(bad) = long::scan::<0>(words, FLAGS, &[]) {
        refuse(Some(bad.word), bad.into());
    }
}

fn clean_up(env: &mut Env) {
    let all = env.vars().to_vec();
    for name in [&b"!"[..], b"?", b"#", b"0", b"EXECLINE_STRICT"] {
        env.unset(name);
    }
    for name in all.into_iter().filter_map(own_name) {
        env.unset(name);
    }
}

/// The name of a variable, if execline makes variables of such names.
fn own_name(var: Arg) -> Option<&'static [u8]> {
    let bytes = var.to_bytes();
    let name = &bytes[..bytes.iter().position(|&b| b == b'=')?];
    let number = match bytes {
        [b'1'..=b'9', ..] => name,
        _ => name.strip_prefix(b"FD").unwrap_or_default(),
    };
    let own = name.starts_with(pushenv::ELGETOPT) || number::uint(number).is_some();
    own.then_some(name)
}

fn pop(env: &Env, bits: u64) -> Result<Env, Fail> {
    let mut names = Vec::new();
    if bits & POSITIONALS != 0 {
        names.extend_from_slice(pushenv::POSITIONALS);
    }
    if bits & ELGETOPT != 0 {
        names.push(pushenv::ELGETOPT);
    }
    pushenv::pop(env.vars(), &names).map(Env::new).map_err(|bad| {
        Fail::with_code(111, format!("unable to pop current execline environment: {bad}"))
    })
}

fn kept(env: &Env, bits: u64) -> Env {
    let first = |flag: u64, prefix: &[u8]| match bits & flag {
        0 => None,
        _ => env.vars().iter().position(|var| var.to_bytes().starts_with(prefix)),
    };
    let mut places = [first(PATH, b"PATH="), first(LIBRARY_PATH, b"LD_LIBRARY_PATH=")];
    places.sort_unstable();
    Env::new(places.into_iter().flatten().map(|i| env.vars()[i]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_execline_makes() {
        for (var, own) in [
            (c"1=x", true),
            (c"12=x", true),
            (c"1x=x", false),
            (c"1:1=x", false),
            (c"0=x", false),
            (c"FD3=x", true),
            (c"FD=x", false),
            (c"FDx=x", false),
            (c"ELGETOPT_a=1", true),
            (c"ELGETOPT_a:1=1", true),
            (c"A=1", false),
            (c"1", false),
        ] {
            assert_eq!(own_name(var).is_some(), own, "{var:?}");
        }
    }

    #[test]
    fn what_is_kept_stays_in_order_and_is_the_first_of_its_name() {
        let env = Env::new(vec![c"A=1", c"LD_LIBRARY_PATH=/l", c"PATH=/p", c"PATH=/q"]);
        assert_eq!(kept(&env, PATH | LIBRARY_PATH).vars(), [c"LD_LIBRARY_PATH=/l", c"PATH=/p"]);
        assert_eq!(kept(&env, PATH).vars(), [c"PATH=/p"]);
        assert!(kept(&env, 0).vars().is_empty());
    }
}
