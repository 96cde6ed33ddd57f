import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from '../../chaos/flush/database.ts'
import { isKilled } from '../../chaos/killed.ts'
import { flushesIn } from '../../notify/kills/life.ts'
import { CANCELLED, GOALS, live, RUNS } from './kills/life.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 7 : 1
const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('runs and goals of a key work one at a time and each to its end, although the process is killed at any commit', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-later-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  let killed = 0

  async function tryKill(kill: Kill | undefined): Promise<number> {
    const where = kill ? `${kill.side}-${kill.flush}` : 'calm'
    const folder = join(base, where)
    if (kill && (await isKilled(CHILD, { folder, kill }, 60_000))) killed++
    const { runtime, stop } = await live({ folder })
    for (const run of RUNS)
      if (!CANCELLED.includes(run)) expect((await runtime.runs.get(run)).status, `${where} ${run}`).toBe('completed')
    for (const goal of GOALS)
      if (!CANCELLED.includes(goal))
        expect((await runtime.goals.get(goal)).status, `${where} ${goal}`).toBe('completed')
    expect(oneAtATime(folder), where).toBe(true)
    expect(await runtime.inspector.stranded(), where).toEqual([])
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

/** Whether nothing began while another run or goal had not ended. A killed call begins again. */
function oneAtATime(folder: string): boolean {
  const file = join(folder, 'said')
  let open: string | undefined
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []) {
    const [what, run] = line.split(' ')
    if (what === 'begin' && open !== undefined && open !== run) return false
    open = what === 'begin' ? run : undefined
  }
  return true
}
