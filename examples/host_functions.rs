//! Functions and modules of the host, called by a script.
//!
//! `cargo run --example host_functions`

use std::sync::{Arc, Mutex};

use mbl::lua::HostModule;
use mbl::{Result, Runtime};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Mail {
    to: String,
    text: String,
}

#[derive(Serialize)]
struct Receipt {
    number: usize,
    length: usize,
}

const SCRIPT: &str = "
local mail = require('mail')
local receipt = mail.send({ to = 'ann@example.org', text = 'Hello' })
assert(receipt.number == 1 and receipt.length == 5)
assert(require('host').add(2, 3) == 5)

-- What the host refuses is an error like any other.
local ok, message = pcall(mail.send, { to = 'nobody', text = 'Hello' })
assert(not ok and message:find('`nobody` is no address', 1, true))
";

fn main() -> Result<()> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let outbox = sent.clone();
    let mail = HostModule::new("mail").value("limit", 10).function("send", move |(mail,): (Mail,)| {
        if !mail.to.contains('@') {
            return Err(format!("`{}` is no address", mail.to));
        }
        let mut outbox = outbox.lock().map_err(|_| "the outbox is gone".to_owned())?;
        outbox.push(mail.to);
        Ok(Receipt { number: outbox.len(), length: mail.text.len() })
    });
    let runtime = Runtime::builder()
        .module(mail)
        .function("host.add", |(one, other): (i64, i64)| one.checked_add(other).ok_or("the sum is too large"))
        .build()?;
    runtime.exec("mails.lua", SCRIPT.as_bytes(), &[])?;
    println!("sent to {:?}", sent.lock().map(|sent| sent.clone()).unwrap_or_default());
    Ok(())
}

#[test]
fn it_runs() -> Result<()> {
    main()
}
