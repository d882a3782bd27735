//! The containers.

mod anew;
mod attrs;
mod environment;
mod faults;
mod graph;
mod images;
mod leave;
mod lines;
mod logging;
mod oneshots;
mod places;
mod reasons;
mod services;
mod settings;
mod signals;
mod stop;
mod up;

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
    /// A root of its own, with nothing in it but busybox and the installation.
    pub place: Option<Place>,
    /// It needs more users than a user namespace has.
    pub root: bool,
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

/// A root, before `/init` starts in it.
pub struct Place {
    /// What is done to it: a shell script of the machine's, in the root's directory, with `proc`
    /// mounted and `/dev/null` there.
    pub script: &'static str,
    /// Who `/init` is: `UID:GID`; empty for root.
    pub user: &'static str,
    /// The kernel makes no user namespaces for those whose root is not the mount namespace's own.
    pub namespaces: bool,
}

const HERE: Place = Place { script: "", user: "", namespaces: false };

const NONE: Case = Case {
    name: "",
    files: &[],
    env: &[],
    cmd: None,
    run: None,
    place: None,
    root: false,
    options: &[],
    input: "",
    code: 0,
    lines: &[],
    without: &[],
};

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        up::CASES,
        attrs::CASES,
        logging::CASES,
        services::CASES,
        settings::CASES,
        graph::CASES,
        oneshots::CASES,
        stop::CASES,
        leave::CASES,
        faults::CASES,
        anew::CASES,
        reasons::CASES,
        signals::CASES,
        places::CASES,
        lines::CASES,
        environment::CASES,
        images::CASES,
    ]
    .into_iter()
    .flatten()
}
