//! Lines over a few categories, as SVG that reads on light and on dark pages: it brings its own paper.

use std::fmt::Write as _;

/// How large a chart is.
pub(crate) const WIDTH: f64 = 430.0;
pub(crate) const HEIGHT: f64 = 300.0;

const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 40.0;

const INK: &str = "#1f2328";
const FAINT: &str = "#59636e";
const GRID: &str = "#d8dee4";
const PAPER: &str = "#ffffff";

/// One line.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) colour: &'static str,
    pub(crate) mark: Mark,
    /// One for each category; nothing where nothing was measured.
    pub(crate) values: Vec<Option<f64>>,
}

/// What a point looks like, so that colour is not all that tells lines apart.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// One chart; its vertical axis is logarithmic.
pub(crate) struct Chart {
    pub(crate) title: String,
    /// What the categories are.
    pub(crate) below: &'static str,
    pub(crate) categories: Vec<String>,
    pub(crate) series: Vec<Series>,
    /// Writes a value of the vertical axis.
    pub(crate) label: fn(f64) -> String,
}

/// Charts beside each other, with one legend for all.
pub(crate) fn picture(description: &str, charts: &[Chart]) -> String {
    let columns = u32::try_from(charts.len()).map_or(1.0, f64::from);
    let (width, height) = (columns * WIDTH, HEIGHT + 34.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{description}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n<title>{description}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{PAPER}\"/>\n"
    );
    let mut left = 0.0;
    for chart in charts {
        let _ = write!(svg, "<g transform=\"translate({left} 0)\">\n{}</g>\n", chart.drawn());
        left += WIDTH;
    }
    if let Some(chart) = charts.first() {
        svg.push_str(&legend(chart, width));
    }
    svg + "</svg>\n"
}

fn legend(chart: &Chart, width: f64) -> String {
    let shown: Vec<_> = chart.series.iter().filter(|series| series.values.iter().any(Option::is_some)).collect();
    let step = 128.0;
    let mut x = (width - step * u32::try_from(shown.len()).map_or(1.0, f64::from)) / 2.0;
    let y = HEIGHT + 14.0;
    let mut text = String::new();
    for series in shown {
        let name = series.name;
        let _ = writeln!(
            text,
            "{}<text x=\"{}\" y=\"{}\" fill=\"{INK}\">{name}</text>",
            series.mark.drawn(x, y, series.colour),
            x + 10.0,
            y + 4.0
        );
        x += step;
    }
    text
}

impl Chart {
    fn drawn(&self) -> String {
        let values: Vec<f64> = self.series.iter().flat_map(|series| series.values.iter().flatten().copied()).collect();
        let (lowest, highest) = decades(&values);
        let height = |value: f64| {
            let share = (value.max(f64::MIN_POSITIVE).log10() - lowest) / (highest - lowest);
            HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
        };
        let title = &self.title;
        let mut svg = format!("<text x=\"{LEFT}\" y=\"24\" font-weight=\"600\" fill=\"{INK}\">{title}</text>\n");
        let mut exponent = lowest;
        while exponent <= highest {
            let (y, text) = (height(10_f64.powf(exponent)), (self.label)(10_f64.powf(exponent)));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"{GRID}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\" fill=\"{FAINT}\">{text}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0
            );
            exponent += 1.0;
        }
        svg.push_str(&self.axis_below());
        for series in &self.series {
            svg.push_str(&self.line(series, &height));
        }
        svg
    }

    fn across(&self, index: usize) -> f64 {
        let part = |number: usize| u32::try_from(number).map_or(0.0, f64::from);
        LEFT + (WIDTH - LEFT - RIGHT) * (part(index) + 0.5) / part(self.categories.len()).max(1.0)
    }

    fn axis_below(&self) -> String {
        let mut svg = String::new();
        for (index, category) in self.categories.iter().enumerate() {
            let (x, y) = (self.across(index), HEIGHT - BOTTOM + 17.0);
            let _ =
                writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\" fill=\"{INK}\">{category}</text>");
        }
        let (x, y, below) = ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 7.0, self.below);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"{FAINT}\">{below}</text>");
        svg
    }

    fn line(&self, series: &Series, height: &dyn Fn(f64) -> f64) -> String {
        let points = series.values.iter().enumerate();
        let points: Vec<_> =
            points.filter_map(|(index, value)| Some((self.across(index), height((*value)?)))).collect();
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (path, colour) = (path.join(" "), series.colour);
        let line = format!("<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
        points.iter().fold(line, |svg, (x, y)| svg + &series.mark.drawn(*x, *y, colour) + "\n")
    }
}

impl Mark {
    fn drawn(self, x: f64, y: f64, colour: &str) -> String {
        let shape = match self {
            Self::Circle => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\""),
            Self::Square => format!("<rect x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"", x - 4.0, y - 4.0),
            Self::Triangle => format!("<path d=\"M{x:.1} {:.1}l5 9h-10z\"", y - 5.5),
            Self::Diamond => format!("<path d=\"M{x:.1} {:.1}l5.5 5.5l-5.5 5.5l-5.5 -5.5z\"", y - 5.5),
        };
        format!("{shape} fill=\"{colour}\" stroke=\"{PAPER}\"/>")
    }
}

/// The powers of ten around some values.
fn decades(values: &[f64]) -> (f64, f64) {
    let positive = values.iter().copied().filter(|value| *value > 0.0);
    let (least, most) = positive.fold((f64::MAX, 0.0), |(least, most), value| (value.min(least), value.max(most)));
    if most <= 0.0 {
        return (0.0, 1.0);
    }
    let (lowest, highest) = (least.log10().floor(), most.log10().ceil());
    (lowest, highest.max(lowest + 1.0))
}
