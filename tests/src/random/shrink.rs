//! Makes a failing script smaller for as long as it fails.

use super::script::{Item, Script};

/// The smallest script found, after at most `tries` trials of `fails`.
pub fn shrink(script: Script, tries: usize, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script;
    let mut left = tries;
    loop {
        let smaller = candidates(&best).into_iter().find(|candidate| {
            left = left.saturating_sub(1);
            left > 0 && fails(candidate)
        });
        match smaller {
            Some(script) => best = script,
            None => return best,
        }
    }
}

/// Everything that is a little smaller; the boldest first.
fn candidates(script: &Script) -> Vec<Script> {
    let mut all = Vec::new();
    for items in smaller_items(&script.items) {
        all.push(Script { items, ..script.clone() });
    }
    for arguments in without_one(&script.arguments) {
        all.push(Script { arguments, ..script.clone() });
    }
    for options in without_one(&script.options) {
        all.push(Script { options, ..script.clone() });
    }
    for environment in without_one(&script.environment) {
        all.push(Script { environment, ..script.clone() });
    }
    for input in halves(&script.input) {
        all.push(Script { input, ..script.clone() });
    }
    for envfile in halves(&script.envfile) {
        all.push(Script { envfile, ..script.clone() });
    }
    all
}

fn without_one<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    (0..list.len()).map(|at| [&list[..at], &list[at + 1..]].concat()).collect()
}

fn halves(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut size = bytes.len();
    while size > 0 {
        let mut at = 0;
        while at < bytes.len() {
            let end = (at + size).min(bytes.len());
            all.push([&bytes[..at], &bytes[end..]].concat());
            at = end;
        }
        size /= 2;
    }
    all
}

fn smaller_items(items: &[Item]) -> Vec<Vec<Item>> {
    let mut all = Vec::new();
    let mut size = items.len();
    while size > 0 {
        let starts = (0..items.len()).step_by(size);
        all.extend(starts.map(|at| {
            let end = (at + size).min(items.len());
            [&items[..at], &items[end..]].concat()
        }));
        size /= 2;
    }
    let replace = |at: usize, by: Vec<Item>| [&items[..at], &by[..], &items[at + 1..]].concat();
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Block(inner) => {
                all.push(replace(at, inner.clone()));
                let smaller = smaller_items(inner).into_iter();
                all.extend(smaller.map(|inner| replace(at, vec![Item::Block(inner)])));
            }
            Item::Word(word) if word.len() > 1 => {
                if word.len() > 2 {
                    all.push(replace(at, vec![Item::plain("a")]));
                }
                let shorter = halves(word).into_iter().filter(|word| !word.is_empty());
                all.extend(shorter.map(|word| replace(at, vec![Item::Word(word)])));
            }
            Item::Word(_) => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::script::text;
    use super::*;

    #[test]
    fn what_matters_stays() {
        let word = |text: &str| Item::plain(text);
        let items = vec![
            word("define"),
            word("abc"),
            Item::Block(vec![word("x"), Item::Block(vec![word("bad")]), word("y")]),
            word("args"),
        ];
        let script = Script { items, input: b"lines".to_vec(), ..Script::default() };
        let fails = |s: &Script| text(&s.items).windows(3).any(|w| w == b"bad");
        let small = shrink(script, 1000, fails);
        assert_eq!(small, Script { items: vec![word("bad")], ..Script::default() });
    }
}
