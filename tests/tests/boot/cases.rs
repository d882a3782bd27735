//! The containers.

/// A container and what is to be seen of it.
pub struct Case {
    pub name: &'static str,
    /// Files of the tree and their contents.
    pub files: &'static [(&'static str, &'static str)],
    /// Variables, `K=V`.
    pub env: &'static [&'static str],
    /// The CMD.
    pub cmd: Option<&'static [&'static str]>,
    /// Without `chainit run`: on the machine's own root, with a `/run` that is mounted with these
    /// options. The CMD then is all of the command line, and PID 1.
    pub run: Option<&'static str>,
    /// More options of `chainit run`.
    pub options: &'static [&'static str],
    /// The container's standard input.
    pub input: &'static str,
    /// The exit code.
    pub code: i32,
    /// Lines that come in this order, others perhaps between them; a `*` at the end stands for
    /// any rest.
    pub lines: &'static [&'static str],
    /// What is nowhere in the output.
    pub without: &'static [&'static str],
}

const NONE: Case = Case {
    name: "",
    files: &[],
    env: &[],
    cmd: None,
    run: None,
    options: &[],
    input: "",
    code: 0,
    lines: &[],
    without: &[],
};

const SIGNAL_FROM_CMD: &str = "#!/bin/sh\nsleep 5 &\nsleep 0.1\nkill -$1 1\nwait\n";

pub const CASES: &[Case] = &[
    Case {
        name: "an empty boot says what upstream says",
        cmd: Some(&["true"]),
        lines: &[
            "/package/admin/s6-overlay/libexec/preinit: info: container permissions: uid=0 (root), euid=0, gid=0 (root), egid=0",
            "/package/admin/s6-overlay/libexec/preinit: info: /run permissions: uid=0 (root), gid=0 (root), perms=*",
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
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["warning", "fatal"],
        ..NONE
    },
    Case {
        name: "verbosity 1 says nothing where nothing is wrong",
        env: &["S6_VERBOSITY=1"],
        cmd: Some(&["true"]),
        without: &[":"],
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
        without: &["hidden", "warning", "not for scripts"],
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
    Case {
        name: "services run, log, and end before the finish scripts",
        files: &[
            (
                "etc/services.d/web/run",
                "#!/bin/sh\ntrap 'echo web ends; kill $!; exit 0' TERM\necho web begins\nsleep 60 & wait\n",
            ),
            (
                "etc/services.d/web/log/run",
                "#!/bin/sh\nwhile read -r line; do echo \"log: $line\"; done\n",
            ),
            ("etc/services.d/db/run", "#!/command/execlineb -P\ns6-sleep 60\n"),
            ("etc/services.d/db/notification-fd", "3\n"),
            ("etc/cont-finish.d/2", "#!/bin/sh\necho second\n"),
            ("etc/cont-finish.d/1", "#!/bin/sh\necho first\n"),
        ],
        cmd: Some(&["sh", "-c", "sleep 0.3; readlink /run/service/web"]),
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
            "sleep 0.1; echo x > /run/s6-linux-init-container-results/exitcode; kill -TERM 1; sleep 5",
        ]),
        code: 100,
        lines: &["init: fatal: the container's exit code is not a number: x"],
        ..NONE
    },
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
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/reboot; sleep 5"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "signals go to the CMD where that is wanted",
        files: &[(
            "app",
            "#!/bin/sh\ntrap 'echo got it; exit 5' TERM\nsleep 5 &\nsleep 0.1\ntest $(cat /run/s6/cmdpid) = $$ && kill -TERM 1\nwait\n",
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
        files: &[("etc/services.d/deaf/run", "#!/bin/sh\ntrap '' TERM\nexec sleep 60\n")],
        env: &["S6_KILL_GRACETIME=0", "S6_SERVICES_GRACETIME=150"],
        cmd: Some(&["sleep", "0.2"]),
        lines: &[
            "services-down: warning: still running after 150 ms (S6_SERVICES_GRACETIME): deaf",
            "s6-rc: info: service legacy-services successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "a logger that outlives its time is the last to end",
        files: &[
            ("etc/services.d/a/run", "#!/bin/sh\nsleep 60 &\nexec sleep 60\n"),
            ("etc/services.d/a/log/run", "#!/bin/sh\nexec cat\n"),
        ],
        env: &["S6_SERVICES_GRACETIME=150"],
        cmd: Some(&["sleep", "0.2"]),
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
    Case {
        name: "a service without run leaves the others alone",
        files: &[
            ("etc/services.d/bad/finish", "#!/bin/sh\n"),
            ("etc/services.d/good/run", "#!/bin/sh\necho good\nexec sleep 60\n"),
        ],
        cmd: Some(&["sleep", "0.3"]),
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
            "export: fatal: invalid variable name: A=b",
            "/run/s6/legacy-services/b/next:2:1: this word failed",
        ],
        ..NONE
    },
    Case {
        name: "orphans are reaped, and PID 1 has its name",
        cmd: Some(&[
            "sh",
            "-c",
            "(sleep 0.05 & sleep 0.05 &); sleep 0.3; cat /proc/[0-9]*/stat | grep -c ' Z '; cat /proc/1/comm",
        ]),
        lines: &["0", "s6-svscan"],
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
            "init: fatal: unable to make the link /run/s6/basedir/bin/halt: No space left on device",
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
        cmd: Some(&["init", "sh", "-c", "/run/s6/basedir/bin/halt || exit 3; sleep 5"]),
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
