//! What is wrong with an image or with where it runs.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "a service without run leaves the others alone",
        files: &[
            ("etc/services.d/bad/finish", "#!/bin/sh\n"),
            ("etc/services.d/good/run", "#!/bin/sh\necho good\necho > /run/good\nexec sleep 60\n"),
        ],
        cmd: Some(&["sh", "-c", "until test -e /run/good; do sleep 0.01; done"]),
        lines: &["good"],
        ..NONE
    },
    Case {
        name: "a service whose script is wrong is named, though its run is ./run to itself",
        files: &[
            ("etc/services.d/a/run", "#!/command/execlineb -P\nforeground {\n"),
            ("etc/services.d/a/finish", "#!/bin/sh\ntouch /run/a; exit 125\n"),
            (
                "etc/services.d/b/run",
                "#!/bin/sh\nuntil test -e /run/a; do sleep 0.01; done; exec ./next\n",
            ),
            ("etc/services.d/b/next", "#!/command/execlineb -P\nexport A=b sleep 60\n"),
            ("etc/services.d/b/finish", "#!/bin/sh\ntouch /run/b; exit 125\n"),
        ],
        cmd: Some(&["sh", "-c", "until test -e /run/b; do sleep 0.01; done"]),
        lines: &[
            "execlineb: fatal: unmatched { in file ./run",
            "/run/s6/legacy-services/a/run:2:12: this block is never closed",
            "export: fatal: invalid variable name: A=b has a =; a name is a word of its own",
            "/run/s6/legacy-services/b/next:2:1: this word failed",
        ],
        ..NONE
    },
    Case {
        name: "orphans are reaped, and PID 1 has its name",
        cmd: Some(&[
            "sh",
            "-c",
            "(sleep 0.05 & echo $! > /run/a; sleep 0.05 & echo $! > /run/b)
             while test -e /proc/$(cat /run/a) || test -e /proc/$(cat /run/b); do sleep 0.01; done
             echo both are reaped; cat /proc/1/comm",
        ]),
        lines: &["both are reaped", "s6-svscan"],
        ..NONE
    },
    Case {
        name: "what is left over at the end is told to end, and not waited for",
        cmd: Some(&["sh", "-c", "sleep 60 & sleep 60 & exit 2"]),
        code: 2,
        ..NONE
    },
    Case {
        name: "a /run without room",
        run: Some("size=4k,nr_inodes=6"),
        cmd: Some(&["init", "true"]),
        code: 111,
        lines: &[
            "init: fatal: unable to mkdir /run/s6/basedir/env: No space left on device",
            "help: /run is full: give it room, as --tmpfs /run:exec,mode=0755,size=16m does, or remove what fills it",
        ],
        ..NONE
    },
    Case {
        name: "a read-only /run",
        run: Some("ro"),
        cmd: Some(&["init", "sh", "-c", "exit 3"]),
        code: 3,
        lines: &[
            "/package/admin/s6-overlay/libexec/preinit: warning: /run is read-only, mounting a tmpfs on it; S6_READ_ONLY_ROOT=1 says that this is meant",
        ],
        ..NONE
    },
    Case {
        name: "a /run without execution",
        run: Some("noexec"),
        cmd: Some(&["init", "sh", "-c", "/run/s6/basedir/bin/halt || exit 3; sleep 60"]),
        lines: &["s6-rc: info: service legacy-services: stopping"],
        ..NONE
    },
    Case {
        name: "not PID 1, only the own tree is ended",
        run: Some("mode=0755"),
        cmd: Some(&[
            "sh",
            "-c",
            "sleep 60 & init sh -c 'sleep 50 & (sleep 40 &); exit 4'; echo gave $?; kill -0 $! && echo lives; cat /proc/[0-9]*/comm | grep -c sleep",
        ]),
        lines: &["gave 4", "lives", "1"],
        ..NONE
    },
];
