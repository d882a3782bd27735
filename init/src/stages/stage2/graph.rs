//! Services that an image defines for s6-rc: the stages become what they are upstream, services
//! of one graph, and s6-rc brings it up in this process.

use super::{Failed, PROG, Stage2};
use crate::rc::change::{self, Change, Options};
use crate::rc::compile::{self, compile};
use crate::rc::compiled::Way;
use crate::rc::engine::Outcome;
use crate::rc::init::{Plan, init};
use crate::rc::source::{self, Talk};
use crate::stages::contenv::Contenv;
use crate::stages::milestone::Milestone;
use crate::stages::preinit::SCANDIR;
use crate::stages::{results, script};
use interpreter::word::Fail;
use sys::fs::stat_bytes;

/// The stages as definitions.
pub const SOURCES: &[u8] = b"/package/admin/s6-overlay-3.2.3.2/etc/s6-rc/sources";
/// What their `up` and `down` name.
const SCRIPTS: &[u8] = b"/package/admin/s6-overlay-3.2.3.2/etc/s6-rc/scripts";
/// The database of this boot.
pub const DB: &[u8] = b"/run/s6/db";
/// The bundle of all that is to be up.
const TOP: &[u8] = b"top";
/// The bundles to which images add their services.
pub const BUNDLES: [&[u8]; 2] = [b"user", b"user2"];
/// What stands in [`SOURCES`] and in two of its directories, as it is installed.
const INSTALLED: [(&[u8], &[&[u8]]); 4] = [
    (b"sources", &[b"base", b"fix-attrs", b"legacy-cont-init", b"legacy-services", b"top"]),
    (b"sources/base/contents.d", &[b"fix-attrs", b"legacy-cont-init"]),
    (b"sources/legacy-services/dependencies.d", &[b"base", b"user"]),
    (b"sources/top/contents.d", &[b"base", b"legacy-services", b"user", b"user2"]),
];

/// The directories that definitions of the image's own come from.
pub struct Sources {
    dirs: Vec<Vec<u8>>,
    /// The bundles are where images of the first versions 3 have them.
    old_place: bool,
    /// A variable says where some of it is.
    named: bool,
}

/// Where an image has definitions of its own.
pub fn definitions(contenv: &Contenv) -> Vec<u8> {
    let etc = contenv.etc();
    [&etc[..], b"/s6-overlay/s6-rc.d"].concat()
}

/// Where definitions are to be looked for; none: the image has none of its own, and nothing
/// between the stages, but perhaps the directory for them. Whoever wants to be told more than what is being done gets the graph all
/// the same, because it has more to tell.
pub fn sources(stage: &Stage2) -> Option<Sources> {
    let definitions = definitions(&stage.contenv);
    let profile = definitions.strip_suffix(b"/s6-rc.d").unwrap_or(&definitions);
    let names = script::names(&definitions);
    let is_dir = |dir: &[u8]| stat_bytes(dir).is_ok_and(|stat| stat.is_dir());
    // What was named and is not there is a fault, and not nothing.
    let etc = stage.contenv.etc();
    let missing = etc != b"/etc" && !is_dir(&etc);
    let old_place =
        names.iter().any(|name| name == b"user") && is_dir(&[&definitions[..], b"/user"].concat());
    let given = stage.contenv.get(b"S6_RUNTIME_BUNDLEDIR").filter(|dir| !dir.is_empty());
    let loud = stage.say.verbosity() > 2;
    let asked = given.is_some();
    let own = loud || asked || missing || !names.is_empty();
    let bundles = given.unwrap_or_else(|| [profile, b"/user-bundles.d"].concat());
    let filled = |dir: &[u8]| {
        let listed = |name: &&[u8]| {
            let contents = [dir, b"/", name, b"/contents.d"].concat();
            !script::names(&contents).is_empty()
        };
        BUNDLES.iter().any(listed)
    };
    if !own && !filled(&bundles) && is_as_installed() {
        return None;
    }
    let mut dirs = Vec::with_capacity(3);
    let mut add = |dir: Vec<u8>, named: bool| {
        if named || is_dir(&dir) {
            dirs.push(dir);
        }
    };
    add(definitions, missing);
    // Also beside the old place: another tarball's services are in the new one.
    add(bundles, asked && !old_place);
    add(SOURCES.to_vec(), false);
    Some(Sources { dirs, old_place, named: asked || missing })
}

/// Whether the stages are what this program does when nobody else is among them.
fn is_as_installed() -> bool {
    let base = SOURCES.strip_suffix(b"sources").unwrap_or_default();
    let same = |(dir, names): &(&[u8], &[&[u8]])| {
        let there = script::names(&[base, dir].concat());
        there.is_empty() || there.iter().eq(names.iter())
    };
    let ours = |name: &Vec<u8>| {
        let path = [SCRIPTS, b"/", name].concat();
        let Some(content) = crate::operator::content(&path[1..]) else { return false };
        stat_bytes(&path).is_ok_and(|stat| usize::try_from(stat.size) == Ok(content.len()))
    };
    INSTALLED.iter().all(same) && script::names(SCRIPTS).iter().all(ours)
}

/// Compiles the definitions, makes the live state, and brings everything up.
pub fn bring_up(stage: &mut Stage2, sources: &Sources) -> Result<(), Failed> {
    stage.leave()?;
    if sources.old_place {
        let dir = &sources.dirs[0];
        stage.say.warn(&[
            PROG,
            b"warning: defining user bundles in ",
            dir,
            b" is deprecated, please define them in ",
            dir.strip_suffix(b"s6-rc.d").unwrap_or(dir),
            b"user-bundles.d instead",
        ]);
    }
    stage.say.flush();
    let verbosity = u32::try_from(stage.say.verbosity()).unwrap_or(u32::MAX);
    make_database(sources, verbosity)?;
    stage.contenv.touch();
    let live = crate::rc::LIVE;
    let plan = Plan { scandir: SCANDIR, compiled: DB, live, prefix: b"", own: true };
    // From here on there may be a live state, and whoever ends the container asks for it.
    stage.tell(Milestone::Graph);
    let mut warn = |what: &str| {
        let line = format!("s6-rc-init: warning: {what}\n");
        let _ = sys::fd::write_all(2, line.as_bytes());
    };
    init(&plan, false, None, &mut warn).map_err(|fail| said("s6-rc-init", &fail))?;
    let limit = stage.contenv.number_or(b"S6_CMD_WAIT_FOR_SERVICES_MAXTIME", 0);
    let until = (limit > 0).then(|| sys::time::monotonic().plus_millis(limit));
    let options = Options {
        verbosity,
        until,
        passes_on: true,
        on_failure: results::blame,
        ..Options::default()
    };
    let up = Change { way: Way::Up, names: &[TOP], add: false, prune: false, force: false };
    let outcome =
        change::change(crate::rc::LIVE, &up, &options).map_err(|fail| said("s6-rc", &fail))?;
    match outcome {
        Outcome::TimedOut => Err(Failed::TimedOut),
        outcome => match outcome.code() {
            0 => Ok(()),
            code => Err(Failed::Graph(code)),
        },
    }
}

fn make_database(sources: &Sources, verbosity: u32) -> Result<(), Failed> {
    let talk = Talk { who: "s6-rc-compile", verbosity: verbosity.saturating_sub(1) };
    let dirs: Vec<&[u8]> = sources.dirs.iter().map(|dir| &dir[..]).collect();
    let faults = compile(&dirs, &BUNDLES, DB, talk);
    compile::tell(&faults, talk);
    if let Some(first) = faults.iter().find(|fault| fault.flaw.code().is_some()) {
        results::blame(&first.message("s6-rc-compile"));
    }
    match source::code(&faults) {
        None => Ok(()),
        Some(code) => {
            let help: &[u8] = match sources.named {
                true => {
                    b"help: S6_RUNTIME_PROFILE and S6_RUNTIME_BUNDLEDIR say where definitions are\n"
                }
                false => b"help: chainit check /etc/s6-overlay shows the same without a boot\n",
            };
            let _ = sys::fd::write_all(2, help);
            Err(Failed::Stop(code))
        }
    }
}

/// Says why something of s6-rc gave up.
fn said(who: &str, fail: &Fail) -> Failed {
    let line = format!("{who}: fatal: {fail}\n");
    results::blame(line.as_bytes());
    let _ = sys::fd::write_all(2, line.as_bytes());
    Failed::Stop(fail.code())
}
