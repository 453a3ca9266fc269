//! A figure over time: line and area, a cursor that is a native slider, the same numbers as table and CSV.

use leptos::html;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{PointerEvent, ResizeObserver};

use super::axis;
use super::scale::{Linear, line, nice_count_max, px};
use crate::api::download;
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::ui::{Button, Icon, TableScroll, Variant, dom};

/// One point of the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Name for programs, such as `2026-11-22`.
    pub key: String,
    /// Short name for the axis.
    pub label: String,
    /// Full name for the cursor and the table.
    pub name: String,
    /// The value.
    pub value: i64,
    /// The value in words, such as "197 logs".
    pub text: String,
    /// Whether the period is still running.
    pub running: bool,
    /// Between which values it is expected.
    pub band: Option<(i64, i64)>,
}

impl Point {
    /// The highest value that is drawn for it.
    fn highest(&self) -> i64 {
        self.band.map_or(self.value, |(_, high)| high.max(self.value))
    }
}

/// Room above the plot.
const TOP: f64 = 12.0;
/// Room below the plot, for the labels.
const BOTTOM: f64 = 26.0;
/// Room to the right.
const RIGHT: f64 = 12.0;

/// A series laid out for a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Pixels by index.
    pub x: Linear,
    /// Pixels by value.
    pub y: Linear,
    /// Values that get a line across.
    pub ticks: [f64; 5],
    /// Path of the periods that are complete.
    pub line: String,
    /// Path of the last stretch, when its period is still running.
    pub tail: String,
    /// Path of the area below both.
    pub area: String,
    /// Path of a bar for each value.
    pub bars: String,
    /// Path of the band in which values are expected.
    pub band: String,
}

impl Plot {
    /// Lays out values on an axis up to `highest`; `left` is the room for the labels of the values.
    #[must_use]
    pub fn new(
        values: &[i64],
        highest: i64,
        running: bool,
        (width, height): (f64, f64),
        left: f64,
        bars: bool,
    ) -> Self {
        let count = values.len();
        let top = nice_count_max(highest as f64);
        let right = (width - RIGHT).max(left + 1.0);
        // A bar needs room on both sides of its point.
        let half = if bars { (right - left) / count.max(1) as f64 / 2.0 } else { 0.0 };
        let last = count.saturating_sub(1).max(1) as f64;
        let x = Linear { domain: (0.0, last), range: (left + half, right - half) };
        let y = Linear { domain: (0.0, top), range: ((height - BOTTOM).max(TOP + 1.0), TOP) };
        let at = |index: usize, value: i64| (x.at(index as f64), y.at(value as f64));
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(index, value)| at(index, *value)).collect();
        let complete = if running && count > 1 { count - 1 } else { count };
        let tail_from = complete.saturating_sub(1);
        let tail =
            if complete < count { line(points.iter().skip(tail_from).copied()) } else { String::new() };
        let mut area = line(points.iter().copied());
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let base = px(y.at(0.0));
            area.push_str(&format!("L{} {base}L{} {base}Z", px(last.0), px(first.0)));
        }
        Self {
            x,
            y,
            ticks: [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| share * top),
            bars: self::bars(&points, y.at(0.0), (right - left) / count.max(1) as f64),
            line: line(points.into_iter().take(complete)),
            tail,
            area,
            band: String::new(),
        }
    }

    /// Adds the band in which values are expected.
    #[must_use]
    pub fn with_band(mut self, band: &[(i64, i64)]) -> Self {
        let (x, y) = (self.x, self.y);
        let at = move |(index, value): (usize, i64)| (x.at(index as f64), y.at(value as f64));
        let upper = band.iter().map(|(_, high)| *high).enumerate().map(at);
        let lower = band.iter().map(|(low, _)| *low).enumerate().rev().map(at);
        self.band = line(upper.chain(lower));
        self
    }

    /// The index nearest to a pixel.
    #[must_use]
    pub fn nearest(&self, pixel: f64, count: usize) -> usize {
        let last = count.saturating_sub(1) as f64;
        self.x.invert(pixel).round().clamp(0.0, last) as usize
    }
}

/// Bars around points, with a gap of a fifth between them; what is not zero can be seen.
fn bars(points: &[(f64, f64)], base: f64, room: f64) -> String {
    let width = (room * 0.8).max(1.0);
    let bar = |(x, y): &(f64, f64)| {
        let top = if *y < base { y.min(base - 1.0) } else { *y };
        format!("M{} {}V{}h{}V{}Z", px(x - width / 2.0), px(base), px(top), px(width), px(base))
    };
    points.iter().map(bar).collect()
}

/// A chart over time.
#[component]
pub fn TimeSeries(
    /// Prefix of the ids inside, unique on the page.
    id: &'static str,
    /// Heading.
    #[prop(into)]
    title: TextProp,
    /// One sentence with what there is to see: the alternative text.
    #[prop(into)]
    summary: TextProp,
    /// Headings of the two columns of the table.
    #[prop(into)]
    columns: Signal<(String, String)>,
    /// The points, oldest first.
    #[prop(into)]
    points: Signal<Vec<Point>>,
    /// Name of the CSV file.
    file_name: &'static str,
    /// Bars instead of a line.
    #[prop(optional)]
    bars: bool,
    /// Low, so that what stands below stays in sight.
    #[prop(optional)]
    low: bool,
    /// Takes the first and last point of a stretch that was chosen by pointer, or the one under the cursor by Enter.
    #[prop(optional, into)]
    on_pick: Option<Callback<(usize, usize)>>,
) -> AnyView {
    let look = Look { bars, low };
    let (title_id, summary_id) = (format!("{id}-t"), format!("{id}-s"));
    let cursor = RwSignal::new(None::<usize>);
    let heading = title.clone();
    view! {
        <figure class="card chart" aria-labelledby=title_id.clone()>
            <figcaption>
                <h2 id=title_id.clone()>{heading}</h2>
                <p class="sum" id=summary_id.clone()>{summary}</p>
            </figcaption>
            {plot(points, cursor, look, on_pick, (title_id.clone(), summary_id.clone()))}
            {slider(id, points, cursor, on_pick)}
            {as_table(title, columns, points, file_name)}
        </figure>
    }
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy)]
struct Look {
    bars: bool,
    low: bool,
}

/// Measures an element; the size follows it.
fn measured(node: NodeRef<html::Div>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    let observer = StoredValue::new(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let watched = element.clone();
        let measure = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
            if size.try_get_untracked().is_some_and(|size| size != now) {
                size.set(now);
            }
        });
        if let Ok(created) = ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            created.observe(&element);
            observer.set_value(Some((created, measure)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = observer.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    size
}

fn plot(
    points: Signal<Vec<Point>>,
    cursor: RwSignal<Option<usize>>,
    look: Look,
    on_pick: Option<Callback<(usize, usize)>>,
    (title_id, summary_id): (String, String),
) -> AnyView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Div>::new();
    let tip = NodeRef::<html::Output>::new();
    let size = measured(node);
    let labels = Memo::new(move |_| {
        let highest = points.with(|points| points.iter().map(Point::highest).max().unwrap_or(0));
        let top = nice_count_max(highest as f64);
        [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| i18n.fmt().axis((share * top) as i64))
    });
    let left = Memo::new(move |_| {
        let longest =
            labels.with(|labels| labels.iter().map(|label| label.chars().count()).max().unwrap_or(1));
        (longest as f64 * 7.0 + 14.0).max(40.0)
    });
    let layout = Memo::new(move |_| {
        let (width, height) = size.get();
        points.with(|points| {
            let values: Vec<i64> = points.iter().map(|point| point.value).collect();
            let running = points.last().is_some_and(|point| point.running);
            let band: Vec<(i64, i64)> = points.iter().filter_map(|point| point.band).collect();
            let highest = points.iter().map(Point::highest).max().unwrap_or(0);
            Plot::new(&values, highest, running, (width, height), left.get(), look.bars).with_band(&band)
        })
    });
    Effect::new(move |_| {
        let parent = node.get().and_then(|node| node.parent_element());
        if let Some(figure) = parent.and_then(|parent| parent.dyn_into::<web_sys::HtmlElement>().ok()) {
            dom::set_property(&figure, "--plot-left", &format!("{}px", left.get()));
        }
    });
    place_tip(tip, cursor, layout, size);
    let move_to = move |event: PointerEvent| {
        let Some(element) = node.get_untracked() else {
            return;
        };
        let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
        let count = points.with_untracked(Vec::len);
        if count > 0 {
            cursor.set(Some(layout.with_untracked(|plot| plot.nearest(x, count))));
        }
    };
    let pressed = StoredValue::new(None::<usize>);
    let press = move |event: PointerEvent| {
        move_to(event);
        pressed.set_value(cursor.get_untracked());
    };
    let release = move |_| {
        let from = pressed.try_update_value(Option::take).flatten();
        if let (Some(pick), Some(from), Some(to)) = (on_pick, from, cursor.get_untracked()) {
            pick.run((from.min(to), from.max(to)));
        }
    };
    let leave = move |_| {
        pressed.set_value(None);
        // The slider keeps its place while it has the focus.
        if dom::find(".cursor:focus").is_none() {
            cursor.set(None);
        }
    };
    let tip_text = move || {
        cursor.get().and_then(|index| {
            points.with(|points| points.get(index).map(|point| format!("{}: {}", point.name, point.text)))
        })
    };
    view! {
        <div
            class=if look.low { "plot h-s" } else { "plot h-l" }
            class:pick=on_pick.is_some()
            node_ref=node
            on:pointermove=move_to
            on:pointerdown=press
            on:pointerup=release
            on:pointerleave=leave
        >
            <svg role="img" aria-labelledby=title_id aria-describedby=summary_id>
                <g aria-hidden="true">
                    {move || grid(layout, labels, left)} {move || x_labels(points, layout, left)}
                    <path class="band" d=move || layout.with(|plot| plot.band.clone())></path>
                    {series(layout, look)}
                    {move || mark(cursor, points, layout)}
                </g>
            </svg>
            <output class="tip" node_ref=tip aria-hidden="true" hidden=move || cursor.get().is_none()>
                {tip_text}
            </output>
        </div>
    }
}

fn series(layout: Memo<Plot>, look: Look) -> AnyView {
    if look.bars {
        return view! { <path class="bars" d=move || layout.with(|plot| plot.bars.clone())></path> };
    }
    view! {
        <path class="area" d=move || layout.with(|plot| plot.area.clone())></path>
        <path class="ln" d=move || layout.with(|plot| plot.line.clone())></path>
        <path class="ln tail" d=move || layout.with(|plot| plot.tail.clone())></path>
    }
}

fn grid(layout: Memo<Plot>, labels: Memo<[String; 5]>, left: Memo<f64>) -> AnyView {
    let left = left.get();
    layout.with(|plot| {
        let right = px(plot.x.range.1);
        plot.ticks
            .iter()
            .zip(labels.get())
            .map(|(tick, label)| {
                let y = plot.y.at(*tick);
                view! {
                    <line class="g" x1=px(left) x2=right.clone() y1=px(y) y2=px(y)></line>
                    <text x=px(left - 8.0) y=px(y + 4.0) text-anchor="end">{label}</text>
                }
            })
            .collect_view()
            .into_child()
    })
}

fn x_labels(points: Signal<Vec<Point>>, layout: Memo<Plot>, left: Memo<f64>) -> AnyView {
    let left = left.get();
    layout.with(|plot| {
        points.with(|points| {
            let count = points.len();
            let longest = points.iter().map(|point| point.label.chars().count()).max().unwrap_or(1);
            let room = plot.x.range.1 - plot.x.range.0;
            let step = axis::step(count, room, longest, axis::day_steps(count));
            let y = px(plot.y.range.0 + BOTTOM - 6.0);
            axis::labelled(count, step)
                .into_iter()
                .filter_map(|index| {
                    let label = points.get(index)?.label.clone();
                    let x = plot.x.at(index as f64);
                    let anchor = axis::anchor(index, count, x, left);
                    Some(view! { <text x=px(x) y=y.clone() text-anchor=anchor>{label}</text> })
                })
                .collect_view()
                .into_child()
        })
    })
}

fn mark(cursor: RwSignal<Option<usize>>, points: Signal<Vec<Point>>, layout: Memo<Plot>) -> Option<AnyView> {
    let index = cursor.get()?;
    let value = points.with(|points| points.get(index).map(|point| point.value))?;
    layout.with(|plot| {
        let (x, y) = (px(plot.x.at(index as f64)), px(plot.y.at(value as f64)));
        let (top, bottom) = (px(plot.y.range.1), px(plot.y.range.0));
        Some(view! {
            <line class="cur" x1=x.clone() x2=x.clone() y1=top y2=bottom></line>
            <circle class="pt" r="4.5" cx=x cy=y></circle>
        })
    })
}

/// Keeps the tip above the cursor and inside the plot.
fn place_tip(
    tip: NodeRef<html::Output>,
    cursor: RwSignal<Option<usize>>,
    layout: Memo<Plot>,
    size: RwSignal<(f64, f64)>,
) {
    Effect::new(move |_| {
        let (Some(tip), Some(index)) = (tip.get(), cursor.get()) else {
            return;
        };
        let x = layout.with(|plot| plot.x.at(index as f64));
        let room = size.get().0;
        dom::next_tick(move || {
            let width = f64::from(tip.offset_width());
            let at = (x - width / 2.0).min(room - width).max(0.0);
            dom::set_property(&tip, "translate", &format!("{}px -6px", px(at)));
        });
    });
}

fn slider(
    id: &'static str,
    points: Signal<Vec<Point>>,
    cursor: RwSignal<Option<usize>>,
    on_pick: Option<Callback<(usize, usize)>>,
) -> AnyView {
    let i18n = use_i18n();
    let slider_id = format!("{id}-r");
    let last = move || points.with(Vec::len).saturating_sub(1);
    let value = move || cursor.get().unwrap_or_else(last);
    let spoken = move || {
        points.with(|points| points.get(value()).map(|point| format!("{}: {}", point.name, point.text)))
    };
    let take = move |event: web_sys::Event| {
        if let Ok(index) = event_target_value(&event).parse::<usize>() {
            cursor.set(Some(index));
        }
    };
    view! {
        <label class="vh" for=slider_id.clone()>{i18n.tr(|t| t.charts.walk)}</label>
        <input
            class="cursor"
            id=slider_id
            type="range"
            min="0"
            max=move || last().to_string()
            prop:value=move || value().to_string()
            aria-valuetext=spoken
            on:input=take
            on:focus=move |_| cursor.set(Some(untrack(value)))
            on:blur=move |_| cursor.set(None)
            on:keydown=move |event: web_sys::KeyboardEvent| {
                if let Some(pick) = on_pick.filter(|_| event.key() == "Enter") {
                    let at = untrack(value);
                    pick.run((at, at));
                }
            }
        />
    }
}

fn as_table(
    title: TextProp,
    columns: Signal<(String, String)>,
    points: Signal<Vec<Point>>,
    file_name: &'static str,
) -> AnyView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let toggle = move |event: web_sys::Event| {
        let is_open = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|details| details.has_attribute("open"));
        open.set(is_open);
    };
    let save = move |()| {
        drop(download::save_text(&untrack(|| csv(columns, points)), "text/csv;charset=utf-8", file_name));
    };
    let label = {
        let title = title.clone();
        move || (i18n.t().charts.table_of)(&title.get())
    };
    let table = move || {
        let (title, label) = (title.clone(), label.clone());
        open.get().then(|| {
            let rows = move || {
                points.with(|points| {
                    points
                        .iter()
                        .map(|point| {
                            let value = i18n.fmt().int(point.value);
                            let running = point.running.then(|| (i18n.t().charts.running)(&value));
                            view! {
                                <tr>
                                    <th scope="row">{point.name.clone()}</th>
                                    <td class="num">{running.unwrap_or(value)}</td>
                                </tr>
                            }
                        })
                        .collect_view()
                })
            };
            view! {
                <TableScroll label=label>
                    <table>
                        <caption class="vh">{title}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{move || columns.get().0}</th>
                                <th scope="col" class="r">{move || columns.get().1}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </TableScroll>
                <Button variant=Variant::Ghost small=true icon=Icon::DOWNLOAD on_press=save>
                    {i18n.tr(|t| t.charts.csv)}
                </Button>
            }
        })
    };
    view! {
        <details on:toggle=toggle>
            <summary>{i18n.tr(|t| t.charts.as_table)}</summary>
            {table}
        </details>
    }
}

/// The points as locale-neutral CSV.
fn csv(columns: Signal<(String, String)>, points: Signal<Vec<Point>>) -> String {
    let (first, second) = columns.get();
    let mut text = format!("{first},{second}\r\n");
    points.with(|points| {
        for point in points {
            text.push_str(&format!("{},{}\r\n", point.key, point.value));
        }
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: &[i64], running: bool) -> Plot {
        let highest = values.iter().copied().max().unwrap_or(0);
        Plot::new(values, highest, running, (252.0, 138.0), 40.0, false)
    }

    /// UI-04: bars stand beside each other inside the plot, and what is not zero can be seen.
    #[test]
    fn bars_stand_inside_the_plot() {
        let plot = Plot::new(&[0, 4_000, 1], 4_000, false, (252.0, 138.0), 40.0, true);
        assert_eq!(plot.bars, "M46.7 112V112h53.3V112ZM113.3 112V12h53.3V112ZM180 112V111h53.3V112Z");
        assert_eq!(plot.nearest(50.0, 3), 0);
        assert_eq!(plot.nearest(239.0, 3), 2);
    }

    /// ANA-06: the band runs along its upper ends and back along the lower ones.
    #[test]
    fn bands_are_closed() {
        let plot = plot(&[1, 1, 1], false).with_band(&[(0, 1), (0, 1), (1, 1)]);
        assert_eq!(plot.band, "M40 87L140 87L240 87L240 87L140 112L40 112");
    }

    /// UI-04: the line touches both ends of the plot and its values.
    #[test]
    fn a_series_fills_the_plot() {
        let plot = plot(&[0, 4, 2], false);
        assert_eq!(plot.line, "M40 112L140 12L240 62");
        assert_eq!(plot.area, "M40 112L140 12L240 62L240 112L40 112Z");
        assert_eq!(plot.tail, "");
        assert_eq!(plot.ticks, [0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    /// UI-04: a day that is still running is drawn apart, so that nobody reads it as a fall.
    #[test]
    fn a_running_day_is_drawn_apart() {
        let plot = plot(&[0, 4, 2], true);
        assert_eq!(plot.line, "M40 112L140 12");
        assert_eq!(plot.tail, "M140 12L240 62");
    }

    /// UI-04: no data and one value give a plot too, and the nearest point is always one that exists.
    #[test]
    fn few_points_are_drawn() {
        assert_eq!(Plot::new(&[], 0, false, (0.0, 0.0), 40.0, false).line, "");
        let one = plot(&[3], true);
        assert_eq!(one.line, "M40 37");
        assert_eq!(one.nearest(999.0, 1), 0);
        assert_eq!(one.nearest(-5.0, 0), 0);
        let many = Plot::new(&[1; 30], 1, false, (700.0, 240.0), 40.0, false);
        assert_eq!(many.nearest(0.0, 30), 0);
        assert_eq!(many.nearest(9_999.0, 30), 29);
    }
}
