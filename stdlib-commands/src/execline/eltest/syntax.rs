//! The grammar of `eltest`: from words to steps that are taken one after another.
//!
//! A word that is spelled as an operator is one, wherever it stands; a backslash in front of any
//! word makes it an operand and is taken off. `!` binds closest, then `-a`, then `-o`.

use interpreter::arg::{Arg, skip};
use interpreter::diagnose::shown;

/// One step of an evaluation, which holds one truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value becomes that of a test of one operand.
    Unary(Unary, Arg),
    /// The value becomes that of a test of two operands.
    Binary(Binary, Arg, Arg),
    /// The value is turned round.
    Not,
    /// If the value is this one, goes on at the step of that number.
    SkipIf(bool, usize),
}

/// Tests of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    NonEmpty,
    Empty,
    Exists,
    Regular,
    Directory,
    Link,
    Fifo,
    Socket,
    Block,
    Char,
    Sticky,
    SetUid,
    SetGid,
    Readable,
    Writable,
    Executable,
    HasBytes,
    Terminal,
    OwnUser,
    OwnGroup,
    UnreadSinceWritten,
    Variable,
}

/// Tests of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Order(Order),
    Number(Order),
    Newer,
    Older,
    SameFile,
    Matches,
}

/// How two things that have an order compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Operand,
    Unary(Unary),
    Binary(Binary),
    Not,
    And,
    Or,
    Open,
    Close,
}

/// The words are no expression. Exit code 100.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExpression {
    /// Something else should stand at that place, which is counted from 0.
    #[error("parse error at argument {at}: {wanted}, and here is {}", show(.found))]
    Unexpected {
        /// Which of the words.
        at: usize,
        /// What should stand there.
        wanted: &'static str,
        /// What does; nothing at the end.
        found: Option<Arg>,
    },
    /// A parenthesis closes that was not opened.
    #[error("parse error: bad right parenthesis at argument {0}: no ( belongs to it")]
    Close(usize),
    /// A parenthesis is not closed.
    #[error("parse error: too many left parentheses: that of argument {0} is not closed")]
    Open(usize),
}

impl BadExpression {
    /// Which of the words is to blame, counted from 0.
    pub fn at(&self) -> usize {
        let (BadExpression::Unexpected { at, .. }
        | BadExpression::Close(at)
        | BadExpression::Open(at)) = *self;
        at
    }
}

fn show(found: &Option<Arg>) -> String {
    let operator = |word: &Arg| token(word) != Token::Operand;
    match found {
        None => "the end".to_owned(),
        Some(word) if operator(word) => {
            let word = shown(word.to_bytes());
            format!("the operator {word} (written \\{word}, it is an operand)")
        }
        Some(word) => format!("\"{}\"", shown(word.to_bytes())),
    }
}

fn token(word: Arg) -> Token {
    match word.to_bytes() {
        b"!" => Token::Not,
        b"-a" => Token::And,
        b"-o" => Token::Or,
        b"(" => Token::Open,
        b")" => Token::Close,
        bytes => match (unary(bytes), binary(bytes)) {
            (Some(op), _) => Token::Unary(op),
            (_, Some(op)) => Token::Binary(op),
            _ => Token::Operand,
        },
    }
}

fn unary(word: &[u8]) -> Option<Unary> {
    let [b'-', letter] = word else { return None };
    Some(match letter {
        b'n' => Unary::NonEmpty,
        b'z' => Unary::Empty,
        b'e' => Unary::Exists,
        b'f' => Unary::Regular,
        b'd' => Unary::Directory,
        b'h' | b'L' => Unary::Link,
        b'p' => Unary::Fifo,
        b'S' => Unary::Socket,
        b'b' => Unary::Block,
        b'c' => Unary::Char,
        b'k' => Unary::Sticky,
        b'u' => Unary::SetUid,
        b'g' => Unary::SetGid,
        b'r' => Unary::Readable,
        b'w' => Unary::Writable,
        b'x' => Unary::Executable,
        b's' => Unary::HasBytes,
        b't' => Unary::Terminal,
        b'O' | b'U' => Unary::OwnUser,
        b'G' => Unary::OwnGroup,
        b'N' => Unary::UnreadSinceWritten,
        b'v' => Unary::Variable,
        _ => return None,
    })
}

fn binary(word: &[u8]) -> Option<Binary> {
    Some(match word {
        b"=" => Binary::Order(Order::Equal),
        b"!=" => Binary::Order(Order::NotEqual),
        b"<" => Binary::Order(Order::Less),
        b"<=" => Binary::Order(Order::LessOrEqual),
        b">" => Binary::Order(Order::Greater),
        b">=" => Binary::Order(Order::GreaterOrEqual),
        b"-eq" => Binary::Number(Order::Equal),
        b"-ne" => Binary::Number(Order::NotEqual),
        b"-lt" => Binary::Number(Order::Less),
        b"-le" => Binary::Number(Order::LessOrEqual),
        b"-gt" => Binary::Number(Order::Greater),
        b"-ge" => Binary::Number(Order::GreaterOrEqual),
        b"-nt" => Binary::Newer,
        b"-ot" => Binary::Older,
        b"-ef" => Binary::SameFile,
        b"=~" => Binary::Matches,
        _ => return None,
    })
}

/// What waits for its operand to end.
#[derive(Clone, Copy)]
enum Pending {
    /// The parenthesis of that argument.
    Open(usize),
    Not,
    /// `-a` and its step.
    And(usize),
    /// `-o` and its step.
    Or(usize),
}

/// Turns an expression into steps.
pub fn compile(words: &[Arg]) -> Result<Vec<Step>, BadExpression> {
    let mut compiler = Compiler { words, at: 0, steps: Vec::new(), pending: Vec::new() };
    loop {
        compiler.operand()?;
        if compiler.operator()? {
            return Ok(compiler.steps);
        }
    }
}

struct Compiler<'a> {
    words: &'a [Arg],
    at: usize,
    steps: Vec<Step>,
    pending: Vec<Pending>,
}

impl Compiler<'_> {
    fn next(&mut self) -> Option<(Token, Arg)> {
        let &word = self.words.get(self.at)?;
        self.at += 1;
        Some((token(word), word))
    }

    fn peek(&self) -> Option<Token> {
        self.words.get(self.at).map(|word| token(word))
    }

    /// What is wrong with the word that was taken last (`taken`), or with the next one.
    fn unexpected(&self, wanted: &'static str, taken: bool) -> BadExpression {
        let at = self.at - usize::from(taken);
        BadExpression::Unexpected { at, wanted, found: self.words.get(at).copied() }
    }

    /// `!`s and `(`s, and the test that follows them.
    fn operand(&mut self) -> Result<(), BadExpression> {
        const WANTED: &str = "an operand, a unary operator, ! or ( is wanted";
        loop {
            let step = match self.next() {
                Some((Token::Open, _)) => {
                    self.pending.push(Pending::Open(self.at - 1));
                    continue;
                }
                Some((Token::Not, _)) => {
                    self.pending.push(Pending::Not);
                    continue;
                }
                Some((Token::Unary(op), _)) => Step::Unary(op, self.word()?),
                Some((Token::Operand, word)) => match self.peek() {
                    Some(Token::Binary(op)) => {
                        self.at += 1;
                        Step::Binary(op, bare(word), self.word()?)
                    }
                    _ => Step::Unary(Unary::NonEmpty, bare(word)),
                },
                Some(_) => return Err(self.unexpected(WANTED, true)),
                None => return Err(self.unexpected(WANTED, false)),
            };
            self.steps.push(step);
            self.end_nots();
            return Ok(());
        }
    }

    fn word(&mut self) -> Result<Arg, BadExpression> {
        match self.next() {
            Some((Token::Operand, word)) => Ok(bare(word)),
            taken => Err(self.unexpected("an operand is wanted", taken.is_some())),
        }
    }

    /// `)`s and then `-a` or `-o`; true at the end of the expression.
    fn operator(&mut self) -> Result<bool, BadExpression> {
        loop {
            match self.next() {
                Some((Token::Close, _)) => {
                    self.end_ors();
                    let Some(Pending::Open(_)) = self.pending.pop() else {
                        return Err(BadExpression::Close(self.at - 1));
                    };
                    self.end_nots();
                }
                Some((Token::And, _)) => {
                    self.end_ands();
                    self.pending.push(Pending::And(self.steps.len()));
                    self.steps.push(Step::SkipIf(false, 0));
                    return Ok(false);
                }
                Some((Token::Or, _)) => {
                    self.end_ors();
                    self.pending.push(Pending::Or(self.steps.len()));
                    self.steps.push(Step::SkipIf(true, 0));
                    return Ok(false);
                }
                Some(_) => return Err(self.unexpected("-a, -o, ) or the end is wanted", true)),
                None => {
                    self.end_ors();
                    return match self.pending.pop() {
                        Some(Pending::Open(at)) => Err(BadExpression::Open(at)),
                        _ => Ok(true),
                    };
                }
            }
        }
    }

    fn end_nots(&mut self) {
        while self.pending.pop_if(|p| matches!(p, Pending::Not)).is_some() {
            self.steps.push(Step::Not);
        }
    }

    fn end_ands(&mut self) {
        while let Some(&Pending::And(step)) = self.pending.last() {
            self.pending.pop();
            self.steps[step] = Step::SkipIf(false, self.steps.len());
        }
    }

    fn end_ors(&mut self) {
        self.end_ands();
        while let Some(&Pending::Or(step)) = self.pending.last() {
            self.pending.pop();
            self.steps[step] = Step::SkipIf(true, self.steps.len());
        }
    }
}

/// An operand without the backslash that keeps it from being an operator.
fn bare(word: Arg) -> Arg {
    skip(word, usize::from(word.to_bytes().starts_with(b"\\")))
}

#[cfg(test)]
mod tests;
