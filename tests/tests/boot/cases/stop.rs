//! The way down.

use super::{Case, NONE};

const SIGNAL_FROM_CMD: &str = "#!/bin/sh\nsleep 60 &\nkill -$1 1\nwait\n";

pub const CASES: &[Case] = &[
    Case {
        name: "SIGTERM stops the container, and the CMD's death is no code",
        files: &[("app", SIGNAL_FROM_CMD), ("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n")],
        cmd: Some(&["/app", "TERM"]),
        lines: &["s6-rc: info: service legacy-services: stopping", "finish"],
        ..NONE
    },
    Case {
        name: "SIGUSR2 halts",
        files: &[("app", SIGNAL_FROM_CMD)],
        cmd: Some(&["/app", "USR2"]),
        ..NONE
    },
    Case {
        name: "SIGINT restarts, which a container without the capability to can't",
        files: &[("app", SIGNAL_FROM_CMD)],
        cmd: Some(&["/app", "INT"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "SIGUSR1 powers off, which a container can't",
        files: &[("app", SIGNAL_FROM_CMD)],
        cmd: Some(&["/app", "USR1"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "SIGPWR powers off",
        files: &[("app", SIGNAL_FROM_CMD)],
        cmd: Some(&["/app", "PWR"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "SIGQUIT and SIGWINCH do nothing",
        cmd: Some(&["sh", "-c", "kill -QUIT 1; kill -WINCH 1; sleep 0.2; exit 3"]),
        code: 3,
        ..NONE
    },
    Case {
        name: "poweroff and reboot as commands",
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/reboot; exec sleep 60"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "signals go to the CMD where that is wanted",
        files: &[(
            "app",
            "#!/bin/sh\ntrap 'echo got it; kill -9 $!; exit 5' TERM\nsleep 60 &\nuntil test \"$(cat /run/s6/cmdpid)\" = $$; do sleep 0.01; done\nkill -TERM 1\nwait\n",
        )],
        env: &["S6_CMD_RECEIVE_SIGNALS=1"],
        cmd: Some(&["/app"]),
        code: 5,
        lines: &["got it", "s6-rc: info: service legacy-services: stopping"],
        ..NONE
    },
    Case {
        name: "what ignores SIGTERM is killed and named",
        files: &[("app", "#!/bin/sh\ntrap '' TERM\nkill -TERM 1\nexec sleep 60\n")],
        env: &["S6_KILL_GRACETIME=150"],
        cmd: Some(&["/app"]),
        lines: &[
            "init: warning: killing what did not end within 150 ms of SIGTERM (S6_KILL_GRACETIME): sleep (pid *",
        ],
        ..NONE
    },
    Case {
        name: "a service that ignores SIGTERM is named",
        files: &[(
            "etc/services.d/deaf/run",
            "#!/bin/sh\ntrap '' TERM\necho > /run/deaf\nexec sleep 60\n",
        )],
        env: &["S6_KILL_GRACETIME=0", "S6_SERVICES_GRACETIME=150"],
        cmd: Some(&["sh", "-c", "until test -e /run/deaf; do sleep 0.01; done"]),
        lines: &[
            "services-down: warning: still running after 150 ms (S6_SERVICES_GRACETIME): deaf",
            "s6-rc: info: service legacy-services successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "a service that ignores SIGTERM is waited for once, beside a graph, too",
        files: &[
            ("etc/services.d/deaf/run", "#!/bin/sh\ntrap '' TERM\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/one/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/one/up", "s6-echo one\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/one", ""),
        ],
        env: &["S6_KILL_GRACETIME=0", "S6_SERVICES_GRACETIME=150"],
        cmd: Some(&["sleep", "0.2"]),
        lines: &[
            "services-down: warning: still running after 150 ms (S6_SERVICES_GRACETIME): deaf",
            "s6-rc: info: service legacy-services successfully stopped",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["successfully stopped\nservices-down: warning"],
        ..NONE
    },
    Case {
        name: "a logger that outlives its time is the last to end",
        files: &[
            ("etc/services.d/a/run", "#!/bin/sh\nsleep 60 &\necho > /run/a\nexec sleep 60\n"),
            ("etc/services.d/a/log/run", "#!/bin/sh\nexec cat\n"),
        ],
        env: &["S6_SERVICES_GRACETIME=150"],
        cmd: Some(&["sh", "-c", "until test -e /run/a; do sleep 0.01; done"]),
        lines: &[
            "services-down: warning: still running after 150 ms (S6_SERVICES_GRACETIME): a/log",
        ],
        without: &["killing"],
        ..NONE
    },
    Case {
        name: "a finish script that takes too long is killed and named",
        files: &[
            ("etc/cont-finish.d/1", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/cont-finish.d/2", "#!/bin/sh\necho second\n"),
        ],
        env: &["S6_KILL_FINISH_MAXTIME=150"],
        cmd: Some(&["true"]),
        lines: &[
            "cont-finish: warning: /etc/cont-finish.d/1 still ran after 150 ms (S6_KILL_FINISH_MAXTIME) and is killed",
            "second",
        ],
        ..NONE
    },
    Case {
        name: "a stop while the container comes up",
        files: &[
            ("etc/cont-init.d/1", "#!/bin/sh\nkill -TERM 1\nexec sleep 60\n"),
            ("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n"),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["s6-rc: info: service fix-attrs: stopping"],
        without: &["then the CMD", "finish"],
        ..NONE
    },
    Case {
        name: "a stop while services are waited for",
        files: &[
            ("etc/services.d/a/run", "#!/bin/sh\nsleep 0.1\nkill -TERM 1\nexec sleep 60\n"),
            ("etc/services.d/a/notification-fd", "3\n"),
            ("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n"),
        ],
        env: &["S6_CMD_WAIT_FOR_SERVICES=1"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["s6-rc: info: service legacy-cont-init: stopping", "finish"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a stage 2 that crashes",
        files: &[("etc/cont-init.d/1", "#!/bin/sh\nkill -SEGV $PPID\nexec sleep 60\n")],
        cmd: Some(&["echo", "then the CMD"]),
        code: 139,
        lines: &[
            "init: fatal: stage 2 was killed by SIGSEGV before the container was up: stopping it",
        ],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a second /init in the container",
        cmd: Some(&["sh", "-c", "/init true; echo code $?; ls /run/s6; kill -0 1 && exit 3"]),
        code: 3,
        lines: &[
            "init: fatal: can only run once in a container: another /init supervises /run/service here",
            "code 100",
            "basedir",
        ],
        ..NONE
    },
];
