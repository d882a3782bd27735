//! `foreground`: a block runs to its end, then the rest, which finds its exit code in `?`.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "foreground",
    usage: "foreground { command... } remainder...",
    run,
    kind: Kind::Link,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let block = image.need_block(&mut argv)?;
    let code = match image.spawn(&block, None, &[]) {
        Ok(pid) => sys::process::wait(pid).map_err(|e| Fail::sys("wait", e))?.variable(),
        Err(failed) => {
            image.warn_spawn(&block, failed);
            if failed.errno == Errno::ENOENT { 127 } else { 126 }
        }
    };
    image.env.set(b"?", code.to_string().as_bytes());
    Next::chain_or_end(argv)
}
