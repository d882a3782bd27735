//! Commands that end a container, or plan its end.

use super::{Case, NONE};

pub const CASES: &[Case] = &[
    Case {
        name: "shutdown now",
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/shutdown -h now 'so long'; exec sleep 60"]),
        lines: &["s6-rc: info: service legacy-services: stopping"],
        ..NONE
    },
    Case {
        name: "shutdown as a machine, with the code that a script has set",
        cmd: Some(&[
            "sh",
            "-c",
            "echo 7 >/run/s6-linux-init-container-results/exitcode
             s6-linux-init-shutdown -hH +0; exec sleep 60",
        ]),
        code: 7,
        ..NONE
    },
    Case {
        name: "shutdown without a word of how",
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/shutdown -f now; exec sleep 60"]),
        ..NONE
    },
    Case {
        name: "shutdown powers off, which a container can't",
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/shutdown -hP now; exec sleep 60"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "shutdown restarts, which a container can't",
        cmd: Some(&["sh", "-c", "/run/s6/basedir/bin/shutdown -r now; exec sleep 60"]),
        code: 111,
        ..NONE
    },
    Case {
        name: "shutdown sets the time between SIGTERM and SIGKILL",
        cmd: Some(&[
            "sh",
            "-c",
            "trap '' TERM; /run/s6/basedir/bin/shutdown -h -t 1 now; exec sleep 60",
        ]),
        lines: &[
            "init: warning: killing what did not end within 1000 ms of SIGTERM (S6_KILL_GRACETIME): sleep (pid *",
        ],
        ..NONE
    },
    Case {
        name: "shutdown and halt ask for the machine's name where that is wanted",
        cmd: Some(&[
            "sh",
            "-c",
            "cd /tmp; export SHELL=/bin/sh PATH=/run/s6/basedir/bin:$PATH
             echo 6 > /run/s6-linux-init-container-results/exitcode; mkfifo keys
             on_terminal() {
               rm -f shown; script -qfec \"$1; echo code \\$?\" shown < keys > /dev/null & exec 3> keys
               until grep -q ^code shown 2>/dev/null; do echo $2 >&3; sleep 0.05; done
               exec 3>&-; wait; tr -d '\r' < shown | grep -v -e Script -e ^$2
             }
             on_terminal 'shutdown -i -h now' another
             on_terminal 'halt -i' another
             shutdown -i -h now < /dev/null; echo $?
             on_terminal 'shutdown -i -h now' $(uname -n | tr a-z A-Z); exec sleep 60",
        ]),
        code: 6,
        lines: &[
            "Please enter the machine's hostname: *",
            "shutdown: fatal: hostname mismatch: expecting *",
            "code 1",
            "Please enter the machine's hostname: *",
            "halt: fatal: hostname mismatch: expecting *",
            "code 1",
            "shutdown: fatal: unable to ask hostname confirmation: stdin or stdout is not a tty",
            "100",
        ],
        ..NONE
    },
    Case {
        name: "shutdown later, and not after all",
        files: &[("etc/shutdown.allow", "nobody\n")],
        cmd: Some(&[
            "sh",
            "-c",
            "PATH=/run/s6/basedir/bin:$PATH
             shutdown -p -t 301 +5 later; cut -d' ' -f 1,3 /run/s6/shutdown
             shutdown -r 23:59; cut -c 1 /run/s6/shutdown
             shutdown -k now; shutdown -a now; echo $?; shutdown -h soon; echo $?; shutdown 24:00; echo $?
             shutdown -h; echo $?
             shutdown -c never; ls /run/s6/shutdown; shutdown -c; exit 3",
        ]),
        code: 3,
        lines: &[
            "shutdown: warning: delay between SIGTERM and SIGKILL is capped to 300 seconds",
            "p 300000",
            "r",
            "shutdown: fatal: no authorized users logged in",
            "1",
            "100",
            "shutdown: fatal: invalid time format",
            "100",
            "100",
        ],
        ..NONE
    },
    Case {
        name: "shutdown at its time, though PID 1 is begun anew before",
        files: &[("etc/cont-finish.d/f", "#!/bin/sh\necho finish\n")],
        env: &["S6_KILL_GRACETIME=0"],
        cmd: Some(&[
            "sh",
            "-c",
            "trap '' TERM; /run/s6/basedir/bin/shutdown -h +1; read -r how at grace </run/s6/shutdown
             echo \"$how $((at - 58)) 100\" >/run/s6/shutdown; printf D >/run/service/.s6-svscan/control
             /package/admin/s6-overlay-*/command/chainit upgrade && echo upgraded; exec sleep 60",
        ]),
        lines: &[
            "upgraded",
            "finish",
            "init: warning: killing what did not end within 100 ms of SIGTERM (S6_KILL_GRACETIME): sleep (pid *",
        ],
        ..NONE
    },
    Case {
        name: "runlevels 0 and 6",
        cmd: Some(&["sh", "-c", "s6-linux-init-telinit 3; s6-linux-init-telinit 0; exec sleep 60"]),
        code: 111,
        lines: &["s6-rc: info: service legacy-services: stopping"],
        ..NONE
    },
    Case {
        name: "halt by its name upstream",
        cmd: Some(&["sh", "-c", "s6-linux-init-hpr -hw; s6-linux-init-hpr -h; exec sleep 60"]),
        lines: &["s6-rc: info: service legacy-services: stopping"],
        ..NONE
    },
    Case {
        name: "everybody is killed",
        files: &[("etc/services.d/a/finish", "#!/bin/sh\necho a has ended $1 $2\n"),
            ("etc/services.d/a/run", "#!/bin/sh\ntouch /run/a\nexec sleep 60\n")],
        cmd: Some(&[
            "sh",
            "-c",
            "until test -e /run/a; do sleep 0.01; done; s6-linux-init-nuke; exec sleep 60",
        ]),
        code: 137,
        lines: &["a has ended 256 9"],
        ..NONE
    },
];
