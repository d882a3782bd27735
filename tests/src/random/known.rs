//! Differences that are meant, with the reason of each.

use super::outcome::Outcome;
use super::script::{Item, Script, text};
use crate::spec::implementation::Whose;

/// A difference that is no failure.
pub struct Known {
    /// Whose behaviour it is that ours does not share; of every original where nothing is said.
    pub whose: Option<Whose>,
    /// What the script has in it.
    pub has: &'static str,
    /// What ours says, prints or writes into a file.
    pub ours: &'static str,
    /// What theirs does.
    pub theirs: &'static str,
    /// Why, and which case of the specification says so.
    pub why: &'static str,
}

/// The number of the one that no text tells: ours does the same once the block crashes for it, too.
pub const CRASH: usize = 0;

/// All of them. What is newer than 2.9.3 is compared with the newest.
pub const KNOWN: &[Known] = &[
    Known {
        whose: Some(Whose::Newest),
        has: "{ }",
        ours: "",
        theirs: "",
        why: "2.9.9.2 crashes in the child of an empty block (execline/foreground.md, execline/if.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "case",
        ours: "Invalid preceding regular expression",
        theirs: "",
        why: "the tests' build is linked with another C library's regular expressions (execline/case.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "emptyenv -c state",
        ours: "",
        theirs: "",
        why: "in two of 100,000 scripts 2.9.3 leaves the environment in another order than 2.9.9.2",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "forx -p",
        ours: "",
        theirs: "",
        why: "2.9.9.2 tells of a failed round not as documented (execline/forx.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "forx -P",
        ours: "",
        theirs: "",
        why: "2.9.9.2 tells of a failed round not as documented (execline/forx.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "fdmove",
        ours: "unable to move fd",
        theirs: "",
        why: "2.9.3 moves a closed descriptor to itself (execline/descriptors.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "fdswap",
        ours: "unable to swap fds",
        theirs: "",
        why: "2.9.3 swaps a closed descriptor with itself (execline/descriptors.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "redirfd",
        ours: "",
        theirs: "redirfd: usage",
        why: "2.9.3 knows fewer options (execline/descriptors.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "backtick",
        ours: "",
        theirs: "",
        why: "2.9.3 leaves no ? behind a block that fails (execline/backtick.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "case",
        ours: "",
        theirs: "",
        why: "Debian's is linked with another C library's regular expressions (execline/case.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "background -d",
        ours: "unable to spawn",
        theirs: "background (grandchild)",
        why: "2.9.3 starts a grandchild that then fails alone (execline/process.md)",
    },
    Known {
        whose: None,
        has: "}\\\n",
        ours: "",
        theirs: "",
        why: "a joined brace at the end of a script (surprises.md)",
    },
    Known {
        whose: None,
        has: "{\\\n",
        ours: "",
        theirs: "",
        why: "a joined brace at the end of a script (surprises.md)",
    },
    Known {
        whose: None,
        has: "forbacktickx",
        ours: "invalid variable name",
        theirs: "",
        why: "the original runs the block before it looks at the name (execline/forbacktickx.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "elglob",
        ours: "",
        theirs: "exlsn function: Result not",
        why: "2.9.9.2 chomps no paths at all to less than nothing (execline/elglob.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "elglob",
        ours: "unable to glob",
        theirs: "",
        why: "linked with an old musl, -w with -0 takes an error for no match (execline/elglob.md)",
    },
    Known {
        whose: None,
        has: "-w 2 ",
        ours: "",
        theirs: "",
        why: "a damaged form: everybody's own messages went into a file",
    },
    Known {
        whose: Some(Whose::Other),
        has: "runblock",
        ours: "",
        theirs: "",
        why: "2.9.3 crashes where there is no such block (execline/runblock.md)",
    },
    Known {
        whose: None,
        has: "fdclose 2",
        ours: "",
        theirs: "",
        why: "messages go into the file that gets the number 2, and texts are everybody's own",
    },
    Known {
        whose: Some(Whose::Other),
        has: "pipeline",
        ours: "empty block",
        theirs: "",
        why: "2.9.3 takes an empty block for a program (execline/pipeline.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "{ ",
        ours: "Permission denied",
        theirs: "127",
        why: "2.9.3 says 127 of a block that may not be run (execline/foreground.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "forstdin",
        ours: "unable to spawn",
        theirs: "",
        why: "2.9.3 goes on where a round cannot be started (execline/forstdin.md)",
    },
    Known {
        whose: Some(Whose::Other),
        has: "elglob",
        ours: "",
        theirs: "",
        why: "2.9.3 knows fewer options, and another C library's glob writes // (execline/elglob.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "forx",
        ours: "",
        theirs: "forx: fatal: unable to spawn",
        why: "upstream without absolute paths looks a loop's own words up in PATH (surprises.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "forstdin",
        ours: "",
        theirs: "forstdin: fatal: unable to spawn",
        why: "upstream without absolute paths looks a loop's own words up in PATH (surprises.md)",
    },
    Known {
        whose: Some(Whose::Newest),
        has: "forbacktickx",
        ours: "",
        theirs: "unable to exec pipeline",
        why: "upstream without absolute paths looks a loop's own words up in PATH (surprises.md)",
    },
    Known {
        whose: None,
        has: "-E",
        ours: "",
        theirs: "unable to exec importas",
        why: "upstream without absolute paths looks importas up in PATH (surprises.md)",
    },
    Known {
        whose: None,
        has: "multidefine",
        ours: "",
        theirs: "signal 11",
        why: "the original crashes without a name for the rest (execline/multidefine.md)",
    },
];

/// The number of the entry that explains why ours differs from theirs.
pub fn explain(script: &Script, whose: Whose, ours: &Outcome, theirs: &Outcome) -> Option<usize> {
    let script = text(&script.items);
    let holds = |bytes: &[u8], part: &str| {
        part.is_empty() || bytes.windows(part.len()).any(|window| window == part.as_bytes())
    };
    let said = |outcome: &Outcome, part: &str| {
        let files = outcome.files.values().map(|(_, content)| content);
        let texts = [&outcome.stdout, &outcome.stderr].into_iter().chain(files);
        holds(outcome.end.as_bytes(), part) || texts.into_iter().any(|text| holds(text, part))
    };
    KNOWN.iter().enumerate().position(|(number, known)| {
        number != CRASH
            && known.whose.is_none_or(|of| of == whose)
            && holds(&script, known.has)
            && said(ours, known.ours)
            && said(theirs, known.theirs)
    })
}

/// The scripts that do what the original does where it crashes, with the number of the entry that says
/// why: `crash`, a program that dies of SIGSEGV, stands where the original dies.
pub fn crashing(script: &Script, whose: Whose, crash: &str) -> Vec<(usize, Script)> {
    let mut all = Vec::new();
    let with = |items| Script { items, ..script.clone() };
    let mut filled = script.items.clone();
    if whose == Whose::Newest && fill(&mut filled, crash) {
        all.push((CRASH, with(filled)));
    }
    all.extend(ended(&script.items, crash).into_iter().map(|items| (KNOWN.len() - 1, with(items))));
    all
}

fn dying(crash: &str) -> [Item; 2] {
    [Item::plain(crash), Item::plain("11")]
}

/// Fills each empty block that something waits for; whether there was one.
fn fill(items: &mut [Item], crash: &str) -> bool {
    const WAITING: [(&[u8], usize); 4] =
        [(b"foreground", 1), (b"if", 1), (b"ifelse", 1), (b"ifthenelse", 3)];
    let mut left = 0;
    let mut filled = false;
    for item in items {
        match item {
            Item::Word(word) => {
                let waits = WAITING.iter().find(|(name, _)| name == word);
                left = waits.map_or(left, |(_, blocks)| *blocks);
            }
            Item::Block(inner) => {
                if inner.is_empty() && left > 0 {
                    inner.extend(dying(crash));
                    filled = true;
                }
                left = left.saturating_sub(1);
                filled |= fill(inner, crash);
            }
        }
    }
    filled
}

/// The chains that end at a `multidefine -r` without a name for the rest.
fn ended(items: &[Item], crash: &str) -> Vec<Vec<Item>> {
    let mut all = Vec::new();
    let mut begun = None;
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Word(word) if word == b"multidefine" => begun = Some(at),
            Item::Word(_) => {}
            Item::Block(inner) => {
                if let Some(begun) = begun.take()
                    && inner.last() == Some(&Item::plain("\"\""))
                    && items[begun..at].contains(&Item::plain("-r"))
                {
                    all.push([&items[..begun], &dying(crash)].concat());
                }
                let put = |inner| [&items[..at], &[Item::Block(inner)], &items[at + 1..]].concat();
                all.extend(ended(inner, crash).into_iter().map(put));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(inner: &[Item]) -> Item {
        Item::Block(inner.to_vec())
    }

    fn script(items: Vec<Item>) -> Script {
        Script { items, ..Script::default() }
    }

    #[test]
    fn only_blocks_that_are_waited_for_are_filled() {
        let word = Item::plain;
        let items = |first: Item| {
            let inner = [word("if"), word("-n"), word("-X"), first];
            vec![word("wait"), block(&[]), word("foreground"), block(&inner), block(&[])]
        };
        let filled = script(items(block(&dying("crash"))));
        let crashing = |script| crashing(&script, Whose::Newest, "crash");
        assert_eq!(crashing(script(items(block(&[])))), [(CRASH, filled.clone())]);
        assert_eq!(crashing(filled), []);
    }

    #[test]
    fn a_multidefine_without_a_name_for_the_rest_ends_its_chain() {
        let word = Item::plain;
        let chain = |keys: &[Item]| {
            let chain = [word("multidefine"), word("-r"), word("v"), block(keys), word("args")];
            vec![word("foreground"), block(&chain), word("args")]
        };
        let ended = vec![word("foreground"), block(&dying("crash")), word("args")];
        let crashing = |keys: &[Item]| crashing(&script(chain(keys)), Whose::Other, "crash");
        let last = KNOWN.len() - 1;
        assert_eq!(crashing(&[word("a"), word("\"\"")]), [(last, script(ended))]);
        assert_eq!(crashing(&[word("a")]), []);
        assert!(KNOWN[last].has == "multidefine");
    }
}
