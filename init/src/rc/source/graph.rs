//! What definitions say of each other: names to services, bundles to their contents, and what
//! waits for what.

use super::{Definition, Fault, Flaw, Kind, List, Named, Sources, cycles, pipelines};
use crate::rc::compiled::build::{Bundle, Service, Set};
use crate::rc::compiled::{self, ESSENTIAL, Id, NOMINAL};
use crate::rc::{FDHOLDER, ONESHOT_RUNNER};
use interpreter::diagnose::{nearest, shown};

/// For so many names that nobody has one is looked for that is meant.
const GUESSES: usize = 50;

/// All that has a name: the definitions, then the bundles that pipelines make.
pub(super) struct Names<'a> {
    pub sources: &'a Sources,
    /// The last service of each pipeline that has a name.
    pipelines: Vec<usize>,
    /// Places, sorted by names.
    sorted: Vec<u32>,
    guesses: usize,
}

impl<'a> Names<'a> {
    fn new(sources: &'a Sources, faults: &mut Vec<Fault>) -> Names<'a> {
        let all = &sources.definitions;
        // The original makes these bundles from the last to the first.
        let ends = (0..all.len()).rev().filter(|&i| !all[i].pipeline_name.names.is_empty());
        let mut names =
            Names { sources, pipelines: ends.collect(), sorted: Vec::new(), guesses: 0 };
        let mut sorted: Vec<u32> = (0..names.len() as u32).collect();
        sys::order::by_key(&mut sorted, |&i| names.name(i as usize));
        sorted.dedup_by(|again, first| {
            let same = names.name(*again as usize) == names.name(*first as usize);
            if same {
                faults.push(names.duplicate(*again as usize, *first as usize));
            }
            same
        });
        names.sorted = sorted;
        names
    }

    fn len(&self) -> usize {
        self.sources.definitions.len() + self.pipelines.len()
    }

    /// The definition that a name comes from.
    fn origin(&self, place: usize) -> &'a Definition {
        let all = &self.sources.definitions;
        all.get(place).unwrap_or_else(|| &all[self.pipelines[place - all.len()]])
    }

    fn is_pipeline(&self, place: usize) -> bool {
        place >= self.sources.definitions.len()
    }

    pub fn name(&self, place: usize) -> &'a [u8] {
        let origin = self.origin(place);
        match self.is_pipeline(place) {
            true => &origin.pipeline_name.names[0].name,
            false => &origin.name,
        }
    }

    pub fn kind(&self, place: usize) -> Kind {
        if self.is_pipeline(place) { Kind::Bundle } else { self.origin(place).kind }
    }

    pub fn find(&self, name: &[u8]) -> Option<usize> {
        let at = self.sorted.binary_search_by(|&i| self.name(i as usize).cmp(name)).ok()?;
        Some(self.sorted[at] as usize)
    }

    /// The file that a name comes from.
    fn path(&self, place: usize) -> Vec<u8> {
        let file = if self.is_pipeline(place) { "pipeline-name" } else { "" };
        self.origin(place).path(&self.sources.dirs, file)
    }

    fn duplicate(&self, again: usize, first: usize) -> Fault {
        let (name, path) = (shown(self.name(again)), self.path(again));
        let dir = match self.is_pipeline(again) {
            true => shown(&path),
            false => shown(&self.sources.dirs[self.origin(again).source]),
        };
        let kind = self.kind(first).name();
        let what = format!(
            "duplicate service definition: {name} defined in {dir} is already defined and has type \
             {kind}"
        );
        Fault::new(Flaw::Duplicate, path, what).help(format!(
            "the other one is {}: rename or remove one of them",
            shown(&self.path(first))
        ))
    }

    /// The name that is meant, perhaps, by one that nobody has.
    pub fn guess(&mut self, name: &[u8]) -> Option<&'a [u8]> {
        self.guesses += 1;
        if self.guesses > GUESSES {
            return None;
        }
        let word = name.trim_ascii();
        let word = word.strip_suffix(b"\\").unwrap_or(word);
        if let Some(place) = self.find(word) {
            return Some(self.name(place));
        }
        nearest(word, self.sorted.iter().map(|&i| self.name(i as usize)))
    }

    /// A fault of a list that has a name which nobody has.
    pub fn undefined(
        &mut self,
        flaw: Flaw,
        def: &Definition,
        list: &List,
        named: &Named,
        what: String,
    ) -> Fault {
        let path = def.path_of(&self.sources.dirs, list, named);
        let by = shown(&path);
        let mut fault = Fault::new(flaw, path, what);
        fault.at = named.at.clone();
        let near = self.guess(&named.name);
        let verb = if list.file.ends_with(".d") { "is where it is named" } else { "names it" };
        fault.help(match near {
            Some(near) if near == named.name.trim_ascii() => format!(
                "{by} {verb}: there is {}, without the blanks around it{}",
                shown(near),
                if named.name.ends_with(b"\r") { " (the file has CRLF line ends)" } else { "" }
            ),
            Some(near) => format!("{by} {verb}: is it {} that is meant?", shown(near)),
            None => format!("{by} {verb}: define it, or remove the name there"),
        })
    }
}

/// A way from a name to another, in two lists of the same length: where it leads to, and which
/// list says so (none: `producer-for`).
#[derive(Default)]
struct Edges {
    to: Vec<u32>,
    by: Vec<Option<u32>>,
}

/// Puts definitions together. None if something is wrong with them.
pub fn link(sources: &Sources, faults: &mut Vec<Fault>) -> Option<Set> {
    let mut names = Names::new(sources, faults);
    let consumers = pipelines::check(&mut names, faults);
    let mut edges: Vec<Edges> = Vec::with_capacity(names.len());
    for (place, def) in sources.definitions.iter().enumerate() {
        let mut own = resolve(&mut names, def, faults);
        if let Some(consumer) = consumers[place] {
            own.to.push(consumer);
            own.by.push(None);
        }
        edges.push(own);
    }
    for &end in &names.pipelines {
        let to = pipelines::members(end, &consumers, sources, &names);
        edges.push(Edges { by: vec![None; to.len()], to });
    }
    let is_bundle = |place: usize| names.kind(place) == Kind::Bundle;
    let order = bundles(&names, &edges, &is_bundle, faults);
    waits(&names, &edges, &is_bundle, faults);
    if super::code(faults).is_some() {
        return None;
    }
    Some(assemble(&names, &edges, &order, &consumers))
}

fn resolve(names: &mut Names, def: &Definition, faults: &mut Vec<Fault>) -> Edges {
    let mut edges = Edges::default();
    for (number, named) in (0..).zip(&def.list.names) {
        if let Some(place) = names.find(&named.name) {
            edges.to.push(place as u32);
            edges.by.push(Some(number));
            continue;
        }
        let (name, missing) = (def.shown(), shown(&named.name));
        let what = match def.kind {
            Kind::Bundle => {
                format!("during resolution of bundle {name}: undefined service name {missing}")
            }
            _ => format!(
                "during dependency resolution for service {name}: undefined service name {missing}"
            ),
        };
        faults.push(names.undefined(Flaw::Undefined, def, &def.list, named, what));
    }
    edges
}

/// Finds bundles that hold each other. All bundles, those that are in others first.
fn bundles(
    names: &Names,
    edges: &[Edges],
    is_bundle: &dyn Fn(usize) -> bool,
    faults: &mut Vec<Fault>,
) -> Vec<usize> {
    let inner: Vec<Vec<u32>> = (0..names.len())
        .map(|place| match is_bundle(place) {
            true => edges[place].to.iter().copied().filter(|&to| is_bundle(to as usize)).collect(),
            false => Vec::new(),
        })
        .collect();
    let of = |place: usize| &inner[place][..];
    let mut order = Vec::new();
    for part in cycles::parts(names.len(), of) {
        let first = part.iter().copied().min().unwrap_or_default();
        if let Some(way) = round(&part, names.len(), of, first) {
            let last = way.last().copied().unwrap_or(first);
            let [from, involved] = [first, last].map(|place| shown(names.name(place as usize)));
            let what = format!(
                "cyclic bundle definition: resolution of {from} encountered a cycle involving \
                 {involved}: {}",
                arrows(names, &way)
            );
            faults.push(cycle(names, edges, &way, what, "take one of these files away"));
        }
        order.extend(part.iter().map(|&place| place as usize).filter(|&place| is_bundle(place)));
    }
    order
}

/// Finds services that wait for each other.
fn waits(
    names: &Names,
    edges: &[Edges],
    is_bundle: &dyn Fn(usize) -> bool,
    faults: &mut Vec<Fault>,
) {
    let of = |place: usize| &edges[place].to[..];
    for part in cycles::parts(names.len(), of) {
        let services = part.iter().copied().filter(|&place| !is_bundle(place as usize));
        let Some(first) = services.min() else { continue };
        let Some(way) = round(&part, names.len(), of, first) else { continue };
        let services: Vec<u32> =
            way.iter().copied().filter(|&place| !is_bundle(place as usize)).collect();
        let last = services.last().copied().unwrap_or(first);
        let [from, involved] = [first, last].map(|place| shown(names.name(place as usize)));
        let what = format!(
            "cyclic service dependency reached from {from} and involving {involved}: {}",
            arrows(names, &way)
        );
        faults.push(cycle(names, edges, &way, what, "one of these has to go"));
    }
}

/// The cycle through a node of a part of the graph, if it is one.
fn round<'e>(
    part: &[u32],
    n: usize,
    of: impl Fn(usize) -> &'e [u32],
    first: u32,
) -> Option<Vec<u32>> {
    let alone = part.len() == 1 && !of(first as usize).contains(&first);
    if alone { None } else { cycles::shortest(n, of, first) }
}

/// `a -> b -> a`.
fn arrows(names: &Names, way: &[u32]) -> String {
    let mut text = String::new();
    for &place in way {
        text.push_str(&shown(names.name(place as usize)));
        text.push_str(" -> ");
    }
    text + &shown(names.name(way[0] as usize))
}

/// The fault of a cycle, with the file behind each step of it.
fn cycle(names: &Names, edges: &[Edges], way: &[u32], what: String, help: &str) -> Fault {
    let dirs = &names.sources.dirs;
    let mut files = Vec::new();
    for (i, &from) in way.iter().enumerate() {
        let (from, to) = (from as usize, way[(i + 1) % way.len()]);
        let step = edges[from].to.iter().position(|&other| other == to);
        let def = names.origin(from);
        files.push(match step.and_then(|step| edges[from].by[step]) {
            Some(by) => {
                let named = &def.list.names[by as usize];
                (def.path_of(dirs, &def.list, named), named.at.clone())
            }
            None if names.is_pipeline(from) => (def.path(dirs, "pipeline-name"), 0..0),
            None => (def.path(dirs, "producer-for"), 0..0),
        });
    }
    let list: Vec<String> = files.iter().map(|(path, _)| shown(path)).collect();
    let (path, at) = files.swap_remove(0);
    let mut fault =
        Fault::new(Flaw::Cycle, path, what).help(format!("{help}: {}", list.join(", ")));
    fault.at = at;
    fault
}

/// The database's content, of definitions that are in order.
fn assemble(names: &Names, edges: &[Edges], order: &[usize], consumers: &[Option<u32>]) -> Set {
    let mut set = Set::default();
    for name in [ONESHOT_RUNNER, FDHOLDER] {
        set.services.push(service(name, compiled::Kind::Longrun, ESSENTIAL | NOMINAL));
    }
    // Where each definition's service is in the set.
    let mut ids: Vec<Id> = vec![Id::MAX; names.len()];
    let definitions = names.sources.definitions.iter().enumerate();
    for (place, def) in definitions.clone().filter(|(_, def)| def.kind != Kind::Bundle) {
        ids[place] = set.services.len() as Id;
        let kind = match def.kind {
            Kind::Oneshot => compiled::Kind::Oneshot,
            _ => compiled::Kind::Longrun,
        };
        let mut service = service(&def.name, kind, def.flags);
        service.timeouts = def.timeouts;
        service.scripts.clone_from(&def.scripts);
        set.services.push(service);
    }
    let mut contents: Vec<Vec<Id>> = vec![Vec::new(); names.len()];
    let flat = |place: usize, contents: &[Vec<Id>]| {
        let mut all = Vec::new();
        for &to in &edges[place].to {
            match ids[to as usize] {
                Id::MAX => all.extend_from_slice(&contents[to as usize]),
                id => all.push(id),
            }
        }
        sys::order::ascending(&mut all);
        all.dedup();
        all
    };
    for &place in order {
        contents[place] = flat(place, &contents);
    }
    for (place, def) in definitions.filter(|(_, def)| def.kind != Kind::Bundle) {
        let mut dependencies = flat(place, &contents);
        if def.kind == Kind::Oneshot {
            dependencies.push(0);
        }
        if consumers[place].is_some() || !def.consumer_for.names.is_empty() {
            dependencies.push(1);
        }
        let service = &mut set.services[ids[place] as usize];
        service.dependencies = dependencies;
        service.consumer = consumers[place].map(|consumer| ids[consumer as usize]);
        if let Some(consumer) = consumers[place] {
            let list = &names.origin(consumer as usize).consumer_for.names;
            let rank = list.iter().position(|named| named.name == def.name).unwrap_or_default();
            // The original has the first one last where a pipeline ends.
            let ends = consumers[consumer as usize].is_none();
            let rank = if ends && rank == 0 { list.len() } else { rank };
            set.ranks.resize(set.services.len(), 0);
            set.ranks[ids[place] as usize] = rank as u32;
        }
    }
    for (place, contents) in contents.into_iter().enumerate() {
        if names.kind(place) != Kind::Bundle {
            continue;
        }
        let flags = if names.is_pipeline(place) { 0 } else { names.origin(place).flags };
        for &id in contents.iter().filter(|_| flags != 0) {
            set.services[id as usize].flags |= flags;
        }
        set.bundles.push(Bundle { name: names.name(place).to_vec(), contents });
    }
    set
}

fn service(name: &[u8], kind: compiled::Kind, flags: u32) -> Service {
    let (name, dependencies, scripts) = (name.to_vec(), Vec::new(), Default::default());
    Service { name, kind, flags, timeouts: [0; 2], dependencies, scripts, consumer: None }
}
