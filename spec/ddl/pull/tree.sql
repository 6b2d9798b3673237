CREATE TABLE node (
  uuid TEXT PRIMARY KEY,
  parent TEXT REFERENCES node(uuid) ON DELETE CASCADE ON UPDATE CASCADE,
  path TEXT COLLATE NOCASE,
  depth INTEGER DEFAULT (1 + 1),
  payload BLOB,
  meta JSON
);
CREATE UNIQUE INDEX node_parent_path ON node(parent, path);
CREATE TABLE "2fa-codes" (
  "user id" INTEGER PRIMARY KEY,
  "code" TEXT NOT NULL DEFAULT '000000',
  "class" TEXT,
  "when" DATE
);
CREATE TABLE log (line TEXT, at BIGINT);
CREATE TABLE anything (id INTEGER PRIMARY KEY, value, place POINT);
