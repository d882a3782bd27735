//! Services of an image's own in the graph with the stages.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "services of the graph come up and down in the order of their dependencies",
        files: &[
            ("etc/s6-overlay/s6-rc.d/prepare/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/prepare/up", "/etc/prepare"),
            ("etc/s6-overlay/s6-rc.d/prepare/down", "s6-echo prepare down"),
            ("etc/s6-overlay/s6-rc.d/prepare/dependencies.d/base", ""),
            ("etc/prepare", "#!/bin/sh\necho \"$RC_NAME up\"\n"),
            ("etc/s6-overlay/s6-rc.d/web/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/web/notification-fd", "3\n"),
            (
                "etc/s6-overlay/s6-rc.d/web/run",
                "-#!/bin/sh\ntrap 'echo web ends; kill -9 $!; exit 0' TERM\necho web begins\nsleep 60 & echo >&3\nwait\n",
            ),
            ("etc/s6-overlay/s6-rc.d/web/dependencies.d/prepare", ""),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/web", ""),
            ("etc/cont-init.d/1", "#!/bin/sh\necho init script\n"),
            ("etc/cont-finish.d/1", "#!/bin/sh\necho finish script\n"),
        ],
        cmd: Some(&["sh", "-c", "s6-rc -a list; exit 4"]),
        code: 4,
        lines: &[
            "s6-rc: info: service legacy-cont-init: starting",
            "init script",
            "s6-rc: info: service prepare: starting",
            "prepare up",
            "s6-rc: info: service web: starting",
            "web begins",
            "s6-rc: info: service web successfully started",
            "s6-rc: info: service legacy-services successfully started",
            "web",
            "prepare",
            "s6-rc: info: service legacy-services: stopping",
            "s6-rc: info: service web: stopping",
            "web ends",
            "s6-rc: info: service prepare: stopping",
            "s6-rc: info: service web successfully stopped",
            "prepare down",
            "s6-rc: info: service legacy-cont-init: stopping",
            "finish script",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "s6-rc knows the stages also where the image defines nothing for it",
        files: &[
            ("etc/services.d/a/run", "#!/bin/sh\nexec sleep 600\n"),
            ("etc/services.d/a/finish", "#!/bin/sh\necho a has ended\n"),
            ("etc/cont-init.d/a", "#!/bin/sh\necho init script\n"),
            (
                "etc/cont-finish.d/a",
                "#!/bin/sh\necho >> /run/n; echo finish script $(wc -l < /run/n)\n",
            ),
        ],
        cmd: Some(&[
            "sh",
            "-c",
            "echo up: $(s6-rc -a list | sort); s6-rc -d change legacy-services; \
             echo still up: $(s6-rc -a list | sort); s6-rc -u change legacy-services; \
             s6-svstat -o wantedup /run/service/a; echo base: $(s6-rc-db contents base | sort); \
             ls -d /run/s6-rc /run/s6/db /run/s6/legacy-services; exit 6",
        ]),
        code: 6,
        lines: &[
            "init script",
            "up: fix-attrs legacy-cont-init legacy-services s6rc-oneshot-runner",
            "a has ended",
            "still up: fix-attrs legacy-cont-init s6rc-oneshot-runner",
            "true",
            "base: fix-attrs legacy-cont-init",
            "/run/s6-rc",
            "/run/s6/db",
            "/run/s6/legacy-services",
            "s6-rc: info: service legacy-services: stopping",
            "a has ended",
            "s6-rc: info: service legacy-services successfully stopped",
            "finish script 1",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["finish script 2", "fatal", "still running"],
        ..NONE
    },
    Case {
        name: "s6-rc is asked where nobody had anything to start",
        cmd: Some(&["s6-rc", "-a", "list"]),
        lines: &[
            "fix-attrs",
            "s6-rc: info: service legacy-services: stopping",
            "s6-rc: warning: service s6rc-oneshot-runner is marked as essential, not stopping it",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["fatal"],
        ..NONE
    },
    Case {
        name: "an image's own services among the stages, below the version it was made for",
        files: &[
            ("package/admin/s6-overlay-3.1.5.0/etc/s6-rc/sources/base/contents.d/banner", ""),
            ("package/admin/s6-overlay-3.1.5.0/etc/s6-rc/sources/banner/type", "oneshot\n"),
            (
                "package/admin/s6-overlay-3.1.5.0/etc/s6-rc/sources/banner/up",
                "/package/admin/s6-overlay/etc/s6-rc/scripts/banner",
            ),
            (
                "package/admin/s6-overlay-3.1.5.0/etc/s6-rc/scripts/banner",
                "#!/command/with-contenv sh\necho the banner of $WHOM\n",
            ),
            (
                "package/admin/s6-overlay-3.1.5.0/etc/s6-rc/sources/fix-attrs/dependencies.d/banner",
                "",
            ),
        ],
        env: &["WHOM=3.1.5"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &[
            "s6-rc: info: service banner: starting",
            "the banner of 3.1.5",
            "s6-rc: info: service fix-attrs: starting",
            "s6-rc: info: service banner successfully started",
            "then the CMD",
        ],
        without: &["fatal"],
        ..NONE
    },
    Case {
        name: "bundles in a directory that is named at run time",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/a/up", "s6-echo a up"),
            ("etc/s6-overlay/s6-rc.d/b/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/b/up", "s6-echo b up"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
            ("srv/bundles/user/type", "bundle\n"),
            ("srv/bundles/user/contents.d/b", ""),
            ("srv/bundles/user2/type", "bundle\n"),
            ("srv/bundles/user2/contents.d/.keep", ""),
        ],
        env: &["S6_RUNTIME_BUNDLEDIR=/srv/bundles"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["b up", "then the CMD"],
        without: &["a up", "fatal"],
        ..NONE
    },
    Case {
        name: "a directory of bundles that is not there is no empty one",
        env: &["S6_RUNTIME_BUNDLEDIR=/no/such"],
        cmd: Some(&["echo", "the CMD"]),
        code: 111,
        lines: &[
            "s6-rc-compile: fatal: unable to opendir /no/such: No such file or directory",
            "help: S6_RUNTIME_PROFILE and S6_RUNTIME_BUNDLEDIR say where definitions are",
        ],
        without: &["the CMD"],
        ..NONE
    },
    Case {
        name: "a profile that is not there is no empty one",
        env: &["S6_RUNTIME_PROFILE=nosuch"],
        cmd: Some(&["echo", "the CMD"]),
        code: 111,
        lines: &[
            "s6-rc-compile: fatal: unable to opendir /etc/cont-profile.d/nosuch/s6-overlay/s6-rc.d: No such file or directory",
        ],
        without: &["the CMD"],
        ..NONE
    },
    Case {
        name: "a profile replaces all services of the image",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/a/up", "s6-echo a up"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
            ("etc/cont-profile.d/p/s6-overlay/s6-rc.d/b/type", "oneshot\n"),
            ("etc/cont-profile.d/p/s6-overlay/s6-rc.d/b/up", "s6-echo b up"),
            ("etc/cont-profile.d/p/s6-overlay/user-bundles.d/user/type", "bundle\n"),
            ("etc/cont-profile.d/p/s6-overlay/user-bundles.d/user/contents.d/b", ""),
            ("etc/cont-profile.d/p/s6-overlay/user-bundles.d/user2/type", "bundle\n"),
            ("etc/cont-profile.d/p/s6-overlay/user-bundles.d/user2/contents.d/.keep", ""),
        ],
        env: &["S6_RUNTIME_PROFILE=p"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["b up", "then the CMD"],
        without: &["a up", "fatal"],
        ..NONE
    },
    Case {
        name: "bundles in the old place, without types",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/a/up", "s6-echo a up"),
            ("etc/s6-overlay/s6-rc.d/user/contents.d/a", ""),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &[
            "/run/s6/basedir/scripts/rc.init: warning: defining user bundles in /etc/s6-overlay/s6-rc.d is deprecated, please define them in /etc/s6-overlay/user-bundles.d instead",
            "a up",
            "then the CMD",
        ],
        ..NONE
    },
    Case {
        name: "user2 comes after services.d, if its services say so",
        files: &[
            ("etc/services.d/old/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/late/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/late/up", "s6-svwait -u /run/service/old"),
            ("etc/s6-overlay/s6-rc.d/late/dependencies.d/legacy-services", ""),
            ("etc/s6-overlay/user-bundles.d/user2/contents.d/late", ""),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &[
            "services-up: info: copying legacy longrun old (no readiness notification)",
            "s6-rc: info: service legacy-services successfully started",
            "s6-rc: info: service late successfully started",
            "then the CMD",
            "s6-rc: info: service legacy-services: stopping",
            "s6-rc: info: service legacy-services successfully stopped",
        ],
        ..NONE
    },
    Case {
        name: "a oneshot that fails stops the container if that is asked for",
        files: &[
            ("etc/s6-overlay/s6-rc.d/bad/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/bad/up", "s6-false\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/bad", ""),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["echo", "then the CMD"]),
        code: 1,
        lines: &[
            "s6-rc: warning: unable to start service bad: command exited 1",
            "/run/s6/basedir/scripts/rc.init: fatal: stopping the container.",
            "s6-rc: info: service fix-attrs successfully stopped",
        ],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a longrun that does not get ready in time is named",
        files: &[
            ("etc/s6-overlay/s6-rc.d/slow/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/slow/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/slow/notification-fd", "4\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/slow", ""),
        ],
        env: &["S6_CMD_WAIT_FOR_SERVICES_MAXTIME=300"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["s6-rc: fatal: timed out", "then the CMD"],
        ..NONE
    },
    Case {
        name: "a definition that is wrong is named, with its file",
        files: &[
            ("etc/s6-overlay/s6-rc.d/web/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/web/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/web/dependencies.d/bsae", ""),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/web", ""),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        code: 1,
        lines: &["help: chainit check /etc/s6-overlay shows the same without a boot"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "SIGTERM ends a boot that waits for readiness",
        files: &[
            ("etc/s6-overlay/s6-rc.d/slow/type", "longrun\n"),
            (
                "etc/s6-overlay/s6-rc.d/slow/run",
                "#!/bin/sh\n[ -e /run/again ] || { touch /run/again; kill -TERM 1; }\nexec sleep 60\n",
            ),
            ("etc/s6-overlay/s6-rc.d/slow/notification-fd", "4\n"),
            // Or the signal might come while fix-attrs is still at it.
            ("etc/s6-overlay/s6-rc.d/slow/dependencies.d/base", ""),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/slow", ""),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["s6-rc: info: service fix-attrs successfully stopped"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "SIGTERM ends a boot in the middle of a script",
        files: &[
            ("etc/s6-overlay/s6-rc.d/a/type", "oneshot\n"),
            ("etc/s6-overlay/s6-rc.d/a/up", "s6-true\n"),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/a", ""),
            ("etc/cont-init.d/1", "#!/bin/sh\nkill -TERM 1\nexec sleep 60\n"),
        ],
        env: &["S6_SERVICES_GRACETIME=60000"],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["s6-rc: info: service fix-attrs successfully stopped"],
        without: &["then the CMD"],
        ..NONE
    },
    Case {
        name: "a pipeline, and a longrun that another image's script restarts",
        files: &[
            ("etc/s6-overlay/s6-rc.d/app/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/app/producer-for", "app-log\n"),
            ("etc/s6-overlay/s6-rc.d/app/run", "#!/bin/sh\necho \"app in $PWD\"\nexec sleep 60\n"),
            ("etc/s6-overlay/s6-rc.d/app-log/type", "longrun\n"),
            ("etc/s6-overlay/s6-rc.d/app-log/consumer-for", "app\n"),
            ("etc/s6-overlay/s6-rc.d/app-log/pipeline-name", "app-pipeline\n"),
            (
                "etc/s6-overlay/s6-rc.d/app-log/run",
                "#!/bin/sh\nwhile read -r line; do echo \"log: $line\"; echo >> /run/logged; done\n",
            ),
            (
                "await",
                "#!/bin/sh\nuntil test \"$(cat /run/logged | wc -l)\" -ge $1; do sleep 0.01; done\n",
            ),
            ("etc/s6-overlay/user-bundles.d/user/contents.d/app-pipeline", ""),
        ],
        cmd: Some(&["sh", "-c", "/await 1; s6-svc -wr -r /run/service/app; /await 2"]),
        lines: &["log: app in *", "log: app in *", "s6-rc: info: service app: stopping"],
        ..NONE
    },
    Case {
        name: "a stage's script that the image has replaced",
        files: &[
            (
                "package/admin/s6-overlay-3.2.3.2/etc/s6-rc/scripts/cont-init",
                "#!/bin/sh\necho a script of the image\n",
            ),
            ("package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources/base/contents.d/more", ""),
            ("package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources/more/type", "oneshot\n"),
            ("package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources/more/up", "s6-echo more\n"),
            (
                "package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources/more/dependencies.d/legacy-cont-init",
                "",
            ),
        ],
        cmd: Some(&["echo", "then the CMD"]),
        lines: &["a script of the image", "more", "then the CMD"],
        ..NONE
    },
];
