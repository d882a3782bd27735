//! The conversion file: a line for each old service about which there is something to say.

use super::plan::Wish;
use crate::rc::compiled::{Db, Entry};
use crate::rc::db;
use interpreter::diagnose::shown;
use interpreter::word::Fail;

/// Reads it. Exit codes: 3 nothing has the name, 5 it is a bundle's, 6 it has been named before,
/// 100 the line is not written as such lines are, 111 the file can't be read.
pub fn read(path: &[u8], old: &Db, dir: &[u8]) -> Result<Vec<Wish>, Fail> {
    let text = sys::fd::read_file_bytes(path).map_err(|errno| Fail::sys_at("open", path, errno))?;
    let mut wishes = vec![Wish::default(); old.len()];
    for (line, number) in text.split(|&b| b == b'\n').zip(1..) {
        let at = |what: String, code: i32| {
            let path = shown(path);
            Fail::with_code(code, format!("{what}\nhelp: it is line {number} of {path}"))
        };
        let parsed = interpreter::syntax::parse(line)
            .map_err(|_| at(format!("syntax error in conversion file: {}", shown(line)), 100))?;
        let words: Vec<&[u8]> = parsed.blob.split(|&b| b == 0).take(parsed.count).collect();
        let [name, rest @ ..] = &words[..] else { continue };
        let id = match db::find(old, dir, name, "known")? {
            Entry::Service(id) => id,
            Entry::Bundle(_) => {
                let (name, dir) = (shown(name), shown(dir));
                let what = "does not represent an atomic service in";
                return Err(at(format!("identifier {name} {what} {dir}"), 5));
            }
        };
        let wish = &mut wishes[id as usize];
        if wish.named {
            let name = shown(name);
            return Err(at(format!("service {name} appears more than once in conversion file"), 6));
        }
        wish.named = true;
        let rest = match rest {
            [b"->", new, rest @ ..] => {
                wish.name = Some(new.to_vec());
                rest
            }
            rest => rest,
        };
        for word in rest {
            if *word != b"restart" {
                let word = shown(word);
                return Err(at(format!("unknown keyword in conversion file: {word}"), 100));
            }
            wish.restart = true;
        }
    }
    Ok(wishes)
}
