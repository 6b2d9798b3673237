//! `mbl import` and `mbl export`: rows from and to files of CSV or JSON Lines.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use mbl::Database;
use mbl::db::{Action, DbError, ErrorKind, ModelId};
use mbl::diag::{Diagnostic, Diagnostics, Sources, closest};
use mbl::json::{JsonArgs, JsonRows};
use mbl::query::inputs::compound_keys;
use mbl::runtime::Door;
use mbl::schema::{Field, FieldKind, Model, ScalarType};
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, write_stdout};
use crate::cli::project::{self, Print};
use crate::cli::run::counted;
use crate::cli::{Common, LogKind, counts, unreadable};

#[derive(Args)]
pub struct ImportArgs {
    /// The file: .csv with names in its first line, or .jsonl with an object a line
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The model that the rows are of
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// What the file is, when its name does not say
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where the rows go that are refused [default: FILE.rejects.csv or FILE.rejects.jsonl]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

#[derive(Args)]
pub struct ExportArgs {
    /// The model whose rows are written
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How they are written, when the file's name does not say [default: jsonl]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

/// A form of a file of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values, the names in the first line.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// So many rows go in one transaction, and are read at once.
const BATCH: usize = 1000;

/// A cell that says a text without any letter, where nothing at all says NULL.
const EMPTY_TEXT: &str = "\"\"";

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        if self == Format::Csv { "csv" } else { "jsonl" }
    }
}

/// A row of a file: where it begins, its text as it was, and what it says or why that is nothing.
struct Incoming {
    line: u64,
    original: Vec<String>,
    row: Result<Json, String>,
}

/// Reads a file's rows into a model's table, in transactions of many rows; a row that is refused goes into a file of its own.
pub fn import(common: &Common, args: &ImportArgs, output: Output) -> Outcome<Exit> {
    let format = format_of(args.format, Some(&args.file))?;
    let file = File::open(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    let size = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let (door, id) = open(common, &args.model, output)?;
    let model = door.database().schema().model(id).clone();
    let progress = progress(size, output);
    let reader = progress.wrap_read(file);
    let rejects = args.rejects.clone().unwrap_or_else(|| {
        let name = args.file.file_name().unwrap_or_default().to_string_lossy();
        args.file.with_file_name(format!("{name}.rejects.{}", format.name()))
    });
    let mut import = Import {
        door: &door,
        id,
        model: &model,
        batch: Vec::new(),
        done: 0,
        rejected: 0,
        format,
        columns: Vec::new(),
        path: rejects,
        rejects: None,
    };
    match format {
        Format::Csv => import.read_csv(&args.file, reader)?,
        Format::Jsonl => import.read_lines(&args.file, BufReader::new(reader))?,
    }
    import.flush()?;
    let (done, rejected) = (import.done, import.rejected);
    let written = import.finish()?;
    progress.finish_and_clear();
    let ok = rejected == 0;
    if output.json {
        let mut more = Map::new();
        more.insert("model".into(), json!(model.name));
        more.insert("imported".into(), json!(done));
        more.insert("rejected".into(), json!(rejected));
        more.insert("rejects".into(), json!(written.as_ref().map(|path| path.display().to_string())));
        let none = Diagnostics::new();
        output.report("import", ok, &none, &Sources::new(), more, counts(&none));
    } else {
        if !output.quiet {
            output.line(&format!("{} imported into {}", counted(done, "row"), model.name));
        }
        if let Some(path) = written {
            let what = counted(rejected, "row");
            crate::cli::output::write_stderr(format!(
                "{what} refused; they are in {}, each with the reason\n",
                path.display()
            ));
        }
    }
    Ok(if ok { Exit::Done } else { Exit::Fault })
}

/// Writes all rows of a model.
pub fn export(common: &Common, args: &ExportArgs, output: Output) -> Outcome<Exit> {
    let format = match (args.format, &args.out) {
        (None, None) => Format::Jsonl,
        (format, out) => format_of(format, out.as_deref())?,
    };
    let (door, id) = open(common, &args.model, output)?;
    let database = door.database();
    let model = database.schema().model(id).clone();
    let fields: Vec<&Field> = model.scalars().map(|(_, field)| field).collect();
    let rows = match &args.out {
        Some(path) => {
            let failed = |error: std::io::Error| {
                let message = format!("`{}` cannot be written: {error}", path.display());
                Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
            };
            let mut file = BufWriter::new(File::create(path).map_err(failed)?);
            let rows = each_page(database, id, &model, |rows, first| {
                file.write_all(&rendered(rows, &fields, format, first)).map_err(failed)
            })?;
            file.flush().map_err(failed)?;
            rows
        }
        None => each_page(database, id, &model, |rows, first| {
            write_stdout(rendered(rows, &fields, format, first));
            Ok(())
        })?,
    };
    if let Some(path) = &args.out {
        output.note(&format!("{} of {} in {}", counted(rows, "row"), model.name, path.display()));
    }
    Ok(Exit::Done)
}

fn format_of(said: Option<Format>, path: Option<&Path>) -> Outcome<Format> {
    said.or_else(|| Format::of(path?)).ok_or_else(|| {
        Failure::usage(
            Diagnostic::error("unknown_format", "the file's name does not say what it is")
                .help("say --format csv or --format jsonl"),
        )
    })
}

/// Opens the project's database with the schema of its packages, and finds the model.
fn open(common: &Common, name: &str, output: Output) -> Outcome<(Door, ModelId)> {
    let set = project::with_paths(common, &[], Print::Stderr, output).read()?;
    output.findings(&set.diagnostics, &set.sources);
    let schema = set.schema.clone();
    let id = schema.model_named(name).or_else(|| schema.model_by_accessor(name)).ok_or_else(|| {
        let names = || schema.client_models().map(|(_, model)| model.name.as_str());
        let diagnostic = Diagnostic::error("unknown_model", format!("there is no model `{name}`"));
        Failure::usage(match names().next() {
            Some(_) => diagnostic
                .did_you_mean(name, names())
                .help(format!("there are {}", names().collect::<Vec<_>>().join(", "))),
            None => diagnostic.help("go to a folder that holds packages/, or name one with --packages"),
        })
    })?;
    let door = Door::open(&project::database(common, None), schema)?;
    if common.log == Some(LogKind::Sql) {
        door.database().store().on_statement(Some(Box::new(project::write_statement)));
    }
    Ok((door, id))
}

/// Makes a bar that grows with the bytes that were read; on a terminal only.
fn progress(bytes: u64, output: Output) -> ProgressBar {
    if output.quiet || output.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    match ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes} · {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// An import that is under way.
struct Import<'a> {
    door: &'a Door,
    id: ModelId,
    model: &'a Model,
    batch: Vec<Incoming>,
    done: usize,
    rejected: usize,
    format: Format,
    /// The names in the first line of CSV.
    columns: Vec<String>,
    path: PathBuf,
    rejects: Option<BufWriter<File>>,
}

impl Import<'_> {
    fn read_csv(&mut self, path: &Path, reader: impl Read) -> Outcome<()> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
        let headers = reader.headers().map_err(|error| not_rows(path, &error.to_string()))?.clone();
        self.columns = headers.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let columns = self.columns.clone();
        let mut fields = Vec::new();
        for column in &columns {
            fields.push(self.field(column)?.clone());
        }
        for record in reader.records() {
            let incoming = match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let original: Vec<String> = record.iter().map(str::to_owned).collect();
                    let row = row_of_cells(&fields, &original);
                    Incoming { line, original, row }
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    Incoming { line, original: Vec::new(), row: Err(error.to_string()) }
                }
            };
            self.take(incoming)?;
        }
        Ok(())
    }

    fn read_lines(&mut self, path: &Path, reader: impl BufRead) -> Outcome<()> {
        for (number, line) in reader.split(b'\n').enumerate() {
            let line = line.map_err(|error| not_rows(path, &error.to_string()))?;
            let mark = if number == 0 { "\u{feff}".as_bytes() } else { &[] };
            let line = line.strip_prefix(mark).unwrap_or(&line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let text = String::from_utf8_lossy(line).into_owned();
            let row = match mbl::json::parse(line) {
                Ok(Json::Object(object)) => self.row_of_object(object),
                Ok(_) => Err("a row is an object".to_owned()),
                Err(error) => Err(format!("not JSON: {error}")),
            };
            self.take(Incoming { line: number as u64 + 1, original: vec![text], row })?;
        }
        Ok(())
    }

    /// Finds the field that a column is for.
    fn field(&self, column: &str) -> Outcome<&Field> {
        let names = || self.model.scalars().map(|(_, field)| field.name.as_str());
        self.model.scalars().map(|(_, field)| field).find(|field| field.name == column).ok_or_else(|| {
            let message = format!("{} has no field `{column}`, which the first line names", self.model.name);
            Failure::usage(
                Diagnostic::error("unknown_field", message)
                    .did_you_mean(column, names())
                    .help(format!("its fields are {}", names().collect::<Vec<_>>().join(", "))),
            )
        })
    }

    /// Puts what JSON has no type for into the marks of the JSON door.
    fn row_of_object(&self, object: Map<String, Json>) -> Result<Json, String> {
        let mut row = Map::new();
        for (name, value) in object {
            let field = self.model.scalars().map(|(_, field)| field).find(|field| field.name == name);
            let Some(field) = field else {
                let near = closest(&name, self.model.scalars().map(|(_, field)| field.name.as_str()));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("{} has no field `{name}`{near}", self.model.name));
            };
            let value = match (field.scalar(), value) {
                (Some(ScalarType::Bytes), Json::String(text)) => json!({ "$bytes": text }),
                (Some(ScalarType::Decimal), Json::String(text)) => json!({ "$decimal": text }),
                (_, value) => value,
            };
            row.insert(name, value);
        }
        Ok(Json::Object(row))
    }

    fn take(&mut self, incoming: Incoming) -> Outcome<()> {
        self.batch.push(incoming);
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Writes the batch in one transaction; when a row is refused, one by one.
    fn flush(&mut self) -> Outcome<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let database = self.door.database();
        database.begin().map_err(fatal)?;
        let rows: Vec<&Json> = batch.iter().filter_map(|incoming| incoming.row.as_ref().ok()).collect();
        match self.create(&json!(rows)) {
            Ok(()) => {
                self.done += rows.len();
                for incoming in batch.iter().filter(|incoming| incoming.row.is_err()) {
                    self.reject(incoming, incoming.row.as_ref().err().map_or("", String::as_str))?;
                }
            }
            Err(error) if error.kind == ErrorKind::Internal => return Err(fatal(error)),
            Err(_) => {
                for incoming in &batch {
                    match &incoming.row {
                        Err(reason) => self.reject(incoming, reason)?,
                        Ok(row) => match self.create(&json!([row])) {
                            Ok(()) => self.done += 1,
                            Err(error) if error.kind == ErrorKind::Internal => return Err(fatal(error)),
                            Err(error) => {
                                // The place is that of the call; here it is the row.
                                let call = format!("db.{}.createMany: ", self.model.accessor);
                                self.reject(incoming, &error.message.replace(&call, "").replace("data[0].", ""))?;
                            }
                        },
                    }
                }
            }
        }
        database.commit().map_err(fatal)
    }

    fn create(&self, rows: &Json) -> Result<(), DbError> {
        if rows.as_array().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let args = json!({ "data": rows });
        self.door.database().run(self.id, Action::CreateMany, &JsonArgs(&args), &mut JsonRows::new())
    }

    fn reject(&mut self, incoming: &Incoming, reason: &str) -> Outcome<()> {
        self.rejected += 1;
        let path = self.path.clone();
        let failed = move |error: std::io::Error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
        };
        let first = self.rejects.is_none();
        let mut file = match self.rejects.take() {
            Some(file) => file,
            None => BufWriter::new(File::create(&self.path).map_err(&failed)?),
        };
        let text = match self.format {
            Format::Csv => {
                let mut lines = Vec::new();
                if first {
                    lines.push([&["_line".to_owned(), "_error".to_owned()], self.columns.as_slice()].concat());
                }
                lines.push([&[incoming.line.to_string(), reason.to_owned()], incoming.original.as_slice()].concat());
                csv_lines(lines)
            }
            Format::Jsonl => {
                let row = incoming.original.first().map(|text| serde_json::from_str(text).unwrap_or(json!(text)));
                format!("{}\n", json!({ "line": incoming.line, "error": reason, "row": row })).into_bytes()
            }
        };
        file.write_all(&text).map_err(&failed)?;
        self.rejects = Some(file);
        Ok(())
    }

    /// Closes the file of refused rows, and returns where it is.
    fn finish(self) -> Outcome<Option<PathBuf>> {
        let Some(mut file) = self.rejects else { return Ok(None) };
        file.flush().map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", self.path.display());
            Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
        })?;
        Ok(Some(self.path))
    }
}

fn not_rows(path: &Path, message: &str) -> Failure {
    let message = format!("`{}` cannot be read: {message}", path.display());
    Failure::new(Exit::Environment, Diagnostic::error("unreadable_file", message))
}

fn fatal(error: DbError) -> Failure {
    mbl::Error::Db(error).into()
}

/// Makes a row of the cells of a line; says what is wrong with the first that does not fit.
fn row_of_cells(fields: &[Field], cells: &[String]) -> Result<Json, String> {
    if cells.len() > fields.len() {
        return Err(format!("{} cells, but the first line names {}", cells.len(), fields.len()));
    }
    let mut row = Map::new();
    for (field, cell) in fields.iter().zip(cells) {
        if let Some(value) = value_of_cell(field, cell)? {
            row.insert(field.name.clone(), value);
        }
    }
    Ok(Json::Object(row))
}

/// Reads a cell; None leaves the field to its default.
fn value_of_cell(field: &Field, cell: &str) -> Result<Option<Json>, String> {
    let wrong = |wanted: &str| {
        let shown: String = cell.chars().take(40).collect();
        Err(format!("`{}` must be {wanted}, found \"{}\"", field.name, shown.escape_debug()))
    };
    let is_text = matches!(field.kind, FieldKind::Scalar(ScalarType::String));
    if cell.is_empty() && (!is_text || field.is_optional()) {
        return Ok(field.is_optional().then_some(Json::Null));
    }
    Ok(Some(match field.scalar() {
        Some(ScalarType::String) if field.is_optional() && cell == EMPTY_TEXT => json!(""),
        Some(ScalarType::Int | ScalarType::BigInt) => match cell.trim().parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => return wrong("an integer"),
        },
        Some(ScalarType::Float) => match cell.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => return wrong("a number"),
        },
        Some(ScalarType::Boolean) => match cell.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => json!(true),
            "false" | "0" | "no" => json!(false),
            _ => return wrong("true or false"),
        },
        Some(ScalarType::Json) => match serde_json::from_str(cell) {
            Ok(value) => value,
            Err(_) => return wrong("JSON"),
        },
        Some(ScalarType::Bytes) => json!({ "$bytes": cell }),
        Some(ScalarType::Decimal) => json!({ "$decimal": cell.trim() }),
        _ => json!(cell),
    }))
}

/// Reads all rows in the order of what identifies them, some at a time, and tells how many there were.
fn each_page(
    database: &Database,
    id: ModelId,
    model: &Model,
    mut page: impl FnMut(&[Map<String, Json>], bool) -> Outcome<()>,
) -> Outcome<usize> {
    let identity = model.identity();
    let order: Vec<Json> = identity.iter().map(|field| json!({ &model.field(*field).name: "asc" })).collect();
    // The rows are those of one moment.
    database.store().begin_read().map_err(mbl::Error::Store)?;
    let (mut count, mut cursor) = (0, Json::Null);
    loop {
        let mut args = json!({ "orderBy": order, "take": BATCH });
        if !cursor.is_null() {
            args["cursor"] = cursor;
            args["skip"] = json!(1);
        }
        let mut rows = JsonRows::new();
        database.run(id, Action::FindMany, &JsonArgs(&args), &mut rows).map_err(fatal)?;
        let rows: Vec<Map<String, Json>> = serde_json::from_str(&rows.into_string()).map_err(mbl::Error::Convert)?;
        page(&rows, count == 0)?;
        count += rows.len();
        let Some(last) = rows.last().filter(|_| rows.len() == BATCH && !identity.is_empty()) else { break };
        let part = |field: &mbl::db::FieldId| {
            let name = &model.field(*field).name;
            (name.clone(), last.get(name).cloned().unwrap_or_default())
        };
        let parts: Map<String, Json> = identity.iter().map(part).collect();
        cursor = match compound_keys(model).into_iter().find(|(_, fields)| *fields == identity) {
            Some((name, _)) => json!({ name: parts }),
            None => Json::Object(parts),
        };
    }
    database.store().commit().map_err(mbl::Error::Store)?;
    Ok(count)
}

/// Returns rows as a part of a file; the first part of CSV begins with the names.
fn rendered(rows: &[Map<String, Json>], fields: &[&Field], format: Format, first: bool) -> Vec<u8> {
    match format {
        Format::Jsonl => rows
            .iter()
            .map(|row| {
                let object: Map<String, Json> = fields
                    .iter()
                    .filter_map(|field| Some((field.name.clone(), plain(field, row.get(&field.name)?))))
                    .collect();
                format!("{}\n", Json::Object(object))
            })
            .collect::<String>()
            .into_bytes(),
        Format::Csv => {
            let mut lines: Vec<Vec<String>> = Vec::new();
            if first {
                lines.push(fields.iter().map(|field| field.name.clone()).collect());
            }
            let cell = |field: &&Field, row: &Map<String, Json>| match row.get(&field.name) {
                None | Some(Json::Null) => String::new(),
                Some(value) if field.scalar() == Some(ScalarType::Json) => value.to_string(),
                Some(value) => match plain(field, value) {
                    Json::String(text) if text.is_empty() && field.is_optional() => EMPTY_TEXT.to_owned(),
                    Json::String(text) => text,
                    other => other.to_string(),
                },
            };
            lines.extend(rows.iter().map(|row| fields.iter().map(|field| cell(field, row)).collect()));
            csv_lines(lines)
        }
    }
}

fn csv_lines(lines: Vec<Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for line in lines {
        // Memory takes all of it.
        let _ = writer.write_record(line);
    }
    writer.into_inner().unwrap_or_default()
}

/// Takes the marks of the JSON door off a value: a file's reader knows the types.
fn plain(field: &Field, value: &Json) -> Json {
    let marked = value.as_object().filter(|_| field.scalar() != Some(ScalarType::Json));
    let Some((mark, inner)) = marked.and_then(|object| object.iter().next()) else { return value.clone() };
    match (mark.as_str(), inner.as_str().and_then(|text| text.parse::<i64>().ok())) {
        ("$bigint", Some(number)) => json!(number),
        _ => inner.clone(),
    }
}
