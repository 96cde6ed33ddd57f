import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verifyWalOf } from '../../../src/store/wal/read.ts'
import { FRAME, newPath, openLog, openRenewed } from './logs.ts'

function judge(log: Uint8Array) {
  const path = newPath()
  writeFileSync(`${path}-wal`, log)
  return verifyWalOf(path)
}

function changed(log: Buffer, at: number, change: (byte: number) => number = (byte) => byte ^ 0x10): Buffer {
  const copy = Buffer.from(log)
  copy[at] = change(copy[at]!)
  return copy
}

const endOf = (frames: number) => 32 + frames * FRAME

test('a log is clean when there is none, when it is empty, and when its last transaction is whole', () => {
  expect(verifyWalOf(newPath())).toEqual({ end: 'clean' })
  expect(judge(Buffer.alloc(0))).toEqual({ end: 'clean' })
  const { write, log } = openLog()
  for (let n = 0; n < 20; n++) write(9_000)
  expect(judge(log())).toEqual({ end: 'clean' })
})

test('frames of an earlier log behind the end mean nothing', () => {
  const { write, log } = openRenewed()
  const earlier = log().length
  for (let n = 0; n < 5; n++) write()
  // the log is as long as it was before, and most of it is old
  expect(log().length).toBe(earlier)
  expect(judge(log())).toEqual({ end: 'clean' })
})

test('a changed byte anywhere before the last transaction is damage, and says where', () => {
  const { write, log } = openLog()
  for (let n = 0; n < 6; n++) write()
  const before = log()
  write(9_000)
  const whole = log()
  const frames = (before.length - 32) / FRAME
  expect(frames).toBeGreaterThan(6)
  for (let frame = 0; frame < frames; frame++) {
    const from = endOf(frame)
    // every byte of its header, and some of its page
    for (const at of [...Array(24).keys(), 24, 700, 4_000, 4_119])
      expect(judge(changed(whole, from + at)), `frame ${frame}, byte ${at}`).toEqual({
        end: 'damaged',
        at: from,
        commits: expect.any(Number),
      })
  }
})

test('a changed byte of the header is damage', () => {
  const { write, log } = openLog()
  for (let n = 0; n < 6; n++) write()
  const whole = log()
  for (let at = 0; at < 32; at++)
    expect(judge(changed(whole, at)), `byte ${at}`).toEqual({ end: 'damaged', at: 0, commits: expect.any(Number) })
})

test('a page that was never written, and a sector of other bytes, are damage before later transactions', () => {
  const { write, log } = openLog()
  for (let n = 0; n < 12; n++) write()
  const whole = log()
  for (const [from, to] of [
    [0, 512],
    [endOf(3), endOf(4)],
    [512 * 20, 512 * 21],
    [endOf(2), endOf(5)],
  ] as const)
    expect(judge(Buffer.from(whole).fill(from === 512 * 20 ? 0xa5 : 0, from, to)), `${from} to ${to}`).toMatchObject({
      end: 'damaged',
    })
})

test('a changed byte in the last transaction alone is what a power cut leaves', () => {
  const { write, log } = openLog()
  for (let n = 0; n < 6; n++) write()
  const from = log().length
  write(30_000)
  const whole = log()
  for (let at = from + 24; at < whole.length; at += 997)
    expect(judge(changed(whole, at)), `byte ${at}`).toEqual({ end: 'torn' })
})

test('a log that was cut off ends where it ends', () => {
  const { write, log } = openLog()
  for (let n = 0; n < 6; n++) write()
  const before = log().length
  write(30_000)
  const whole = log()
  expect(judge(whole.subarray(0, before))).toEqual({ end: 'clean' })
  expect(judge(whole.subarray(0, before + 2 * FRAME + 100))).toEqual({ end: 'torn' })
})

test('a header of the next log over frames of the one before is a torn one', () => {
  const { write, log } = openRenewed()
  const old = log()
  write()
  const next = log()
  // the header of the next log, with half of its checksum
  const torn = Buffer.concat([next.subarray(0, 28), old.subarray(28)])
  expect(judge(torn)).toEqual({ end: 'torn' })
})
