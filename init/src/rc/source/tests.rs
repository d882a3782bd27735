use super::words::{kind, names, number, timeout};
use super::*;
use crate::rc::compiled::build::Set;
use std::os::unix::ffi::OsStringExt;

#[test]
fn types() {
    for (content, what) in [
        ("longrun\n", Some(Kind::Longrun)),
        ("oneshot", Some(Kind::Oneshot)),
        ("bundle\n", Some(Kind::Bundle)),
        // Nobody reads what is behind the eighth byte.
        ("longrun\n# a comment", Some(Kind::Longrun)),
        ("bundle\n\n", None),
        ("bundle \n", None),
        ("longrun\r\n", None),
        ("longruns", None),
        ("", None),
    ] {
        assert_eq!(kind(content.as_bytes()), what, "{content:?}");
    }
}

#[test]
fn numbers() {
    for (content, first, whole) in [
        ("5\n", Some(5), Some(5)),
        ("5", Some(5), Some(5)),
        ("5\n\n", Some(5), Some(5)),
        ("5\nx", Some(5), None),
        ("5 \n", None, None),
        ("\n5", None, None),
        ("-1\n", None, None),
        ("4294967296\n", None, None),
        ("5\r\n", None, None),
        ("", None, None),
    ] {
        assert_eq!(number(content.as_bytes()), first, "{content:?}");
        assert_eq!(timeout(content.as_bytes()), whole, "{content:?}");
    }
}

#[test]
fn lists() {
    let (first, again) = names(b"a\n \tb c\n#d\n\n  #e\na\nb c \n\x00x\nlast");
    let texts = |list: &[Named]| {
        list.iter().map(|n| String::from_utf8(n.name.clone()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&first), ["a", "b c", "b c ", "last"]);
    assert_eq!(texts(&again), ["a"]);
    assert_eq!((first[1].at.clone(), again[0].at.clone()), (4..7, 17..18));
}

/// A definition that nobody has read: kind, name, names in its list.
fn define(kind: Kind, name: &str, list: &str) -> Definition {
    let mut def = Definition::new(name.into(), 0);
    def.kind = kind;
    let file = if kind == Kind::Bundle { "contents" } else { "dependencies" };
    def.list = List { file, names: words(list) };
    def
}

fn words(list: &str) -> Vec<Named> {
    list.split_whitespace().map(|name| Named { name: name.into(), at: 0..1 }).collect()
}

fn linked(definitions: Vec<Definition>) -> Result<Set, Vec<String>> {
    let sources = Sources { dirs: vec![b"s".to_vec()], definitions };
    let mut faults = Vec::new();
    let set = link(&sources, &mut faults);
    set.ok_or_else(|| faults.iter().map(|f| String::from_utf8(f.message("x")).unwrap()).collect())
}

/// The names of services that are in a list of a set.
fn of(set: &Set, ids: &[u32]) -> String {
    let name = |&id: &u32| String::from_utf8_lossy(&set.services[id as usize].name).into_owned();
    ids.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn dependencies(set: &Set, name: &str) -> String {
    let service = set.services.iter().find(|s| s.name == name.as_bytes()).unwrap();
    of(set, &service.dependencies)
}

fn produces(mut def: Definition, consumer: &str) -> Definition {
    def.producer_for = List { file: "producer-for", names: words(consumer) };
    def
}

fn consumes(mut def: Definition, producers: &str) -> Definition {
    def.consumer_for = List { file: "consumer-for", names: words(producers) };
    def
}

#[test]
fn bundles_stand_for_what_is_in_them() {
    let mut outer = define(Kind::Bundle, "outer", "inner b");
    outer.flags = 1;
    let set = linked(vec![
        define(Kind::Longrun, "a", "outer"),
        define(Kind::Longrun, "b", ""),
        define(Kind::Oneshot, "c", "b"),
        define(Kind::Bundle, "inner", "c"),
        outer,
    ])
    .unwrap();
    assert_eq!(dependencies(&set, "a"), "b c");
    assert_eq!(dependencies(&set, "c"), "b s6rc-oneshot-runner");
    assert_eq!(of(&set, &set.bundles[1].contents), "b c");
    let flags: Vec<u32> = set.services.iter().skip(2).map(|s| s.flags).collect();
    assert_eq!(flags, [0, 1, 1]);
}

#[test]
fn pipelines_are_dependencies_and_bundles() {
    let mut log = consumes(define(Kind::Longrun, "log", ""), "mid");
    log.pipeline_name.names = words("all");
    let set = linked(vec![
        produces(define(Kind::Longrun, "a", ""), "mid"),
        produces(define(Kind::Longrun, "b", ""), "mid"),
        log,
        produces(consumes(define(Kind::Longrun, "mid", ""), "b a"), "log"),
        define(Kind::Oneshot, "user", "all"),
    ])
    .unwrap();
    assert_eq!(dependencies(&set, "a"), "mid s6rc-fdholder");
    assert_eq!(dependencies(&set, "mid"), "log s6rc-fdholder");
    assert_eq!(dependencies(&set, "log"), "s6rc-fdholder");
    assert_eq!(dependencies(&set, "user"), "a b log mid s6rc-oneshot-runner");
    assert_eq!(set.services[2].consumer, Some(5));
    assert_eq!((set.ranks[2], set.ranks[3]), (1, 0));
}

#[test]
fn cycles_are_told_once_each_with_their_files() {
    let found = linked(vec![
        define(Kind::Longrun, "a", "b"),
        define(Kind::Longrun, "b", "all"),
        define(Kind::Bundle, "all", "d a"),
        define(Kind::Longrun, "d", ""),
        define(Kind::Longrun, "e", "e"),
        define(Kind::Bundle, "f", "g"),
        define(Kind::Bundle, "g", "f"),
        produces(define(Kind::Longrun, "p", ""), "q"),
        consumes(define(Kind::Longrun, "q", "p"), "p"),
    ])
    .unwrap_err();
    let text = found.concat();
    assert_eq!(found.len(), 4, "{text}");
    for line in [
        "cyclic service dependency reached from a and involving b: a -> b -> all -> a\n\
         help: one of these has to go: s/a/dependencies, s/b/dependencies, s/all/contents\n",
        "reached from e and involving e: e -> e\n",
        "resolution of f encountered a cycle involving g: f -> g -> f\n",
        "p -> q -> p\nhelp: one of these has to go: s/p/producer-for, s/q/dependencies\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn what_does_not_fit_together() {
    let mut named = consumes(define(Kind::Longrun, "n", ""), "m");
    named.pipeline_name = List { file: "pipeline-name", names: words("o") };
    let found = linked(vec![
        produces(define(Kind::Longrun, "a", "nothing ba"), "b"),
        define(Kind::Longrun, "b", ""),
        consumes(define(Kind::Longrun, "c", ""), "b o"),
        define(Kind::Oneshot, "o", ""),
        consumes(define(Kind::Longrun, "d", ""), "a missing"),
        define(Kind::Unknown, "u", ""),
        define(Kind::Longrun, "v", "u"),
        produces(define(Kind::Longrun, "m", ""), "n"),
        named,
        define(Kind::Bundle, "v", ""),
    ])
    .unwrap_err();
    let text = found.concat();
    for line in [
        "duplicate service definition: v defined in s is already defined and has type longrun\n",
        "duplicate service definition: o defined in s/n/pipeline-name is already defined and has \
         type oneshot\nhelp: the other one is s/o: rename or remove one of them\n",
        "longrun service a declares being a producer for a service named b that does not declare \
         it back\nhelp: add a line to s/b/consumer-for: a\n",
        "longrun service c declares being the consumer for a service named b that does not \
         declare it back\nhelp: write into s/b/producer-for: c\n",
        "longrun service c declares being the consumer for a service named o of type oneshot\n",
        "for a service named a that does not declare it back\nhelp: s/a/producer-for says b, and",
        "for a service named missing of type unknown\n",
        "for service a: undefined service name nothing\nhelp: s/a/dependencies names it: define",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(found.len(), 9, "{text}");
}

#[test]
fn a_name_is_guessed() {
    let found = linked(vec![
        define(Kind::Oneshot, "network", ""),
        Definition {
            list: List {
                file: "dependencies",
                names: vec![Named { name: b"network\r".to_vec(), at: 0..8 }],
            },
            ..define(Kind::Oneshot, "a", "")
        },
        define(Kind::Bundle, "b", "netwrok"),
    ])
    .unwrap_err();
    assert!(found[0].contains("there is network, without the blanks around it (the file has CRLF"));
    assert!(found[1].contains("s/b/contents names it: is it network that is meant?"));
}

#[test]
fn ten_thousand_in_a_row_are_no_trouble() {
    let def = |i: usize| define(Kind::Longrun, &format!("s{i}"), &format!("s{}", i + 1));
    let mut all: Vec<_> = (0..10_000).map(def).collect();
    all.push(define(Kind::Longrun, "s10000", ""));
    let set = linked(all.clone()).unwrap();
    assert_eq!(dependencies(&set, "s77"), "s78");
    all[9_999].list.names = words("s0");
    let found = linked(all).unwrap_err();
    assert_eq!(found.len(), 1);
}

#[test]
fn a_bundle_of_many_directories_has_what_each_says() {
    let dir = std::env::temp_dir().join(format!("chainit-bundles-{}", std::process::id()));
    let put = |path: &str, text: &str| {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (path, text) in [
        ("one/user/contents.d/a", ""),
        ("one/a/type", "bundle\n"),
        ("two/user/type", "bundle\n"),
        ("two/user/contents.d/a", ""),
        ("two/user/contents.d/b", ""),
        ("two/b/type", "bundle\n"),
        ("three/user/contents.d/c", ""),
        ("three/other/type", "bundle\n"),
        ("three/other/contents.d/c", ""),
    ] {
        put(path, text);
    }
    let paths = ["one", "two", "three"].map(|name| dir.join(name).into_os_string().into_vec());
    let dirs: Vec<&[u8]> = paths.iter().map(|path| &path[..]).collect();
    let talk = Talk { who: "x", verbosity: 0 };
    let read = |bundles: &[&[u8]]| {
        let sources = read::read_with(&dirs, bundles, talk, &mut Vec::new());
        let list = |def: &Definition| {
            let names = def.list.names.iter().map(|named| &named.name[..]);
            [&def.name[..], &names.collect::<Vec<_>>().join(&b' ')].join(&b':')
        };
        let all: Vec<Vec<u8>> = sources.definitions.iter().map(list).collect();
        String::from_utf8(all.join(&b'\n')).unwrap()
    };
    assert_eq!(read(&[b"user", b"user2"]), "a:\nuser:a b c\nb:\nother:c\nuser2:");
    assert_eq!(read(&[]), "a:\nuser:\nb:\nuser:a b\nother:c\nuser:");
    std::fs::remove_dir_all(dir).unwrap();
}
