//! What holds where no flag says it: the environment, then mbl.toml, then the defaults.

use std::path::{Path, PathBuf};

use mbl::diag::{Diagnostic, Diagnostics, Sources, Span, closest};
use serde::Deserialize;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::{Common, LogKind, read_text};

/// The file's name. It is looked for in the current folder and those above it.
const FILE: &str = "mbl.toml";

/// The keys of the file.
const KEYS: &[&str] = &["db", "packages", "tenant", "user", "level", "log"];

/// What mbl.toml says. Its paths are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    db: Option<String>,
    packages: Roots,
    tenant: Option<String>,
    user: Option<String>,
    level: Option<i64>,
    log: Option<LogKind>,
}

/// One folder of packages, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Roots {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl Default for Roots {
    fn default() -> Self {
        Roots::Many(Vec::new())
    }
}

/// Fills in what no flag says.
pub fn settle(mut common: Common) -> Outcome<Common> {
    let file = find().map(|path| read(&path).map(|config| (config, path))).transpose()?;
    let (config, folder) = match file {
        Some((config, path)) => (config, path.parent().map(Path::to_owned).unwrap_or_default()),
        None => Default::default(),
    };
    let beside = |path: &Path| folder.join(path);
    common.tenant = common.tenant.or_else(|| said("MBL_TENANT")).or(config.tenant);
    common.user = common.user.or_else(|| said("MBL_USER")).or(config.user);
    let by_flag = common.level.is_some();
    common.level = match (common.level, said("MBL_LEVEL")) {
        (Some(level), _) => Some(level),
        (None, Some(text)) => Some(text.trim().parse().map_err(|_| wrong("MBL_LEVEL", &text, "a number from 0 to 6"))?),
        (None, None) => config.level,
    };
    if let Some(level) = common.level.filter(|level| !(0..=6).contains(level)) {
        return Err(Failure::new(
            if by_flag { Exit::Usage } else { Exit::Environment },
            Diagnostic::error("bad_level", format!("there is no level {level}"))
                .help("levels go from 0, the public, to 6; --level, MBL_LEVEL and mbl.toml say it"),
        ));
    }
    common.log = match (common.log, said("MBL_LOG")) {
        (Some(log), _) => Some(log),
        (None, Some(text)) if text == "sql" => Some(LogKind::Sql),
        (None, Some(text)) => return Err(wrong("MBL_LOG", &text, "`sql`")),
        (None, None) => config.log,
    };
    if common.packages.is_empty() {
        common.packages = match (std::env::var_os("MBL_PACKAGES").filter(|roots| !roots.is_empty()), config.packages) {
            (Some(roots), _) => std::env::split_paths(&roots).collect(),
            (None, Roots::One(root)) => vec![beside(&root)],
            (None, Roots::Many(roots)) => roots.iter().map(|root| beside(root)).collect(),
        };
    }
    common.db_default = said("MBL_DB").or_else(|| said("DATABASE_URL")).or_else(|| {
        let url = config.db?;
        Some(match url.strip_prefix("file:") {
            _ if url == ":memory:" => url,
            // What stands behind two slashes is absolute.
            Some(path) if path.starts_with('/') => url,
            Some(path) => format!("file:{}", beside(Path::new(path)).display()),
            None => beside(Path::new(&url)).display().to_string(),
        })
    });
    Ok(common)
}

/// Returns a variable of the environment that is not empty.
fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn wrong(name: &str, text: &str, wanted: &str) -> Failure {
    Failure::new(
        Exit::Environment,
        Diagnostic::error("bad_configuration", format!("{name} is `{text}`, expected {wanted}"))
            .help(format!("unset {name}, or set it to {wanted}")),
    )
}

/// Finds the file; relative to the current folder where it is there.
fn find() -> Option<PathBuf> {
    let here = Path::new(FILE);
    if here.is_file() {
        return Some(here.to_owned());
    }
    let current = std::env::current_dir().ok()?;
    current.ancestors().skip(1).map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

fn read(path: &Path) -> Outcome<Config> {
    let text = read_text(path)?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let mut sources = Sources::new();
        let source = sources.add(path.display().to_string(), text.clone());
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        let mut diagnostic =
            Diagnostic::error("bad_configuration", message).at(Span::new(source, span.start, span.end));
        if let Some(near) = closest(text.get(span).unwrap_or_default(), KEYS.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        let diagnostic = diagnostic.help(format!("the keys of {FILE} are {}", KEYS.join(", ")));
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(diagnostic);
        Failure { exit: Exit::Environment, diagnostics, sources, ..Failure::default() }
    })
}
