import type { Mutation } from '../mutation.ts'

const FENCE = 'test/store/fence.test.ts'

/** The file: who may write it, whole transactions, and rows that can be told from half written ones. */
export const store: readonly Mutation[] = [
  {
    name: 'who lost the file is not told',
    file: 'src/store/fence.ts',
    find: '.changes === 0) throw fenced(epoch)',
    replace: '.changes < 0) throw fenced(epoch)',
    caughtBy: [FENCE, 'a writer in its main is refused once another has opened the file'],
  },
  {
    name: 'who opens the file does not claim it',
    file: 'src/store/fence.ts',
    find: 'set value = value + 1 returning',
    replace: 'set value = value returning',
    caughtBy: [FENCE, 'a writer in its main is refused once another has opened the file'],
  },
  {
    name: 'a writer that moves takes the file back',
    file: 'src/store/fence.ts',
    find: 'epoch = claimEpoch(database))',
    replace: 'epoch?: number)',
    caughtBy: [FENCE, 'a writer that moves to another thread takes the file back from nobody'],
  },
  {
    name: 'a transaction that failed keeps the file from others',
    file: 'src/store/writer.ts',
    find: "if (database.inTransaction) database.exec('rollback')",
    replace: '',
    caughtBy: [FENCE, 'a writer in its main is refused once another has opened the file'],
  },
  {
    name: 'a write is told to be durable though it failed',
    file: 'src/store/writing.ts',
    find: '        failed(error as Error)\n        return\n',
    replace: '        failed(error as Error)\n',
    caughtBy: [FENCE, 'a writer in its main is refused once another has opened the file'],
  },
  {
    name: 'the ids of a row are not part of its checksum',
    file: 'src/store/checksum.ts',
    find: "crc32(ids ?? '', crc32(log))",
    replace: "crc32('', crc32(ids === undefined ? '' : log))",
    caughtBy: ['test/store/backup.test.ts', 'verification finds any changed byte of what was kept'],
  },
  {
    name: 'ids are lost on the way to the thread that writes',
    file: 'src/store/frame.ts',
    find: '...(ids > 0 && {',
    replace: '...(ids < 0 && {',
    caughtBy: ['test/engine/libsql.test.ts', 'libsql delivery an id stays known over a stop and over a crash'],
  },
]
