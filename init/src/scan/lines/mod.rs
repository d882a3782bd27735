//! What services without a logger write, line by line and with their names (`CHAINIT_LOG_PREFIX`).
//!
//! Each service has two pipes, for its standard output and error, of which the tree holds both
//! ends, so that a restart loses nothing. What comes is cut into lines and written to the own
//! standard output and error, which never block: what can't be written yet waits, and while much
//! waits the pipes are not read, so that the services wait, as they would without pipes.

mod format;
mod saved;
mod sink;

use super::setup;
use super::tree::{SPECIAL, Source, Tree, token, warn};
use crate::supervise::child::service_pipe;
use crate::supervise::home::FOR_OLD;
pub use format::Format;
use format::{Formatter, LONGEST};
use sink::Sink;
use sys::Errno;
use sys::event::EPOLLIN;

/// How many bytes may wait before the pipes are left to fill.
const ENOUGH: usize = 1 << 16;
/// How many bytes are read at a time.
const ROOM: usize = 1 << 14;
/// How often a pipe is read in a row: it holds no more, unless somebody goes on writing.
const READS: usize = 5;
/// How long whoever reads the container's output may take, at its end, for each piece: ms.
const PATIENCE: u64 = 1000;

/// The pipes, and where their lines go.
pub(super) struct Lines {
    formatter: Formatter,
    streams: Vec<Option<Stream>>,
    /// Standard output, standard error.
    sinks: [Sink; 2],
}

/// One output of a service.
struct Stream {
    name: Vec<u8>,
    error: bool,
    read: i32,
    /// `None`: the service has gone, and whoever still writes has the last ends.
    write: Option<i32>,
    /// The begin of a line.
    begun: Vec<u8>,
    /// Its process has ended: what was begun is a line as soon as nothing more is there.
    cut: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        for fd in [self.read].into_iter().chain(self.write) {
            let _ = sys::fd::close(fd);
        }
    }
}

impl Lines {
    fn new(format: Format) -> Lines {
        Lines {
            formatter: Formatter::new(format),
            streams: Vec::new(),
            sinks: [Sink::new(1), Sink::new(2)],
        }
    }

    fn open(&mut self, name: &[u8], error: bool) -> sys::Result<usize> {
        let (read, write) = service_pipe(FOR_OLD)?;
        let stream = Stream {
            name: name.to_vec(),
            error,
            read,
            write: Some(write),
            begun: Vec::new(),
            cut: false,
        };
        sys::fd::set_nonblock(read, true)?;
        // Whoever has become somebody else may open /dev/stdout, which is this.
        let _ = sys::fs::fchmod(write, 0o622);
        let at = match self.streams.iter().position(Option::is_none) {
            Some(free) => free,
            None => {
                self.streams.push(None);
                self.streams.len() - 1
            }
        };
        self.streams[at] = Some(stream);
        Ok(at)
    }

    fn write_end(&self, at: usize) -> Option<i32> {
        self.streams.get(at)?.as_ref()?.write
    }

    /// Takes in what has come; true if the pipe has come to its end.
    fn read(&mut self, at: usize) -> bool {
        let Lines { formatter, streams, sinks } = self;
        let Some(Some(stream)) = streams.get_mut(at) else { return false };
        let sink = &mut sinks[usize::from(stream.error)];
        let mut room = [0; ROOM];
        for _ in 0..READS {
            match sys::fd::read(stream.read, &mut room) {
                Ok(count @ 1..) => stream.take(&room[..count], formatter, &mut sink.waiting),
                Err(Errno::EAGAIN) => {
                    if std::mem::take(&mut stream.cut) {
                        stream.finish(formatter, &mut sink.waiting);
                    }
                    break;
                }
                _ => {
                    stream.finish(formatter, &mut sink.waiting);
                    return true;
                }
            }
        }
        false
    }
}

impl Stream {
    fn take(&mut self, mut bytes: &[u8], formatter: &mut Formatter, out: &mut Vec<u8>) {
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            self.begun.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.put(formatter, out, false);
        }
        self.begun.extend_from_slice(bytes);
        // A line without an end is none that one can wait for.
        while self.begun.len() > LONGEST {
            let rest = self.begun.split_off(LONGEST);
            self.put(formatter, out, true);
            self.begun = rest;
        }
    }

    fn put(&mut self, formatter: &mut Formatter, out: &mut Vec<u8>, partial: bool) {
        formatter.put(out, &self.name, self.error, &self.begun, partial);
        self.begun.clear();
    }

    fn finish(&mut self, formatter: &mut Formatter, out: &mut Vec<u8>) {
        if !self.begun.is_empty() {
            self.put(formatter, out, false);
        }
    }
}

impl Tree {
    /// From now on lines of services without a logger come with their names.
    pub fn name_lines(&mut self, format: Format) {
        self.lines = Some(Lines::new(format));
    }

    /// What a service's processes write to, if its lines are read here: standard output and error.
    pub(super) fn voice(&mut self, index: usize) -> Option<[i32; 2]> {
        let lines = self.lines.as_mut()?;
        let entry = self.entries.get_mut(index)?;
        let piped = entry.service.as_ref().is_some_and(|service| service.ends().output.is_some());
        let own = entry.is_logger || entry.peer.is_some() || piped;
        if own || entry.name.as_c_str() == SPECIAL {
            return None;
        }
        if entry.voice.is_none() {
            let name = entry.name.as_bytes();
            let opened = lines.open(name, false).and_then(|out| Ok([out, lines.open(name, true)?]));
            match opened {
                Ok(pair) => {
                    entry.voice = Some(pair);
                    pair.into_iter().for_each(|at| self.hear(at));
                }
                Err(errno) => {
                    let name = entry.name.to_string_lossy();
                    let why = sys::reason(errno);
                    warn(&format!("the lines of service {name} come without its name: {why}"));
                }
            }
        }
        let [out, err] = self.entries.get(index)?.voice?;
        let lines = self.lines.as_ref()?;
        Some([lines.write_end(out)?, lines.write_end(err)?])
    }

    fn hear(&self, at: usize) {
        let Some(Some(stream)) = self.lines.as_ref().and_then(|lines| lines.streams.get(at)) else {
            return;
        };
        // It may be heard already.
        let _ = self.epoll.add(stream.read, EPOLLIN, token(Source::Line, at));
    }

    /// Something has come through a pipe.
    pub(super) fn line(&mut self, at: usize) {
        let Some(lines) = &mut self.lines else { return };
        if let Some(Some(stream)) = lines.streams.get(at) {
            let sink = &mut lines.sinks[usize::from(stream.error)];
            if sink.waiting.len() > ENOUGH {
                sink.held = true;
                let _ = self.epoll.remove(stream.read);
                return;
            }
        }
        if lines.read(at) {
            self.drop_stream(at);
        }
        self.write_lines();
    }

    fn drop_stream(&mut self, at: usize) {
        let Some(lines) = &mut self.lines else { return };
        if let Some(stream) = lines.streams.get_mut(at).and_then(Option::take) {
            let _ = self.epoll.remove(stream.read);
        }
    }

    /// Writes what waits, as far as somebody takes it, and reads again what was left to wait.
    pub(super) fn write_lines(&mut self) {
        let Some(lines) = &mut self.lines else { return };
        let mut relieved = [false; 2];
        for (number, sink) in lines.sinks.iter_mut().enumerate() {
            sink.write();
            sink.watch(&self.epoll, token(Source::Sink, number));
            if sink.waiting.len() <= ENOUGH {
                relieved[number] = std::mem::take(&mut sink.held);
            }
        }
        if relieved == [false; 2] {
            return;
        }
        let streams = lines.streams.iter().enumerate();
        let waits = |(_, stream): &(usize, &Option<Stream>)| {
            stream.as_ref().is_some_and(|stream| relieved[usize::from(stream.error)])
        };
        let waiting: Vec<usize> = streams.filter(waits).map(|(at, _)| at).collect();
        waiting.into_iter().for_each(|at| self.hear(at));
    }

    /// A service's process has ended: what it has begun to say is a line.
    pub(super) fn end_line(&mut self, index: usize) {
        let Some(pair) = self.entries.get(index).and_then(|entry| entry.voice) else { return };
        for at in pair {
            if let Some(Some(stream)) = self.lines.as_mut().and_then(|l| l.streams.get_mut(at)) {
                stream.cut = true;
            }
            self.line(at);
        }
    }

    /// A service has gone. Processes that it has left behind may still write.
    pub(super) fn hush(&mut self, voice: Option<[usize; 2]>) {
        let Some(lines) = &mut self.lines else { return };
        for at in voice.into_iter().flatten() {
            if let Some(Some(stream)) = lines.streams.get_mut(at) {
                stream.write.take().map(sys::fd::close);
            }
        }
    }

    /// Standard output and error are others now.
    pub(super) fn leave_stdio(&mut self, console: Option<i32>) {
        setup::leave_stdio(console);
        if let Some(lines) = &mut self.lines {
            lines.sinks.iter_mut().for_each(|sink| sink.close(&self.epoll));
        }
    }

    /// Writes all that is still in the pipes, and waits for whoever reads it, as long as somebody
    /// does.
    pub fn finish_lines(&mut self) {
        let Some(lines) = &mut self.lines else { return };
        for at in 0..lines.streams.len() {
            if let Some(Some(stream)) = lines.streams.get_mut(at) {
                stream.cut = true;
            }
            lines.read(at);
            lines.sinks.iter_mut().for_each(|sink| sink.write_patiently(PATIENCE));
        }
    }
}
