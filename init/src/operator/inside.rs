//! What an operator asks within a container about its services: `chainit env`, `chainit exec`.

use super::fault::{Fault, show};
use crate::control::client;
use crate::stages::contenv::{DIR, flag};
use crate::stages::{env_files, path};
use clap::ArgMatches;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::number::{octal_prefix, uint};
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Fail, Next, Ran};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use stdlib_commands::s6::identity::Identity;

const SCANDIR: &[u8] = b"/run/service";

/// A service and its process.
struct Service {
    name: Vec<u8>,
    dir: Vec<u8>,
    /// 0: it does not run.
    pid: i32,
}

impl Service {
    fn find(name: &[u8]) -> Result<Service, Fault> {
        let dir = if name.contains(&b'/') { name.to_vec() } else { [SCANDIR, b"/", name].concat() };
        let pid = match client::status(&dir) {
            Ok(status) if status.is_up() => status.pid,
            Ok(_) => 0,
            Err(sys::Errno::ENOENT) => {
                let mut names = sys::fs::list(SCANDIR).unwrap_or_default();
                names.retain(|name| !name.starts_with(b"."));
                let names: Vec<String> = names.iter().map(|name| show(name)).collect();
                let what = format!("no service {} is supervised here", show(name));
                let help = format!("there are in {}: {}", show(SCANDIR), names.join(" "));
                return Err(Fault::said(what, help));
            }
            Err(errno) => return Err(Fault::at("read the state of", &dir, errno)),
        };
        Ok(Service { name: name.to_vec(), dir, pid })
    }

    fn proc(&self, file: &str) -> Vec<u8> {
        format!("/proc/{}/{file}", self.pid).into_bytes()
    }

    fn read(&self, file: &str) -> Result<Vec<u8>, Fault> {
        let path = self.proc(file);
        sys::fd::read_file_bytes(&path).map_err(|errno| Fault::at("read", &path, errno))
    }
}

/// The words of an environment as the kernel shows it.
fn environ(bytes: &[u8]) -> Env {
    let words = bytes.split(|&b| b == 0).filter(|word| !word.is_empty());
    Env::new(words.map(|word| leak(word.to_vec())).collect())
}

fn named(options: &ArgMatches) -> Option<&[u8]> {
    options.get_one::<OsString>("service").map(|name| name.as_bytes())
}

/// What is known of where a container's variables come from.
struct Origins {
    /// What `/init` was started with, if it can be read.
    start: Option<Env>,
    /// What `with-contenv` gives.
    container: Env,
    kept: bool,
}

impl Origins {
    fn read() -> Origins {
        let start = sys::fd::read_file(c"/proc/1/environ").ok().map(|bytes| environ(&bytes));
        let kept = start.as_ref().is_some_and(|env| flag(env.get(b"S6_KEEP_ENV")));
        let names = sys::fs::list(DIR).unwrap_or_default();
        let vars = names.iter().filter_map(|name| {
            let mut value = sys::fd::read_file_bytes(&[DIR, b"/", name].concat()).ok()?;
            value.pop_if(|last| *last == b'\n');
            Some(leak([&name[..], b"=", &value].concat()))
        });
        let mut container = Env::new(vars.collect());
        if kept {
            container = start.clone().unwrap_or_default();
            let path = path::complete(container.get(b"PATH"));
            container.set(b"PATH", &path);
            env_files::expand(&mut container);
        }
        Origins { start, container, kept }
    }

    /// Of a variable of the container.
    fn of_container(&self, name: &[u8], value: &[u8]) -> String {
        let Some(start) = &self.start else { return format!("{}/{}", show(DIR), show(name)) };
        let given = start.get(name);
        if flag(start.get(env_files::SWITCH))
            && let Some((file, path)) = file_of(start, name)
            && env_files::value(path).is_ok_and(|now| now == value)
        {
            return format!("the file {} ({})", show(path), show(&file));
        }
        match given {
            Some(given) if given == value => "the container (image, or how it was started)".into(),
            given if name == b"PATH" && path::complete(given) == value => {
                "the container, with the directories that /init needs".into()
            }
            Some(_) => format!("a script, which changed {}/{}", show(DIR), show(name)),
            None => format!("a script, which wrote {}/{}", show(DIR), show(name)),
        }
    }

    /// Of a variable of a service's process.
    fn of_service(&self, name: &[u8], value: &[u8]) -> String {
        match self.container.get(name) {
            Some(own) if own == value && name == b"PATH" => "/init".into(),
            Some(own) if own == value => {
                let by = if self.kept { "S6_KEEP_ENV" } else { "with-contenv" };
                format!("{by}: {}", self.of_container(name, value))
            }
            Some(_) => "its own, in the place of the container's".into(),
            None => "its own: what run and the programs behind it have set".into(),
        }
    }
}

fn file_of<'a>(start: &'a Env, name: &[u8]) -> Option<(Vec<u8>, &'a [u8])> {
    let names = [[b"FILE__", name].concat(), [name, b"_FILE"].concat()];
    names.into_iter().find_map(|file| start.get(&file).map(|path| (file, path)))
}

/// `chainit env`.
pub fn env(image: &mut Image, options: &ArgMatches) -> Ran {
    let text = shown_env(image, options)?;
    super::show(&text).map_err(super::failed)?;
    Ok(Next::Exit(0))
}

fn shown_env(image: &mut Image, options: &ArgMatches) -> Result<Vec<u8>, Fail> {
    let said = super::failed;
    let origins = Origins::read();
    if origins.container.vars().is_empty() {
        let help = "it is for containers that /init has started, from within: docker exec …";
        return Err(said(Fault::said("there is no container's environment here", help)));
    }
    let mut out = Vec::new();
    let Some(name) = named(options) else {
        table(&mut out, &origins.container, |name, value| origins.of_container(name, value));
        return Ok(out);
    };
    let service = Service::find(name).map_err(said)?;
    let mut env = match service.pid {
        0 => begin_of(&origins, &service, &mut out),
        _ => {
            become_user(image, &service.read("status").map_err(said)?)?;
            environ(&service.read("environ").map_err(said)?)
        }
    };
    env.unset(b"CHAINIT_TRACE");
    table(&mut out, &env, |name, value| origins.of_service(name, value));
    Ok(out)
}

/// What the script of a service that does not run would begin with.
fn begin_of(origins: &Origins, service: &Service, out: &mut Vec<u8>) -> Env {
    let script =
        sys::fd::read_file_bytes(&[&service.dir[..], b"/run"].concat()).unwrap_or_default();
    let first = script.split(|&b| b == b'\n').next().unwrap_or_default();
    let whole = origins.kept || first.windows(12).any(|part| part == b"with-contenv");
    let note =
        format!("# {} does not run; this is what its run begins with\n", show(&service.name));
    out.extend_from_slice(note.as_bytes());
    let vars = origins.container.vars().iter();
    Env::new(vars.filter(|var| whole || var.to_bytes().starts_with(b"PATH=")).copied().collect())
}

fn table(out: &mut Vec<u8>, env: &Env, origin: impl Fn(&[u8], &[u8]) -> String) {
    let mut vars: Vec<Arg> = env.vars().to_vec();
    sys::order::ascending(&mut vars);
    for var in vars {
        let var = var.to_bytes();
        let cut = var.iter().position(|&b| b == b'=').unwrap_or(var.len());
        let (name, value) = (&var[..cut], var.get(cut + 1..).unwrap_or_default());
        let line = format!("{}={}\t# {}\n", show(name), show(value), origin(name, value));
        out.extend_from_slice(line.as_bytes());
    }
}

/// `chainit exec`: becomes the command, as if the service had run it.
pub fn exec(image: &mut Image, options: &ArgMatches) -> Ran {
    let said = super::failed;
    let name = named(options).ok_or_else(Fail::usage)?;
    let words = options.get_many::<OsString>("command").into_iter().flatten();
    let argv: Vec<Arg> = words.map(|word| leak(word.as_bytes().to_vec())).collect();
    let service = Service::find(name).map_err(said)?;
    if service.pid == 0 {
        let what = format!("service {} does not run, so it has no environment", show(name));
        let help = format!("start it: s6-svc -wu -u {}", show(&service.dir));
        return Err(said(Fault::said(what, help)));
    }
    // Root of a container has mostly not the right to look into another user's process; that user has.
    become_user(image, &service.read("status").map_err(said)?)?;
    let cwd = leak(service.proc("cwd"));
    sys::fs::chdir(cwd).map_err(|errno| Fail::sys_at("enter", cwd.to_bytes(), errno))?;
    image.env = environ(&service.read("environ").map_err(said)?);
    image.enter(image.command);
    Ok(Next::Chain(Argv::new(argv)))
}

/// The numbers behind a key of /proc/PID/status.
fn numbers<'a>(status: &'a [u8], key: &[u8]) -> impl Iterator<Item = u32> + use<'a> {
    let line = status.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(key));
    line.unwrap_or_default().split(u8::is_ascii_whitespace).filter_map(uint)
}

fn become_user(image: &mut Image, status: &[u8]) -> Result<(), Fail> {
    let umask = status.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"Umask:\t"));
    if let Some(umask) = umask {
        sys::fs::umask(octal_prefix(umask).0);
    }
    let effective = |key| numbers(status, key).nth(1).unwrap_or_default();
    let (uid, gid) = (effective(b"Uid:"), effective(b"Gid:"));
    let (_, me, _, group) = sys::process::ids();
    if (me, group) == (uid, gid) && me != 0 {
        return Ok(());
    }
    if me != 0 && uid == 0 {
        return Err(Fail::bad(format!(
            "the service runs as root, and this is uid {me}\nhelp: docker exec -u 0 …"
        )));
    }
    Identity { uid, gid, groups: Some(numbers(status, b"Groups:").collect()) }.assume(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_numbers() {
        let status = b"Name:\tx\nUmask:\t0027\nUid:\t0\t33\t33\t33\nGroups:\t33 44 \nSeccomp:\t0\n";
        assert_eq!(numbers(status, b"Uid:").nth(1), Some(33));
        assert_eq!(numbers(status, b"Groups:").collect::<Vec<_>>(), [33, 44]);
        assert_eq!(numbers(status, b"Gid:").count(), 0);
    }

    #[test]
    fn where_variables_come_from() {
        let origins = Origins {
            start: Some(Env::new(vec![c"A=1", c"B=2", c"PATH=/bin"])),
            container: Env::new(vec![c"A=1", c"B=3", c"C=4", c"PATH=/command:/usr/bin:/bin"]),
            kept: false,
        };
        let of = |name: &str, value: &str| origins.of_container(name.as_bytes(), value.as_bytes());
        assert!(of("A", "1").starts_with("the container ("));
        assert_eq!(of("B", "3"), "a script, which changed /run/s6/container_environment/B");
        assert_eq!(of("C", "4"), "a script, which wrote /run/s6/container_environment/C");
        assert!(of("PATH", "/command:/usr/bin:/bin").starts_with("the container, with"));
        assert_eq!(origins.of_service(b"PATH", b"/command:/usr/bin:/bin"), "/init");
        assert!(origins.of_service(b"A", b"1").starts_with("with-contenv: the container"));
        assert!(origins.of_service(b"A", b"9").starts_with("its own, in"));
        assert!(origins.of_service(b"Z", b"9").starts_with("its own: "));
    }
}
