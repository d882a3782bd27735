//! The logger of everything: its directory, and its service directory with the fifo that it reads.

use super::maker;
use crate::stages::wipe;
use interpreter::arg::Arg;
use interpreter::image::Image;
use interpreter::word::Fail;
use stdlib_commands::passwd;

/// The directories above those that are made.
const ABOVE: u32 = 0o2755;

/// The logger of everything that has no other.
pub struct CatchAll {
    /// Where it logs to.
    pub dir: Vec<u8>,
    /// That directory's permissions.
    pub mode: u32,
    /// Who it runs as, whose the directory becomes.
    pub user: Option<Arg>,
    /// Its directives, as they stand in its script.
    pub directives: Arg,
}

/// Makes a directory and those above it, whatever the umask.
fn make_all(dir: &[u8], mode: u32) -> Result<(), Fail> {
    let old = sys::fs::umask(0);
    let above = dir.iter().rposition(|&b| b == b'/').filter(|&slash| slash > 0);
    let made = above.map_or(Ok(()), |slash| sys::fs::mkdir_all(&dir[..slash], ABOVE));
    let made = made.and_then(|()| match sys::fs::mkdir(dir, mode) {
        Err(sys::Errno::EEXIST) => Ok(()),
        other => other,
    });
    sys::fs::umask(old);
    made.map_err(|errno| Fail::sys_at("mkdir", dir, errno))
}

impl CatchAll {
    /// Makes the log directory, and its path absolute.
    pub fn make(&mut self) -> Result<(), Fail> {
        let owner = self.user.map(find).transpose()?;
        make_all(&self.dir, self.mode)?;
        let fail = |what| {
            let dir = self.dir.clone();
            move |errno| Fail::sys_at(what, &dir, errno)
        };
        let (uid, gid) = (owner.map(|user| user.uid), owner.map(|user| user.gid));
        sys::fs::chown(&self.dir, uid, gid, true).map_err(fail("chown"))?;
        sys::fs::chmod(&self.dir, self.mode).map_err(fail("chmod"))?;
        if !self.dir.starts_with(b"/") {
            self.dir = sys::fs::realpath(&self.dir).map_err(fail("realpath"))?;
        }
        Ok(())
    }

    /// Writes the logger's service directory, anew.
    pub fn write(&self, image: &Image, service: &[u8]) -> Result<(), Fail> {
        let _ = wipe::remove(service);
        make_all(service, ABOVE)?;
        maker::write(service, "notification-fd", b"3\n")?;
        maker::write(service, "run", &self.script(image))?;
        let run = [service, b"/run"].concat();
        sys::fs::chmod(&run, 0o755).map_err(|errno| Fail::sys_at("chmod", &run, errno))?;
        let fifo = [service, b"/fifo"].concat();
        sys::fs::mkfifo(&fifo, 0o600).map_err(|errno| Fail::sys_at("mkfifo", &fifo, errno))
    }

    fn script(&self, image: &Image) -> Vec<u8> {
        let mut text = [b"#!", &maker::interpreter(image)[..], b" -s1\n"].concat();
        text.extend_from_slice(b"fdmove -c 1 2\nredirfd -rnb 0 fifo\n");
        if let Some(user) = self.user {
            text.extend([b"s6-setuidgid ", &maker::quoted(user.to_bytes())[..], b"\n"].concat());
        }
        let (directives, dir) = (self.directives.to_bytes(), maker::quoted(&self.dir));
        text.extend([b"exec -c\ns6-log -bpd3 -- ", directives, b" ", &dir, b"\n"].concat());
        text
    }
}

fn find(user: Arg) -> Result<passwd::User, Fail> {
    let found = passwd::find_user(user.to_bytes())
        .map_err(|errno| Fail::sys(format!("read {}", passwd::PASSWD), errno))?;
    let name = user.to_string_lossy();
    let missing = || Fail::with_code(111, format!("no user {name} in {}", passwd::PASSWD));
    found.ok_or_else(missing)
}
