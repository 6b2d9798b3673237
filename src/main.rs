//! Temporary.
use std::io::{BufRead, Write};
use std::sync::Arc;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let file = args.iter().position(|a| a == "--schema").map(|i| args[i + 1].clone()).expect("schema");
    let text = std::fs::read_to_string(&file).expect("file");
    let schema = match mbl::schema::Schema::parse_text(&file, &text) {
        Ok(s) => Arc::new(s),
        Err((sources, d)) => {
            eprintln!("{}", d.render(&sources, Default::default()));
            std::process::exit(1)
        }
    };
    let store = mbl::store::Store::open(&mbl::store::DatabaseUrl::parse(":memory:").unwrap()).unwrap();
    store.bring_to(&mbl::migrate::Layout::of(&schema), mbl::store::Policy::Additive).unwrap();
    let db = mbl::db::Database::new(store, schema);
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.unwrap();
        println!("{}", mbl::runtime::answer(&db, &line));
        std::io::stdout().flush().unwrap();
    }
}
