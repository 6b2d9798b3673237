//! Lua values as text for people: one line where it fits, rows as a grid.

use mbl::diag::escape_control;
use mbl::lua::Shown;
use mbl::schema::Schema;
use unicode_width::UnicodeWidthStr;

/// A cell is at most this wide.
const WIDEST: usize = 40;

/// More rows than this are not shown in a grid.
const MOST_ROWS: usize = 50;

/// Returns a value as Lua writes it, broken into lines where it is wider than `width`.
pub fn literal(value: &Shown, width: usize) -> String {
    broken(value, width, 0)
}

/// Returns a value as `print` would, a table as Lua writes it.
pub fn plain(value: &Shown, width: usize) -> String {
    match value {
        Shown::Text(bytes, length) => format!("{}{}", String::from_utf8_lossy(bytes), cut(bytes.len(), *length)),
        value => literal(value, width),
    }
}

fn broken(value: &Shown, width: usize, indent: usize) -> String {
    let line = flat(value);
    let (open, length) = match value {
        Shown::List(items, length) if !items.is_empty() => (items.len(), *length),
        Shown::Table(entries, length) if !entries.is_empty() => (entries.len(), *length),
        _ => return line,
    };
    if indent + line.width() <= width {
        return line;
    }
    let inner = " ".repeat(indent + 2);
    let mut out = "{\n".to_owned();
    match value {
        Shown::List(items, _) => {
            for item in items {
                out.push_str(&format!("{inner}{},\n", broken(item, width.saturating_sub(1), indent + 2)));
            }
        }
        Shown::Table(entries, _) => {
            for (key, item) in entries {
                let key = key_text(key);
                let item = broken(item, width.saturating_sub(key.width() + 4), indent + 2);
                out.push_str(&format!("{inner}{key} = {item},\n"));
            }
        }
        _ => {}
    }
    if open < length {
        out.push_str(&format!("{inner}-- and {} more\n", length - open));
    }
    out.push_str(&" ".repeat(indent));
    out.push('}');
    out
}

/// Returns a value in one line.
fn flat(value: &Shown) -> String {
    match value {
        Shown::Nil => "nil".to_owned(),
        Shown::Null => "null".to_owned(),
        Shown::Boolean(value) => value.to_string(),
        Shown::Integer(value) => value.to_string(),
        Shown::Number(text) => text.clone(),
        Shown::Text(bytes, length) => format!("{}{}", quoted(bytes), cut(bytes.len(), *length)),
        Shown::Other(text) => escape_control(text),
        Shown::List(items, length) => {
            let items: Vec<String> = items.iter().map(flat).chain(more(items.len(), *length)).collect();
            format!("{{ {} }}", items.join(", "))
        }
        Shown::Table(entries, _) if entries.is_empty() => "{}".to_owned(),
        Shown::Table(entries, length) => {
            let pairs = entries.iter().map(|(key, item)| format!("{} = {}", key_text(key), flat(item)));
            let pairs: Vec<String> = pairs.chain(more(entries.len(), *length)).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

fn more(shown: usize, length: usize) -> Option<String> {
    (shown < length).then(|| format!("… {} more", length - shown))
}

fn cut(shown: usize, length: usize) -> String {
    match shown < length {
        true => format!("… ({length} bytes)"),
        false => String::new(),
    }
}

fn key_text(key: &Shown) -> String {
    match key {
        Shown::Text(bytes, _) => {
            let text = String::from_utf8_lossy(bytes);
            let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !text.bytes().next().is_none_or(|first| first.is_ascii_digit());
            if is_name { text.into_owned() } else { format!("[{}]", quoted(bytes)) }
        }
        other => format!("[{}]", flat(other)),
    }
}

/// Returns a string as Lua reads it back.
fn quoted(bytes: &[u8]) -> String {
    let mut out = "'".to_owned();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\\' => out.push_str("\\\\"),
                '\'' => out.push_str("\\'"),
                other if other.is_control() => out.push_str(&format!("\\u{{{:x}}}", other as u32)),
                other => out.push(other),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('\'');
    out
}

/// A list of rows: tables with names as keys.
pub struct Rows<'a> {
    columns: Vec<String>,
    rows: Vec<&'a [(Shown, Shown)]>,
    length: usize,
}

impl<'a> Rows<'a> {
    /// Takes a value that is a list of rows; the columns come in the order of the model that has them.
    pub fn of(value: &'a Shown, schema: &Schema) -> Option<Self> {
        let Shown::List(items, length) = value else { return None };
        let rows: Vec<&[(Shown, Shown)]> = items
            .iter()
            .map(|item| match item {
                Shown::Table(entries, _) if !entries.is_empty() => Some(entries.as_slice()),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let mut columns: Vec<String> = Vec::new();
        for (key, _) in rows.iter().flat_map(|row| row.iter()) {
            let Shown::Text(name, _) = key else { return None };
            let name = String::from_utf8_lossy(name).into_owned();
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        let model = schema
            .models
            .iter()
            .find(|model| columns.iter().all(|column| column.starts_with('_') || model.field_named(column).is_some()));
        columns.sort_by_key(|column| {
            let place = model.and_then(|model| model.field_named(column)).map_or(usize::MAX, |id| id.0 as usize);
            (place, column.clone())
        });
        Some(Self { columns, rows, length: *length })
    }

    /// Returns how many rows there are.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns how many columns there are.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Returns a grid that fits into `width`, and how many columns it shows.
    pub fn grid(&self, width: usize) -> (String, usize) {
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .take(MOST_ROWS)
            .map(|row| self.columns.iter().map(|column| cell(row, column)).collect())
            .collect();
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let cells = rows.iter().map(|row| row[place].width());
                cells.chain([name.width()]).max().unwrap_or(0)
            })
            .collect();
        // What identifies a row goes first, what only points elsewhere last.
        let mut ranked: Vec<usize> = (0..self.columns.len()).collect();
        ranked.sort_by_key(|place| match self.columns[*place].as_str() {
            "id" => (0, *place),
            name if name.ends_with("Id") => (2, *place),
            _ => (1, *place),
        });
        let (mut chosen, mut used) = (Vec::new(), 1);
        for place in ranked {
            if chosen.is_empty() || used + widths[place] + 3 <= width {
                used += widths[place] + 3;
                chosen.push(place);
            }
        }
        chosen.sort_unstable();
        let rule = |left: &str, middle: &str, right: &str| {
            let lines: Vec<String> = chosen.iter().map(|place| "─".repeat(widths[*place] + 2)).collect();
            format!("{left}{}{right}\n", lines.join(middle))
        };
        let mut out = rule("┌", "┬", "┐");
        let names: Vec<String> = chosen.iter().map(|place| pad(&self.columns[*place], widths[*place], false)).collect();
        out.push_str(&format!("│ {} │\n", names.join(" │ ")));
        out.push_str(&rule("├", "┼", "┤"));
        for (row, source) in rows.iter().zip(&self.rows) {
            let cells: Vec<String> = chosen
                .iter()
                .map(|place| {
                    let number =
                        matches!(find(source, &self.columns[*place]), Some(Shown::Integer(_) | Shown::Number(_)));
                    pad(&row[*place], widths[*place], number)
                })
                .collect();
            out.push_str(&format!("│ {} │\n", cells.join(" │ ")));
        }
        out.push_str(&rule("└", "┴", "┘"));
        if rows.len() < self.length {
            out.push_str(&format!("… {} more rows\n", self.length - rows.len()));
        }
        (out, chosen.len())
    }

    /// Returns every column of every row, one a line.
    pub fn vertical(&self, width: usize) -> String {
        let widest = self.columns.iter().map(|name| name.width()).max().unwrap_or(0);
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            out.push_str(&format!("── {} ──\n", number + 1));
            for column in &self.columns {
                if let Some(value) = find(row, column) {
                    let text = broken(value, width.saturating_sub(widest + 2), 0)
                        .replace('\n', &format!("\n{:1$}", "", widest + 2));
                    out.push_str(&format!("{}  {text}\n", pad(column, widest, false)));
                }
            }
        }
        if self.rows.len() < self.length {
            out.push_str(&format!("… {} more rows\n", self.length - self.rows.len()));
        }
        out
    }
}

fn find<'a>(row: &'a [(Shown, Shown)], column: &str) -> Option<&'a Shown> {
    row.iter().find(|(key, _)| matches!(key, Shown::Text(name, _) if name == column.as_bytes())).map(|(_, value)| value)
}

/// Returns what stands in a cell; an id is cut in its middle, everything else at its end.
fn cell(row: &[(Shown, Shown)], column: &str) -> String {
    let text = match find(row, column) {
        None | Some(Shown::Nil | Shown::Null) => return String::new(),
        Some(Shown::Text(bytes, _)) => escape_control(&String::from_utf8_lossy(bytes).replace(['\n', '\r'], " ")),
        Some(value) => flat(value),
    };
    let is_id = (column == "id" || column.ends_with("Id")) && text.len() > 16 && !text.contains(' ') && text.is_ascii();
    match is_id {
        true => format!("{}…{}", &text[..5], &text[text.len() - 5..]),
        false => shortened(&text, WIDEST),
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for character in text.chars() {
        if out.width() + character.to_string().width() + 1 > width {
            break;
        }
        out.push(character);
    }
    out.push('…');
    out
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let room = " ".repeat(width.saturating_sub(text.width()));
    if right { format!("{room}{text}") } else { format!("{text}{room}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Shown {
        Shown::Text(text.as_bytes().to_vec(), text.len())
    }

    #[test]
    fn values_are_lua_and_long_ones_are_broken() {
        let row = Shown::Table(vec![(text("a b"), Shown::Integer(1)), (text("c"), text("it's\n"))], 2);
        assert_eq!(literal(&row, 80), "{ ['a b'] = 1, c = 'it\\'s\\n' }");
        assert_eq!(
            literal(&Shown::List(vec![row], 3), 20),
            "{\n  {\n    ['a b'] = 1,\n    c = 'it\\'s\\n',\n  },\n  -- and 2 more\n}"
        );
        assert_eq!(plain(&text("a\tb"), 80), "a\tb");
        assert_eq!(literal(&Shown::Text(vec![0xff, 0], 9), 80), "'\\xff\\u{0}'… (9 bytes)");
    }

    #[test]
    fn a_grid_fits_and_keeps_what_identifies() {
        let row = |id: &str, title: &str| {
            Shown::Table(vec![(text("id"), text(id)), (text("otherId"), text("x")), (text("title"), text(title))], 3)
        };
        let list = Shown::List(vec![row("cmwrx000000000000000i97d1", "漢字"), row("2", "b")], 2);
        let rows = Rows::of(&list, &Schema::default()).expect("these are rows");
        let (grid, shown) = rows.grid(28);
        assert_eq!(shown, 2);
        assert_eq!(
            grid,
            "┌─────────────┬───────┐\n│ id          │ title │\n├─────────────┼───────┤\n│ cmwrx…i97d1 │ 漢字  │\n│ 2           │ b     │\n└─────────────┴───────┘\n"
        );
        assert!(Rows::of(&Shown::List(vec![Shown::Nil], 1), &Schema::default()).is_none());
    }
}
