//! Carries out what the machine of transitions says, in one loop: supervisors are told and listened
//! to, the tree is asked to run scripts, and the state is written down.

use super::longrun::{self, Longrun, Step};
use super::orders::Orders;
use super::script::{answered, start};
use super::signals::Signals;
use super::{Options, dry};
use crate::rc::compiled::{Id, Kind, Script, Service, Way};
use crate::rc::engine::{Action, Engine, Outcome, Why};
use crate::rc::live::Live;
use crate::rc::live::timeline::Timeline;
use crate::rc::oneshot::{Answer, Running};
use crate::rc::source::Talk;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use std::cell::RefCell;
use std::collections::VecDeque;
use sys::Errno;
use sys::event::{EPOLLIN, Epoll};
use sys::time::{Time, monotonic};

/// What the original's `s6-sudo` and `s6-svc` exit with after their time is over.
const SCRIPT_LATE: i32 = 111;
const LONGRUN_LATE: i32 = 99;

/// The tokens of signals and of the tree's socket; those of services are their numbers.
const SIGNALS: u64 = u64::MAX;
pub(super) const ORDERS: u64 = SIGNALS - 1;

/// A transition that is under way.
pub(super) enum Flight {
    Longrun(Longrun),
    /// One whose news have this tag.
    Told(Longrun, u32),
    /// And what was told of it last.
    Script(Running, Option<Answer>),
}

impl Flight {
    pub(super) fn fd(&self) -> Option<i32> {
        match self {
            Flight::Longrun(longrun) | Flight::Told(longrun, _) => longrun.fd(),
            Flight::Script(running, _) => Some(running.fd()),
        }
    }

    /// What is waited for.
    pub(super) fn lacks(&self) -> String {
        match self {
            Flight::Longrun(longrun) | Flight::Told(longrun, _) => longrun.lacks(),
            Flight::Script(_, Some(Answer::Started(pid))) => {
                format!("the end of its script, process {pid}")
            }
            Flight::Script(_, Some(Answer::Behind(pid))) => format!(
                "the end of process {pid}, a script of its that somebody else has had started"
            ),
            Flight::Script(..) => "the start of its script".into(),
        }
    }
}

/// A change that goes on.
pub(super) struct Driver<'a> {
    pub(super) live: &'a mut Live,
    engine: Engine,
    pub(super) talk: Talk,
    /// Lines that are yet to be written: before anybody begins who may write, too, and before a wait.
    said: RefCell<Vec<u8>>,
    /// Nothing is done, and what would be done takes so many milliseconds.
    pub(super) dry: Option<u32>,
    until: Option<Time>,
    pub(super) epoll: Epoll,
    signals: Signals,
    /// The signal that has come.
    told: Option<i32>,
    /// It ends scripts, too: nobody wants them any more.
    ends_scripts: bool,
    pub(super) on_failure: fn(&[u8]),
    timeline: Timeline,
    pub(super) way: Way,
    pub(super) flights: Vec<Option<Flight>>,
    /// The tree's socket, if it is one of ours.
    pub(super) orders: Option<Orders>,
    /// Whose news have which tag, counted from 1.
    pub(super) tagged: Vec<Id>,
    /// Those that only seem to be under way, and when they are there.
    pub(super) pretended: VecDeque<(Time, Id)>,
    /// What is known of failures beyond their exit codes, until it is said.
    pub(super) details: Vec<(Id, String)>,
    /// The second, by the wall clock, in which the change began.
    pub(super) since: i64,
    /// When those are named that are not down yet, as a container's manager soon loses patience.
    pub(super) remind_at: Option<Time>,
}

/// Changes a live state: sets of services go up or down, one set after the other.
pub fn drive(
    live: &mut Live,
    passes: Vec<(Way, Vec<bool>)>,
    force: bool,
    options: &Options,
) -> Result<Outcome, Fail> {
    let until = options.until;
    let up = live.db.services().map(|s| live.up(s.id)).collect();
    let engine = Engine::new(live.db, up, passes, force, until);
    let wait = |errno| Fail::sys("wait for events", errno);
    let timeline = if options.dry.is_some() { Timeline::none() } else { live.timeline() };
    let mut driver = Driver {
        engine,
        talk: options.talk(),
        said: RefCell::default(),
        dry: options.dry,
        until,
        epoll: Epoll::new().map_err(wait)?,
        signals: Signals::new().map_err(wait)?,
        told: None,
        ends_scripts: options.passes_on,
        on_failure: options.on_failure,
        timeline,
        way: Way::Up,
        flights: (0..live.db.len()).map(|_| None).collect(),
        orders: None,
        tagged: Vec::new(),
        pretended: VecDeque::new(),
        details: Vec::new(),
        since: sys::time::now().sec,
        remind_at: None,
        live,
    };
    driver.epoll.add(driver.signals.fd, EPOLLIN, SIGNALS).map_err(wait)?;
    driver.connect();
    let raised = sys::process::raise_nofile();
    let outcome = driver.run();
    driver.speak();
    let told = driver.told.filter(|_| options.passes_on);
    drop(driver);
    if let Ok(Some(soft)) = raised {
        let nofile = sys::limit::RLIMIT_NOFILE;
        let _ = sys::limit::get(nofile).and_then(|limit| sys::limit::set(nofile, (soft, limit.1)));
    }
    if let Some(signal) = told {
        let _ = sys::signal::kill(sys::process::getpid(), signal);
    }
    outcome
}

impl Driver<'_> {
    fn run(&mut self) -> Result<Outcome, Fail> {
        self.engine.start(monotonic());
        loop {
            let mut late = false;
            while let Some(action) = self.engine.next_action() {
                late |= self.engine.outcome() == Some(Outcome::TimedOut);
                self.carry_out(action, late)?;
            }
            self.send_orders();
            if self.engine.has_actions() {
                continue;
            }
            if let Some(outcome) = self.engine.outcome() {
                self.timeline.note("end", b"-", &outcome.code().to_string());
                return Ok(outcome);
            }
            self.timeline.flush();
            self.speak();
            let due = self.pretended.front().map(|(at, _)| *at);
            let wake = [self.engine.wakes_at(), due, self.remind_at].into_iter().flatten().min();
            let millis = wake.map(|at| at.millis_since(monotonic()));
            let ready = self.epoll.wait(millis).map_err(|e| Fail::sys("wait for events", e))?;
            ready.iter().for_each(|ready| self.hear(ready.token));
            self.tick(monotonic());
        }
    }

    fn info(&self, loudness: u32, what: impl FnOnce() -> String) {
        if let Some(line) = self.talk.line(loudness, what) {
            self.said.borrow_mut().extend_from_slice(line.as_bytes());
        }
    }

    pub(super) fn warn(&self, loudness: u32, what: impl FnOnce() -> String) {
        self.speak();
        self.talk.warn(loudness, what);
    }

    /// Writes what was said.
    pub(super) fn speak(&self) {
        let said = self.said.take();
        if !said.is_empty() {
            let _ = sys::fd::write_all(2, &said);
        }
    }

    fn tick(&mut self, now: Time) {
        while let Some(&(_, id)) = self.pretended.front().filter(|(at, _)| *at <= now) {
            self.pretended.pop_front();
            self.engine.done(id, now);
        }
        self.engine.tick(now);
        self.remind(now);
    }

    fn hear(&mut self, token: u64) {
        match token {
            SIGNALS => return self.hear_signal(),
            ORDERS => return self.hear_tree(),
            _ => {}
        }
        let Some(Some(flight)) = self.flights.get_mut(token as usize) else { return };
        let step = match flight {
            Flight::Longrun(longrun) | Flight::Told(longrun, _) => longrun.hear(),
            Flight::Script(running, last) => {
                let answer = running.answer();
                if let Ok(Some(told)) = answer {
                    *last = Some(told);
                }
                let which = if self.way == Way::Up { Script::Up } else { Script::Down };
                let words = self.live.db.service(token as Id).script(which);
                answered(words.first().map_or(b"", |word| word.to_bytes()), answer)
            }
        };
        self.step(token as Id, step);
    }

    fn hear_signal(&mut self) {
        self.speak();
        if let Some(signal) = self.signals.warn(self.talk) {
            self.told = Some(signal);
            let scripts = self.flights.iter().flatten().filter(|_| self.ends_scripts);
            for flight in scripts {
                if let Flight::Script(running, _) = flight {
                    running.terminate();
                }
            }
            self.engine.interrupt(signal, monotonic());
        }
    }

    /// Takes in how far a service is.
    pub(super) fn step(&mut self, id: Id, step: Step) {
        if matches!(step, Step::Waits) {
            return;
        }
        let now = monotonic();
        self.flights[id as usize] = None;
        match step {
            Step::Lost(code, detail) => {
                self.details.push((id, detail));
                self.engine.failed(id, Why::Exited(code), now);
            }
            _ => self.engine.done(id, now),
        }
    }

    pub(super) fn name(&self, id: Id) -> String {
        shown(self.live.db.service(id).name().to_bytes())
    }

    pub(super) fn note(&mut self, event: &str, id: Id, detail: &str) {
        self.timeline.note(event, self.live.db.service(id).name().to_bytes(), detail);
    }

    fn carry_out(&mut self, action: Action, late: bool) -> Result<(), Fail> {
        let up = self.way == Way::Up;
        match action {
            Action::Pass(way) => {
                self.way = way;
                self.be_patient();
                let (event, word) = match way {
                    Way::Up => ("begin-up", "up"),
                    Way::Down => ("begin-down", "down"),
                };
                self.info(3, || format!("bringing selected services {word}"));
                self.timeline.note(event, b"-", "");
            }
            Action::Already(id) => {
                let word = if up { "up" } else { "down" };
                self.info(3, || format!("service {}: already {word}", self.name(id)));
            }
            Action::Refused(id) => self.warn(1, || {
                format!("service {} is marked as essential, not stopping it", self.name(id))
            }),
            Action::Begin(id) => self.begin(id)?,
            Action::Abandon(id) => self.abandon(id, late),
            Action::Record(id) => self.record(id)?,
            Action::Done(id) => {
                self.note(if up { "ready" } else { "stopped" }, id, "");
                let (dry, done) =
                    (self.dry_mark("dry run: "), if up { "started" } else { "stopped" });
                self.info(2, || format!("{dry}service {} successfully {done}", self.name(id)));
            }
            Action::TellDown(id) if self.dry.is_none() => {
                // Behind whatever it was told before.
                if self.order(id, b'd').is_none() {
                    let _ = longrun::tell(&self.live.servicedir(id), b"d");
                }
            }
            Action::TellDown(_) => {}
            Action::Failed(id, why) => self.failed(id, why)?,
        }
        Ok(())
    }

    fn dry_mark(&self, mark: &'static str) -> &'static str {
        if self.dry.is_some() { mark } else { "" }
    }

    fn begin(&mut self, id: Id) -> Result<(), Fail> {
        let service = self.live.db.service(id);
        let doing = if self.way == Way::Up { "starting" } else { "stopping" };
        let dry = self.dry_mark("dry run: ");
        self.info(2, || format!("{dry}service {}: {doing}", self.name(id)));
        self.note(if self.way == Way::Up { "start" } else { "stop" }, id, "");
        if let Some(millis) = self.dry {
            let line =
                dry::transition(self.live, service, self.way, self.until, self.talk.verbosity);
            self.speak();
            dry::show(self.talk.verbosity, &line);
            if !service.is_nominal() {
                self.pretended.push_back((monotonic().plus_millis(millis.into()), id));
            }
            return Ok(());
        }
        if service.is_nominal() {
            return Ok(());
        }
        let unsure = self.live.up(id).is_none();
        self.live.begin(id)?;
        let step = match self.launch(service, unsure) {
            Ok((flight, step)) => self.fly(id, flight, step),
            Err(step) => step,
        };
        self.step(id, step);
        Ok(())
    }

    /// `Err`: nothing has to be waited for.
    fn launch(&mut self, service: Service, unsure: bool) -> Result<(Flight, Step), Step> {
        if service.kind() == Kind::Longrun {
            let (dir, scandir) = (self.live.servicedir(service.id), self.live.scandir());
            // What is not known is asked of its own files.
            if !unsure && let Some(tag) = self.order(service.id, longrun::letter(self.way)) {
                return Ok((Flight::Told(Longrun::told(dir, self.way), tag), Step::Waits));
            }
            self.speak();
            let unsure = unsure.then_some(&scandir[..]);
            let (longrun, step) = Longrun::begin(dir, self.way, unsure)?;
            return Ok((Flight::Longrun(longrun), step));
        }
        self.speak();
        let which = if self.way == Way::Up { Script::Up } else { Script::Down };
        start(self.live, service, which).map(|running| (Flight::Script(running, None), Step::Waits))
    }

    /// The `down` file says what a supervisor does that begins anew.
    fn record(&mut self, id: Id) -> Result<(), Fail> {
        if self.dry.is_some() {
            return Ok(());
        }
        let (up, service) = (self.way == Way::Up, self.live.db.service(id));
        if service.kind() == Kind::Longrun && !service.is_nominal() {
            let down = [&self.live.servicedir(id)[..], b"/down"].concat();
            let (what, done) = match up {
                true => ("unlink", sys::fs::unlink(&down)),
                false => ("touch", sys::fs::touch(&down)),
            };
            if let Err(errno) = done
                && errno != Errno::ENOENT
            {
                let why = sys::reason(errno);
                self.warn(1, || format!("unable to {what} {}: {why}", shown(&down)));
            }
        }
        self.live.end(id, up)
    }

    fn failed(&mut self, id: Id, why: Why) -> Result<(), Fail> {
        let service = self.live.db.service(id);
        let longrun = service.kind() == Kind::Longrun;
        if self.dry.is_none() {
            self.live.fail(id, longrun && self.way == Way::Up)?;
        }
        let at = self.details.iter().position(|(other, _)| *other == id);
        let detail = at.map_or_else(String::new, |at| self.details.swap_remove(at).1);
        let exited = |code: i32| format!("command exited {code}");
        let late = if longrun { LONGRUN_LATE } else { SCRIPT_LATE };
        let limit = service.timeout(self.way);
        let what = match why {
            Why::Exited(code) if detail.is_empty() => exited(code),
            Why::Exited(code) => format!("{}: {detail}", exited(code)),
            Why::TimedOut => {
                format!("{}: timed out after {limit} ms, waiting for {detail}", exited(late))
            }
            Why::Interrupted(signal) => {
                format!("command crashed with signal {signal}: it was waiting for {detail}")
            }
        };
        self.note("failed", id, &what);
        let verb = if self.way == Way::Up { "start" } else { "stop" };
        let (dry, help) = (self.dry_mark("(dry run) "), self.last_words(id));
        let what = format!("unable to {dry}{verb} service {}: {what}{help}", self.name(id));
        (self.on_failure)(what.as_bytes());
        self.warn(1, || what);
        Ok(())
    }
}
