//! Cycles in a graph: who waits for whom, round and round.

/// The strongly connected parts of a graph of `n` nodes, those that others lead to before them.
/// No recursion: a chain may be as long as memory.
pub fn parts<'e>(n: usize, edges: impl Fn(usize) -> &'e [u32]) -> Vec<Vec<u32>> {
    const NONE: u32 = u32::MAX;
    let mut found = vec![NONE; n];
    let mut low = vec![0u32; n];
    let mut waits = vec![false; n];
    let (mut next, mut stack, mut parts) = (0, Vec::new(), Vec::new());
    for root in 0..n {
        let mut walk = if found[root] == NONE { vec![(root, 0)] } else { Vec::new() };
        while let Some(&mut (node, ref mut edge)) = walk.last_mut() {
            if *edge == 0 && found[node] == NONE {
                (found[node], low[node], waits[node]) = (next, next, true);
                next += 1;
                stack.push(node as u32);
            }
            if let Some(&to) = edges(node).get(*edge) {
                *edge += 1;
                let to = to as usize;
                if found[to] == NONE {
                    walk.push((to, 0));
                } else if waits[to] {
                    low[node] = low[node].min(found[to]);
                }
                continue;
            }
            walk.pop();
            if let Some(&(above, _)) = walk.last() {
                low[above] = low[above].min(low[node]);
            }
            if low[node] == found[node] {
                let from = stack.iter().rposition(|&s| s as usize == node).unwrap_or_default();
                let part = stack.split_off(from);
                part.iter().for_each(|&s| waits[s as usize] = false);
                parts.push(part);
            }
        }
    }
    parts
}

/// A shortest way from `start` back to itself, `start` being the first node and not the last.
pub fn shortest<'e>(n: usize, edges: impl Fn(usize) -> &'e [u32], start: u32) -> Option<Vec<u32>> {
    let mut from = vec![u32::MAX; n];
    let (mut todo, mut next) = (vec![start], 0);
    while let Some(&node) = todo.get(next) {
        next += 1;
        for &to in edges(node as usize) {
            if to == start {
                let (mut way, mut at) = (vec![node], node);
                while at != start {
                    at = from[at as usize];
                    way.push(at);
                }
                way.reverse();
                return Some(way);
            }
            if from[to as usize] == u32::MAX {
                from[to as usize] = node;
                todo.push(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_after_what_they_lead_to() {
        let graph: [&[u32]; 6] = [&[1], &[2], &[1, 3], &[], &[4], &[0, 3]];
        let found = parts(6, |node| graph[node]);
        let sorted: Vec<Vec<u32>> = found
            .into_iter()
            .map(|mut part| {
                part.sort_unstable();
                part
            })
            .collect();
        assert_eq!(sorted, [vec![3], vec![1, 2], vec![0], vec![4], vec![5]]);
        assert_eq!(shortest(6, |node| graph[node], 1), Some(vec![1, 2]));
        assert_eq!(shortest(6, |node| graph[node], 4), Some(vec![4]));
        assert_eq!(shortest(6, |node| graph[node], 0), None);
    }

    #[test]
    fn a_long_chain_takes_no_stack() {
        let all: Vec<u32> = (1..200_000).collect();
        let edges = |node: usize| all.get(node..node + 1).unwrap_or_default();
        assert_eq!(parts(200_000, edges).len(), 200_000);
    }
}
