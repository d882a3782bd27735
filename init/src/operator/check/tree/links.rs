//! What definitions have to do with each other, and with services of the old kind.

use super::super::finding::{IN_NO_BUNDLE, LEGACY_TWIN, NO_BASE, NO_BASE_HERE};
use super::{Notes, below, facts, is_dir, split};
use crate::operator::root::join;
use crate::rc::source::{Definition, Kind, Sources};
use interpreter::diagnose::{Remark, shown};

/// Services that nothing starts, that wait for nothing, and that are there twice. Those of the
/// first `count` directories are looked at.
pub fn check(sources: &Sources, count: usize, overlay: Option<Option<&[u8]>>, notes: &mut Notes) {
    let web = Web::new(sources);
    let all = &sources.definitions;
    let services = || {
        let atomic = |def: &Definition| matches!(def.kind, Kind::Longrun | Kind::Oneshot);
        all.iter().enumerate().filter(move |(_, def)| def.source < count && atomic(def))
    };
    let held = web.held(sources);
    match overlay {
        Some(root) => {
            let started = web.from(facts::TOP, &web.to);
            let first = web.from(facts::BASE, &web.to);
            let waiting = web.from(facts::BASE, &web.back);
            let is_prepared = root.is_none_or(prepares);
            for (place, def) in services() {
                if !started[place] && !held[place] {
                    unused(sources, def, notes);
                }
                // Of a chain, the first one has to wait.
                if !first[place] && !waiting[place] && web.to[place].is_empty() {
                    early(sources, def, is_prepared, notes);
                }
            }
            if let Some(root) = root {
                services().for_each(|(_, def)| twin(sources, def, root, notes));
            }
        }
        None if all.iter().any(|def| def.kind == Kind::Bundle) => {
            for (place, def) in services() {
                if !held[place] && web.back[place].is_empty() {
                    unused(sources, def, notes);
                }
            }
        }
        None => {}
    }
}

/// Who names whom.
struct Web<'a> {
    names: Vec<(&'a [u8], usize)>,
    to: Vec<Vec<usize>>,
    back: Vec<Vec<usize>>,
}

impl<'a> Web<'a> {
    fn new(sources: &'a Sources) -> Web<'a> {
        let all = &sources.definitions;
        let mut names: Vec<_> =
            all.iter().enumerate().map(|(place, def)| (&def.name[..], place)).collect();
        names.extend(all.iter().enumerate().flat_map(|(place, def)| {
            // Whoever has the pipeline has its last service, which the others are found by.
            def.pipeline_name.names.iter().map(move |named| (&named.name[..], place))
        }));
        sys::order::ascending(&mut names);
        let (to, back) = (vec![Vec::new(); all.len()], vec![Vec::new(); all.len()]);
        let mut web = Web { names, to, back };
        for (place, def) in all.iter().enumerate() {
            let lists = [&def.list, &def.producer_for];
            for named in lists.into_iter().flat_map(|list| &list.names) {
                for other in web.places(&named.name) {
                    web.to[place].push(other);
                    web.back[other].push(place);
                }
            }
        }
        web
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let at = self.names.binary_search_by(|(other, _)| (*other).cmp(name)).ok()?;
        Some(self.names[at].1)
    }

    /// What a name stands for.
    fn places(&self, name: &[u8]) -> Vec<usize> {
        self.find(name).into_iter().collect()
    }

    /// All that can be come to from a name.
    fn from(&self, name: &[u8], ways: &[Vec<usize>]) -> Vec<bool> {
        let mut seen = vec![false; ways.len()];
        let mut todo: Vec<usize> = self.find(name).into_iter().collect();
        while let Some(place) = todo.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                todo.extend(&ways[place]);
            }
        }
        seen
    }

    /// Which services a bundle has.
    fn held(&self, sources: &Sources) -> Vec<bool> {
        let mut held = vec![false; self.to.len()];
        for (place, def) in sources.definitions.iter().enumerate() {
            // A pipeline with a name is a bundle, too: of its last service and those before it.
            let mut line = Vec::new();
            if !def.pipeline_name.names.is_empty() {
                line.push(place);
            }
            let mut at = 0;
            while let Some(&place) = line.get(at) {
                at += 1;
                held[place] = true;
                let before = sources.definitions[place].consumer_for.names.iter();
                for producer in before.flat_map(|named| self.places(&named.name)) {
                    if !line.contains(&producer) {
                        line.push(producer);
                    }
                }
            }
            if def.kind == Kind::Bundle {
                self.to[place].iter().for_each(|&other| held[other] = true);
            }
        }
        held
    }
}

/// Whether anything is done in an image before its services.
fn prepares(root: &[u8]) -> bool {
    let any = |dir: &[u8]| sys::fs::list(&join(root, dir)).is_ok_and(|names| !names.is_empty());
    any(b"etc/cont-init.d") || any(b"etc/fix-attrs.d")
}

fn unused(sources: &Sources, def: &Definition, notes: &mut Notes) {
    let name = def.shown();
    let bundle = sources.definitions.iter().find(|def| def.name == facts::USERS[0]);
    let mut remark = Remark::new(format!(
        "nothing starts {name}: no bundle has it, and nothing that is started depends on it"
    ));
    remark = match bundle {
        Some(user) => {
            let there = user.path(&sources.dirs, "");
            // Where no directory has it, the overlay's own is the place.
            let dir = match (is_dir(&there), sources.dirs.first()) {
                (false, Some(dir)) => below(split(dir).0, b"user-bundles.d/user"),
                _ => there,
            };
            let path = shown(&below(&dir, b"contents.d"));
            remark.help(format!("touch {path}/{name}"))
        }
        None => remark.help(format!("put a file {name} into the contents.d of a bundle")),
    };
    notes.find(&IN_NO_BUNDLE, &def.path(&sources.dirs, ""), 0..0, remark);
}

fn early(sources: &Sources, def: &Definition, is_prepared: bool, notes: &mut Notes) {
    let path = def.path(&sources.dirs, "");
    let shown = shown(&path);
    let remark = Remark::new(format!(
        "{} does not depend on base: it may start before cont-init.d has run",
        def.shown()
    ))
    .help(format!("mkdir -p {shown}/dependencies.d && touch {shown}/dependencies.d/base"));
    let rule = if is_prepared { &NO_BASE } else { &NO_BASE_HERE };
    notes.find(rule, &path, 0..0, remark);
}

/// A service of this name in `services.d`.
fn twin(sources: &Sources, def: &Definition, root: &[u8], notes: &mut Notes) {
    let legacy = join(root, &[b"etc/services.d/", &def.name[..]].concat());
    if def.kind == Kind::Longrun && is_dir(&legacy) {
        let (name, legacy) = (def.shown(), shown(&legacy));
        let remark = Remark::new(format!(
            "{name} is in {legacy} too, and both want to be /run/service/{name}"
        ))
        .help("remove one of them");
        notes.find(&LEGACY_TWIN, &def.path(&sources.dirs, ""), 0..0, remark);
    }
}
