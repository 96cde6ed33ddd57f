import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { isKilled } from '../chaos/killed.ts'
import { openFile } from './folder.ts'

/** The threads that start during a test. */
function countThreads() {
  const started: Worker[] = []
  const note = (worker: Worker) => started.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return () => started.length
}

const QUICK = () => 0
const openQuick = () => openFile(undefined, {}, QUICK)

const records = (count: number) => Array.from({ length: count }, (_, n) => ({ text: `tide ${n} of the harbour` }))

test('a small memory starts no thread', async () => {
  const threads = countThreads()
  const { memory, reopen } = openQuick()
  await memory().add(records(3))
  await reopen()
  expect((await memory().search({ text: 'harbour' })).records).toHaveLength(3)
  await memory().forget({ all: true })
  expect(await memory().list()).toEqual([])
  expect(threads()).toBe(0)
})

test('threads take over from a small memory, and keep what it has', async () => {
  const threads = countThreads()
  const { memory, path } = openQuick()
  const [first] = await Promise.all([memory().add(records(2)), memory().add(records(150))])
  await memory().add([{ text: 'the last one' }])
  expect(threads()).toBe(1)
  expect((await memory().stats()).records).toBe(151)
  expect(await memory().get(first.records[0]!.id)).toMatchObject({ text: 'tide 0 of the harbour' })
  expect((await memory().search({ text: 'last' })).records).toHaveLength(1)
  expect(threads()).toBe(2)
  // nobody else has the file, so its log can be emptied
  await memory().forget({ all: true })
  expect(await readFile(path, 'latin1')).not.toContain('harbour')
  expect(await readFile(`${path}-wal`, 'latin1')).not.toContain('harbour')
})

test('a memory that has grown goes to threads', async () => {
  const threads = countThreads()
  const { memory } = openQuick()
  const text = 'tide '.repeat(2_000)
  for (let n = 0; n < 100 && threads() === 0; n++) await memory().add([{ text: `${n} ${text}` }])
  expect(threads()).toBe(1)
})

test('two slow calls send a memory to threads', async () => {
  const threads = countThreads()
  let ms = 0
  const { memory } = openFile(undefined, {}, () => (ms += 11))
  for (const expected of [0, 0, 1]) {
    await memory().add(records(1))
    expect(threads()).toBe(expected)
  }
})

test('an error of a small memory is the one that a thread gives', async () => {
  const { memory } = openFile()
  await memory().add(records(1))
  await expect(memory().changes.undo(99)).rejects.toMatchObject({ code: 'not_found' })
})

test('a process without other work closes its memory while a call is in flight', async () => {
  const { path } = openFile()
  // it ends with 0, and not with the code for a wait that nothing ends
  expect(await isKilled(join(import.meta.dirname, 'closed-child.ts'), { path }, 30_000)).toBe(false)
})
