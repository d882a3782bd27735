//! `s6-sudoc`: asks the server at descriptors 6 and 7 to run a program, and ends as it does.

use super::message::{self, Deadline};
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::process::Status;
use sys::{Errno, fd};

/// Exit codes: the program's, 128 and its number where a signal killed it; 100 wrong usage, or no
/// such server; 111 the server does not answer, or could not start the program.
pub const COMMAND: Command = Command {
    name: "s6-sudoc",
    usage: "s6-sudoc [ -e ] [ -t timeoutconn ] [ -T timeoutrun ] [ args... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What the server says first.
pub const SERVER: &[u8] = b"s6-sudo b v1.0\n";

/// What the client's message begins with.
pub const CLIENT: &[u8] = b"s6-sudo a v1.0\n";

const INPUT: i32 = 6;
const OUTPUT: i32 = 7;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut export, mut timeout, mut timeout_run) = (true, 0, 0);
    options::take(&mut argv, "et:T:", |letter, word| {
        match letter {
            b'e' => export = false,
            b't' => timeout = options::number(word)?,
            _ => timeout_run = options::number(word)?,
        }
        Ok(())
    })?;
    for socket in [INPUT, OUTPUT] {
        fd::set_nonblock(socket, true)
            .map_err(|errno| Fail::sys("make socket non-blocking", errno))?;
    }
    crate::log::ensure_standard()?;
    let deadline = message::deadline(timeout);
    greet(deadline)?;
    let env = if export { image.env.vars() } else { &[] };
    message::send(OUTPUT, &request(&argv, env), &[0, 1, 2], deadline)
        .map_err(|errno| Fail::sys("send args to server", errno))?;
    for given in [0, 1] {
        let _ = fd::close(given);
    }
    let mut answer = [0; 1];
    read(&mut answer, deadline).map_err(|e| Fail::sys("get confirmation from server", e))?;
    if answer[0] != 0 {
        let errno = Errno::from_raw(answer[0].into());
        return Err(Fail::sys("start privileged program: server answered", errno));
    }
    let mut status = [0; 4];
    read(&mut status, message::deadline(timeout_run))
        .map_err(|errno| Fail::sys("get exit status from server", errno))?;
    Ok(Next::Exit(Status(i32::from_be_bytes(status)).exit_code()))
}

fn greet(deadline: Deadline) -> Result<(), Fail> {
    let mut banner = [0; SERVER.len()];
    let got = message::read_exactly(INPUT, &mut banner, deadline)
        .map_err(|errno| Fail::sys("read banner from s6-sudod", errno))?;
    match got {
        0 => Err(Fail::with_code(
            111,
            "unable to connect to the s6-sudod server - check that you have appropriate \
                   permissions",
        )),
        _ if got < banner.len() => Err(Fail::sys("read banner from s6-sudod", Errno::EPIPE)),
        _ if banner != SERVER => {
            Err(Fail::bad("wrong banner - check that you are connecting to a s6-sudod server"))
        }
        _ => Ok(()),
    }
}

/// Fills the buffer. `EPIPE` where the end comes before.
fn read(buffer: &mut [u8], deadline: Deadline) -> sys::Result<()> {
    match message::read_exactly(INPUT, buffer, deadline)? == buffer.len() {
        true => Ok(()),
        false => Err(Errno::EPIPE),
    }
}

/// The counts of the words and of the variables, their lengths, and themselves.
fn request(argv: &[Arg], env: &[Arg]) -> Vec<u8> {
    let blob = |words: &[Arg]| {
        words.iter().flat_map(|word| word.to_bytes_with_nul()).copied().collect::<Vec<u8>>()
    };
    let (words, vars) = (blob(argv), blob(env));
    let numbers = [argv.len(), env.len(), words.len(), vars.len()];
    let head: Vec<u8> = numbers.iter().flat_map(|n| (*n as u32).to_be_bytes()).collect();
    [CLIENT, &head, &words, &vars].concat()
}
