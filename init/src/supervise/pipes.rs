//! Pipes between services, by name: a service directory's file `stdout-to` names the pipe that its
//! processes write to, `stdin-from` the one that they read from. Several may write to one.
//!
//! Whoever supervises holds both ends, so that what is in a pipe outlives every restart of those
//! who write and those who read.

use super::child::{Stdio, service_pipe};
use super::home::{FOR_OLD, Home};
use super::record::{In, Out};
use sys::{Errno, Result};

/// The longest name that is read.
const LONGEST: usize = 1024;

/// The pipes that a service is at an end of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// What it reads from.
    pub input: Option<Vec<u8>>,
    /// What it writes to.
    pub output: Option<Vec<u8>>,
}

impl Ends {
    /// None.
    pub const NONE: Ends = Ends { input: None, output: None };

    /// Those that its directory names.
    pub fn of(home: &Home) -> Result<Ends> {
        let name = |file| -> Result<Option<Vec<u8>>> {
            let text = sys::at::read(home.dir, file, LONGEST)?.unwrap_or_default();
            let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
            Ok((!line.is_empty()).then(|| line.to_vec()))
        };
        Ok(Ends { input: name(c"stdin-from")?, output: name(c"stdout-to")? })
    }

    /// Is this pipe one of them?
    pub fn has(&self, name: &[u8]) -> bool {
        [&self.input, &self.output].into_iter().flatten().any(|own| own == name)
    }

    /// Writes it down.
    pub fn save(&self, out: &mut Out) {
        for name in [&self.input, &self.output] {
            out.bytes(name.as_deref().unwrap_or_default());
        }
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Ends> {
        let mut name = || input.bytes().map(|name| Some(name).filter(|name| !name.is_empty()));
        Some(Ends { input: name()?, output: name()? })
    }
}

#[derive(Debug)]
struct Pipe {
    name: Vec<u8>,
    read: i32,
    /// `None`: whoever reads comes to the end.
    write: Option<i32>,
}

impl Drop for Pipe {
    fn drop(&mut self) {
        for fd in [self.read].into_iter().chain(self.write) {
            let _ = sys::fd::close(fd);
        }
    }
}

/// All pipes that are held.
#[derive(Debug, Default)]
pub struct Pipes(Vec<Pipe>);

impl Pipes {
    /// The pipe of that name, made if it is not there.
    fn get(&mut self, name: &[u8]) -> Result<&Pipe> {
        let at = match self.0.iter().position(|pipe| pipe.name == name) {
            Some(at) => at,
            None => {
                let (read, write) = service_pipe(FOR_OLD)?;
                self.0.push(Pipe { name: name.to_vec(), read, write: Some(write) });
                self.0.len() - 1
            }
        };
        Ok(&self.0[at])
    }

    /// Puts the ends of pipes in the place of a process's standard input and output. `EPIPE`: a
    /// pipe that it would write to has come to its end.
    pub fn join(&mut self, ends: &Ends, mut stdio: Stdio) -> Result<Stdio> {
        if let Some(name) = &ends.input {
            stdio.input = Some(self.get(name)?.read);
        }
        if let Some(name) = &ends.output {
            stdio.output = Some(self.get(name)?.write.ok_or(Errno::EPIPE)?);
        }
        Ok(stdio)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is there one of that name?
    pub fn has(&self, name: &[u8]) -> bool {
        self.0.iter().any(|pipe| pipe.name == name)
    }

    /// Is something in the pipe that nobody has read?
    pub fn is_full(&self, name: &[u8]) -> bool {
        let pipe = self.0.iter().find(|pipe| pipe.name == name);
        pipe.is_some_and(|pipe| sys::fd::readable(pipe.read).unwrap_or(0) > 0)
    }

    /// Lets go of the end that is written to.
    pub fn end(&mut self, name: &[u8]) {
        for pipe in self.0.iter_mut().filter(|pipe| pipe.name == name) {
            pipe.write.take().map(sys::fd::close);
        }
    }

    /// Lets go of those that nobody is at an end of.
    pub fn keep(&mut self, is_used: impl Fn(&[u8]) -> bool) {
        self.0.retain(|pipe| is_used(&pipe.name));
    }

    /// Writes them down.
    pub fn save(&self, out: &mut Out) {
        out.count(self.0.len() as u64);
        for pipe in &self.0 {
            out.bytes(&pipe.name);
            out.fd(Some(pipe.read));
            out.fd(pipe.write);
        }
    }

    /// Reads them.
    pub fn load(input: &mut In) -> Option<Pipes> {
        let count = input.index()?;
        let one = |_| Some(Pipe { name: input.bytes()?, read: input.fd()??, write: input.fd()? });
        (0..count).map(one).collect::<Option<_>>().map(Pipes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(input: &[u8], output: &[u8]) -> Ends {
        let name = |name: &[u8]| (!name.is_empty()).then(|| name.to_vec());
        Ends { input: name(input), output: name(output) }
    }

    #[test]
    fn what_is_written_stays_while_somebody_is_at_an_end() {
        let mut pipes = Pipes::default();
        let producer = pipes.join(&ends(b"", b"p"), Stdio::default()).unwrap();
        let again = pipes.join(&ends(b"", b"p"), Stdio::default()).unwrap();
        assert_eq!((producer.output, producer.input), (again.output, None));
        assert!(!pipes.is_full(b"p"));
        sys::fd::write_all(producer.output.unwrap(), b"some").unwrap();
        pipes.keep(|name| name == b"p");
        assert!(pipes.is_full(b"p") && !pipes.is_full(b"q"));
        let consumer = pipes.join(&ends(b"p", b"q"), Stdio::default()).unwrap();
        pipes.end(b"p");
        assert_eq!(pipes.join(&ends(b"", b"p"), Stdio::default()).unwrap_err(), Errno::EPIPE);
        let mut text = [0; 9];
        assert_eq!(sys::fd::read(consumer.input.unwrap(), &mut text), Ok(4));
        assert_eq!(sys::fd::read(consumer.input.unwrap(), &mut text), Ok(0));
        pipes.keep(|_| false);
        assert!(pipes.0.is_empty());
    }

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let stdio = Stdio { input: Some(5), output: Some(6), error: Some(7), null: false };
        let joined = Pipes::default().join(&ends(b"", b""), stdio).unwrap();
        assert_eq!((joined.input, joined.output, joined.error), (Some(5), Some(6), Some(7)));
    }
}
