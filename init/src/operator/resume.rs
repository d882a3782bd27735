//! `chainit resume FD`: how a supervisor, or PID 1, begins anew. Nobody else can call it: the
//! state behind the descriptor is the process's own.

use crate::scan::alone::{self, Supervise};
use crate::scan::handover::{Taken, read, take_up};
use crate::scan::svscan::{self, Svscan};
use crate::stages;
use interpreter::arg::Argv;
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Fail, Next, Ran};

/// Is that what the command line says?
pub fn is_meant(argv: &Argv) -> bool {
    argv.first().is_some_and(|word| word.to_bytes() == b"resume")
}

/// Goes on. Exit codes: those of what is gone on with; 100 a state that is no state of this
/// process.
pub fn run(image: &mut Image, argv: &Argv) -> Ran {
    let fd = argv.get(1).and_then(|word| uint(word.to_bytes()));
    let fd = fd.and_then(|fd| i32::try_from(fd).ok()).ok_or_else(Fail::usage)?;
    let env = image.env.vars().to_vec();
    let state = read(fd)?;
    let taken = take_up(fd, &state, argv.get(2).is_some(), &env)?;
    let Taken { mut tree, kind, mut rest } = taken;
    let code = match kind {
        svscan::KIND => {
            sys::process::set_name(c"s6-svscan");
            Some(Svscan { env }.run(tree))
        }
        alone::KIND => {
            sys::process::set_name(c"s6-supervise");
            Some(tree.run(&mut Supervise { env }))
        }
        _ => stages::resume(tree, image, &mut rest),
    };
    code.map(Next::Exit).ok_or_else(|| Fail::bad("the state is not whole"))
}
