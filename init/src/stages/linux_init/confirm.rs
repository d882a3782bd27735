//! `-i`: whoever ends a machine has to type its name.

use interpreter::word::Fail;
use sys::fd;

const PROMPT: &[u8] = b"Please enter the machine's hostname: ";

/// Asks. Exit codes: 1 it is another name, 100 there is no terminal to ask on, 111 the system
/// said no.
pub fn confirm() -> Result<(), Fail> {
    if !fd::is_terminal(0) || !fd::is_terminal(1) {
        let what = "unable to ask hostname confirmation: stdin or stdout is not a tty";
        return Err(Fail::bad(what));
    }
    let fail = |what: &'static str| move |errno| Fail::sys(what, errno);
    let name = sys::mount::hostname().map_err(fail("get host name"))?;
    fd::write_all(1, PROMPT).map_err(fail("write to stdout"))?;
    // What was typed before the question is no answer to it.
    let _ = sys::space::forget_input(0);
    let mut typed = Vec::with_capacity(256);
    let got = fd::read_more(0, &mut typed).map_err(fail("read from stdin"))?;
    if got > 0 && is_name(&name, &typed) {
        return Ok(());
    }
    let name = interpreter::diagnose::shown(short(&name));
    Err(Fail::with_code(1, format!("hostname mismatch: expecting {name}")))
}

/// A name without its domain and its line's end.
fn short(name: &[u8]) -> &[u8] {
    name.split(|&b| b == b'.' || b == b'\n').next().unwrap_or(b"")
}

fn is_name(name: &[u8], typed: &[u8]) -> bool {
    short(name).eq_ignore_ascii_case(short(typed))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_without_its_domain() {
        for typed in ["host", "HOST\n", "host.other.org\n", "host\nmore"] {
            assert!(is_name(b"Host.example.org", typed.as_bytes()), "{typed}");
        }
        for typed in ["", "\n", "hos", "host ", ".host"] {
            assert!(!is_name(b"host", typed.as_bytes()), "{typed}");
        }
    }
}
