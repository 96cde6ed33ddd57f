import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { flushMarkerPath, openFlushMarker, readFlushMarker } from '../../../src/store/database/flush-marker.ts'
import { until } from '../../../src/testing/index.ts'
import { newPath } from '../wal/logs.ts'

const NEVER = 1e9

test('the number of the last flush is there after a close, for this user alone', async () => {
  const path = newPath()
  expect(readFlushMarker(path)).toBeUndefined()
  const flushed = openFlushMarker(path, NEVER)
  for (let seq = 1; seq <= 7; seq++) flushed.note(seq)
  await flushed.close(7)
  expect(readFlushMarker(path)).toBe(7)
  expect(statSync(flushMarkerPath(path)).mode & 0o777).toBe(0o600)
})

test('it is written at intervals', async () => {
  const path = newPath()
  const flushed = openFlushMarker(path, 1)
  for (let seq = 1; seq <= 3; seq++) {
    flushed.note(seq)
    await until(() => readFlushMarker(path) === seq)
  }
  await flushed.close(undefined)
  expect(readFlushMarker(path)).toBe(3)
})

test('a torn slot leaves the number before it', async () => {
  const path = newPath()
  for (const seq of [5, 9]) {
    const flushed = openFlushMarker(path, NEVER)
    flushed.note(seq)
    await flushed.close(seq)
  }
  expect(readFlushMarker(path)).toBe(9)
  const whole = readFileSync(flushMarkerPath(path))
  const at = whole.indexOf('0000000000000009')
  const found = new Set<number | undefined>()
  // the slot of 9, cut off or changed at each of its bytes
  for (let byte = at; byte < at + 25; byte++) {
    const torn = Buffer.from(whole)
    // of the space between the two nothing depends
    if (byte === at + 16) continue
    torn[byte]! ^= 1
    writeFileSync(flushMarkerPath(path), torn)
    found.add(readFlushMarker(path))
  }
  expect([...found]).toEqual([5])
})

test('a file that is none names no number', () => {
  const path = newPath()
  writeFileSync(flushMarkerPath(path), 'what')
  expect(readFlushMarker(path)).toBeUndefined()
})
