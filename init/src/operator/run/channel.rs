//! What the process outside and the first one inside of a container tell each other until the
//! second becomes `/init`: its exec closes the channel, which is the last word.

use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, socketpair,
};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use sys::Errno;

/// One end.
pub struct Channel(OwnedFd);

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
        let (family, kind) = (AddressFamily::Unix, SockType::SeqPacket);
        let (a, b) = socketpair(family, kind, None, SockFlag::SOCK_CLOEXEC)?;
        Ok((Channel(a), Channel(b)))
    }

    /// The descriptor, to be waited for.
    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Says something. The other end being gone is no error of the one who speaks.
    pub fn say(&self, word: &Word) -> Result<(), Errno> {
        let (text, fd) = match word {
            Word::Go => (b"g".to_vec(), None),
            Word::Terminal(fd) => (b"t".to_vec(), Some([*fd])),
            Word::Failed(why) => (["e", why].concat().into_bytes(), None),
            Word::Over => return Ok(()),
        };
        let text = &text[..text.len().min(LONGEST)];
        let rights = fd.as_ref().map(|fd| ControlMessage::ScmRights(fd));
        let (iov, flags) = ([IoSlice::new(text)], MsgFlags::MSG_NOSIGNAL);
        sendmsg::<()>(self.fd(), &iov, rights.as_slice(), flags, None).map(drop)
    }

    /// Waits for what the other end says.
    pub fn hear(&self) -> Result<Word, Errno> {
        let mut text = [0; LONGEST];
        let mut rights = nix::cmsg_space!([RawFd; 1]);
        let mut iov = [IoSliceMut::new(&mut text)];
        let got = loop {
            let flags = MsgFlags::MSG_CMSG_CLOEXEC;
            match recvmsg::<()>(self.fd(), &mut iov, Some(&mut rights), flags) {
                Err(Errno::EINTR) => {}
                other => break other?,
            }
        };
        let length = got.bytes;
        let fd = got.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
            _ => None,
        });
        Ok(match (text[..length].split_first(), fd) {
            (Some((b'g', _)), _) => Word::Go,
            (Some((b't', _)), Some(fd)) => Word::Terminal(fd),
            (Some((_, why)), _) => Word::Failed(String::from_utf8_lossy(why).into_owned()),
            (None, _) => Word::Over,
        })
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
