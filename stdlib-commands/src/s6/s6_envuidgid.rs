//! `s6-envuidgid`: a user's or group's numbers in the environment of the rest.

use super::identity;
use super::s6_applyuidgid::VARIABLES;
use crate::{options, passwd};
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::io::Write;
use sys::Errno;

/// The command.
pub const COMMAND: Command = Command {
    name: "s6-envuidgid",
    usage: "s6-envuidgid [ -i | -D defaultuid:defaultgid:defaultgidlist ] [ -u | -g | -B ] \
            [ -n ] account prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// How an account is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Account {
    /// A user with all of its groups.
    Whole,
    /// A user's own id alone.
    User,
    /// A group.
    Group,
    /// `user:group`, either of which may be missing.
    Both,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Query {
    account: Account,
    /// Names that nobody has may be numbers.
    numbers: bool,
    /// For an unknown account.
    default: Option<Ids>,
}

/// The numbers. Those that were not asked for are of no account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its other groups.
    pub groups: Vec<u32>,
}

/// 1: the account is unknown; 111: the groups can't be read.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut query = Query::whole(None);
    options::take(&mut argv, "ugBniD:", |letter, value| query.option(letter, value.to_bytes()))?;
    let [account, _, ..] = *argv else { return Err(Fail::usage()) };
    let ids = query.answer(account.to_bytes())?;
    query.export(&mut image.env, &ids);
    argv.advance(1);
    Ok(Next::Chain(argv))
}

impl Query {
    /// A user with all of its groups, or these.
    pub fn whole(default: Option<Ids>) -> Query {
        Query { account: Account::Whole, numbers: false, default }
    }

    /// `user:group`, by names or numbers, each with its default.
    pub fn both(default: Option<Ids>) -> Query {
        Query { account: Account::Both, numbers: true, default }
    }

    fn option(&mut self, letter: u8, value: &[u8]) -> Result<(), Fail> {
        match letter {
            b'u' => self.account = Account::User,
            b'g' => self.account = Account::Group,
            b'B' => self.account = Account::Both,
            b'n' => {
                self.numbers = true;
                if self.account == Account::Whole {
                    self.account = Account::Both;
                }
            }
            b'i' => self.default = None,
            _ => self.default = Some(defaults(value).ok_or_else(Fail::usage)?),
        }
        Ok(())
    }

    /// The account's numbers. Exit code 1 where it is unknown and there are no defaults.
    pub fn answer(&self, account: &[u8]) -> Result<Ids, Fail> {
        let mut ids = self.default.clone().unwrap_or_default();
        let (user, group) = self.names(account);
        if let Some(name) = group {
            let found = passwd::find_group(name);
            if let Some(gid) = self.resolve("group", name, passwd::GROUP, found)? {
                ids.gid = gid;
            }
        }
        let Some(name) = user else { return Ok(ids) };
        let found = passwd::find_user(name);
        if self.account != Account::Whole {
            let uid = found.map(|user| user.map(|user| user.uid));
            if let Some(uid) = self.resolve("user", name, passwd::PASSWD, uid)? {
                ids.uid = uid;
            }
        } else if let Ok(Some(user)) = found {
            let groups = passwd::find_groups_of(name)
                .map_err(|errno| Fail::sys_at("get supplementary groups for", name, errno))?;
            ids = Ids { uid: user.uid, gid: user.gid, groups };
        } else if self.default.is_none() {
            return Err(unknown("user", name, passwd::PASSWD, found.err()));
        }
        Ok(ids)
    }

    fn names<'a>(&self, account: &'a [u8]) -> (Option<&'a [u8]>, Option<&'a [u8]>) {
        match self.account {
            Account::Whole | Account::User => (Some(account), None),
            Account::Group => (None, Some(account)),
            Account::Both => match account.iter().position(|&b| b == b':') {
                None => (Some(account), None),
                Some(colon) => {
                    let named = |name: &'a [u8]| Some(name).filter(|name| !name.is_empty());
                    (named(&account[..colon]), named(&account[colon + 1..]))
                }
            },
        }
    }

    /// The number that was found, or that the name is; none where the default counts.
    fn resolve(
        &self,
        kind: &str,
        name: &[u8],
        file: &str,
        found: Result<Option<u32>, Errno>,
    ) -> Result<Option<u32>, Fail> {
        if let Ok(Some(id)) = found {
            return Ok(Some(id));
        }
        if let (true, (id, 1..)) = (self.numbers, number::uint_prefix(name)) {
            return Ok(Some(id));
        }
        match self.default {
            Some(_) => Ok(None),
            None => Err(unknown(kind, name, file, found.err())),
        }
    }

    fn export(&self, env: &mut Env, ids: &Ids) {
        let [uid, gid, groups] = VARIABLES;
        if self.account != Account::Group {
            env.set(uid, ids.uid.to_string().as_bytes());
        }
        if self.account != Account::User {
            env.set(gid, ids.gid.to_string().as_bytes());
        }
        if self.account == Account::Whole {
            env.set(groups, &joined(&ids.groups));
        }
    }
}

impl Ids {
    /// Puts all of them into the environment, as this command does for a whole account.
    pub fn export(&self, env: &mut Env) {
        Query::whole(None).export(env, self);
    }
}

fn unknown(kind: &str, name: &[u8], file: &str, errno: Option<Errno>) -> Fail {
    let name = shown(name);
    let cause = errno.map_or_else(|| "it has no such line".into(), sys::reason);
    Fail::with_code(1, format!("unknown {kind}: {name}\n{file}: {cause}"))
}

fn joined(ids: &[u32]) -> Vec<u8> {
    let mut text = Vec::new();
    for (i, id) in ids.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{id}");
    }
    text
}

/// `uid:gid:gidlist`; each part may be empty, those at the end may be missing.
pub fn defaults(text: &[u8]) -> Option<Ids> {
    let (uid, rest) = default_id(text)?;
    let (gid, rest) = match rest {
        None | Some([]) => (0, None),
        Some(rest) => default_id(rest)?,
    };
    let groups = identity::list(rest.unwrap_or_default())?;
    Some(Ids { uid, gid, groups })
}

/// The number that the text begins with, and what is behind its colon.
fn default_id(text: &[u8]) -> Option<(u32, Option<&[u8]>)> {
    let (id, digits) = number::uint_prefix(text);
    match &text[digits..] {
        [] if digits > 0 => Some((id, None)),
        [b':', rest @ ..] => Some((id, Some(rest))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_ids() {
        let ids = |uid, gid, groups: &[u32]| Some(Ids { uid, gid, groups: groups.to_vec() });
        for (text, expected) in [
            (&b"5"[..], ids(5, 0, &[])),
            (b"5:", ids(5, 0, &[])),
            (b"5:6", ids(5, 6, &[])),
            (b":6", ids(0, 6, &[])),
            (b"::7,8", ids(0, 0, &[7, 8])),
            (b"5:6:", ids(5, 6, &[])),
            (b"5:6:7", ids(5, 6, &[7])),
            (b":", ids(0, 0, &[])),
            (b"", None),
            (b"x", None),
            (b"5x", None),
            (b"5:x", None),
            (b"5:6x", None),
            (b"5:6:x", None),
        ] {
            assert_eq!(defaults(text), expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn what_the_account_names() {
        let names = |account, text| {
            let query = Query { account, numbers: false, default: None };
            let (user, group) = query.names(text);
            (user.map(<[u8]>::to_vec), group.map(<[u8]>::to_vec))
        };
        let some = |text: &[u8]| Some(text.to_vec());
        assert_eq!(names(Account::Whole, b"a:b"), (some(b"a:b"), None));
        assert_eq!(names(Account::Group, b"a"), (None, some(b"a")));
        assert_eq!(names(Account::Both, b"a:b:c"), (some(b"a"), some(b"b:c")));
        assert_eq!(names(Account::Both, b":b"), (None, some(b"b")));
        assert_eq!(names(Account::Both, b"a:"), (some(b"a"), None));
        assert_eq!(names(Account::Both, b"a"), (some(b"a"), None));
    }

    #[test]
    fn numerical_fallback_means_both_unless_told_otherwise() {
        let letters = |letters: &[u8]| {
            let mut query = Query::whole(None);
            letters.iter().for_each(|&l| assert!(query.option(l, b"").is_ok()));
            (query.account, query.numbers)
        };
        assert_eq!(letters(b"n"), (Account::Both, true));
        assert_eq!(letters(b"un"), (Account::User, true));
        assert_eq!(letters(b"ng"), (Account::Group, true));
    }
}
