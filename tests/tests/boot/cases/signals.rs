//! Signals to the container that are meant for somebody in it.

use super::{Case, NONE};

/// Tells which signals it gets; ends with QUIT.
const HEARER: &str = "#!/bin/sh
echo -n > /run/$1.heard
for s in HUP USR1 USR2 WINCH TERM INT; do trap \"echo $1 got $s; echo >> /run/$1.heard\" $s; done
trap \"echo $1 ends; exit 4\" QUIT
echo > /run/$1
while :; do sleep 0.01; done
";

pub const CASES: &[Case] = &[
    Case {
        name: "signals reach the CMD, as they are and as others",
        files: &[("hearer", HEARER), ("tell", TELL)],
        env: &["CHAINIT_SIGNALS=HUP, WINCH=USR2 TERM=QUIT INT=0 40:10"],
        cmd: Some(&["sh", "-c", "/tell cmd HUP WINCH -INT 40 TERM & exec /hearer cmd"]),
        code: 4,
        lines: &["cmd got HUP", "cmd got USR2", "cmd got USR1", "cmd ends"],
        without: &["init: warning"],
        ..NONE
    },
    Case {
        name: "signals reach services by their names",
        files: &[
            ("tell", TELL),
            ("hearer", HEARER),
            ("etc/services.d/web/run", "#!/bin/sh\nexec /hearer web\n"),
            (
                "etc/services.d/web/finish",
                "#!/bin/sh\necho web ended with $1; echo > /run/web.done\n",
            ),
        ],
        env: &["CHAINIT_SIGNALS=HUP@web USR1=USR2@web TERM=QUIT@web"],
        cmd: Some(&[
            "sh",
            "-c",
            "/tell web HUP USR1 TERM; until test -e /run/web.done; do sleep 0.01; done; exit 6",
        ]),
        code: 6,
        lines: &["web got HUP", "web got USR2", "web ends", "web ended with 4"],
        without: &["init: warning"],
        ..NONE
    },
    Case {
        name: "a signal for a service that does not run means the container",
        env: &["CHAINIT_SIGNALS=TERM@nosuch"],
        cmd: Some(&["sh", "-c", "kill -s TERM 1; while :; do sleep 0.01; done"]),
        lines: &["init: warning: TERM is for nosuch (CHAINIT_SIGNALS), which does not run"],
        ..NONE
    },
    Case {
        name: "a rule that is none is named",
        env: &["CHAINIT_SIGNALS=HUP KILL"],
        cmd: Some(&["true"]),
        lines: &[
            "init: warning: CHAINIT_SIGNALS: KILL is no rule",
            "help: SIGNAL, SIGNAL=OTHER, *",
        ],
        ..NONE
    },
    Case {
        name: "rules outlive a new PID 1",
        files: &[("hearer", HEARER), ("tell", TELL)],
        env: &["CHAINIT_SIGNALS=HUP 40=QUIT"],
        cmd: Some(&[
            "sh",
            "-c",
            "(/package/admin/s6-overlay-*/command/chainit upgrade; exec /tell cmd HUP 40) & exec /hearer cmd",
        ]),
        code: 4,
        lines: &["cmd got HUP", "cmd ends"],
        ..NONE
    },
];

/// Sends signals to PID 1, when somebody hears them, each when the one before has been heard. Of one
/// with a dash nobody hears.
const TELL: &str = "#!/bin/sh
until test -e /run/$1; do sleep 0.01; done
heard=/run/$1.heard
shift
n=0
for s; do
    until test \"$(wc -l < $heard)\" = $n; do sleep 0.01; done
    kill -s ${s#-} 1 2>/dev/null || kill -${s#-} 1
    case $s in -*) ;; *) n=$((n + 1)) ;; esac
done
";
