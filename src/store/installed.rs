//! What a database knows of packages and tenants, read before any schema is at hand.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;

use crate::store::{Store, StoreError};

/// A row of InstalledPackage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledPackage {
    /// `packageId`.
    pub id: String,
    /// `version`.
    pub version: String,
    /// `enabled`.
    pub enabled: bool,
}

impl Store {
    /// Returns the packages that were installed in this database, by id; none when it keeps no such record.
    pub fn installed(&self) -> Result<Vec<InstalledPackage>, StoreError> {
        if !self.has_table("InstalledPackage")? {
            return Ok(Vec::new());
        }
        let sql = r#"SELECT "packageId", "version", "enabled" FROM "InstalledPackage" ORDER BY "packageId""#;
        let connection = self.connection()?;
        let run = || -> rusqlite::Result<Vec<InstalledPackage>> {
            connection
                .prepare_cached(sql)?
                .query_map([], |row| {
                    Ok(InstalledPackage { id: row.get(0)?, version: row.get(1)?, enabled: row.get(2)? })
                })?
                .collect()
        };
        run().map_err(|error| self.fault(error, sql))
    }

    /// Turns an installed package on or off; tells whether it was the other way before.
    pub fn set_enabled(&self, package: &str, enabled: bool) -> Result<bool, StoreError> {
        let sql = r#"UPDATE "InstalledPackage" SET "enabled" = ?2 WHERE "packageId" = ?1 AND "enabled" <> ?2"#;
        let run = self.connection()?.execute(sql, (package, enabled));
        run.map(|rows| rows > 0).map_err(|error| self.fault(error, sql))
    }

    /// Forgets that a package was installed, and which tenants have met it.
    pub fn forget(&self, package: &str) -> Result<(), StoreError> {
        for (table, sql) in [
            ("InstalledPackage", r#"DELETE FROM "InstalledPackage" WHERE "packageId" = ?1"#),
            ("_mbl_tenant", r#"DELETE FROM "_mbl_tenant" WHERE "packageId" = ?1"#),
        ] {
            if self.has_table(table)? {
                self.connection()?.execute(sql, [package]).map_err(|error| self.fault(error, sql))?;
            }
        }
        Ok(())
    }

    /// Returns the packages that a tenant has met: those whose `on_tenant` ran for it.
    pub fn met(&self, tenant: &str) -> Result<BTreeSet<String>, StoreError> {
        if !self.has_table("_mbl_tenant")? {
            return Ok(BTreeSet::new());
        }
        let sql = r#"SELECT "packageId" FROM "_mbl_tenant" WHERE "tenantId" = ?1"#;
        let connection = self.connection()?;
        let run = || -> rusqlite::Result<BTreeSet<String>> {
            connection.prepare_cached(sql)?.query_map([tenant], |row| row.get(0))?.collect()
        };
        run().map_err(|error| self.fault(error, sql))
    }

    /// Records that a tenant has met a package. The database has been brought to a layout.
    pub fn meet(&self, package: &str, tenant: &str) -> Result<(), StoreError> {
        let sql = r#"INSERT OR IGNORE INTO "_mbl_tenant" ("tenantId", "packageId") VALUES (?1, ?2)"#;
        let run = self.connection()?.execute(sql, [tenant, package]);
        run.map(drop).map_err(|error| self.fault(error, sql))
    }

    /// Tells whether a tenant has its row.
    pub fn has_tenant(&self, tenant: &str) -> Result<bool, StoreError> {
        if !self.has_table("Tenant")? {
            return Ok(false);
        }
        let sql = r#"SELECT 1 FROM "Tenant" WHERE "id" = ?1"#;
        let connection = self.connection()?;
        let found = connection.query_row(sql, [tenant], |_| Ok(())).optional();
        found.map(|row| row.is_some()).map_err(|error| self.fault(error, sql))
    }

    fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let connection = self.connection()?;
        let found = connection.query_row(sql, [name], |_| Ok(())).optional();
        found.map(|row| row.is_some()).map_err(|error| self.fault(error, sql))
    }
}
