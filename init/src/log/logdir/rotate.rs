//! A rotation's steps, done.

use super::archive::{Suffix, keep};
use super::*;
use sys::fd::{O_CLOEXEC, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY};
use sys::process::Status;
use sys::spawn::{Action, Failed};

/// What a step that did not fail says.
enum Outcome {
    Done,
    /// The processor's end will be told.
    Wait,
    /// Somebody has removed the file: there is nothing to keep.
    Gone,
}

/// What the child does before it becomes the processor: the directory, then its descriptors.
const FILES: [(i32, Arg, i32); 4] = [
    (0, c"previous", O_RDONLY),
    (1, c"processed", O_WRONLY | O_CREAT | O_TRUNC),
    (4, c"state", O_RDONLY),
    (5, c"newstate", O_WRONLY | O_CREAT | O_TRUNC),
];

impl Logdir {
    /// Does the rotation's next step; false where there is none to be done now.
    pub(super) fn step(&mut self, launcher: &Launcher) -> bool {
        let (Some(step), None) = (self.rotation, self.retry) else { return false };
        match self.perform(step, launcher) {
            Ok(Outcome::Wait) => return false,
            Ok(Outcome::Gone) => self.rotation = None,
            Err(trouble) => self.put_off(trouble),
            Ok(Outcome::Done) => {
                self.rotation = step.next(self.spec.processor.is_some());
                self.said = None;
            }
        }
        true
    }

    fn path(&self, name: &str) -> Vec<u8> {
        join(self.spec.path.to_bytes(), name.as_bytes())
    }

    fn perform(&mut self, step: Step, launcher: &Launcher) -> Result<Outcome, Trouble> {
        let current = self.path("current");
        let previous = self.path("previous");
        match step {
            Step::Rename => match sys::fs::rename(&current, &previous) {
                Ok(()) | Err(Errno::ENOENT) => {}
                Err(errno) => return Err(Trouble::of("rename", &current)(errno)),
            },
            Step::Reopen => self.reopen(&current)?,
            Step::Seal => match self.seal("previous", Some(self.mode | COMPLETE)) {
                Err(Trouble { errno: Errno::ENOENT, .. }) => return Ok(Outcome::Gone),
                other => other?,
            },
            Step::Keep => keep(&self.spec, b"previous", Suffix::Safe, self.voice)?,
            Step::Process => self.processor = Some(self.start_processor(launcher)?),
            Step::Await => return Ok(Outcome::Wait),
            Step::SealProcessed => self.seal("processed", Some(self.mode | COMPLETE))?,
            Step::SyncState => self.seal("newstate", None)?,
            Step::DropPrevious => match sys::fs::unlink(&previous) {
                Ok(()) | Err(Errno::ENOENT) => {}
                Err(errno) => return Err(Trouble::of("unlink", &previous)(errno)),
            },
            Step::KeepState => {
                let new = self.path("newstate");
                let renamed = sys::fs::rename(&new, &self.path("state"));
                renamed.map_err(Trouble::of("rename", &new))?;
            }
            Step::KeepProcessed => keep(&self.spec, b"processed", Suffix::Safe, self.voice)?,
        }
        Ok(Outcome::Done)
    }

    fn reopen(&mut self, current: &[u8]) -> Result<(), Trouble> {
        let fd = open_current(current).map_err(Trouble::of("open", current))?;
        let _ = sys::fd::close(self.current);
        self.current = fd;
        self.written = 0;
        self.is_full = false;
        Ok(())
    }

    /// Waits until the file is on the disk, then marks it with that mode.
    fn seal(&self, name: &str, mode: Option<u32>) -> Result<(), Trouble> {
        let path = self.path(name);
        let fd = sys::fd::open_bytes(&path, O_WRONLY | O_CLOEXEC, 0)
            .map_err(Trouble::of("open", &path))?;
        let done =
            sys::fd::sync(fd).and_then(|()| mode.map_or(Ok(()), |mode| sys::fs::fchmod(fd, mode)));
        let _ = sys::fd::close(fd);
        done.map_err(Trouble::of("sync", &path))
    }

    fn start_processor(&self, launcher: &Launcher) -> Result<i32, Trouble> {
        let mut actions = vec![
            Action::DefaultSignal(sys::signal::SIGPIPE),
            Action::UnblockSignals,
            Action::Chdir(self.spec.path),
        ];
        let open = |(to, path, flags)| Action::Open { to, path, flags, mode: 0o666 };
        actions.extend(FILES.map(open));
        let shell: [Arg; 1] = [c"/bin/sh"];
        let (files, argv): (&[Arg], [Arg; 3]) = match self.spec.processor {
            Some(Processor::Execline(text)) => (&launcher.execlineb, [c"execlineb", c"-Pc", text]),
            Some(Processor::Shell(text)) => (&shell, [c"/bin/sh", c"-c", text]),
            None => {
                return Err(Trouble::of("find a processor for", self.spec.path.to_bytes())(
                    Errno::ENOENT,
                ));
            }
        };
        sys::spawn::spawn(files, &argv, &launcher.env, &actions)
            .map_err(|failed| self.explain(failed))
    }

    fn explain(&self, failed: Failed) -> Trouble {
        let (what, path) = match failed.action {
            Some(at @ 3..) if at - 3 < FILES.len() => {
                ("open for the processor", self.path(&FILES[at - 3].1.to_string_lossy()))
            }
            _ => ("spawn processor for logdir", self.spec.path.to_bytes().to_vec()),
        };
        Trouble { what, path, errno: failed.errno }
    }

    /// A child has ended: was it this directory's processor? If so, the rotation goes on.
    pub fn processor_ended(&mut self, pid: i32, status: Status, launcher: &Launcher) -> bool {
        if self.processor != Some(pid) {
            return false;
        }
        self.processor = None;
        if status.code() == Some(0) {
            self.rotation = Step::Await.next(true);
            self.flush(launcher);
        } else {
            self.rotation = Some(Step::Process);
            self.retry = Some(self.after_cooldown());
            self.voice.warn(&failure(status, &self.spec));
        }
        true
    }
}

fn failure(status: Status, spec: &DirSpec) -> String {
    let dir = spec.path.to_string_lossy();
    let how = match (status.signal(), status.code()) {
        (Some(signal), _) => format!("processor crashed in {dir}: killed by signal {signal}"),
        (_, code) => format!("processor failed in {dir}: exit code {}", code.unwrap_or(0)),
    };
    format!("{how}; its input {dir}/previous is kept, trying again in {} ms", spec.cooldown)
}
