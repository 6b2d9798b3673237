//! Quoting of identifiers.

/// Appends `name` as a quoted identifier.
pub fn push_name(sql: &mut String, name: &str) {
    sql.push('"');
    for character in name.chars() {
        if character == '"' {
            sql.push('"');
        }
        sql.push(character);
    }
    sql.push('"');
}

/// Returns `name` as a quoted identifier.
pub fn quoted(name: &str) -> String {
    let mut sql = String::with_capacity(name.len() + 2);
    push_name(&mut sql, name);
    sql
}
