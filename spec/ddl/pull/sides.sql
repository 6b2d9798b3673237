-- The models' names come in another order than the sides of the join table, which no relation with two lists can say.
CREATE TABLE "the Beta" ("id" TEXT NOT NULL PRIMARY KEY);
CREATE TABLE "Gamma" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT);
CREATE TABLE "_R1" (
  "A" TEXT NOT NULL,
  "B" INTEGER NOT NULL,
  CONSTRAINT "_R1_A_fkey" FOREIGN KEY ("A") REFERENCES "the Beta" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "_R1_B_fkey" FOREIGN KEY ("B") REFERENCES "Gamma" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "_R1_AB_unique" ON "_R1"("A", "B");
CREATE INDEX "_R1_B_index" ON "_R1"("B");
