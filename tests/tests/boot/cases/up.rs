//! The way up to the CMD, and the CMD.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "an empty boot says what upstream says",
        cmd: Some(&["true"]),
        lines: &[
            "/package/admin/s6-overlay/libexec/preinit: info: container permissions: uid=0 (root), euid=0, gid=0 (root), egid=0",
            "/package/admin/s6-overlay/libexec/preinit: info: /run permissions: uid=0 (root), gid=0 (root), perms=*",
            "s6-rc-compile: warning: source /etc/s6-overlay/s6-rc.d is empty",
            "s6-rc: info: service s6rc-oneshot-runner: starting",
            "s6-rc: info: service fix-attrs: starting",
            "s6-rc: info: service s6rc-oneshot-runner successfully started",
            "s6-rc: info: service legacy-cont-init: starting",
            "s6-rc: info: service fix-attrs successfully started",
            "s6-rc: info: service legacy-services: starting",
            "s6-rc: info: service legacy-cont-init successfully started",
            "s6-rc: info: service legacy-services successfully started",
            "s6-rc: info: service legacy-services: stopping",
            "s6-rc: info: service legacy-cont-init: stopping",
            "s6-rc: info: service legacy-services successfully stopped",
            "s6-rc: info: service fix-attrs: stopping",
            "s6-rc: info: service legacy-cont-init successfully stopped",
            "s6-rc: warning: service s6rc-oneshot-runner is marked as essential, not stopping it",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["fatal"],
        ..NONE
    },
    Case {
        name: "verbosity 1 says what upstream says, and nothing else where nothing is wrong",
        env: &["S6_VERBOSITY=1"],
        cmd: Some(&["true"]),
        lines: &[
            "s6-rc: warning: service s6rc-oneshot-runner is marked as essential, not stopping it",
        ],
        without: &["info", "source", "fatal"],
        ..NONE
    },
    Case {
        name: "verbosity 0 says nothing where nothing is wrong",
        env: &["S6_VERBOSITY=0"],
        cmd: Some(&["true"]),
        without: &[":"],
        ..NONE
    },
    Case {
        name: "verbosity 3 tells of the graph, also where the image has none",
        env: &["S6_VERBOSITY=3"],
        cmd: Some(&["true"]),
        lines: &[
            "s6-rc-compile: info: adding sources from /etc/s6-overlay/s6-rc.d",
            "s6-rc-compile: info: making bundles for pipelines",
            "s6-rc-compile: info: resolving bundle names",
            "s6-rc-compile: info: resolving service names",
            "s6-rc-compile: info: writing compiled information to /run/s6/db",
            "s6-rc: info: bringing selected services up",
            "s6-rc: info: service s6rc-oneshot-runner: starting",
            "s6-rc: info: bringing selected services down",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "a CMD that halts the container as soon as it runs finds somebody to tell",
        cmd: Some(&["/run/s6/basedir/bin/halt"]),
        lines: &["s6-rc: info: service legacy-services: stopping"],
        without: &["unable"],
        ..NONE
    },
    Case { name: "the CMD's code", cmd: Some(&["sh", "-c", "exit 7"]), code: 7, ..NONE },
    Case { name: "a killed CMD's code", cmd: Some(&["sh", "-c", "kill -9 $$"]), code: 137, ..NONE },
    Case {
        name: "a CMD that is not there",
        cmd: Some(&["nosuch", "word"]),
        code: 127,
        lines: &["init: fatal: unable to exec nosuch: No such file or directory", "nosuch: *"],
        ..NONE
    },
    Case {
        name: "a CMD that is a directory",
        cmd: Some(&["/etc"]),
        code: 126,
        lines: &[
            "init: fatal: unable to exec /etc: Permission denied",
            "/etc: is a directory",
            "help: *",
        ],
        ..NONE
    },
    Case {
        name: "a CMD's path that leads nowhere",
        cmd: Some(&["/no/such"]),
        code: 127,
        lines: &[
            "init: fatal: unable to exec /no/such: No such file or directory",
            "/no/such: lies below /no*",
        ],
        ..NONE
    },
    Case {
        name: "a CMD without its x bit",
        files: &[("app", "-#!/bin/sh\n")],
        cmd: Some(&["/app"]),
        code: 126,
        lines: &["init: fatal: unable to exec /app: Permission denied", "/app: lacks its x bit"],
        ..NONE
    },
    Case {
        name: "a CMD without a first line is the shell's",
        files: &[("app", "+echo $1 $#; exit 3\n")],
        cmd: Some(&["/app", "a b"]),
        code: 3,
        lines: &["a b 1"],
        ..NONE
    },
    Case {
        name: "the CMD is one of our own words",
        cmd: Some(&["if", " s6-echo", " one", "", "exit", "9"]),
        code: 9,
        lines: &["one"],
        ..NONE
    },
    Case {
        name: "the CMD reads the container's input",
        cmd: Some(&["cat"]),
        input: "hello\n",
        lines: &["hello"],
        ..NONE
    },
    Case {
        name: "the CMD's working directory",
        options: &["-w", "/usr/bin"],
        cmd: Some(&["sh", "-c", "pwd; cat /run/s6/workdir"]),
        lines: &["/usr/bin", "/usr/bin"],
        ..NONE
    },
    Case {
        name: "a script changes the CMD's working directory",
        files: &[("etc/cont-init.d/a", "#!/bin/sh\necho /tmp > /run/s6/workdir\n")],
        cmd: Some(&["pwd"]),
        lines: &["/tmp"],
        ..NONE
    },
    Case {
        name: "what stands in front of the CMD",
        env: &["S6_CMD_ARG0=sh  -c"],
        cmd: Some(&["echo front; exit 4"]),
        code: 4,
        lines: &["front"],
        ..NONE
    },
    Case {
        name: "init scripts in their order",
        files: &[
            ("etc/cont-init.d/10-b", "#!/bin/sh\ncat; echo in b, $RC_NAME\n"),
            ("etc/cont-init.d/01-a", "#!/command/execlineb -P\ns6-echo -- \"in a\"\n"),
            ("etc/cont-init.d/20-c", "+echo no first line; exit 3\n"),
            ("etc/cont-init.d/.hidden", "#!/bin/sh\necho hidden\n"),
        ],
        cmd: Some(&["true"]),
        input: "not for scripts",
        lines: &[
            "cont-init: info: running /etc/cont-init.d/01-a",
            "in a",
            "cont-init: info: /etc/cont-init.d/01-a exited 0",
            "cont-init: info: running /etc/cont-init.d/10-b",
            "in b, legacy-cont-init",
            "cont-init: info: /etc/cont-init.d/10-b exited 0",
            "cont-init: info: running /etc/cont-init.d/20-c",
            "no first line",
            "cont-init: info: /etc/cont-init.d/20-c exited 3",
            "s6-rc: info: service legacy-cont-init successfully started",
        ],
        without: &["hidden", "init: warning", "not for scripts"],
        ..NONE
    },
    Case {
        name: "init scripts that can't be run are explained",
        files: &[
            ("etc/cont-init.d/1", "-#!/bin/sh\n"),
            ("etc/cont-init.d/2", "#!/bin/nosuch\n"),
            ("etc/cont-init.d/3", "#!/bin/sh\r\n"),
            ("etc/cont-init.d/4", "#!/bin/sh\nkill -9 $$\n"),
            ("etc/cont-init.d/5", "#!/opt/with-contenv sh\n"),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=1"],
        cmd: Some(&["echo", "goes on"]),
        lines: &[
            "cont-init: fatal: unable to exec /etc/cont-init.d/1: Permission denied",
            "/etc/cont-init.d/1: lacks its x bit",
            "cont-init: info: /etc/cont-init.d/1 exited 126",
            "/etc/cont-init.d/2: names the interpreter /bin/nosuch*",
            "cont-init: info: /etc/cont-init.d/2 exited 127",
            "cont-init: fatal: unable to exec /etc/cont-init.d/3: No such file or directory",
            "cont-init: info: /etc/cont-init.d/3 exited 127",
            "cont-init: info: /etc/cont-init.d/4 exited 137",
            "/etc/cont-init.d/5: names the interpreter /opt/with-contenv*",
            "help: let the first line name /command/with-contenv, or unpack*",
            "cont-init: warning: some scripts exited nonzero",
            "goes on",
        ],
        ..NONE
    },
    Case {
        name: "an init script that fails stops the container where that is wanted",
        files: &[
            ("etc/cont-init.d/a", "#!/bin/sh\nexit 3\n"),
            ("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n"),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["echo", "then the CMD"]),
        code: 1,
        lines: &[
            "cont-init: warning: some scripts exited nonzero",
            "s6-rc: warning: unable to start service legacy-cont-init: command exited 1",
            "/run/s6/basedir/scripts/rc.init: warning: s6-rc failed to properly bring all the services up! Check your logs (in /run/uncaught-logs/current if you have in-container logging) for more information.",
            "/run/s6/basedir/scripts/rc.init: fatal: stopping the container.",
            "s6-rc: info: service fix-attrs: stopping",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["then the CMD", "legacy-services", "finish"],
        ..NONE
    },
    Case {
        name: "a script that cleans up its group does not reach stage 2",
        files: &[("etc/cont-init.d/a", "#!/bin/sh\ntrap : TERM\nkill 0\nexit 0\n")],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["cont-init: info: /etc/cont-init.d/a exited 0", "then the CMD"],
        ..NONE
    },
    Case {
        name: "a profile has its own directories",
        files: &[
            ("etc/cont-profile.d/p/cont-init.d/a", "#!/bin/sh\n"),
            ("etc/cont-init.d/b", "#!/bin/sh\n"),
        ],
        env: &["S6_RUNTIME_PROFILE=p"],
        cmd: Some(&["true"]),
        lines: &["cont-init: info: running /etc/cont-profile.d/p/cont-init.d/a"],
        without: &["/b"],
        ..NONE
    },
    Case {
        name: "the hook runs before all, and may change settings",
        files: &[(
            "hook",
            "#!/bin/sh\necho hook $2; echo 0 > /run/s6/container_environment/S6_VERBOSITY\n",
        )],
        env: &["S6_STAGE2_HOOK=/hook  'a  b"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["hook b", "then the CMD"],
        without: &["fix-attrs"],
        ..NONE
    },
    Case {
        name: "a hook that fails",
        env: &["S6_STAGE2_HOOK=false", "S6_BEHAVIOUR_IF_STAGE2_FAILS=1"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["/run/s6/basedir/scripts/rc.init: warning: hook false exited 1", "then the CMD"],
        ..NONE
    },
    Case {
        name: "a hook that fails stops the container where that is wanted",
        env: &["S6_STAGE2_HOOK=sh /hook", "S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        files: &[("hook", "exit 5\n")],
        cmd: Some(&["echo", "then the CMD"]),
        code: 5,
        lines: &["/run/s6/basedir/scripts/rc.init: fatal: hook sh /hook exited 5"],
        without: &["then the CMD", "starting", "stopping"],
        ..NONE
    },
    Case {
        name: "the environment is kept from the CMD, and kept for with-contenv",
        env: &["FOO=bar", "EMPTY=", "S6_VERBOSITY=1"],
        files: &[(
            "app",
            "#!/bin/sh\necho FOO=$FOO.; with-contenv sh -c 'echo FOO=$FOO.'; od -c /run/s6/container_environment/EMPTY | head -1\n",
        )],
        cmd: Some(&["/app"]),
        lines: &["FOO=.", "FOO=bar.", "0000000  \\n"],
        ..NONE
    },
    Case {
        name: "the environment goes to everybody where that is wanted",
        env: &["FOO=bar", "S6_KEEP_ENV=1"],
        files: &[("etc/cont-init.d/a", "#!/bin/sh\necho script $FOO; ls /run/s6\n")],
        cmd: Some(&["sh", "-c", "echo CMD $FOO"]),
        lines: &["script bar", "CMD bar"],
        without: &["container_environment"],
        ..NONE
    },
];
