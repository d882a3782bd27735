//! What others ask of a tree: small messages over a SOCK_SEQPACKET socket, one packet each way.
//!
//! The codec is pure: bytes in, bytes out. Today's only peer is stage 2, over a socket pair that
//! it inherits; a listening socket can carry the same packets.

use sys::{Errno, Result};

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the scan directory now. The reply comes when every service that is new in it has
    /// its `supervise/` and `event/` and has been started (unless it is down by its definition),
    /// so that it can be waited for.
    Scan,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Not done, for this reason.
    Failed(Errno),
}

impl Request {
    /// The packet.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Request::Scan => b"S".to_vec(),
        }
    }

    /// What the packet asks; `None`: nothing that is known here.
    pub fn decode(packet: &[u8]) -> Option<Request> {
        match packet {
            b"S" => Some(Request::Scan),
            _ => None,
        }
    }
}

impl Reply {
    /// The packet.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Reply::Done => b"K".to_vec(),
            Reply::Failed(errno) => [&b"E"[..], &(*errno as i32).to_be_bytes()].concat(),
        }
    }

    /// What the packet says.
    pub fn decode(packet: &[u8]) -> Option<Reply> {
        match packet {
            b"K" => Some(Reply::Done),
            [b'E', number @ ..] => {
                let number = i32::from_be_bytes(number.try_into().ok()?);
                Some(Reply::Failed(Errno::from_raw(number)))
            }
            _ => None,
        }
    }
}

/// Asks over a connected socket, and waits for the answer. `EPIPE`: the tree is gone; `EPROTO`:
/// it said something else.
pub fn ask(socket: i32, request: &Request) -> Result<Reply> {
    sys::fd::write_all(socket, &request.encode())?;
    let mut packet = [0u8; 64];
    let n = sys::fd::read(socket, &mut packet)?;
    if n == 0 {
        return Err(Errno::EPIPE);
    }
    Reply::decode(&packet[..n]).ok_or(Errno::EPROTO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_as_they_went() {
        assert_eq!(Request::decode(&Request::Scan.encode()), Some(Request::Scan));
        for reply in [Reply::Done, Reply::Failed(Errno::EROFS)] {
            assert_eq!(Reply::decode(&reply.encode()), Some(reply));
        }
    }

    #[test]
    fn garbage_is_nothing() {
        assert_eq!(Request::decode(b""), None);
        assert_eq!(Request::decode(b"Sx"), None);
        assert_eq!(Reply::decode(b"E12"), None);
    }
}
