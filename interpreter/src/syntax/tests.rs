use super::*;
use SyntaxErrorKind as Kind;

fn words(source: &str) -> Result<Vec<String>, (Kind, Range<usize>)> {
    let parsed = parse(source.as_bytes()).map_err(|e| (e.kind, e.place))?;
    let mut words: Vec<String> =
        parsed.blob.split(|&b| b == 0).map(|w| String::from_utf8_lossy(w).into()).collect();
    assert_eq!(words.pop().as_deref(), Some(""), "the blob ends with a NUL");
    assert_eq!(words.len(), parsed.count);
    Ok(words)
}

#[test]
fn words_and_comments() {
    for (source, expected) in [
        ("", &[][..]),
        ("#!/command/execlineb -P\necho a", &["echo", "a"]),
        ("a\tb\rc\x01d\n\n e", &["a", "b", "c", "d", "e"]),
        ("a#b # c\n#d\\\ne#", &["a#b", "e#"]),
        ("\\#a \\ b \\\"c", &["#a", " b", "\"c"]),
        ("a\\\nb \\\n c \\", &["a\nb", "c"]),
        ("\\n\\65\\0", &["n650"]),
        ("a\0b {", &["a"]),
        ("é\x7f", &["é\x7f"]),
    ] {
        assert_eq!(words(source).as_deref(), Ok(expected.map_owned().as_slice()), "{source:?}");
    }
}

#[test]
fn quotes_and_escapes() {
    for (source, expected) in [
        (r#""""#, ""),
        (r#"a"b c"d"#, "ab cd"),
        (r#""a""b""#, "ab"),
        ("\"a\\\nb\nc\"", "ab\nc"),
        (r#""\a\b\t\n\v\f\r""#, "\x07\x08\t\n\x0b\x0c\r"),
        (r#""\"\\\q\{""#, "\"\\q{"),
        (r#""\0x41\0x4\0x4g""#, "A\x04\x04g"),
        (r#""\0101\011\0018""#, "A\t\x018"),
        (r#""\65\9a\1234""#, "A\ta{4"),
        (r#""\65"#, "A"),
        (r##""#{}""##, "#{}"),
    ] {
        assert_eq!(words(source), Ok(vec![expected.to_owned()]), "{source:?}");
    }
}

#[test]
fn blocks_become_spaces() {
    for (source, expected) in [
        ("if { a } b", &["if", " a", "", "b"][..]),
        ("{ a { b }\n}", &[" a", "  b", " ", ""]),
        ("{\n}", &[""]),
        ("a{ b{} c} {d }e", &["a{", "b{}", "c}", "{d", "}e"]),
        ("{\"a\" \"{\" \\{ {# {{", &["{a", "{", "{", "{#", "{{"]),
        ("{ \"\" }", &[" ", ""]),
    ] {
        assert_eq!(words(source).as_deref(), Ok(expected.map_owned().as_slice()), "{source:?}");
    }
}

#[test]
fn a_brace_before_a_backslash_joins_the_next_word() {
    for (source, expected) in [
        ("{\\a", &["{a"][..]),
        ("{\\\n b c", &["{b", "c"]),
        ("{ {\\\n b }", &[" { b", ""]),
        ("{ }\\a }", &[" } a", ""]),
        ("{ a {\\\n }", &[" a", " {"]),
        ("a {\\", &["a"]),
        ("a }\\\n", &["a"]),
    ] {
        assert_eq!(words(source).as_deref(), Ok(expected.map_owned().as_slice()), "{source:?}");
    }
}

#[test]
fn errors_say_where() {
    for (source, kind, place) in [
        ("if { a", Kind::UnmatchedOpen, 3..4),
        ("{ a { b }", Kind::UnmatchedOpen, 0..1),
        ("a }", Kind::UnmatchedClose, 2..3),
        ("a } \"", Kind::UnmatchedClose, 2..3),
        ("a {", Kind::OpenAtEnd, 2..3),
        ("a \"b\n", Kind::UnterminatedQuote, 2..3),
        ("a\\", Kind::BackslashAtEnd, 1..2),
        ("\"a\\", Kind::BackslashAtEnd, 2..3),
        (r#""a\08""#, Kind::NoDigits, 2..4),
        (r#""a\0xg""#, Kind::NoDigits, 2..5),
        (r#""\0"#, Kind::NoDigits, 1..3),
        (r#""\000""#, Kind::NullEscape, 1..5),
        (r#"a "\256""#, Kind::EscapeTooBig(256), 3..7),
        (r#""\0777"#, Kind::EscapeTooBig(511), 1..6),
    ] {
        assert_eq!(words(source), Err((kind, place)), "{source:?}");
    }
}

#[test]
fn every_word_has_its_place() {
    let source = b"#!x\nif { echo \"a b\" }\n{\\\n c";
    let parsed = parse(source).unwrap();
    let spans = spans(source);
    let written: Vec<&[u8]> = spans.iter().map(|s| &source[s.source.clone()]).collect();
    assert_eq!(written, [&b"if"[..], b"echo", b"\"a b\"", b"}", b"{\\\n c"]);
    let blob: Vec<u8> = spans.iter().flat_map(|s| parsed.blob[s.blob.clone()].to_vec()).collect();
    assert_eq!(blob, parsed.blob);
    assert_eq!(place_of(source, 0), Some(4..6));
    assert_eq!(place_of(source, 9), Some(14..19));
    assert_eq!(place_of(source, parsed.blob.len()), None);
}

#[test]
fn nesting_that_would_fill_memory_is_an_error() {
    let deep = 100_000;
    let source = "{ ".repeat(deep) + &"} ".repeat(deep);
    assert_eq!(words(&source).map_err(|e| e.0), Err(Kind::TooDeep));
    assert_eq!(words(&"{ ".repeat(deep)), Err((Kind::UnmatchedOpen, 199_998..199_999)));
}

#[test]
fn random_bytes_never_panic_and_spans_cover_the_blob() {
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize
    };
    for _ in 0..50_000 {
        let alphabet = b"{}\\\"# \n\0a0x17nf9\xff";
        let source: Vec<u8> = (0..next() % 16).map(|_| alphabet[next() % alphabet.len()]).collect();
        let spans = spans(&source);
        assert!(spans.windows(2).all(|w| w[0].blob.end == w[1].blob.start));
        match parse(&source) {
            Ok(parsed) => {
                assert_eq!(spans.len(), parsed.count);
                assert_eq!(spans.last().map_or(0, |s| s.blob.end), parsed.blob.len());
            }
            Err(error) => {
                let place = error.place;
                assert!(place.start < place.end && place.end <= source.len(), "{source:?}");
            }
        }
    }
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&w| w.to_owned()).collect()
    }
}
