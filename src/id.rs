//! Identifiers: cuid, cuid2, uuid, ulid, nanoid, in the forms that Prisma makes.

/// Returns a cuid, such as `cmwrx3k9v0000l7080i97dq2f`.
pub fn cuid() -> String {
    cuid::cuid1()
}

/// Returns a cuid2 of 24 characters.
pub fn cuid2() -> String {
    cuid::cuid2()
}

/// Returns a random UUID (version 4).
pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Returns a UUID that grows with time (version 7).
pub fn uuid7() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Returns a ULID of 26 characters.
pub fn ulid() -> String {
    ulid::Ulid::generate().to_string()
}

/// Returns a nanoid of `length` characters.
pub fn nanoid(length: usize) -> String {
    nanoid::nanoid!(length)
}
