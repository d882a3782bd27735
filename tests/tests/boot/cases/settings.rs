//! What the container's manager and the image set for all of it.

use super::{Case, HERE, NONE, Place};

/// Runs a line beside the start of `/init`, whose descriptor it writes to. `/var` is a tmpfs.
macro_rules! manager {
    ($does:literal, $start:literal) => {
        Some(&[
            "sh",
            "-c",
            concat!("mkfifo /var/f; { ", $does, "; } >/var/f & exec ", $start, " echo it boots"),
        ])
    };
}

pub const CASES: &[Case] = &[
    Case {
        name: "a descriptor that the manager closes when it is ready is waited for",
        run: Some("mode=0755"),
        cmd: manager!(
            "sleep 0.3; echo the manager is ready >&2",
            "7</var/f && S6_WAIT_FOR_CLOSING_FD=7 exec init"
        ),
        lines: &["the manager is ready", "it boots"],
        without: &["warning: parent", "it boots\nthe manager"],
        ..NONE
    },
    Case {
        name: "a manager that writes to that descriptor is named, and the container boots",
        run: Some("mode=0755"),
        cmd: manager!(
            "echo >&2 the manager writes; echo; sleep 0.3",
            "7</var/f && S6_WAIT_FOR_CLOSING_FD=7 exec init"
        ),
        lines: &[
            "the manager writes",
            "s6-linux-init: warning: parent wrote to readiness fd!",
            "it boots",
        ],
        ..NONE
    },
    Case {
        name: "a line on descriptor 3 is waited for, as some managers want it",
        run: Some("mode=0755"),
        cmd: manager!("sleep 0.3; echo the manager is ready >&2; echo go", "3</var/f && exec init"),
        lines: &["the manager is ready", "it boots"],
        without: &["it boots\nthe manager"],
        ..NONE
    },
    Case {
        name: "a PATH gets the directories that it lacks, in front",
        env: &["PATH=/opt/bin:/usr/bin"],
        files: &[
            ("opt/bin/app", "#!/bin/sh\necho \"$0 with $PATH\"\n"),
            ("etc/cont-init.d/a", "#!/bin/sh\necho \"script with $PATH\"\n"),
        ],
        cmd: Some(&["app"]),
        lines: &[
            "script with /command:/bin:/opt/bin:/usr/bin",
            "/opt/bin/app with /command:/bin:/opt/bin:/usr/bin",
        ],
        ..NONE
    },
    Case {
        name: "S6_SERVICES_READYTIME is not slept through",
        env: &["S6_SERVICES_READYTIME=600000", "S6_CMD_WAIT_FOR_SERVICES=1"],
        files: &[("etc/services.d/a/run", "#!/bin/sh\nexec sleep 600\n")],
        cmd: Some(&["s6-svstat", "-o", "up", "/run/service/a"]),
        lines: &["true"],
        ..NONE
    },
    Case {
        name: "what begins with a dash is a CMD like any other",
        cmd: Some(&["-v", "word"]),
        code: 127,
        lines: &["init: fatal: unable to exec -v: No such file or directory"],
        ..NONE
    },
    Case {
        name: "the stages' names answer whoever asks s6-rc",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/a/up", "s6-echo a up"),
            ("etc/s6-overlay/s6-rc.d/a/dependencies.d/base", ""),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
        ],
        cmd: Some(&[
            "sh",
            "-c",
            "for i in base user user2 top; do echo \"$i: $(s6-rc-db contents $i | sort | tr '\\n' ' ')\"; done; \
             s6-rc-db type s6rc-oneshot-runner; s6-rc-db dependencies legacy-services | sort | tr '\\n' ' '; echo",
        ]),
        lines: &["base: fix-attrs legacy-cont-init ", "user: a ", "user2: ", "longrun"],
        without: &["fatal"],
        ..NONE
    },
    Case {
        name: "a /run that everybody may write to is taken where that is asked for",
        root: true,
        place: Some(Place {
            script: "mount -t tmpfs -o mode=0777 none run",
            user: "1000:1000",
            ..HERE
        }),
        env: &["S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES=1"],
        cmd: Some(&["/command/s6-echo", "it boots"]),
        lines: &[
            "/package/admin/s6-overlay/libexec/preinit: warning: /run belongs to uid 0 instead of 1000, IS WORLD WRITABLE, and we're lacking the privileges to fix it, but we have been instructed to accept it.",
            "it boots",
        ],
        ..NONE
    },
];
