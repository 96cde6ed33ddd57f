import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killAtEachFlush } from '../chaos/at-each-flush.ts'
import { live } from './kills/life.ts'

const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('a run whose caller was answered exists, and no signal is lost to a race, although the process is killed at any commit', () =>
  killAtEachFlush(CHILD, async (folder, where) => {
    const { ended, stop } = await live({ folder })
    const { status, outputs } = await ended()
    expect(status, where).toBe('completed')
    const values = outputs.result as readonly number[]
    // a sender without an answer sends again, and its value may have been taken
    const unique = [...new Set(values)]
    expect(unique, where).toEqual([1, 2, 3].slice(0, unique.length))
    expect(values.length - unique.length, where).toBeLessThanOrEqual(1)
    await stop()
  }))
