//! Services and bundles as they are put together, and the bytes that they become.

use super::{BUNDLE, HEADER, Id, Kind, MAGIC, NONE, SERVICE, VERSION, sum};

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: Vec<u8>,
    /// Longrun or oneshot.
    pub kind: Kind,
    /// [`super::ESSENTIAL`] and its like.
    pub flags: u32,
    /// Milliseconds for the ways up and down; 0: any number.
    pub timeouts: [u32; 2],
    /// Places, in [`Set::services`], of those that it depends on directly.
    pub dependencies: Vec<Id>,
    /// Command lines: up, down, reload. Empty ones are none.
    pub scripts: [Vec<Vec<u8>>; 3],
    /// The place of the service that reads its output.
    pub consumer: Option<Id>,
}

/// A bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub name: Vec<u8>,
    /// The places, in [`Set::services`], of all atomic services in it.
    pub contents: Vec<Id>,
}

/// What a database is made of. The order stays, but that longruns come before oneshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// The atomic services.
    pub services: Vec<Service>,
    /// The bundles.
    pub bundles: Vec<Bundle>,
    /// Where each service stands among the producers of its consumer; without it, they are in the
    /// order of services.
    pub ranks: Vec<u32>,
}

/// Lists and words as they are laid down.
#[derive(Default)]
struct Room {
    pool: Vec<u32>,
    bytes: Vec<u8>,
}

impl Room {
    fn word(&mut self, word: &[u8]) -> u32 {
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(word);
        self.bytes.push(0);
        at
    }

    fn list(&mut self, mut ids: Vec<Id>) -> [u32; 2] {
        sys::order::ascending(&mut ids);
        ids.dedup();
        self.row(&ids)
    }

    fn row(&mut self, ids: &[Id]) -> [u32; 2] {
        let at = self.pool.len() as u32;
        self.pool.extend_from_slice(ids);
        [at, ids.len() as u32]
    }

    fn script(&mut self, words: &[Vec<u8>]) -> [u32; 2] {
        let at = self.bytes.len() as u32;
        for word in words {
            self.word(word);
        }
        [at, words.len() as u32]
    }
}

/// The bytes of the file `db`. The set has been checked: names are there once, places are those of
/// services, consumers are longruns.
pub fn build(set: &Set) -> Vec<u8> {
    let services = &set.services;
    let mut order: Vec<usize> = (0..services.len()).collect();
    sys::order::by_key(&mut order, |&i| services[i].kind == Kind::Oneshot);
    let mut place = vec![0 as Id; order.len()];
    for (id, &i) in (0..).zip(&order) {
        place[i] = id;
    }
    let placed = |ids: &[Id]| ids.iter().map(|&id| place[id as usize]).collect::<Vec<Id>>();
    let mut dependents = vec![Vec::new(); services.len()];
    let mut producers = vec![Vec::new(); services.len()];
    for (i, service) in services.iter().enumerate() {
        for &other in &service.dependencies {
            dependents[other as usize].push(place[i]);
        }
        if let Some(consumer) = service.consumer {
            let rank = set.ranks.get(i).copied().unwrap_or_default();
            producers[consumer as usize].push((rank, place[i]));
        }
    }
    let mut room = Room::default();
    let mut records: Vec<u32> = Vec::with_capacity(order.len() * SERVICE);
    for &i in &order {
        let service = &services[i];
        records.extend([room.word(&service.name), service.name.len() as u32, service.flags]);
        records.extend(service.timeouts);
        records.extend(room.list(placed(&service.dependencies)));
        records.extend(room.list(std::mem::take(&mut dependents[i])));
        for script in &service.scripts {
            records.extend(room.script(script));
        }
        records.push(service.consumer.map_or(NONE, |id| place[id as usize]));
        sys::order::ascending(&mut producers[i]);
        let row: Vec<Id> = producers[i].iter().map(|&(_, id)| id).collect();
        records.extend(room.row(&row));
    }
    let bundles = &set.bundles;
    debug_assert_eq!(records.len(), order.len() * SERVICE);
    for bundle in bundles {
        records.extend([room.word(&bundle.name), bundle.name.len() as u32]);
        records.extend(room.list(placed(&bundle.contents)));
    }
    debug_assert_eq!(records.len(), order.len() * SERVICE + bundles.len() * BUNDLE);
    let names = order.iter().map(|&i| &services[i].name);
    let mut names: Vec<_> = names.chain(bundles.iter().map(|b| &b.name)).zip(0u32..).collect();
    sys::order::ascending(&mut names);
    records.extend(names.into_iter().map(|(_, place)| place));
    let longruns = services.iter().filter(|s| s.kind == Kind::Longrun).count();
    let counts = [order.len(), longruns, bundles.len(), room.pool.len()].map(|n| n as u32);
    lay(&counts, &records, &room)
}

fn lay(counts: &[u32; 4], records: &[u32], room: &Room) -> Vec<u8> {
    let numbers = counts.iter().chain(records).chain(&room.pool);
    let mut body: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
    body.extend_from_slice(&room.bytes);
    let length = (HEADER - counts.len() * 4 + body.len()) as u32;
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend(sum(&body).to_le_bytes());
    file.append(&mut body);
    file
}
