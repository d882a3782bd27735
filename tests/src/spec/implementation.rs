//! A directory of commands, and the few foreign programs beside it.

use super::case::Mark;
use crate::build;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Programs that cases call, besides the commands that they are about. Nothing else is in PATH,
/// so that no other execline on the machine answers in place of the one under test.
const TOOLS: &[&str] = &[
    "sh", "env", "printf", "echo", "true", "false", "cat", "ls", "id", "sleep", "readlink",
    "mkfifo", "sort", "tr", "test", "touch", "mkdir", "chmod", "chown", "pwd", "grep", "head",
    "wc", "od", "sed", "rm", "seq", "stat", "tail", "uname", "mv", "ln", "cp", "uniq", "cmp",
    "date", "cut",
];

/// Prints its arguments so that nothing about them is ambiguous.
const ARGS: &str = "#!/bin/sh\n[ $# -gt 0 ] || printf 'no arguments'\nfor word; do printf '<%s>' \"$word\"; done\necho\n";

/// Lists the open descriptors below 10, into the file named or on the standard output.
const FDS: &str = "#!/bin/sh\nopen=\nfor fd in 0 1 2 3 4 5 6 7 8 9; do\n  [ -e /proc/$$/fd/$fd ] && open=\"$open $fd\"\ndone\nif [ $# -gt 0 ]; then echo \"open:$open\" >\"$1\"; else echo \"open:$open\"; fi\n";

/// Prints the numbers of the ignored signals. Those above 31 are left out: a C library can have
/// its own ideas about 32 and 33.
const IGNORED: &str = "#!/bin/sh\nwhile read -r key value; do\n  [ \"$key\" = SigIgn: ] && mask=$((0x$value))\ndone </proc/$$/status\nout=\nfor number in $(seq 1 31); do\n  [ $((mask >> (number - 1) & 1)) = 0 ] || out=\"$out $number\"\ndone\necho \"ignored:$out\"\n";

/// The name of our build that is shipped.
pub const FUSED: &str = "fused";

/// Whose commands these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Ours: everything holds, and messages are looked at.
    Ours,
    /// Somebody else's, as old as Debian's.
    Other,
    /// Upstream's newest.
    Newest,
}

/// Something that can be put under test.
pub struct Implementation {
    /// As the report calls it.
    pub name: String,
    /// Whose it is.
    pub whose: Whose,
    /// The directory with nothing but its commands.
    pub bin: PathBuf,
    /// Whether its messages are looked at. Between two images of the unfused build, which nobody
    /// ships, a word's place in the script is lost.
    pub speaks: bool,
    /// PATH: `bin`, then the foreign programs.
    pub path: String,
    has: BTreeSet<String>,
}

impl Implementation {
    /// The binary of this workspace under all of its names.
    ///
    /// # Errors
    /// That it cannot be asked for its names, or laid out.
    pub fn ours(name: &str, binary: &Path, room: &Path, tools: &Path) -> Result<Self, String> {
        let names = build::commands(binary)?;
        let bin = room.join(name);
        let copy = room.join(format!("{name}.binary"));
        let lay = || -> io::Result<()> {
            fs::create_dir(&bin)?;
            // A copy, because another user's cases may not be able to reach the build's directory.
            fs::copy(binary, &copy)?;
            // The program that is shipped looks for its manuals beside itself.
            let manuals = binary.with_file_name("chainit.manuals");
            if manuals.exists() {
                fs::copy(manuals, room.join("chainit.manuals"))?;
            }
            names.iter().try_for_each(|command| symlink(&copy, bin.join(command)))
        };
        lay().map_err(|error| format!("cannot lay out {}: {error}", bin.display()))?;
        Ok(Self::new(name, Whose::Ours, bin, tools, names.into_iter().collect()))
    }

    /// What the colon-separated directories have of the commands that the pages are about.
    ///
    /// # Errors
    /// That it has none, or could not be laid out.
    pub fn other(
        directories: &str,
        whose: Whose,
        wanted: &BTreeSet<String>,
        room: &Path,
        tools: &Path,
    ) -> Result<Self, String> {
        let bin = room.join("other");
        let mut has = BTreeSet::new();
        fs::create_dir(&bin).map_err(|error| format!("{}: {error}", bin.display()))?;
        for command in wanted {
            let found = directories.split(':').map(|dir| Path::new(dir).join(command));
            if let Some(file) = found.into_iter().find(|file| file.is_file()) {
                symlink(&file, bin.join(command)).map_err(|error| error.to_string())?;
                has.insert(command.clone());
            }
        }
        if !has.contains("execlineb") {
            return Err(format!("no execlineb in {directories}"));
        }
        Ok(Self::new(directories, whose, bin, tools, has))
    }

    fn new(name: &str, whose: Whose, bin: PathBuf, tools: &Path, has: BTreeSet<String>) -> Self {
        let path = format!("{}:{}", bin.display(), tools.display());
        let speaks = whose == Whose::Ours && name == FUSED;
        Self { name: name.to_owned(), whose, bin, speaks, path, has }
    }

    /// Whether all of these commands are there at all. What is missing in ours is a failure.
    pub fn has(&self, commands: &[String]) -> bool {
        self.whose == Whose::Ours || commands.iter().all(|command| self.has.contains(command))
    }

    /// Whether a case so marked passes here.
    pub fn passes(&self, mark: Mark) -> bool {
        match mark {
            Mark::Everywhere => true,
            Mark::Newer => self.whose != Whose::Other,
            Mark::Mended => self.whose != Whose::Newest,
            Mark::OursAlone | Mark::Untried => self.whose == Whose::Ours,
        }
    }
}

/// Makes the directory of foreign programs.
///
/// # Errors
/// That it could not be made.
pub fn tools(room: &Path, helpers: &[PathBuf]) -> io::Result<PathBuf> {
    let tools = room.join("tools");
    fs::create_dir(&tools)?;
    for tool in TOOLS {
        let places = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(tool));
        if let Some(file) = places.iter().find(|file| file.exists()) {
            symlink(file, tools.join(tool))?;
        }
    }
    for helper in helpers {
        symlink(helper, tools.join(helper.file_name().unwrap_or_default()))?;
    }
    for (name, script) in [("args", ARGS), ("fds", FDS), ("ignored", IGNORED)] {
        let file = tools.join(name);
        fs::write(&file, script)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(tools)
}
