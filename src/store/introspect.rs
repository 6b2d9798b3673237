//! Reads the layout of the database that is there.

use rusqlite::Connection;

use crate::migrate::{Column, ColumnDefault, ForeignKey, IndexColumn, Layout, ReferentialAction, Table, TableIndex};

use crate::store::{Store, StoreError};

/// The tables that are no one's data: SQLite's own, ours and those of Prisma's tools.
const TABLES: &str = "
    SELECT s.name, s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main'
    WHERE s.type = 'table' AND l.type = 'table' AND s.name <> '_prisma_migrations'
      AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND s.name NOT LIKE '\\_mbl%' ESCAPE '\\'
    ORDER BY s.rowid";

/// A text that only seems to say so costs no more than a longer way to the row.
const NUMBERED: &str = "
    SELECT NOT (sql LIKE '%without%rowid%' OR sql LIKE '%\\_rowid\\_%' ESCAPE '\\')
    FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";

/// Hidden columns are those of virtual tables, and generated ones, which no statement of ours writes.
const COLUMNS: &str = "
    SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid";

/// SQLite lists the last foreign key first.
const FOREIGN_KEYS: &str = "
    SELECT id, \"from\", \"table\", \"to\", on_delete, on_update FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq";

/// SQLite lists the last index first.
const INDEXES: &str = "
    SELECT name, \"unique\", partial FROM pragma_index_list(?1) WHERE origin <> 'pk' ORDER BY seq DESC";

/// What belongs to a table and has a text of its own.
const BESIDE: &str = "
    SELECT type, name, sql FROM sqlite_schema
    WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('trigger', 'index') AND sql IS NOT NULL ORDER BY rowid";

const INDEX_COLUMNS: &str = "
    SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno";

impl Store {
    /// Tells whether the rows of a table have a number that no column hides: `_rowid_` names it. A view has none, nor has a table
    /// WITHOUT ROWID.
    pub fn is_numbered(&self, table: &str) -> bool {
        let Ok(connection) = self.connection() else { return false };
        let run = || connection.prepare_cached(NUMBERED)?.query_row([table], |row| row.get(0));
        run().unwrap_or(false)
    }

    /// Returns the tables that are in the database.
    ///
    /// Left out are SQLite's own, those that begin with `_mbl`, and `_prisma_migrations`.
    pub fn introspect(&self) -> Result<Layout, StoreError> {
        let connection = self.connection()?;
        read_layout(connection).map_err(|error| self.fault(error, "reading the tables of the database"))
    }
}

fn read_layout(connection: &Connection) -> rusqlite::Result<Layout> {
    let mut statement = connection.prepare_cached(TABLES)?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let tables = names.into_iter().map(|(name, sql)| read_table(connection, name, sql));
    let tables = tables.collect::<rusqlite::Result<_>>()?;
    let mut statement =
        connection.prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY rowid")?;
    let views = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut layout = Layout { tables, views, choices: Vec::new() };
    name_referenced_keys(&mut layout);
    Ok(layout)
}

fn read_table(connection: &Connection, name: String, sql: String) -> rusqlite::Result<Table> {
    let mut columns = Vec::new();
    let mut key: Vec<(i64, String)> = Vec::new();
    let mut statement = connection.prepare_cached(COLUMNS)?;
    let mut rows = statement.query([&name])?;
    while let Some(row) = rows.next()? {
        let column = Column {
            name: row.get(0)?,
            type_name: row.get(1)?,
            nullable: !row.get::<_, bool>(2)?,
            default: row.get::<_, Option<String>>(3)?.map(|sql| ColumnDefault::from_sql(&sql)),
            autoincrement: false,
            renamed_from: Vec::new(),
        };
        match row.get(4)? {
            0 => {}
            position => key.push((position, column.name.clone())),
        }
        columns.push(column);
    }
    key.sort();
    for column in &mut columns {
        // SQLite lets NULL into a key by an old mistake of its own; no row with one can be named.
        column.nullable &= !key.iter().any(|(_, name)| *name == column.name);
    }
    if let [(_, only)] = key.as_slice() {
        let column = columns.iter_mut().find(|column| column.name == *only).expect("the key is one of the columns");
        if column.type_name.eq_ignore_ascii_case("INTEGER") {
            column.autoincrement = words_of(&sql).iter().any(|word| word == "AUTOINCREMENT");
        }
    }
    let indexes = read_indexes(connection, &name)?;
    Ok(Table {
        columns,
        primary_key: key.into_iter().map(|(_, name)| name).collect(),
        foreign_keys: read_foreign_keys(connection, &name)?,
        beside: read_beside(connection, &name, &indexes)?,
        indexes,
        name,
        renamed_from: Vec::new(),
        beyond: read_beyond(&sql),
    })
}

/// Returns the SQL of the table's triggers and of its indexes that a schema cannot say.
fn read_beside(connection: &Connection, table: &str, indexes: &[TableIndex]) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(BESIDE)?;
    let mut found = Vec::new();
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
        if kind == "trigger" || indexes.iter().any(|index| index.special && index.name == name) {
            found.push(row.get(2)?);
        }
    }
    Ok(found)
}

/// Returns what stands in a table's text and in no schema.
fn read_beyond(sql: &str) -> Vec<String> {
    let words = words_of(sql);
    let has = |phrase: &[&str]| words.windows(phrase.len()).any(|words| words == phrase);
    let phrases: [&[&str]; 7] = [
        &["CHECK"],
        &["COLLATE"],
        &["GENERATED"],
        &["WITHOUT", "ROWID"],
        &["STRICT"],
        &["ON", "CONFLICT"],
        &["DEFERRABLE"],
    ];
    phrases.iter().filter(|phrase| has(phrase)).map(|phrase| phrase.join(" ")).collect()
}

/// Returns the words of an SQL text in capitals, without comments and what stands in quotes.
pub(super) fn words_of(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let skip_to = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
        let length = match first {
            '\'' | '"' | '`' => skip_to(first.encode_utf8(&mut [0; 4]), 1),
            '[' => skip_to("]", 1),
            '-' if rest.starts_with("--") => skip_to("\n", 2),
            '/' if rest.starts_with("/*") => skip_to("*/", 2),
            _ if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
                let end = end.unwrap_or(rest.len());
                words.push(rest[..end].to_ascii_uppercase());
                end
            }
            _ => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    words
}

fn read_foreign_keys(connection: &Connection, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    let mut last = None;
    let mut statement = connection.prepare_cached(FOREIGN_KEYS)?;
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            keys.push(ForeignKey {
                name: None,
                columns: Vec::new(),
                table: row.get(2)?,
                references: Vec::new(),
                on_delete: action(&row.get::<_, String>(4)?),
                on_update: action(&row.get::<_, String>(5)?),
            });
            last = Some(id);
        }
        let key = keys.last_mut().expect("one was just added, or was there");
        key.columns.push(row.get(1)?);
        // NULL stands for the primary key of the other table.
        key.references.extend(row.get::<_, Option<String>>(3)?);
    }
    Ok(keys)
}

fn read_indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<TableIndex>> {
    let mut statement = connection.prepare_cached(INDEXES)?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut indexes = Vec::new();
    for row in rows {
        let (name, unique, partial) = row?;
        let mut index = TableIndex { name, unique, columns: Vec::new(), special: partial };
        let mut statement = connection.prepare_cached(INDEX_COLUMNS)?;
        let mut rows = statement.query([&index.name])?;
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(0)?;
            let collation: String = row.get(2)?;
            index.special |= name.is_none() || !collation.eq_ignore_ascii_case("BINARY");
            index.columns.push(IndexColumn { name: name.unwrap_or_default(), descending: row.get(1)? });
        }
        indexes.push(index);
    }
    Ok(indexes)
}

/// Puts names for `REFERENCES "Table"` without columns.
fn name_referenced_keys(layout: &mut Layout) {
    let targets: Vec<(String, Vec<String>)> =
        layout.tables.iter().map(|table| (table.name.clone(), table.primary_key.clone())).collect();
    for key in layout.tables.iter_mut().flat_map(|table| &mut table.foreign_keys) {
        if key.references.is_empty()
            && let Some((_, columns)) = targets.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.table))
        {
            key.references = columns.clone();
        }
    }
}

fn action(name: &str) -> ReferentialAction {
    match name {
        "CASCADE" => ReferentialAction::Cascade,
        "RESTRICT" => ReferentialAction::Restrict,
        "SET NULL" => ReferentialAction::SetNull,
        "SET DEFAULT" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}
