use std::ops::Range;

/// Why a script does not parse, and where. `execlineb` exits 100 on each but the last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// The bytes of the source that are to blame.
    pub place: Range<usize>,
}

/// What can be wrong with a script. The texts begin as upstream's message for the same script does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxErrorKind {
    /// A block that is never closed; its `{` is to blame.
    #[error("unmatched {{")]
    UnmatchedOpen,
    /// A `}` where no block is open.
    #[error("unmatched }}")]
    UnmatchedClose,
    /// A `{` that is the last byte of the script: nothing separates it from what would follow.
    #[error("syntax error: {{ is the last byte of the script")]
    OpenAtEnd,
    /// Quotes that are never closed; the byte that opened them is to blame.
    #[error("syntax error: unterminated quotes")]
    UnterminatedQuote,
    /// A backslash in a word or in quotes that is the last byte of the script.
    #[error("syntax error: a backslash is the last byte of the script")]
    BackslashAtEnd,
    /// `\0` or `\0x` in quotes, without a digit that could follow it.
    #[error("syntax error: a numeric escape without digits")]
    NoDigits,
    /// A numeric escape for the byte 0, which no word can hold.
    #[error("syntax error: a numeric escape for a null byte")]
    NullEscape,
    /// A numeric escape for more than 255.
    #[error("syntax error: a numeric escape for {0}, which is no byte")]
    EscapeTooBig(u32),
    /// The blocks are nested so deep that the spaces of their words fill memory.
    #[error("syntax error: blocks nested too deep")]
    TooDeep,
}
