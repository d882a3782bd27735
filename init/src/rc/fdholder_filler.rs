//! `s6-rc-fdholder-filler`: gives pipes to a server that holds descriptors.

use crate::fdholder::client::{Client, Held, moment};
use crate::sockets::message::{self, Descriptor};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;

/// Exit codes: 0 the server has them, 100 wrong usage, 111 the system or the server said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-fdholder-filler",
    usage: "s6-rc-fdholder-filler [ -1 ] [ -t timeout ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The connection to the server.
const SERVER: i32 = 6;

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut tells, mut millis) = (false, 0);
    options::take(&mut argv, "1t:", |letter, word| {
        match letter {
            b'1' => tells = true,
            _ => millis = options::number(word)?,
        }
        Ok(())
    })?;
    let text = sys::fd::read_to_end(0).map_err(|errno| Fail::sys("read from stdin", errno))?;
    let names = names(&text);
    if !names.is_empty() {
        let failed = |errno| Fail::sys("transfer pipes", errno);
        let mut client = Client::at(SERVER, message::deadline(millis)).map_err(failed)?;
        client.set_dump(&pipes(&names)?).map_err(failed)?;
    }
    if tells {
        sys::fd::write_all(1, b"\n").map_err(|errno| Fail::sys("write to stdout", errno))?;
    }
    Ok(Next::Exit(0))
}

/// Both ends of a pipe for each of the names.
fn pipes(names: &[&[u8]]) -> Result<Vec<Held>, Fail> {
    let mut all = Vec::with_capacity(names.len() * 2);
    for name in names {
        let [read, write] = [&b"pipe:s6rc-r-"[..], b"pipe:s6rc-w-"].map(|p| [p, name].concat());
        if read.len() > crate::fdholder::LONGEST {
            return Err(Fail::sys_at("create identifier for", name, Errno::ENAMETOOLONG));
        }
        let ends = sys::fd::pipe(sys::fd::O_CLOEXEC);
        let ends = ends.map_err(|errno| Fail::sys("create pipe", errno))?;
        for (id, end) in [(read, ends.0), (write, ends.1)] {
            all.push(Held { id, limit: moment(0), fd: Descriptor::new(end) });
        }
    }
    Ok(all)
}

/// The names in a text, one a line: nothing before them counts, nor do empty lines and those that
/// begin with `#`. The text ends at a NUL.
fn names(text: &[u8]) -> Vec<&[u8]> {
    let text = text.split(|&b| b == 0).next().unwrap_or_default();
    let lines = text.split(|&b| b == b'\n').map(|line| {
        let start = line.iter().position(|b| !b" \t\r".contains(b)).unwrap_or(line.len());
        &line[start..]
    });
    lines.filter(|name| !matches!(name, [] | [b'#', ..])).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_a_name() {
        let text = b"one\n\n  # no\n#no\n \ttwo \n\rthree#3\nfour\0five";
        assert_eq!(super::names(text), [&b"one"[..], b"two ", b"three#3", b"four"]);
        assert!(super::names(b"").is_empty());
    }
}
