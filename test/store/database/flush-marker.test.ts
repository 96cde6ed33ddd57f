import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { flushedOf, keepFlushed, readFlushed } from '../../../src/store/database/flush-marker.ts'
import { until } from '../../../src/testing/index.ts'
import { newPath } from '../wal/logs.ts'

const NEVER = 1e9

test('the number of the last flush is there after a close, for this user alone', async () => {
  const path = newPath()
  expect(readFlushed(path)).toBeUndefined()
  const flushed = keepFlushed(path, NEVER)
  for (let seq = 1; seq <= 7; seq++) flushed.note(seq)
  await flushed.close(7)
  expect(readFlushed(path)).toBe(7)
  expect(statSync(flushedOf(path)).mode & 0o777).toBe(0o600)
})

test('it is written at intervals', async () => {
  const path = newPath()
  const flushed = keepFlushed(path, 1)
  for (let seq = 1; seq <= 3; seq++) {
    flushed.note(seq)
    await until(() => readFlushed(path) === seq)
  }
  await flushed.close(undefined)
  expect(readFlushed(path)).toBe(3)
})

test('a torn slot leaves the number before it', async () => {
  const path = newPath()
  for (const seq of [5, 9]) {
    const flushed = keepFlushed(path, NEVER)
    flushed.note(seq)
    await flushed.close(seq)
  }
  expect(readFlushed(path)).toBe(9)
  const whole = readFileSync(flushedOf(path))
  const at = whole.indexOf('0000000000000009')
  const found = new Set<number | undefined>()
  // the slot of 9, cut off or changed at each of its bytes
  for (let byte = at; byte < at + 25; byte++) {
    const torn = Buffer.from(whole)
    // of the space between the two nothing depends
    if (byte === at + 16) continue
    torn[byte]! ^= 1
    writeFileSync(flushedOf(path), torn)
    found.add(readFlushed(path))
  }
  expect([...found]).toEqual([5])
})

test('a file that is none names no number', () => {
  const path = newPath()
  writeFileSync(flushedOf(path), 'what')
  expect(readFlushed(path)).toBeUndefined()
})
