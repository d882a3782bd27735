//! PID 1 becomes its program anew, told to or after a fault, at different moments.

use super::{Case, NONE};

/// Tells PID 1 to; comes back when it has.
const UPGRADE: (&str, &str) =
    ("upgrade", "#!/bin/sh\nexec /package/admin/s6-overlay-*/command/chainit upgrade\n");

pub const CASES: &[Case] = &[
    Case {
        name: "PID 1 is begun anew, and nobody notices",
        files: &[
            UPGRADE,
            ("etc/services.d/a/run", "#!/bin/sh\necho >> /run/a\nexec sleep 60\n"),
            ("etc/services.d/a/finish", "#!/bin/sh\necho a has ended\n"),
            ("etc/cont-finish.d/one", "#!/bin/sh\necho the end of $(cat /run/name)\n"),
        ],
        env: &["S6_CMD_RECEIVE_SIGNALS=1"],
        cmd: Some(&[
            "sh",
            "-c",
            "trap 'got=1' USR1; echo me > /run/name
             until test -e /run/a; do sleep 0.01; done
             /upgrade && kill -s SEGV 1 && /upgrade
             until grep s6-svscan /proc/1/comm; do sleep 0.01; done
             (true & true &); kill -s USR1 1; until test $got; do sleep 0.01; done
             until test $(cat /proc/[0-9]*/stat | grep -c ' Z ') = 0; do sleep 0.01; done
             echo started $(wc -l < /run/a), none dead
             exit 7",
        ]),
        code: 7,
        lines: &[
            "s6-svscan: warning: SIGSEGV: beginning anew, all services go on",
            "s6-svscan",
            "started 1, none dead",
            "a has ended",
            "the end of me",
        ],
        ..NONE
    },
    Case {
        name: "PID 1 is begun anew while stage 2 works, and asks it for services",
        files: &[
            UPGRADE,
            ("etc/cont-init.d/one", "#!/bin/sh\n/upgrade && echo upgraded\n"),
            ("etc/services.d/a/run", "#!/bin/sh\ntouch /run/a\nexec sleep 60\n"),
        ],
        cmd: Some(&["sh", "-c", "until test -e /run/a; do sleep 0.01; done; exit 3"]),
        code: 3,
        lines: &["upgraded"],
        ..NONE
    },
    Case {
        name: "PID 1 is begun anew while the container ends",
        files: &[
            UPGRADE,
            ("etc/cont-finish.d/one", "#!/bin/sh\n/upgrade && echo upgraded\n"),
            ("etc/cont-finish.d/two", "#!/bin/sh\necho the second\n"),
        ],
        cmd: Some(&["sh", "-c", "exit 5"]),
        code: 5,
        lines: &["upgraded", "the second"],
        ..NONE
    },
    Case {
        name: "PID 1 that fails again and again ends the container, and says why",
        files: &[UPGRADE],
        cmd: Some(&["sh", "-c", "while :; do kill -s SEGV 1; /upgrade || sleep 60; done"]),
        code: 111,
        lines: &["s6-svscan: fatal: SIGSEGV, one of too many faults within a minute"],
        ..NONE
    },
];
