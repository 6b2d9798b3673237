-- CreateTable
CREATE TABLE "Opt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "str" TEXT,
    "int" INTEGER,
    "big" BIGINT,
    "flt" REAL,
    "dec" DECIMAL,
    "bool" BOOLEAN,
    "dt" DATETIME,
    "json" JSONB,
    "bytes" BLOB,
    "lvl" TEXT
);

-- CreateTable
CREATE TABLE "Def" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "str" TEXT NOT NULL DEFAULT 'd''ef"ault',
    "empty" TEXT NOT NULL DEFAULT '',
    "int" INTEGER NOT NULL DEFAULT -7,
    "big" BIGINT NOT NULL DEFAULT 9007199254740993,
    "flt" REAL NOT NULL DEFAULT 1.25,
    "dec" DECIMAL NOT NULL DEFAULT 12.50,
    "bool" BOOLEAN NOT NULL DEFAULT false,
    "dt" DATETIME NOT NULL DEFAULT '2021-02-03 04:05:06.789 +00:00',
    "json" JSONB,
    "bytes" BLOB NOT NULL DEFAULT x'68656c6c6f',
    "lvl" TEXT NOT NULL DEFAULT 'medium'
);

-- CreateTable
CREATE TABLE "Req" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "str" TEXT NOT NULL,
    "int" INTEGER NOT NULL,
    "big" BIGINT NOT NULL,
    "flt" REAL NOT NULL,
    "dec" DECIMAL NOT NULL,
    "bool" BOOLEAN NOT NULL,
    "dt" DATETIME NOT NULL,
    "json" JSONB NOT NULL,
    "bytes" BLOB NOT NULL,
    "lvl" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Gen" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "cuid" TEXT NOT NULL,
    "cuid2" TEXT NOT NULL,
    "uuid" TEXT NOT NULL,
    "uuid7" TEXT NOT NULL,
    "nano" TEXT NOT NULL,
    "nano8" TEXT NOT NULL,
    "ulid" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "upd" DATETIME NOT NULL,
    "dbg" TEXT NOT NULL DEFAULT ('db-' || 'side'),
    "note" TEXT
);

-- CreateTable
CREATE TABLE "StrId" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "UuidId" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "legacy_users" (
    "user_key" TEXT NOT NULL PRIMARY KEY,
    "full_name" TEXT NOT NULL,
    "e_mail" TEXT,
    "lvl_col" TEXT NOT NULL DEFAULT 'LOW'
);

-- CreateTable
CREATE TABLE "legacy_orders" (
    "order_no" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "total_amount" DECIMAL NOT NULL,
    "user_key" TEXT NOT NULL,
    CONSTRAINT "legacy_orders_user_key_fkey" FOREIGN KEY ("user_key") REFERENCES "legacy_users" ("user_key") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Region" (
    "country" TEXT NOT NULL,
    "code" INTEGER NOT NULL,
    "name" TEXT NOT NULL,

    PRIMARY KEY ("country", "code")
);

-- CreateTable
CREATE TABLE "City" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "country" TEXT,
    "code" INTEGER,
    CONSTRAINT "City_country_code_fkey" FOREIGN KEY ("country", "code") REFERENCES "Region" ("country", "code") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Parent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "ChildCascade" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER NOT NULL,
    CONSTRAINT "ChildCascade_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ChildSetNull" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER,
    CONSTRAINT "ChildSetNull_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE SET NULL ON UPDATE SET NULL
);

-- CreateTable
CREATE TABLE "ChildRestrict" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER NOT NULL,
    CONSTRAINT "ChildRestrict_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "ChildNoAction" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER NOT NULL,
    CONSTRAINT "ChildNoAction_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION
);

-- CreateTable
CREATE TABLE "ChildSetDefault" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "ChildSetDefault_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE SET DEFAULT ON UPDATE SET DEFAULT
);

-- CreateTable
CREATE TABLE "ChildDefault" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER NOT NULL,
    CONSTRAINT "ChildDefault_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ChildDefaultOpt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER,
    CONSTRAINT "ChildDefaultOpt_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Parent" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Ship" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Captain" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "shipId" INTEGER,
    CONSTRAINT "Captain_shipId_fkey" FOREIGN KEY ("shipId") REFERENCES "Ship" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Engine" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "power" INTEGER NOT NULL,
    "shipId" INTEGER NOT NULL,
    CONSTRAINT "Engine_shipId_fkey" FOREIGN KEY ("shipId") REFERENCES "Ship" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Kv" (
    "ns" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT,
    "n" INTEGER NOT NULL DEFAULT 0,

    PRIMARY KEY ("key", "ns")
);

-- CreateIndex
CREATE UNIQUE INDEX "legacy_users_e_mail_key" ON "legacy_users"("e_mail");

-- CreateIndex
CREATE UNIQUE INDEX "legacy_users_nm" ON "legacy_users"("full_name", "e_mail");

-- CreateIndex
CREATE INDEX "idx_order_user" ON "legacy_orders"("user_key", "total_amount" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "city_name_country" ON "City"("name", "country");

-- CreateIndex
CREATE UNIQUE INDEX "Parent_name_key" ON "Parent"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Captain_shipId_key" ON "Captain"("shipId");

-- CreateIndex
CREATE UNIQUE INDEX "Engine_shipId_key" ON "Engine"("shipId");

-- CreateIndex
CREATE UNIQUE INDEX "Kv_ns_key_key" ON "Kv"("ns", "key");
