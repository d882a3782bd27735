//! Lines of services with their names.

use super::{Case, NONE};

const WEB: (&str, &str) = (
    "etc/services.d/web/run",
    "#!/bin/sh\ntrap 'printf \"the last words\"; exit 0' TERM\necho one; echo two >&2; printf 'a\\n\\nb\\n'\necho > /run/web\nwhile :; do sleep 0.01; done\n",
);
const AWAIT: &str = "until test -e /run/web; do sleep 0.01; done";

pub const CASES: &[Case] = &[
    Case {
        name: "lines come with their services' names, the last words too",
        files: &[
            WEB,
            ("etc/services.d/db/run", "#!/bin/sh\necho never seen\n"),
            ("etc/services.d/db/log/run", "#!/bin/sh\nexec cat > /run/db.log\n"),
            ("etc/services.d/last/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/cont-init.d/1", "#!/bin/sh\necho a script\n"),
        ],
        env: &["CHAINIT_LOG_PREFIX=1"],
        // PID 1 has seen a death that came behind the lines: it has written them.
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/web && grep -q never /run/db.log; do sleep 0.01; done
             s6-svc -wD -d /run/service/last; echo the CMD",
        ]),
        lines: &["a script", "web | one", "web | a", "web | ", "web | b", "the CMD", "web | the last words"],
        without: &["never seen", "web | web", "\x1b"],
        ..NONE
    },
    Case {
        name: "both streams have names",
        files: &[WEB],
        env: &["CHAINIT_LOG_PREFIX=1"],
        cmd: Some(&["sh", "-c", AWAIT]),
        lines: &["web | two"],
        ..NONE
    },
    Case {
        name: "lines as objects, with the time",
        files: &[WEB],
        env: &["CHAINIT_LOG_FORMAT=json", "CHAINIT_LOG_TIMESTAMPS=1"],
        cmd: Some(&["sh", "-c", AWAIT]),
        lines: &["{\"time\":\"2*"],
        without: &["}{"],
        ..NONE
    },
    Case {
        name: "lines as objects",
        files: &[WEB],
        env: &["CHAINIT_LOG_FORMAT=json"],
        cmd: Some(&["sh", "-c", AWAIT]),
        lines: &[
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"one\"}",
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"\"}",
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"the last words\"}",
        ],
        ..NONE
    },
    Case {
        name: "a format that nobody knows is named",
        files: &[WEB],
        env: &["CHAINIT_LOG_FORMAT=yaml", "CHAINIT_LOG_PREFIX=1"],
        cmd: Some(&["sh", "-c", AWAIT]),
        lines: &[
            "init: warning: CHAINIT_LOG_FORMAT: no format is called yaml",
            "help: there are text and json",
            "web | one",
        ],
        ..NONE
    },
    Case {
        name: "no process more, and services of the graph have names, too",
        files: &[
            ("etc/s6-overlay/s6-rc.d/b/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/b/run", "#!/bin/sh\necho up; echo > /run/web; exec sleep 60\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/b", ""),
        ],
        env: &["CHAINIT_LOG_PREFIX=1"],
        // PID 1 has written the line when it has seen the death behind it.
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/web && grep -q sleep /proc/$(s6-svstat -o pid /run/service/b)/comm; do :; done
             names=$(cat /proc/[0-9]*/comm); s6-svc -wD -d /run/service/b; echo \"$names\"",
        ]),
        lines: &["b | up", "s6-svscan", "sleep"],
        without: &["s6-log"],
        ..NONE
    },
    Case {
        name: "a line without an end is cut, and holds nobody up",
        files: &[(
            "etc/services.d/web/run",
            "#!/bin/sh\nhead -c 40000 /dev/zero | tr '\\0' x\necho > /run/web\nexec sleep 60\n",
        )],
        env: &["CHAINIT_LOG_FORMAT=json"],
        cmd: Some(&["sh", "-c", AWAIT]),
        lines: &[
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"xxx*",
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"xxx*",
            "{\"service\":\"web\",\"stream\":\"stdout\",\"message\":\"xxx*",
        ],
        ..NONE
    },
    Case {
        name: "PID 1 is begun anew in the middle of a line",
        files: &[
            ("upgrade", "#!/bin/sh\nexec /package/admin/s6-overlay-*/command/chainit upgrade\n"),
            (
                "etc/services.d/web/run",
                "#!/bin/sh\nprintf 'half '; echo > /run/half; until test -e /run/go; do sleep 0.01; done; echo and half; echo > /run/web\nexec sleep 60\n",
            ),
        ],
        env: &["CHAINIT_LOG_PREFIX=1"],
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/half; do sleep 0.01; done; /upgrade; echo > /run/go; until test -e /run/web; do sleep 0.01; done; /upgrade",
        ]),
        lines: &["web | half and half"],
        ..NONE
    },
    Case {
        name: "what a service leaves behind still finds somebody who reads",
        files: &[(
            "etc/services.d/web/run",
            "#!/bin/sh\n(trap '' TERM; until test -e /run/late; do sleep 0.01; done; echo still here; echo > /run/done) &\necho > /run/web\nexec sleep 60\n",
        )],
        env: &["CHAINIT_LOG_PREFIX=1"],
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/web; do sleep 0.01; done; rm /run/service/web; s6-svscanctl -an /run/service
             until ! s6-svok /run/s6/legacy-services/web; do sleep 0.01; done
             echo > /run/late; until test -e /run/done; do sleep 0.01; done",
        ]),
        lines: &["web | still here"],
        ..NONE
    },
    Case {
        name: "standard output can be opened by others",
        root: true,
        files: &[(
            "etc/services.d/web/run",
            "#!/command/execlineb -P\ns6-setuidgid nobody\nsh -c \"echo out > /dev/stdout; echo err > /dev/stderr; echo > /tmp/web; exec sleep 60\"\n",
        )],
        env: &["CHAINIT_LOG_PREFIX=1"],
        cmd: Some(&["sh", "-c", "until test -e /tmp/web; do sleep 0.01; done"]),
        lines: &["web | out"],
        without: &["Permission denied"],
        ..NONE
    },
    Case {
        name: "standard output that is a pipe can be opened by others",
        root: true,
        run: Some("mode=0755"),
        cmd: Some(&[
            "sh",
            "-c",
            "init s6-setuidgid nobody sh -c 'echo out > /dev/stdout; echo err > /dev/stderr; exit 4' 2>&1 | cat",
        ]),
        lines: &["out", "err"],
        without: &["Permission denied"],
        ..NONE
    },
    Case {
        name: "with the logger of everything lines have names in the log",
        files: &[WEB],
        env: &["CHAINIT_LOG_PREFIX=1", "S6_LOGGING=1"],
        cmd: Some(&["sh", "-c", "until grep 'web | b' /run/uncaught-logs/current; do sleep 0.01; done"]),
        lines: &["web | one", "web | the last words"],
        ..NONE
    },
];
