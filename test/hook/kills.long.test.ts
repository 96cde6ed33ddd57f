import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from '../chaos/flush/database.ts'
import { isKilled } from '../chaos/killed.ts'
import { flushesIn } from '../notify/kills/life.ts'
import { DELIVERIES, live } from './kills/life.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 5 : 1
const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('each delivery starts one run, although the process is killed at any commit and its sender repeats it', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-hooks-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  let killed = 0

  async function tryKill(kill: Kill | undefined): Promise<number> {
    const where = kill ? `${kill.side}-${kill.flush}` : 'calm'
    const folder = join(base, where)
    if (kill && (await isKilled(CHILD, { folder, kill }, 60_000))) killed++
    const { runtime, stop } = await live({ folder })
    const runs = await runtime.runs.list()
    expect(
      runs.map(({ status }) => status),
      where,
    ).toEqual(DELIVERIES.map(() => 'completed'))
    // the answers of both lives name the same runs
    const taken = new Set(readFileSync(join(folder, 'taken'), 'utf8').trim().split('\n'))
    expect(taken.size, where).toBe(DELIVERIES.length)
    await stop()
    return flushesIn(folder)
  }

  const flushes = Array.from({ length: await tryKill(undefined) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  for (const kill of chosen) await tryKill(kill)
  // flushes join differently under load, so that the last ones may not come
  expect(killed).toBeGreaterThan(0.4 * chosen.length)
})
