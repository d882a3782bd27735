//! The logger of everything.

use super::{Case, NONE};

/// Waits until the log has a line.
const AWAIT: (&str, &str) = (
    "await",
    "#!/bin/sh\nuntil grep -q \"$1\" /run/uncaught-logs/current; do sleep 0.01; done 2> /dev/null\n",
);

/// The services of the tarball for syslog, which a boot does not have of itself.
const SYSLOGD: (&str, &str) = (
    "hook",
    "#!/bin/sh\nexec /package/admin/s6-overlay-*/command/chainit install --root / --part syslogd\n",
);

pub const CASES: &[Case] = &[
    Case {
        name: "S6_LOGGING 2 logs everything, and nothing comes out",
        files: &[
            AWAIT,
            ("etc/cont-init.d/a", "#!/bin/sh\necho from init; echo on error >&2\n"),
            ("etc/services.d/a/run", "#!/bin/sh\necho from a\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/b/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/b/up", "s6-echo from b\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/b", ""),
        ],
        env: &["S6_LOGGING=2"],
        cmd: Some(&[
            "sh",
            "-c",
            "echo from cmd; echo cmd error >&2; cd /run/service/s6-svscan-log
             for line in 'from init' 'on error' 'from a' 'from b' 'from cmd' 'cmd error' \
                         'legacy-services successfully started'; do /await \"$line\"; done
             test -p fifo && test -x run && test $(stat -c %a /run/uncaught-logs) = 2750 || exit 3
             s6-svstat . | grep -q '^up.*ready' && grep -q s6-log /proc/$(s6-svstat -o pid .)/comm || exit 4
             grep -q '^20..-..-.. ..:..:..\\.[0-9]*  from cmd' /run/uncaught-logs/current || exit 5
             test $(readlink /var/log/s6-uncaught-logs) = /run/uncaught-logs || exit 6
             exit 9",
        ]),
        code: 9,
        lines: &["/package/admin/s6-overlay/libexec/preinit: info: container permissions: *"],
        without: &["from", "error", "s6-rc", "fatal", "init: warning"],
        ..NONE
    },
    Case {
        name: "S6_LOGGING 1 logs everything and shows it, to the last line",
        files: &[
            AWAIT,
            (
                "etc/services.d/a/run",
                "#!/bin/sh\ntrap 'seq 1 5000; echo the last of a; exit' TERM\necho a is up\nwhile :; do sleep 0.01; done\n",
            ),
            ("etc/cont-finish.d/a", "#!/bin/sh\necho finishing\n"),
        ],
        env: &["S6_LOGGING=1"],
        cmd: Some(&[
            "sh",
            "-c",
            "/await 'a is up'
             (trap 'echo the very last; exit' TERM; echo > /run/armed; while :; do sleep 0.01; done) &
             until test -e /run/armed; do sleep 0.01; done; seq 1 20000; exit 3",
        ]),
        code: 3,
        lines: &[
            "s6-rc: info: service legacy-services successfully started",
            "20000",
            "s6-rc: info: service legacy-services: stopping",
            "5000",
            "the last of a",
            "cont-finish: info: running /etc/cont-finish.d/a",
            "finishing",
            "s6-rc: info: service fix-attrs successfully stopped",
            "the very last",
        ],
        without: &["fatal", "init: warning"],
        ..NONE
    },
    Case {
        name: "S6_LOGGING 1 with services of the graph, and a container that is told to end",
        files: &[
            AWAIT,
            ("etc/s6-overlay/s6-rc.d/b/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/b/run", "#!/bin/sh\ntrap 'echo b ends; exit' TERM\necho b is up\n/await 'legacy-services successfully started'; kill -s TERM 1\nwhile :; do sleep 0.01; done\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/b", ""),
        ],
        env: &["S6_LOGGING=1"],
        lines: &["b is up", "b ends", "s6-rc: info: service b successfully stopped"],
        without: &["fatal"],
        ..NONE
    },
    Case {
        name: "without S6_LOGGING there is no logger",
        cmd: Some(&["sh", "-c", "ls -a /run/service /run/uncaught-logs 2> /dev/null; exit 0"]),
        without: &["s6-svscan-log", "fifo"],
        ..NONE
    },
    Case {
        name: "the logger of everything has a user and a script of its own",
        root: true,
        files: &[
            AWAIT,
            ("etc/passwd", "root:x:0:0::/:/bin/sh\nlog:x:700:701::/:\n"),
        ],
        env: &["S6_LOGGING=2", "S6_CATCHALL_USER=log", "S6_LOGGING_SCRIPT=n3 s5000 pname:"],
        cmd: Some(&[
            "sh",
            "-c",
            "echo hello; /await '^name: hello$'
             test $(stat -c %u:%g /run/uncaught-logs) = 700:701 || exit 3
             test $(stat -c %u /proc/$(s6-svstat -o pid /run/service/s6-svscan-log)) = 700 || exit 4
             exit 9",
        ]),
        code: 9,
        without: &["hello", "init: warning"],
        ..NONE
    },
    Case {
        name: "a logger that can't be is done without",
        env: &["S6_LOGGING=2", "S6_CATCHALL_USER=nosuch"],
        cmd: Some(&["sh", "-c", "echo hello; ls /run/service"]),
        lines: &[
            "init: warning: there is no catch-all logger, and everything goes to the container's standard output and error: no user nosuch in /etc/passwd",
            "s6-rc: info: service fix-attrs: starting",
            "hello",
        ],
        without: &["s6-svscan-log"],
        ..NONE
    },
    Case {
        name: "a logging script that is none is done without",
        files: &[AWAIT],
        env: &["S6_LOGGING=1", "S6_LOGGING_SCRIPT=n20 what"],
        cmd: Some(&["sh", "-c", "echo hello; /await '^2.* hello$'"]),
        lines: &["init: warning: the catch-all logger does without S6_LOGGING_SCRIPT: *", "hello"],
        ..NONE
    },
    Case {
        name: "logs go where the image or a volume has their directory",
        files: &[AWAIT, ("var/log/s6-uncaught-logs/keep", "")],
        env: &["S6_LOGGING=1"],
        cmd: Some(&["sh", "-c", "echo hello; /await hello; ls /var/log/s6-uncaught-logs; readlink /run/uncaught-logs"]),
        lines: &["current", "keep", "/var/log/s6-uncaught-logs"],
        without: &["init: warning"],
        ..NONE
    },
    Case {
        name: "a logger that is killed loses nothing",
        files: &[AWAIT],
        env: &["S6_LOGGING=1"],
        cmd: Some(&[
            "sh",
            "-c",
            "echo before; /await before; log=/run/service/s6-svscan-log
             s6-svc -wD -k $log 2> /dev/null || kill -9 $(s6-svstat -o pid $log)
             echo while it is dead; /await 'while it is dead'; exit 4",
        ]),
        code: 4,
        lines: &["before", "while it is dead"],
        without: &["init: warning"],
        ..NONE
    },
    Case {
        name: "a logger that does not begin leaves everything to the console",
        files: &[(
            "hook",
            "#!/bin/sh\nlog=/run/service/s6-svscan-log\nprintf '#!/bin/sh\\nexit 1\\n' > $log/new\nchmod +x $log/new; mv $log/new $log/run\ns6-svc -k $log\n",
        )],
        env: &["S6_LOGGING=2", "S6_STAGE2_HOOK=/hook"],
        cmd: Some(&["sh", "-c", "seq 1 30000; echo the end; exit 6"]),
        code: 6,
        lines: &["30000", "the end"],
        ..NONE
    },
    Case {
        name: "the logger of everything outlives what is killed",
        env: &["S6_LOGGING=1", "S6_KILL_GRACETIME=200"],
        cmd: Some(&["sh", "-c", "(trap '' TERM; echo deaf; echo > /run/deaf; while :; do sleep 0.01; done) &
             until test -e /run/deaf; do sleep 0.01; done; exit 2"]),
        code: 2,
        lines: &["deaf", "init: warning: killing what did not end within 200 ms of SIGTERM (S6_KILL_GRACETIME): *"],
        without: &["s6-log (pid"],
        ..NONE
    },
    Case {
        name: "PID 1 is begun anew, and its logger goes on",
        files: &[
            AWAIT,
            ("upgrade", "#!/bin/sh\nexec /package/admin/s6-overlay-*/command/chainit upgrade\n"),
            ("etc/cont-finish.d/a", "#!/bin/sh\n/upgrade; echo finishing\n"),
        ],
        env: &["S6_LOGGING=1"],
        cmd: Some(&["sh", "-c", "echo one; /upgrade; echo two; /await two; exit 8"]),
        code: 8,
        lines: &["one", "two", "finishing", "s6-rc: info: service fix-attrs successfully stopped"],
        without: &["init: warning"],
        ..NONE
    },
    Case {
        name: "a logger of everything where /run is mounted noexec",
        run: Some("noexec"),
        cmd: Some(&[
            "env",
            "S6_LOGGING=1",
            "init",
            "sh",
            "-c",
            "echo hello; until grep -q hello /run/uncaught-logs/current; do sleep 0.01; done; exit 7",
        ]),
        code: 7,
        lines: &["hello", "s6-rc: info: service fix-attrs successfully stopped"],
        ..NONE
    },
    Case {
        name: "what programs tell syslog is logged by facility and severity",
        files: &[
            SYSLOGD,
            (
                "await",
                "#!/bin/sh\nuntil grep -q \"$2\" /var/log/syslogd/$1/current; do sleep 0.01; done 2> /dev/null\n",
            ),
            ("etc/s6-overlay/s6-rc.d/b/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/b/up", "s6-echo b is up\n"),
            ("etc/s6-overlay/s6-rc.d/user/contents.d/b", ""),
        ],
        env: &["S6_STAGE2_HOOK=/hook", "S6_LOGGING_SCRIPT=n3 s9999 t"],
        cmd: Some(&[
            "sh",
            "-c",
            "say() { logger -p $1 -t me \"$2\"; }
             say mail.info one; say auth.err two; say authpriv.debug three; say daemon.crit four
             say kern.warn five; say user.notice six; say cron.emerg seven; say local0.debug eight
             say local1.warning nine; say local2.info end
             for file in everything/end mail/one secure/two secure/three daemon/four user/six cron/seven \
                debug/eight errors/two errors/four errors/seven messages/six messages/nine; do
               /await ${file%/*} \"me: ${file#*/}$\"
             done
             cd /var/log/syslogd
             grep -lE 'one|four|seven|three' messages/current; grep -lE 'two|three' everything/current
             grep -c '^@4.* mail.info: .* me: one$' mail/current everything/current
             s6-rc -a list | s6-sort | grep syslogd
             stat -c '%n %a %u' . secure mail; exit 3",
        ]),
        root: true,
        code: 3,
        lines: &[
            "b is up",
            "mail/current:1",
            "everything/current:1",
            "syslogd",
            "syslogd-log",
            "syslogd-prepare",
            ". 2755 32761",
            "secure 2750 32761",
            "mail 2755 32761",
            "s6-rc: info: service syslogd: stopping",
            "s6-rc: info: service syslogd-log successfully stopped",
        ],
        without: &["\nmessages/current", "fatal"],
        ..NONE
    },
];
