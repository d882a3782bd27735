//! The director of PID 1 as bytes, for the program that PID 1 becomes.

use super::Pid1;
use crate::stages::alive::Scope;
use crate::stages::contenv::{Contenv, flag};
use crate::stages::milestone::{Doing, Progress};
use crate::stages::planned::Plan;
use crate::stages::say::Say;
use crate::stages::shutdown::{End, Limits, Reached, Shutdown};
use crate::supervise::record::{In, Out};

const DOING: [Doing; 3] = [Doing::Setup, Doing::Cmd, Doing::Nothing];

impl Pid1 {
    /// `S6_SYNC_DISKS`.
    pub fn syncs(&self) -> bool {
        flag(self.contenv.given().get(b"S6_SYNC_DISKS"))
    }

    /// Whose end this process sees to.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Writes it down; the environment is handed over by exec.
    pub(super) fn write(&self, out: &mut Out) {
        self.machine.save(out);
        out.number(self.contenv.is_touched());
        out.count(self.say.verbosity());
        out.words(&self.env);
        out.number(self.scope == Scope::Namespace);
        out.maybe(self.stage2.map(i64::from));
        out.fd(self.pipe);
        self.progress.reached.save(out);
        out.number(self.progress.graph);
        let doing = DOING.iter().position(|&doing| doing == self.progress.doing);
        out.count(doing.unwrap_or(0) as u64);
        self.limits.save(out);
        out.count(self.scripts.len() as u64);
        self.scripts.iter().for_each(|path| out.bytes(path));
        out.maybe(self.script.map(|(pid, _)| pid.into()));
        out.count(self.script.map_or(0, |(_, number)| number) as u64);
        out.maybe(self.down.map(i64::from));
        out.time(self.deadline);
        out.time(self.look_at);
        out.maybe(self.unwritten.map(i64::from));
        End::save(self.ended, out);
    }

    /// Reads it. `None`: that is not what was written.
    pub fn load(mut contenv: Contenv, input: &mut In) -> Option<Pid1> {
        let pid = |number: Option<i64>| number.and_then(|number| number.try_into().ok());
        let machine = Shutdown::load(input)?;
        let plan = Plan::read().filter(|_| !machine.has_begun());
        contenv.set_touched(input.flag()?);
        Some(Pid1 {
            relay: super::cmd::rules(&contenv, |_| {}),
            machine,
            contenv,
            say: Say::new(input.count()?),
            env: input.words()?,
            scope: if input.flag()? { Scope::Namespace } else { Scope::Own },
            stage2: pid(input.maybe()?),
            pipe: input.fd()?,
            progress: Progress {
                reached: Reached::load(input)?,
                graph: input.flag()?,
                doing: *DOING.get(input.index()?)?,
            },
            limits: Limits::load(input)?,
            scripts: {
                let count = input.index()?;
                (0..count).map(|_| input.bytes()).collect::<Option<_>>()?
            },
            script: {
                let (script, number) = (pid(input.maybe()?), input.index()?);
                script.map(|script| (script, number))
            },
            down: pid(input.maybe()?),
            deadline: input.time()?,
            look_at: input.time()?,
            unwritten: pid(input.maybe()?),
            written: None,
            watches: false,
            ended: End::load(input)?,
            plan,
        })
    }
}
