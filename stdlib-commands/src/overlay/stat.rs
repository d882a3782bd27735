//! `s6-overlay-stat`: whose a file is and who may do what with it, as assignments for a shell.

use crate::{output, passwd};
use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-overlay-stat",
    usage: "s6-overlay-stat path",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no such file, or standard output can't be written to.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let path = argv.first().ok_or_else(Fail::usage)?;
    let stat = sys::fs::stat(path).map_err(|e| Fail::sys_at("stat", path.to_bytes(), e))?;
    let name = |name: sys::Result<Option<Vec<u8>>>| name.ok().flatten().unwrap_or_default();
    let perms = show_mode(stat.mode);
    let lines: [(&[u8], &[u8]); 5] = [
        (b"uid=", &Decimal::new(stat.uid.into())),
        (b"user=", &name(passwd::user_name(stat.uid))),
        (b"gid=", &Decimal::new(stat.gid.into())),
        (b"group=", &name(passwd::group_name(stat.gid))),
        (b"perms=", perms.as_bytes()),
    ];
    let mut text = Vec::new();
    for (key, value) in lines {
        text.extend_from_slice(key);
        text.extend_from_slice(value);
        text.push(b'\n');
    }
    output::write_and_end(&text)
}

/// Permission bits as s6-overlay shows them: `ox` for others may execute, and so on up to `os`,
/// `gs`, `us` for the special bits.
pub fn show_mode(mode: u32) -> String {
    let who = ["o", "g", "u"];
    let mut text = String::new();
    for bit in 0..12 {
        if mode >> bit & 1 == 1 {
            text.push_str(if bit < 9 { who[bit / 3] } else { who[bit - 9] });
            text.push_str(if bit < 9 { ["x", "w", "r"][bit % 3] } else { "s" });
        }
    }
    text
}
