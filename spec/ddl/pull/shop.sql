CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  email VARCHAR(255) NOT NULL UNIQUE,
  full_name TEXT,
  balance NUMERIC(10, 2) DEFAULT 0,
  active BOOLEAN NOT NULL DEFAULT 1,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE "order items" (
  order_id INT NOT NULL REFERENCES orders ON DELETE CASCADE,
  sku CHAR(12) NOT NULL,
  qty SMALLINT NOT NULL DEFAULT 1 CHECK (qty > 0),
  PRIMARY KEY (order_id, sku)
) WITHOUT ROWID;
CREATE TABLE orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  shipped_to INTEGER REFERENCES customers(id) ON DELETE SET NULL,
  note TEXT DEFAULT 'it''s "new"',
  total DOUBLE
);
CREATE INDEX orders_by_customer ON orders(customer_id, id DESC);
CREATE INDEX open_orders ON orders(customer_id) WHERE shipped_to IS NULL;
CREATE TRIGGER touch AFTER UPDATE ON customers BEGIN SELECT 1; END;
CREATE VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;
