//! Pages that fill from top to bottom, and drawing them with their structure: what reads a page aloud finds headings,
//! paragraphs, figures with a description, and a table with its head.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::Font;
use krilla::{Document, SerializeSettings};
use shared::lang::Lang;
use shared::time::Millis;

use super::face::{self, Weight};
use crate::util::zone;

/// A4, in points.
pub const PAGE: (f32, f32) = (595.28, 841.89);
/// Room on each side of a page.
pub const MARGIN: f32 = 40.0;
/// Room within the margins.
pub const WIDE: f32 = PAGE.0 - 2.0 * MARGIN;
/// Where a page is full; the foot stands below.
const BOTTOM: f32 = PAGE.1 - 56.0;

/// Shades of a report; all texts have a contrast of 4.5 or more on white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Texts.
    Ink,
    /// Texts that matter less.
    Muted,
    /// Bars.
    Accent,
    /// Behind texts.
    Soft,
    /// Lines.
    Line,
}

impl Shade {
    const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Ink => (26, 32, 38),
            Self::Muted => (84, 93, 102),
            Self::Accent => (8, 110, 115),
            Self::Soft => (234, 243, 243),
            Self::Line => (208, 214, 220),
        }
    }
}

/// Something on a page; places are in points from the top left.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A text on its base line.
    Text {
        /// Left end of the base line.
        at: (f32, f32),
        /// Size of the letters.
        size: f32,
        /// Weight of the letters.
        weight: Weight,
        /// Their shade.
        shade: Shade,
        /// What it says.
        text: String,
    },
    /// A box.
    Area {
        /// Left, top, width and height.
        area: (f32, f32, f32, f32),
        /// Its shade.
        shade: Shade,
    },
}

/// What a part of a page means.
#[derive(Debug, Clone)]
pub enum Part {
    /// The title (1) or a heading (2).
    Heading(u16, Vec<Mark>),
    /// A paragraph.
    Paragraph(Vec<Mark>),
    /// A picture with its description.
    Figure(String, Vec<Mark>),
    /// The head of the table, where it begins.
    Head(Vec<Vec<Mark>>),
    /// A row of the table.
    Row(Vec<Vec<Mark>>),
    /// Nothing but looks.
    Decoration(Vec<Mark>),
}

/// About the document.
#[derive(Debug, Clone)]
pub struct Info {
    /// Its title.
    pub title: String,
    /// Its language.
    pub lang: Lang,
    /// When it was made.
    pub made_at: Millis,
    /// What stands at the left of each foot.
    pub foot: String,
    /// The word for page, and the one between number and count.
    pub page_of: (&'static str, &'static str),
    /// Summary of the table.
    pub table: String,
}

/// Pages that fill from top to bottom.
#[derive(Debug)]
pub struct Sheet {
    pages: Vec<Vec<Part>>,
    /// How far the last page is filled.
    pub y: f32,
}

impl Sheet {
    /// An empty document with one page.
    #[must_use]
    pub fn new() -> Self {
        Self { pages: vec![Vec::new()], y: MARGIN }
    }

    /// Makes room, on a new page if it must be. Whether it had to be a new one.
    pub fn room(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return false;
        }
        self.pages.push(Vec::new());
        self.y = MARGIN;
        true
    }

    /// Puts something on the last page.
    pub fn put(&mut self, part: Part) {
        if let Some(page) = self.pages.last_mut() {
            page.push(part);
        }
    }

    /// Writes the document; none when it does not keep the rules of an accessible one.
    ///
    /// # Errors
    /// What the library found wrong, in its own words.
    pub fn write(self, info: &Info) -> Result<Vec<u8>, String> {
        let rules = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
        let configuration = rules.map_err(|error| format!("{error:?}"))?;
        let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
        let fonts = face::font(Weight::Regular).zip(face::font(Weight::Bold));
        let mut writing = Writing {
            document: Document::new_with(settings),
            fonts: fonts.ok_or_else(|| "the fonts cannot be read".to_owned())?,
            tree: Vec::new(),
            table: None,
            outline: Outline::new(),
        };
        let count = self.pages.len();
        for (at, page) in self.pages.iter().enumerate() {
            writing.page(page, at, count, info)?;
        }
        writing.finish(info)
    }
}

struct Writing {
    document: Document,
    fonts: (Font, Font),
    tree: Vec<TagGroup>,
    /// Head and body of the table, once it has begun.
    table: Option<(TagGroup, TagGroup)>,
    outline: Outline,
}

/// Draws marks as one piece of content.
fn piece(surface: &mut Surface<'_>, fonts: &(Font, Font), tag: ContentTag<'_>, marks: &[Mark]) -> Identifier {
    let id = surface.start_tagged(tag);
    for mark in marks {
        draw(surface, fonts, mark);
    }
    surface.end_tagged();
    id
}

fn fill(shade: Shade) -> Fill {
    let (red, green, blue) = shade.rgb();
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn draw(surface: &mut Surface<'_>, fonts: &(Font, Font), mark: &Mark) {
    match mark {
        Mark::Text { at, size, weight, shade, text } => {
            let glyphs = face::glyphs(text, *weight);
            if glyphs.is_empty() {
                return;
            }
            let font = if *weight == Weight::Bold { &fonts.1 } else { &fonts.0 };
            surface.set_fill(Some(fill(*shade)));
            surface.draw_glyphs(Point::from_xy(at.0, at.1), &glyphs, font.clone(), text, *size, false);
        }
        Mark::Area { area: (left, top, width, height), shade } => {
            let Some(area) = Rect::from_xywh(*left, *top, *width, *height) else { return };
            let mut path = PathBuilder::new();
            path.push_rect(area);
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*shade)));
                surface.draw_path(&path);
            }
        }
    }
}

fn said(marks: &[Mark]) -> String {
    let texts = marks.iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text.trim_end()),
        Mark::Area { .. } => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

impl Writing {
    fn page(&mut self, parts: &[Part], at: usize, count: usize, info: &Info) -> Result<(), String> {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| "no page".to_owned())?;
        let Self { document, fonts, tree, table, outline } = self;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
        for part in parts {
            match part {
                Part::Heading(level, marks) => {
                    let id = piece(&mut surface, fonts, ContentTag::Other, marks);
                    let text = said(marks);
                    let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                    tree.push(TagGroup::with_children(Tag::Hn(level, Some(text.clone())), vec![id.into()]));
                    let top = marks.iter().find_map(|mark| match mark {
                        Mark::Text { at, size, .. } => Some(at.1 - size),
                        Mark::Area { .. } => None,
                    });
                    let place = XyzDestination::new(at, Point::from_xy(MARGIN, top.unwrap_or(MARGIN)));
                    outline.push_child(OutlineNode::new(text, place));
                }
                Part::Paragraph(marks) => {
                    let id = piece(&mut surface, fonts, ContentTag::Other, marks);
                    tree.push(TagGroup::with_children(Tag::P, vec![id.into()]));
                }
                Part::Figure(description, marks) => {
                    let id = piece(&mut surface, fonts, ContentTag::Other, marks);
                    tree.push(TagGroup::with_children(
                        Tag::Figure(Some(description.clone())),
                        vec![id.into()],
                    ));
                }
                Part::Head(cells) if table.is_none() => {
                    let mut row = TagGroup::new(Tag::TR);
                    for marks in cells {
                        let id = piece(&mut surface, fonts, ContentTag::Other, marks);
                        row.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Column), vec![id.into()]));
                    }
                    let head = TagGroup::with_children(Tag::THead, vec![row.into()]);
                    *table = Some((head, TagGroup::new(Tag::TBody)));
                }
                // On later pages it is for the eye alone.
                Part::Head(cells) => {
                    for marks in cells {
                        piece(&mut surface, fonts, artifact(ArtifactType::Header), marks);
                    }
                }
                Part::Row(cells) => {
                    let mut row = TagGroup::new(Tag::TR);
                    for marks in cells {
                        let id = piece(&mut surface, fonts, ContentTag::Other, marks);
                        row.push(TagGroup::with_children(Tag::TD, vec![id.into()]));
                    }
                    if let Some((_, body)) = table {
                        body.push(row);
                    }
                }
                Part::Decoration(marks) => {
                    piece(&mut surface, fonts, artifact(ArtifactType::Layout), marks);
                }
            }
        }
        let number = format!("{} {} {} {count}", info.page_of.0, at + 1, info.page_of.1);
        let (size, shade, line) = (7.5, Shade::Muted, PAGE.1 - 30.0);
        let right = PAGE.0 - MARGIN - face::width(&number, Weight::Regular, size);
        let text = |left, text: &str| Mark::Text {
            at: (left, line),
            size,
            weight: Weight::Regular,
            shade,
            text: text.to_owned(),
        };
        let rule = Mark::Area { area: (MARGIN, line - 12.0, WIDE, 0.5), shade: Shade::Line };
        let foot = [rule, text(MARGIN, &info.foot), text(right, &number)];
        piece(&mut surface, fonts, artifact(ArtifactType::Footer), &foot);
        surface.finish();
        page.finish();
        Ok(())
    }

    fn finish(mut self, info: &Info) -> Result<Vec<u8>, String> {
        let mut tree = TagTree::new().with_lang(Some(info.lang.code().to_owned()));
        for group in self.tree {
            tree.push(group);
        }
        if let Some((head, body)) = self.table {
            let tag = Tag::Table.with_summary(Some(info.table.clone()));
            tree.push(TagGroup::with_children(tag, vec![head.into(), body.into()]));
        }
        self.document.set_tag_tree(tree);
        self.document.set_outline(self.outline);
        let at = zone::local(&jiff::tz::TimeZone::UTC, info.made_at);
        let part = |value: i8| u8::try_from(value).unwrap_or_default();
        let made = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
            .month(part(at.month()))
            .day(part(at.day()))
            .hour(part(at.hour()))
            .minute(part(at.minute()))
            .second(part(at.second()))
            .utc_offset_hour(0)
            .utc_offset_minute(0);
        let metadata = Metadata::new()
            .title(info.title.clone())
            .language(info.lang.code().to_owned())
            .creator("MVAI Connexx".to_owned())
            .creation_date(made);
        self.document.set_metadata(metadata);
        self.document.finish().map_err(|error| format!("{error:?}"))
    }
}
