//! How a figure grows: the exponent of the power law that fits it best.

/// `y = factor * x^exponent`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// What `x = 1` would give.
    pub factor: f64,
    /// 1 is linear, 2 a square.
    pub exponent: f64,
}

/// Least squares on the logarithms. Points that have no logarithm don't count, and two that differ
/// in `x` are needed.
pub fn power(points: &[(f64, f64)]) -> Option<Power> {
    let logs: Vec<(f64, f64)> = points
        .iter()
        .filter(|(x, y)| *x > 0.0 && *y > 0.0)
        .map(|(x, y)| (x.ln(), y.ln()))
        .collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|p| p.0).sum::<f64>() / count;
    let mean_y = logs.iter().map(|p| p.1).sum::<f64>() / count;
    let across = logs.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>();
    let square = logs.iter().map(|p| (p.0 - mean_x).powi(2)).sum::<f64>();
    if logs.len() < 2 || square <= f64::EPSILON {
        return None;
    }
    let exponent = across / square;
    Some(Power { factor: (mean_y - exponent * mean_x).exp(), exponent })
}
