//! What images do to an s6-overlay's own files, and what they look for in `/run`.

use super::{Case, NONE};

/// As the image of a well-known home automation has it: its own `/init` calls the rest.
const OWN_INIT: &str = "#!/bin/sh -e\nPATH=/command:$PATH\nexport PATH\necho init of its own\n\
    exec s6-overlay-suexec ' /package/admin/s6-overlay/libexec/preinit' '' \\\n  \
    /package/admin/s6-overlay/libexec/stage0 \"$@\"\n";

pub const CASES: &[Case] = &[
    Case {
        name: "an /init of the image's own calls preinit and stage0",
        files: &[("init", OWN_INIT), ("etc/cont-init.d/a", "#!/bin/sh\necho init script\n")],
        env: &["USER=hans"],
        cmd: Some(&["with-contenv", "sh", "-c", "echo \"$USER ${EUID-none}\"; exit 3"]),
        code: 3,
        lines: &[
            "init of its own",
            "/package/admin/s6-overlay/libexec/preinit: info: container permissions: *",
            "init script",
            "hans none",
        ],
        ..NONE
    },
    Case {
        name: "a script of the image's own in the place of a stage's",
        files: &[(
            "package/admin/s6-overlay-3.2.3.2/etc/s6-rc/scripts/cont-init",
            "#!/bin/sh\necho another way\n",
        )],
        cmd: Some(&["echo", "the CMD"]),
        lines: &["another way", "the CMD"],
        ..NONE
    },
    Case {
        name: "the working directory is among the container's variables",
        cmd: Some(&["sh", "-c", "od -c < /run/s6/container_environment/PWD; printcontenv PWD"]),
        env: &["PWD=/nowhere"],
        lines: &["0000000   /  \\n", "/"],
        without: &["nowhere"],
        ..NONE
    },
    Case {
        name: "directories below /run that scripts of others look into",
        cmd: Some(&[
            "sh",
            "-c",
            "cd /run; stat -c '%n %a' service/.s6-svscan s6/basedir/env; ls s6/basedir/env; \
             echo new > s6/basedir/env/NEW && echo fine",
        ]),
        lines: &["service/.s6-svscan 755", "s6/basedir/env 755", "fine"],
        ..NONE
    },
    Case {
        name: "with S6_KEEP_ENV the environment is where upstream has it then",
        env: &["S6_KEEP_ENV=1", "A=b"],
        cmd: Some(&["sh", "-c", "cd /run/s6; cat basedir/env/A basedir/env/PWD; ls"]),
        lines: &["b", "/", "basedir"],
        without: &["container_environment"],
        ..NONE
    },
];
