//! What the CMD and services find in their environment, and how that is shown.

use super::{Case, NONE};

const SECRETS: [(&str, &str); 3] =
    [("secrets/one", "-first\n"), ("secrets/two", "-two lines\nof it"), ("secrets/none", "-\n")];

/// Runs an operator's command.
const CHAINIT: (&str, &str) =
    ("chainit", "#!/bin/sh\nexec /package/admin/s6-overlay-*/command/chainit \"$@\"\n");

pub const CASES: &[Case] = &[
    Case {
        name: "files become variables, where that is asked for",
        files: &[SECRETS[0], SECRETS[1], SECRETS[2]],
        env: &[
            "CHAINIT_ENV_FILES=1",
            "FILE__ONE=/secrets/one",
            "TWO_FILE=/secrets/two",
            "FILE__NONE=/secrets/none",
            "BAD_FILE=/secrets/missing",
        ],
        cmd: Some(&[
            "with-contenv",
            "sh",
            "-c",
            "echo \"<$ONE> <$TWO> <${NONE-unset}> <${BAD-unset}>\"; printcontenv ONE; od -c < /run/s6/container_environment/NONE",
        ]),
        lines: &[
            "init: warning: BAD is not set from /secrets/missing (BAD_FILE): No such file or directory",
            "<first> <two lines",
            "of it> <> <unset>",
            "first",
        ],
        ..NONE
    },
    Case {
        name: "files are only names, where nobody asks",
        files: &[SECRETS[0]],
        env: &["FILE__ONE=/secrets/one"],
        cmd: Some(&["with-contenv", "sh", "-c", "echo \"<${ONE-unset}> <$FILE__ONE>\""]),
        lines: &["<unset> </secrets/one>"],
        without: &["warning: ONE"],
        ..NONE
    },
    Case {
        name: "files become variables of everything, with S6_KEEP_ENV",
        files: &[SECRETS[0]],
        env: &["FILE__ONE=/secrets/one", "CHAINIT_ENV_FILES=1", "S6_KEEP_ENV=1"],
        cmd: Some(&["sh", "-c", "echo \"<$ONE>\""]),
        lines: &["<first>"],
        ..NONE
    },
    Case {
        name: "empty values stay",
        env: &["EMPTY="],
        cmd: Some(&["with-contenv", "sh", "-c", "echo \"<${EMPTY-unset}>\"; printcontenv EMPTY && echo there"]),
        lines: &["<>", "there"],
        ..NONE
    },
    Case {
        name: "the CMD's environment is PATH and where it is",
        env: &["PATH=/usr/local/bin:/bin", "A=b"],
        cmd: Some(&["env"]),
        lines: &["PATH=/command:/usr/bin:/usr/local/bin:/bin"],
        without: &["A=b", "HOME", "HOSTNAME", "RC_NAME"],
        ..NONE
    },
    Case {
        name: "the container's environment, and where it comes from",
        files: &[
            CHAINIT,
            SECRETS[0],
            ("etc/cont-init.d/1", "#!/bin/sh\ncd /run/s6/container_environment; printf new > NEW; printf other > A\n"),
        ],
        env: &["A=b", "B=c", "CHAINIT_ENV_FILES=1", "ONE_FILE=/secrets/one", "PATH=/bin"],
        cmd: Some(&["/chainit", "env"]),
        lines: &[
            "A=other\t# a script, which changed /run/s6/container_environment/A",
            "B=c\t# the container (image, or how it was started)",
            "NEW=new\t# a script, which wrote /run/s6/container_environment/NEW",
            "ONE=first\t# the file /secrets/one (ONE_FILE)",
            "PATH=/command:/usr/bin:/bin\t# the container, with the directories that /init needs",
        ],
        ..NONE
    },
    Case {
        name: "a service's environment, and where it comes from",
        files: &[
            CHAINIT,
            (
                "etc/services.d/web/run",
                "#!/command/with-contenv sh\nexport OWN=1 B=changed\necho > /run/web; exec sleep 60\n",
            ),
            ("etc/services.d/plain/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/services.d/plain/down", ""),
        ],
        env: &["A=b", "B=c", "EMPTY="],
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/web && test \"$(cat /proc/$(s6-svstat -o pid /run/service/web)/comm)\" = sleep; do sleep 0.01; done
             /chainit env web; /chainit env plain; /chainit env nosuch; echo gave $?",
        ]),
        lines: &[
            "A=b\t# with-contenv: the container (image, or how it was started)",
            "B=changed\t# its own, in the place of the container's",
            "EMPTY=\t# with-contenv: the container (image, or how it was started)",
            "OWN=1\t# its own: what run and the programs behind it have set",
            "PATH=/*",
            "# plain does not run; this is what its run begins with",
            "PATH=/*",
            "chainit: fatal: no service nosuch is supervised here",
            "help: there are in /run/service: plain web",
            "gave 111",
        ],
        ..NONE
    },
    Case {
        name: "a command as a service would run it",
        root: true,
        files: &[
            CHAINIT,
            (
                "etc/services.d/web/run",
                "#!/command/execlineb -P\ns6-envdir ./env\numask 027\nfdmove -c 2 1\ncd /usr\ns6-setuidgid nobody\ns6-sleep 60\n",
            ),
            ("etc/services.d/web/env/OWN", "1\n"),
            ("etc/services.d/plain/run", "#!/bin/sh\nexec sleep 60\n"),
            ("etc/services.d/plain/down", ""),
        ],
        cmd: Some(&[
            "sh",
            "-c",
            "until test \"$(cat /proc/$(s6-svstat -o pid /run/service/web)/comm)\" = s6-sleep; do sleep 0.01; done
             /chainit exec web -- sh -c 'echo $(id -un) $(pwd) $OWN $(umask)'
             /chainit exec web nosuchprogram; echo gave $?
             /chainit exec plain true; echo gave $?",
        ]),
        lines: &["nobody /usr 1 0027", "gave 127", "chainit: fatal: service plain does not run, *", "help: start it: *", "gave 111"],
        ..NONE
    },
];
