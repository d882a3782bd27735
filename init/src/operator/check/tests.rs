use super::file::Role;
use super::{World, examine};
use interpreter::diagnose::position;

/// A machine of which nothing is known.
fn nowhere() -> World<'static> {
    World { root: None, path: Vec::new() }
}

/// The findings, each as `rule@line:column`.
fn found_as(source: &str, role: Role) -> String {
    let show = |f: &super::Finding| {
        let (line, column) = position(source.as_bytes(), f.at.start);
        format!("{}@{line}:{column}", f.rule.name)
    };
    let found = examine(source.as_bytes(), role, &nowhere());
    found.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn found(script: &str) -> String {
    found_as(&format!("{script}\n"), Role::Any)
}

/// What is said of the only finding.
fn said(script: &str) -> String {
    let found = examine(format!("{script}\n").as_bytes(), Role::Any, &nowhere());
    assert_eq!(found.len(), 1, "{script}: {found:?}");
    let remark = &found[0].remark;
    let help = remark.help.iter().map(|h| [b"; ", &h[..]].concat()).collect::<Vec<_>>().concat();
    String::from_utf8([&remark.cause[..], &help].concat()).unwrap()
}

fn check_all(cases: &[(&str, &str)]) {
    let wrong = cases.iter().filter(|(script, rules)| found(script) != *rules);
    let wrong: Vec<_> = wrong.map(|(script, rules)| (script, found(script), rules)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_right_is_clean() {
    let clean = [
        "",
        "#!/command/execlineb -P\nnginx -g \"daemon off;\"",
        "foreground { echo hello }\nif -n { test -f /x }\nimportas -i x X\ncd ${x} prog",
        "backtick -E x { hostname } s6-echo \"host: ${x}\"",
        "forx -E i { 1 2 3 } echo $i",
        "forx i { 1 2 3 } importas -u j i echo $j",
        "multisubstitute { define a b importas c C elglob g /*.x } prog $a ${c}${g}",
        "multisubstitute { importas -S X importas -D \"\" y Y } prog $X $y",
        "importas -i x X case $x { \"a|b\" { s6-true } .* { s6-false } }",
        "exec -a name -c prog -x",
        "exec -a -x prog",
        "importas -uSi X prog ${X}/a.b",
        "elgetpositionals -P 2 prog $1 $@",
        "execlineb -S1 -c \"echo $1 ${@}\" a",
        "execlineb -Pc \"define x y  prog $x\"",
        "define x y execlineb -c \"prog $x\"",
        "wait { } prog",
        "wait 12 13",
        "if { importas -i x X }",
        "sh -c \"echo ${HOME} > /x && exit\"",
        "importas -i x X\nsh -c \"echo $x ${y}\"",
        "awk \"{ print $1 }\" file",
        "find /x -name a -exec rm \\{\\} \\;",
        "find /x -exec rm {} ;",
        "find /x -exec\n  cd {}\n  forx -E i { a b }\n    if { eltest -f $i }\n    rm $i\n  ;",
        "read",
        "multidefine -d: a:b:c { name kind on } prog $on",
        "my-globs x {\n  /a /b\n}\nimportas -i x x prog $x",
        "foreground { exportfs -ra }\ns6-notice \"it is done\"",
        "ssh-agent\nif { s6-true }\nsh",
        "foreground { s6-ln -sf /proc/self/fd /dev/fd }\ns6-ln a b dir",
        "nice grep a | b",
        "nice -n 5\ns6-setuidgid nobody\nprog",
        "env A=b\nif { test x } prog",
        "export PATH /foo:/bar cd / prog",
        "prog --if --export",
        "prog\n  --verbose\n  --x",
        "redirfd -w 1 /dev/null fdmove -c 2 1 prog",
        "redirfd -f -E -r fd /x prog $fd",
        "importas -s args ARGS\nexec $args\nprog",
        "define -s x \"a b\" cd $x",
        "define -n x prog $x { a }",
        "s6-echo -n -- a b",
        "s6-echo \"a && b > c\"",
        "test a = b",
        "expr 1 > 2",
        "trap { TERM { s6-true } int { s6-true } default { s6-true } } prog",
        "getpid -E p s6-echo $p",
        "foreground { }",
        "ifelse { s6-true } { } prog",
        "/usr/local/bin/script { s6-true } x",
        "umask 022 with-contenv s6-envuidgid -D 1:1: x prog",
        "emptyenv -P prog",
        "s6-log -b n20 s1000000 T /var/log/x",
        "s6-seq 3",
        "forbacktickx i { s6-seq -w 0 3 } s6-seq 0 2 8",
    ];
    check_all(&clean.map(|script| (script, "")));
}

#[test]
fn blocks() {
    check_all(&[
        ("if test -f /x", "block-missing@1:4"),
        ("if\n", "block-missing@1:1"),
        ("ifelse { s6-true } prog", "block-missing@1:20"),
        ("cd { /x } prog", "block-unexpected@1:4"),
        ("cd /x { prog }", "block-unexpected@1:7"),
        ("cd /x { forground } prog", "block-unexpected@1:7 unknown-word@1:9"),
        ("if { s6-true } { s6-true }", "block-unexpected@1:16"),
        ("if { } prog", "empty-block@1:4"),
        ("backtick x { } prog", "empty-block@1:12"),
        ("{ prog }", "block-unexpected@1:1"),
        ("nginx -g { x }", "block-for-program@1:10"),
        ("multisubstitute { { a } } prog", "bad-argument@1:19"),
        ("if { if { if x } }", "block-missing@1:14"),
    ]);
    assert!(said("if test -f /x").starts_with("if wants a block, { command... }, in this place; "));
    assert!(said("if [ -f /x ]").contains("eltest"));
}

#[test]
fn options_and_arguments() {
    check_all(&[
        ("if -z { s6-true } prog", "wrong-option@1:4"),
        ("importas -D", "wrong-option@1:10"),
        ("s6-seq", "too-few-arguments@1:1"),
        ("importas --insist x X prog", "wrong-option@1:10"),
        ("redirfd 1 /x prog", "wrong-option@1:1"),
        ("redirfd --write 1 /x prog", ""),
        ("redirfd -w 1 /x", "too-few-arguments@1:1"),
        ("s6-setuidgid nobody", "too-few-arguments@1:1"),
        ("cd", "too-few-arguments@1:1"),
        ("export A=b prog", "bad-argument@1:8"),
        ("export A=b prog x", "bad-argument@1:8"),
        ("fdclose stdin prog", "bad-argument@1:9"),
        ("fdmove -c -1 2 prog", "wrong-option@1:11"),
        ("fdclose -1 prog", "bad-argument@1:9"),
        ("trap { TREM { a } } prog", "bad-argument@1:8"),
        ("trap { KILL { a } SIG65 { b } } prog", "bad-argument@1:8 bad-argument@1:19"),
        ("trap { ${s} { a } SIGterm { b } 15 { c } Default { d } } prog", "bad-argument@1:33"),
        ("trap { 0 { a } TERM { b } default { c } } prog", "bad-argument@1:27"),
        ("umask rw prog", "bad-argument@1:7"),
        ("execline-umask 9 prog", "bad-argument@1:16"),
        ("redirfd -w x /y prog", "bad-argument@1:12"),
        ("redirfd -wf x /y prog", ""),
        ("importas f F redirfd -w ${f} /y prog", ""),
        ("importas -i f F redirfd -w x ${f} prog", "bad-argument@1:28"),
        ("forx -x a,1 i { a } prog", "bad-argument@1:9"),
        ("loopwhilex -o 0,1 prog", ""),
        ("if -x 300 { a }", "bad-argument@1:7"),
        ("s6-softlimit -o 5k prog", "bad-argument@1:17"),
        ("s6-softlimit -o = -m5 prog", ""),
        ("s6-log n20 x ./d", "bad-argument@1:12"),
        ("s6-log T", "bad-argument@1:8"),
        ("importas -s d D s6-log T ${d}", ""),
        ("exit never", "bad-argument@1:6"),
        ("s6-svwait -t 5s /x", "bad-argument@1:14"),
        ("wait -t5000 { }", ""),
        ("s6-fdholder-transferdump -t 1:2 /a /b", ""),
        ("wait -tx { }", "bad-argument@1:6"),
        ("importas -i t T wait -t ${t} { }", ""),
        ("forx -P all -o 1,2 i { a } prog", "bad-argument@1:9"),
        ("if -x -1 { a } prog", "bad-argument@1:7"),
        ("eltest a == b", "bad-argument@1:10"),
        ("if { eltest ( -f /x } prog", "bad-argument@1:13"),
        ("importas -i x X eltest -z $x -a ! ( $x =~ ^a )", ""),
        ("importas x X eltest -z $x -a", ""),
        ("eltest -z", "bad-argument@1:8"),
        ("case a { a { b } \"(\" { b } }", "bad-argument@1:18"),
        ("case -s a { \"(\" { b } [ { c } }", ""),
        ("case -e a { \"(\" { b } }", ""),
        ("multisubstitute { defin a b } prog", "bad-argument@1:19"),
        ("multisubstitute { define a } prog", "too-few-arguments@1:19"),
        ("multisubstitute { importas -z a b } prog", "wrong-option@1:19"),
        ("foreground { fdmove 1 }", "too-few-arguments@1:14"),
    ]);
    assert!(said("export A=b prog x").contains("export A \"b\""));
    assert!(said("multisubstitute { defin a b } prog").contains("define"));
}

#[test]
fn words_that_nobody_knows() {
    check_all(&[
        ("forground { s6-true }", "unknown-word@1:1"),
        ("/command/forground { s6-true }", "unknown-word@1:1"),
        ("/opt/forground x", ""),
        ("s6-tcpserver 0.0.0.0 80 prog", "missing-package@1:1"),
        ("s6-dnsip4 x", "missing-package@1:1"),
        ("s6-sotlimit -o 5 prog", "unknown-word@1:1"),
        ("exim -bd", ""),
        ("\"\" x", "missing-program@1:1"),
        ("\"echo hello\"", "missing-program@1:1"),
        ("cd / -P", "missing-program@1:6"),
    ]);
    assert!(said("forground { s6-true }").contains("is it foreground that is meant?"));
    assert!(said("s6-dnsip4 x").contains("s6-dns"));
}

#[test]
fn variables() {
    check_all(&[
        ("cd ${x} prog", "unset-variable@1:4"),
        ("cd $x prog", "unset-variable@1:4"),
        ("cd /a/$1 prog", "unset-variable@1:4"),
        ("importas x X cd $x/b prog", "unbraced-variable@1:17"),
        ("importas x X cd ${y} prog", "unused-variable@1:10 unset-variable@1:17"),
        ("foreground { importas x X s6-echo $x } s6-echo $x", "unset-variable@1:48"),
        ("s6-echo $x importas x X", "unset-variable@1:9"),
        ("foreground { s6-echo $x } importas x X s6-echo $x", "unset-variable@1:22"),
        ("importas -i x X prog", ""),
        ("importas x X prog", "unused-variable@1:10"),
        ("define x y define x z prog $x", "unused-variable@1:19"),
        ("backtick -E x { s6-true } prog", "unused-variable@1:13"),
        ("backtick x { s6-true } prog", ""),
        ("multidefine \"a b\" { c d } prog $c", "unused-variable@1:23"),
        ("nginx -c ${CONF}", "unset-variable@1:10"),
        ("foreground { prog } exit $?", "unset-variable@1:26"),
        ("background { prog } wait { $! } prog", "unset-variable@1:28"),
        ("foreground { prog } importas ? ? exit $?", ""),
        ("prog a$? $!x sh -c \"exit $?\"", ""),
        ("nginx -g \"log ${CONF}\"", ""),
        ("echo \"hi ${CONF}\"", "unset-variable@1:6"),
        ("prog \\\\$x", ""),
        ("prog a$ $) ${", ""),
        ("execlineb -c \"importas x X prog ${y}\"", "unused-variable@1:24 unset-variable@1:33"),
        ("elgetpositionals foreground { prog $1 } prog $#", ""),
    ]);
    assert!(
        said("foreground { s6-echo $x } importas x X s6-echo $x").contains("behind this, at 1:36")
    );
    assert!(
        said("foreground { importas x X s6-echo $x } s6-echo $x").contains("1:23, and is gone")
    );
    let said_of_export = said("export X y prog ${X}");
    assert!(said_of_export.starts_with("export puts X into the environment alone"));
    assert!(said_of_export.ends_with("; put it in with: importas X X prog"));
    assert!(
        said("backtick x { s6-true } prog $x")
            .ends_with("give backtick the option -E, or put it in with: importas x x prog")
    );
    assert!(said("cd $1 prog").contains("execlineb -S1"));
}

#[test]
fn positional_parameters_by_the_first_line() {
    assert_eq!(found("#!/bin/execlineb -S1\nprog $1 $@"), "");
    assert_eq!(found("#!/usr/bin/env -S execlineb -s 1\nprog $1 $@"), "");
    assert_eq!(found("#!/bin/execlineb -P\nprog $1"), "unset-variable@2:6");
}

#[test]
fn a_forgotten_foreground() {
    check_all(&[
        ("echo hello\ns6-setuidgid nobody\nnginx", "forgotten-foreground@1:1"),
        ("mkdir -p /run/x\nforeground { s6-true }\nprog", "forgotten-foreground@1:1"),
        ("echo hello if { s6-true } prog", "forgotten-foreground@1:1"),
        ("s6-echo hello\nexec prog", "forgotten-foreground@1:1"),
        ("s6-echo hello\nimportas x X\nprog $x", "forgotten-foreground@1:1"),
        ("s6-mkfifodir /x\nimportas x X\nprog $x", "forgotten-foreground@1:1"),
        ("nginx -t\nexec prog", "forgotten-foreground@1:1"),
        ("if { echo hello\nexec prog } x", "forgotten-foreground@1:6"),
        ("mkdir /x\nchown a /x\nprog", "forgotten-foreground@1:1"),
        ("mkdir\n  chown", ""),
        ("echo a\nexec { b }", "forgotten-foreground@1:1 block-unexpected@2:6"),
        ("mkdir -p /run/x s6-setuidgid nobody prog", "forgotten-foreground@1:1"),
        ("chown a:b /run/x exec prog", "forgotten-foreground@1:1"),
        ("sleep 3 importas -u x X prog $x", "forgotten-foreground@1:1"),
        ("cp s6-setuidgid s6-softlimit /usr/bin", ""),
        ("which s6-setuidgid exec", ""),
        ("s6-echo please exec this now", ""),
        ("mkdir -p import if case wait", ""),
        ("ln -s s6-setuidgid /usr/bin/setuidgid", ""),
        ("touch a exec", ""),
    ]);
    assert!(said("echo hello\nexec prog").contains("foreground { echo … }"));
}

#[test]
fn a_shells_words() {
    check_all(&[
        ("echo a && echo b", "shell-habit@1:8"),
        ("echo a > /x", "shell-habit@1:8"),
        ("echo a >/dev/null 2>&1", "shell-habit@1:8"),
        ("echo a | cat", "shell-habit@1:8"),
        ("echo a | grep a", "shell-habit@1:8"),
        ("mkdir /x && grep a /y", "shell-habit@1:10"),
        ("echo a; echo b", "shell-habit@1:6"),
        ("echo a; grep b", "shell-habit@1:6"),
        ("echo a ; echo b", "shell-habit@1:8"),
        ("mkdir /x;", "shell-habit@1:7"),
        ("python3 -m app > /log", "shell-habit@1:16"),
        ("mysql db < /dump", "shell-habit@1:10"),
        ("env A=b node server.js 2>&1", "shell-habit@1:24"),
        ("grep -q a /f && prog", "shell-habit@1:14"),
        ("ssh host a && b > c", ""),
        ("nice find . -size > y ;", ""),
        ("sh -c \"a > b\" x", ""),
        ("nginx -g daemon off;", ""),
        ("A=b prog", "shell-habit@1:1"),
        ("A=b\nB=c\nprog { x }", "shell-habit@1:1 shell-habit@2:1 block-for-program@3:6"),
        ("exec 2>&1\nprog", "shell-habit@1:6"),
        ("exec > /x\ncd", "shell-habit@1:6 too-few-arguments@2:1"),
        ("echo $(date)", "shell-habit@1:6"),
        ("export A $(date) prog", "shell-habit@1:10"),
        ("while true; do x; done", "shell-habit@1:1"),
        ("if { s6-true } && prog", "shell-habit@1:16"),
        ("sh -c 'echo hello'", "shell-habit@1:7"),
        ("read line\nprog", "shell-habit@1:1"),
        ("read\nimportas -i x X\nprog", ""),
        ("set -e\nprog", "shell-habit@1:1"),
        (". /etc/x", "shell-habit@1:1"),
        ("true", ""),
        ("[ -e /x ]", ""),
    ]);
    assert!(said("echo a && echo b").contains("if { a } b"));
    assert!(said("foreground echo hello").contains("{ echo … }"));
}

#[test]
fn bytes_of_the_file() {
    for (source, role, rules) in [
        ("#!/bin/execlineb\r\nprog\r\n", Role::Any, "crlf@1:17"),
        ("prog", Role::Any, "no-final-newline@1:5"),
        ("/etc/prog", Role::Oneshot, ""),
        ("prog \0 x\n", Role::Any, "nul-byte@1:6"),
        ("if { a\n", Role::Any, "syntax@1:4"),
        ("\"a\n", Role::Any, "syntax@1:1"),
        ("\"\\0\"\n", Role::Any, "syntax@1:2"),
        ("prog }\n", Role::Any, "syntax@1:6"),
        ("#!/bin/sh\nif true; then x; fi\n", Role::Any, "not-execline@1:1"),
        ("#!/bin/sh\r\nx\r\n", Role::Any, "crlf@1:1 not-execline@1:1"),
        ("#!/command/execlineb -P -W\nprog\n", Role::Any, "first-line@1:1"),
        ("#!/command/execlineb -z\nprog\n", Role::Any, "first-line@1:1"),
        ("#!/usr/bin/env execlineb -P\nprog\n", Role::Any, "first-line@1:1"),
        (" #!/command/execlineb\nprog\n", Role::Any, "first-line@1:1"),
        ("\u{feff}#!/command/execlineb\nprog\n", Role::Any, "first-line@1:1"),
        ("prog\n", Role::Service, "first-line@1:1"),
        ("", Role::Service, ""),
        ("prog\n", Role::Oneshot, ""),
        ("", Role::Oneshot, ""),
        ("#!/command/execlineb -P\nprog\n", Role::Oneshot, "meaningless-first-line@1:1"),
        ("#!/bin/sh\na && b\n", Role::Oneshot, "meaningless-first-line@1:1 shell-habit@2:3"),
        ("#!/usr/bin/python3\na && b\n", Role::Oneshot, "meaningless-first-line@1:1"),
    ] {
        assert_eq!(found_as(source, role), rules, "{source:?}");
    }
}

#[test]
fn nothing_is_too_deep_or_too_odd() {
    let deep = format!("{}prog{}\n", "foreground { ".repeat(1000), " }".repeat(1000));
    assert_eq!(found_as(&deep, Role::Any), "");
    let odd: Vec<u8> =
        (0..5000u32).map(|i| b"{} \n\"\\$ax-}{ "[(i * 7919 % 101 % 13) as usize]).collect();
    for cut in (0..odd.len()).step_by(101) {
        let _ = examine(&odd[cut..], Role::Any, &nowhere());
    }
}
