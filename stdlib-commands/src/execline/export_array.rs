//! `export-array`: a variable that holds a list of values.

use super::list;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "export-array",
    usage: "export-array [ -d delim ] variable { values... } prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut end = None;
    options::take(&mut argv, "d:", |_, arg| {
        end = list::delimiter(arg);
        Ok(())
    })?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    super::export::check_name(name)?;
    argv.advance(1);
    let values = image.need_block(&mut argv)?;
    if values.is_empty() {
        return Err(Fail::bad("empty block: a list has at least one value"));
    }
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let values: Vec<&[u8]> = values.iter().map(|value| value.to_bytes()).collect();
    image.env.set(name.to_bytes(), &list::encode(&values, end));
    Ok(Next::Chain(argv))
}
