use super::*;
use interpreter::arg::leak;

fn words(line: &str) -> Vec<Arg> {
    line.split_whitespace().map(|w| leak(w.into())).collect()
}

/// The value of an expression whose operands are `t`, true, and anything else, false; and the
/// operands that were asked.
fn value(line: &str) -> (bool, String) {
    let steps = compile(&words(line)).unwrap();
    let (mut value, mut asked, mut at) = (false, String::new(), 0);
    while let Some(step) = steps.get(at) {
        at += 1;
        match *step {
            Step::Unary(_, word) => {
                value = word.to_bytes() == b"t";
                asked += word.to_str().unwrap();
            }
            Step::Binary(..) => panic!("no binary operator in {line}"),
            Step::Not => value = !value,
            Step::SkipIf(wanted, to) if wanted == value => at = to,
            Step::SkipIf(..) => {}
        }
    }
    (value, asked)
}

#[test]
fn precedence_and_what_is_not_asked() {
    for (line, result, asked) in [
        ("t", true, "t"),
        ("! t", false, "t"),
        ("! ! t", true, "t"),
        ("f -a x", false, "f"),
        ("t -o x", true, "t"),
        ("t -a f -a x", false, "tf"),
        ("f -a x -o t", true, "ft"),
        ("t -o x -a y", true, "t"),
        ("f -o t -a f", false, "ftf"),
        ("! f -a t", true, "ft"),
        ("! ( f -a x )", true, "f"),
        ("( t -o x ) -a f", false, "tf"),
        ("( ( f ) -o ! ( t ) ) -o t", true, "ftt"),
        ("-n t -a ! -z f", true, "tf"),
    ] {
        assert_eq!(value(line), (result, asked.to_owned()), "{line}");
    }
}

#[test]
fn operators_are_operators_everywhere_and_a_backslash_ends_that() {
    let only = |line| compile(&words(line)).map(|steps| steps[0]);
    let equal = Binary::Order(Order::Equal);
    assert_eq!(only("\\-n = \\-n"), Ok(Step::Binary(equal, c"-n", c"-n")));
    assert_eq!(only("\\\\x"), Ok(Step::Unary(Unary::NonEmpty, c"\\x")));
    assert_eq!(only("-z \\("), Ok(Step::Unary(Unary::Empty, c"(")));
    assert_eq!(only("-q"), Ok(Step::Unary(Unary::NonEmpty, c"-q")));
}

#[test]
fn what_is_no_expression() {
    for (line, message) in [
        ("-n = -n", "parse error at argument 1"),
        ("a b", "parse error at argument 1"),
        ("a =", "parse error at argument 2"),
        ("a = b = c", "parse error at argument 3"),
        ("-n a = b", "parse error at argument 2"),
        ("!", "parse error at argument 1"),
        ("( )", "parse error at argument 1"),
        ("a -a", "parse error at argument 2"),
        ("-a a", "parse error at argument 0"),
        ("a )", "parse error: bad right parenthesis at argument 1"),
        ("( a", "parse error: too many left parentheses"),
        ("( a ) b", "parse error at argument 3"),
        ("= a", "parse error at argument 0"),
    ] {
        let error = compile(&words(line)).unwrap_err().to_string();
        assert!(error.starts_with(message), "{line}: {error}");
    }
    assert!(compile(&[]).is_err());
}
