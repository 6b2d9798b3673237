// better-sqlite3, with prepared statements that are kept.
import Database from 'better-sqlite3'
import { createInterface } from 'node:readline'

const database = new Database(process.argv[2])
const pragmas = ['busy_timeout = 5000', 'synchronous = FULL', 'cache_size = -65536', 'mmap_size = 268435456', 'temp_store = MEMORY', 'foreign_keys = ON']
pragmas.forEach((text) => database.pragma(text))

const statements = new Map()
function prepared(sql) {
  let statement = statements.get(sql)
  if (!statement) {
    statement = database.prepare(sql)
    statements.set(sql, statement)
  }
  return statement
}

const actions = ['create', 'update', 'delete', 'login', 'logout']
const columns = '"id","tenantId","userId","username","action","entity","entityId","oldValue","newValue","ipAddress","userAgent","details","timestamp"'

const workloads = {
  W1(count) {
    const sql = `SELECT ${columns} FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ? ORDER BY "timestamp" DESC LIMIT 50`
    for (let i = 0; i < count; i++) prepared(sql).all(`tenant-${i % 50}`, actions[i % 5])
  },
  W2(count) {
    const sql = `SELECT ${columns} FROM "AuditLog" WHERE "id" = ?`
    for (let i = 0; i < count; i++) prepared(sql).get(`log-${(i * 7919) % 100000}`)
  },
  W3(count) {
    const sql = `INSERT INTO "AuditLog" ("id","tenantId","userId","username","action","entity","entityId","newValue","ipAddress","timestamp")
      VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING "id"`
    for (let i = 0; i < count; i++) {
      const id = crypto.randomUUID()
      prepared(sql).get(id, 'tenant-new', 'user-1', 'ann', 'create', 'ForumPost', `post-${i}`, '{"title":"Hello"}', '10.0.0.1', 1700000000000 + i)
    }
    prepared(`DELETE FROM "AuditLog" WHERE "tenantId" = 'tenant-new'`).run()
  },
  W5(count) {
    const sql = `UPDATE "AuditLog" SET "details" = ? WHERE "id" = ? RETURNING ${columns}`
    prepared('BEGIN IMMEDIATE').run()
    for (let i = 0; i < count; i++) prepared(sql).get('seen', `log-${(i * 7919) % 100000}`)
    prepared('COMMIT').run()
  },
  W6(count) {
    const sql = 'SELECT COUNT(*) AS "count" FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ?'
    for (let i = 0; i < count; i++) prepared(sql).get(`tenant-${i % 50}`, actions[i % 5])
  },
  W7(count) {
    for (let i = 0; i < count; i++) prepared(`SELECT ${columns} FROM "AuditLog" ORDER BY "id" LIMIT 10000`).all()
  },
  W8(count) {
    for (let i = 0; i < count; i++) {
      const threads = prepared('SELECT "id","title","categoryId" FROM "Thread" WHERE "categoryId" = ? ORDER BY "id" LIMIT 50').all(i % 10)
      const places = new Map(threads.map((thread) => [thread.id, thread]))
      threads.forEach((thread) => (thread.posts = []))
      const marks = threads.map(() => '?').join(',')
      const posts = prepared(`SELECT "id","threadId","content" FROM "Post" WHERE "threadId" IN (${marks})`).all(...places.keys())
      for (const post of posts) places.get(post.threadId).posts.push(post)
    }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(' ')
  workloads[name](Number(count))
  console.log('done')
}
