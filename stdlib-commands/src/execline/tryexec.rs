//! `tryexec`: becomes a block, or the rest where that can't be exec'd; with `-n` the other way
//! round.

use super::block;
use super::exec::Guise;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::resolve::Target;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "tryexec",
    usage: "tryexec [ -n ] [ -c ] [ -l ] [ -a argv0 ] { command... } [ remainder... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut guise) = (false, Guise::default());
    options::take(&mut argv, "ncla:", |letter, arg| {
        match letter {
            b'n' => not = true,
            _ => guise.option(letter, arg),
        }
        Ok(())
    })?;
    let block = block::not_empty(image.need_block(&mut argv)?)?;
    if not && argv.is_empty() {
        return Err(Fail::bad("empty remainder not allowed with -n"));
    }
    let (mut first, second) = if not { (argv, block) } else { (block, argv) };
    let file = guise.put_on(&mut first)?;
    match image.resolve(file) {
        Target::Word(_) => Ok(guise.start(image, file, first)),
        Target::Files(files) => {
            let env = if guise.clear { &[] } else { image.env.vars() };
            sys::spawn::exec(&files, &first, env);
            Next::chain_or_end(second)
        }
    }
}
