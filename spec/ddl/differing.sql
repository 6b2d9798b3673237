== default-json
-- CreateTable
CREATE TABLE "A" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "j" JSONB NOT NULL DEFAULT '{"a":1}'
);
