import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'

/** Ids that were given from outside, and the replies that go with them. */
export const ids: readonly Mutation[] = [
  {
    name: 'an id that came before is taken for new',
    file: 'src/engine/libsql/known.ts',
    find: 'if (batches.length === 0) return undefined',
    replace: 'if (batches.length >= 0) return undefined',
    caughtBy: [LIBSQL, 'libsql delivery an id told twice is taken once'],
  },
]
