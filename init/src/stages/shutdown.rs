//! The end of a container, as a state machine without a clock or a process in it: events go in,
//! actions come out.
//!
//! ```text
//! Up -> Services -> Finish -> Term -> Kill -> gone
//!   \-> Graph -/
//! ```
//!
//! Where the image defines services in a graph, s6-rc brings all of them down, the stages among
//! them, and what is left of services after that is told to end.
//!
//! A phase ends with an event or, where that does not come, with its deadline; nothing is ever
//! slept through. When a phase has nothing to do the next one begins in the same step.

/// What the container's stop ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It exits with the code in the exitcode file.
    Halt,
    /// The kernel is asked to power the container off.
    Poweroff,
    /// The kernel is asked to restart it.
    Reboot,
}

impl End {
    /// The letter in the haltcode file.
    pub fn letter(self) -> u8 {
        match self {
            End::Halt => b'h',
            End::Poweroff => b'p',
            End::Reboot => b'r',
        }
    }
}

/// How far stage 2 came: what is up has to be brought down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// Nothing is up.
    #[default]
    Nothing,
    /// What upstream has oneshots run by, which comes before all of them.
    Runner,
    /// fix-attrs.
    FixAttrs,
    /// And legacy-cont-init.
    ContInit,
    /// And legacy-services.
    Services,
}

/// The time that each phase may take, in milliseconds; `None`: any.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For services to end (`S6_SERVICES_GRACETIME`).
    pub services: u64,
    /// For one cont-finish.d script (`S6_KILL_FINISH_MAXTIME`).
    pub finish: Option<u64>,
    /// Between TERM and KILL (`S6_KILL_GRACETIME`).
    pub kill: u64,
}

/// The moment that a machine is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has asked for the end.
    Up,
    /// Stage 2 is told to end, then s6-rc brings the graph down.
    Graph,
    /// Services and stage 2 are told to end.
    Services,
    /// A cont-finish.d script runs.
    Finish,
    /// Everything has been sent TERM.
    Term,
    /// Everything has been sent KILL.
    Kill,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The container is to end.
    Ask(End),
    /// No service and no logger is left.
    Quiet,
    /// Stage 2, which was not done yet, has ended.
    SetupGone,
    /// s6-rc has ended.
    Down,
    /// The cont-finish.d script has ended.
    ScriptGone,
    /// No process is left.
    Empty,
    /// The time that was asked for is over.
    Deadline,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Print `s6-rc: info: …`.
    Line(&'static str),
    /// Print `s6-rc: warning: …`.
    Warning(&'static str),
    /// Tell all services to end.
    StopServices,
    /// Tell stage 2 to end.
    StopSetup,
    /// Kill it, and say so.
    KillSetup,
    /// Have s6-rc bring everything down. If it can't be started, say [`Event::Down`].
    DownGraph,
    /// Say which services did not end in time.
    NameServices,
    /// Run the cont-finish.d script of this number. If it can't be started, say
    /// [`Event::ScriptGone`].
    Script(usize),
    /// Kill it, and say so.
    KillScript,
    /// TERM and CONT to every process. If there is none, say [`Event::Empty`].
    TermAll,
    /// KILL to every process, and say which.
    KillAll,
    /// Say [`Event::Deadline`] after so many milliseconds, and after no other time.
    Deadline(Option<u64>),
    /// The end.
    Exit(End),
}

/// After KILL only the kernel can keep a process; it is not waited for longer than this.
const KILLED: u64 = 1000;

/// The machine.
#[derive(Clone, Debug)]
pub struct Shutdown {
    phase: Phase,
    how: End,
    reached: Reached,
    limits: Limits,
    scripts: usize,
    script: usize,
    graph: bool,
    setup: bool,
    services: bool,
}

mod saved;

use Action::*;

impl Shutdown {
    /// A container that runs. Nothing is decided before [`Shutdown::begin`].
    pub fn new() -> Self {
        Shutdown {
            phase: Phase::Up,
            how: End::Halt,
            reached: Reached::Nothing,
            limits: Limits { services: 0, finish: None, kill: 0 },
            scripts: 0,
            script: 0,
            graph: false,
            setup: false,
            services: true,
        }
    }

    /// The moment that it is in.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Has the end begun?
    pub fn has_begun(&self) -> bool {
        self.phase != Phase::Up
    }

    /// What is known when the end begins: the limits, how many cont-finish.d scripts there are,
    /// how far stage 2 came, and whether it still works.
    pub fn begin(&mut self, limits: Limits, scripts: usize, reached: Reached, setup: bool) {
        self.limits = limits;
        self.scripts = scripts;
        self.reached = reached;
        self.setup = setup;
    }

    /// s6-rc has a live state: it is s6-rc that runs what comes down.
    pub fn has_graph(&mut self) {
        self.graph = true;
        self.scripts = 0;
        self.reached = Reached::Nothing;
    }

    /// Stage 2 came this far before it ended.
    pub fn reach(&mut self, reached: Reached) {
        if !self.graph {
            self.reached = self.reached.max(reached);
        }
    }

    /// One step.
    pub fn step(&mut self, event: Event) -> Vec<Action> {
        let mut out = Vec::new();
        match (self.phase, event) {
            (Phase::Up, Event::Ask(how)) => self.stop(how, &mut out),
            (Phase::Graph, Event::SetupGone) => {
                self.setup = false;
                out.extend([Deadline(None), DownGraph]);
            }
            (Phase::Graph, Event::Quiet) => self.services = false,
            (Phase::Graph, Event::Deadline) => {
                out.push(KillSetup);
            }
            (Phase::Graph, Event::Down) => self.stop_services(&mut out),
            (Phase::Services, Event::Quiet | Event::SetupGone) => {
                match event {
                    Event::Quiet => self.services = false,
                    _ => self.setup = false,
                }
                if !self.setup && !self.services {
                    self.finish(&mut out);
                }
            }
            (Phase::Services, Event::Deadline) => {
                if self.services {
                    out.push(NameServices);
                }
                if self.setup {
                    out.push(KillSetup);
                }
                self.finish(&mut out);
            }
            (Phase::Finish, Event::ScriptGone) => {
                self.script += 1;
                self.next_script(&mut out);
            }
            (Phase::Finish, Event::Deadline) => out.extend([KillScript, Deadline(None)]),
            (Phase::Term, Event::Deadline) => {
                self.phase = Phase::Kill;
                out.extend([Deadline(Some(KILLED)), KillAll]);
            }
            (Phase::Term | Phase::Kill, Event::Empty) | (Phase::Kill, Event::Deadline) => {
                out.push(Exit(self.how));
            }
            _ => {}
        }
        out
    }

    fn stop(&mut self, how: End, out: &mut Vec<Action>) {
        self.how = how;
        if self.graph {
            self.phase = Phase::Graph;
            match self.setup {
                true => out.extend([Deadline(Some(self.limits.services)), StopSetup]),
                false => out.push(DownGraph),
            }
            return;
        }
        match self.reached {
            Reached::Nothing | Reached::Runner => {}
            Reached::FixAttrs => out.push(Line("service fix-attrs: stopping")),
            Reached::ContInit => out.push(Line("service legacy-cont-init: stopping")),
            Reached::Services => out.push(Line("service legacy-services: stopping")),
        }
        self.stop_services(out);
    }

    /// What is supervised ends, and with it stage 2, if it has not.
    fn stop_services(&mut self, out: &mut Vec<Action>) {
        self.phase = Phase::Services;
        out.push(Deadline(Some(self.limits.services)));
        if self.setup {
            out.push(StopSetup);
        }
        out.push(StopServices);
    }

    fn finish(&mut self, out: &mut Vec<Action>) {
        self.phase = Phase::Finish;
        if self.reached == Reached::Services {
            out.push(Line("service legacy-cont-init: stopping"));
            out.push(Line("service legacy-services successfully stopped"));
        }
        if self.reached < Reached::ContInit {
            self.scripts = 0;
        }
        self.next_script(out);
    }

    fn next_script(&mut self, out: &mut Vec<Action>) {
        if self.script < self.scripts {
            out.extend([Deadline(self.limits.finish), Script(self.script)]);
            return;
        }
        if self.reached >= Reached::ContInit {
            out.push(Line("service fix-attrs: stopping"));
            out.push(Line("service legacy-cont-init successfully stopped"));
        }
        if self.reached >= Reached::Runner {
            // Here the service is PID 1 itself, but CI systems compare what is said.
            out.push(Warning(
                "service s6rc-oneshot-runner is marked as essential, not stopping it",
            ));
        }
        if self.reached >= Reached::FixAttrs {
            out.push(Line("service fix-attrs successfully stopped"));
        }
        self.phase = Phase::Term;
        out.extend([Deadline(Some(self.limits.kill)), TermAll]);
    }
}

#[cfg(test)]
mod tests;
