import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { flushesIn, type Lived, live, makeFolder, partsIn, thoughtsIn } from './conversations/life.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'
import { callsIn, fileLog, LEDGER } from './kinds/log.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 5 : 1

const CHILD = join(import.meta.dirname, 'conversations/child.ts')

const THOUGHTS = ['round 1', 'round 2', 'round 3', 'last']

const PARTS = ['fold', 'seal', 'stamp']

const EVENTS = [
  ...['ask-start', 'ask-goal', 'goal-start', 'round', 'goal-needs', 'round-end'],
  ...['round', 'round-end', 'round', 'goal-end'],
  ...['ask-join', 'ask-end', 'ask-end', 'ask-start', 'ask-goal', 'goal-start', 'round', 'goal-end', 'ask-end'],
]

/** Checks that no message is lost or answered twice, no call is made twice, and no event is lost or repeated. */
function checkLife(folder: string, { replies, events, followed }: Lived, where: string): void {
  const posted = { status: 'completed', answer: 'Posted, thanks.', goal: 'talk.m1' }
  const last = { status: 'completed', answer: 'I posted it, thanks.', goal: 'talk.m3' }
  expect(replies, where).toMatchObject([posted, posted, last])
  expect(new Set(events.map(({ cursor }) => cursor)).size, where).toBe(events.length)
  // a call that the kill cut off waits for a person once more
  const types = events.map(({ type }) => type)
  const extra = types.filter((type) => type === 'goal-needs').length - 1
  expect(extra, where).toBeLessThanOrEqual(1)
  expect(types.toSpliced(types.indexOf('goal-needs'), extra), where).toEqual(EVENTS)
  // a follower that goes on after its last event in each process has no gap and no repetition
  expect(followed, where).toEqual(events)
  const parts = partsIn(folder)
  expect(new Set(parts), where).toEqual(new Set(PARTS))
  // at most the part that the kill cut off is repeated
  expect(parts.length, where).toBeLessThanOrEqual(PARTS.length + 1)
  const made = callsIn(fileLog(join(folder, LEDGER)).read()).filter((one) => one.word === 'start')
  expect(made.length, where).toBe(1)
  const thoughts = thoughtsIn(folder)
  expect(new Set(thoughts), where).toEqual(new Set(THOUGHTS))
  // at most the thought that the kill cut off is repeated
  expect(thoughts.length, where).toBeLessThanOrEqual(THOUGHTS.length + 1)
}

test('a conversation is killed at its flushes: no message, call or event is lost or repeated', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-conversations-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => makeFolder(join(base, name))
  const calm = make('calm')
  checkLife(calm, await live({ folder: calm }), 'calm')
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
    checkLife(folder, await live({ folder }), `${kill.side} flush ${kill.flush}`)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 600_000)
