use super::*;
use crate::arg::leak;

fn keys(table: &[(&str, &[&str])]) -> Vec<Subst> {
    let subst = |(name, values): &(&str, &[&str])| Subst {
        name: name.as_bytes().to_vec(),
        values: values.iter().map(|v| v.as_bytes().to_vec()).collect(),
    };
    table.iter().map(subst).collect()
}

fn run(keys: &[Subst], word: &str) -> Vec<&'static str> {
    let words = substitute(&[leak(word.into())], &keys).unwrap();
    words.iter().map(|w| w.to_str().unwrap()).collect()
}

#[test]
fn a_key_is_replaced_where_it_is_written_whole() {
    let keys = keys(&[("A", &["val"]), ("a b", &["spaced"]), ("", &["never"])]);
    for (word, result) in [
        ("$A", "val"),
        ("${A}", "val"),
        ("x${A}y$A", "xvalyval"),
        ("$AB", "$AB"),
        ("$A B", "$A B"),
        ("$A$A", "valval"),
        ("$A}", "val}"),
        ("$A{", "val{"),
        ("$A{A}", "val{A}"),
        ("${A", "${A"),
        ("${A{", "${A{"),
        ("${A$A}", "${Aval}"),
        ("${$A", "${val"),
        ("${${A}}", "${val}"),
        ("$$A", "$val"),
        ("$", "$"),
        ("${", "${"),
        ("${}", "${}"),
        ("$}A", "$}A"),
        ("${a b}$a b", "spacedspaced"),
        ("$a b", "spaced"),
        (" $A", " val"),
    ] {
        assert_eq!(run(&keys, word), [result], "{word}");
    }
}

#[test]
fn backslashes_before_a_key_are_halved_and_an_odd_one_quotes_it() {
    let keys = keys(&[("A", &["val"])]);
    for (word, result) in [
        (r"\$A", r"$A"),
        (r"\\$A", r"\val"),
        (r"\\\$A", r"\$A"),
        (r"\\\\$A", r"\\val"),
        (r"\\\\\${A}x", r"\\${A}x"),
        (r"\\\\$B", r"\\\\$B"),
        (r"\$$A", r"\$val"),
        (r"$\$A", r"$$A"),
        (r"$A\$A\\$A", r"val$A\val"),
        (r"$A\B\", r"val\B\"),
        (r"${A\}", r"${A\}"),
        (r"\ $A", r"\ val"),
    ] {
        assert_eq!(run(&keys, word), [result], "{word}");
    }
}

#[test]
fn several_values_make_several_words() {
    let keys = keys(&[("A", &["1", "2", "3"]), ("B", &["x", "y"]), ("N", &[]), ("E", &[""])]);
    assert_eq!(run(&keys, "p${A}s"), ["p1s", "p2s", "p3s"]);
    assert_eq!(run(&keys, "${A}${B}"), ["1x", "1y", "2x", "2y", "3x", "3y"]);
    assert_eq!(run(&keys, "${B}${B}"), ["xx", "xy", "yx", "yy"]);
    assert_eq!(run(&keys, "$N"), [""; 0]);
    assert_eq!(run(&keys, "${A}$N"), [""; 0]);
    assert_eq!(run(&keys, r"\${N}$A"), ["${N}1", "${N}2", "${N}3"]);
    assert_eq!(run(&keys, "$E"), [""]);
}

#[test]
fn values_are_not_substituted_again() {
    let keys = keys(&[("A", &["$B", "\\"]), ("B", &["$A"])]);
    assert_eq!(run(&keys, "${A}${B}"), ["$B$A", "\\$A"]);
}

#[test]
fn words_without_a_key_are_the_same_pointers() {
    let words: Vec<Arg> = ["a", "$B", r"\\$B"].map(|w| leak(w.into())).to_vec();
    let out = substitute(&words, &keys(&[("A", &["x"])])).unwrap();
    assert!(words.iter().zip(&out).all(|(a, b)| std::ptr::eq(*a, *b)));
}

#[test]
fn new_and_old_words_keep_their_order() {
    let words = [c"a", c"$A", c"b", c"$N", c"${A}", c"c"];
    let out = substitute(&words, &keys(&[("A", &["1", "2"]), ("N", &[])])).unwrap();
    assert_eq!(out, [c"a", c"1", c"2", c"b", c"1", c"2", c"c"]);
}

#[test]
fn a_command_line_is_substituted_as_its_words_are() {
    let words = [c"a", c"$A", c"x$B", c"$C", c"\\\\$A", c"${B}-$A", c"end"];
    for b in [&["one"][..], &["one", "two"], &[]] {
        let keys = keys(&[("A", &["$B"]), ("B", b)]);
        let line = substitute_in(Argv::new(words.to_vec()), &keys).unwrap();
        assert_eq!(*line, substitute(&words, &keys).unwrap());
    }
}

#[test]
fn a_product_beyond_memory_is_an_error() {
    let ten: Vec<&str> = vec!["x"; 10];
    let keys = keys(&[("A", &ten), ("N", &[])]);
    let huge = "$A".repeat(40);
    assert_eq!(substitute(&[leak(huge.clone().into())], &keys), Err(TooBig));
    assert_eq!(substitute(&[leak((huge + "$N").into())], &keys), Ok(vec![]));
}

/// The rule on backslashes, said another way, must agree on random words.
#[test]
fn random_words_agree_with_a_plain_reading_of_the_rules() {
    let keys = keys(&[("A", &["v"])]);
    let mut seed = 7u64;
    for _ in 0..20_000 {
        let word: Vec<u8> = (0..8)
            .map(|_| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                b"\\\\$$A{}x"[(seed >> 61) as usize]
            })
            .collect();
        let word = String::from_utf8(word).unwrap();
        assert_eq!(run(&keys, &word), [plain(&word)], "{word}");
    }
}

fn plain(word: &str) -> String {
    let Some(dollar) = word.find("$A").into_iter().chain(word.find("${A}")).min() else {
        return word.to_owned();
    };
    let (before, at) = word.split_at(dollar);
    let (len, tail) = if at.starts_with("${A}") { (4, "") } else { (2, &at[2..]) };
    let is_key = tail.is_empty() || tail.starts_with(['\\', '$', '{', '}']);
    let kept = before.trim_end_matches('\\');
    let backslashes = before.len() - kept.len();
    let rest = plain(&at[len..]);
    match (is_key, backslashes % 2) {
        (false, _) => before.to_owned() + &at[..len] + &rest,
        (true, 0) => format!("{kept}{}v{rest}", "\\".repeat(backslashes / 2)),
        (true, _) => format!("{kept}{}{}{rest}", "\\".repeat(backslashes / 2), &at[..len]),
    }
}

#[test]
fn a_key_is_found_wherever_it_stands() {
    for before in 0..40 {
        for behind in 0..10 {
            let word =
                [&b"\xa4\x25#x".repeat(10)[..before], b"$A", &b"!$".repeat(5)[..behind]].concat();
            let found: Vec<usize> = references(&word).map(|found| found.dollar).collect();
            let first = before + 2;
            let more = (first + 1..word.len()).step_by(2).filter(|at| at + 1 < word.len());
            assert_eq!(found[0], before);
            assert_eq!(found[1..].to_vec(), more.collect::<Vec<_>>());
        }
    }
}
