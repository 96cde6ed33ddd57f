import type { Mutation } from '../mutation.ts'

const FENCE = [
  'test/store/fence.long.test.ts',
  'a writer in its main is refused once another has opened the file',
] as const
const WRITER = 'test/store/database/writer.long.test.ts'
const DURABLE = 'test/store/files/durable-file.test.ts'
const FRAMED = ['test/store/database/writer-thread.test.ts', 'a framed write is the same when it is unframed'] as const

/** The file: who may write it, whole transactions, and rows that can be told from half written ones. */
export const store: readonly Mutation[] = [
  {
    name: 'who lost the file is not told',
    file: 'src/store/database/fence.ts',
    find: '.changes === 0) throw fenced(epoch)',
    replace: '.changes < 0) throw fenced(epoch)',
    caughtBy: FENCE,
  },
  {
    name: 'who opens the file does not claim it',
    file: 'src/store/database/fence.ts',
    find: '(last?.value ?? 0) + 1',
    replace: '(last?.value ?? 1)',
    caughtBy: FENCE,
  },
  {
    name: 'whoever claimed the file before may write it',
    file: 'src/store/database/fence.ts',
    find: "where name = 'epoch') = ?",
    replace: "where name = 'epoch') >= ?",
    caughtBy: FENCE,
  },
  {
    name: 'a writer that moves takes the file back',
    file: 'src/store/database/fence.ts',
    find: 'epoch = claimEpoch(database))',
    replace: 'epoch?: number)',
    caughtBy: [
      'test/store/fence.long.test.ts',
      'a writer that moves to another thread takes the file back from nobody',
    ],
  },
  {
    name: 'a transaction that failed keeps the file from others',
    file: 'src/store/database/writer.ts',
    find: "if (database.inTransaction) database.exec('rollback')",
    replace: '',
    caughtBy: FENCE,
  },
  {
    name: 'a commit survives its process only, whatever is asked',
    file: 'src/store/database/writer.ts',
    find: 'pragma synchronous=',
    replace: 'pragma synchronous=NORMAL -- ',
    caughtBy: [WRITER, 'a writer in its main makes its commits as durable as is asked: FULL'],
  },
  {
    name: 'nothing says how durable a commit is',
    file: 'src/store/database/writer.ts',
    find: 'pragma synchronous=',
    replace: '-- ',
    caughtBy: [WRITER, 'a writer in its main makes its commits as durable as is asked: NORMAL'],
  },
  {
    name: 'the thread that writes is not told how durable its commits are',
    file: 'src/store/database/writer-thread.ts',
    find: 'workerData: { path, schema, statements, synchronous, epoch, opens, stopFlags }',
    replace: "workerData: { path, schema, statements, synchronous: synchronous && 'NORMAL', epoch, opens, stopFlags }",
    caughtBy: [WRITER, 'a writer in its thread makes its commits as durable as is asked: FULL'],
  },
  {
    name: 'a write is told to be durable before it is committed',
    file: 'src/store/database/writer-thread.ts',
    find: '      try {\n        writer.write(write)\n',
    replace: '      try {\n        written(write.seq, 0)\n        writer.write(write)\n',
    caughtBy: [WRITER, 'a writer in its main tells of a write when any other reader sees it'],
  },
  {
    name: 'the thread tells of a write before it commits it',
    file: 'src/store/database/writer.ts',
    find: '        writer.write(write)\n',
    replace: `        port.postMessage({ written: write.seq, took: 0 })
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
        writer.write(write)\n`,
    caughtBy: [WRITER, 'a writer in its thread tells of a write when any other reader sees it'],
  },
  {
    name: 'a write is never committed',
    file: 'src/store/database/writer.ts',
    find: '      commit.run([])\n',
    replace: '',
    caughtBy: [WRITER, 'a writer in its main tells of a write when any other reader sees it'],
  },
  {
    name: 'each statement of a write is a transaction of its own',
    file: 'src/store/database/writer.ts',
    find: "prepare('begin immediate')",
    replace: "prepare('select 1')",
    caughtBy: [WRITER, 'a writer in its main writes all of a write or nothing'],
  },
  {
    name: 'a write is told to be durable though it failed',
    file: 'src/store/database/writer-thread.ts',
    find: '        failed(error as Error)\n        return\n',
    replace: '        failed(error as Error)\n',
    caughtBy: [WRITER, 'a writer in its main writes all of a write or nothing'],
  },
  {
    name: 'a file of a newer format is written',
    file: 'src/store/database/create-tables.ts',
    find: 'if (found !== 0 && found !== format) throw',
    replace: 'if (found !== 0 && found < format) throw',
    caughtBy: [WRITER, 'a file of format 8 is refused and stays as it is'],
  },
  {
    name: 'the ids of a row are not part of its checksum',
    file: 'src/store/database/checked-row.ts',
    find: "crc32(ids ?? '', crc32(log, seq % 2 ** 32))",
    replace: "crc32('', crc32(ids === undefined ? '' : log, seq % 2 ** 32))",
    caughtBy: ['test/store/database/checksum.test.ts', 'the checksum is another when any character'],
  },
  {
    name: 'the log is not part of its checksum',
    file: 'src/store/database/checked-row.ts',
    find: "crc32(ids ?? '', crc32(log, seq % 2 ** 32))",
    replace: "crc32(ids ?? '', crc32(log === '' ? '' : '{}', seq % 2 ** 32))",
    caughtBy: ['test/store/database/checksum.test.ts', 'the checksum is another when any character'],
  },
  {
    name: 'ids are lost on the way to the thread that writes',
    file: 'src/store/database/writer.ts',
    find: '...(ids > 0 && {',
    replace: '...(ids < 0 && {',
    caughtBy: FRAMED,
  },
  {
    name: 'a frame is read one character short',
    file: 'src/store/database/writer.ts',
    find: 'const endOfLog = head + 1 + log',
    replace: 'const endOfLog = head + log',
    caughtBy: FRAMED,
  },
  {
    name: 'a slow disk holds up the thread that works, for ever',
    file: 'src/store/database/writer-thread.ts',
    find: 'isSlow && thread ? thread : here',
    replace: 'here',
    caughtBy: ['test/store/database/writer-thread.test.ts', 'on a slow disk it moves to a thread'],
    hangs: true,
  },
  {
    name: 'a file gets its name before its content is on disk',
    file: 'src/store/files/durable-file.ts',
    find: 'await handle.writeFile(textChunks(text))\n    await handle.sync()\n',
    replace: 'await handle.writeFile(textChunks(text))\n',
    caughtBy: [DURABLE, 'a file is on disk before it gets its name'],
  },
  {
    name: 'the name of a file is not on disk when it is said to be there',
    file: 'src/store/files/durable-file.ts',
    find: '  await syncFolder(dirname(path))\n',
    replace: '',
    caughtBy: [DURABLE, 'a file is on disk before it gets its name'],
  },
  {
    name: 'a value counts as just written although the clock was set back',
    file: 'src/store/blobs/blobs.ts',
    find: 'passed < FRESH_MS && passed >= 0',
    replace: 'passed < FRESH_MS',
    caughtBy: [
      'test/store/blobs/blobs.test.ts',
      'a value that this process made durable a moment ago is written again when the clock was set by -1 ms',
    ],
  },
  {
    name: 'a name is missed beside a damaged one',
    file: 'src/engine/libsql/stored/names.ts',
    find: 'if (rows.every((row) => rowChecksum([nameIn(row)]) === row.sum)) return rows',
    replace: 'if (rows.length >= 0) return rows',
    caughtBy: [
      'test/engine/libsql/stored/names.test.ts',
      'no name is missed because one copy of it is damaged, and the index is rebuilt',
    ],
  },
]
