//! Reads the file `timeline` of a live state: `MICROSECONDS EVENT SERVICE[ DETAIL]` a line.

/// What has become of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nobody has seen its end.
    Open,
    /// It has come to its end.
    Done,
    /// It has failed.
    Failed,
}

/// The transition of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The service.
    pub name: &'a [u8],
    /// When it began, in microseconds.
    pub start: u64,
    /// When it ended; when the file was looked at, if it is open.
    pub end: u64,
    /// How.
    pub how: How,
    /// What was told of a failure.
    pub detail: &'a [u8],
}

/// One way, up or down, of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass<'a> {
    /// Up?
    pub up: bool,
    /// When it began.
    pub start: u64,
    /// When it ended; when the file was looked at, or when the last thing happened that is known.
    pub end: u64,
    /// The exit code of the change, if this was its last pass and it has ended.
    pub code: Option<&'a [u8]>,
    /// It goes on while the file is looked at.
    pub runs: bool,
    /// What was done, in the order of the beginnings.
    pub steps: Vec<Step<'a>>,
}

/// A change: one pass, or one down and then one up.
pub type Change<'a> = Vec<Pass<'a>>;

/// Reads the text. `now` closes what is open, if somebody is at work on it.
pub fn changes(text: &[u8], now: Option<u64>) -> Vec<Change<'_>> {
    let mut changes: Vec<Change> = Vec::new();
    let mut ended = true;
    let mut last = 0;
    for line in text.split(|&b| b == b'\n') {
        let mut words = line.splitn(4, |&b| b == b' ');
        let (time, event) = (words.next().and_then(number), words.next().unwrap_or_default());
        let (name, detail) = (words.next(), words.next().unwrap_or_default());
        let (Some(time), Some(name)) = (time, name) else { continue };
        last = time;
        if let b"begin-up" | b"begin-down" = event {
            let up = event == b"begin-up";
            // A change goes down before it goes up: what begins otherwise is another one, and
            // whoever made the one before has not lived to its end.
            let goes_on = !ended
                && up
                && matches!(changes.last().map(Vec::as_slice), Some([pass]) if !pass.up);
            let pass = Pass { up, start: time, end: time, code: None, runs: false, steps: vec![] };
            match changes.last_mut().filter(|_| goes_on) {
                Some(change) => change.push(pass),
                None => changes.push(vec![pass]),
            }
            ended = false;
            continue;
        }
        let Some(pass) = changes.last_mut().and_then(|change| change.last_mut()) else { continue };
        pass.end = time;
        let open = |step: &&mut Step| step.name == name && step.how == How::Open;
        let how = match event {
            b"start" | b"stop" => {
                let how = How::Open;
                pass.steps.push(Step { name, start: time, end: time, how, detail: b"" });
                continue;
            }
            b"end" => {
                (pass.code, ended) = (Some(detail), true);
                continue;
            }
            b"ready" | b"stopped" => How::Done,
            b"failed" => How::Failed,
            _ => continue,
        };
        if let Some(step) = pass.steps.iter_mut().rev().find(open) {
            (step.end, step.how, step.detail) = (time, how, detail);
        }
    }
    let change = changes.last_mut().filter(|_| !ended);
    if let Some(pass) = change.and_then(|change| change.last_mut()) {
        pass.runs = now.is_some();
        pass.end = now.unwrap_or(last).max(pass.end);
        let end = pass.end;
        pass.steps.iter_mut().filter(|s| s.how == How::Open).for_each(|s| s.end = end);
    }
    changes
}

fn number(word: &[u8]) -> Option<u64> {
    interpreter::args::number::uint64(word)
}

impl Step<'_> {
    /// How long it took, in microseconds.
    pub fn took(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

impl Pass<'_> {
    /// For each step the one that it waited for: of those that it `needs` (the other way round on
    /// the way down) the last to end. That one may have been noted later than what it let begin.
    pub fn waited_for(&self, needs: impl Fn(&Step) -> Vec<usize>) -> Vec<Option<usize>> {
        let before = |step: &Step| {
            let done = needs(step).into_iter().filter(|&i| self.steps[i].how == How::Done);
            done.max_by_key(|&i| self.steps[i].end)
        };
        self.steps.iter().map(before).collect()
    }

    /// The steps on which the length of the pass depended, in their order: the last to end, what
    /// that waited for, and so on.
    pub fn critical(&self, waited_for: &[Option<usize>]) -> Vec<usize> {
        let last = self.steps.iter().enumerate().max_by_key(|(_, step)| step.end);
        let mut path: Vec<usize> = last.map(|(i, _)| i).into_iter().collect();
        while let Some(&before) = path.last().and_then(|&i| waited_for.get(i)?.as_ref()) {
            if path.contains(&before) {
                break;
            }
            path.push(before);
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: &[u8] = b"1000 begin-up -\n1000 start db\n1000 start init\n3000 ready init\n\
        9000 ready db\n9000 start web\n12000 failed web command exited 1\n12000 end - 1\n";

    #[test]
    fn a_change_and_its_steps() {
        let changes = changes(BOOT, Some(99_000));
        let [change] = &changes[..] else { panic!("{changes:?}") };
        let [pass] = &change[..] else { panic!("{change:?}") };
        assert_eq!(
            (pass.up, pass.start, pass.end, pass.code),
            (true, 1000, 12000, Some(&b"1"[..]))
        );
        let steps: Vec<_> = pass.steps.iter().map(|s| (s.name, s.took(), s.how)).collect();
        assert_eq!(
            steps,
            [
                (&b"db"[..], 8000, How::Done),
                (b"init", 2000, How::Done),
                (b"web", 3000, How::Failed)
            ]
        );
        assert_eq!(pass.steps[2].detail, b"command exited 1");
        let waited = pass.waited_for(|step| if step.name == b"web" { vec![1, 0] } else { vec![] });
        assert_eq!(waited, [None, None, Some(0)]);
        assert_eq!(pass.critical(&waited), [0, 2]);
    }

    #[test]
    fn what_is_open_lasts_until_now_or_was_broken_off() {
        let text =
            b"10 begin-down -\n10 stop a\n20 stopped a\n20 begin-up -\n20 start a\n25 start b\n";
        let [change] = &changes(text, Some(100))[..] else { panic!() };
        let [down, up] = &change[..] else { panic!("{change:?}") };
        assert!(!down.up && !down.runs && up.up && up.runs);
        assert_eq!((up.steps[1].took(), up.end), (75, 100));
        let [change] = &changes(text, None)[..] else { panic!() };
        assert!(!change[1].runs);
        assert_eq!((change[1].steps[0].took(), change[1].end), (5, 25));
        let killed = [text, &b"200 begin-up -\n200 end - 0\n"[..]].concat();
        let changes = changes(&killed, Some(300));
        assert_eq!((changes.len(), changes[1][0].code), (2, Some(&b"0"[..])));
    }

    #[test]
    fn any_text_is_read() {
        let text = b"\n12\n13 start\n14 start x\nx begin-up -\n15 begin-up -\n16 ready y\n17 end -";
        let changes = changes(text, Some(1));
        assert_eq!((changes.len(), changes[0][0].steps.len()), (1, 0));
        assert_eq!(changes[0][0].critical(&[]), Vec::<usize>::new());
    }
}
