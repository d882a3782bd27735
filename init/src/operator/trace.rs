//! `chainit trace`: becomes a script, traced.

use clap::ArgMatches;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::trace::{self, Format, Unusable};
use interpreter::word::{Fail, Next, Ran};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use sys::Errno;
use sys::fd::{O_APPEND, O_CREAT, O_NOCTTY, O_WRONLY};

/// Exit codes: 111 where there can be no trace; else those of what runs.
pub fn run(image: &mut Image, options: &ArgMatches) -> Ran {
    let word = |word: &OsString| leak(word.as_bytes().to_vec());
    let argv: Vec<Arg> = options.get_many("script").into_iter().flatten().map(word).collect();
    let &file = argv.first().ok_or_else(Fail::usage)?;
    let fd = match options.get_one::<OsString>("output") {
        None => 2,
        Some(path) => {
            let path = path.as_bytes();
            sys::fd::open_bytes(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0o666)
                .map_err(|errno| Fail::sys_at("open the trace's file", path, errno))?
        }
    };
    let format = match options.get_one::<String>("format").map(String::as_str) {
        Some("json") => Format::Json,
        Some("color") => Format::Color,
        Some(_) => Format::Text,
        None => Format::text_for(fd, &image.env),
    };
    trace::start(image, fd, format).map_err(|unusable| match unusable {
        Unusable::Fd(errno) => Fail::sys("write the trace to standard error", errno),
        Unusable::Value => Fail::sys("write the trace", Errno::EINVAL),
    })?;
    if fd > 2 {
        let _ = sys::fd::close(fd);
    }
    Ok(Next::File { file, argv: Argv::new(argv) })
}
