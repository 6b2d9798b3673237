//! `mbl explain`: the page of a diagnostic.

use clap::Args;
use mbl::diag::{Diagnostic, closest};
use serde_json::json;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;

#[derive(Args)]
pub struct ExplainArgs {
    /// The code in brackets, such as unknown_field; every code with its first line when it is left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// All pages: `## code`, then what it means, why it is said, and what to do.
const PAGES: &str = include_str!("../../docs/diagnostics.md");

/// Prints the page of a code.
pub fn explain(args: &ExplainArgs, output: Output) -> Outcome<Exit> {
    let Some(code) = &args.code else {
        if output.json {
            let list: Vec<_> = pages().map(|(code, text)| json!({ "code": code, "text": text })).collect();
            output.line(&json!({ "mbl": 1, "kind": "explain", "ok": true, "pages": list }).to_string());
        } else {
            for (code, text) in pages() {
                output.line(&format!("{code:<26} {}", text.lines().next().unwrap_or("")));
            }
        }
        return Ok(Exit::Done);
    };
    // Whoever copies `error[unknown_field]` means the code in it.
    let code = code.trim();
    let code = code.split_once('[').and_then(|(_, rest)| rest.split(']').next()).unwrap_or(code);
    match page(code) {
        Some(text) if output.json => {
            output.line(&json!({ "mbl": 1, "kind": "explain", "ok": true, "code": code, "text": text }).to_string());
            Ok(Exit::Done)
        }
        Some(text) => {
            output.line(&format!("{code}\n\n{text}"));
            Ok(Exit::Done)
        }
        None => {
            let fault = Diagnostic::error("unknown_code", format!("there is no diagnostic `{code}`"));
            Err(Failure::usage(match closest(code, pages().map(|(code, _)| code)) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("`mbl explain` lists all of them"),
            }))
        }
    }
}

/// Returns the text of a code's page.
pub fn page(code: &str) -> Option<&'static str> {
    pages().find(|(known, _)| *known == code).map(|(_, text)| text)
}

fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.split("\n## ").skip(1).filter_map(|page| {
        let (code, text) = page.split_once('\n')?;
        Some((code.trim(), text.trim()))
    })
}
