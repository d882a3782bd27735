//! Percentiles.

/// That percentile of the values, by the nearest rank. Nothing of nothing.
pub fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last * percent + 50) / 100).copied()
}

/// The middle one.
pub fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 50)
}
