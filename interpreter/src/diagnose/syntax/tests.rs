use super::syntax_message;
use crate::syntax::parse;

fn message(source: &str) -> String {
    let error = parse(source.as_bytes()).unwrap_err();
    String::from_utf8(syntax_message("execlineb", Some(b"run"), b"run", source.as_bytes(), &error))
        .unwrap()
}

#[test]
fn the_whole_of_a_message() {
    assert_eq!(
        message("#!/command/execlineb\nif { a\n\techo \"b\""),
        "execlineb: fatal: unmatched { in file run\n\
         run:2:4: this block is never closed\n  \
           if { a\n     \
              ^\n\
         help: a block ends with a } that is a word by itself\n"
    );
    let error = parse(b"a }").unwrap_err();
    assert_eq!(
        syntax_message("execlineb", None, b"-c", b"a }", &error),
        b"execlineb: fatal: unmatched }\n\
          -c:1:3: no block is open here\n  a }\n    ^\n\
          help: a } that is meant as a word is written \\}\n"
    );
}

#[test]
fn every_error_has_a_remedy_where_there_is_one() {
    for (source, parts) in [
        (
            "if { a}\nb",
            &["run:1:4:", "the } in a} at 1:6 closes no block: put spaces around the }"][..],
        ),
        ("if {a }\nb", &["run:1:7:", "the { in {a at 1:4 opens no block"]),
        ("if { a ${b} }\n}", &["run:2:1:", "opened at 1:4, ended at 1:13", "written \\}"]),
        (
            "a {\n  if {\n    b\n}\nc",
            &["run:1:3:", "the } in line 4 closes the block of line 2, but is not below it"],
        ),
        ("a {", &["syntax error in file run", "run:1:3:", "written \\{"]),
        ("a \"b\nc \"d\" e", &["run:2:5:", "the quotes opened at 1:3 go on to 2:3"]),
        ("if { a \"b\n} c\" ", &["run:1:4:", "the quotes opened at 1:8 go on to 2:4"]),
        ("a 'don\"t'", &["run:1:7:", "single quotes quote nothing"]),
        ("a \"b", &["run:1:3:", "close them"]),
        ("a\\", &["run:1:2:", "write \\\\ for a backslash"]),
        ("\"\\0\"", &["run:1:2:", "a number must follow"]),
        ("\"\\256\"", &["  \"\\256\"\n   ^^^^\n", "the byte 256"]),
        ("\"\\0x00\"", &["null byte"]),
        ("if { a\r\nb\r\n", &["CRLF line ends", "sed -i 's/\\r$//'"]),
    ] {
        let message = message(source);
        for part in parts {
            assert!(message.contains(part), "{source:?}: {part:?} is not in\n{message}");
        }
    }
}

#[test]
fn any_script_that_does_not_parse_gets_a_message() {
    let mut seed = 3u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize
    };
    for _ in 0..20_000 {
        let alphabet = b"{}\\\"# \n\r\0a0x1\t\xff\xc3\xa9'";
        let source: Vec<u8> = (0..next() % 20).map(|_| alphabet[next() % alphabet.len()]).collect();
        if let Err(error) = parse(&source) {
            let message = syntax_message("execlineb", Some(b"f"), b"f", &source, &error);
            assert!(std::str::from_utf8(&message).is_ok());
            assert!(message.contains(&b'^'));
        }
    }
}
