//! The trace in JSON.

use crate::json::Value;
use crate::lab::Lab;
use tests::harness::Outcome;

fn objects(lab: &Lab) -> Vec<Value> {
    lab.read("trace").lines().map(Value::read).collect()
}

fn strings(list: &[Value]) -> Vec<&str> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone().leak() as &str,
        other => panic!("no text: {other:?}"),
    };
    list.iter().map(text).collect()
}

pub fn lines() -> Outcome {
    let long = "x".repeat(5000);
    for lab in Lab::both("trace-json") {
        let script = format!(
            "export A {long} unexport A foreground {{ sh -c \"kill $$\" }} foreground {{ nowhere }} \
             if {{ exit 300 }} s6-true"
        );
        let out = lab.traced("json", &script);
        assert_eq!(out.status.code(), Some(44));
        let all = objects(&lab);
        let common = ["time", "pid", "ppid", "depth", "event"];
        for line in &all {
            assert_eq!(line.keys()[..5], common, "{line:?}");
        }
        let fields: Vec<String> = all.iter().map(|line| line.keys()[5..].join(" ")).collect();
        let events: Vec<String> = all
            .iter()
            .zip(&fields)
            .map(|(line, keys)| format!("{}: {keys}", line.text("event")))
            .collect();
        let expected = [
            "word: name own argv",
            "word: name own argv",
            "word: name own argv set",
            "word: name own argv unset",
            "exec: file argv",
            "end: child signal",
            "word: name own argv set",
            "failed: program error",
            "word: name own argv set",
            "word: name own argv",
            "exit: name code",
            "end: child code",
            "exit: name code",
        ];
        assert_eq!(events, expected);
        assert_eq!(strings(all[1].list("argv"))[..4], ["export", "A", &long, "unexport"]);
        assert_eq!(strings(all[2].list("set")), [format!("A={long}")]);
        assert_eq!(strings(all[3].list("unset")), ["A"]);
        assert_eq!(all[4].text("file"), "/usr/bin/sh");
        assert_eq!(strings(all[4].list("argv")), ["sh", "-c", "kill $$"]);
        // A block's program is a child of the process before it, one level deeper.
        assert_eq!(all[4].number("ppid"), all[3].number("pid"));
        assert_eq!((all[3].number("depth"), all[4].number("depth")), (0.0, 1.0));
        assert_eq!(all[5].number("child"), all[4].number("pid"));
        assert_eq!(all[5].number("signal"), 15.0);
        assert_eq!(all[7].text("program"), "nowhere");
        assert_eq!(all[7].text("error"), "No such file or directory");
        assert_eq!(all[9].number("ppid"), all[0].number("pid"));
        // As a parent sees it.
        assert_eq!(all[10].number("code"), 44.0);
        assert_eq!(all[12].text("name"), "if");
        let ours = |line: &&Value| line.number("depth") == 0.0;
        let first = all[0].number("pid");
        assert!(all.iter().filter(ours).all(|line| line.number("pid") == first));
    }
    Outcome::Passed
}

pub fn bytes() -> Outcome {
    for lab in Lab::both("trace-bytes") {
        let script = "export A \"\\0xff\\0x80\" s6-echo \"\\\"\\n\\0x1\\\\\" \"ä\\0xff\"";
        let out = lab.traced("json", script);
        assert_eq!(out.stdout, b"\"\n\x01\\ \xc3\xa4\xff\n");
        let all = objects(&lab);
        let bytes =
            |bytes: &[u8]| Value::List(bytes.iter().map(|&b| Value::Number(b.into())).collect());
        assert_eq!(all[2].list("set"), [bytes(b"A=\xff\x80")]);
        let argv = all[2].list("argv");
        assert_eq!(argv[1], Value::Text("\"\n\u{1}\\".to_owned()));
        assert_eq!(
            argv[2],
            bytes("ä".as_bytes().iter().chain(b"\xff").copied().collect::<Vec<_>>().as_slice())
        );
        let out = lab.traced("text", script);
        assert!(out.status.success());
        assert!(lab.read("trace").contains("+A=\"\\xff\\x80\""), "{}", lab.read("trace"));
    }
    Outcome::Passed
}

pub fn many_writers() -> Outcome {
    for lab in Lab::both("trace-many") {
        let word = "w".repeat(3000);
        let one = format!("background {{ foreground {{ s6-true {word} }} s6-true {word} }} ");
        let out = lab.traced("json", &format!("{}wait {{ }} s6-true", one.repeat(12)));
        assert!(out.status.success());
        let all = objects(&lab);
        let of = |event: &str, name: &str| {
            let is = |line: &&Value| {
                line.text("event") == event && (name.is_empty() || line.text("name") == name)
            };
            all.iter().filter(is).count()
        };
        assert_eq!(of("word", "foreground"), 12);
        assert_eq!(of("word", "s6-true"), 25);
        assert_eq!(of("exit", ""), 25);
        assert_eq!(of("end", ""), 24);
    }
    Outcome::Passed
}
