//! What is known of programs by their names alone.

/// Programs that run the command line behind their own words: what stands there is meant to.
const LOADERS: &[&str] = &[
    "argv0",
    "bwrap",
    "busybox",
    "capsh",
    "catatonit",
    "catchsegv",
    "chpst",
    "choom",
    "chroot",
    "chrt",
    "cgexec",
    "dbus-launch",
    "dbus-run-session",
    "doas",
    "dockerize",
    "dumb-init",
    "entr",
    "env",
    "envdir",
    "envuidgid",
    "eatmydata",
    "fakechroot",
    "fakeroot",
    "faketime",
    "fghack",
    "flock",
    "gosu",
    "ionice",
    "ip",
    "launchctl",
    "ltrace",
    "lockfile",
    "machinectl",
    "nice",
    "nocache",
    "nohup",
    "nsenter",
    "numactl",
    "parallel",
    "perf",
    "pgrphack",
    "prlimit",
    "prime-run",
    "proot",
    "rlwrap",
    "runas",
    "runuser",
    "schedtool",
    "script",
    "setarch",
    "setlock",
    "setpriv",
    "setsid",
    "setuidgid",
    "snooze",
    "softlimit",
    "ssh-agent",
    "sslserver",
    "start-stop-daemon",
    "stdbuf",
    "strace",
    "su",
    "su-exec",
    "sudo",
    "systemd-cat",
    "systemd-run",
    "taskset",
    "tcpclient",
    "tcpserver",
    "tcpsvd",
    "time",
    "timeout",
    "tini",
    "trickle",
    "tsocks",
    "udpsvd",
    "unbuffer",
    "unshare",
    "unshare-groups",
    "valgrind",
    "watch",
    "with-contenv",
    "xargs",
    "xvfb-run",
    "yggdrasil",
];

/// Programs with a language of their own, in whose words a `$` is theirs.
const INTERPRETERS: &[&str] = &[
    "ash",
    "awk",
    "bash",
    "busybox",
    "csh",
    "dash",
    "elixir",
    "envsubst",
    "expect",
    "find",
    "fish",
    "gawk",
    "gomplate",
    "grep",
    "egrep",
    "jq",
    "ksh",
    "lua",
    "make",
    "mawk",
    "mksh",
    "mysql",
    "nawk",
    "node",
    "perl",
    "php",
    "pgrep",
    "pkill",
    "psql",
    "python",
    "python2",
    "python3",
    "rg",
    "ruby",
    "runuser",
    "s6-format-filter",
    "s6-grep",
    "sed",
    "sh",
    "sqlite3",
    "ssh",
    "su",
    "tclsh",
    "xargs",
    "yash",
    "yq",
    "zsh",
];

/// Programs that compare: `<`, `>` and `|` are operators of theirs.
const COMPARERS: &[&str] =
    &["expr", "s6-expr", "test", "[", "eltest", "s6-test", "dpkg", "find", "bc"];

/// Plain programs, which never run what is behind their arguments. They are there wherever a shell
/// is.
const PLAIN: &[&str] = &[
    "[",
    "addgroup",
    "adduser",
    "apk",
    "apt-get",
    "awk",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cp",
    "curl",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "du",
    "echo",
    "expr",
    "false",
    "find",
    "getent",
    "grep",
    "groupadd",
    "groupmod",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "install",
    "ip",
    "iptables",
    "kill",
    "ln",
    "logger",
    "ls",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "modprobe",
    "mount",
    "mountpoint",
    "mv",
    "openssl",
    "pgrep",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sh",
    "bash",
    "sleep",
    "sort",
    "ssh-keygen",
    "stat",
    "sync",
    "sysctl",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "umount",
    "uname",
    "uniq",
    "unlink",
    "useradd",
    "usermod",
    "wc",
    "wget",
    "which",
    "whoami",
];

/// Programs that say what they are given.
const TALKERS: &[&str] = &["echo", "logger", "printf", "s6-echo"];

/// Commands' names that are words of everybody's.
const WORDS: &[&str] = &[
    "background",
    "case",
    "define",
    "exit",
    "export",
    "foreground",
    "if",
    "import",
    "pipeline",
    "shift",
    "trap",
    "wait",
];

/// Names of old versions, and what does their work now.
const GONE: &[(&str, &str)] = &[
    ("import", "import x is: importas x x"),
    ("s6-test", "s6-test is: eltest, with the same words"),
    ("justc-envdir", "justc-envdir is: s6-envdir"),
    ("for", "for x { a b } c is: forx x { a b } c"),
    ("loopwhile", "loopwhile { a } b is: loopwhilex if { a } b"),
    ("forbacktick", "forbacktick is: forbacktickx"),
];

fn is_in(list: &[&str], name: &[u8]) -> bool {
    let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    list.iter().any(|n| n.as_bytes() == base)
}

/// Whether it runs the command line behind its own words.
pub fn is_loader(name: &[u8]) -> bool {
    let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    let family = [&b"s6-"[..], b"66-", b"execl-", b"nosh", b"with-"];
    is_in(LOADERS, name) || family.iter().any(|f| base.starts_with(f))
}

/// Whether it is a name that many systems have.
pub fn is_common(name: &[u8]) -> bool {
    is_in(LOADERS, name) || is_in(PLAIN, name) || is_in(INTERPRETERS, name)
}

/// Whether a `$` in its words may be its own.
pub fn is_interpreter(name: &[u8]) -> bool {
    is_in(INTERPRETERS, name)
}

/// Whether it makes one line for a shell of its words.
pub fn is_joiner(name: &[u8]) -> bool {
    is_in(&["ssh"], name)
}

/// Whether it compares.
pub fn is_comparer(name: &[u8]) -> bool {
    is_in(COMPARERS, name)
}

/// Whether it is a plain program.
pub fn is_plain(name: &[u8]) -> bool {
    is_in(PLAIN, name)
}

/// Whether it says what it is given, which may be any text.
pub fn is_talker(name: &[u8]) -> bool {
    is_in(TALKERS, name)
}

/// Whether a command's name is one that stands in no text and that few files have.
pub fn is_coined(name: &[u8]) -> bool {
    !is_in(WORDS, name)
}

/// What to write in place of a command that is gone.
pub fn gone(name: &[u8]) -> Option<&'static str> {
    GONE.iter().find(|(old, _)| old.as_bytes() == name).map(|(_, help)| *help)
}
