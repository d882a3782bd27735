//! What `chainit run` is asked for, before anything is done about it.

use super::super::fault::show;

/// A container to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The directory whose files are laid over the root.
    pub tree: Vec<u8>,
    /// The root that shows through: the machine's own, or an image's directory.
    pub base: Vec<u8>,
    /// Its environment.
    pub env: Vec<Vec<u8>>,
    /// What `/init` is given to run; may be empty.
    pub command: Vec<Vec<u8>>,
    /// The directory in which everything starts.
    pub workdir: Vec<u8>,
    /// Its host name.
    pub hostname: Vec<u8>,
    /// How long a stop may take before everything is killed, in milliseconds.
    pub grace: u64,
    /// It gets a terminal of its own, connected to the caller's.
    pub terminal: bool,
}

/// Where the programs of an image are; Docker's words.
const PATH: &[u8] = b"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The environment of a container, as Docker makes it: nothing of the caller's gets in but what
/// was asked for. `asked`: `NAME=value`, or `NAME` alone for the caller's value. An `Err` is the
/// word that is neither.
pub fn environment(
    hostname: &[u8],
    term: Option<&[u8]>,
    asked: &[Vec<u8>],
    caller: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<Vec<u8>>, String> {
    let mut env = vec![PATH.to_vec(), [b"HOSTNAME=", hostname].concat()];
    env.extend(term.map(|term| [b"TERM=", term].concat()));
    env.push(b"HOME=/root".to_vec());
    for word in asked {
        let name = word.split(|&b| b == b'=').next().unwrap_or(b"");
        if name.is_empty() {
            return Err(show(word));
        }
        env.retain(|var| var.strip_prefix(name).is_none_or(|rest| rest.first() != Some(&b'=')));
        if word.len() > name.len() {
            env.push(word.clone());
        } else if let Some(value) = caller(name) {
            env.push([name, b"=", &value].concat());
        }
    }
    Ok(env)
}

/// A host name made from the last part of a path.
pub fn hostname(path: &[u8]) -> Vec<u8> {
    const LONGEST: usize = 63;
    let mut name: Vec<u8> = interpreter::resolve::basename(path)
        .iter()
        .map(|&b| if b.is_ascii_alphanumeric() { b } else { b'-' })
        .skip_while(|&b| b == b'-')
        .take(LONGEST)
        .collect();
    while name.last() == Some(&b'-') {
        name.pop();
    }
    if name.is_empty() { b"chainit".to_vec() } else { name }
}

/// A directory of the machine that a tmpfs may cover in the container's view while it is being
/// built: none from which something is still to be read.
pub fn stage<'a>(candidates: &[&'a [u8]], needed: &[&[u8]]) -> Option<&'a [u8]> {
    let covers = |dir: &[u8], path: &[u8]| {
        path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    };
    candidates.iter().copied().find(|dir| !needed.iter().any(|path| covers(dir, path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<Vec<u8>> {
        list.iter().map(|w| w.as_bytes().to_vec()).collect()
    }

    #[test]
    fn the_environment_is_what_was_asked_for() {
        let caller = |name: &[u8]| (name == b"LANG").then(|| b"C".to_vec());
        let asked = words(&["A=1", "LANG", "NONE", "HOME=/srv", "A=2="]);
        let env = environment(b"web", Some(b"xterm"), &asked, caller).unwrap();
        let rest = words(&["HOSTNAME=web", "TERM=xterm", "LANG=C", "HOME=/srv", "A=2="]);
        assert_eq!(env[0], PATH);
        assert_eq!(env[1..], rest);
        assert!(environment(b"web", None, &words(&["=1"]), caller).is_err());
    }

    #[test]
    fn host_names_are_letters_digits_and_dashes() {
        assert_eq!(hostname(b"/srv/My_web.d"), b"My-web-d");
        assert_eq!(hostname(b"/"), b"chainit");
        assert_eq!(hostname(b"/x/\xff\xff"), b"chainit");
    }

    #[test]
    fn the_stage_covers_nothing_that_is_needed() {
        let candidates: [&[u8]; 2] = [b"/run", b"/tmp"];
        assert_eq!(stage(&candidates, &[b"/", b"/srv/web"]), Some(&b"/run"[..]));
        assert_eq!(stage(&candidates, &[b"/run/user/tree"]), Some(&b"/tmp"[..]));
        assert_eq!(stage(&candidates, &[b"/running"]), Some(&b"/run"[..]));
        assert_eq!(stage(&candidates, &[b"/run", b"/tmp/x"]), None);
    }
}
