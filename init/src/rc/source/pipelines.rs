//! Producers and consumers: each has to name the other.

use super::graph::Names;
use super::{Definition, Fault, Flaw, Kind, List, Named, Sources};
use interpreter::diagnose::shown;

/// The consumer of each definition, if it has one that is in order.
pub fn check(names: &mut Names, faults: &mut Vec<Fault>) -> Vec<Option<u32>> {
    let all = &names.sources.definitions;
    let mut consumers = vec![None; all.len()];
    for (place, def) in all.iter().enumerate() {
        for named in &def.producer_for.names {
            let says = "declares being a producer for a service named";
            if let Some(other) = partner(names, def, &def.producer_for, named, says, faults) {
                let other_list = &all[other].consumer_for;
                match has(other_list, &def.name) {
                    true => consumers[place] = Some(other as u32),
                    false => {
                        let fault = one_sided(names, def, &def.producer_for, named, says);
                        let file = shown(&all[other].path(&names.sources.dirs, "consumer-for"));
                        faults.push(fault.help(format!("add a line to {file}: {}", def.shown())));
                    }
                }
            }
        }
        for named in &def.consumer_for.names {
            let says = "declares being the consumer for a service named";
            let Some(other) = partner(names, def, &def.consumer_for, named, says, faults) else {
                continue;
            };
            if has(&all[other].producer_for, &def.name) {
                continue;
            }
            let fault = one_sided(names, def, &def.consumer_for, named, says);
            let file = shown(&all[other].path(&names.sources.dirs, "producer-for"));
            faults.push(fault.help(match all[other].producer_for.names.first() {
                Some(to) => format!(
                    "{file} says {}, and a service can write to one consumer only",
                    shown(&to.name)
                ),
                None => format!("write into {file}: {}", def.shown()),
            }));
        }
    }
    consumers
}

fn has(list: &List, name: &[u8]) -> bool {
    list.names.iter().any(|named| named.name == name)
}

/// The longrun that a producer or a consumer names.
fn partner(
    names: &mut Names,
    def: &Definition,
    list: &List,
    named: &Named,
    says: &str,
    faults: &mut Vec<Fault>,
) -> Option<usize> {
    let found = names.find(&named.name);
    let kind = found.map_or(Kind::Unknown, |place| names.kind(place));
    match (found, kind) {
        (Some(place), Kind::Longrun) => return Some(place),
        // What is wrong with its type has been said.
        (Some(_), Kind::Unknown) => return None,
        _ => {}
    }
    let (name, other) = (def.shown(), shown(&named.name));
    let what = format!("longrun service {name} {says} {other} of type {}", kind.name());
    faults.push(match found {
        None => names.undefined(Flaw::Pipeline, def, list, named, what),
        Some(_) => {
            let path = def.path_of(&names.sources.dirs, list, named);
            let mut fault = Fault::new(Flaw::Pipeline, path, what);
            fault.at = named.at.clone();
            fault.help("only longruns can be in a pipeline")
        }
    });
    None
}

fn one_sided(names: &Names, def: &Definition, list: &List, named: &Named, says: &str) -> Fault {
    let (name, other) = (def.shown(), shown(&named.name));
    let what = format!("longrun service {name} {says} {other} that does not declare it back");
    let path = def.path_of(&names.sources.dirs, list, named);
    let mut fault = Fault::new(Flaw::Pipeline, path, what);
    fault.at = named.at.clone();
    fault
}

/// All services of the pipeline that ends at one.
pub fn members(
    end: usize,
    consumers: &[Option<u32>],
    sources: &Sources,
    names: &Names,
) -> Vec<u32> {
    let mut all = vec![end as u32];
    let mut next = 0;
    while let Some(&place) = all.get(next) {
        next += 1;
        for named in &sources.definitions[place as usize].consumer_for.names {
            let Some(other) = names.find(&named.name) else { continue };
            let is_its = consumers.get(other) == Some(&Some(place));
            // A cycle, which is told of elsewhere, would come back.
            if is_its && !all.contains(&(other as u32)) {
                all.push(other as u32);
            }
        }
    }
    all
}
