//! The machine as bytes: PID 1 may become its program anew at any moment of it.

use super::{End, Limits, Phase, Reached, Shutdown};
use crate::supervise::record::{In, Out};

const PHASES: [Phase; 6] =
    [Phase::Up, Phase::Graph, Phase::Services, Phase::Finish, Phase::Term, Phase::Kill];
const ENDS: [End; 3] = [End::Halt, End::Poweroff, End::Reboot];
const REACHED: [Reached; 5] =
    [Reached::Nothing, Reached::Runner, Reached::FixAttrs, Reached::ContInit, Reached::Services];

fn put<T: PartialEq>(out: &mut Out, all: &[T], one: &T) {
    out.count(all.iter().position(|it| it == one).unwrap_or(0) as u64);
}

fn get<T: Copy>(input: &mut In, all: &[T]) -> Option<T> {
    all.get(input.index()?).copied()
}

impl End {
    /// Writes it down, or that there is none.
    pub fn save(end: Option<End>, out: &mut Out) {
        out.number(end.is_some());
        put(out, &ENDS, &end.unwrap_or(End::Halt));
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Option<End>> {
        let (there, end) = (input.flag()?, get(input, &ENDS)?);
        Some(Some(end).filter(|_| there))
    }
}

impl Reached {
    /// Writes it down.
    pub fn save(self, out: &mut Out) {
        put(out, &REACHED, &self);
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Reached> {
        get(input, &REACHED)
    }
}

impl Limits {
    /// Writes them down.
    pub fn save(&self, out: &mut Out) {
        out.count(self.services);
        out.maybe(self.finish.map(u64::cast_signed));
        out.count(self.kill);
    }

    /// Reads them.
    pub fn load(input: &mut In) -> Option<Limits> {
        Some(Limits {
            services: input.count()?,
            finish: input.maybe()?.map(i64::cast_unsigned),
            kill: input.count()?,
        })
    }
}

impl Shutdown {
    /// Writes it down.
    pub fn save(&self, out: &mut Out) {
        put(out, &PHASES, &self.phase);
        End::save(Some(self.how), out);
        self.reached.save(out);
        self.limits.save(out);
        [self.scripts, self.script].into_iter().for_each(|n| out.count(n as u64));
        [self.graph, self.setup, self.services].into_iter().for_each(|f| out.number(f));
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Shutdown> {
        Some(Shutdown {
            phase: get(input, &PHASES)?,
            how: End::load(input)??,
            reached: Reached::load(input)?,
            limits: Limits::load(input)?,
            scripts: input.index()?,
            script: input.index()?,
            graph: input.flag()?,
            setup: input.flag()?,
            services: input.flag()?,
        })
    }
}
