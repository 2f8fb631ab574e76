//! Lines over axes, as SVG.

use std::fmt::Write as _;

use super::escape;
use super::scale::Scale;

const HEIGHT: f64 = 250.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;

/// One line. A value that is not there leaves a gap.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its colour and stroke, a class of the style sheet.
    pub class: &'static str,
    /// Its points from left to right.
    pub points: Vec<(f64, Option<f64>)>,
}

/// How wide a plot is on a page with room for two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Another fits beside it.
    Half,
    /// It has the line for itself.
    Whole,
}

/// A plot with its words.
#[derive(Clone, Debug)]
pub struct Plot {
    /// How wide it is.
    pub size: Size,
    /// What it shows.
    pub title: String,
    /// What must be known to read it.
    pub note: String,
    /// What stands below the horizontal axis.
    pub x_words: String,
    /// What stands beside the vertical axis.
    pub y_words: String,
    /// The horizontal axis.
    pub x: Scale,
    /// The vertical axis.
    pub y: Scale,
    /// Where on the horizontal axis the measured time ends, if more comes behind it.
    pub end: Option<f64>,
    /// Its lines; the first is drawn last, on top.
    pub series: Vec<Series>,
}

impl Plot {
    /// The plot as a figure.
    pub fn figure(&self) -> String {
        let keys: String = self
            .series
            .iter()
            .map(|one| format!("<span><i class=\"key {}\"></i>{}</span>", one.class, escape(&one.name)))
            .collect();
        let note = if self.note.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&self.note)) };
        format!(
            "<figure{}><figcaption><h3>{}</h3>{note}<div class=\"legend\">{keys}</div></figcaption>{}</figure>\n",
            if self.size == Size::Whole { " class=\"whole\"" } else { "" },
            escape(&self.title),
            self.svg()
        )
    }

    fn svg(&self) -> String {
        let (title, width) = (escape(&self.title), self.width());
        let mut svg =
            format!("<svg viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>");
        self.axes(&mut svg);
        if let Some(end) = self.end {
            let x = self.x_of(end);
            let _ = write!(
                svg,
                "<line class=\"end\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">end</text>",
                HEIGHT - BOTTOM,
                x - 5.0,
                TOP + 9.0
            );
        }
        for series in self.series.iter().rev() {
            svg.push_str(&self.line(series));
        }
        svg + "</svg>"
    }

    fn axes(&self, svg: &mut String) {
        let (bottom, right) = (HEIGHT - BOTTOM, self.width() - RIGHT);
        for (value, words) in self.y.ticks() {
            let (y, words) = (self.y_of(value), escape(&words));
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{words}</text>",
                LEFT - 8.0,
                y + 4.0
            );
        }
        for (value, words) in self.x.ticks() {
            let (x, words) = (self.x_of(value), escape(&words));
            let _ = write!(
                svg,
                "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{bottom}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{words}</text>",
                bottom + 4.0,
                bottom + 18.0
            );
        }
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\"/>\
             <text class=\"words\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"words\" transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            (LEFT + right) / 2.0,
            HEIGHT - 8.0,
            escape(&self.x_words),
            (TOP + bottom) / 2.0,
            escape(&self.y_words),
        );
    }

    /// A path with a move behind each gap; a point alone is a dot.
    fn line(&self, series: &Series) -> String {
        let (mut path, mut dots) = (String::new(), String::new());
        let there = |place: usize| series.points.get(place).and_then(|(x, y)| Some((*x, (*y)?)));
        for place in 0..series.points.len() {
            let Some((x, y)) = there(place) else { continue };
            let (x, y) = (self.x_of(x), self.y_of(y));
            let before = place.checked_sub(1).and_then(there).is_some();
            if !before && there(place + 1).is_none() {
                let _ = write!(dots, "<circle class=\"dot {}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>", series.class);
            } else {
                let _ = write!(path, "{}{x:.1} {y:.1}", if before { "L" } else { "M" });
            }
        }
        if path.is_empty() {
            return dots;
        }
        format!("<path class=\"line {}\" d=\"{path}\"/>{dots}", series.class)
    }

    fn x_of(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (self.width() - LEFT - RIGHT)
    }

    fn width(&self) -> f64 {
        match self.size {
            Size::Half => 600.0,
            Size::Whole => 1_232.0,
        }
    }

    fn y_of(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.y.place(value) * (HEIGHT - TOP - BOTTOM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: Vec<(f64, Option<f64>)>) -> String {
        let series = vec![Series { name: "a<b".into(), class: "c1", points }];
        let (x, y) = (Scale::Even { end: 10.0 }, Scale::Even { end: 10.0 });
        let words = || "words".to_owned();
        let (size, title, end) = (Size::Half, "A & B".into(), Some(5.0));
        Plot { size, title, note: words(), x_words: words(), y_words: words(), x, y, end, series }.figure()
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_point_alone_is_a_dot() {
        let told = plot(vec![(0.0, Some(0.0)), (1.0, Some(10.0)), (2.0, None), (3.0, Some(5.0)), (4.0, None)]);
        assert!(told.contains("d=\"M62.0 206.0L114.0 12.0\""), "{told}");
        assert_eq!(told.matches("<circle").count(), 1, "{told}");
    }

    #[test]
    fn what_others_named_is_escaped() {
        let told = plot(Vec::new());
        assert!(told.contains("a&lt;b") && told.contains("A &amp; B") && !told.contains("a<b"), "{told}");
    }
}
