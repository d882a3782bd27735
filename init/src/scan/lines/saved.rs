//! The pipes and what waits, as bytes, for the program that this process becomes.

use super::format::Format;
use super::{Lines, Stream, Tree};
use crate::supervise::record::{In, Out};

impl Lines {
    /// Writes it down.
    pub(in crate::scan) fn save(&self, out: &mut Out) {
        let Format { json, color, time } = self.formatter.format;
        [json, color, time].into_iter().for_each(|flag| out.number(flag));
        self.sinks.iter().for_each(|sink| out.bytes(&sink.waiting));
        out.count(self.streams.len() as u64);
        for stream in &self.streams {
            out.number(stream.is_some());
            if let Some(stream) = stream {
                out.bytes(&stream.name);
                out.number(stream.error);
                out.fd(Some(stream.read));
                out.fd(stream.write);
                out.bytes(&stream.begun);
                out.number(stream.cut);
            }
        }
    }

    /// Reads it.
    pub(in crate::scan) fn load(input: &mut In) -> Option<Lines> {
        let format = Format { json: input.flag()?, color: input.flag()?, time: input.flag()? };
        let mut lines = Lines::new(format);
        for sink in &mut lines.sinks {
            sink.waiting = input.bytes()?;
        }
        for _ in 0..input.index()? {
            let stream = match input.flag()? {
                false => None,
                true => Some(Stream {
                    name: input.bytes()?,
                    error: input.flag()?,
                    read: input.fd()??,
                    write: input.fd()?,
                    begun: input.bytes()?,
                    cut: input.flag()?,
                }),
            };
            lines.streams.push(stream);
        }
        Some(lines)
    }
}

impl Tree {
    /// Goes on with what was taken up.
    pub(in crate::scan) fn hear_lines(&mut self) {
        (0..self.lines.as_ref().map_or(0, |lines| lines.streams.len()))
            .for_each(|at| self.hear(at));
        self.write_lines();
    }
}
