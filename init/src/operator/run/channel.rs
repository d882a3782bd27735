//! What the process outside and the first one inside of a container tell each other until the
//! second becomes `/init`: its exec closes the channel, which is the last word.

use std::os::fd::RawFd;
use sys::Errno;
use sys::fd::{SOCK_CLOEXEC, SOCK_SEQPACKET};

/// One end.
pub struct Channel(RawFd);

/// What is said.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// To the inside: the ids are mapped, go on.
    Go,
    /// To the outside: the master of the container's terminal.
    Terminal(RawFd),
    /// To the outside: there will be no container, and why.
    Failed(String),
    /// The other end is closed.
    Over,
}

/// Longer reasons are cut.
const LONGEST: usize = 4096;

impl Channel {
    /// Both ends, closed by an exec.
    pub fn pair() -> Result<(Channel, Channel), Errno> {
        let (a, b) = sys::fd::socketpair(SOCK_SEQPACKET | SOCK_CLOEXEC)?;
        Ok((Channel(a), Channel(b)))
    }

    /// The descriptor, to be waited for.
    pub fn fd(&self) -> RawFd {
        self.0
    }

    /// Says something. The other end being gone is no error of the one who speaks.
    pub fn say(&self, word: &Word) -> Result<(), Errno> {
        let (text, fd) = match word {
            Word::Go => (b"g".to_vec(), None),
            Word::Terminal(fd) => (b"t".to_vec(), Some(*fd)),
            Word::Failed(why) => (["e", why].concat().into_bytes(), None),
            Word::Over => return Ok(()),
        };
        sys::unix::send(self.0, &[&text[..text.len().min(LONGEST)]], fd.as_slice()).map(drop)
    }

    /// Waits for what the other end says.
    pub fn hear(&self) -> Result<Word, Errno> {
        let (mut text, mut fds) = ([0; LONGEST], Vec::new());
        let length = loop {
            match sys::unix::receive(self.0, &mut text, &mut fds) {
                Err(Errno::EAGAIN) => drop(sys::event::wait_one(self.0, sys::event::POLLIN, None)),
                other => break other?,
            }
        };
        Ok(match (text[..length].split_first(), fds.pop()) {
            (Some((b'g', _)), _) => Word::Go,
            (Some((b't', _)), Some(fd)) => Word::Terminal(fd),
            (Some((_, why)), _) => Word::Failed(String::from_utf8_lossy(why).into_owned()),
            (None, _) => Word::Over,
        })
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let _ = sys::fd::close(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_descriptors_pass() {
        let (a, b) = Channel::pair().unwrap();
        a.say(&Word::Go).unwrap();
        a.say(&Word::Terminal(0)).unwrap();
        a.say(&Word::Failed("x".repeat(9000))).unwrap();
        drop(a);
        assert_eq!(b.hear(), Ok(Word::Go));
        let Word::Terminal(fd) = b.hear().unwrap() else { panic!() };
        sys::fd::close(fd).unwrap();
        assert_eq!(b.hear(), Ok(Word::Failed("x".repeat(LONGEST - 1))));
        assert_eq!(b.hear(), Ok(Word::Over));
    }
}
