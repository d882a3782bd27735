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
            Reached::Nothing => {}
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
        if self.reached >= Reached::FixAttrs {
            // Here the service is PID 1 itself, but CI systems compare what is said.
            out.push(Warning(
                "service s6rc-oneshot-runner is marked as essential, not stopping it",
            ));
            out.push(Line("service fix-attrs successfully stopped"));
        }
        self.phase = Phase::Term;
        out.extend([Deadline(Some(self.limits.kill)), TermAll]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { services: 3000, finish: Some(50), kill: 700 };

    fn machine(scripts: usize, reached: Reached, setup: bool) -> Shutdown {
        let mut machine = Shutdown::new();
        machine.begin(LIMITS, scripts, reached, setup);
        machine
    }

    /// Feeds events and expects actions, lines left out.
    fn play(mut machine: Shutdown, script: &[(Event, &[Action])]) {
        for (i, (event, expected)) in script.iter().enumerate() {
            let mut out = machine.step(*event);
            out.retain(|action| !matches!(action, Line(_) | Warning(_)));
            assert_eq!(out, *expected, "step {i}, {event:?}");
        }
    }

    fn lines(machine: &mut Shutdown, events: &[Event]) -> Vec<&'static str> {
        let actions = events.iter().flat_map(|event| machine.step(*event));
        actions.filter_map(|a| if let Line(text) = a { Some(text) } else { None }).collect()
    }

    #[test]
    fn everything_in_its_order() {
        play(
            machine(2, Reached::Services, false),
            &[
                (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopServices]),
                (Event::Quiet, &[Deadline(Some(50)), Script(0)]),
                (Event::ScriptGone, &[Deadline(Some(50)), Script(1)]),
                (Event::ScriptGone, &[Deadline(Some(700)), TermAll]),
                (Event::Empty, &[Exit(End::Halt)]),
            ],
        );
    }

    #[test]
    fn what_does_not_end_is_named_and_killed() {
        play(
            machine(1, Reached::Services, false),
            &[
                (Event::Ask(End::Reboot), &[Deadline(Some(3000)), StopServices]),
                (Event::Deadline, &[NameServices, Deadline(Some(50)), Script(0)]),
                (Event::Quiet, &[]),
                (Event::Deadline, &[KillScript, Deadline(None)]),
                (Event::ScriptGone, &[Deadline(Some(700)), TermAll]),
                (Event::Deadline, &[Deadline(Some(KILLED)), KillAll]),
                (Event::Empty, &[Exit(End::Reboot)]),
            ],
        );
    }

    #[test]
    fn a_process_that_even_kill_does_not_end_is_left_to_the_kernel() {
        play(
            machine(0, Reached::FixAttrs, false),
            &[
                (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopServices]),
                (Event::Quiet, &[Deadline(Some(700)), TermAll]),
                (Event::Deadline, &[Deadline(Some(KILLED)), KillAll]),
                (Event::Deadline, &[Exit(End::Halt)]),
            ],
        );
    }

    #[test]
    fn stage_2_is_waited_for_as_services_are() {
        let begin: (Event, &[Action]) =
            (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopSetup, StopServices]);
        let end: &[Action] = &[Deadline(Some(700)), TermAll];
        let both = machine(3, Reached::FixAttrs, true);
        play(both.clone(), &[begin, (Event::Quiet, &[]), (Event::SetupGone, end)]);
        play(both.clone(), &[begin, (Event::SetupGone, &[]), (Event::Quiet, end)]);
        let late: &[Action] = &[KillSetup, Deadline(Some(700)), TermAll];
        play(both, &[begin, (Event::Quiet, &[]), (Event::Deadline, late)]);
    }

    #[test]
    fn a_graph_comes_down_before_anything_is_told_to_end() {
        let mut machine = machine(2, Reached::Nothing, false);
        machine.has_graph();
        play(
            machine,
            &[
                (Event::Ask(End::Halt), &[DownGraph]),
                (Event::Down, &[Deadline(Some(3000)), StopServices]),
                (Event::Quiet, &[Deadline(Some(700)), TermAll]),
                (Event::Empty, &[Exit(End::Halt)]),
            ],
        );
    }

    #[test]
    fn stage_2_ends_before_its_graph_comes_down() {
        let mut both = machine(0, Reached::Nothing, true);
        both.has_graph();
        let begin: (Event, &[Action]) = (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopSetup]);
        let down: (Event, &[Action]) = (Event::SetupGone, &[Deadline(None), DownGraph]);
        play(both.clone(), &[begin, down]);
        play(both, &[begin, (Event::Deadline, &[KillSetup]), down]);
    }

    #[test]
    fn a_second_wish_changes_nothing() {
        let mut machine = machine(0, Reached::Nothing, false);
        machine.step(Event::Ask(End::Halt));
        assert_eq!(machine.step(Event::Ask(End::Reboot)), []);
        machine.step(Event::Quiet);
        assert_eq!(machine.step(Event::Ask(End::Reboot)), []);
        assert_eq!(machine.step(Event::Empty), [Exit(End::Halt)]);
    }

    #[test]
    fn finish_scripts_run_only_if_the_init_scripts_came_up() {
        let events = [Event::Ask(End::Halt), Event::Quiet];
        for reached in [Reached::Nothing, Reached::FixAttrs] {
            let mut machine = machine(2, reached, false);
            machine.step(events[0]);
            assert!(!machine.step(events[1]).contains(&Script(0)));
        }
        let mut machine = machine(2, Reached::ContInit, false);
        machine.step(events[0]);
        assert!(machine.step(events[1]).contains(&Script(0)));
    }

    #[test]
    fn the_lines_are_those_of_s6_rc() {
        let events = [Event::Ask(End::Halt), Event::Quiet, Event::ScriptGone, Event::Empty];
        assert_eq!(
            lines(&mut machine(1, Reached::Services, false), &events),
            [
                "service legacy-services: stopping",
                "service legacy-cont-init: stopping",
                "service legacy-services successfully stopped",
                "service fix-attrs: stopping",
                "service legacy-cont-init successfully stopped",
                "service fix-attrs successfully stopped",
            ]
        );
        assert_eq!(
            lines(&mut machine(1, Reached::FixAttrs, false), &events),
            ["service fix-attrs: stopping", "service fix-attrs successfully stopped"]
        );
        assert!(lines(&mut machine(1, Reached::Nothing, false), &events).is_empty());
    }

    #[test]
    fn nothing_happens_before_it_is_asked_for() {
        for event in
            [Event::Quiet, Event::SetupGone, Event::ScriptGone, Event::Empty, Event::Deadline]
        {
            assert_eq!(machine(1, Reached::Services, true).step(event), []);
        }
    }
}
