import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'
import { checkLife } from './workflows/judge.ts'
import { flushesIn, type Life, live, liveTrips } from './workflows/life.ts'
import { makeFolder } from './workflows/program.ts'
import { checkTrips } from './workflows/trip.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 11 : 1

const CHILD = join(import.meta.dirname, 'workflows/child.ts')

type Judge = (folder: string, where: string, kills: number) => Promise<void>

/** Kills processes before and after each flush of a life, each time in a folder of its own, and judges what came of it. */
async function killAtFlushes(life: Omit<Life, 'folder'>, judge: Judge): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-workflows-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => makeFolder(join(base, name))
  const calm = make('calm')
  await judge(calm, 'calm', 0)
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`life-${chosen.indexOf(kill)}`)
    if (await isKilled(CHILD, { ...life, folder, kill }, 30_000)) killed++
    await judge(folder, `${kill.side} flush ${kill.flush}`, 1)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}

// dear: each life between two kills is a process
test('a run is killed at its flushes: it ends as without a kill, and nothing is done twice', async () => {
  await killAtFlushes({}, async (folder, where, kills) => checkLife(folder, await live({ folder }), where, kills))
}, 600_000)

test('a run is killed while it is cancelled: it cleans up, and a payment is settled first', async () => {
  await killAtFlushes({ trips: true }, async (folder, where) => checkTrips(folder, await liveTrips({ folder }), where))
}, 600_000)
