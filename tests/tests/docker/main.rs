//! Containers under a real Docker engine: build, run, exec, stop, restart, terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod articles;
mod places;

use tests::docker::{Container, Image, clean, docker, texts};
use tests::harness::{Case, Outcome, assert_order, run_and_clean};

fn main() {
    let cases: &[Case] = &[
        ("order of the stages, and the CMD's exit code", stages),
        ("nginx from Debian, started by execline", nginx),
        ("stop and restart", restart),
        ("a terminal", terminal),
        ("a second /init is refused", second_init),
        ("a CMD that does not exist", no_cmd),
        ("a service that ends the container", ends_container),
        ("the Dockerfile of s6-overlay's README: nginx is the CMD", articles::quickstart),
        (
            "an article's Dockerfile: longruns by type files, and services.d beside them",
            articles::mixed,
        ),
        ("an article's Dockerfile: an app that depends on nginx", articles::depends),
        ("an article's Dockerfile: plain s6 below /etc/s6", articles::plain),
        ("a Dockerfile that edits the stages' scripts, and an /init of its own", articles::edited),
        ("a process of docker exec has its time to end", articles::exec_grace),
        ("any user, privilege, pid and file system", places::anywhere),
        ("a shell script of any user finds /run", places::scripts_of_any_user),
        ("processes of others are not signalled", places::others),
        ("docker exec where the state is elsewhere", places::exec),
        ("docker restart where the state is elsewhere", places::restart),
        ("^C on a terminal", places::interrupted),
        ("^C while the container comes up", places::interrupted_early),
    ];
    run_and_clean(cases, clean)
}

/// Skips the case where there is no engine.
macro_rules! engine {
    () => {
        if let Some(why) = tests::docker::missing() {
            return Outcome::Skipped(why);
        }
    };
}
use engine;

const TREE: [(&str, &str); 5] = [
    ("etc/cont-init.d/01-first!", "#!/bin/sh\necho first\n"),
    ("etc/cont-init.d/02-second!", "#!/command/with-contenv sh\necho second sees $COLOUR\n"),
    (
        "etc/services.d/clock/run!",
        "#!/command/execlineb -P\nforeground { echo clock runs }\nsleep 1000000\n",
    ),
    ("etc/services.d/clock/finish!", "#!/bin/sh\necho clock ends $1 $2 $3\n"),
    ("etc/cont-finish.d/last!", "#!/bin/sh\necho the last word\n"),
];

fn stages() -> Outcome {
    engine!();
    let image = Image::build("stages", &TREE, "ENV COLOUR=green\nWORKDIR /tmp\n");
    let out = docker(&[
        "run",
        "--rm",
        "-e",
        "S6_CMD_WAIT_FOR_SERVICES=1",
        image.tag(),
        "sh",
        "-c",
        "echo in $PWD: ${COLOUR:-no colour}; sleep 1; exit 7",
    ]);
    let (stdout, stderr) = texts(&out);
    assert_eq!(out.status.code(), Some(7), "{stdout}{stderr}");
    assert_order(&stdout, &["first\n", "second sees green\n", "in /tmp: no colour\n"]);
    assert_order(&stdout, &["clock runs\n", "clock ends 256 15 clock\n", "the last word\n"]);
    assert_order(
        &stderr,
        &[
            "cont-init: info: running /etc/cont-init.d/01-first\n",
            "cont-init: info: /etc/cont-init.d/01-first exited 0\n",
            "cont-init: info: running /etc/cont-init.d/02-second\n",
            "cont-init: info: /etc/cont-init.d/02-second exited 0\n",
            "s6-rc: info: service legacy-cont-init successfully started\n",
            "services-up: info: copying legacy longrun clock (no readiness notification)\n",
            "s6-rc: info: service legacy-services successfully started\n",
            "cont-finish: info: running /etc/cont-finish.d/last\n",
        ],
    );
    Outcome::Passed
}

fn nginx() -> Outcome {
    engine!();
    let files = [
        ("etc/services.d/nginx/run!", "#!/command/execlineb -P\nnginx -g \"daemon off;\"\n"),
        ("var/www/html/index.html", "served\n"),
    ];
    let image = match Image::build_with("nginx", &files, "", articles::nginx) {
        Ok(image) => image,
        Err(why) => return Outcome::Skipped(why),
    };
    let container = Container::start(&image, &[], &[]);
    let get = ["wget", "-q", "-O", "-", "http://127.0.0.1/"];
    container.eventually("an answer of nginx", |c| texts(&c.try_exec(&get)).0 == "served\n");
    let pid = || container.exec(&["/command/s6-svstat", "-o", "pid", "/run/service/nginx"]);
    let before = pid();
    container.exec(&["/command/s6-svc", "-r", "/run/service/nginx"]);
    container.eventually("another nginx", |_| pid() != before && pid() != "-1\n");
    container.eventually("its answer", |c| texts(&c.try_exec(&get)).0 == "served\n");
    assert_eq!(container.exec(&["cat", "/proc/1/comm"]), "s6-svscan\n");
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    Outcome::Passed
}

fn restart() -> Outcome {
    engine!();
    let image = Image::build("restart", &TREE, "");
    let container = Container::start(&image, &["-e", "COLOUR=red"], &[]);
    let runs = |n: usize| move |c: &Container| c.logs().matches("clock runs\n").count() == n;
    container.eventually("the first start", runs(1));
    container.ask(&["restart"]);
    container.eventually("the second start", runs(2));
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    let once = [
        "first\n",
        "second sees red\n",
        "clock runs\n",
        "clock ends 256 15 clock\n",
        "the last word\n",
    ];
    assert_order(&container.logs(), &[once, once].concat());
    Outcome::Passed
}

/// script(1) gives docker the terminal that -t wants on its own side.
fn on_terminal(line: &str) -> std::process::Output {
    std::process::Command::new("script")
        .args(["-qec", line, "/dev/null"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn terminal() -> Outcome {
    engine!();
    let image = Image::build("terminal", &[], "");
    let line = format!(
        "docker run --rm -it {} sh -c 'test -t 0 && test -t 1 && tty && ps -o stat= -p $$; exit 5'",
        image.tag()
    );
    let out = on_terminal(&line);
    let (stdout, stderr) = texts(&out);
    assert_eq!(out.status.code(), Some(5), "{stdout}{stderr}");
    assert!(stdout.contains("/dev/pts/") || stdout.contains("/dev/console"), "{stdout}{stderr}");
    // Where everything is logged, the CMD's output is shown only if that is asked for.
    for (setting, shown) in [("0", false), ("1", true)] {
        let line = format!(
            "docker run --rm -it -e S6_LOGGING=2 -e S6_CMD_USE_TERMINAL={setting} {} echo on show",
            image.tag()
        );
        let (stdout, _) = texts(&on_terminal(&line));
        assert_eq!(stdout.contains("on show"), shown, "{setting}: {stdout}");
    }
    Outcome::Passed
}

fn second_init() -> Outcome {
    engine!();
    let image = Image::build("second", &TREE, "");
    let container = Container::start(&image, &[], &[]);
    container.eventually("the start", |c| c.logs().contains("clock runs\n"));
    let second = container.try_exec(&["/init", "true"]);
    assert_eq!(second.status.code(), Some(100), "{}", texts(&second).1);
    assert_eq!(container.exec(&["/command/s6-svstat", "-o", "up", "/run/service/clock"]), "true\n");
    Outcome::Passed
}

fn no_cmd() -> Outcome {
    engine!();
    let image = Image::build("nocmd", &TREE, "");
    let out = docker(&["run", "--rm", image.tag(), "/no/such/program", "x"]);
    let (stdout, stderr) = texts(&out);
    assert_eq!(out.status.code(), Some(127), "{stdout}{stderr}");
    assert!(stderr.contains("/no/such/program"), "{stderr}");
    assert!(stdout.contains("the last word\n"), "{stdout}{stderr}");
    Outcome::Passed
}

/// The idiom of s6-overlay's README: a service's finish script stops the container with its code.
fn ends_container() -> Outcome {
    engine!();
    let files = [
        ("etc/services.d/app/run!", "#!/command/execlineb -P\nsh -c \"sleep 1; exit 42\"\n"),
        (
            "etc/services.d/app/finish!",
            "#!/bin/sh\necho $1 > /run/s6-linux-init-container-results/exitcode\n\
             exec /run/s6/basedir/bin/halt\n",
        ),
    ];
    let image = Image::build("ends", &files, "");
    let container = Container::start(&image, &[], &[]);
    assert_eq!(container.wait(), 42);
    Outcome::Passed
}
