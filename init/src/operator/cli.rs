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
        .disable_help_subcommand(true)
        .subcommand(run())
        .subcommand(install())
        .subcommand(
            Command::new("commands").about("Lists the names under which the program is called"),
        )
        .subcommand(check())
        .subcommand(explain())
        .subcommand(help())
        .subcommand(trace())
        .subcommand(man())
        .subcommand(upgrade())
        .subcommand(env())
        .subcommand(exec())
        .subcommand(graph())
        .subcommand(timeline())
}

fn graph() -> Command {
    Command::new("graph")
        .about("Draws services and what they need")
        .long_about(
            "Draws the services of a live directory with their states and how long they took to \
             come up, those of a compiled database, or those of directories of definitions, such as \
             /etc/s6-overlay/s6-rc.d. No other program is needed.\n\n\
             Exit codes: 0 success, 1 the definitions are at fault, 100 wrong usage, 111 something \
             can't be read.",
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(["text", "dot", "mermaid", "svg"]))
                .help("A tree for a terminal, a graph for Graphviz or Mermaid, a drawing [text]"),
        )
        .arg(
            os("only", "NAME")
                .long("only")
                .action(ArgAction::Append)
                .help("Only this service or bundle, and what it needs; may be repeated"),
        )
        .arg(
            Arg::new("dependents")
                .long("dependents")
                .action(ArgAction::SetTrue)
                .help("The other way round: below each service stands what needs it"),
        )
        .arg(os("dir", "DIR").num_args(0..).help("What is drawn [/run/s6-rc]"))
}

fn timeline() -> Command {
    Command::new("timeline")
        .about("Shows how a boot, a shutdown or another change of services went")
        .long_about(
            "Reads what s6-rc has written down in its live directory: when each service began and \
             was there, which one it had waited for, how long it took, and on which services the \
             length of it all depended (*). While a change goes on, who is being waited for.\n\n\
             Exit codes: 0 success, 100 wrong usage, 111 the timeline can't be read.",
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(["text", "json", "chrome"]))
                .help("text, json, or the trace events that Chrome and Perfetto show [text]"),
        )
        .arg(
            Arg::new("change")
                .long("change")
                .value_name("N")
                .value_parser(value_parser!(usize))
                .conflicts_with("all")
                .help("The change of this number: 1 is the first, mostly the boot [the last one]"),
        )
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("All changes"))
        .arg(os("live", "DIR").help("The live directory [/run/s6-rc]"))
}

fn env() -> Command {
    Command::new("env")
        .about("Shows the environment of the container or of a service, and where it comes from")
        .long_about(
            "Within a container that /init has started: the variables that with-contenv gives, or \
             those of a service's process, each with where it comes from.\n\n\
             Exit codes: 0 success, 100 wrong usage, 111 there is no such service, or what it has \
             can't be read.",
        )
        .arg(os("service", "SERVICE").help("A service's name, or its directory"))
}

fn exec() -> Command {
    Command::new("exec")
        .about("Runs a command as a service does: with its environment, user and directory")
        .long_about(
            "Becomes a command with the environment, user, groups, umask and working directory of \
             a service's process, within a container that /init has started.\n\n\
             Exit codes: 100 wrong usage, 111 the service does not run or the kernel says no, 126 and \
             127 the command can't be run; else the command's own.",
        )
        .arg(os("service", "SERVICE").required(true).help("A service's name, or its directory"))
        .arg(
            os("command", "COMMAND")
                .required(true)
                .num_args(1..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .help("The command and its arguments"),
        )
}

fn upgrade() -> Command {
    Command::new("upgrade")
        .about("Replaces a running supervisor by the program that is installed now")
        .long_about(
            "Tells PID 1 of this container, or another supervisor, to become the program that is \
             installed in its place now. Services, their loggers and the lines between them go on \
             untouched: same processes, same pids, nothing is restarted.\n\n\
             Exit codes: 0 done, 100 nobody listens or wrong usage, 111 the supervisor could not, \
             and goes on as before.",
        )
        .arg(
            Arg::new("pid")
                .long("pid")
                .value_name("PID")
                .value_parser(value_parser!(i32))
                .conflicts_with("scandir")
                .help("The supervisor: an s6-svscan, or the PID 1 of a container"),
        )
        .arg(os("scandir", "DIR").long("scandir").help("The scan directory of it [/run/service]"))
}

fn explain() -> Command {
    Command::new("explain")
        .about("Tells what each word of a script does")
        .long_about(
            "Prints a script of execline as a tree, in plain words: what each word is for, what its \
             options and arguments are, and what its blocks hold.\n\n\
             Exit codes: 0 success, 100 a script that does not parse or wrong usage, 111 the file \
             can't be read.",
        )
        .arg(os("file", "FILE").required(true).help("The script"))
}

fn check() -> Command {
    Command::new("check")
        .about("Says what scripts and trees of services will do wrong, before they run")
        .long_about(
            "Reads scripts of execline and says what they will do wrong: words that nobody knows, \
             blocks and arguments that are missing or too many, variables that nothing sets, a \
             shell's words, programs that swallow the commands behind them.\n\n\
             Of a directory with services (an image's root, /etc/s6-overlay, definitions for s6-rc, \
             service directories) all is checked: what compiling it would say, programs that can't \
             be run, services that nothing starts, and their scripts.\n\n\
             A program that is not on this machine is no finding, unless --root says that the \
             scripts are for the image in DIR (/ for this machine), or they are in a whole image: \
             then every word has to be there.\n\n\
             Exit codes: 0 nothing is wrong, 1 something is, 100 wrong usage, 111 a file can't be \
             read.",
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(["human", "json", "sarif"]))
                .help("How findings are printed [human]"),
        )
        .arg(os("root", "DIR").long("root").help("The root of the image that the scripts are for"))
        .arg(os("path", "PATH").long("path").help("The PATH that the scripts will have"))
        .arg(os("file", "PATH").required(true).num_args(1..).help("The scripts, or directories of services"))
}

fn help() -> Command {
    Command::new("help")
        .about("Prints this, or the manual of a command or of a topic of the language")
        .arg(os("word", "WORD").help("A command's name (run, forx, s6-log …), or a topic (blocks)"))
}

fn man() -> Command {
    Command::new("man").about("Writes the man pages of all commands and of the language").arg(
        os("output", "DIR")
            .long("output")
            .required(true)
            .help("Where to: its directories man1, man7 and man8, as in /usr/share/man"),
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

fn trace() -> Command {
    Command::new("trace")
        .about("Runs a script and shows each word as it runs")
        .long_about(
            "Runs SCRIPT, which is any command line, and writes a line for each word of chainit \
             that runs in it or below it: the seconds since the begin, the pid, the word with its \
             arguments, indented by the blocks around it. `+A=b` and `-A` are variables that have \
             changed since the process's last line, `->` is another program that takes over, `= 0` \
             the code that a process ends with.\n\n\
             The script runs as it would without, but for one open descriptor above 9 and the \
             variable CHAINIT_TRACE, by which the trace goes through execs. A script can be traced \
             where it is started, too: CHAINIT_TRACE=FD or FD:text, FD:color, FD:json.",
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(["text", "color", "json"]))
                .help("text, color, or json: an object a line [color on a terminal, else text]"),
        )
        .arg(
            os("output", "FILE")
                .short('o')
                .long("output")
                .help("Appends to FILE instead of writing to standard error"),
        )
        .arg(
            os("script", "SCRIPT")
                .required(true)
                .num_args(1..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .help("The script and its arguments, or any command line"),
        )
}

fn os(id: &'static str, name: &'static str) -> Arg {
    Arg::new(id).value_name(name).value_parser(OsStringValueParser::new())
}
