//! The steps of a rotation, as data.

/// What is to be done next. Each step can be repeated from its beginning when it has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `current` becomes `previous`.
    Rename,
    /// A new `current` is opened.
    Reopen,
    /// `previous` goes to the disk and is marked as complete.
    Seal,
    /// `previous` becomes an archive.
    Keep,
    /// The processor is started on `previous`.
    Process,
    /// The processor runs.
    Await,
    /// `processed` goes to the disk and is marked as complete.
    SealProcessed,
    /// `newstate` goes to the disk.
    SyncState,
    /// `previous` goes.
    DropPrevious,
    /// `newstate` becomes `state`.
    KeepState,
    /// `processed` becomes an archive.
    KeepProcessed,
}

impl Step {
    /// Where a rotation begins.
    pub const FIRST: Step = Step::Rename;

    /// The step behind this one; `None`: the rotation is done.
    pub fn next(self, has_processor: bool) -> Option<Step> {
        use Step::*;
        Some(match self {
            Rename => Reopen,
            Reopen => Seal,
            Seal if has_processor => Process,
            Seal => Keep,
            Process => Await,
            Await => SealProcessed,
            SealProcessed => SyncState,
            SyncState => DropPrevious,
            DropPrevious => KeepState,
            KeepState => KeepProcessed,
            Keep | KeepProcessed => return None,
        })
    }

    /// Is `current` the new file already, so that lines can be written while the old one is
    /// still being dealt with?
    pub fn has_new_current(self) -> bool {
        !matches!(self, Step::Rename | Step::Reopen)
    }
}

/// How much of `bytes` (whole lines) `current` takes: all of it, or, where that would bring it
/// to the mark, up to the end of the line that does. `room`: bytes up to the mark.
pub fn portion(bytes: &[u8], room: u64) -> usize {
    if (bytes.len() as u64) < room {
        return bytes.len();
    }
    let from = room.saturating_sub(1) as usize;
    sys::bytes::find(&bytes[from..], b'\n', b'\n').map_or(bytes.len(), |at| from + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(has_processor: bool) -> Vec<Step> {
        let mut step = Some(Step::FIRST);
        std::iter::from_fn(|| {
            let now = step?;
            step = now.next(has_processor);
            Some(now)
        })
        .collect()
    }

    #[test]
    fn both_ways_through_a_rotation() {
        use Step::*;
        assert_eq!(path(false), [Rename, Reopen, Seal, Keep]);
        let processed = [SealProcessed, SyncState, DropPrevious, KeepState, KeepProcessed];
        assert_eq!(path(true)[3..5], [Process, Await]);
        assert_eq!(path(true)[5..], processed);
    }

    #[test]
    fn a_file_ends_with_the_line_that_fills_it() {
        let lines = b"aaa\nbbb\nccc\n";
        for (room, taken) in [(100, 12), (13, 12), (12, 12), (9, 12), (8, 8), (5, 8), (4, 4)] {
            assert_eq!(portion(lines, room), taken, "{room}");
        }
        assert_eq!(portion(lines, 1), 4);
        assert_eq!(portion(lines, 0), 4);
    }
}
