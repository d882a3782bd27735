use super::*;

/// A shape in a line: options, then parts.
fn show(usage: &'static str) -> String {
    let shape = parse(usage);
    let mut out = String::new();
    for option in &shape.options {
        out.push(option.letter.into());
        if let Some(argument) = option.argument {
            out += &format!("={argument},");
        }
    }
    for part in &shape.parts {
        let name = part.name;
        let text = match part.takes {
            Takes::Word => name.to_owned(),
            Takes::Words => format!("{name}*"),
            Takes::Block(holds) => format!("{{{name}:{holds:?}}}"),
            Takes::Chain => format!("->{name}"),
        };
        out += if part.optional { " ?" } else { " " };
        out += &text;
    }
    out
}

#[test]
fn usage_lines_of_every_kind() {
    for (usage, shape) in [
        ("fdclose fd prog...", " fd ->prog"),
        ("exec [ -c ] [ -l ] [ -a argv0 ] prog...", "cla=argv0, ->prog"),
        (
            "backtick [ -i | -D default ] [ -N | -n ] var { prog... } remainder...",
            "iD=default,Nn var {prog:Chain} ->remainder",
        ),
        (
            "ifelse [ -n ] { command-if } { command-then... } command-else...",
            "n {command-if:Chain} {command-then:Chain} ->command-else",
        ),
        (
            "case [ -s | -S ] value { re1 { prog1... } re2 { prog2... } ... } progdefault... ",
            "sS value {re1:Cases} ->progdefault",
        ),
        ("trap [ -x ] { signal { cmdline } ... } prog...", "x {signal:Cases} ->prog"),
        (
            "forbacktickx [ -p | -P maxpar ] [ -0 | -d delim ] var { backtickcmd... } command...",
            "pP=maxpar,0d=delim, var {backtickcmd:Chain} ->command",
        ),
        ("forx var { values... } loop...", " var {values:Words} ->loop"),
        (
            "multisubstitute { [ define ... | importas ... ]... } prog...",
            " {define:Directives} ->prog",
        ),
        ("redirfd -[ r | w ] [ -b ] fd|var file prog...", "rwb fd|var file ->prog"),
        (
            "wait [ -r | -t timeout ] [ { pids... } ] [ prog... ]",
            "rt=timeout, ?{pids:Words} ?->prog",
        ),
        ("posix-cd [ -L | -P ] [ - | path ] [ prog... ]", "LP ?path ?->prog"),
        (
            "s6-svlisten [ -U | -u ] [ -t timeout ] servicedir... \"\" prog...",
            "Uut=timeout, {servicedir:Words} ->prog",
        ),
        ("s6-ftrig-listen [ -a ] fifodir1 regexp1 ... \"\" prog...", "a {fifodir1:Words} ->prog"),
        (
            "s6-svc [ -wu | -wU ] [ -s signal | -abq ] servicedirs...",
            "wuUs=signal,abq servicedirs*",
        ),
        ("s6-head [ -S ] [ -1..3 | -n lines ] [ file... ]", "S123n=lines, ?file*"),
        ("s6-env [ -i ] [ name=value... ] prog...", "i ?name=value* ->prog"),
        (
            "s6-x [ -E envdir [ -e var ... ] ] [ -U | -u uid -g gid ] user dir",
            "E=envdir,e=var,Uu=uid,g=gid, user dir",
        ),
        ("s6-update-symlinks /destdir /srcdir [ /srcdir ... ]", " /destdir /srcdir ?/srcdir*"),
        ("s6-touch file ...", " file*"),
        ("s6-log [ -b ] [ -- ] logging_script...", "b logging_script*"),
        ("s6-x [ -1 ] < file", "1"),
        ("runblock [ -r ] n [ cmd... ]", "r n ?->cmd"),
        ("s6-true", ""),
    ] {
        assert_eq!(show(usage), shape, "{usage}");
    }
}

#[test]
fn every_command_has_a_shape() {
    for command in crate::tables().flatten() {
        let shape = parse(command.usage);
        let words = command.usage.split_ascii_whitespace().count();
        assert_eq!(words == 1, shape == Shape::default(), "{}", command.usage);
        for part in &shape.parts {
            assert!(!part.name.is_empty(), "{}", command.usage);
        }
        let chain = shape.parts.iter().position(|p| p.takes == Takes::Chain);
        let last = chain.is_none_or(|at| at + 1 == shape.parts.len());
        assert!(last, "nothing follows a chain: {}", command.usage);
    }
}

#[test]
fn the_blocks_of_execlines_commands() {
    for (name, blocks, chain) in [
        ("background", "Chain", "?"),
        ("backtick", "Chain", "->"),
        ("case", "Cases", "?"),
        ("export-array", "Words", "->"),
        ("forbacktickx", "Chain", "->"),
        ("foreground", "Chain", "?"),
        ("forx", "Words", "->"),
        ("if", "Chain", "?"),
        ("ifelse", "Chain Chain", "?"),
        ("ifte", "Chain Chain", "->"),
        ("ifthenelse", "Chain Chain Chain", "?"),
        ("multidefine", "Words", "?"),
        ("multisubstitute", "Directives", "->"),
        ("pipeline", "Chain", "->"),
        ("trap", "Cases", "->"),
        ("tryexec", "Chain", "?"),
        ("wait", "Words", "?"),
    ] {
        let Some(command) = crate::index::find(name.as_bytes()) else { continue };
        let shape = parse(command.usage);
        let held: Vec<String> = shape
            .parts
            .iter()
            .filter_map(|p| match p.takes {
                Takes::Block(holds) => Some(format!("{holds:?}")),
                _ => None,
            })
            .collect();
        assert_eq!(held.join(" "), blocks, "{}", command.usage);
        let last = shape.parts.last().unwrap();
        assert_eq!(last.takes, Takes::Chain, "{}", command.usage);
        assert_eq!(if last.optional { "?" } else { "->" }, chain, "{}", command.usage);
    }
}
