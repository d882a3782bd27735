//! A longrun's files: what its service directory will have, and the pipelines that it is in.

use super::reader::{FILES, KEPT, Reader, place};
use super::{Flaw, List, Part, words};
use interpreter::diagnose::shown;

/// The files of a service directory that have a number in them; the descriptors first.
const NUMBERS: [&str; 5] =
    ["notification-fd", "lock-fd", "timeout-kill", "timeout-finish", "max-death-tally"];

impl Reader<'_> {
    pub fn longrun(&mut self) {
        self.program("run");
        self.program("finish");
        self.numbers();
        for file in ["down-signal", "reload-signal"] {
            if let Some(content) = self.content(file, KEPT) {
                self.def.parts.push((file, Part::File(content)));
            }
        }
        for file in ["flag-newpidns", "flag-timeout-killpg"] {
            if self.has(file) {
                self.def.parts.push((file, Part::File(Vec::new())));
            }
        }
        for file in ["data", "env", "instance", "instances", "template"] {
            self.tree(file);
        }
        self.pipeline();
    }

    fn program(&mut self, file: &'static str) {
        if !self.has(file) {
            if file == "run" {
                let what = format!("unable to find a run script in {}", self.shown(file));
                self.fault(Flaw::Missing, file, what)
                    .help
                    .push("a longrun has a file run: the program that is supervised".into());
            }
            return;
        }
        match self.part(file) {
            Ok(Some(part)) => self.def.parts.push((file, part)),
            Ok(None) => {
                let what = format!("{} is not a regular file", self.shown(file));
                self.fault(Flaw::NoFile, file, what);
            }
            // The original leaves a finish that it can't read out.
            Err(_) if file == "finish" => {}
            Err(errno) => self.failed("open", file, errno),
        }
    }

    fn numbers(&mut self) {
        let mut fds: [Option<u32>; 2] = [None; 2];
        for (i, file) in NUMBERS.iter().enumerate() {
            let Some(content) = self.content(file, 64) else { continue };
            let Some(number) = words::number(&content) else {
                self.no_number(file, &content);
                continue;
            };
            self.def.parts.push((file, Part::File(format!("{number}\n").into_bytes())));
            let Some(fd) = fds.get_mut(i) else { continue };
            *fd = Some(number).filter(|&fd| fd > 2);
            if number < 3 {
                let what = format!("longrun {} has a {file} of {number}", self.def.shown());
                let use_of = ["standard input", "standard output", "standard error"];
                let what_for = use_of.get(number as usize).unwrap_or(&"");
                self.fault(Flaw::LowDescriptor, file, what)
                    .help
                    .push(format!("{number} is the {what_for}: use a number from 3 on"));
            }
        }
        if let [Some(a), Some(b)] = fds
            && a == b
        {
            let name = self.def.shown();
            let what = format!("longrun {name} has the same value for notification-fd and lock-fd");
            self.fault(Flaw::Number, "lock-fd", what);
        }
    }

    fn tree(&mut self, file: &'static str) {
        if !self.has(file) {
            return;
        }
        let path = self.path(file);
        match sys::fs::stat_bytes(&path) {
            Ok(stat) if stat.is_dir() => self.def.parts.push((file, Part::Tree)),
            Ok(_) => {
                self.fault(Flaw::NoFile, file, format!("{} is not a directory", shown(&path)));
            }
            Err(errno) => self.failed("stat", file, errno),
        }
    }

    fn pipeline(&mut self) {
        self.def.producer_for = self.one("producer-for", "service name");
        self.def.consumer_for = self.names("consumer-for").unwrap_or_default();
        let is_last =
            self.def.producer_for.names.is_empty() && !self.def.consumer_for.names.is_empty();
        if is_last {
            self.def.pipeline_name = self.one("pipeline-name", "name");
        } else if self.has("pipeline-name") {
            let path = shown(&self.path(""));
            let what = format!(
                "{path} contains a pipeline-name file despite not being a last consumer; this file \
                 will be ignored"
            );
            self.fault(Flaw::Ignored, "pipeline-name", what).help.push(
                "the last service of a pipeline has it: the one that is a consumer and no producer"
                    .into(),
            );
        }
        for name in &self.def.producer_for.names {
            self.talk.info(3, || {
                format!("{} is a producer for {}", self.def.shown(), shown(&name.name))
            });
        }
        for name in &self.def.consumer_for.names {
            self.talk.info(3, || {
                format!("{} is a consumer for {}", self.def.shown(), shown(&name.name))
            });
        }
    }

    /// A list of one name.
    fn one(&mut self, file: &'static str, what: &str) -> List {
        match self.names(file) {
            Some(list) if list.names.len() == 1 => return list,
            Some(_) => {
                let what = format!("{} should only contain one {what}", shown(&self.path(file)));
                self.fault(Flaw::Pipeline, file, what);
            }
            None => {}
        }
        List::default()
    }

    /// A program's file: none if it is no file.
    fn part(&mut self, file: &str) -> sys::Result<Option<Part>> {
        if self.regular & 1 << place(file) == 0
            && !sys::at::stat(self.fd, FILES[place(file)])?.is_file()
        {
            return Ok(None);
        }
        let content = self.read(file, KEPT + 1)?;
        Ok(Some(if content.len() > KEPT { Part::Big } else { Part::File(content) }))
    }
}
