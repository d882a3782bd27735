//! Services, and those that end the container.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "services run, log, and end before the finish scripts",
        files: &[
            (
                "etc/services.d/web/run",
                "#!/bin/sh\ntrap 'echo web ends; kill -9 $!; exit 0' TERM\nsleep 60 &\necho web begins\nwait\n",
            ),
            (
                "etc/services.d/web/log/run",
                "#!/bin/sh\nwhile read -r line; do echo \"log: $line\"; echo > /run/logged; done\n",
            ),
            ("etc/services.d/db/run", "#!/command/execlineb -P\ns6-sleep 60\n"),
            ("etc/services.d/db/notification-fd", "3\n"),
            ("etc/cont-finish.d/2", "#!/bin/sh\necho second\n"),
            ("etc/cont-finish.d/1", "#!/bin/sh\necho first\n"),
        ],
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/logged; do sleep 0.01; done; readlink /run/service/web",
        ]),
        lines: &[
            "services-up: info: copying legacy longrun db",
            "services-up: info: copying legacy longrun web (no readiness notification)",
            "log: web begins",
            "/run/s6/legacy-services/web",
            "s6-rc: info: service legacy-services: stopping",
            "log: web ends",
            "s6-rc: info: service legacy-services successfully stopped",
            "cont-finish: info: running /etc/cont-finish.d/1",
            "first",
            "cont-finish: info: running /etc/cont-finish.d/2",
            "second",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "the CMD waits for services that notify",
        files: &[
            (
                "etc/services.d/a/run",
                "#!/bin/sh\nsleep 0.2\ntouch /run/ready\necho >&3\nexec sleep 60\n",
            ),
            ("etc/services.d/a/notification-fd", "3\n"),
        ],
        env: &["S6_CMD_WAIT_FOR_SERVICES=1"],
        cmd: Some(&["ls", "/run/ready"]),
        lines: &["s6-rc: info: service legacy-services successfully started", "/run/ready"],
        ..NONE
    },
    Case {
        name: "a service that is not ready in time is named",
        files: &[
            ("etc/services.d/a/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/services.d/a/notification-fd", "5\n"),
        ],
        env: &[
            "S6_CMD_WAIT_FOR_SERVICES=1",
            "S6_CMD_WAIT_FOR_SERVICES_MAXTIME=200",
            "S6_BEHAVIOUR_IF_STAGE2_FAILS=2",
        ],
        cmd: Some(&["echo", "then the CMD"]),
        code: 2,
        lines: &[
            "services-up: warning: a is not ready after 200 ms (S6_CMD_WAIT_FOR_SERVICES_MAXTIME); it says so by a line end on its descriptor 5",
            "s6-rc: fatal: timed out",
            "/run/s6/basedir/scripts/rc.init: fatal: stopping the container.",
        ],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "an init script that takes too long is named",
        files: &[
            ("etc/cont-init.d/1", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/cont-init.d/2", "#!/bin/sh\n"),
        ],
        env: &["S6_CMD_WAIT_FOR_SERVICES_MAXTIME=200"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &[
            "cont-init: warning: /etc/cont-init.d/1 still runs after 200 ms (S6_CMD_WAIT_FOR_SERVICES_MAXTIME) and is left running; not run: 2",
            "s6-rc: fatal: timed out",
            "then the CMD",
        ],
        ..NONE
    },
    Case {
        name: "a finish script sets the code and halts",
        files: &[
            ("etc/services.d/app/run", "#!/bin/sh\nexit 6\n"),
            (
                "etc/services.d/app/finish",
                "#!/bin/sh\necho $1 > /run/s6-linux-init-container-results/exitcode\nexec /run/s6/basedir/bin/halt\n",
            ),
        ],
        code: 6,
        lines: &["s6-rc: info: service fix-attrs successfully stopped"],
        ..NONE
    },
    Case {
        name: "a finish script of version 2 ends the tree",
        files: &[
            ("etc/services.d/app/run", "#!/bin/sh\nexit 6\n"),
            ("etc/services.d/app/finish", "#!/bin/sh\nexec s6-svscanctl -t /run/s6/services\n"),
            ("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n"),
        ],
        lines: &["finish"],
        ..NONE
    },
    Case {
        name: "a code that is none",
        cmd: Some(&[
            "sh",
            "-c",
            "sleep 0.1; echo x > /run/s6-linux-init-container-results/exitcode; kill -TERM 1; exec sleep 60",
        ]),
        code: 100,
        lines: &["init: fatal: the container's exit code is not a number: x"],
        ..NONE
    },
];
