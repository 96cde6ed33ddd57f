import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { actsIn } from './asks/acts.ts'
import { ACTS, checkLife } from './asks/judge.ts'
import { flushesIn, live, makeFolder } from './asks/life.ts'
import { startSearch } from './asks/search.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 40 : 1

test('an ask with searches, calls, a phase file and rewards is killed at its flushes; it ends as without kills, and nothing happens twice', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-asks-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const url = await startSearch()
  const make = (name: string) => makeFolder(join(base, name), url)
  const calm = make('calm')
  checkLife(calm, await live({ folder: calm }), 'calm', 0)
  expect(actsIn(calm)).toHaveLength(ACTS.length)
  const kills = Array.from({ length: flushesIn(calm) }, (_, at): readonly Kill[] => [
    { side: 'before', flush: at + 1 },
    { side: 'after', flush: at + 1 },
  ]).flat()
  expect(kills.length).toBeGreaterThan(60)
  const chosen = kills.filter((_, place) => place % STRIDE === Math.min(3, STRIDE - 1))
  let killed = 0
  for (const kill of chosen) {
    const where = `${kill.side}-${kill.flush}`
    const folder = make(where)
    if (await isKilled(join(import.meta.dirname, 'asks/child.ts'), { folder, kill }, 60_000)) killed++
    checkLife(folder, await live({ folder }), where, 1)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.6 * chosen.length)
}, 600_000)
