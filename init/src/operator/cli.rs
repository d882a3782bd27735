//! The command line of `chainit`, as clap knows it.

use super::tree::Part;
use clap::builder::{OsStringValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, Command, value_parser};

/// The text of `--version`: the own version, and of what this takes the place.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (compatible with s6-overlay 3.2.3.2, execline 2.9.9.2, s6 2.15.1)"
);

const AFTER: &str = "\
Any command of the binary can also be run by name: chainit execlineb -c 's6-echo hello'

Exit codes: 0 success, 100 wrong usage, 111 the system said no. `chainit run` gives the
container's own code; 125 if there could be no container.";

/// The whole command line.
pub fn command() -> Command {
    Command::new("chainit")
        .about("An init, a process supervisor and the execline language in one program")
        .version(VERSION)
        .after_help(AFTER)
        .subcommand_required(true)
        .subcommand_value_name("COMMAND")
        .subcommand(run())
        .subcommand(install())
        .subcommand(
            Command::new("commands").about("Lists the names under which the program is called"),
        )
}

fn install() -> Command {
    let names = Part::ALL.iter().map(|(_, name)| *name);
    Command::new("install")
        .about("Lays the program and its links down in a root directory")
        .long_about(
            "Lays down in DIR what the tarballs extract: /init, /command, /package and \
             /etc/s6-overlay. Doing it again replaces what is there, file by file; other files \
             stay as they are.",
        )
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("DIR")
                .value_parser(OsStringValueParser::new())
                .required_unless_present("list")
                .help("The root of the image; / is the machine itself"),
        )
        .arg(
            Arg::new("part")
                .long("part")
                .value_name("PART")
                .value_parser(PossibleValuesParser::new(names))
                .action(ArgAction::Append)
                .help("Only what this tarball has; may be repeated [default: noarch, arch]"),
        )
        .arg(
            Arg::new("symlinks")
                .long("symlinks")
                .action(ArgAction::SetTrue)
                .help("The links in /usr/bin, too"),
        )
        .arg(
            Arg::new("list")
                .long("list")
                .action(ArgAction::SetTrue)
                .help("Shows what would be laid down: part, kind, path, target"),
        )
}

fn run() -> Command {
    Command::new("run")
        .about("Boots a service tree as a container, without an engine")
        .long_about(
            "Boots a container through /init. TREE is laid out like an image's root: \
             etc/cont-init.d, etc/services.d and so on. Its files are laid over the machine's own \
             root, or over DIR; nothing that the container writes stays. The network is the \
             machine's.\n\n\
             Without CMD the tree's own /cmd is run, if it has one; without either the container \
             runs until it is stopped.\n\n\
             ^C or SIGTERM stops it, as `docker stop` does; a second one, or SIGQUIT, kills it. A \
             CMD that runs on a terminal gets ^C itself, as with `docker run -it`.\n\n\
             It is a way to try a tree, not a wall against a hostile one.",
        )
        .arg(os("tree", "TREE").required(true).help("The directory to boot"))
        .arg(
            os("rootfs", "DIR")
                .long("rootfs")
                .help("What the tree is laid over, instead of the machine's own root"),
        )
        .arg(
            os("env", "K=V")
                .short('e')
                .long("env")
                .action(ArgAction::Append)
                .help("Sets a variable; K alone passes the caller's value on"),
        )
        .arg(os("workdir", "DIR").short('w').long("workdir").help("The working directory [/]"))
        .arg(os("hostname", "NAME").long("hostname").help("The host name [from TREE]"))
        .arg(
            Arg::new("stop-timeout")
                .long("stop-timeout")
                .value_name("SECONDS")
                .value_parser(value_parser!(u64))
                .help("How long a stop may take before everything is killed [10]"),
        )
        .arg(os("command", "CMD").last(true).num_args(0..).help("What /init is given to run"))
}

fn os(id: &'static str, name: &'static str) -> Arg {
    Arg::new(id).value_name(name).value_parser(OsStringValueParser::new())
}
