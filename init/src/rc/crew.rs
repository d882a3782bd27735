//! Work on many definitions is waiting for the kernel, file for file; two do it in half the time.

/// So few are done before anybody else has come.
const FEW: usize = 50;

/// Works on the items, the second half of many at the same time as the first. What was made of
/// them, in order.
pub fn share<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    if items.len() < FEW {
        return vec![work(items)];
    }
    let (first, second) = items.split_at(items.len() / 2);
    let (second, first) = sys::both::both(|| work(second), || work(first));
    [Some(first), second].into_iter().flatten().collect()
}
