//! Where a container may find itself: as any user, on any file system.

use super::{Case, HERE, NONE, Place};

/// All kinds of services.
const SERVICES: &[(&str, &str)] = &[
    ("etc/cont-init.d/a", "#!/command/with-contenv sh\necho init sees $COLOUR\n"),
    ("etc/cont-finish.d/z", "#!/command/execlineb -P\ns6-echo finish\n"),
    (
        "etc/services.d/old/run",
        "#!/command/execlineb -P\nfdmove -c 2 1\nforeground { s6-echo old runs }\nforeground { fdmove 1 3 s6-echo }\ns6-pause\n",
    ),
    ("etc/services.d/old/notification-fd", "3\n"),
    ("etc/services.d/old/finish", "#!/command/execlineb -S2\ns6-echo old ends ${2}\n"),
    ("etc/s6-overlay/s6-rc.d/one/type", "oneshot\n"),
    ("etc/s6-overlay/s6-rc.d/one/up", "s6-echo one is up\n"),
    ("etc/s6-overlay/s6-rc.d/web/type", "longrun\n"),
    ("etc/s6-overlay/s6-rc.d/web/dependencies.d/one", ""),
    ("etc/s6-overlay/s6-rc.d/web/notification-fd", "3\n"),
    (
        "etc/s6-overlay/s6-rc.d/web/run",
        "#!/command/execlineb -P\nforeground { s6-echo web runs }\nforeground { fdmove 1 3 s6-echo }\ns6-pause\n",
    ),
    ("etc/s6-overlay/user-bundles.d/user/contents.d/web", ""),
];

/// Everything, seen from a CMD in execline: no shell is needed.
const CMD: Option<&[&str]> = Some(&[
    "/command/execlineb",
    "-Pc",
    "foreground { s6-svstat -o up,ready /run/service/web } foreground { s6-svstat -o up,ready /run/service/old } foreground { s6-rc list web } foreground { with-contenv importas C COLOUR s6-echo colour $C } foreground { redirfd -w 1 /run/s6-linux-init-container-results/exitcode s6-echo 9 } foreground { /run/s6/basedir/bin/halt } s6-pause",
]);

const ENV: &[&str] = &["COLOUR=green", "S6_CMD_WAIT_FOR_SERVICES=1", "S6_VERBOSITY=1"];

const ALL: Case = Case { files: SERVICES, cmd: CMD, env: ENV, code: 9, ..NONE };

/// What it all says, wherever it runs.
const LINES: &[&str] = &["true true", "true true", "web", "colour green", "old ends 15", "finish"];

/// [`SERVICES`] without what needs a shell.
const NO_SHELL: &[(&str, &str)] = SERVICES.split_at(1).1;

const LOGGED: &[&str] =
    &["COLOUR=green", "S6_CMD_WAIT_FOR_SERVICES=1", "S6_VERBOSITY=1", "S6_LOGGING=1"];

/// What a container whose output is all logged can tell of it: its exit code.
const HIDDEN: Case = Case {
    cmd: Some(&[
        "/command/execlineb",
        "-Pc",
        "foreground { s6-echo from the CMD } foreground { loopwhilex -n foreground { s6-sleep -m 10 } redirfd -r 0 /run/uncaught-logs/current s6-grep -q -- \"from the CMD\" } if { redirfd -r 0 /run/uncaught-logs/current s6-grep -q -- \"web runs\" } if { redirfd -r 0 /run/uncaught-logs/current s6-grep -q -- \"old runs\" } exit 9",
    ]),
    env: &["COLOUR=green", "S6_CMD_WAIT_FOR_SERVICES=1", "S6_VERBOSITY=1", "S6_LOGGING=2"],
    without: &["runs", "init sees", "from the CMD", "finish", "fatal", "logger"],
    ..ALL
};

pub const CASES: &[Case] = &[
    Case {
        name: "a root without anything",
        place: Some(HERE),
        lines: LINES,
        without: &["preinit"],
        ..ALL
    },
    Case {
        name: "no shell at all",
        files: NO_SHELL,
        place: Some(Place { script: "rm -r bin/*", ..HERE }),
        lines: &["true true", "true true", "web", "colour green", "old ends 15", "finish"],
        without: &["preinit"],
        ..ALL
    },
    Case {
        name: "no /run",
        place: Some(Place { script: "rmdir run", ..HERE }),
        lines: LINES,
        without: &["preinit"],
        ..ALL
    },
    Case {
        name: "no /proc",
        place: Some(Place { script: "umount proc", ..HERE }),
        lines: LINES,
        without: &["preinit"],
        ..ALL
    },
    Case {
        name: "no /dev/null",
        place: Some(Place { script: "umount dev/null; rm -r dev", ..HERE }),
        lines: LINES,
        without: &["preinit", "null"],
        ..ALL
    },
    Case {
        name: "no /proc, no /dev, no shell, and everything logged",
        files: NO_SHELL,
        env: LOGGED,
        place: Some(Place { script: "umount dev/null proc; rm -r dev proc bin/*", ..HERE }),
        lines: &["true true", "true true", "web", "colour green", "old ends 15", "finish"],
        without: &["preinit", "null"],
        ..ALL
    },
    Case {
        name: "a /run without execution, and all kinds of services",
        place: Some(Place { script: "mount -t tmpfs -o noexec,mode=0755 none run", ..HERE }),
        lines: LINES,
        without: &["preinit", "noexec"],
        ..ALL
    },
    Case {
        name: "a /run without execution, and a service whose run is a machine's program",
        files: &[
            ("etc/s6-overlay/s6-rc.d/elf/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/elf/finish", "#!/bin/sh\necho > /tmp/elf\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/elf", ""),
        ],
        place: Some(Place {
            script: "cp bin/busybox etc/s6-overlay/s6-rc.d/elf/run; mount -t tmpfs -o noexec,mode=0755 none run",
            ..HERE
        }),
        cmd: Some(&["sh", "-c", "until test -e /tmp/elf; do sleep 0.01; done"]),
        lines: &["run: applet not found"],
        without: &["unable"],
        ..NONE
    },
    Case {
        name: "a /run without execution, and everything logged",
        env: LOGGED,
        place: Some(Place { script: "mount -t tmpfs -o noexec,mode=0755 none run", ..HERE }),
        lines: LINES,
        without: &["preinit", "noexec"],
        ..ALL
    },
    Case {
        name: "a read-only root",
        place: Some(Place { script: "mount -o remount,ro,bind .", ..HERE }),
        lines: LINES,
        ..ALL
    },
    Case {
        name: "a read-only root without /run and with a /tmp",
        place: Some(Place {
            script: "rmdir run; mount -t tmpfs none tmp; mount -o remount,ro,bind .",
            ..HERE
        }),
        lines: LINES,
        ..ALL
    },
    Case {
        name: "any user",
        root: true,
        place: Some(Place { user: "1000:1000", ..HERE }),
        lines: LINES,
        ..ALL
    },
    Case {
        name: "any user, with namespaces",
        root: true,
        place: Some(Place { user: "1000:1000", namespaces: true, ..HERE }),
        lines: LINES,
        ..ALL
    },
    Case {
        name: "any user of group 0, on a root that is read-only and has no /run",
        root: true,
        place: Some(Place {
            script: "rmdir run; mount -t tmpfs -o noexec,mode=1777 none tmp; mount -o remount,ro,bind .",
            user: "12345:0",
            ..HERE
        }),
        env: LOGGED,
        lines: LINES,
        without: &["noexec"],
        ..ALL
    },
    Case {
        name: "no /proc, no /dev, no shell, and nothing comes out",
        files: NO_SHELL,
        place: Some(Place { script: "umount dev/null proc; rm -r dev proc bin/*", ..HERE }),
        ..HIDDEN
    },
    Case {
        name: "a /run without execution, and nothing comes out",
        place: Some(Place { script: "mount -t tmpfs -o noexec,mode=0755 none run", ..HERE }),
        ..HIDDEN
    },
    Case {
        name: "a read-only root, and nothing comes out",
        place: Some(Place { script: "mount -o remount,ro,bind .", ..HERE }),
        ..HIDDEN
    },
    Case {
        name: "any user, and nothing comes out",
        root: true,
        place: Some(Place { user: "1000:1000", ..HERE }),
        ..HIDDEN
    },
    Case {
        name: "any user, a read-only root without /run, and nothing comes out",
        root: true,
        place: Some(Place {
            script: "rmdir run; mount -t tmpfs -o noexec,mode=1777 none tmp; mount -o remount,ro,bind .",
            user: "12345:0",
            ..HERE
        }),
        ..HIDDEN
    },
    Case {
        name: "a shell script of any user finds the state where there can be namespaces",
        root: true,
        files: &[("run/secrets/key", "of the engine\n")],
        place: Some(Place { user: "1000:1000", namespaces: true, ..HERE }),
        cmd: Some(&[
            "/bin/sh",
            "-c",
            "cat /run/secrets/key /proc/1/comm; echo 6 > /run/s6-linux-init-container-results/exitcode; /run/s6/basedir/bin/halt; exec sleep 600",
        ]),
        code: 6,
        lines: &["of the engine", "s6-svscan"],
        ..NONE
    },
    Case {
        name: "any user, and a /run that group 0 may write to",
        root: true,
        place: Some(Place { script: "chmod 775 run", user: "12345:0", ..HERE }),
        lines: LINES,
        without: &["preinit"],
        ..ALL
    },
    Case {
        name: "any user, and a /run that everybody may write to is not worked in",
        root: true,
        place: Some(Place { script: "chmod 777 run", user: "1000:1000", ..HERE }),
        lines: LINES,
        ..ALL
    },
    Case {
        name: "any user, and a /run that everybody may write to, if that is meant",
        root: true,
        env: &[
            "COLOUR=green",
            "S6_CMD_WAIT_FOR_SERVICES=1",
            "S6_VERBOSITY=1",
            "S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES=1",
        ],
        place: Some(Place { script: "chmod 777 run", user: "1000:1000", ..HERE }),
        lines: &[
            "/package/admin/s6-overlay/libexec/preinit: warning: /run belongs to uid 0 instead of 1000, IS WORLD WRITABLE, *",
            "true true",
            "finish",
        ],
        without: &["so the state"],
        ..ALL
    },
    Case {
        name: "what an earlier start has left in /run is gone",
        files: &[
            ("run/s6/container_environment/COLOUR", "stale\n"),
            ("run/service/ghost/run", "#!/command/execlineb -P\ns6-echo ghost\n"),
            ("run/s6-rc", "stale\n"),
            ("run/others", "theirs\n"),
        ],
        place: Some(HERE),
        cmd: Some(&[
            "/bin/sh",
            "-c",
            "ls /run/service /run/s6/container_environment; cat /run/others",
        ]),
        lines: &["theirs"],
        without: &["ghost", "COLOUR"],
        ..NONE
    },
    Case {
        name: "a service that can't become its user says so once, by its name",
        root: true,
        files: &[(
            "etc/services.d/web/run",
            "#!/command/execlineb -P\nfdmove -c 2 1\nforeground { redirfd -a 1 /tmp/starts s6-echo }\ns6-setuidgid 33:33\ns6-echo never\n",
        )],
        place: Some(Place { user: "1000:1000", ..HERE }),
        cmd: Some(&[
            "/bin/sh",
            "-c",
            "touch /tmp/starts; until test $(wc -l < /tmp/starts) -ge 2; do sleep 0.05; done; exit 4",
        ]),
        code: 4,
        lines: &[
            "s6-applyuidgid: fatal: unable to set supplementary group list: Operation not permitted",
            "service web, which says it once: uid 33 gid 33: uid 1000 has no right to change users",
            "s6-rc: info: service legacy-services: stopping",
        ],
        without: &["never"],
        ..NONE
    },
    Case {
        name: "a service that is its user already needs no right",
        root: true,
        files: &[(
            "etc/services.d/web/run",
            "#!/command/execlineb -P\nfdmove -c 2 1\ns6-setuidgid 1000:1000\nforeground { s6-echo web runs }\nforeground { redirfd -w 1 /run/s6-linux-init-container-results/exitcode s6-echo 3 }\nforeground { /run/s6/basedir/bin/halt }\ns6-pause\n",
        )],
        place: Some(Place { user: "1000:1000", ..HERE }),
        cmd: Some(&["/command/s6-pause"]),
        code: 3,
        lines: &["web runs"],
        ..NONE
    },
    Case {
        name: "a user's directory is no trap for root",
        root: true,
        place: Some(Place {
            // It has the name that the state would have, and a setting that says something else.
            script: "trap=tmp/.s6-run-$(printf %016x-%016x $(stat -c '%d %i' .))
                mkdir -p $trap/s6/container_environment; echo trap > $trap/s6/container_environment/NONE
                chown -R 33:33 $trap; chmod 700 $trap",
            ..HERE
        }),
        cmd: Some(&["/bin/sh", "-c", "rm -r /run/s6; with-contenv sh -c 'echo NONE=$NONE.'; exit 5"]),
        code: 5,
        without: &["NONE=trap"],
        ..NONE
    },
];
