import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkLife, THOUGHTS } from './conversations/judge.ts'
import { flushesIn, live, makeFolder, thoughtsIn } from './conversations/life.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 9 : 1

const CHILD = join(import.meta.dirname, 'conversations/child.ts')

// dear: each life between two kills is a process
test('a conversation is killed at its flushes: no message, call or event is lost or repeated', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-conversations-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => makeFolder(join(base, name))
  const calm = make('calm')
  checkLife(calm, await live({ folder: calm }), 'calm', 0)
  expect(thoughtsIn(calm)).toEqual(THOUGHTS)
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`${kill.side}-${kill.flush}`)
    if (await isKilled(CHILD, { folder, kill }, 60_000)) killed++
    checkLife(folder, await live({ folder }), `${kill.side} flush ${kill.flush}`, 1)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 600_000)
