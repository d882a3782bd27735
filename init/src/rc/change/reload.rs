//! `s6-rc reload`: services are told to read their configuration again, in no order.

use super::longrun::{Step, tell};
use super::script::{answered, start};
use super::signals::Signals;
use super::{Options, dry};
use crate::rc::compiled::{Id, Kind, Script, Service};
use crate::rc::live::Live;
use crate::rc::oneshot::{Answer, Running};
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::event::POLLIN;
use sys::time::monotonic;

/// Those of the services that run a script, and who waits for them.
struct Reload<'a> {
    live: &'a Live,
    options: &'a Options,
    scripts: Vec<(Service, Running)>,
    failed: bool,
}

/// Reloads the services; the exit code.
pub fn reload(live: &Live, chosen: &[bool], options: &Options) -> Result<i32, Fail> {
    let until = options.until;
    let mut reload = Reload { live, options, scripts: Vec::new(), failed: false };
    let wait = |errno| Fail::sys("wait for events", errno);
    let signals = Signals::new().map_err(wait)?;
    let talk = options.talk();
    let services = (0..).zip(chosen).filter(|(_, is)| **is).map(|(id, _): (Id, _)| id);
    for service in services.map(|id| live.db.service(id)) {
        if !live.is_up(service.id) {
            talk.warn(1, || format!("service {} is not up", name(service)));
        }
        reload.begin(service);
    }
    if let Some(millis) = options.dry {
        sys::time::sleep(sys::time::Time::default().plus_millis(millis.into()));
        return Ok(0);
    }
    while !reload.scripts.is_empty() {
        let mut fds: Vec<_> = reload.scripts.iter().map(|(_, r)| (r.fd(), POLLIN, 0)).collect();
        fds.push((signals.fd, POLLIN, 0));
        let left = until.map(|until| until.millis_since(monotonic()));
        if sys::event::poll(&mut fds, left).map_err(wait)? == 0 {
            let names: Vec<String> = reload.scripts.iter().map(|(s, _)| name(*s)).collect();
            let what = format!("timed out\nhelp: these still reload: {}", names.join(" "));
            return Err(Fail::with_code(2, what));
        }
        if fds.pop().is_some_and(|(_, _, came)| came != 0) {
            signals.warn(talk);
            reload.scripts.iter().for_each(|(_, running)| running.terminate());
        }
        for at in (0..fds.len()).rev().filter(|&at| fds[at].2 != 0) {
            reload.hear(at);
        }
    }
    Ok(i32::from(reload.failed))
}

fn name(service: Service) -> String {
    shown(service.name().to_bytes())
}

impl Reload<'_> {
    fn begin(&mut self, service: Service) {
        if self.options.dry.is_some() {
            let (until, verbosity) = (self.options.until, self.options.verbosity);
            dry::show(verbosity, &dry::reload(self.live, service, until, verbosity));
            return self.end(service, Step::Reached);
        }
        let step = match service.kind() {
            _ if service.is_nominal() => Step::Reached,
            Kind::Longrun => {
                tell(&self.live.servicedir(service.id), b"l").err().unwrap_or(Step::Reached)
            }
            Kind::Oneshot => match start(self.live, service, Script::Reload) {
                Ok(running) => return self.scripts.push((service, running)),
                Err(step) => step,
            },
        };
        self.end(service, step);
    }

    fn hear(&mut self, at: usize) {
        let (service, running) = &self.scripts[at];
        let (service, answer): (_, sys::Result<Option<Answer>>) = (*service, running.answer());
        let script = service.script(Script::Reload);
        match answered(script.first().map_or(b"", |word| word.to_bytes()), answer) {
            Step::Waits => {}
            step => {
                self.scripts.swap_remove(at);
                self.end(service, step);
            }
        }
    }

    fn end(&mut self, service: Service, step: Step) {
        let talk = self.options.talk();
        let Step::Lost(code, detail) = step else {
            let dry = if self.options.dry.is_some() { "dry run: " } else { "" };
            return talk
                .info(2, || format!("{dry}service {} successfully reloaded", name(service)));
        };
        self.failed = true;
        let colon = if detail.is_empty() { "" } else { ": " };
        talk.warn(1, || {
            let name = name(service);
            format!("unable to reload service {name}: command exited {code}{colon}{detail}")
        });
    }
}
