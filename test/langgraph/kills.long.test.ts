import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from '../chaos/flush/database.ts'
import { isKilled } from '../chaos/killed.ts'
import { flushesIn } from '../notify/kills/life.ts'
import { checkLife } from './judge.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 9 : 1
const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('graphs are killed at their flushes: they go on behind the last superstep, and no run is made twice', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-graphs-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  await checkLife(join(base, 'calm'), 'calm')
  const flushes = Array.from({ length: flushesIn(join(base, 'calm')) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const where = `${kill.side}-${kill.flush}`
    if (await isKilled(CHILD, { folder: join(base, where), kill }, 120_000)) killed++
    await checkLife(join(base, where), where)
  }
  // flushes join differently under load, so that the last ones may not come
  expect(killed).toBeGreaterThan(0.5 * chosen.length)
}, 900_000)
