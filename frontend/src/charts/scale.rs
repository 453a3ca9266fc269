//! From values to pixels and back.

/// The next value for counts whose quarters are whole, because half a log does not exist: at least 4.
#[must_use]
pub fn nice_count_max(max: f64) -> f64 {
    if !max.is_finite() {
        return 4.0;
    }
    if max <= 16.0 {
        return (max.max(1.0) / 4.0).ceil() * 4.0;
    }
    let power = 10_f64.powf(max.log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|nice| *nice >= max * (1.0 - 1e-9)).unwrap_or(max)
}

/// A straight scale from `domain` to `range`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    /// Values.
    pub domain: (f64, f64),
    /// Pixels.
    pub range: (f64, f64),
}

impl Linear {
    /// The pixel of a value.
    #[must_use]
    pub fn at(self, value: f64) -> f64 {
        let span = self.domain.1 - self.domain.0;
        if span == 0.0 {
            return self.range.0;
        }
        self.range.0 + (value - self.domain.0) / span * (self.range.1 - self.range.0)
    }

    /// The value of a pixel.
    #[must_use]
    pub fn invert(self, pixel: f64) -> f64 {
        let span = self.range.1 - self.range.0;
        if span == 0.0 {
            return self.domain.0;
        }
        self.domain.0 + (pixel - self.range.0) / span * (self.domain.1 - self.domain.0)
    }
}

/// A pixel with one decimal, as short as it can be written.
#[must_use]
pub fn px(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // Minus zero is written as zero.
    format!("{}", rounded + 0.0)
}

/// A polyline through points.
#[must_use]
pub fn line(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        path.push_str(&px(x));
        path.push(' ');
        path.push_str(&px(y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-04: axes end at values that people read, and never at something that is no number.
    #[test]
    fn axes_end_at_round_values() {
        for (max, nice) in [(0.0, 4.0), (4.0, 4.0), (5.0, 8.0), (17.0, 20.0), (101.0, 200.0), (990.0, 1000.0)]
        {
            assert_eq!(nice_count_max(max), nice, "{max}");
        }
        for max in 0..5_000 {
            let nice = nice_count_max(f64::from(max));
            assert!(nice >= f64::from(max) && nice % 4.0 == 0.0, "{max} {nice}");
        }
    }

    /// UI-04: a scale maps its ends onto each other, backwards too, and survives a single value.
    #[test]
    fn scales_map_both_ways() {
        let scale = Linear { domain: (0.0, 400.0), range: (200.0, 0.0) };
        assert_eq!(scale.at(0.0), 200.0);
        assert_eq!(scale.at(100.0), 150.0);
        assert_eq!(scale.invert(150.0), 100.0);
        let flat = Linear { domain: (3.0, 3.0), range: (10.0, 90.0) };
        assert_eq!(flat.at(3.0), 10.0);
        assert_eq!(flat.invert(10.0), 3.0);
    }

    /// UI-04: paths are short and hold no minus zero.
    #[test]
    fn paths_are_written_short() {
        assert_eq!(line([(0.0, -0.01), (10.25, 3.0), (20.0, 4.04)].into_iter()), "M0 0L10.3 3L20 4");
        assert_eq!(line(std::iter::empty()), "");
    }
}
