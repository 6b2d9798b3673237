// Prisma Client over better-sqlite3.
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import client from '@prisma/client'
import { createInterface } from 'node:readline'

const prisma = new client.PrismaClient({ adapter: new PrismaBetterSqlite3({ url: `file:${process.argv[2]}` }) })
const pragmas = ['busy_timeout = 5000', 'synchronous = FULL', 'cache_size = -65536', 'mmap_size = 268435456', 'temp_store = MEMORY', 'foreign_keys = ON']
for (const text of pragmas) await prisma.$queryRawUnsafe(`PRAGMA ${text}`)

const actions = ['create', 'update', 'delete', 'login', 'logout']

const workloads = {
  async W1(count) {
    for (let i = 0; i < count; i++) {
      await prisma.auditLog.findMany({
        where: { tenantId: `tenant-${i % 50}`, action: actions[i % 5] },
        orderBy: { timestamp: 'desc' },
        take: 50,
      })
    }
  },
  async W2(count) {
    for (let i = 0; i < count; i++) await prisma.auditLog.findUnique({ where: { id: `log-${(i * 7919) % 100000}` } })
  },
  async W3(count) {
    for (let i = 0; i < count; i++) {
      await prisma.auditLog.create({
        data: {
          tenantId: 'tenant-new',
          userId: 'user-1',
          username: 'ann',
          action: 'create',
          entity: 'ForumPost',
          entityId: `post-${i}`,
          newValue: '{"title":"Hello"}',
          ipAddress: '10.0.0.1',
          timestamp: 1700000000000 + i,
        },
        select: { id: true },
      })
    }
    await prisma.auditLog.deleteMany({ where: { tenantId: 'tenant-new' } })
  },
  async W5(count) {
    const updates = async (tx) => {
      for (let i = 0; i < count; i++) {
        await tx.auditLog.update({ where: { id: `log-${(i * 7919) % 100000}` }, data: { details: 'seen' } })
      }
    }
    await prisma.$transaction(updates, { timeout: 600000 })
  },
  async W6(count) {
    for (let i = 0; i < count; i++) {
      await prisma.auditLog.count({ where: { tenantId: `tenant-${i % 50}`, action: actions[i % 5] } })
    }
  },
  async W7(count) {
    for (let i = 0; i < count; i++) await prisma.auditLog.findMany({ orderBy: { id: 'asc' }, take: 10000 })
  },
  async W8(count) {
    for (let i = 0; i < count; i++) {
      await prisma.thread.findMany({ where: { categoryId: i % 10 }, orderBy: { id: 'asc' }, take: 50, include: { posts: true } })
    }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(' ')
  await workloads[name](Number(count))
  console.log('done')
}
