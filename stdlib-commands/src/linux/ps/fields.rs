//! What can be shown of a process.

use super::names::{Names, Symbols, asleep_in};
use super::process::{Process, stat};
use interpreter::args::number::{self, Decimal};
use sys::time::{Broken, Time};

/// A column.
pub struct Field {
    /// By which it is asked for.
    pub name: &'static str,
    /// Above it.
    pub title: &'static str,
    shows: Shows,
}

/// What a column shows. The numbers are places in `stat`.
enum Shows {
    /// A number that a process does not have twice.
    Pid,
    Number(usize),
    Signed(usize),
    Kilobytes(usize),
    Name,
    State,
    Terminal,
    /// The sum of so many times, which stand one after the other or every second one.
    Time(usize, usize, usize),
    Share(usize),
    Start,
    StartLabel,
    Policy,
    User,
    Group,
    Memory,
    Sleeps,
    Args,
    Env,
}
use Shows::*;

const fn field(name: &'static str, title: &'static str, shows: Shows) -> Field {
    Field { name, title, shows }
}

pub static FIELDS: &[Field] = &[
    field("pid", "PID", Pid),
    field("comm", "COMM", Name),
    field("s", "STAT", State),
    field("ppid", "PPID", Number(stat::PARENT)),
    field("pgrp", "PGRP", Number(stat::GROUP)),
    field("sess", "SESSION", Number(stat::SESSION)),
    field("tty", "TTY", Terminal),
    field("tpgid", "TPGID", Signed(stat::FOREGROUND)),
    field("minflt", "MINFLT", Number(10)),
    field("cminflt", "CMINFLT", Number(11)),
    field("majflt", "MAJFLT", Number(12)),
    field("cmajflt", "CMAJFLT", Number(13)),
    field("utime", "UTIME", Time(stat::UTIME, 1, 1)),
    field("stime", "STIME", Time(stat::UTIME + 1, 1, 1)),
    field("cutime", "CUTIME", Time(stat::UTIME, 2, 2)),
    field("cstime", "CSTIME", Time(stat::UTIME + 1, 2, 2)),
    field("prio", "PRIO", Signed(18)),
    field("nice", "NICE", Signed(stat::NICE)),
    field("thcount", "THREADS", Number(stat::THREADS)),
    field("start", "START", Start),
    field("vsize", "VSZ", Kilobytes(23)),
    field("rss", "RSS", Memory),
    field("rsslimit", "RSSLIM", Kilobytes(25)),
    field("psr", "CPU", Number(39)),
    field("rtprio", "RTPRIO", Number(40)),
    field("policy", "RTPOLICY", Policy),
    field("user", "USER", User),
    field("group", "GROUP", Group),
    field("pmem", "%MEM", Share(0)),
    field("wchan", "WCHAN", Sleeps),
    field("args", "COMMAND", Args),
    field("env", "ENVIRONMENT", Env),
    field("pcpu", "%CPU", Share(2)),
    field("ttime", "TTIME", Time(stat::UTIME, 2, 1)),
    field("cttime", "CTTIME", Time(stat::UTIME, 4, 1)),
    field("tstart", "TSTART", StartLabel),
    field("cpcpu", "C%CPU", Share(4)),
];

/// The clock of `stat`, in ticks a second, whatever the kernel's own is.
const TICKS: u64 = 100;

const POLICIES: [&str; 8] = ["NORMAL", "FIFO", "RR", "BATCH", "ISO", "IDLE", "UNKNOWN", "UNKNOWN"];

/// What is asked of the system once for all processes.
pub struct World {
    names: Names,
    file: Option<&'static [u8]>,
    symbols: Option<Symbols>,
    memory: u64,
    page: u64,
    now: Time,
    up: Time,
}

impl World {
    pub fn new(file: Option<&'static [u8]>) -> World {
        World {
            names: Names::default(),
            file,
            symbols: None,
            memory: memory(&sys::fd::read_file(c"/proc/meminfo").unwrap_or_default()),
            page: sys::process::page_size(),
            now: sys::time::now(),
            up: sys::time::since_boot(),
        }
    }

    /// When that tick since the start of the system was.
    fn moment(&self, ticks: u64) -> Time {
        let ago = self.up.nanos() - i128::from(ticks) * 1_000_000_000 / i128::from(TICKS);
        let at = self.now.nanos() - ago;
        let (sec, nsec) = (at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000));
        Time { sec: sec as i64, nsec: nsec as i64 }
    }

    fn sleeps_in(&mut self, process: &Process) -> Vec<u8> {
        let address = process.number(stat::WCHAN);
        match address {
            0 => return b"-".to_vec(),
            u64::MAX => return b"*".to_vec(),
            // All that newer kernels tell here is whether it sleeps.
            1 if self.file.is_none() => {
                return asleep_in(process.pid).unwrap_or_else(|| b"?".to_vec());
            }
            _ => {}
        }
        let file = self.file;
        let symbols = self.symbols.get_or_insert_with(|| Symbols::read(file));
        symbols.find(address).unwrap_or(b"?").to_vec()
    }
}

/// The machine's memory in kilobytes.
fn memory(info: &[u8]) -> u64 {
    let line = info.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"MemTotal:"));
    line.map_or(0, |line| number::uint64_prefix(line.trim_ascii_start()).0)
}

impl Field {
    /// Whether its cells end at the right.
    pub fn is_right(&self) -> bool {
        matches!(self.shows, Pid | Number(_) | Signed(_) | Kilobytes(_) | Memory | Share(_))
    }

    /// Writes its cell.
    pub fn write(&self, world: &mut World, process: &Process, out: &mut Vec<u8>) {
        let get = |at| process.number(at);
        let sum =
            |from, count, step| (0..count).map(|i| get(from + i * step)).fold(0, u64::wrapping_add);
        match self.shows {
            Pid => decimal(out, process.pid.into()),
            Number(at) => decimal(out, get(at)),
            Signed(at) => {
                let number = get(at).cast_signed();
                if number < 0 {
                    out.push(b'-');
                }
                decimal(out, number.unsigned_abs());
            }
            Kilobytes(at) => decimal(out, get(at) / 1024),
            Memory => decimal(out, get(stat::RSS) * (world.page / 1024)),
            Name => out.extend_from_slice(&process.name),
            State => state(process, out),
            Terminal => match get(stat::TTY) {
                0 => out.push(b'-'),
                device => out.extend_from_slice(world.names.terminal(device as u32)),
            },
            Time(from, count, step) => duration(sum(from, count, step), out),
            Share(0) => {
                let used = get(stat::RSS).wrapping_mul(world.page / 1024);
                percent(used, world.memory, out);
            }
            Share(count) => {
                let up = world.up.nanos() * i128::from(TICKS) / 1_000_000_000;
                let lived = (up as u64).saturating_sub(get(stat::START));
                percent(sum(stat::UTIME, count, 1), lived, out);
            }
            Start => {
                let begin = world.moment(get(stat::START));
                date(sys::time::local(begin.sec), sys::time::local(world.now.sec), out);
            }
            StartLabel => {
                let begin = world.moment(get(stat::START));
                out.extend_from_slice(&sys::tai::timestamp(begin));
            }
            Policy => {
                out.extend_from_slice(POLICIES[get(stat::POLICY) as usize & 7].as_bytes());
            }
            User => out.extend_from_slice(world.names.user(process.uid)),
            Group => out.extend_from_slice(world.names.group(process.gid)),
            Sleeps => out.extend_from_slice(&world.sleeps_in(process)),
            Args => command_line(process, out),
            Env => match &process.env {
                Some(env) => spaced(env, out),
                None => out.push(b'*'),
            },
        }
    }
}

fn decimal(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&Decimal::new(number));
}

fn two(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&[b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]);
}

fn spaced(words: &[u8], out: &mut Vec<u8>) {
    out.extend(words.iter().map(|&b| if b == 0 { b' ' } else { b }));
}

fn state(process: &Process, out: &mut Vec<u8>) {
    let get = |at| process.number(at);
    let group = get(stat::GROUP);
    out.push(process.state);
    if u64::from(process.pid) == get(stat::SESSION) {
        out.push(b's');
    }
    if get(stat::THREADS) > 1 {
        out.push(b'l');
    }
    if group != 0 && group == get(stat::FOREGROUND) {
        out.push(b'+');
    }
    match get(stat::NICE).cast_signed() {
        0 => {}
        nice => out.push(if nice < 0 { b'<' } else { b'N' }),
    }
}

fn command_line(process: &Process, out: &mut Vec<u8>) {
    if process.depth > 0 {
        out.resize(out.len() + 4 * process.depth - 3, b' ');
        out.extend_from_slice(b"\\_ ");
    }
    let name = &process.name[..];
    if !process.args.is_empty() {
        spaced(&process.args, out);
    } else if process.state == b'Z' {
        out.extend_from_slice(&[name, b" <defunct>"].concat());
    } else {
        out.extend_from_slice(&[b"(", name, b")"].concat());
    }
}

/// Hundredths of hundredths, as a number with two decimals.
fn percent(part: u64, whole: u64, out: &mut Vec<u8>) {
    let share = (u128::from(part) * 10_000 / u128::from(whole.max(1))) as u64;
    decimal(out, share / 100);
    out.push(b'.');
    two(out, share % 100);
}

/// Days, hours, minutes and seconds, as far as there are; hundredths of less than a minute.
fn duration(ticks: u64, out: &mut Vec<u8>) {
    let seconds = ticks / TICKS;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    if days > 0 {
        decimal(out, days);
        out.push(b'd');
    }
    if seconds >= 3600 {
        two(out, hours);
        out.push(b'h');
    }
    if seconds >= 60 {
        two(out, minutes);
        out.push(b'm');
    }
    two(out, seconds % 60);
    if seconds < 60 {
        out.push(b'.');
        two(out, ticks % TICKS * 100 / TICKS);
    }
    out.push(b's');
}

/// The time of today, the day of the last months, or the date.
fn date(then: Broken, now: Broken, out: &mut Vec<u8>) {
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let [year, month, day, hour, minute, second] = then.map(|part| part.unsigned_abs().into());
    let months = (now[0] - then[0]) * 12 + now[1] - then[1];
    if then[..3] == now[..3] {
        two(out, hour);
        out.push(b':');
        two(out, minute);
        out.push(b':');
        two(out, second);
    } else if then[0] == now[0] || (0..9).contains(&months) {
        let at = (month.clamp(1, 12) as usize - 1) * 3;
        out.extend_from_slice(&MONTHS[at..at + 3]);
        two(out, day);
        out.push(b' ');
        two(out, hour);
        out.push(b':');
        two(out, minute);
    } else {
        decimal(out, year);
        out.push(b'-');
        two(out, month);
        out.push(b'-');
        two(out, day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn durations() {
        for (ticks, shown) in [
            (0, "00.00s"),
            (1234, "12.34s"),
            (6000, "01m00s"),
            (360_000, "01h00m00s"),
            (8_640_000 * 3 + 100, "3d00h00m01s"),
        ] {
            assert_eq!(text(|out| duration(ticks, out)), shown);
        }
    }

    #[test]
    fn dates() {
        let now = [2026, 3, 5, 12, 0, 0];
        for (then, shown) in [
            ([2026, 3, 5, 1, 2, 3], "01:02:03"),
            ([2026, 1, 9, 1, 2, 3], "Jan09 01:02"),
            ([2025, 8, 31, 23, 59, 3], "Aug31 23:59"),
            ([2025, 6, 30, 23, 59, 3], "2025-06-30"),
            ([2024, 12, 1, 0, 0, 0], "2024-12-01"),
        ] {
            assert_eq!(text(|out| date(then, now, out)), shown);
        }
    }

    #[test]
    fn shares() {
        assert_eq!(text(|out| percent(1, 3, out)), "33.33");
        assert_eq!(text(|out| percent(5, 0, out)), "500.00");
        assert_eq!(memory(b"A: 1\nMemTotal:       123 kB\n"), 123);
    }

    #[test]
    fn states_and_command_lines() {
        let get = |line: &str| Process::parse(line.as_bytes()).unwrap();
        let mut one = get("7 (x) S 1 7 7 34816 7 0 0 0 0 0 0 0 0 0 20 -5 2 0 9\n");
        assert_eq!(text(|out| state(&one, out)), "Ssl+<");
        assert_eq!(text(|out| command_line(&one, out)), "(x)");
        one.depth = 2;
        one.args = b"a\0b c".to_vec();
        assert_eq!(text(|out| command_line(&one, out)), "     \\_ a b c");
        let zombie = get("8 (y) Z 1 8 7 0 -1\n");
        assert_eq!(text(|out| command_line(&zombie, out)), "y <defunct>");
    }
}
