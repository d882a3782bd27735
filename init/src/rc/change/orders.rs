//! What a tree of ours is told about many services over one connection, and what it tells of them.

use crate::scan::request::{self, LONGEST, News, Order};
use sys::Result;

/// The connection, and what is to go over it.
#[derive(Debug)]
pub struct Orders {
    fd: i32,
    /// What the services' names begin with in the scan directory.
    prefix: Vec<u8>,
    packet: Vec<u8>,
    tag: u32,
}

impl Orders {
    /// Connects to the tree on a scan directory. An error: it is not ours, or nobody of its user's asks.
    pub fn open(scandir: &[u8], prefix: Vec<u8>) -> Result<Orders> {
        let fd = request::connect(scandir)?;
        Ok(Orders { fd, prefix, packet: Vec::new(), tag: 0 })
    }

    /// Readable when there is news.
    pub fn fd(&self) -> i32 {
        self.fd
    }

    /// Tells a service something, at the next [`Orders::flush`] or before. The tag of its news.
    pub fn tell(&mut self, service: &[u8], letter: u8) -> Result<u32> {
        if self.is_full(service) {
            self.flush()?;
        }
        self.tag += 1;
        let order = Order { tag: self.tag, letter, name: [&self.prefix[..], service].concat() };
        if self.packet.is_empty() {
            self.packet.extend_from_slice(Order::BEGIN);
        }
        order.encode(&mut self.packet);
        Ok(self.tag)
    }

    /// Whether what was said is sent before this service can be told something.
    pub fn is_full(&self, service: &[u8]) -> bool {
        self.packet.len() + Order::SIZE + self.prefix.len() + service.len() > LONGEST
    }

    /// Sends what was said.
    pub fn flush(&mut self) -> Result<()> {
        if !self.packet.is_empty() {
            sys::unix::send(self.fd, &[&self.packet], &[])?;
            self.packet.clear();
        }
        Ok(())
    }

    /// What has come by now; none if nothing has. `EPIPE`: the tree is gone, or is another program now;
    /// `EPROTO`: it does not know of this.
    pub fn news(&self) -> Result<Vec<News>> {
        let mut packet = [0; LONGEST];
        let got = match sys::unix::receive(self.fd, &mut packet, &mut Vec::new()) {
            Err(sys::Errno::EAGAIN) => return Ok(Vec::new()),
            Ok(0) => return Err(sys::Errno::EPIPE),
            other => other?,
        };
        News::decode(&packet[..got]).ok_or(sys::Errno::EPROTO)
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        let _ = sys::fd::close(self.fd);
    }
}
