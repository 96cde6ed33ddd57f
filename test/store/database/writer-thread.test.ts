import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { decodeWrite, encodeWrite } from '../../../src/store/database/writer.ts'
import { openAdaptiveWriter, type WriteChannel } from '../../../src/store/database/writer-thread.ts'
import { until } from '../../../src/testing/index.ts'

function open(slow: () => number): {
  readonly writing: WriteChannel
  readonly written: number[]
  seqs(): readonly unknown[]
} {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-writing-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'engine.db')
  const writing = openAdaptiveWriter({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' }, slow)
  const written: number[] = []
  writing.onWritten((seq) => void written.push(seq))
  writing.onFailed((error) => {
    throw error
  })
  return { writing, written, seqs: () => new Libsql(path).prepare('select seq from log order by seq').all([]) }
}

test('on a quick disk a write is durable when it returns', async () => {
  const { writing, written, seqs } = open(() => 1_000)
  for (let seq = 1; seq <= 100; seq++) {
    writing.write({ seq, log: '{}' })
    expect(written.at(-1)).toBe(seq)
  }
  await writing.close()
  expect(seqs()).toHaveLength(100)
})

test('on a slow disk it moves to a thread, in the middle of its work, and nothing is lost or out of order', async () => {
  const { writing, written, seqs } = open(() => 1e-6)
  let seq = 0
  const writeNext = () => writing.write({ seq: ++seq, log: JSON.stringify({ seq }) })
  // each is given when the last was told written, as an engine does
  await until(async () => {
    if (written.length < seq) return false
    writeNext()
    return written.length < seq
  })
  await until(() => written.length === seq)
  for (let more = 0; more < 20; more++) {
    writeNext()
    await until(() => written.length === seq)
  }
  await writing.close()
  expect(written).toEqual(Array.from({ length: seq }, (_, n) => n + 1))
  expect(seqs()).toHaveLength(seq)
})

test('when the disk is quick again it comes back, and a write is durable when it returns', async () => {
  let slow = 1e-6
  const { writing, written, seqs } = open(() => slow)
  let seq = 0
  const writeNext = () => {
    writing.write({ seq: ++seq, log: '{}' })
    return written.length === seq
  }
  await until(() => written.length === seq && !writeNext())
  slow = 1_000
  await until(() => written.length === seq && writeNext())
  for (let more = 0; more < 20; more++) expect(writeNext()).toBe(true)
  await writing.close()
  expect(written).toEqual(Array.from({ length: seq }, (_, n) => n + 1))
  expect(seqs()).toHaveLength(seq)
})

test.each([
  { seq: 1, log: '{}' },
  { seq: 2 ** 40, log: '{"a":"1 2 3\\n"}', ids: '[["ä\\n",1]]' },
  { seq: 7, log: '', ids: '[]', rows: [['cell', [['a', '{}', null]]]] as const },
  { seq: 8, log: '💬', rows: [['trim', [[3]]]] as const },
])('a framed write is the same when it is unframed: %j', (write) => {
  expect(decodeWrite(encodeWrite(write))).toEqual(write)
})
