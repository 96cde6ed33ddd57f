import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'
import { copyExample, flushesIn, live } from './librarian/life.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 16 : 1

/** All notes of a copy, with their text. */
function notesIn(folder: string) {
  const notes = join(folder, 'notes')
  return Object.fromEntries(readdirSync(notes).map((name) => [name, readFileSync(join(notes, name), 'utf8')]))
}

test('the example librarian is killed at its flushes; the index is the same, and no note is changed', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-librarian-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => copyExample(join(base, name))
  const calm = make('calm')
  const before = notesIn(calm)
  const expected = await live({ folder: calm })
  const end = { status: 'completed', answer: 'notes/index.md', playbook: { name: 'tidy-notes' } }
  expect(expected).toMatchObject(end)
  const after = notesIn(calm)
  expect({ ...after, 'index.md': undefined }).toEqual({ ...before, 'index.md': undefined })
  expect(after['index.md']).toMatch(/^# Notes\n/)
  const kills = Array.from({ length: flushesIn(calm) }, (_, index): readonly Kill[] => [
    { side: 'before', flush: index + 1 },
    { side: 'after', flush: index + 1 },
  ]).flat()
  expect(kills.length).toBeGreaterThan(20)
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`${kill.side}-${kill.flush}`)
    if (await isKilled(join(import.meta.dirname, 'librarian/child.ts'), { folder, kill }, 60_000)) killed++
    const where = `${kill.side} flush ${kill.flush}`
    const { finishedAt: _, ...goal } = await live({ folder })
    expect(goal, where).toMatchObject(end)
    expect(notesIn(folder), where).toEqual(after)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.6 * chosen.length)
}, 600_000)
