//! A figure over time: line and area, a cursor that is a native slider, the same numbers as table and CSV.

use leptos::html;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{PointerEvent, ResizeObserver};

use super::axis;
use super::plot::{BOTTOM, Plot};
use super::scale::{nice_count_max, px};
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::ui::{Rows, TableScroll, csv_button, dom};

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
    /// The value of the same period earlier.
    pub before: Option<i64>,
}

impl Point {
    /// The highest value that is drawn for it.
    fn highest(&self) -> i64 {
        let high = self.band.map_or(self.value, |(_, high)| high.max(self.value));
        self.before.map_or(high, |before| before.max(high))
    }

    /// The point in words, with the value of the earlier period.
    fn words(&self, i18n: I18n) -> String {
        let before = self.before.map(|before| (i18n.t().charts.earlier_value)(&i18n.fmt().int(before)));
        let words = format!("{}: {} {}", self.name, self.text, before.unwrap_or_default());
        words.trim_end().to_owned()
    }
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
                {legend(points)}
            </figcaption>
            {plot(points, cursor, look, on_pick, (title_id.clone(), summary_id.clone()))}
            {slider(id, points, cursor, on_pick)}
            {as_table(title, columns, points, file_name)}
        </figure>
    }
}

/// Whether there is an earlier period beside the present one.
fn is_compared(points: &[Point]) -> bool {
    points.iter().any(|point| point.before.is_some())
}

/// What the second line is, when there is one.
fn legend(points: Signal<Vec<Point>>) -> AnyView {
    let i18n = use_i18n();
    let compared = Memo::new(move |_| points.with(|points| is_compared(points)));
    live(move || {
        compared.get().then(|| {
            view! {
                <p class="key sub2">
                    <span class="dash" aria-hidden="true"></span>
                    {i18n.tr(|t| t.charts.earlier)}
                </p>
            }
        })
    })
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
            let before: Vec<i64> = points.iter().map_while(|point| point.before).collect();
            let highest = points.iter().map(Point::highest).max().unwrap_or(0);
            Plot::new(&values, highest, running, (width, height), left.get(), look.bars)
                .with_band(&band)
                .with_before(&before)
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
        cursor.get().and_then(|index| points.with(|points| points.get(index).map(|point| point.words(i18n))))
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
                    <path class="ln before" d=move || layout.with(|plot| plot.before.clone())></path>
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
    let spoken = move || points.with(|points| points.get(value()).map(|point| point.words(i18n)));
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
    let compared = Memo::new(move |_| points.with(|points| is_compared(points)));
    let toggle = move |event: web_sys::Event| {
        let is_open = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|details| details.has_attribute("open"));
        open.set(is_open);
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
                            let before = compared.get().then(|| {
                                let before = point.before.map(|before| i18n.fmt().int(before));
                                view! { <td class="num">{before.unwrap_or_default()}</td> }
                            });
                            view! {
                                <tr>
                                    <th scope="row">{point.name.clone()}</th>
                                    <td class="num">{running.unwrap_or(value)}</td>
                                    {before}
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
                                {move || compared.get().then(|| view! { <th scope="col" class="r">{i18n.tr(|t| t.charts.earlier)}</th> })}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </TableScroll>
                {csv_button(file_name, move || csv(i18n, columns, points))}
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

/// The points as rows of a file.
fn csv(i18n: I18n, columns: Signal<(String, String)>, points: Signal<Vec<Point>>) -> Rows {
    let (first, second) = columns.get();
    points.with(|points| {
        let compared = is_compared(points);
        let third = compared.then(|| i18n.t().charts.earlier.to_owned());
        let row = |point: &Point| {
            let before = compared.then(|| point.before.map(|before| before.to_string()).unwrap_or_default());
            [point.key.clone(), point.value.to_string()].into_iter().chain(before).collect()
        };
        let head = [first, second].into_iter().chain(third).collect();
        std::iter::once(head).chain(points.iter().map(row)).collect()
    })
}
