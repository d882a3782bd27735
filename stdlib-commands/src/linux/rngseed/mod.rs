//! `rngseed`: random bits that outlast a restart.
//!
//! What was random before a restart makes the kernel's numbers random soon after it. A seed is
//! used once: it is removed before the kernel gets it. And a new one depends on the old one, too,
//! so that it is no worse where the kernel has nothing random yet.

mod blake2s;

use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number::{self, Decimal};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, fd};

pub const COMMAND: Command = Command {
    name: "rngseed",
    usage: "rngseed [ -r | -R ] [ -N | -n ] [ -w | -W ] [ -d dir ] [ -v verbosity ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The most that the kernel takes at a time.
const MOST: usize = 512;
const LEAST: usize = 32;
const POOL: &[u8] = b"/proc/sys/kernel/random/poolsize";
/// The permission that a seed lacks which counts as random.
const WRITABLE: u32 = 0o200;

/// Whether something is done, and whether what it is done to counts as random.
type Choice = Option<bool>;

struct Seed<'a> {
    image: &'a Image,
    verbosity: u32,
    dir: Vec<u8>,
    file: Vec<u8>,
    /// What the hash of a new seed begins with.
    mixed: Vec<u8>,
}

/// 100: the seed is empty; 111: something can't be read, written, or done.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut dir, mut verbosity) = (&b"/var/lib/rngseed"[..], 1);
    let (mut read, mut write, mut wait): (Choice, Choice, bool) = (None, None, true);
    options::take(&mut argv, "d:v:rRnNwW", |letter, value| {
        match letter {
            b'd' => dir = value.to_bytes(),
            b'v' => verbosity = options::number(value)?,
            b'r' | b'R' => read = Some(letter == b'r'),
            b'w' | b'W' => write = Some(letter == b'w'),
            _ => wait = letter == b'N',
        }
        Ok(())
    })?;
    let end = dir.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1);
    let dir = dir[..end].to_vec();
    let file = [&dir[..], b"/seed"].concat();
    let mut seed = Seed { image, verbosity, dir, file, mixed: Vec::new() };
    if write.is_some() {
        seed.prepare()?;
    }
    if let Some(counts) = read {
        seed.give(counts)?;
    }
    if wait {
        seed.say(&[b"waiting for the entropy pool to initialize"]);
        sys::process::random(&mut [0]).map_err(|errno| Fail::sys("getrandom", errno))?;
    }
    if let Some(counts) = write {
        seed.keep(counts, wait)?;
    }
    Ok(Next::Exit(0))
}

impl Seed<'_> {
    fn say(&self, words: &[&[u8]]) {
        if self.verbosity >= 2 {
            let line = [b"rngseed: info: ", &words.concat()[..], b"\n"].concat();
            let _ = fd::write_all(2, &line);
        }
    }

    fn warn(&self, fail: &Fail) {
        if self.verbosity >= 1 {
            self.image.warn(&fail.to_string());
        }
    }

    fn fail(&self, what: &str) -> impl Fn(Errno) -> Fail {
        let (what, file) = (what.to_owned(), self.file.clone());
        move |errno| Fail::sys_at(&what, &file, errno)
    }

    /// The directory is nobody else's.
    fn prepare(&mut self) -> Result<(), Fail> {
        self.mixed.extend_from_slice(b"chainit rngseed, the old seed and the new");
        for time in [sys::time::now(), sys::time::since_boot()] {
            self.mixed.extend_from_slice(&time.nanos().to_ne_bytes());
        }
        let dir = &self.dir[..];
        if dir.is_empty() {
            return Ok(());
        }
        let fail = |what| move |errno| Fail::sys_at(what, dir, errno);
        let there = sys::fs::stat_bytes(dir);
        match there {
            Ok(stat) if stat.mode & 0o077 != 0 => {
                self.warn(&Fail::bad(format!(
                    "{} has permissive modes, changing it to 0700",
                    interpreter::diagnose::shown(dir)
                )));
                sys::fs::chmod(dir, 0o700).map_err(fail("chmod"))
            }
            Ok(_) => Ok(()),
            Err(_) => sys::fs::mkdir_all(dir, 0o700).map_err(fail("mkdir")),
        }
    }

    /// Gives the seed to the kernel, and removes it before.
    fn give(&mut self, counts: bool) -> Result<(), Fail> {
        self.say(&[b"reading seed from ", &self.file]);
        let open = |path: &[u8]| fd::open_bytes(path, fd::O_RDONLY | fd::O_CLOEXEC, 0);
        let file = open(&self.file).map_err(self.fail("open"))?;
        let mut bytes = Vec::with_capacity(MOST);
        while bytes.len() < MOST {
            let room = MOST - bytes.len();
            let got = fd::read_some(file, &mut bytes, room);
            if got.map_err(self.fail("read from"))? == 0 {
                break;
            }
        }
        if bytes.is_empty() {
            let name = interpreter::diagnose::shown(&self.file);
            return Err(Fail::bad(format!("empty {name}")));
        }
        let mode = sys::fs::fstat(file).map_err(self.fail("stat"))?.mode;
        sys::fs::unlink(&self.file).map_err(self.fail("unlink"))?;
        let _ = fd::close(file);
        self.mix(&bytes);
        let marked = mode & WRITABLE == 0;
        if counts && !marked {
            let name = interpreter::diagnose::shown(&self.file);
            self.warn(&Fail::bad(format!("{name} was not marked as creditable")));
        }
        let bits = bytes.len() * 8;
        let credited = if counts && marked { bits } else { 0 };
        let without: &[u8] = if credited > 0 { b"" } else { b" without crediting" };
        self.say(&[b"seeding with ", &Decimal::new(bits as u64), b" bits", without]);
        let device = open(b"/dev/urandom").map_err(|e| Fail::sys("open /dev/urandom", e))?;
        let given = sys::mount::add_entropy(device, credited as i32, &bytes);
        let _ = fd::close(device);
        given.map_err(|errno| super::refused("seed", b"", super::ADMIN, errno))
    }

    fn mix(&mut self, bytes: &[u8]) {
        self.mixed.extend_from_slice(&(bytes.len() as u64).to_ne_bytes());
        self.mixed.extend_from_slice(bytes);
    }

    /// Keeps random bits in the file.
    fn keep(&mut self, counts: bool, waited: bool) -> Result<(), Fail> {
        let len = self.size();
        let bits = Decimal::new(len as u64 * 8);
        self.say(&[b"reading ", &bits, b" bits of random to make the seed"]);
        let mut seed = vec![0; len];
        let random = random(&mut seed, waited)?;
        if !random {
            self.warn(&Fail::bad("unable to make the seed creditable"));
        }
        self.mix(&seed);
        seed[len - LEAST..].copy_from_slice(&blake2s::hash(&self.mixed));
        self.say(&[b"writing seed to ", &self.file]);
        sys::fs::umask(0o077);
        let flags = fd::O_WRONLY | fd::O_CREAT | fd::O_TRUNC | fd::O_CLOEXEC;
        let written = fd::open_bytes(&self.file, flags, 0o600).and_then(|file| {
            let written = fd::write_all(file, &seed).and_then(|()| fd::sync(file));
            let closed = fd::close(file);
            written.and(closed)
        });
        written.map_err(self.fail("write to"))?;
        if counts && random {
            let marked = sys::fs::chmod(&self.file, 0o400);
            let _ = marked.map_err(|errno| self.warn(&self.fail("mark as creditable")(errno)));
        }
        Ok(())
    }

    /// As many bytes as the kernel's pool has.
    fn size(&self) -> usize {
        let text = fd::read_file_bytes(POOL).unwrap_or_else(|errno| {
            self.warn(&Fail::sys_at("read", POOL, errno));
            Vec::new()
        });
        let (bits, digits) = number::uint_prefix(&text);
        let bytes = if digits > 0 { bits.div_ceil(8) as usize } else { MOST };
        bytes.clamp(LEAST, MOST)
    }
}

/// Fills the buffer; whether all of it is random. Where the kernel has nothing random yet, it
/// still has what it gives to those who don't wait.
fn random(buffer: &mut [u8], waited: bool) -> Result<bool, Fail> {
    let fail = |errno| Fail::sys("getrandom", errno);
    if waited {
        return sys::process::random(buffer).map(|()| true).map_err(fail);
    }
    let mut filled = 0;
    while filled < buffer.len() {
        match sys::mount::random_now(&mut buffer[filled..]) {
            Ok(count) => filled += count,
            Err(Errno::EAGAIN) => break,
            Err(errno) => return Err(fail(errno)),
        }
    }
    let all = filled == buffer.len();
    if !all {
        let fail = |errno| Fail::sys("read from /dev/urandom", errno);
        let device = fd::open(c"/dev/urandom", fd::O_RDONLY | fd::O_CLOEXEC, 0).map_err(fail)?;
        while filled < buffer.len() {
            filled += fd::read(device, &mut buffer[filled..]).map_err(fail)?;
        }
        let _ = fd::close(device);
    }
    Ok(all)
}
