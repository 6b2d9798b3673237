CREATE TABLE "accounts" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "e_mail" TEXT NOT NULL,
  "site" TEXT DEFAULT 'http://x',
  "role" TEXT NOT NULL DEFAULT 'USER',
  "came" DATETIME
);
CREATE UNIQUE INDEX "accounts_e_mail_key" ON "accounts"("e_mail");
CREATE INDEX "accounts_role_idx" ON "accounts"("role");
CREATE TABLE "Note" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "ownerId" INTEGER NOT NULL,
  CONSTRAINT "Note_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "accounts" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
