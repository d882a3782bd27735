//! Why a container stops: what failed first is the last line, and who was killed is said.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "the script that failed is the reason, told again at the end",
        files: &[
            ("etc/cont-init.d/1", "#!/bin/sh\nexit 3\n"),
            ("etc/cont-init.d/2", "#!/bin/sh\nexit 4\n"),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["true"]),
        code: 1,
        lines: &[
            "cont-init: info: /etc/cont-init.d/1 exited 3",
            "s6-rc: info: service fix-attrs successfully stopped",
            "init: fatal: the container stops: /etc/cont-init.d/1 exited 3",
        ],
        ..NONE
    },
    Case {
        name: "a failure that stops nothing is no reason",
        files: &[("etc/cont-init.d/1", "#!/bin/sh\nexit 3\n")],
        cmd: Some(&["sh", "-c", "exit 5"]),
        code: 5,
        without: &["the container stops"],
        ..NONE
    },
    Case {
        name: "a service that can't be run is the reason",
        files: &[
            ("etc/services.d/bad/run", "#!/no/such/shell\n"),
            ("etc/services.d/bad/notification-fd", "3\n"),
        ],
        env: &[
            "S6_BEHAVIOUR_IF_STAGE2_FAILS=2",
            "S6_CMD_WAIT_FOR_SERVICES=1",
            "S6_CMD_WAIT_FOR_SERVICES_MAXTIME=300",
        ],
        code: 2,
        lines: &[
            "s6-supervise bad: warning: unable to spawn ./run (waiting 60 seconds): No such file or directory",
            "/run/service/bad/run: names the interpreter /no/such/shell in its first line, which does not exist here",
            "s6-rc: fatal: timed out",
            "init: fatal: the container stops: service bad is not ready after 300 ms (S6_CMD_WAIT_FOR_SERVICES_MAXTIME); its run can't be executed: No such file or directory",
            "/run/s6/legacy-services/bad/run: names the interpreter /no/such/shell in its first line, which does not exist here",
        ],
        ..NONE
    },
    Case {
        name: "a oneshot of the graph is the reason",
        files: &[
            ("etc/s6-overlay/s6-rc.d/one/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/one/up", "exit 7\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/one", ""),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        code: 1,
        lines: &[
            "s6-rc: warning: unable to start service one: command exited 7",
            "init: fatal: the container stops: unable to start service one: command exited 7",
        ],
        ..NONE
    },
    Case {
        name: "a script of cont-init.d is the reason in a graph, too",
        files: &[
            ("etc/cont-init.d/1", "#!/bin/sh\nexit 3\n"),
            ("etc/s6-overlay/s6-rc.d/a/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/a/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        code: 1,
        lines: &["init: fatal: the container stops: /etc/cont-init.d/1 exited 3"],
        ..NONE
    },
    Case {
        name: "a service of the graph that is late, and what it lacks",
        files: &[
            ("etc/s6-overlay/s6-rc.d/db/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/db/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/db/notification-fd", "3\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/db", ""),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2", "S6_CMD_WAIT_FOR_SERVICES_MAXTIME=300"],
        code: 2,
        lines: &["init: fatal: the container stops: service db is not up yet: it lacks *"],
        ..NONE
    },
    Case {
        name: "a service of the graph that can't be run",
        files: &[
            ("etc/s6-overlay/s6-rc.d/db/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/db/run", "#!/bin/sh\r\nexec sleep 60\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/db", ""),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2", "S6_CMD_WAIT_FOR_SERVICES_MAXTIME=300"],
        code: 2,
        lines: &[
            "s6-supervise db: warning: unable to spawn ./run (waiting 60 seconds): No such file or directory",
            "init: fatal: the container stops: service db is not up yet: it lacks its start (it does not run); its run can't be executed: No such file or directory",
            "/run/s6-rc/servicedirs/db/run: *",
        ],
        ..NONE
    },
    Case {
        name: "services that don't compile are the reason",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "longrum\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
        ],
        code: 1,
        lines: &[
            "s6-rc-compile: fatal: *",
            "init: fatal: the container stops: s6-rc-compile: fatal: *",
        ],
        ..NONE
    },
    Case {
        name: "a hook that fails is the reason",
        files: &[("hook", "#!/bin/sh\nexit 9\n")],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2", "S6_STAGE2_HOOK=/hook"],
        code: 9,
        lines: &["init: fatal: the container stops: hook /hook exited 9"],
        ..NONE
    },
    Case {
        name: "a CMD that can't be run is the reason",
        cmd: Some(&["nosuchprogram"]),
        code: 127,
        lines: &[
            "s6-rc: info: service fix-attrs successfully stopped",
            "init: fatal: the container stops: the CMD nosuchprogram can't be run: No such file or directory",
        ],
        ..NONE
    },
    Case {
        name: "scripts may give a reason, which outlives a new PID 1",
        cmd: Some(&[
            "sh",
            "-c",
            "echo the disk is full > /run/s6-linux-init-container-results/reason
             /package/admin/s6-overlay-*/command/chainit upgrade; exit 3",
        ]),
        code: 3,
        lines: &["init: fatal: the container stops: the disk is full"],
        ..NONE
    },
    Case {
        name: "a CMD that is killed is said to be, with its code",
        cmd: Some(&["sh", "-c", "kill -s SEGV $$"]),
        code: 139,
        lines: &[
            "init: warning: the CMD was killed by SIGSEGV; the container's exit code is 139",
            "s6-rc: info: service legacy-services: stopping",
        ],
        ..NONE
    },
    Case {
        name: "a CMD that is killed where memory runs out",
        run: Some("mode=0755"),
        cmd: Some(&["sh", "-c", MEMORY, "sh", "kill -s KILL $$"]),
        code: 137,
        lines: &[
            "init: error: the CMD was killed by SIGKILL because memory ran out (the cgroup's oom_kill is 2, its limit 1000 bytes); the container's exit code is 137",
            "help: give the container more memory, *",
        ],
        ..NONE
    },
    Case {
        name: "a CMD whose child was killed where memory ran out",
        run: Some("mode=0755"),
        cmd: Some(&["sh", "-c", MEMORY, "sh", "sh -c 'kill -s KILL $$'; exit $?"]),
        code: 137,
        lines: &["init: error: the CMD exited 137 because memory ran out *"],
        ..NONE
    },
    Case {
        name: "a CMD that kills itself has memory enough",
        run: Some("mode=0755"),
        cmd: Some(&["sh", "-c", "mount -t tmpfs none /sys && exec init sh -c 'kill -s KILL $$'"]),
        code: 137,
        lines: &["init: warning: the CMD was killed by SIGKILL; the container's exit code is 137"],
        without: &["memory"],
        ..NONE
    },
    Case {
        name: "a CMD that ends while the container stops needs no explanation",
        cmd: Some(&["sh", "-c", "kill -s TERM 1; while :; do sleep 0.01; done"]),
        without: &["killed"],
        ..NONE
    },
];

/// What the kernel would count, before `/init` begins.
const MEMORY: &str = "mount -t tmpfs none /sys && mkdir -p /sys/fs/cgroup || exit 1
echo 1000 > /sys/fs/cgroup/memory.max
printf 'oom 3\\noom_kill 2\\n' > /sys/fs/cgroup/memory.events
exec init sh -c \"$1\"";
