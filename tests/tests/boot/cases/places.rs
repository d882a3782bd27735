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
];
