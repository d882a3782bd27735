//! For people: a line a service, with a bar; then on whom it depended, and who is waited for.

use super::Shown;
use super::read::{How, Pass};
use interpreter::diagnose::shown;

/// How many columns a bar has.
const BAR: u64 = 32;

/// All changes.
pub fn lines(shown: &Shown) -> String {
    let mut text = String::new();
    if shown.changes.is_empty() {
        text += "nothing has been changed yet\n";
    }
    for (number, change) in &shown.changes {
        for pass in change {
            if !text.is_empty() {
                text.push('\n');
            }
            pass_lines(&mut text, shown, *number, pass);
        }
    }
    text
}

fn pass_lines(text: &mut String, all: &Shown, number: usize, pass: &Pass) {
    let length = pass.end.saturating_sub(pass.start);
    let way = if pass.up { "up" } else { "down" };
    let count = match pass.steps.len() {
        1 => "1 service".to_owned(),
        count => format!("{count} services"),
    };
    *text += &format!("change {number}, {way}: {count}, {}", time(length));
    match (pass.code, pass.runs) {
        (Some(b"0"), _) => {}
        (Some(code), _) => *text += &format!(", ended with exit code {}", shown(code)),
        (None, true) => *text += ", and it goes on",
        (None, false) => {}
    }
    text.push('\n');
    let waited = all.waited_for(pass);
    let critical = pass.critical(&waited);
    let width = pass.steps.iter().map(|step| shown(step.name).chars().count()).max().unwrap_or(0);
    for (i, step) in pass.steps.iter().enumerate() {
        let mark = if critical.contains(&i) { '*' } else { ' ' };
        let name = shown(step.name);
        let bar = bar(step.start - pass.start.min(step.start), step.took(), length);
        *text += &format!(
            "{mark} {name:width$}  {:>10}  {:>10}  |{bar}|",
            time(step.start.saturating_sub(pass.start)),
            time(step.took())
        );
        match (step.how, waited.get(i).copied().flatten()) {
            (How::Failed, _) => *text += &format!("  failed: {}", shown(step.detail)),
            (How::Open, _) => *text += if pass.runs { "  not yet" } else { "  broken off" },
            (How::Done, Some(before)) => {
                *text += &format!("  after {}", shown(pass.steps[before].name));
            }
            (How::Done, None) => {}
        }
        text.push('\n');
    }
    if critical.len() > 1 {
        let names = critical.iter().map(|&i| {
            let step = &pass.steps[i];
            format!("{} {}", shown(step.name), time(step.took()))
        });
        let names: Vec<String> = names.collect();
        *text += &format!("critical path: {}\n", names.join(" -> "));
    }
    for step in pass.steps.iter().filter(|step| step.how == How::Open && pass.runs) {
        let held = all.held_up(pass, step.name);
        let held = match held {
            0 => String::new(),
            1 => ", and 1 service waits for it".to_owned(),
            held => format!(", and {held} services wait for it"),
        };
        *text += &format!("now: {} has taken {}{held}\n", shown(step.name), time(step.took()));
    }
}

/// A bar from one column to another: at least one.
fn bar(start: u64, took: u64, length: u64) -> String {
    let column = |at: u64| {
        let whole = u128::from(length.max(1));
        (u128::from(at) * u128::from(BAR) / whole).min(u128::from(BAR)) as usize
    };
    let from = column(start).min(BAR as usize - 1);
    let to = column(start.saturating_add(took)).max(from + 1);
    format!("{}{}{}", " ".repeat(from), "=".repeat(to - from), " ".repeat(BAR as usize - to))
}

/// Microseconds for people.
pub fn time(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} us"),
        1000..1_000_000 => format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10),
        _ => format!("{}.{:03} s", micros / 1_000_000, micros % 1_000_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_figures_or_more() {
        let texts = [0, 999, 1000, 12_345, 1_000_000, 61_002_999].map(time);
        assert_eq!(texts, ["0 us", "999 us", "1.00 ms", "12.34 ms", "1.000 s", "61.002 s"]);
    }

    #[test]
    fn bars_fit() {
        assert_eq!(bar(0, 8, 16), format!("{}{}", "=".repeat(16), " ".repeat(16)));
        assert_eq!(bar(16, 0, 16).trim_start(), "=");
        assert_eq!(bar(5, 5, 0).len(), 32);
        assert_eq!(bar(u64::MAX, u64::MAX, 1).len(), 32);
    }
}
