import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'
import { checkLife } from './workflows/judge.ts'
import { flushesIn, live } from './workflows/life.ts'
import { makeFolder } from './workflows/program.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 11 : 1

const CHILD = join(import.meta.dirname, 'workflows/child.ts')

test('a run is killed at its flushes: it ends as without a kill, and nothing is done twice', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-workflows-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => makeFolder(join(base, name))
  const calm = make('calm')
  checkLife(calm, await live({ folder: calm }), 'calm', 0)
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`life-${chosen.indexOf(kill)}`)
    if (await isKilled(CHILD, { folder, kill }, 30_000)) killed++
    checkLife(folder, await live({ folder }), `${kill.side} flush ${kill.flush}`, 1)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 600_000)
