//! `datagram SOCKET`: sends its standard input as one datagram, to a socket in the file system
//! or, where the name is an address with a port (`127.0.0.1:514`, `[::1]:514`), over UDP.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::io::Read;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;

fn main() {
    let to = std::env::args().nth(1).expect("a socket");
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).unwrap();
    if let Ok(address) = to.parse::<SocketAddr>() {
        let any = if address.is_ipv6() { "[::1]:0" } else { "127.0.0.1:0" };
        UdpSocket::bind(any).unwrap().send_to(&bytes, address).unwrap();
    } else {
        UnixDatagram::unbound().unwrap().send_to(&bytes, to).unwrap();
    }
}
