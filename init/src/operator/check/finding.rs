//! What `check` finds: rules with stable names, and findings.

use interpreter::diagnose::Remark;
use std::ops::Range;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is wrong; the exit code stays 0.
    Note,
    /// It may be meant, but hardly is.
    Warning,
    /// It goes wrong when it runs.
    Error,
}

impl Level {
    /// Its name, which SARIF has too.
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which never changes.
    pub name: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it says of a script, in a sentence.
    pub what: &'static str,
}

/// A place in a script where something is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where in the file; 0..0: it is about the file as a whole.
    pub at: Range<usize>,
    /// What is wrong there, and what to do about it.
    pub remark: Remark,
}

macro_rules! rules {
    ($($id:ident $name:literal $level:ident $what:literal)*) => {
        $(
            #[doc = $what]
            pub static $id: Rule = Rule { name: $name, level: Level::$level, what: $what };
        )*
        /// All of them, sorted by name.
        pub static RULES: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    BAD_ARGUMENT "bad-argument" Error
        "An argument that the command refuses: a name with a =, a descriptor that is no number."
    BAD_VALUE "bad-value" Error "A number or a signal in a service's file that is none."
    BLOCK_FOR_PROGRAM "block-for-program" Warning
        "A program that is no command of execline is given a block."
    BLOCK_MISSING "block-missing" Error "A command wants a block where none is."
    BLOCK_UNEXPECTED "block-unexpected" Error "A block stands where none belongs."
    BROKEN_PIPELINE "broken-pipeline" Error "A producer and a consumer don't name each other."
    CANNOT_EXEC "cannot-exec" Error "The kernel can't run a service's program."
    CANNOT_NOTIFY "cannot-notify" Warning
        "A service is to say when it is ready, and its program can hardly do so."
    CRLF "crlf" Error "The file has CRLF line ends."
    DEPENDENCY_CYCLE "dependency-cycle" Error
        "Services wait for each other, or bundles hold each other."
    DUPLICATE_SERVICE "duplicate-service" Error "Two definitions have one name."
    EMPTY_BLOCK "empty-block" Error "A block without a program, where the command wants one."
    FIRST_LINE "first-line" Error
        "The #! line is missing, hidden, or not what the kernel makes of it."
    FORGOTTEN_FOREGROUND "forgotten-foreground" Warning
        "What follows a program is given to it as arguments, and looks like commands."
    IGNORED_FILE "ignored-file" Warning "A file that nothing reads in a definition of this type."
    IN_NO_BUNDLE "in-no-bundle" Warning "No bundle has the service, and nothing depends on it."
    LEGACY_TWIN "legacy-twin" Error "A service is defined in services.d too."
    LOW_DESCRIPTOR "low-descriptor" Warning
        "A service's descriptor is its standard input, output or error."
    MEANINGLESS_FIRST_LINE "meaningless-first-line" Warning
        "A #! line where none is read: the up or down file of a oneshot."
    MISSING_FILE "missing-file" Error "A definition lacks a file, or something else has its name."
    MISSING_NOTIFICATION_FD "missing-notification-fd" Warning
        "A service's program is to say when it is ready, and nobody listens."
    MISSING_PACKAGE "missing-package" Warning
        "A command of another package, which chainit does not have."
    MISSING_PROGRAM "missing-program" Error "There is no program of that name, nor can there be."
    NO_BASE "no-base" Warning
        "A service does not wait for base: it may start before the image's cont-init.d has run."
    NO_BASE_HERE "no-base-here" Note
        "A service does not wait for base, and the image does nothing before it either."
    NO_FINAL_NEWLINE "no-final-newline" Warning "The last line has no end."
    NO_SERVICES "no-services" Warning "A directory of definitions has none."
    NOT_EXECLINE "not-execline" Note "The file is for another interpreter, and is not checked."
    NUL_BYTE "nul-byte" Error "A null byte ends the script."
    REPEATED_NAME "repeated-name" Note "A name stands in a list twice."
    RESERVED_NAME "reserved-name" Error "A name that no service may have."
    SERVICE_TYPE "service-type" Error "A definition's type is none."
    SHELL_HABIT "shell-habit" Error "A shell's word, which means nothing here."
    SYNTAX "syntax" Error "The script does not parse."
    TOO_FEW_ARGUMENTS "too-few-arguments" Error "A command lacks a word, or the program behind it."
    UNBRACED_VARIABLE "unbraced-variable" Error
        "A variable's name goes on to the end of the word: it needs braces."
    UNDEFINED_SERVICE "undefined-service" Error "A list has a name that nothing has."
    UNKNOWN_WORD "unknown-word" Warning "No program of that name is known, and one of a name like it is."
    UNREADABLE "unreadable" Error "A file or a directory of a definition can't be read."
    UNSET_VARIABLE "unset-variable" Error
        "A variable that no command in front of it puts in: the word stays as it is written."
    UNUSED_VARIABLE "unused-variable" Warning "A variable is put in, and no word has it."
    WRONG_OPTION "wrong-option" Error
        "An option that the command does not have, or that lacks its argument."
}

#[cfg(test)]
mod tests {
    #[test]
    fn rules_are_sorted_and_named_once() {
        assert!(super::RULES.is_sorted_by(|a, b| a.name < b.name));
    }
}
