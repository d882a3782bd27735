//! `fstab2s6rc`: a table of file systems as definitions of services, each of which mounts one.

use super::mounts::{self, Entry};
use crate::portable::quote;
use crate::{options, remove, unique};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, fd};

pub const COMMAND: Command = Command {
    name: "fstab2s6rc",
    usage: "fstab2s6rc [ -A | -a ] [ -U | -u ] [ -E | -e ] [ -F fstab ] [ -m mode ] [ -B bundle ] \
            [ -d basedep ] dir",
    run,
    kind: Kind::Link,
    examine: None,
};

const SKIP_NOAUTO: u64 = 1;
const UUID: u64 = 2;
const NOT_ESSENTIAL: u64 = 4;

const fn flag(short: u8, long: &'static str, clear: u64, set: u64) -> Flag {
    Flag { short, long, clear, set }
}

const FLAGS: &[Flag] = &[
    flag(b'A', "include-noauto", SKIP_NOAUTO, 0),
    flag(b'a', "exclude-noauto", 0, SKIP_NOAUTO),
    flag(b'U', "without-uuid", UUID, 0),
    flag(b'u', "with-uuid", 0, UUID),
    flag(b'E', "essential", NOT_ESSENTIAL, 0),
    flag(b'e', "not-essential", 0, NOT_ESSENTIAL),
];

const VALUED: &[Valued] = &[
    Valued { short: b'F', long: "fstab", slot: 0 },
    Valued { short: b'm', long: "mode", slot: 1 },
    Valued { short: b'B', long: "bundle", slot: 2 },
    Valued { short: b'd', long: "base-dependency", slot: 3 },
];

/// 1: the table is not right; 111: it can't be read, or a directory or a file not be made.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [fstab, mode, bundle, base], used } =
        long::scan(&argv, FLAGS, VALUED)?;
    argv.advance(used);
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let mode = mode.map_or(Ok(0o755), options::octal)?;
    if sys::fs::stat_bytes(dir) != Err(Errno::ENOENT) {
        let what = format!("{} already exists", shown(dir));
        return Err(Fail::with_code(111, what));
    }
    let mut entries = mounts::read(fstab.unwrap_or(c"/etc/fstab").to_bytes())?;
    entries.retain(|entry| {
        entry.dir != b"/" && (bits & SKIP_NOAUTO == 0 || !has_option(entry, b"noauto"))
    });
    let services = services(image, &entries, bits)?;
    let temp = unique::make(&[dir, b":"].concat(), |name| sys::fs::mkdir(name, 0o700))
        .map_err(|errno| Fail::sys_at("make a directory like", dir, errno))?;
    let words = [bundle, base].map(|word| word.map(std::ffi::CStr::to_bytes));
    let done = write(&temp, &services, words, bits)
        .and_then(|()| sys::fs::chmod(&temp, mode).map_err(|e| Fail::sys_at("chmod", &temp, e)))
        .and_then(|()| sys::fs::rename(&temp, dir).map_err(|e| Fail::sys_at("make", dir, e)));
    if done.is_err() {
        let _ = remove::remove(&temp);
    }
    done.map(|()| Next::Exit(0))
}

fn has_option(entry: &Entry, option: &[u8]) -> bool {
    entry.options.split(|&b| b == b',').any(|o| o == option)
}

/// What a line becomes.
struct Service {
    name: Vec<u8>,
    noauto: bool,
    swap: bool,
    /// What `up` runs, and whether its failure is one.
    up: Vec<u8>,
    nofail: bool,
    /// What `down` runs.
    down: Vec<u8>,
    /// The service whose file system it is mounted in.
    under: Option<Vec<u8>>,
    /// The service whose file system the device is in.
    from: Option<Vec<u8>>,
}

fn service_name(kind: &[u8], path: &[u8]) -> Vec<u8> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let colons = path.iter().map(|&b| if b == b'/' { b':' } else { b });
    kind.iter().copied().chain(colons).collect()
}

/// The service that mounts the innermost of the file systems that a path is in.
fn holder<'a>(path: &[u8], entries: impl Iterator<Item = &'a Entry>) -> Option<Vec<u8>> {
    let holds = |dir: &[u8]| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with(b"/"));
    let inner = entries.filter(|e| e.kind != b"swap" && holds(&e.dir)).max_by_key(|e| e.dir.len());
    inner.map(|entry| service_name(b"mount-", &entry.dir))
}

fn services(image: &Image, entries: &[Entry], bits: u64) -> Result<Vec<Service>, Fail> {
    let invalid = |what: &str, dir: &[u8]| Fail::with_code(1, format!("{what}: {}", shown(dir)));
    let mut services = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let (dir, before) = (&entry.dir, &entries[..at]);
        let swap = entry.kind == b"swap";
        if !swap && !dir.starts_with(b"/") {
            return Err(invalid("relative mountpoint in fstab", dir));
        }
        if !swap && before.iter().any(|other| other.kind != b"swap" && other.dir == *dir) {
            return Err(invalid("duplicate mount point", dir));
        }
        let labelled = [b"UUID=", &b"LABEL="[..]].iter().any(|l| entry.device.starts_with(l));
        if labelled && bits & UUID == 0 {
            image.warn(&format!(
                "weird device found: {} - you may want to run fstab2s6rc -u instead",
                shown(&entry.device)
            ));
        }
        let (up, down) = scripts(entry, swap, bits & UUID != 0)?;
        services.push(Service {
            name: if swap {
                service_name(b"swap-", &entry.device)
            } else {
                service_name(b"mount-", dir)
            },
            noauto: has_option(entry, b"noauto"),
            swap,
            up,
            nofail: has_option(entry, b"nofail"),
            down,
            under: if swap { None } else { holder(dir, entries.iter()) },
            // Only what stands before it in the table, so that there is no cycle.
            from: holder(&entry.device, before.iter()),
        });
    }
    Ok(services)
}

/// The command lines that mount and unmount: by our own words, or by util-linux', which knows
/// labels.
fn scripts(entry: &Entry, swap: bool, foreign: bool) -> Result<(Vec<u8>, Vec<u8>), Fail> {
    let quoted = |text: &[u8]| {
        let mut out = vec![b'"'];
        quote(&mut out, text, b"\"")?;
        out.push(b'"');
        Ok::<_, Fail>(out)
    };
    let known = if foreign { [("UUID=", " -U "), ("LABEL=", " -L ")] } else { [("", ""); 2] };
    let label = known.iter().find_map(|(prefix, option)| {
        let rest = entry.device.strip_prefix(prefix.as_bytes())?;
        (!prefix.is_empty()).then_some((option.as_bytes(), rest))
    });
    let device = match label {
        Some((option, name)) => [option, &quoted(name)?].concat(),
        None => [b" ", &quoted(&entry.device)?[..]].concat(),
    };
    let given = options_for_mount(&entry.options);
    let mut options = Vec::new();
    if !swap && entry.kind != b"none" {
        options.extend_from_slice(&[b" -t ", &quoted(&entry.kind)?[..]].concat());
    }
    if !given.is_empty() {
        options.extend_from_slice(&[b" -o ", &quoted(&given)?[..]].concat());
    }
    let dir = [b" ", &quoted(&entry.dir)?[..]].concat();
    let line = |parts: &[&[u8]]| parts.concat();
    Ok(match (swap, foreign) {
        (true, true) => (line(&[b"swapon", &options, &device]), line(&[b"swapoff", &device])),
        (true, false) => (line(&[b"s6-swapon --", &device]), line(&[b"s6-swapoff --", &device])),
        (false, false) => {
            (line(&[b"s6-mount", &options, &device, &dir]), line(&[b"s6-umount --", &dir]))
        }
        (false, true) => {
            let down = line(&[b"umount -l --", &dir]);
            match label {
                Some(_) => (line(&[b"mount", &device, &options, &dir]), down),
                None => (line(&[b"mount", &options, &device, &dir]), down),
            }
        }
    })
}

/// Without those that are for whoever reads the table, and not for mounting.
fn options_for_mount(options: &[u8]) -> Vec<u8> {
    const OTHERS: [&[u8]; 6] = [b"comment", b"defaults", b"owner", b"user", b"noauto", b"nofail"];
    let mut out = Vec::new();
    for option in options.split(|&b| b == b',') {
        if option.is_empty() || option.starts_with(b"x-") || OTHERS.contains(&option) {
            continue;
        }
        if !out.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(option);
    }
    out
}

fn make(path: &[u8]) -> Result<(), Fail> {
    sys::fs::mkdir(path, 0o755)
        .and_then(|()| sys::fs::chmod(path, 0o755))
        .map_err(|errno| Fail::sys_at("mkdir", path, errno))
}

fn put(path: &[&[u8]], content: &[u8]) -> Result<(), Fail> {
    let path = path.concat();
    let flags = fd::O_WRONLY | fd::O_CREAT | fd::O_TRUNC | fd::O_CLOEXEC;
    let written = fd::open_bytes(&path, flags, 0o666).and_then(|file| {
        let written = fd::write_all(file, content);
        let closed = fd::close(file);
        written.and(closed)
    });
    written.map_err(|errno| Fail::sys_at("write to", &path, errno))
}

/// A chain whose failure is none.
fn tolerant(line: &[u8]) -> Vec<u8> {
    [b"foreground { ", line, b" }\nexit 0"].concat()
}

fn write(
    dir: &[u8],
    services: &[Service],
    [bundle, base]: [Option<&[u8]>; 2],
    bits: u64,
) -> Result<(), Fail> {
    const PARTS: [&[u8]; 2] = [b"-mounts", b"-swaps"];
    if let Some(bundle) = bundle {
        for part in [b"", PARTS[0], PARTS[1]] {
            let path = [dir, b"/", bundle, part].concat();
            make(&path)?;
            make(&[&path[..], b"/contents.d"].concat())?;
            put(&[&path, b"/type"], b"bundle\n")?;
        }
        for part in PARTS {
            put(&[dir, b"/", bundle, b"/contents.d/", bundle, part], b"")?;
        }
    }
    for service in services {
        let home = [dir, b"/", &service.name].concat();
        let needs = [&home[..], b"/dependencies.d"].concat();
        make(&home)?;
        make(&needs)?;
        put(&[&home, b"/type"], b"oneshot\n")?;
        let lasting = !service.noauto && bits & NOT_ESSENTIAL == 0;
        if !service.noauto {
            let flag: &[u8] = if lasting { b"/flag-essential" } else { b"/flag-recommended" };
            put(&[&home, flag], b"")?;
        }
        let down = [&tolerant(&service.down)[..], b"\n"].concat();
        put(&[&home, b"/down"], if lasting { b"" } else { &down })?;
        let up = if service.nofail { tolerant(&service.up) } else { service.up.clone() };
        put(&[&home, b"/up"], &[&up[..], b"\n"].concat())?;
        let under = service.under.as_deref().or(base);
        for need in [under, service.from.as_deref()].into_iter().flatten() {
            put(&[&needs, b"/", need], b"")?;
        }
        if let Some(bundle) = bundle.filter(|_| !service.noauto) {
            let part = PARTS[usize::from(service.swap)];
            put(&[dir, b"/", bundle, part, b"/contents.d/", &service.name], b"")?;
        }
    }
    Ok(())
}
