//! `mbl render`: what a component makes of its props.

use clap::Args;
use mbl::diag::{Diagnostic, Diagnostics, closest};
use mbl::html;
use mbl::package::{NODE_TYPES, PackageSet};
use serde_json::{Map, Value as Json, json};

use crate::cli::call::pretty;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::{Common, counts};

#[derive(Args)]
pub struct RenderArgs {
    /// A package's folder, or its name under the packages' folder
    #[arg(value_name = "PKG")]
    package: String,
    /// The component
    #[arg(value_name = "COMPONENT")]
    component: String,
    /// Its props as a JSON object
    #[arg(value_name = "JSON")]
    props: Option<String>,
    /// Print HTML instead of the tree of nodes
    #[arg(long)]
    html: bool,
}

/// Renders a component and prints the tree of its nodes, or HTML.
pub fn render(common: &Common, args: &RenderArgs, output: Output) -> Outcome<Exit> {
    let props: Json = serde_json::from_str(args.props.as_deref().unwrap_or("{}")).map_err(|error| {
        Failure::usage(
            Diagnostic::error("not_json", format!("the props are not JSON: {error}"))
                .help("give an object, such as '{\"tenantId\": \"default\"}'"),
        )
    })?;
    let (builder, _) = project::with_package(common, &args.package, Print::Stderr, output);
    let runtime = builder.build()?;
    let mut findings = runtime.check();
    let set = runtime.packages();
    let Some(package) = set.packages.iter().find(|package| package.wanted) else {
        return Err(Failure::usage(Diagnostic::error("unknown_package", format!("`{}` is not loaded", args.package))));
    };
    let tree = runtime.render(&package.id, &args.component, &props)?;
    unknown_types(&tree, &set, &mut findings);
    if output.json {
        let mut more = Map::new();
        match args.html {
            true => more.insert("html".into(), json!(html::render(&tree))),
            false => more.insert("tree".into(), tree),
        };
        output.report("render", !findings.has_errors(), &findings, &set.sources, more, counts(&findings));
    } else {
        output.findings(&findings, &set.sources);
        output.line(&if args.html { html::render(&tree) } else { pretty(&tree) });
    }
    Ok(Exit::of(&findings))
}

/// Names the types of nodes that no front end knows.
fn unknown_types(node: &Json, set: &PackageSet, findings: &mut Diagnostics) {
    match node {
        Json::Array(items) => items.iter().for_each(|item| unknown_types(item, set, findings)),
        Json::Object(object) => {
            let name = object.get("type").and_then(Json::as_str).unwrap_or_default();
            let components =
                || set.packages.iter().flat_map(|package| &package.components).map(|known| known.name.as_str());
            let known = NODE_TYPES.iter().any(|known| known.eq_ignore_ascii_case(name))
                || components().any(|known| known == name);
            if !known {
                let near = closest(name, NODE_TYPES.iter().copied().chain(components()));
                let diagnostic = Diagnostic::warning(
                    "unknown_node_type",
                    format!("no front end knows the node type `{}`", name.escape_debug()),
                );
                findings.push(match near {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic.help("it is neither a node type nor a component of a package"),
                });
            }
            if let Some(children) = object.get("children") {
                unknown_types(children, set, findings);
            }
        }
        _ => {}
    }
}
