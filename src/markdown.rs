//! Markdown to HTML that is safe to show, whoever wrote it.

use std::borrow::Cow;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// The schemes that a link may have; one without a scheme stays on the site.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// Returns CommonMark, with tables, task lists and struck-out text, as HTML.
///
/// HTML in the text is shown as it is written, and does nothing. A link or image that leads to another scheme than http, https, mailto
/// or tel loses its address and keeps its text.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let shown: Cow<'_, str> = match text.chars().all(|letter| shown(letter) == letter) {
        true => text.into(),
        false => text.chars().map(shown).collect(),
    };
    html::push_html(&mut out, safe(&shown));
    out
}

/// Returns the character itself, or U+FFFD in place of one that HTML may not hold: a control character other than white space, or no
/// character at all.
pub fn shown(letter: char) -> char {
    let code = u32::from(letter);
    let control = letter.is_control() && !matches!(letter, '\t' | '\n' | '\u{c}' | '\r');
    // <https://infra.spec.whatwg.org/#noncharacter>
    let none = (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe;
    if control || none { '\u{fffd}' } else { letter }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_may_not_hold_is_replaced() {
        assert_eq!(html("a\0b\u{1}\u{fdd0}"), "<p>a\u{fffd}b\u{fffd}\u{fffd}</p>\n");
        assert_eq!(html("[a\u{8}](b\u{7f}c)"), "<p><a href=\"b%EF%BF%BDc\">a\u{fffd}</a></p>\n");
        for kept in ['\t', '\n', '\r', ' ', 'é', '\u{202e}', '\u{feff}', '😀'] {
            assert_eq!(shown(kept), kept);
        }
    }
}
