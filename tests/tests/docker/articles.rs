//! Dockerfiles as s6-overlay's README and articles about it show them, word for word but for what
//! needs a network: nginx comes from Debian's packages through `files/`.

use std::path::Path;
use tests::docker::{Container, Image, debian_programs, docker, missing, texts};
use tests::harness::{Outcome, assert_order};

const NGINX: [&str; 7] =
    ["nginx", "nginx-common", "libc6", "libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g"];

/// Puts Debian's nginx below a root.
pub fn nginx(root: &Path) -> Result<(), String> {
    debian_programs(root, &NGINX)?;
    for dir in ["var/log/nginx", "var/lib/nginx"] {
        std::fs::create_dir_all(root.join(dir)).unwrap();
    }
    // A link that Debian's package makes at its installation.
    let site = root.join("etc/nginx/sites-enabled/default");
    std::fs::create_dir_all(site.parent().unwrap()).unwrap();
    let _ = std::os::unix::fs::symlink("/etc/nginx/sites-available/default", site);
    Ok(())
}

const INDEX: (&str, &str) = ("var/www/html/index.html", "served\n");
const GET: [&str; 5] = ["wget", "-q", "-O", "-", "http://127.0.0.1/"];

fn serves(container: &Container) -> bool {
    texts(&container.try_exec(&GET)).0 == "served\n"
}

/// Builds it, or says why the case is left out.
macro_rules! image {
    ($name:literal, $dockerfile:expr, $files:expr) => {{
        if let Some(why) = missing() {
            return Outcome::Skipped(why);
        }
        match Image::of($name, $dockerfile, $files, nginx) {
            Ok(image) => image,
            Err(why) => return Outcome::Skipped(why),
        }
    }};
}

const QUICKSTART: &str = "\
FROM @BASE@
ARG S6_OVERLAY_VERSION=3.2.3.2
COPY files/ /
RUN echo \"daemon off;\" >> /etc/nginx/nginx.conf
CMD [\"/usr/sbin/nginx\"]

COPY s6-overlay-noarch.tar.xz s6-overlay-@ARCH@.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
ENTRYPOINT [\"/init\"]
";

pub fn quickstart() -> Outcome {
    let image = image!("quickstart", QUICKSTART, &[INDEX]);
    let container = Container::start(&image, &[], &[]);
    container.eventually("an answer of nginx", serves);
    // The same image with another CMD, which is over at once.
    let other = Container::start(&image, &[], &["sh", "-c", "echo $PATH; exit 3"]);
    assert_eq!(other.wait(), 3);
    assert!(other.logs().contains("/command:"), "{}", other.logs());
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    assert!(container.logs().contains("s6-rc: info: service legacy-services: stopping\n"));
    Outcome::Passed
}

const MIXED: &str = "\
FROM @BASE@
ARG S6_OVERLAY_VERSION=3.1.5.0
ENV S6_BEHAVIOUR_IF_STAGE2_FAILS=2
COPY s6-overlay-noarch.tar.xz s6-overlay-@ARCH@.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
COPY files/ /
RUN mkdir -p /etc/s6-overlay/s6-rc.d/first /etc/s6-overlay/s6-rc.d/second \\
    && echo longrun > /etc/s6-overlay/s6-rc.d/first/type \\
    && printf '#!/bin/sh\\necho first runs\\nexec sleep 1000000\\n' > /etc/s6-overlay/s6-rc.d/first/run \\
    && echo longrun > /etc/s6-overlay/s6-rc.d/second/type \\
    && printf '#!/command/execlineb -P\\nforeground { echo second runs }\\nsleep 1000000\\n' \\
        > /etc/s6-overlay/s6-rc.d/second/run \\
    && mkdir -p /etc/s6-overlay/s6-rc.d/user/contents.d \\
    && touch /etc/s6-overlay/s6-rc.d/user/contents.d/first \\
        /etc/s6-overlay/s6-rc.d/user/contents.d/second
EXPOSE 80
ENTRYPOINT [\"/init\"]
";

pub fn mixed() -> Outcome {
    let files = [
        INDEX,
        ("etc/services.d/nginx/run!", "#!/command/execlineb -P\nnginx -g \"daemon off;\"\n"),
        ("etc/services.d/nginx/finish!", "#!/bin/sh\necho nginx ended with $1\n"),
    ];
    let image = image!("mixed", MIXED, &files);
    let container = Container::start(&image, &[], &[]);
    container.eventually("an answer of nginx", serves);
    let all = container.exec(&["/command/s6-rc", "-a", "list"]);
    for name in ["first", "second", "legacy-services"] {
        assert!(all.lines().any(|line| line == name), "{all}");
    }
    let pid = || container.exec(&["/command/s6-svstat", "-o", "pid", "/run/service/nginx"]);
    let before = pid();
    container.exec(&["/command/s6-svc", "-r", "/run/service/nginx"]);
    container.eventually("another nginx", |_| pid() != before && pid() != "-1\n");
    container.eventually("its answer", serves);
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    let logs = container.logs();
    assert!(logs.contains("first runs\n") && logs.contains("second runs\n"), "{logs}");
    assert_order(
        &logs,
        &[
            "s6-rc: info: service legacy-services successfully started\n",
            "s6-rc: info: service legacy-services: stopping\n",
            "nginx ended with 0\n",
            "s6-rc: info: service legacy-services successfully stopped\n",
            "s6-rc: info: service second successfully stopped\n",
        ],
    );
    Outcome::Passed
}

const DEPENDS: &str = "\
FROM @BASE@
COPY s6-overlay-noarch.tar.xz s6-overlay-@ARCH@.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
COPY files/ /
ENTRYPOINT [\"/init\"]
";

/// The app asks nginx, and its end ends the container with its code.
pub fn depends() -> Outcome {
    let files = [
        INDEX,
        ("etc/s6-overlay/s6-rc.d/nginx/type", "longrun\n"),
        ("etc/s6-overlay/s6-rc.d/nginx/run", "#!/bin/sh\nexec nginx -g 'daemon off;'\n"),
        ("etc/s6-overlay/s6-rc.d/nginx/dependencies.d/base", ""),
        ("etc/s6-overlay/s6-rc.d/app/type", "longrun\n"),
        ("etc/s6-overlay/s6-rc.d/app/dependencies.d/nginx", ""),
        (
            "etc/s6-overlay/s6-rc.d/app/run",
            "#!/command/with-contenv sh\n\
             until wget -q -O - http://127.0.0.1/; do sleep 0.1; done\n\
             echo \"$GREETING of the app\"\nexit 5\n",
        ),
        (
            "etc/s6-overlay/s6-rc.d/app/finish",
            "#!/bin/sh\necho $1 > /run/s6-linux-init-container-results/exitcode\n\
             exec /run/s6/basedir/bin/halt\n",
        ),
        ("etc/s6-overlay/user-bundles.d/user/contents.d/app", ""),
    ];
    let image = image!("depends", DEPENDS, &files);
    let container = Container::start(&image, &["-e", "GREETING=last words"], &[]);
    assert_eq!(container.wait(), 5);
    assert_order(
        &container.logs(),
        &[
            "s6-rc: info: service nginx: starting\n",
            "s6-rc: info: service app: starting\n",
            "served\n",
            "last words of the app\n",
            "s6-rc: info: service nginx: stopping\n",
        ],
    );
    Outcome::Passed
}

const PLAIN: &str = "\
FROM @BASE@
COPY s6-overlay-@ARCH@.tar.xz s6-overlay-symlinks-arch.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-symlinks-arch.tar.xz
COPY files/ /
ENTRYPOINT [\"s6-svscan\", \"/etc/s6\"]
";

pub fn plain() -> Outcome {
    let files = [
        INDEX,
        ("etc/s6/nginx/run!", "#!/usr/bin/execlineb -P\nnginx -g \"daemon off;\"\n"),
        ("etc/s6/nginx/finish!", "#!/bin/sh\nexit 0\n"),
        ("etc/s6/app/run!", "#!/bin/sh\necho app runs\nexec sleep 1000000\n"),
        ("etc/s6/app/finish!", "#!/bin/sh\necho app ended with $1 $2\n"),
        ("etc/s6/.s6-svscan/finish!", "#!/bin/sh\necho the end\nexit 0\n"),
    ];
    let image = image!("plain", PLAIN, &files);
    let container = Container::start(&image, &[], &[]);
    container.eventually("an answer of nginx", serves);
    container.exec(&["s6-svc", "-r", "/etc/s6/app"]);
    container.eventually("another app", |c| c.logs().matches("app runs\n").count() == 2);
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    assert_order(&container.logs(), &["app ended with 256 15\n", "the end\n"]);
    Outcome::Passed
}

/// Nobody's child here: docker puts it into the container from outside.
pub fn exec_grace() -> Outcome {
    if let Some(why) = missing() {
        return Outcome::Skipped(why);
    }
    let image = Image::build("grace", &[], "");
    let container = Container::start(&image, &["-e", "S6_KILL_GRACETIME=20000"], &[]);
    let visitor = "trap 'sleep 1; echo the visitor leaves > /proc/1/fd/1; exit' TERM; \
                   echo the visitor is there > /proc/1/fd/1; while :; do sleep 0.1; done";
    let exec = ["exec", "-d"];
    tests::docker::docker_ok(&[&exec[..], &[container.name(), "sh", "-c", visitor]].concat());
    container.eventually("the visitor", |c| c.logs().contains("the visitor is there\n"));
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    assert_order(&container.logs(), &["the visitor is there\n", "the visitor leaves\n"]);
    Outcome::Passed
}

/// What whole families of images do to be told less, and what a home automation's image does.
const EDITED: &str = "\
FROM @BASE@
COPY s6-overlay-noarch.tar.xz s6-overlay-@ARCH@.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
RUN cd /package/admin/s6-overlay/etc && \
    sed -i 's|echo|: # echo |g' s6-rc/scripts/cont-init && \
    sed -i 's|echo|: # echo |g' s6-rc/scripts/cont-finish && \
    sed -i 's|s6-echo -n|: # s6-echo -n|g' s6-rc/scripts/services-up && \
    sed -i 's|v=2|v=1|g' s6-linux-init/skel/rc.init && \
    sed -i 's|v=2|v=1|g' s6-linux-init/skel/rc.shutdown
COPY files/ /
COPY files/own-init /init
ENTRYPOINT [\"/init\"]
";

pub fn edited() -> Outcome {
    if let Some(why) = missing() {
        return Outcome::Skipped(why);
    }
    let files = [
        (
            "own-init!",
            "#!/bin/sh -e\necho its own\nPATH=/command:$PATH\nexport PATH\nexec s6-overlay-suexec ' /package/admin/s6-overlay/libexec/preinit' '' /package/admin/s6-overlay/libexec/stage0 \"$@\"\n",
        ),
        ("etc/cont-init.d/a!", "#!/bin/sh\necho a script\n"),
        ("etc/s6-overlay/s6-rc.d/web/type", "oneshot\n"),
        ("etc/s6-overlay/s6-rc.d/web/up", "s6-echo web\n"),
        ("etc/s6-overlay/s6-rc.d/web/dependencies.d/base", ""),
        ("etc/s6-overlay/user-bundles.d/user/contents.d/web", ""),
    ];
    let image = match Image::of("edited", EDITED, &files, |_| Ok::<(), String>(())) {
        Ok(image) => image,
        Err(why) => return Outcome::Skipped(why),
    };
    let out = docker(&["run", "--rm", image.tag(), "sh", "-c", "echo the CMD; exit 4"]);
    let (stdout, stderr) = texts(&out);
    assert_eq!(out.status.code(), Some(4), "{stdout}{stderr}");
    assert_order(&stdout, &["its own\n", "a script\n", "web\n", "the CMD\n"]);
    Outcome::Passed
}
