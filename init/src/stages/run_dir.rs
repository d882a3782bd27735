//! Whether `/run` is fit to work in, decided from facts alone.

/// Who we are and whose `/run` is.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Our user.
    pub uid: u32,
    /// Our group.
    pub gid: u32,
    /// The owner of `/run`.
    pub run_uid: u32,
    /// Its group.
    pub run_gid: u32,
    /// Its permission bits.
    pub mode: u32,
    /// `S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES`.
    pub accept_open: bool,
}

/// What to make of `/run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is ours.
    Fine,
    /// It is somebody else's and we are root: chown and chmod.
    Fix,
    /// Group 0 writes, as on OpenShift.
    GroupZero,
    /// Root's, with a sticky bit that protects our files: works for one user.
    Sticky,
    /// Anybody may write, and the user said that this is meant.
    OpenToWorld,
    /// A group may write, and the user said that this is meant.
    OpenToGroup,
    /// Group 0 all around, but the group may not write or everybody may.
    BadGroupZero,
    /// It can't be worked in.
    Unfit,
}

/// The judgement.
pub fn judge(f: &Facts) -> Verdict {
    let has = |bits: u32| f.mode & bits == bits;
    if f.uid == f.run_uid {
        return Verdict::Fine;
    }
    if f.uid == 0 {
        return Verdict::Fix;
    }
    if f.gid == 0 && f.run_gid == 0 {
        return if has(0o070) && !has(0o002) { Verdict::GroupZero } else { Verdict::BadGroupZero };
    }
    // Files of ours in a directory of root's are safe where only owners may remove.
    let ours = if f.gid == f.run_gid { has(0o3070) } else { has(0o1007) };
    match (f.run_uid == 0, ours, f.accept_open && has(0o770)) {
        (true, true, _) => Verdict::Sticky,
        (true, false, true) if has(0o002) => Verdict::OpenToWorld,
        (true, false, true) => Verdict::OpenToGroup,
        _ => Verdict::Unfit,
    }
}

/// The name of an id in the text of `/etc/passwd` or `/etc/group`; empty if it has none.
pub fn name_of(id: u32, file: &[u8]) -> &[u8] {
    let number = id.to_string();
    let mut lines = file.split(|&b| b == b'\n');
    let found = lines.find_map(|line| {
        let mut fields = line.split(|&b| b == b':');
        let name = fields.next()?;
        (fields.nth(1)? == number.as_bytes()).then_some(name)
    });
    found.unwrap_or(b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(uid: u32, gid: u32, run: (u32, u32), mode: u32) -> Facts {
        Facts { uid, gid, run_uid: run.0, run_gid: run.1, mode, accept_open: false }
    }

    #[test]
    fn ids_and_modes_decide() {
        let cases = [
            (facts(0, 0, (0, 0), 0o755), Verdict::Fine),
            (facts(1000, 1000, (1000, 1000), 0o700), Verdict::Fine),
            (facts(0, 0, (1000, 1000), 0o755), Verdict::Fix),
            (facts(1000, 0, (0, 0), 0o775), Verdict::GroupZero),
            (facts(1000, 0, (0, 0), 0o777), Verdict::BadGroupZero),
            (facts(1000, 0, (0, 0), 0o755), Verdict::BadGroupZero),
            (facts(1000, 1000, (0, 0), 0o1777), Verdict::Sticky),
            (facts(1000, 1000, (0, 0), 0o777), Verdict::Unfit),
            (facts(1000, 5, (0, 5), 0o3770), Verdict::Sticky),
            (facts(1000, 5, (0, 5), 0o1777), Verdict::Unfit),
            (facts(1000, 1000, (1001, 0), 0o1777), Verdict::Unfit),
        ];
        for (facts, verdict) in cases {
            assert_eq!(judge(&facts), verdict, "{facts:?}");
        }
    }

    #[test]
    fn an_open_directory_is_taken_where_it_is_wanted() {
        let open = Facts { accept_open: true, ..facts(1000, 1000, (0, 0), 0o777) };
        assert_eq!(judge(&open), Verdict::OpenToWorld);
        assert_eq!(judge(&Facts { mode: 0o770, ..open }), Verdict::OpenToGroup);
        assert_eq!(judge(&Facts { mode: 0o755, ..open }), Verdict::Unfit);
    }

    #[test]
    fn names_are_shown() {
        assert_eq!(name_of(5, b"root:x:0:0:\nnobody:x:5:5:\n"), b"nobody");
        assert_eq!(name_of(7, b"root:x:0:0\n\n:x\n"), b"");
    }
}
