//! What an installation consists of, as data: `chainit install` lays it down, and the tarballs
//! are made of what it laid down.
//!
//! The paths are those of an s6-overlay, because images name them. There is one program; every
//! command is a link that leads to it, and the name of the link is the command.

mod syslogd;

use interpreter::word::Command;
use std::ffi::CStr;

/// The overlay's own directory; its version is part of the paths that images name.
macro_rules! home {
    ($path:literal) => {
        concat!("package/admin/s6-overlay-3.2.3.2", $path)
    };
}

/// The program's place.
pub const BINARY: &str = home!("/command/chainit");

/// The program's path, where nothing tells another.
pub const INSTALLED: &CStr = {
    match CStr::from_bytes_with_nul(concat!("/", home!("/command/chainit"), "\0").as_bytes()) {
        Ok(path) => path,
        Err(_) => c"",
    }
};

/// The place of the setuid program that gives `/run` to the container's user.
const TAKE_RUN: &str = home!("/libexec/take-run");

/// The manuals' place: where the program looks for them, from its own.
const MANUALS: &str = home!("/share/chainit.manuals");

/// The tarball that something is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `s6-overlay-noarch`: what is the same on every machine.
    Noarch,
    /// `s6-overlay-ARCH`: the program and its commands' links.
    Arch,
    /// `s6-overlay-symlinks-noarch`: links in /usr/bin.
    SymlinksNoarch,
    /// `s6-overlay-symlinks-arch`: links in /usr/bin.
    SymlinksArch,
    /// `syslogd-overlay-noarch`: services for syslog, which nobody gets who does not ask.
    Syslogd,
}

impl Part {
    /// All of them, with their names.
    pub const ALL: [(Part, &'static str); 5] = [
        (Part::Noarch, "noarch"),
        (Part::Arch, "arch"),
        (Part::SymlinksNoarch, "symlinks-noarch"),
        (Part::SymlinksArch, "symlinks-arch"),
        (Part::Syslogd, "syslogd"),
    ];

    /// The part of that name.
    pub fn named(name: &str) -> Option<Part> {
        Part::ALL.iter().find(|(_, n)| *n == name).map(|(part, _)| *part)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Part::ALL.iter().find(|(part, _)| *part == self).map_or("", |(_, name)| name)
    }
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A directory, 0755.
    Dir,
    /// A file with this content: 0755 if it is a script, else 0644.
    File(&'static str),
    /// The manuals' text, 0644.
    Manuals,
    /// A link that leads there.
    Link(String),
    /// The program, 0755.
    Binary,
    /// The setuid program, 04755.
    Setuid,
}

/// One thing of the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tarball that it is in.
    pub part: Part,
    /// Its path without the leading slash.
    pub path: String,
    /// What it is.
    pub what: What,
}

/// The directories that are ours in both the noarch and the arch part. `/etc` and `/usr/bin`
/// are not among them: they are the image's, whose permissions a tarball must not change.
const SHARED_DIRS: &[&str] = &["command", "package", "package/admin", home!(""), home!("/command")];

const NOARCH_DIRS: &[&str] = &[
    home!("/etc"),
    home!("/etc/s6-linux-init"),
    home!("/etc/s6-linux-init/skel"),
    home!("/etc/s6-rc"),
    home!("/etc/s6-rc/scripts"),
    home!("/etc/s6-rc/sources"),
    home!("/etc/s6-rc/sources/base"),
    home!("/etc/s6-rc/sources/base/contents.d"),
    home!("/etc/s6-rc/sources/fix-attrs"),
    home!("/etc/s6-rc/sources/legacy-cont-init"),
    home!("/etc/s6-rc/sources/legacy-cont-init/dependencies.d"),
    home!("/etc/s6-rc/sources/legacy-services"),
    home!("/etc/s6-rc/sources/legacy-services/dependencies.d"),
    home!("/etc/s6-rc/sources/top"),
    home!("/etc/s6-rc/sources/top/contents.d"),
    home!("/libexec"),
    home!("/share"),
    "etc/s6-overlay",
    "etc/s6-overlay/s6-rc.d",
    "etc/s6-overlay/user-bundles.d",
    "etc/s6-overlay/user-bundles.d/user",
    "etc/s6-overlay/user-bundles.d/user/contents.d",
    "etc/s6-overlay/user-bundles.d/user2",
    "etc/s6-overlay/user-bundles.d/user2/contents.d",
];

const BUNDLE: &str = "bundle\n";
const ONESHOT: &str = "oneshot\n";

macro_rules! script {
    ($name:literal) => {
        concat!("/", home!("/etc/s6-rc/scripts/"), $name, "\n")
    };
}

/// A script that is done by a command of its name. A file and no link: Dockerfiles edit what is a
/// script upstream by `sed -i`, and copy files of their own over it, which would go through a link.
macro_rules! by_program {
    ($command:literal) => {
        concat!(
            "#!/",
            home!("/libexec/"),
            $command,
            "\n# Done by the program that the first line names.\n"
        )
    };
}

/// What `/init` does, or a stage, whatever an image's Dockerfile writes into these.
const NOTHING: &str = "# Nothing reads this file: it is here for Dockerfiles that edit it.\n";

/// Data. The stages as s6-rc definitions are an interface: images put files of their own between
/// them, and depend on their names. What `up` and `down` name is done by functions of ours.
const FILES: &[(&str, &str)] = &[
    ("init", by_program!("s6-overlay-init")),
    ("etc/s6-overlay/user-bundles.d/user/type", BUNDLE),
    ("etc/s6-overlay/user-bundles.d/user2/type", BUNDLE),
    (home!("/etc/s6-linux-init/skel/CMDSIG"), NOTHING),
    (home!("/etc/s6-linux-init/skel/rc.init"), NOTHING),
    (home!("/etc/s6-linux-init/skel/rc.shutdown"), NOTHING),
    (home!("/etc/s6-linux-init/skel/rc.shutdown.final"), NOTHING),
    (home!("/etc/s6-rc/scripts/cont-finish"), by_program!("cont-finish")),
    (home!("/etc/s6-rc/scripts/cont-init"), by_program!("cont-init")),
    (home!("/etc/s6-rc/scripts/fix-attrs"), by_program!("fix-attrs")),
    (home!("/etc/s6-rc/scripts/services-down"), by_program!("services-down")),
    (home!("/etc/s6-rc/scripts/services-up"), by_program!("services-up")),
    (home!("/etc/s6-rc/sources/base/contents.d/fix-attrs"), ""),
    (home!("/etc/s6-rc/sources/base/contents.d/legacy-cont-init"), ""),
    (home!("/etc/s6-rc/sources/base/type"), BUNDLE),
    (home!("/etc/s6-rc/sources/fix-attrs/type"), ONESHOT),
    (home!("/etc/s6-rc/sources/fix-attrs/up"), script!("fix-attrs")),
    (home!("/etc/s6-rc/sources/legacy-cont-init/dependencies.d/fix-attrs"), ""),
    (home!("/etc/s6-rc/sources/legacy-cont-init/down"), script!("cont-finish")),
    (home!("/etc/s6-rc/sources/legacy-cont-init/type"), ONESHOT),
    (home!("/etc/s6-rc/sources/legacy-cont-init/up"), script!("cont-init")),
    (home!("/etc/s6-rc/sources/legacy-services/dependencies.d/base"), ""),
    (home!("/etc/s6-rc/sources/legacy-services/dependencies.d/user"), ""),
    (home!("/etc/s6-rc/sources/legacy-services/down"), script!("services-down")),
    (home!("/etc/s6-rc/sources/legacy-services/type"), ONESHOT),
    (home!("/etc/s6-rc/sources/legacy-services/up"), script!("services-up")),
    (home!("/etc/s6-rc/sources/top/contents.d/base"), ""),
    (home!("/etc/s6-rc/sources/top/contents.d/legacy-services"), ""),
    (home!("/etc/s6-rc/sources/top/contents.d/user"), ""),
    (home!("/etc/s6-rc/sources/top/contents.d/user2"), ""),
    (home!("/etc/s6-rc/sources/top/type"), BUNDLE),
];

/// Commands that are no commands of a PATH: where they stand instead. An empty place: nowhere,
/// they come to be at run time.
const ELSEWHERE: &[(&str, &str)] = &[
    ("cont-finish", home!("/libexec/cont-finish")),
    ("cont-init", home!("/libexec/cont-init")),
    ("fix-attrs", home!("/libexec/fix-attrs")),
    ("halt", ""),
    ("init", home!("/libexec/init")),
    ("poweroff", ""),
    ("reboot", ""),
    ("s6-overlay-init", home!("/libexec/s6-overlay-init")),
    ("services-down", home!("/libexec/services-down")),
    ("services-up", home!("/libexec/services-up")),
    ("shutdown", ""),
];

/// What an `/init` of an image's own calls, as upstream's does: checks that are done by the second,
/// which is all the rest.
const CALLED: &[(&str, &str)] = &[
    (home!("/libexec/preinit"), "command/s6-true"),
    (home!("/libexec/stage0"), home!("/libexec/init")),
];

/// The content of an installed file.
pub fn content(path: &[u8]) -> Option<&'static str> {
    FILES.iter().find(|(file, _)| file.as_bytes() == path).map(|(_, content)| *content)
}

/// The commands that s6-overlay ships as scripts, hence in its noarch tarball.
const NOARCH_COMMANDS: &[&str] =
    &["logutil-newfifo", "logutil-service", "printcontenv", "with-contenv", "with-retries"];

/// Commands without a link in `/usr/bin`, where the name is somebody else's: execline has given
/// `import` up, ImageMagick has not; and an image's own tini stays what it is.
const NOT_IN_USR_BIN: &[&str] = &["dumb-init", "import", "tini", "tini-static"];

/// The directories in which upstream's packages keep their commands, by an unversioned link.
const PACKAGES: &[(&str, &str)] = &[
    ("execline", "execline-2.9.9.2"),
    ("s6", "s6-2.15.1.0"),
    ("s6-linux-init", "s6-linux-init-1.2.0.2"),
    ("s6-linux-utils", "s6-linux-utils-2.6.4.1"),
    ("s6-overlay-helpers", "s6-overlay-helpers-0.1.2.2"),
    ("s6-portable-utils", "s6-portable-utils-2.3.1.2"),
    ("s6-rc", "s6-rc-0.7.0.0"),
];

/// The whole installation of a program that has these commands, each with the package that it
/// belongs to upstream (if it is one of [`PACKAGES`]): directories before what is in them, and
/// the program before the links that lead to it.
pub fn tree<'a>(commands: impl Iterator<Item = (&'a Command, Option<&'static str>)>) -> Vec<Entry> {
    let mut tree = Vec::new();
    let mut add = |part, path: &str, what| tree.push(Entry { part, path: path.to_owned(), what });
    for dir in SHARED_DIRS {
        add(Part::Arch, dir, What::Dir);
        add(Part::Noarch, dir, What::Dir);
    }
    for dir in NOARCH_DIRS {
        add(Part::Noarch, dir, What::Dir);
    }
    for (path, content) in FILES {
        add(Part::Noarch, path, What::File(content));
    }
    for (path, target) in CALLED {
        add(Part::Noarch, path, What::Link(relative(path, target)));
    }
    for dir in syslogd::DIRS {
        add(Part::Syslogd, dir, What::Dir);
    }
    for (path, content) in syslogd::FILES {
        add(Part::Syslogd, path, What::File(content));
    }
    add(Part::Noarch, MANUALS, What::Manuals);
    add(Part::Arch, BINARY, What::Binary);
    add(Part::Arch, home!("/libexec"), What::Dir);
    add(Part::Arch, TAKE_RUN, What::Setuid);
    add(Part::Noarch, "package/admin/s6-overlay", What::Link("s6-overlay-3.2.3.2".to_owned()));
    for (link, dir) in PACKAGES {
        add(Part::Arch, &format!("package/admin/{dir}"), What::Dir);
        add(Part::Arch, &format!("package/admin/{dir}/command"), What::Dir);
        add(Part::Arch, &format!("package/admin/{link}"), What::Link((*dir).to_owned()));
    }
    for (command, package) in commands {
        place(command.name, package, &mut add);
    }
    tree
}

/// Adds the links of one command.
fn place(name: &str, package: Option<&str>, add: &mut impl FnMut(Part, &str, What)) {
    if let Some((_, path)) = ELSEWHERE.iter().find(|(n, _)| *n == name) {
        if !path.is_empty() {
            add(Part::Noarch, path, What::Link(relative(path, BINARY)));
        }
        return;
    }
    let noarch = NOARCH_COMMANDS.contains(&name);
    let (part, symlinks) = if noarch {
        let path = format!(home!("/command/{}"), name);
        add(Part::Noarch, &path, What::Link(relative(&path, BINARY)));
        (Part::Noarch, Part::SymlinksNoarch)
    } else {
        (Part::Arch, Part::SymlinksArch)
    };
    let command = format!("command/{name}");
    add(part, &command, What::Link(relative(&command, BINARY)));
    if !NOT_IN_USR_BIN.contains(&name) {
        add(symlinks, &format!("usr/bin/{name}"), What::Link(format!("../../{command}")));
    }
    if let Some((_, dir)) = PACKAGES.iter().find(|(link, _)| Some(*link) == package) {
        let path = format!("package/admin/{dir}/command/{name}");
        add(Part::Arch, &path, What::Link(relative(&path, BINARY)));
    }
}

/// How a link at `from` has to be written to lead to `to`, both counted from the same directory.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut parts = vec![".."; from.len() - 1 - common];
    parts.extend(&to[common..]);
    parts.join("/")
}

/// Where this program lies. Where its first argument is the path of what is installed, as of a
/// script's interpreter, that needs no look into /proc.
pub fn program(argv0: &CStr) -> Vec<u8> {
    let installed = INSTALLED.to_bytes().to_vec();
    if argv0.to_bytes().starts_with(b"/")
        && let (Ok(a), Ok(b)) = (sys::fs::stat(argv0), sys::fs::stat(INSTALLED))
        && a.same(&b)
    {
        return installed;
    }
    // One that was replaced is marked as deleted; its successor has its name.
    let found = sys::fs::readlink(sys::spawn::SELF.to_bytes());
    let found = found.map(|path| path.strip_suffix(b" (deleted)").unwrap_or(&path).to_vec());
    found.unwrap_or(installed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn all() -> Vec<Entry> {
        super::super::install::tree()
    }

    #[test]
    fn links_are_relative_to_where_they_stand() {
        assert_eq!(relative("command/cd", BINARY), format!("../{BINARY}"));
        assert_eq!(relative(home!("/command/with-contenv"), BINARY), "chainit");
        assert_eq!(relative("init", BINARY), BINARY);
        assert_eq!(relative("package/admin/s6-2/command/x", BINARY), {
            "../../s6-overlay-3.2.3.2/command/chainit"
        });
    }

    #[test]
    fn directories_come_before_what_is_in_them() {
        let images = ["", "etc", "usr/bin"];
        let mut dirs: HashSet<(Part, String)> = HashSet::new();
        for entry in all() {
            let parent = entry.path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
            assert!(
                images.contains(&parent.as_str()) || dirs.contains(&(entry.part, parent)),
                "{entry:?}"
            );
            if entry.what == What::Dir {
                dirs.insert((entry.part, entry.path));
            }
        }
    }

    #[test]
    fn nothing_but_directories_is_in_two_parts() {
        let mut seen = HashSet::new();
        for entry in all() {
            assert!(entry.what == What::Dir || seen.insert(entry.path.clone()), "{entry:?}");
        }
    }

    #[test]
    fn what_belongs_to_the_kernel_is_no_command_of_the_path() {
        for entry in all() {
            let name = entry.path.rsplit('/').next().unwrap();
            let in_path = entry.path.starts_with("command/") || entry.path.starts_with("usr/bin/");
            assert!(!in_path || !["init", "halt", "poweroff", "reboot"].contains(&name));
        }
    }
}
