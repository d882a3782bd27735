//! `s6-ps`: the processes.

mod fields;
mod names;
mod process;
mod tree;

use crate::{options, output};
use fields::{FIELDS, Field, World};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-ps",
    usage: "s6-ps [ -H ] [ -w spacing ] [ -W wchanfile ] [ -l | -o field,field... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const SHORT: &[u8] = b"user,pid,tty,s,start,args";
const LONG: &[u8] = b"user,pid,cpcpu,pmem,vsize,rss,tty,s,start,cttime,args";

/// 111: there is no /proc, or standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut as_tree, mut spacing, mut symbols, mut fields) = (false, 2, None, SHORT);
    options::take(&mut argv, "Hlw:W:o:", |letter, value| {
        match letter {
            b'H' => as_tree = true,
            b'l' => fields = LONG,
            b'w' => spacing = options::number(value)?.clamp(1, 256) as usize,
            b'W' => symbols = Some(value.to_bytes()),
            _ => fields = value.to_bytes(),
        }
        Ok(())
    })?;
    let fields = chosen(fields)?;
    let has = |name| fields.iter().any(|field| field.name == name);
    let mut processes = process::all(has("args"), has("env"))?;
    tree::order(&mut processes, as_tree);
    let mut world = World::new(symbols);
    let mut rows = vec![fields.iter().map(|field| field.title.as_bytes().to_vec()).collect()];
    rows.extend(processes.iter().map(|process| {
        let cell = |field: &&Field| {
            let mut text = Vec::new();
            field.write(&mut world, process, &mut text);
            text
        };
        fields.iter().map(cell).collect::<Vec<_>>()
    }));
    output::write_and_end(&laid_out(&fields, &rows, spacing))
}

fn chosen(list: &[u8]) -> Result<Vec<&'static Field>, Fail> {
    let mut fields: Vec<&'static Field> = Vec::new();
    let bad =
        |what: &str, name: &[u8]| Fail::bad(format!("{what} field for -o option{}", shown(name)));
    for name in list.split(|&b| b == b',') {
        let called = [&b": "[..], name].concat();
        if name.is_empty() {
            return Err(bad("invalid (empty)", b""));
        }
        let field = FIELDS.iter().find(|field| field.name.as_bytes() == name);
        let field = field.ok_or_else(|| bad("invalid", &called))?;
        if fields.iter().any(|f| f.name == field.name) {
            return Err(bad("duplicate", &called));
        }
        fields.push(field);
    }
    Ok(fields)
}

/// The rows with their cells below each other; what is the last cell and begins at its left has
/// nothing behind it.
fn laid_out(fields: &[&Field], rows: &[Vec<Vec<u8>>], spacing: usize) -> Vec<u8> {
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..fields.len()).map(width).collect();
    let mut out = Vec::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            let blank = |out: &mut Vec<u8>, count| out.resize(out.len() + count, b' ');
            let missing = widths[at] - cell.len();
            if fields[at].is_right() {
                blank(&mut out, missing);
            }
            out.extend_from_slice(cell);
            if at + 1 < row.len() {
                let missing = if fields[at].is_right() { 0 } else { missing };
                blank(&mut out, missing + spacing);
            }
        }
        out.push(b'\n');
    }
    out
}
