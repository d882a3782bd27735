//! For programs: an array with an object for each pass.

use super::read::{How, Pass};
use super::{Shown, ending};
use crate::operator::check::string;
use interpreter::args::number::uint;

/// All changes. Times are microseconds of the clock that nobody sets.
pub fn document(all: &Shown) -> String {
    let mut objects = Vec::new();
    for (number, change) in &all.changes {
        objects.extend(change.iter().map(|pass| object(all, *number, pass)));
    }
    format!("[{}]\n", objects.join(",\n "))
}

fn object(all: &Shown, number: usize, pass: &Pass) -> String {
    let waited = all.waited_for(pass);
    let names = |steps: &[usize]| {
        let names: Vec<String> = steps.iter().map(|&i| string(pass.steps[i].name)).collect();
        names.join(",")
    };
    let open = (0..pass.steps.len()).filter(|&i| pass.runs && pass.steps[i].how == How::Open);
    let open: Vec<usize> = open.collect();
    let steps = pass.steps.iter().zip(&waited).map(|(step, before)| {
        let before = before.map_or("null".to_owned(), |i| string(pass.steps[i].name));
        let detail = match step.detail {
            b"" => String::new(),
            detail => format!(",\"detail\":{}", string(detail)),
        };
        format!(
            "{{\"service\":{},\"start\":{},\"end\":{},\"state\":\"{}\",\"after\":{before}{detail}}}",
            string(step.name),
            step.start,
            step.end,
            ending(step.how, pass.up)
        )
    });
    let steps: Vec<String> = steps.collect();
    format!(
        "{{\"change\":{number},\"way\":\"{}\",\"start\":{},\"end\":{},\"code\":{},\"running\":{},\
         \"critical\":[{}],\"waiting\":[{}],\n  \"services\":[{}]}}",
        if pass.up { "up" } else { "down" },
        pass.start,
        pass.end,
        pass.code.and_then(uint).map_or("null".to_owned(), |code| code.to_string()),
        pass.runs,
        names(&pass.critical(&waited)),
        names(&open),
        steps.join(",\n   ")
    )
}
