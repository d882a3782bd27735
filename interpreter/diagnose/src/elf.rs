//! What the head of a file says about how the kernel would run it.

/// What the begin of a program's file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Elf {
    /// The name of the machine that it is for, as `uname -m` gives it.
    pub(super) machine: Option<&'static str>,
    /// The dynamic linker that it asks for, if it is within the head.
    pub(super) linker: Option<Vec<u8>>,
}

/// The interpreter that a file asks for: the program in its `#!` line, or its dynamic linker.
///
/// `head` are the file's first bytes: 256 for a `#!` line, and a page will hold the linker's name.
pub fn interpreter_of(head: &[u8]) -> Option<Vec<u8>> {
    match shebang(head) {
        Some(line) => Some(line.interpreter.to_vec()).filter(|i| !i.is_empty()),
        None => read(head)?.linker,
    }
}

/// A first line that begins with `#!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shebang<'a> {
    /// As the kernel takes it, so with the carriage return of a CRLF line end.
    pub(super) interpreter: &'a [u8],
    /// The line ends within the bytes that the kernel reads.
    pub(super) whole: bool,
}

/// How much of a file the kernel reads for the line.
const LINE: usize = 256;

pub(super) fn shebang(head: &[u8]) -> Option<Shebang<'_>> {
    let rest = head.get(..head.len().min(LINE))?.strip_prefix(b"#!")?;
    let end = rest.iter().position(|&b| b == b'\n');
    let line = rest[..end.unwrap_or(rest.len())].trim_ascii_start();
    let stops = |b: &u8| matches!(b, b' ' | b'\t' | 0);
    let interpreter = line.split(stops).next().unwrap_or_default();
    let whole = end.is_some() || head.len() < LINE || interpreter.len() < line.len();
    Some(Shebang { interpreter, whole })
}

/// Reads fields of the byte order and the width that the file has.
struct Reader<'a> {
    bytes: &'a [u8],
    big: bool,
    wide: bool,
}

impl Reader<'_> {
    fn number(&self, at: usize, len: usize) -> Option<usize> {
        let field = self.bytes.get(at..at.checked_add(len)?)?;
        let fold = |n: u64, b: &u8| n << 8 | u64::from(*b);
        let number =
            if self.big { field.iter().fold(0, fold) } else { field.iter().rev().fold(0, fold) };
        usize::try_from(number).ok()
    }

    /// The field that is at `narrow` in a file of 32 bits, and at `wide` in one of 64.
    fn word(&self, base: usize, narrow: usize, wide: usize) -> Option<usize> {
        let (at, len) = if self.wide { (wide, 8) } else { (narrow, 4) };
        self.number(base.checked_add(at)?, len)
    }

    fn half(&self, narrow: usize, wide: usize) -> Option<usize> {
        self.number(if self.wide { wide } else { narrow }, 2)
    }

    fn linker(&self) -> Option<Vec<u8>> {
        const PT_INTERP: usize = 3;
        let table = self.word(0, 28, 32)?;
        let size = self.half(42, 54)?;
        (0..self.half(44, 56)?).find_map(|index| {
            let entry = index.checked_mul(size)?.checked_add(table)?;
            (self.number(entry, 4)? == PT_INTERP).then_some(())?;
            let from = self.word(entry, 4, 8)?;
            let len = self.word(entry, 16, 32)?;
            let name = self.bytes.get(from..from.checked_add(len)?)?;
            name.split(|&b| b == 0).next().map(<[u8]>::to_vec)
        })
    }
}

pub(super) fn read(head: &[u8]) -> Option<Elf> {
    let [b'\x7f', b'E', b'L', b'F', class, order, ..] = head else { return None };
    let file = Reader { bytes: head, big: *order == 2, wide: *class == 2 };
    let machine = file.number(18, 2).and_then(|m| machine(m, file.wide, file.big));
    Some(Elf { machine, linker: file.linker() })
}

fn machine(number: usize, wide: bool, big: bool) -> Option<&'static str> {
    Some(match (number, wide, big) {
        (3, ..) => "i386",
        (62, ..) => "x86_64",
        (40, ..) => "arm",
        (183, ..) => "aarch64",
        (243, true, _) => "riscv64",
        (243, false, _) => "riscv32",
        (20, ..) => "powerpc",
        (21, _, true) => "powerpc64",
        (21, _, false) => "powerpc64le",
        (22, ..) => "s390x",
        (8, true, _) => "mips64",
        (8, false, _) => "mips",
        (258, ..) => "loongarch64",
        (43, ..) => "sparc64",
        (4, ..) => "m68k",
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The head of a program of 64 bits, in the byte order of most machines.
    pub(crate) fn program(machine: u8, linker: &[u8]) -> Vec<u8> {
        let mut head = b"\x7fELF\x02\x01\x01".to_vec();
        head.resize(64, 0);
        head[18] = machine;
        head[32] = 64;
        head[54] = 56;
        head[56] = 2;
        head.resize(64 + 2 * 56, 0);
        head[64] = 6;
        let entry = 64 + 56;
        head[entry] = 3;
        head[entry + 8] = 176;
        head[entry + 32] = linker.len() as u8 + 1;
        head.extend_from_slice(linker);
        head.push(0);
        head
    }

    #[test]
    fn programs() {
        let head = program(183, b"/lib/ld-musl-aarch64.so.1");
        let elf = read(&head).unwrap();
        assert_eq!(elf.machine, Some("aarch64"));
        assert_eq!(elf.linker.as_deref(), Some(&b"/lib/ld-musl-aarch64.so.1"[..]));
        assert_eq!(interpreter_of(&head), elf.linker);
        for len in 0..head.len() {
            // A file may end anywhere.
            let _ = interpreter_of(&head[..len]);
        }
        assert_eq!(read(b"\x7fELF"), None);
        let mut wild = head;
        wild[32..64].fill(0xff);
        assert_eq!(read(&wild).unwrap().linker, None);
    }

    #[test]
    fn first_lines() {
        for (head, interpreter) in [
            (&b"#!/bin/sh\n"[..], Some(&b"/bin/sh"[..])),
            (b"#! \t/bin/sh -e\n", Some(b"/bin/sh")),
            (b"#!/bin/sh\r\necho", Some(b"/bin/sh\r")),
            (b"#!/bin/sh", Some(b"/bin/sh")),
            (b"#!\n", None),
            (b" #!/bin/sh\n", None),
            (b"", None),
        ] {
            assert_eq!(interpreter_of(head).as_deref(), interpreter, "{}", head.escape_ascii());
        }
        let long = [b"#!/", &[b'a'; 300][..], b"\n"].concat();
        assert!(!shebang(&long).unwrap().whole);
        assert!(shebang(b"#!/bin/sh\n").unwrap().whole);
    }
}
