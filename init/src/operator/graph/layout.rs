//! Where nodes stand in a drawing: in columns, each to the right of all that it needs.

/// A place: column and row.
pub type Place = (usize, usize);

/// The places of nodes, given what each needs. What is no graph without circles is drawn all the
/// same.
pub fn places(needs: &[Vec<usize>]) -> Vec<Place> {
    let columns = columns(needs);
    let count = columns.iter().max().map_or(0, |last| last + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, &column) in columns.iter().enumerate() {
        rows[column].push(i);
    }
    let mut used: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (i, list) in needs.iter().enumerate() {
        list.iter().for_each(|&need| used[need].push(i));
    }
    let mut row = vec![0; needs.len()];
    let settle = |column: &[usize], row: &mut [usize]| {
        column.iter().enumerate().for_each(|(place, &i)| row[i] = place);
    };
    rows.iter().for_each(|column| settle(column, &mut row));
    // To and fro, each column by where its neighbours stand: what belongs together comes together.
    const ROUNDS: usize = 4;
    for round in 0..ROUNDS {
        let neighbours = if round % 2 == 0 { needs } else { &used };
        let order: Vec<usize> = match round % 2 {
            0 => (0..count).collect(),
            _ => (0..count).rev().collect(),
        };
        for column in order {
            let middle = |i: &usize| {
                let list = &neighbours[*i];
                let sum: usize = list.iter().map(|&other| row[other] * 1000).sum();
                sum.checked_div(list.len()).unwrap_or(row[*i] * 1000)
            };
            sys::order::by_key(&mut rows[column], middle);
            settle(&rows[column], &mut row);
        }
    }
    columns.into_iter().zip(row).collect()
}

/// The length of the longest way from each node to one that needs nothing.
fn columns(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut used: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (i, list) in needs.iter().enumerate() {
        list.iter().for_each(|&need| used[need].push(i));
    }
    let mut columns = vec![0; needs.len()];
    let mut todo: Vec<usize> = (0..needs.len()).filter(|&i| missing[i] == 0).collect();
    while let Some(i) = todo.pop() {
        for &other in &used[i] {
            columns[other] = columns[other].max(columns[i] + 1);
            missing[other] -= 1;
            if missing[other] == 0 {
                todo.push(other);
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_stands_to_the_right_of_what_it_needs_and_alone() {
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..200 {
            let count = 1 + random(30);
            let needs: Vec<Vec<usize>> =
                (0..count).map(|i| (0..i).filter(|_| random(4) == 0).collect()).collect();
            let places = places(&needs);
            for (i, list) in needs.iter().enumerate() {
                assert!(list.iter().all(|&need| places[need].0 < places[i].0), "{needs:?}");
                assert_eq!(places.iter().filter(|place| **place == places[i]).count(), 1);
            }
        }
    }

    #[test]
    fn a_circle_is_no_end() {
        assert_eq!(places(&[vec![1], vec![0]]).len(), 2);
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn lines_do_not_cross_without_need() {
        // 2 needs 1, 3 needs 0: the second column is turned round.
        let places = places(&[vec![], vec![], vec![1], vec![0]]);
        assert_eq!(places, [(0, 0), (0, 1), (1, 1), (1, 0)]);
    }
}
