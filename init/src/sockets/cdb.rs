//! Constant databases: records in the order in which they were put in, and tables of hashes
//! behind them. Pure: bytes in, bytes out.

/// How many tables there are, whose places and lengths stand at the beginning.
const TABLES: usize = 256;

/// Where the records begin.
const HEAD: usize = TABLES * 8;

/// It is no database, or it is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// A key and its data.
pub type Record<'a> = (&'a [u8], &'a [u8]);

/// A database in memory.
pub struct Cdb(Vec<u8>);

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(5381, |h: u32, &b| h.wrapping_add(h << 5) ^ u32::from(b))
}

impl Cdb {
    /// The database that a file holds.
    pub fn new(bytes: Vec<u8>) -> Cdb {
        Cdb(bytes)
    }

    fn bytes(&self, at: u32, count: u32) -> Result<&[u8], Damaged> {
        let (at, count) = (at as usize, count as usize);
        self.0.get(at..).and_then(|rest| rest.get(..count)).ok_or(Damaged)
    }

    /// Two numbers, which stand behind one another.
    fn pair(&self, at: u32) -> Result<(u32, u32), Damaged> {
        match *self.bytes(at, 8)? {
            [a, b, c, d, e, f, g, h] => {
                Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
            }
            _ => Err(Damaged),
        }
    }

    /// The first record of that key.
    pub fn find(&self, key: &[u8]) -> Result<Option<&[u8]>, Damaged> {
        let hash = hash(key);
        let (table, slots) = self.pair(hash % TABLES as u32 * 8)?;
        for probe in 0..slots {
            let slot = (hash / TABLES as u32 % slots + probe) % slots;
            let at = slot.checked_mul(8).and_then(|offset| table.checked_add(offset));
            let (known, record) = self.pair(at.ok_or(Damaged)?)?;
            if record == 0 {
                break;
            }
            if known == hash {
                let (found, data, _) = self.record(record)?;
                if found == key {
                    return Ok(Some(data));
                }
            }
        }
        Ok(None)
    }

    /// The key, the data, and where the next record begins.
    fn record(&self, at: u32) -> Result<(&[u8], &[u8], u32), Damaged> {
        let (key, data) = self.pair(at)?;
        let key_at = at.checked_add(8).ok_or(Damaged)?;
        let data_at = key_at.checked_add(key).ok_or(Damaged)?;
        let next = data_at.checked_add(data).ok_or(Damaged)?;
        Ok((self.bytes(key_at, key)?, self.bytes(data_at, data)?, next))
    }

    /// All records, keys and data, in their order.
    pub fn records(&self) -> Result<Vec<Record<'_>>, Damaged> {
        let (end, _) = self.pair(0)?;
        let mut records = Vec::new();
        let mut at = HEAD as u32;
        while at.checked_add(8).is_some_and(|head| head <= end) {
            let (key, data, next) = self.record(at)?;
            records.push((key, data));
            at = next;
        }
        Ok(records)
    }
}

/// A database that is being made.
pub struct Maker {
    bytes: Vec<u8>,
    /// Hashes, and where their records are.
    places: Vec<(u32, u32)>,
}

impl Default for Maker {
    fn default() -> Maker {
        Maker { bytes: vec![0; HEAD], places: Vec::new() }
    }
}

impl Maker {
    fn put(&mut self, (a, b): (u32, u32)) {
        self.bytes.extend_from_slice(&a.to_le_bytes());
        self.bytes.extend_from_slice(&b.to_le_bytes());
    }

    /// Adds a record. What is longer than 4 GB in all makes no database that anybody can read.
    pub fn add(&mut self, key: &[u8], data: &[u8]) {
        self.places.push((hash(key), self.bytes.len() as u32));
        self.put((key.len() as u32, data.len() as u32));
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(data);
    }

    /// The file's content.
    pub fn finish(mut self) -> Vec<u8> {
        for table in 0..TABLES {
            let mine: Vec<(u32, u32)> = self
                .places
                .iter()
                .copied()
                .filter(|(hash, _)| *hash as usize % TABLES == table)
                .collect();
            let mut slots = vec![(0, 0); mine.len() * 2];
            let head = (self.bytes.len() as u32, slots.len() as u32);
            for place in mine {
                let mut at = (place.0 as usize / TABLES) % slots.len();
                while slots[at].1 != 0 {
                    at = (at + 1) % slots.len();
                }
                slots[at] = place;
            }
            slots.into_iter().for_each(|slot| self.put(slot));
            self.bytes[table * 8..][..4].copy_from_slice(&head.0.to_le_bytes());
            self.bytes[table * 8 + 4..][..4].copy_from_slice(&head.1.to_le_bytes());
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(count: usize) -> Cdb {
        let mut maker = Maker::default();
        for i in 0..count {
            maker.add(format!("key {i}").as_bytes(), format!("data {i}").as_bytes());
        }
        Cdb::new(maker.finish())
    }

    #[test]
    fn what_was_put_in_is_found() {
        let cdb = made(2000);
        for i in 0..2000 {
            let data = format!("data {i}");
            assert_eq!(cdb.find(format!("key {i}").as_bytes()), Ok(Some(data.as_bytes())));
        }
        assert_eq!(cdb.find(b"key 2000"), Ok(None));
        assert_eq!(cdb.find(b""), Ok(None));
        assert_eq!(cdb.records().map(|r| r.len()), Ok(2000));
        assert_eq!(made(0).find(b"x"), Ok(None));
        assert_eq!(made(0).records(), Ok(Vec::new()));
    }

    #[test]
    fn the_first_of_a_key_counts() {
        let mut maker = Maker::default();
        maker.add(b"k", b"1");
        maker.add(b"k", b"2");
        let cdb = Cdb::new(maker.finish());
        assert_eq!(cdb.find(b"k"), Ok(Some(&b"1"[..])));
        assert_eq!(cdb.records(), Ok(vec![(&b"k"[..], &b"1"[..]), (b"k", b"2")]));
    }

    #[test]
    fn damage_is_told_and_harms_nobody() {
        let whole = made(20).0;
        for cut in [0, 1, 7, 8, 2047, 2048, 2060, whole.len() - 1] {
            let cdb = Cdb::new(whole[..cut].to_vec());
            for i in 0..20 {
                let _ = cdb.find(format!("key {i}").as_bytes());
            }
            let _ = cdb.records();
        }
        for value in [0xff, 0x7f, 0x01] {
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let cdb = Cdb::new(bytes);
                let _ = (cdb.find(b"key 3"), cdb.records().is_ok());
            }
        }
        assert_eq!(Cdb::new(vec![0xff; 4096]).find(b"x"), Err(Damaged));
        assert_eq!(Cdb::new(Vec::new()).records(), Err(Damaged));
    }
}
