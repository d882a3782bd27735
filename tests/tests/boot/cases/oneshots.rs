//! Oneshots and pipelines of an image, in the hands of PID 1.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "a oneshot that runs when the container is stopped is told to end",
        files: &[
            ("etc/s6-overlay/s6-rc.d/long/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/long/up", "/etc/long\n"),
            (
                "etc/long",
                "#!/bin/sh\ntrap 'echo it is told; exit 1' TERM\nkill -TERM 1\n\
                 while :; do sleep 0.02; done\n",
            ),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/long", ""),
        ],
        env: &["S6_KILL_GRACETIME=15000"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["it is told", "s6-rc: info: service fix-attrs successfully stopped"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a oneshot that takes no notice keeps no container",
        files: &[
            ("etc/s6-overlay/s6-rc.d/deaf/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/deaf/up", "/etc/deaf\n"),
            ("etc/deaf", "#!/bin/sh\ntrap '' TERM\nkill -TERM 1\nexec sleep 3600\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/deaf", ""),
        ],
        env: &["S6_KILL_GRACETIME=100", "S6_SERVICES_GRACETIME=200"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["init: warning: killing what did not end within 100 ms of SIGTERM*"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a pipeline, in a container",
        files: &[
            ("etc/s6-overlay/s6-rc.d/from/type", "longrun\n"),
            (
                "etc/s6-overlay/s6-rc.d/from/run",
                "#!/bin/sh\necho through the pipe\nexec sleep 60\n",
            ),
            ("etc/s6-overlay/s6-rc.d/from/producer-for", "to\n"),
            ("etc/s6-overlay/s6-rc.d/to/type", "longrun\n"),
            (
                "etc/s6-overlay/s6-rc.d/to/run",
                "#!/bin/sh\nread -r line\necho it came $line\n\
                                               touch /run/came\nexec sleep 60\n",
            ),
            ("etc/s6-overlay/s6-rc.d/to/consumer-for", "from\n"),
            ("etc/s6-overlay/s6-rc.d/to/pipeline-name", "both\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/both", ""),
        ],
        cmd: Some(&["sh", "-c", "until test -e /run/came; do sleep 0.02; done; echo the CMD"]),
        lines: &["it came through the pipe", "the CMD", "s6-rc: info: service from: stopping"],
        ..NONE
    },
];
