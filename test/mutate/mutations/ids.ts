import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const KNOWN_IDS = 'test/engine/libsql/known-ids.test.ts'
const KNOWN = 'test/engine/libsql/known.test.ts'

/** Ids that were given from outside, and the replies that go with them. */
export const ids: readonly Mutation[] = [
  {
    name: 'an id that came before is taken for new',
    file: 'src/engine/libsql/known.ts',
    find: 'if (batches.length === 0) return undefined',
    replace: 'if (batches.length >= 0) return undefined',
    caughtBy: [LIBSQL, 'libsql delivery an id told twice is taken once'],
  },
  {
    name: 'the index of ids does not note a new one',
    file: 'src/engine/libsql/known.ts',
    find: '      seen.add(hash, batch.seq)\n',
    replace: '',
    caughtBy: [LIBSQL, 'libsql delivery an id told twice is taken once'],
  },
  {
    name: 'the index of ids forgets when it grows',
    file: 'src/engine/libsql/seen.ts',
    find: 'rebuild(shard, 2 * shard.table.length, () => true)',
    replace: 'rebuild(shard, 2 * shard.table.length, () => false)',
    caughtBy: ['test/engine/libsql/seen.test.ts', 'each id is found where it was seen, the latest first'],
  },
  {
    name: 'the index of ids is empty after a restart',
    file: 'src/engine/libsql/known.ts',
    find: 'for (const [id] of entries) seen.add(hashOf(id), seq)',
    replace: '',
    caughtBy: [LIBSQL, 'libsql delivery an id stays known over a stop and over a crash'],
  },
  {
    name: 'an id is not written',
    file: 'src/engine/libsql/known.ts',
    find: 'if (keep) batch.known.push(known)',
    replace: 'if (!keep) batch.known.push(known)',
    caughtBy: [LIBSQL, 'libsql delivery an id stays known over a stop and over a crash'],
  },
  {
    name: 'a reply that comes later is not written with its id',
    file: 'src/engine/libsql/known.ts',
    find: 'if (known.keep && known.seq !== batch.seq) rememberIn(batch, known)',
    replace: '',
    caughtBy: [KNOWN_IDS, 'a reply that comes in a later batch'],
  },
  {
    name: 'an id gets the last of two replies, not the first',
    file: 'src/engine/libsql/known.ts',
    find: 'if (!known || known.reply) return',
    replace: 'if (!known) return',
    caughtBy: [KNOWN_IDS, 'the first of two replies stands'],
  },
  {
    name: 'an id is still known after 24 hours',
    file: 'src/engine/libsql/known.ts',
    find: 'other === id && at >= oldest',
    replace: 'other === id && (at >= oldest || oldest > 0)',
    caughtBy: [KNOWN, 'an id gets its reply for 24 hours'],
  },
  {
    name: 'an id may be given again for something else',
    file: 'src/engine/stamp.ts',
    find: '  if (first !== now)\n',
    replace: '  if (first !== now && first === id)\n',
    caughtBy: ['test/engine/stamp.test.ts', 'an id is good for one use only'],
  },
]
