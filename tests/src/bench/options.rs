//! What the benchmark's command line says.

use std::path::PathBuf;

/// How it is called.
pub const USAGE: &str = "\
usage: cargo bench -p tests --bench report [-- OPTION...]

  --only A,B      these sections only
  --quick         few rounds, for a trial: the figures are good for nothing
  --install       get the peers that are missing by apt-get (as root)
  --out DIR       write the report there; without it a whole run writes BENCHMARKS.md, README.md's
                  figures and tests/benchmarks, any other one target/benchmarks
  --list          the sections

CHAINIT_PEER=DIR     s6, execline and s6-rc programs to measure as well
CHAINIT_OVERLAY=DIR  the root of an s6-overlay (its extracted tarballs) to measure as well
CHAINIT_BIN=FILE     a program other than the one that init/overlay/build-musl makes
";

/// The sections, in the order in which they run, and what each measures.
pub const SECTIONS: [(&str, &str); 9] = [
    ("start", "a script's start, from its exec to the end of the program that it execs"),
    ("language", "scripts that do something, and the same in a shell"),
    ("container", "a container from its init's exec to its CMD, and from the CMD's end to its own"),
    ("counts", "processes, execs and system calls of a boot"),
    ("memory", "what supervision holds when nothing happens, without the daemons"),
    ("supervision", "deaths, commands, orphans and restarts"),
    ("logging", "lines through a logger, and what a kill -9 of it loses"),
    ("graph", "definitions read, compiled and walked; services up and down"),
    ("size", "bytes on disk and over the wire"),
];

/// The command line, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Empty: all.
    pub only: Vec<String>,
    /// Few rounds.
    pub quick: bool,
    /// apt-get what is missing.
    pub install: bool,
    /// Where to.
    pub out: Option<PathBuf>,
    /// Only say what there is.
    pub list: bool,
    /// Only say how.
    pub help: bool,
}

impl Options {
    /// Reads the arguments behind the program's name; cargo's own `--bench` is nothing to us.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Options, String> {
        let mut options = Options::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value = |name: &str| args.next().ok_or(format!("{name} needs a value"));
            match arg.as_str() {
                "--bench" => {}
                "--quick" => options.quick = true,
                "--install" => options.install = true,
                "--list" => options.list = true,
                "-h" | "--help" => options.help = true,
                "--out" => options.out = Some(value("--out")?.into()),
                "--only" => {
                    for name in value("--only")?.split(',') {
                        if !SECTIONS.iter().any(|s| s.0 == name) {
                            let names: Vec<&str> = SECTIONS.iter().map(|s| s.0).collect();
                            return Err(format!("no section {name}: {}", names.join(", ")));
                        }
                        options.only.push(name.to_owned());
                    }
                }
                _ => return Err(format!("unknown argument: {arg}")),
            }
        }
        Ok(options)
    }

    /// Whether that section is to run.
    pub fn wants(&self, section: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|o| o == section)
    }

    /// Whether its figures may stand in the repository.
    pub fn whole(&self) -> bool {
        self.only.is_empty() && !self.quick
    }
}
