import type { Mutation } from '../mutation.ts'

const COMMIT = 'test/kernel/commit.test.ts'
const SEEN = 'test/engine/libsql/stored/hash-index.test.ts'
const LIBSQL = 'test/engine/libsql.test.ts'
const KNOWN_IDS = 'test/engine/libsql/idempotency-index.test.ts'
const KNOWN = 'test/engine/libsql/idempotency.test.ts'

/** Ids that were given from outside, and the replies that go with them. */
export const ids: readonly Mutation[] = [
  {
    name: 'an id that came before is taken for new',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'if (batches.length === 0) return undefined',
    replace: 'if (batches.length >= 0) return undefined',
    caughtBy: [LIBSQL, 'libsql delivery a message that is sent twice with the same id arrives once'],
  },
  {
    name: 'the index of ids does not note a new one',
    file: 'src/engine/libsql/idempotency.ts',
    find: '      seen.add(hash, batch.seq)\n',
    replace: '',
    caughtBy: [LIBSQL, 'libsql delivery a message that is sent twice with the same id arrives once'],
  },
  {
    name: 'the index of ids forgets when it grows',
    file: 'src/engine/libsql/stored/hash-index.ts',
    find: 'rebuild(shard, 2 * shard.table.length, () => true)',
    replace: 'rebuild(shard, 2 * shard.table.length, () => false)',
    caughtBy: [SEEN, 'each id is found where it was seen, the latest first'],
  },
  {
    name: 'the index of ids is empty after a restart',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'for (const [id] of entries) seen.add(hashId(id), seq)',
    replace: '',
    caughtBy: [LIBSQL, 'libsql delivery an id stays known across a stop and a crash'],
  },
  {
    name: 'an id is not written',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'if (keep) batch.known.push(known)',
    replace: 'if (!keep) batch.known.push(known)',
    caughtBy: [LIBSQL, 'libsql delivery an id stays known across a stop and a crash'],
  },
  {
    name: 'a reply that comes later is not written with its id',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'if (known.keep && known.seq !== batch.seq) rememberIn(batch, known)',
    replace: '',
    caughtBy: [KNOWN_IDS, 'a reply that comes in a later batch'],
  },
  {
    name: 'an id gets the last of two replies, not the first',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'if (!known || known.reply) return',
    replace: 'if (!known) return',
    caughtBy: [KNOWN_IDS, 'the first of two replies counts'],
  },
  {
    name: 'an id is still known after 24 hours',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'other === id && at >= oldest',
    replace: 'other === id && (at >= oldest || oldest > 0)',
    caughtBy: [KNOWN, 'an id gets its reply for 24 hours'],
  },
  {
    name: 'an id may be given again for something else',
    file: 'src/engine/envelope.ts',
    find: '  if (first !== now) throw',
    replace: '  if (first !== now && first === id) throw',
    caughtBy: ['test/engine/envelope.test.ts', 'an id is good for one use only'],
  },
  {
    name: 'ids are forgotten too early',
    file: 'src/engine/libsql/idempotency.ts',
    find: 'hours.findLastIndex(({ at }) => at <= before)',
    replace: 'hours.findLastIndex(({ at }) => at <= before + HOUR)',
    caughtBy: [KNOWN_IDS, 'only entries older than the limit are forgotten'],
  },
  {
    name: 'ids are remembered for 12 hours only',
    file: 'src/engine/envelope.ts',
    find: '24 * 3_600_000',
    replace: '12 * 3_600_000',
    caughtBy: [KNOWN, 'an id gets its reply for 24 hours'],
  },
  {
    name: 'the index of ids forgets the first batch that is remembered',
    file: 'src/engine/libsql/stored/hash-index.ts',
    find: 'whole(low) >= before',
    replace: 'whole(low) > before',
    caughtBy: [SEEN, 'the index forgets entries from before a batch and keeps the rest'],
  },
  {
    name: 'the index of ids forgets nothing',
    file: 'src/engine/libsql/stored/hash-index.ts',
    find: 'whole(low) >= before',
    replace: 'whole(low) >= before || before > 0',
    caughtBy: [SEEN, 'the index forgets entries from before a batch and keeps the rest'],
  },
  {
    name: 'an id that was seen twice is looked for where it was first',
    file: 'src/engine/libsql/stored/hash-index.ts',
    find: '.sort((a, b) => b - a)',
    replace: '.sort((a, b) => a - b)',
    caughtBy: [SEEN, 'each id is found where it was seen, the latest first'],
  },
  {
    name: 'a process makes the ids of the one before again',
    file: 'src/engine/envelope.ts',
    find: "randomBytes(16).toString('base64url')",
    replace: "randomBytes(0).toString('base64url')",
    caughtBy: ['test/engine/envelope.test.ts', 'an id that is made is made once'],
  },
  {
    name: 'what a turn sends has the ids of what any other sends',
    file: 'src/kernel/commit.ts',
    find: "return hash('sha256', ",
    replace: "return hash('sha256', String(part) || ",
    caughtBy: ['test/kernel/child-id.test.ts', 'an id follows from its cause and its part'],
  },
  {
    name: 'all timers of a turn have one token',
    file: 'src/kernel/commit.ts',
    find: 'deriveId(envelope.id, `timer:',
    replace: 'deriveId(envelope.id, name && `timer:`) || deriveId(envelope.id, `',
    caughtBy: [COMMIT, 'buildCommit: timers have one token per message and name'],
  },
]
