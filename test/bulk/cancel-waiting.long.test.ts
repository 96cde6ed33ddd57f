import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from '../chaos/flush/database.ts'
import { isKilled } from '../chaos/killed.ts'
import { flushesIn } from '../notify/kills/life.ts'
import { BEGUN, CANCELLED, drawing, live } from './kills/life.ts'

/** So many seeds, and kills of each, are enough for the short form; ANTIPHON_KILLS asks for more. */
const [SEEDS, KILLS] = process.env.ANTIPHON_KILLS === undefined ? [4, 3] : [15, 8]
const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('a cancellation of all orders of a customer begins none of them and leaves those of another, although the process is killed', {
  timeout: 600_000,
}, async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-orders-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  let killed = 0

  async function tryKill(seed: number, kill: Kill | undefined): Promise<number> {
    const where = `${seed}-${kill ? `${kill.side}-${kill.flush}` : 'calm'}`
    const folder = join(base, where)
    if (kill && (await isKilled(CHILD, { folder, seed, kill }, 60_000))) killed++
    const { runtime, orders, stop } = await live({ folder, seed })
    const [before, after] = readFileSync(join(folder, 'said'), 'utf8').split(BEGUN) as [string, string]
    expect(after, where).not.toContain(CANCELLED)
    expect(before, where).not.toContain('charge')
    for (const { id, customer } of orders) {
      const { status, error } = await runtime.runs.get(id)
      if (customer === CANCELLED) expect([status, error], `${where} ${id}`).toEqual(['cancelled', expect.any(String)])
      // another order of the customer may have replaced it
      else if (status !== 'cancelled') expect(after, `${where} ${id}`).toContain(`charge ${customer} ${id}\n`)
      else expect(error, `${where} ${id}`).toContain('replaces it')
    }
    const { total, done, skipped, failed, picked } = await runtime.bulks.get('bulk')
    expect(done + skipped + failed, where).toBe(total)
    expect(picked!.timed + picked!.queued + picked!.running + picked!.ended, where).toBe(total)
    await stop()
    return flushesIn(folder)
  }

  for (let seed = 1; seed <= SEEDS; seed++) {
    const flushes = await tryKill(seed, undefined)
    const draw = drawing(seed)
    for (let n = 0; n < KILLS; n++) {
      // the last part of the flushes has the cancellation
      const flush = Math.round(flushes * (0.4 + draw(50) / 100))
      await tryKill(seed, { side: draw(2) === 0 ? 'before' : 'after', flush })
    }
  }
  expect(killed).toBeGreaterThan(0.4 * SEEDS * KILLS)
})
