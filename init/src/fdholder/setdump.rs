//! `s6-fdholder-setdump`: gives a server the descriptors that the environment names.

use super::client::{self, Held, connect, refused, timeout};
use super::{LONGEST, Moment};
use crate::sockets::message::Descriptor;
use crate::sockets::{number, variable};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 the server says no, 100 wrong usage, or a variable is missing or makes no sense,
/// 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-setdump",
    usage: "s6-fdholder-setdump [ -t timeout ] socket",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let deadline = timeout(&mut argv)?;
    let [socket, ..] = *argv else { return Err(Fail::usage()) };
    let count = number(image, b"S6_FD#")?;
    let mut client = connect(socket, deadline, "")?;
    let mut all = Vec::new();
    for i in 0..count {
        all.push(held(image, i)?);
    }
    client.set_dump(&all).map_err(|errno| refused("set dump", None, errno))?;
    Ok(Next::Exit(0))
}

fn held(image: &Image, i: u32) -> Result<Held, Fail> {
    let fd = Descriptor::new(number(image, format!("S6_FD_{i}").as_bytes())?.cast_signed());
    let invalid =
        |name: &[u8], value: &[u8]| Fail::bad(format!("invalid {}: {}", shown(name), shown(value)));
    let name = format!("S6_FDID_{i}").into_bytes();
    let id = variable(image, &name)?;
    if id.is_empty() || id.len() > LONGEST {
        return Err(invalid(&name, id));
    }
    let name = format!("S6_FDLIMIT_{i}").into_bytes();
    let limit = match image.env.get(&name) {
        None => client::moment(0),
        Some(text) => label(text).ok_or_else(|| invalid(&name, text))?,
    };
    Ok(Held { id: id.to_vec(), limit, fd })
}

/// The label that a text begins with.
fn label(text: &[u8]) -> Option<Moment> {
    let digits = text.strip_prefix(b"@")?.first_chunk::<24>()?;
    let mut moment = Moment::default();
    for (byte, pair) in moment.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |b: u8| char::from(b).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(moment)
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels() {
        let known = [0x40, 0, 0, 0, 0x6b, 1, 0xbe, 0xf0, 0xd, 0x6f, 0xa9, 0x9e];
        assert_eq!(super::label(b"@400000006b01bef00d6fa99e"), Some(known));
        for text in [&b""[..], b"@", b"400000006b01bef00d6fa99e", b"@400000006b01bef00d6fa99g"] {
            assert_eq!(super::label(text), None);
        }
    }
}
