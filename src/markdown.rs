//! Markdown to HTML that is safe to show, whoever wrote it.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// The schemes that a link may have; one without a scheme stays on the site.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// Returns CommonMark, with tables, task lists and struck-out text, as HTML.
///
/// HTML in the text is shown as it is written, and does nothing. A link or image that leads to another scheme than http, https, mailto
/// or tel loses its address and keeps its text.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, safe(text));
    out
}

/// Returns what a reader sees, without any markup: a line for each paragraph, heading or row.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for event in safe(text) {
        match event {
            Event::Text(part) | Event::Code(part) => out.push_str(&part),
            Event::SoftBreak | Event::HardBreak | Event::Rule | Event::End(TagEnd::TableCell) => out.push(' '),
            Event::End(tag) if !is_inline(&tag) && !out.is_empty() && !out.ends_with('\n') => out.push('\n'),
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_inline(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

/// Reads a text into events that hold neither HTML nor an address that runs something.
fn safe(text: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    // Links and images that are open, innermost last: whether their address stays.
    let mut kept = Vec::new();
    Parser::new_ext(text, options).filter_map(move |event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::Link { link_type, ref dest_url, .. }) => {
            let keep = link_type == LinkType::Email || is_harmless(dest_url);
            kept.push(keep);
            keep.then_some(event)
        }
        Event::Start(Tag::Image { ref dest_url, .. }) => {
            let keep = is_harmless(dest_url);
            kept.push(keep);
            keep.then_some(event)
        }
        Event::End(TagEnd::Link | TagEnd::Image) => kept.pop().unwrap_or(true).then_some(event),
        event => Some(event),
    })
}

/// Tells whether an address has a scheme that only shows something.
fn is_harmless(address: &str) -> bool {
    // A browser passes over blanks and control characters, so `java\nscript:` is a scheme to it.
    let seen: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    match seen.find([':', '/', '?', '#']) {
        Some(end) if seen.as_bytes()[end] == b':' => {
            SCHEMES.iter().any(|scheme| seen[..end].eq_ignore_ascii_case(scheme))
        }
        _ => true,
    }
}
