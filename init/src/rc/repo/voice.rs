//! What the commands say beside their failures, on standard error.

/// Says as much as it was told to.
#[derive(Clone, Copy)]
pub struct Voice {
    /// The command.
    pub name: &'static str,
    /// 0: failures only; 1: warnings; 2 and more: what is done.
    pub level: u32,
}

impl Voice {
    /// Says a warning.
    pub fn warn(self, pieces: &[&[u8]]) {
        self.say(1, "warning", pieces);
    }

    /// Says what is done, from a level on.
    pub fn info(self, level: u32, pieces: &[&[u8]]) {
        self.say(level, "info", pieces);
    }

    /// Says a line of a kind, from a level on.
    pub fn say(self, level: u32, kind: &str, pieces: &[&[u8]]) {
        if self.level >= level {
            let text = super::text(pieces);
            let line = format!("{}: {kind}: {text}\n", self.name);
            let _ = sys::fd::write_all(2, line.as_bytes());
        }
    }
}
