//! What stage 2 tells PID 1 while it works: a byte a milestone, through a pipe that its exec
//! closes. PID 1 reads it when it needs to know, and not before.

use super::shutdown::Reached;

/// A milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Something came up.
    Up(Reached),
    /// s6-rc has a live state from now on.
    Graph,
    /// The CMD comes next, in the same process.
    Cmd,
    /// There is no CMD: the end of stage 2 ends nothing.
    NoCmd,
}

impl Milestone {
    fn byte(self) -> u8 {
        match self {
            Milestone::Up(Reached::Nothing) => b'0',
            Milestone::Up(Reached::Runner) => b'r',
            Milestone::Up(Reached::FixAttrs) => b'f',
            Milestone::Up(Reached::ContInit) => b'c',
            Milestone::Up(Reached::Services) => b's',
            Milestone::Graph => b'g',
            Milestone::Cmd => b'x',
            Milestone::NoCmd => b'n',
        }
    }

    fn of(byte: u8) -> Option<Milestone> {
        const ALL: [Milestone; 7] = [
            Milestone::Up(Reached::Runner),
            Milestone::Up(Reached::FixAttrs),
            Milestone::Up(Reached::ContInit),
            Milestone::Up(Reached::Services),
            Milestone::Graph,
            Milestone::Cmd,
            Milestone::NoCmd,
        ];
        ALL.into_iter().find(|milestone| milestone.byte() == byte)
    }
}

/// Tells a milestone.
pub fn tell(pipe: i32, milestone: Milestone) {
    let _ = sys::fd::write(pipe, &[milestone.byte()]);
}

/// What stage 2 does now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    /// It brings the container up.
    #[default]
    Setup,
    /// It is the CMD, or just about to be.
    Cmd,
    /// It is done, and there is no CMD.
    Nothing,
}

/// How far stage 2 is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// What is up.
    pub reached: Reached,
    /// s6-rc has a live state.
    pub graph: bool,
    /// What it does.
    pub doing: Doing,
}

impl Progress {
    /// Takes in what has come through the pipe, which does not block.
    pub fn update(&mut self, pipe: i32) {
        let mut bytes = [0; 16];
        while let Ok(n @ 1..) = sys::fd::read(pipe, &mut bytes) {
            bytes[..n].iter().filter_map(|byte| Milestone::of(*byte)).for_each(|m| self.reach(m));
        }
    }

    /// Takes in a milestone.
    pub fn reach(&mut self, milestone: Milestone) {
        match milestone {
            Milestone::Up(reached) => self.reached = self.reached.max(reached),
            Milestone::Graph => self.graph = true,
            Milestone::Cmd => self.doing = Doing::Cmd,
            Milestone::NoCmd => self.doing = Doing::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milestones_add_up() {
        let flags = sys::fd::O_CLOEXEC | sys::fd::O_NONBLOCK;
        let (read, write) = sys::fd::pipe(flags).unwrap();
        let mut progress = Progress::default();
        tell(write, Milestone::Up(Reached::FixAttrs));
        tell(write, Milestone::Up(Reached::ContInit));
        progress.update(read);
        assert_eq!((progress.reached, progress.doing), (Reached::ContInit, Doing::Setup));
        tell(write, Milestone::Cmd);
        sys::fd::close(write).unwrap();
        progress.update(read);
        assert_eq!((progress.reached, progress.doing), (Reached::ContInit, Doing::Cmd));
        sys::fd::close(read).unwrap();
    }
}
