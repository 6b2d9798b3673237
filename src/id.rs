//! Identifiers: cuid, cuid2, uuid, ulid, nanoid, in the forms that Prisma makes.

use std::cell::Cell;

/// Makes identifiers: real ones, or for tests such as count from 1 and have the same forms.
#[derive(Debug, Default)]
pub struct Ids {
    /// The last number that was given, when they count.
    counted: Cell<Option<u64>>,
}

impl Ids {
    /// Lets them count from 1, or be real again.
    pub fn count(&self, on: bool) {
        self.counted.set(on.then_some(0));
    }

    /// Returns the next number, when they count.
    fn next(&self) -> Option<u64> {
        let next = self.counted.get()? + 1;
        self.counted.set(Some(next));
        Some(next)
    }

    /// Returns a cuid, such as `cmwrx3k9v0000l7080i97dq2f`.
    pub fn cuid(&self) -> String {
        self.next().map_or_else(cuid::cuid1, |number| format!("c{number:024}"))
    }

    /// Returns a cuid2 of 24 characters.
    pub fn cuid2(&self) -> String {
        self.next().map_or_else(cuid::cuid2, |number| format!("c{number:023}"))
    }

    /// Returns a random UUID (version 4).
    pub fn uuid(&self) -> String {
        let counted = self.next().map(|number| format!("00000000-0000-4000-8000-{number:012x}"));
        counted.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
    }

    /// Returns a UUID that grows with time (version 7).
    pub fn uuid7(&self) -> String {
        let counted = self.next().map(|number| format!("00000000-0000-7000-8000-{number:012x}"));
        counted.unwrap_or_else(|| uuid::Uuid::now_v7().to_string())
    }

    /// Returns a ULID of 26 characters.
    pub fn ulid(&self) -> String {
        self.next().map_or_else(|| ulid::Ulid::generate().to_string(), |number| format!("{number:026}"))
    }

    /// Returns a nanoid of `length` characters.
    pub fn nanoid(&self, length: usize) -> String {
        match self.next() {
            Some(number) => {
                let digits = format!("{number:0length$}");
                digits[digits.len() - length..].to_owned()
            }
            None => nanoid::nanoid!(length),
        }
    }
}
