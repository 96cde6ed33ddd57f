import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginAttempt, keepAttempts } from '../../../src/worker/offload/attempts.ts'

function open() {
  const folder = join(mkdtempSync(join(tmpdir(), 'antiphon-attempts-')), 'readings')
  const close = keepAttempts(folder)
  onTestFinished(close)
  /** As two programs leave it that did not live to the end of a reading. */
  const leave = (hash: string, times: number) => writeFileSync(join(folder, hash), String(times))
  return { folder, close, leave }
}

test('a reading is marked until the last of its readers ends', () => {
  const { folder } = open()
  const [one, other] = [beginAttempt('a'), beginAttempt('a')]
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('1')
  one()
  expect(existsSync(join(folder, 'a'))).toBe(true)
  other()
  expect(readdirSync(folder)).toEqual([])
})

test('an input that two programs did not live to read is refused, and a day later tried again', () => {
  const { folder, leave } = open()
  beginAttempt('other')()
  leave('a', 1)
  const end = beginAttempt('a')
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('2')
  end()
  leave('a', 2)
  expect(() => beginAttempt('a')).toThrow(expect.objectContaining({ code: 'cut_off', terminal: true }))
  beginAttempt('other')()
  const day = Date.now() / 1000 - 25 * 60 * 60
  utimesSync(join(folder, 'a'), day, day)
  beginAttempt('a')()
  expect(readdirSync(folder)).toEqual([])
})

test('a normal end takes back the marks of what is being read', () => {
  const { folder, close } = open()
  const end = beginAttempt('a')
  close()
  expect(readdirSync(folder)).toEqual([])
  end()
})
