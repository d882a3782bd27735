//! The services that are drawn, whatever they were read from.

use crate::operator::check;
use crate::operator::fault::{Fault, show};
use crate::operator::timeline::read::{self, How};
use crate::rc::compiled::{Db, Entry, Id, Kind, Way, build};
use crate::rc::live::{Access, Live};
use crate::rc::source;
use interpreter::diagnose::nearest;

/// What is known of a service while there is a live state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is up.
    Up,
    /// It is down.
    Down,
    /// Somebody is at work on it, or died over that.
    Between,
    /// It could not be brought up, or down, the last time.
    Failed,
}

impl State {
    /// In a word.
    pub fn name(self) -> &'static str {
        ["up", "down", "in transition", "failed"][self as usize]
    }

    /// Its colour on a terminal.
    pub fn style(self) -> &'static str {
        ["\x1b[32m", "\x1b[2m", "\x1b[33m", "\x1b[1;31m"][self as usize]
    }

    /// Its colour in drawings.
    pub fn color(self) -> &'static str {
        ["#d3efd3", "#e8e8e8", "#fbeebc", "#f6c6c6"][self as usize]
    }
}

/// A service that is drawn.
pub struct Node {
    /// Its name.
    pub name: &'static [u8],
    /// Longrun or oneshot.
    pub kind: Kind,
    /// Only stopped by force?
    pub essential: bool,
    /// What it depends on: places among the nodes.
    pub needs: Vec<usize>,
    /// Whose input its output is.
    pub consumer: Option<usize>,
    /// Only with a live state.
    pub state: Option<State>,
    /// How many microseconds it took to come up the last time.
    pub took: Option<u64>,
}

/// What is drawn.
pub struct View {
    /// The services, by name.
    pub nodes: Vec<Node>,
    /// Bundles of them, with what is in them.
    pub bundles: Vec<(&'static [u8], Vec<usize>)>,
}

/// Which services of a database are drawn.
pub struct Choice<'a> {
    /// These, with what they need; none: all.
    pub names: &'a [&'a [u8]],
    /// Not what they need, but what needs them.
    pub dependents: bool,
}

/// Reads what is at a path, or at several paths of definitions. None: these are at fault, which
/// has been said.
pub fn open(paths: &[&[u8]], choice: &Choice) -> Result<Option<View>, Fault> {
    // A definition, which may have any name, is a directory.
    let has = |path: &[u8], name: &[u8]| {
        sys::fs::stat_bytes(&[path, name].concat()).is_ok_and(|stat| stat.is_file())
    };
    if let [path] = paths {
        if has(path, b"/state") && has(path, b"/compiled/db") {
            let access = Access { change: false, locks: false, waits: false };
            let live =
                Live::open(path, access).map_err(|fail| Fault::said(fail.to_string(), ""))?;
            let mut view = View::new(live.db, choice)?;
            view.add_states(&live);
            return Ok(Some(view));
        }
        if has(path, b"/db") {
            let db = Db::open(path).map_err(|bad| {
                Fault::said(format!("unable to read the database {}: {bad}", show(path)), "")
            })?;
            return View::new(db, choice).map(Some);
        }
    }
    defined(paths)?.map(|db| View::new(db, choice)).transpose()
}

/// Compiles definitions, in memory.
fn defined(paths: &[&[u8]]) -> Result<Option<Db>, Fault> {
    if let Some(path) =
        paths.iter().find(|path| !sys::fs::stat_bytes(path).is_ok_and(|s| s.is_dir()))
    {
        let what = format!("{} is no directory", show(path));
        let help = "name a live directory, a compiled database, or directories of definitions";
        return Err(Fault::said(what, help));
    }
    let mut faults = Vec::new();
    let sources = check::definitions(paths, &mut faults);
    let set = source::link(&sources, &mut faults);
    let Some(set) = set.filter(|_| source::code(&faults).is_none()) else {
        let grave = faults.iter().filter(|fault| fault.flaw.code().is_some());
        let text: Vec<u8> = grave.flat_map(|fault| fault.message("chainit")).collect();
        let _ = sys::fd::write_all(2, &text);
        return Ok(None);
    };
    let db = Db::read(Vec::leak(build::build(&set)));
    db.map(Some).map_err(|bad| Fault::said(bad.to_string(), ""))
}

impl View {
    fn new(db: Db, choice: &Choice) -> Result<View, Fault> {
        let mut chosen = vec![choice.names.is_empty(); db.len()];
        for name in choice.names {
            let Some(entry) = db.find(name) else { return Err(unknown(db, name)) };
            db.atoms(entry).into_iter().for_each(|id| chosen[id as usize] = true);
        }
        db.close(&mut chosen, if choice.dependents { Way::Down } else { Way::Up });
        let drawn = |id: &Id| chosen[*id as usize] && !db.service(*id).is_nominal();
        let mut ids: Vec<Id> = (0..db.len() as Id).filter(drawn).collect();
        sys::order::by_key(&mut ids, |&id| db.service(id).name());
        let mut places = vec![None; db.len()];
        for (place, &id) in ids.iter().enumerate() {
            places[id as usize] = Some(place);
        }
        let node = |&id: &Id| {
            let service = db.service(id);
            let mut needs: Vec<usize> =
                service.needs(Way::Up).filter_map(|id| places[id as usize]).collect();
            sys::order::ascending(&mut needs);
            Node {
                name: service.name().to_bytes(),
                kind: service.kind(),
                essential: service.is_essential(),
                needs,
                consumer: service.consumer().and_then(|id| places[id as usize]),
                state: None,
                took: None,
            }
        };
        let nodes = ids.iter().map(node).collect();
        let bundles = (0..db.bundles()).filter_map(|bundle| {
            let contents = db.contents(bundle).filter(|&id| !db.service(id).is_nominal());
            let contents: Option<Vec<usize>> = contents.map(|id| places[id as usize]).collect();
            // One of which a part is left out would look like another one.
            let mut contents = contents.filter(|all| !all.is_empty() || choice.names.is_empty())?;
            sys::order::ascending(&mut contents);
            Some((db.bundle_name(bundle).to_bytes(), contents))
        });
        let mut bundles: Vec<_> = bundles.collect();
        sys::order::ascending(&mut bundles);
        Ok(View { nodes, bundles })
    }

    fn add_states(&mut self, live: &Live) {
        let text = sys::fd::read_file_bytes(&[&live.dir[..], b"/timeline"].concat());
        let text = text.unwrap_or_default();
        let changes = read::changes(&text, None);
        // The last one counts.
        let passes = || changes.iter().flatten().rev();
        for node in &mut self.nodes {
            let Some(Entry::Service(id)) = live.db.find(node.name) else { continue };
            let steps =
                |pass: &'_ &read::Pass| pass.steps.iter().rposition(|s| s.name == node.name);
            let last = passes().find_map(|pass| steps(&pass).map(|i| &pass.steps[i]));
            node.state = Some(match (live.up(id), last) {
                (None, _) => State::Between,
                (Some(up), Some(step)) if step.how == How::Failed && !up => State::Failed,
                (Some(true), _) => State::Up,
                (Some(false), _) => State::Down,
            });
            let up = passes().filter(|pass| pass.up);
            let mut done = up.filter_map(|pass| steps(&pass).map(|i| &pass.steps[i]));
            node.took = done.find(|step| step.how == How::Done).map(|step| step.took());
        }
    }

    /// Who needs each node.
    pub fn dependents(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new(); self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            node.needs.iter().for_each(|&need| all[need].push(i));
        }
        all
    }
}

fn unknown(db: Db, name: &[u8]) -> Fault {
    let names = db.entries().map(|entry| db.name(entry).to_bytes());
    let help =
        nearest(name, names).map_or_else(String::new, |near| format!("there is {}", show(near)));
    Fault::usage(format!(
        "there is no service or bundle {}{}",
        show(name),
        if help.is_empty() { help } else { format!("\nhelp: {help}") }
    ))
}
