import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RunDocument } from '../../src/run/document.ts'
import { actsIn } from './asks/acts.ts'
import { flushesIn, linesBy, live } from './deploys/life.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 7 : 1

const CHILD = join(import.meta.dirname, 'deploys/child.ts')

/** Checks that the run ended as in new code without a kill, and that its log has what its processes said, in order. */
function checkRun(folder: string, { status, outputs, steps }: RunDocument, where: string): void {
  const { imported, ...result } = outputs!.result as { readonly imported: string }
  expect([status, result], where).toEqual(['completed', { go: 'now', isNew: true, shipped: null }])
  const acts = actsIn(folder)
  expect(acts.filter((act) => act.startsWith('charge')).length, where).toBe(1)
  expect(acts.filter((act) => act === 'ship').length, where).toBe(1)
  // the kill cuts off one attempt at most
  expect([1, 2], where).toContain(acts.filter((act) => act === 'import').length)
  expect(acts.length, where).toBeLessThanOrEqual(4)
  const { progress, log = [], log_cut: cut } = steps.import!
  const lines = log.map(({ text }) => text)
  const last = linesBy(imported)
  const before = lines.slice(0, -last.length)
  expect([progress, cut, lines.slice(-last.length)], where).toEqual([{ done: last.length }, undefined, last])
  // an attempt that was cut off has said its first lines
  expect(before, where).toEqual(linesBy('killed').slice(0, before.length))
  expect(imported === 'killed' && before.length > 0, where).toBe(false)
}

test('the process with new code is killed at its flushes: its run goes on, with its log', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-deploys-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const waiting = join(base, 'waiting')
  mkdirSync(waiting)
  expect((await live({ folder: waiting, code: 'old', name: 'old' })).completed_at).toBe(null)
  const make = (name: string) => {
    cpSync(waiting, join(base, name), { recursive: true })
    return join(base, name)
  }
  let killed = 0
  let tried = 0
  for (const code of ['misfit', 'new'] as const) {
    const calm = make(`calm-${code}`)
    const before = flushesIn(calm)
    const run = await live({ folder: calm, code, name: 'killed' })
    if (code === 'new') checkRun(calm, run, 'calm')
    else expect(run, 'the code does not fit').toMatchObject({ completed_at: null })
    const kills = Array.from({ length: flushesIn(calm) - before }, (_, at) => at + 1).flatMap((flush): Kill[] => [
      { side: 'before', flush },
      { side: 'after', flush },
    ])
    for (const kill of kills.filter((_, place) => place % STRIDE === 0)) {
      const folder = make(`life-${tried++}`)
      if (await isKilled(CHILD, { folder, code, name: 'killed', kill }, 60_000)) killed++
      checkRun(folder, await live({ folder, code: 'new', name: 'last' }), `${code}, ${kill.side} flush ${kill.flush}`)
    }
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.6 * tried)
}, 900_000)
