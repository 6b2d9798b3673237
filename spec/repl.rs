//! `mbl repl` as a person sees it in a terminal; what is piped in is a transcript of `spec/cli`.

use std::fs;

use rustix::process::Signal;

use crate::cli::project;
use crate::watch::Terminal;

#[test]
fn a_person_talks_with_a_terminal() {
    let folder = project();
    let mut terminal = Terminal::run(&folder, &["repl"]);
    terminal.wait_for("Ctrl-D to leave");
    terminal.wait_for("> ");

    // An unfinished statement goes on.
    terminal.press("for i = 1, 2 do\r");
    terminal.wait_for("… ");
    terminal.press("print('row ' .. i)\r");
    terminal.wait_for("… ");
    terminal.press("end\r");
    terminal.wait_for("row 1\r\nrow 2");
    terminal.wait_for("> ");

    // Rows are a grid, and the last value is `_`.
    terminal.press("db.forumCategory.findMany{ orderBy = { sortOrder = 'asc' } }\r");
    terminal.wait_for("┌──");
    terminal.wait_for("│ General");
    terminal.wait_for("3 rows · ");
    terminal.wait_for("shown (.vertical for all)");
    terminal.wait_for("> ");
    terminal.press("'last: ' .. #_\r");
    terminal.wait_for("'last: 3'");
    terminal.wait_for("> ");
    terminal.press(".vertical\r");
    terminal.wait_for("'last: 3'");
    terminal.wait_for("> ");

    // Tab completes, also inside the tables of arguments.
    terminal.press("db.forumCat\t");
    terminal.wait_for("db.forumCategory");
    terminal.press(".findMany{ wh\t");
    terminal.wait_for("where");
    terminal.press(" = { na\t");
    terminal.wait_for("name");
    terminal.press(" = { start\t");
    terminal.wait_for("startsWith");
    terminal.press(" = 'H' } } }[1].name .. '!'\r");
    terminal.wait_for("'Help!'");
    terminal.wait_for("> ");

    // Errors say what would be right.
    terminal.press("db.forumThread.findMany{ where = { titel = 'x' } }\r");
    terminal.wait_for("error[unknown_field]: ");
    terminal.wait_for("did you mean `title`?");
    terminal.wait_for("> ");

    // What deletes everything is asked for.
    terminal.press("db.forumCategory.deleteMany{ where = db.all }\r");
    terminal.wait_for("This deletes all 3 rows of ForumCategory. Type `yes` to go on: ");
    terminal.press("no\r");
    terminal.wait_for("error[declined]: ");
    terminal.wait_for("> ");
    terminal.press("'left: ' .. db.forumCategory.count()\r");
    terminal.wait_for("'left: 3'");
    terminal.wait_for("> ");
    terminal.press(".tx begin\r");
    terminal.wait_for("tx> ");
    terminal.press("db.forumCategory.deleteMany{ where = db.all }\r");
    terminal.wait_for("to go on: ");
    terminal.press("yes\r");
    terminal.wait_for("{ count = 3 }");
    terminal.wait_for("> ");
    terminal.press(".tx rollback\r");
    terminal.wait_for("> ");
    terminal.press("'back: ' .. db.forumCategory.count()\r");
    terminal.wait_for("'back: 3'");
    terminal.wait_for("> ");

    // An interrupt stops what runs, and at the prompt takes back what was typed.
    terminal.press("print('going') while true do end\r");
    terminal.wait_for("\r\ngoing");
    terminal.signal(Signal::INT);
    terminal.wait_for("error[interrupted]: ");
    terminal.wait_for("> ");
    terminal.press("for i = 1, 2 do\r");
    terminal.wait_for("… ");
    terminal.press("\x03");
    terminal.wait_for("> ");

    // A pasted block is one entry.
    terminal.press("\x1b[200~x = 40\ny = 2\n\x1b[201~\r");
    terminal.wait_for("> ");
    terminal.press("'sum: ' .. x + y\r");
    terminal.wait_for("'sum: 42'");
    terminal.wait_for("> ");
    terminal.press("\x04");
    assert_eq!(terminal.end(), Some(0));

    // The history is the project's.
    let history = fs::read_to_string(folder.path.join(".mbl/history")).expect("it was written");
    assert!(history.contains("'sum: ' .. x + y"), "{history}");
    let mut terminal = Terminal::run(&folder, &["repl"]);
    terminal.wait_for("> ");
    terminal.press("\x1b[A");
    terminal.wait_for("'sum: ' .. x + y");
    terminal.press("\x03");
    terminal.wait_for("> ");
    terminal.press(".quit\r");
    assert_eq!(terminal.end(), Some(0));
}
