import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openStartTimes } from '../../../src/store/files/start-times.ts'

function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-starts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'starts', 'api.times')
  let now = 10_000_000
  return {
    folder,
    path,
    wait: (ms: number) => void (now += ms),
    /** What one process sees, which ends without closing anything. */
    open: (most = 3) => openStartTimes(path, most, () => now),
  }
}

it('the next process sees the starts of the last one, oldest first, and never a ms older than they are', () => {
  const { open, wait, path } = openFile()
  const first = open()
  expect(first.ages()).toEqual([])
  for (const ms of [10, 20, 30, 40]) {
    first.add()
    wait(ms)
  }
  const second = open()
  expect(second.ages()).toEqual([89, 69, 39])
  second.add()
  wait(5)
  expect(open().ages()).toEqual([74, 44, 4])
  expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([24, 0o600])
})

it('a limit that was raised or lowered uses the same file', () => {
  const { open, wait } = openFile()
  const add = (most: number, count: number) => {
    const starts = open(most)
    for (let n = 0; n < count; n++) {
      starts.add()
      wait(10)
    }
  }
  add(5, 4)
  expect(open(2).ages()).toEqual([19, 9])
  add(2, 1)
  expect(open(5).ages()).toEqual([39, 29, 19, 9])
})

it('a clock that was set back, and what a full disk left of a start, stop nothing for more than a minute', () => {
  const { open, wait, path } = openFile()
  open().add()
  wait(-3_600_000)
  expect(open().ages()).toEqual([0])
  wait(61_000)
  expect(open().ages()).toEqual([60_999])
  appendFileSync(path, Buffer.from([1, 2, 3]))
  expect(open().ages()).toEqual([60_999])
  writeFileSync(path, Buffer.alloc(24, 0xff))
  expect(open().ages()).toEqual([])
})

it('a file that cannot be used is a warning, and starts count in their own process', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())
  const { folder, open } = openFile()
  writeFileSync(join(folder, 'starts'), 'a file')
  const starts = open()
  starts.add()
  expect(starts.ages()).toEqual([])
  starts.close()
  expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('starts are not kept'), 'StartsWarning')
})
