//! What a script came to, and in what two of them differ.

use std::collections::BTreeMap;

/// How a run went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// `exit 0`, `signal 9`, or `hangs`.
    pub end: String,
    /// The standard output, that of all processes.
    pub stdout: Vec<u8>,
    /// The standard error. Texts are everybody's own: only whether there is any is compared.
    pub stderr: Vec<u8>,
    /// The files of the directory afterwards: mode and content.
    pub files: BTreeMap<String, (u32, Vec<u8>)>,
}

/// In what two runs can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The exit code or signal.
    End,
    /// The standard output.
    Stdout,
    /// Whether something was said on the standard error.
    Stderr,
    /// Files, their modes and contents.
    Files,
}

impl Outcome {
    /// In what this differs from the other.
    pub fn differences(&self, other: &Outcome) -> Vec<Aspect> {
        let pairs = [
            (Aspect::End, self.end != other.end),
            (Aspect::Stdout, self.stdout != other.stdout),
            (Aspect::Stderr, self.stderr.is_empty() != other.stderr.is_empty()),
            (Aspect::Files, self.files != other.files),
        ];
        pairs.into_iter().filter(|(_, differs)| *differs).map(|(aspect, _)| aspect).collect()
    }
}

impl Outcome {
    /// As reports show it: of the files, only those that are not the same in the other.
    pub fn shown(&self, other: &Outcome) -> String {
        let mut text = format!("  {}\n", self.end);
        text += &format!("  stdout \"{}\"\n", self.stdout.escape_ascii());
        text += &format!("  stderr \"{}\"\n", self.stderr.escape_ascii());
        for (name, (mode, content)) in &self.files {
            if other.files.get(name) != self.files.get(name) {
                text += &format!("  {name} {mode:o} \"{}\"\n", content.escape_ascii());
            }
        }
        text
    }
}
