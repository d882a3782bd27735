//! Pictures: curves over N on two logarithmic scales, and bars.

use super::model::{Curve, Role, Table};
use super::number::{axis, short};

const COLOURS: [&str; 8] =
    ["#c0392b", "#2471a3", "#1e8449", "#b9770e", "#7d3c98", "#117a65", "#5d6d7e", "#a04000"];
const FLOOR: &str = "#aab2bd";
const STYLE: &str = "text{font:12px sans-serif;fill:#222}.t{font-size:14px;font-weight:bold}\
.s{fill:#666}.e{text-anchor:end}.m{text-anchor:middle}.g{stroke:#ddd}.a{stroke:#888}";

/// What a text may not have in it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn begin(width: f64, height: f64, title: &str) -> String {
    let title = escape(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text class=\"t\" x=\"10\" y=\"20\">{title}</text>\n"
    )
}

/// A colour for the contestant at that place; ours is the first one's.
fn colour(role: Role, place: usize) -> &'static str {
    match role {
        Role::Ours => COLOURS[0],
        Role::Floor => FLOOR,
        Role::Peer => COLOURS[1 + place % (COLOURS.len() - 1)],
    }
}

/// A logarithmic scale from the power of ten below the least to the one above the greatest.
struct Log {
    from: i32,
    to: i32,
}

impl Log {
    fn over(values: impl Iterator<Item = f64>) -> Option<Log> {
        let logs: Vec<f64> = values.filter(|v| *v > 0.0).map(f64::log10).collect();
        let least = logs.iter().copied().min_by(f64::total_cmp)?;
        let most = logs.iter().copied().max_by(f64::total_cmp)?;
        let from = least.floor() as i32;
        Some(Log { from, to: (most.ceil() as i32).max(from + 1) })
    }

    /// 0 at the lower end, 1 at the upper.
    fn part(&self, value: f64) -> f64 {
        let log = value.max(f64::MIN_POSITIVE).log10() - f64::from(self.from);
        (log / f64::from(self.to - self.from)).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (self.from..=self.to).map(|power| 10f64.powi(power))
    }
}

const PLOT: (f64, f64) = (480.0, 300.0);
const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const LEGEND: f64 = 20.0;

/// A curve's lines, each with its exponent in the legend. N = 0 has no place on the scale and is left
/// to the tables.
pub fn curve(curve: &Curve) -> String {
    let points = || curve.lines.iter().flat_map(|l| &l.points).filter(|p| p.0 > 0.0 && p.1 > 0.0);
    let (Some(xs), Some(ys)) = (Log::over(points().map(|p| p.0)), Log::over(points().map(|p| p.1)))
    else {
        return String::new();
    };
    let height = TOP + PLOT.1 + 50.0;
    let height = height.max(TOP + LEGEND * curve.lines.len() as f64 + 20.0);
    let mut out = begin(LEFT + PLOT.0 + 310.0, height, curve.title);
    let x = |n: f64| LEFT + PLOT.0 * xs.part(n);
    let y = |v: f64| TOP + PLOT.1 * (1.0 - ys.part(v));
    out += &format!("<text class=\"s\" x=\"10\" y=\"38\">{}</text>\n", escape(curve.unit));
    for tick in xs.ticks() {
        let (at, end) = (x(tick), TOP + PLOT.1);
        out += &format!(
            "<line class=\"g\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{end}\"/>\
             <text class=\"m\" x=\"{at:.1}\" y=\"{:.1}\">{}</text>\n",
            end + 18.0,
            axis(tick)
        );
    }
    for tick in ys.ticks() {
        let (at, end) = (y(tick), LEFT + PLOT.0);
        out += &format!(
            "<line class=\"g\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text class=\"e\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            LEFT - 8.0,
            at + 4.0,
            axis(tick)
        );
    }
    out += &format!(
        "<text class=\"m s\" x=\"{:.1}\" y=\"{:.1}\">N</text>\n",
        LEFT + PLOT.0 / 2.0,
        TOP + PLOT.1 + 38.0
    );
    for (place, line) in curve.lines.iter().enumerate() {
        let colour = colour(line.role, place);
        let shown: Vec<_> = line.points.iter().filter(|p| p.0 > 0.0 && p.1 > 0.0).collect();
        let path: Vec<String> =
            shown.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        out += &format!(
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>\n",
            path.join(" ")
        );
        for p in shown {
            out += &format!(
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{colour}\"><title>{}: {} at {}\
                 </title></circle>\n",
                x(p.0),
                y(p.1),
                escape(&line.name),
                short(p.1),
                axis(p.0)
            );
        }
        let (at, left) = (TOP + 14.0 + LEGEND * place as f64, LEFT + PLOT.0 + 20.0);
        let fit = line.fit.map_or(String::new(), |f| format!(" ~ N^{:.2}", f.exponent));
        out += &format!(
            "<rect x=\"{left}\" y=\"{:.1}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{at:.1}\">{}{fit}</text>\n",
            at - 10.0,
            left + 18.0,
            escape(&line.name)
        );
    }
    out + "</svg>\n"
}

const BAR: f64 = 24.0;
const NAMES: f64 = 230.0;
const BARS: f64 = 440.0;

/// A table's medians as bars, with a line from p10 to p90. The scale is logarithmic where the longest
/// is more than 20 times the shortest.
pub fn bars(table: &Table) -> String {
    let shown: Vec<_> = table.entries.iter().filter(|e| !e.values.is_empty()).collect();
    let medians = || shown.iter().filter_map(|e| e.at(50));
    let most = shown.iter().filter_map(|e| e.at(90)).fold(0.0, f64::max);
    let least = medians().filter(|m| *m > 0.0).fold(f64::INFINITY, f64::min);
    if shown.is_empty() || most <= 0.0 {
        return String::new();
    }
    let all = shown.iter().flat_map(|e| [e.at(10), e.at(90)]).flatten();
    let log = if most > 20.0 * least { Log::over(all) } else { None };
    let part = |v: f64| log.as_ref().map_or(v / most, |log| log.part(v));
    let kind = if log.is_some() { ", logarithmic" } else { "" };
    let height = 48.0 + BAR * shown.len() as f64 + 10.0;
    let mut out = begin(NAMES + BARS + 110.0, height, &table.title);
    out += &format!("<text class=\"s\" x=\"10\" y=\"38\">{}{kind}</text>\n", escape(table.unit));
    for (place, entry) in shown.iter().enumerate() {
        let (Some(low), Some(middle), Some(high)) = (entry.at(10), entry.at(50), entry.at(90))
        else {
            continue;
        };
        let top = 48.0 + BAR * place as f64;
        let width = |v: f64| (BARS * part(v)).max(1.0);
        out += &format!(
            "<text class=\"e\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"16\" fill=\"{}\"/>\
             <line class=\"a\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            NAMES - 8.0,
            top + 13.0,
            escape(&entry.name),
            top,
            width(middle),
            colour(entry.role, place),
            NAMES + width(low),
            NAMES + width(high),
            top + 8.0,
            top + 8.0,
            NAMES + width(high).max(width(middle)) + 6.0,
            top + 13.0,
            short(middle)
        );
    }
    out + "</svg>\n"
}
