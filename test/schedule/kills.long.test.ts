import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killAtEachFlush } from '../chaos/at-each-flush.ts'
import { live } from './kills/life.ts'

const CHILD = join(import.meta.dirname, 'kills/child.ts')

/** The second of the instant that the id of a run names, since the epoch. */
function secondOf(id: string): number {
  const [, year, month, day, hour, minute, second] = /^tick-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id)!
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000
}

test('each instant of a schedule has one run, although its process is killed at any commit', () =>
  killAtEachFlush(CHILD, async (folder, where) => {
    const isPaused = existsSync(join(folder, 'pausing'))
    const { runtime, stop } = await live({ folder }, 1)
    const runs = await runtime.runs.list({ limit: 1000 })
    const seconds = runs.map(({ id }) => secondOf(id)).toSorted((a, b) => a - b)
    // the instants of a pause have no run
    const gaps = seconds.slice(1).filter((second, place) => second !== seconds[place]! + 1)
    expect(gaps.length, `${where}: ${seconds}`).toBeLessThanOrEqual(isPaused ? 1 : 0)
    expect(new Set(seconds).size, where).toBe(seconds.length)
    expect(new Set(runs.map(({ status }) => status)), where).toEqual(new Set(['completed']))
    expect((await runtime.schedules.list()).length, where).toBe(1)
    await stop()
  }))
