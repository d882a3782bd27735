//! `fix-attrs.d`.

use super::{Case, NONE};

/// Users of the image.
const PASSWD: (&str, &str) =
    ("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:700:701::/:\nother:x:710:711::/:\n");
const GROUP: (&str, &str) = ("etc/group", "root:x:0:\napp:x:701:\nstaff:x:720:\n");

/// Files to be changed.
const DATA: [(&str, &str); 4] =
    [("data/a", "a"), ("data/b", "b"), ("data/sub/c", "c"), ("data/sub/.hidden", "")];

const DEPRECATED: &str = "fix-attrs: warning: fix-attrs is deprecated, please fix volume permissions in your container manager instead";

pub const CASES: &[Case] = &[
    Case {
        name: "fix-attrs goes down to every file",
        root: true,
        files: &[
            PASSWD,
            GROUP,
            DATA[0],
            DATA[1],
            DATA[2],
            DATA[3],
            ("etc/fix-attrs.d/01-data", "# what the service writes\n\n/data true app 0640 0750"),
            ("etc/cont-init.d/look", "#!/bin/sh\ncd /data\nstat -c '%n %u:%g %a' . a b sub sub/c sub/.hidden\n"),
        ],
        cmd: Some(&["true"]),
        lines: &[
            "s6-rc: info: service fix-attrs: starting",
            "fix-attrs: info: applying /etc/fix-attrs.d/01-data",
            DEPRECATED,
            "s6-rc: info: service fix-attrs successfully started",
            ". 700:701 750",
            "a 700:701 640",
            "b 700:701 640",
            "sub 700:701 750",
            "sub/c 700:701 640",
            "sub/.hidden 0:0 644",
        ],
        without: &["fatal", "unable"],
        ..NONE
    },
    Case {
        name: "fix-attrs with hidden files, and without going down",
        root: true,
        files: &[
            PASSWD,
            DATA[0],
            DATA[2],
            DATA[3],
            ("etc/fix-attrs.d/01", "/data/sub true app 0600 0700\n/data false other - 711\n"),
        ],
        env: &["S6_FIX_ATTRS_HIDDEN=1", "S6_VERBOSITY=0"],
        cmd: Some(&["sh", "-c", "cd /data; stat -c '%n %u:%g %a' . a sub sub/c sub/.hidden"]),
        lines: &[
            ". 710:711 711",
            "a 0:0 644",
            "sub 700:701 700",
            "sub/c 700:701 600",
            "sub/.hidden 700:701 600",
        ],
        without: &["fix-attrs"],
        ..NONE
    },
    Case {
        name: "fix-attrs knows accounts, numbers and fallbacks",
        root: true,
        files: &[
            PASSWD,
            GROUP,
            ("f/1", ""),
            ("f/2", ""),
            ("f/3", ""),
            ("f/4", ""),
            ("f/5", ""),
            ("f/6", ""),
            ("f/7", ""),
            ("f/8", ""),
            ("f/9", ""),
            (
                "etc/fix-attrs.d/a",
                "/f/1 false app 1\n/f/2 false app,3:4 1\n/f/3 false 2:2,3:4 1\n\
                 /f/4 false app:11111,3:4 1\n/f/5 false 11111:app,3:4 1\n\
                 /f/6 false app:unexisting,3:4 1\n/f/7 false unexisting:app,3:4 1\n\
                 /f/8 false unexisting,3:4 1\n/f/9 false app:staff 1\n",
            ),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["sh", "-c", "cd /f; stat -c '%n %u:%g' ?"]),
        lines: &[
            "1 700:701",
            "2 700:701",
            "3 2:2",
            "4 700:11111",
            "5 11111:701",
            "6 700:4",
            "7 3:701",
            "8 3:4",
            "9 700:720",
        ],
        ..NONE
    },
    Case {
        name: "fix-attrs takes patterns, and names with blanks",
        files: &[
            ("p/x1", ""),
            ("p/x2", ""),
            ("p/y", ""),
            ("p/.x", ""),
            ("p/a b/z", ""),
            ("etc/fix-attrs.d/a", "/p/x* false root 600 700\n/p/a\\ b true \\\n  root 601 701\n"),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["sh", "-c", "cd /p; stat -c '%n %a' x1 x2 y .x 'a b' 'a b/z'"]),
        lines: &["x1 600", "x2 600", "y 644", ".x 644", "a b 701", "a b/z 601"],
        ..NONE
    },
    Case {
        name: "fix-attrs follows no link that it finds",
        root: true,
        files: &[
            PASSWD,
            ("secret", "x"),
            ("elsewhere/file", "x"),
            ("real/file", "x"),
            ("etc/fix-attrs.d/a", "/named true app 0604 0705\n"),
            (
                "hook",
                "#!/bin/sh\nln -s /secret /real/link; ln -s /elsewhere /real/dir; ln -s /real /real/loop
                 ln -s real /named\n",
            ),
        ],
        env: &["S6_STAGE2_HOOK=/hook", "S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&[
            "sh",
            "-c",
            "stat -c '%n %u %a' /secret /elsewhere /elsewhere/file /real /real/file; stat -c '%n %u' /real/link",
        ]),
        lines: &[
            "/secret 0 644",
            "/elsewhere 0 755",
            "/elsewhere/file 0 644",
            "/real 700 705",
            "/real/file 700 604",
            "/real/link 700",
        ],
        ..NONE
    },
    Case {
        name: "fix-attrs names what it could not do, and goes on",
        files: &[
            ("d/e", ""),
            (
                "etc/fix-attrs.d/a",
                "/none true root 0644 0755\n/d true nosuch 0644 0755\n/d true root 0644 rwx\n\
                 /d true\n/d yes root 0644 0711\n/d/e false 1x:0:0,x 0644\n/d/e false root\n",
            ),
            ("etc/fix-attrs.d/b", "/d/e false root 0600\n"),
        ],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=1"],
        cmd: Some(&["stat", "-c", "%n %a", "/d", "/d/e"]),
        lines: &[
            "fix-attrs: info: applying /etc/fix-attrs.d/a",
            "fix-attrs: warning: /etc/fix-attrs.d/a:1: unable to find /none: No such file or directory",
            "fix-attrs: warning: /etc/fix-attrs.d/a:2: unknown user: nosuch",
            "fix-attrs: warning: /etc/fix-attrs.d/a:3: dmode is no octal number, and there is /d",
            "fix-attrs: warning: /etc/fix-attrs.d/a:4: a line has the words path, recurse, account, fmode and dmode",
            "fix-attrs: warning: /etc/fix-attrs.d/a:5: yes is neither true nor false, and counts as false",
            "fix-attrs: warning: /etc/fix-attrs.d/a:6: x is no fallback: it is uid:gid, in numbers",
            "fix-attrs: warning: /etc/fix-attrs.d/a:7: fmode is no octal number, and there is /d/e",
            "fix-attrs: info: applying /etc/fix-attrs.d/b",
            DEPRECATED,
            "fix-attrs: warning: some fix files failed to apply",
            "/d 711",
            "/d/e 600",
        ],
        ..NONE
    },
    Case {
        name: "fix-attrs that fails stops the container where that is wanted",
        files: &[("etc/fix-attrs.d/a", "/none false root 0644 0755\n")],
        env: &["S6_BEHAVIOUR_IF_STAGE2_FAILS=2"],
        cmd: Some(&["echo", "hello"]),
        code: 1,
        lines: &[
            "fix-attrs: warning: /etc/fix-attrs.d/a:1: unable to find /none: No such file or directory",
            "fix-attrs: warning: some fix files failed to apply",
            "s6-rc: warning: unable to start service fix-attrs: command exited 1",
            "/run/s6/basedir/scripts/rc.init: fatal: stopping the container.",
            "s6-rc: warning: service s6rc-oneshot-runner is marked as essential, not stopping it",
        ],
        without: &["hello", "legacy-cont-init: starting", "fix-attrs successfully"],
        ..NONE
    },
    Case {
        name: "fix-attrs that fails means nothing by default",
        files: &[("etc/fix-attrs.d/a", "/none false root 0644 0755\n")],
        cmd: Some(&["echo", "hello"]),
        lines: &["hello"],
        without: &["some fix files", "fatal"],
        ..NONE
    },
    Case {
        name: "fix-attrs beside services of the image's own, in a profile",
        files: &[
            ("f", ""),
            ("etc/cont-profile.d/p/fix-attrs.d/a", "/f false root 0612\n"),
            ("etc/cont-profile.d/p/s6-overlay/s6-rc.d/one/type", "oneshot\n"),
            ("etc/cont-profile.d/p/s6-overlay/s6-rc.d/one/up", "stat -c \"%n %a\" /f\n"),
            ("etc/cont-profile.d/p/s6-overlay/s6-rc.d/one/dependencies.d/base", ""),
            ("etc/cont-profile.d/p/s6-overlay/user-bundles.d/user/contents.d/one", ""),
        ],
        env: &["S6_RUNTIME_PROFILE=p"],
        cmd: Some(&["true"]),
        lines: &[
            "fix-attrs: info: applying /etc/cont-profile.d/p/fix-attrs.d/a",
            DEPRECATED,
            "/f 612",
        ],
        ..NONE
    },
];
