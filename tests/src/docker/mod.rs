//! Real containers: images built from Dockerfiles on a root file system that is made here from
//! Debian's busybox, because nothing can be pulled where these tests run.

mod image;

pub use image::{Image, clean, debian_programs};

use std::process::{Command, Output};

/// Runs `docker` with these words.
pub fn docker(args: &[&str]) -> Output {
    Command::new("docker").args(args).output().expect("docker can be run")
}

/// Runs `docker`, which has to succeed; what it said on standard output.
pub fn docker_ok(args: &[&str]) -> String {
    let out = docker(args);
    let (stdout, stderr) = texts(&out);
    assert!(out.status.success(), "docker {args:?}: {}\n{stdout}{stderr}", out.status);
    stdout
}

/// What a command said, on both outputs.
pub fn texts(out: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&out.stdout), text(&out.stderr))
}

/// Why there is no Docker engine here, if there is none, or none is wanted: `CHAINIT_DOCKER=no`.
pub fn missing() -> Option<String> {
    if std::env::var_os("CHAINIT_DOCKER").is_some_and(|wanted| wanted == "no") {
        return Some("CHAINIT_DOCKER=no".into());
    }
    match Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output() {
        Err(error) => Some(format!("no docker command: {error}")),
        Ok(out) if !out.status.success() => {
            Some(format!("no Docker engine: {}", String::from_utf8_lossy(&out.stderr).trim()))
        }
        Ok(_) => None,
    }
}

/// A container that is removed when the case ends, however it ends.
pub struct Container(String);

impl Container {
    /// `docker run -d` with options and, behind the image, the CMD.
    pub fn start(image: &Image, options: &[&str], cmd: &[&str]) -> Container {
        let args = [&["run", "-d"], options, &[image.tag()], cmd].concat();
        Container(docker_ok(&args).trim().to_owned())
    }

    /// What docker knows it by.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// `docker COMMAND … CONTAINER`; has to succeed.
    pub fn ask(&self, command: &[&str]) -> String {
        docker_ok(&[command, &[&self.0]].concat())
    }

    /// `docker exec`; has to succeed.
    pub fn exec(&self, command: &[&str]) -> String {
        docker_ok(&[&["exec", &self.0], command].concat())
    }

    /// `docker exec`, whatever comes.
    pub fn try_exec(&self, command: &[&str]) -> Output {
        docker(&[&["exec", &self.0], command].concat())
    }

    /// All that the container has said, both outputs together in the order of the lines.
    pub fn logs(&self) -> String {
        let out = Command::new("sh")
            .args(["-c", "docker logs \"$0\" 2>&1", &self.0])
            .output()
            .expect("sh can be run");
        texts(&out).0
    }

    /// Asks until the answer is yes, for half a minute at most.
    pub fn eventually(&self, what: &str, mut is_so: impl FnMut(&Container) -> bool) {
        for _ in 0..300 {
            if is_so(self) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("{what} did not come to pass; the container said:\n{}", self.logs());
    }

    /// The exit code, once it has ended.
    pub fn wait(&self) -> i32 {
        self.ask(&["wait"]).trim().parse().expect("docker wait tells a code")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the container said:\n{}", self.logs());
        }
        docker(&["rm", "-f", "-v", &self.0]);
    }
}
