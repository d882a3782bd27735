//! What a mistyped name may have been meant to be.

/// No name that is worth guessing at is longer.
const LONGEST: usize = 48;

/// The one of `names` that is the fewest slips away from `name`; the first of several. A slip is a
/// letter too much, too few, another one, or two exchanged; one is allowed for every three letters.
pub fn nearest<'a>(name: &[u8], names: impl IntoIterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    nearest_within(name, names, name.len() / 3)
}

/// [`nearest`], with `most` slips.
pub fn nearest_within<'a>(
    name: &[u8],
    names: impl IntoIterator<Item = &'a [u8]>,
    most: usize,
) -> Option<&'a [u8]> {
    if most == 0 || name.len() > LONGEST {
        return None;
    }
    let near = names.into_iter().filter(|n| n.len().abs_diff(name.len()) <= most);
    let measured = near.map(|n| (slips(name, n), n)).filter(|(slips, _)| *slips <= most);
    measured.min_by_key(|(slips, _)| *slips).map(|(_, n)| n)
}

/// The distance of optimal string alignment.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(!x.eq_ignore_ascii_case(&y));
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&[u8]] =
        &[b"background", b"foreground", b"if", b"ifelse", b"importas", b"s6-log"];

    #[test]
    fn slips_are_counted() {
        for (a, b, n) in [
            ("", "", 0),
            ("a", "", 1),
            ("ab", "ba", 1),
            ("abc", "abd", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(slips(a.as_bytes(), b.as_bytes()), n, "{a} {b}");
            assert_eq!(slips(b.as_bytes(), a.as_bytes()), n, "{b} {a}");
        }
    }

    #[test]
    fn a_name_near_enough_is_found() {
        for (name, found) in [
            (&b"forground"[..], Some(&b"foreground"[..])),
            (b"importsa", Some(b"importas")),
            (b"IMPORTAS", Some(b"importas")),
            (b"iflese", Some(b"ifelse")),
            (b"s6log", Some(b"s6-log")),
            (b"fi", None),
            (b"nginx", None),
            (b"", None),
            (&[b'a'; 100_000], None),
        ] {
            assert_eq!(nearest(name, NAMES.iter().copied()), found);
        }
    }
}
