/*
 * What a clock does that was wrong: 30 days ahead, an hour behind, and back. ADR 70 has a row for each user of a clock.
 * Its other rows have tests beside what they test: memory, timers, retention and budgets.
 */
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { openKeys } from '../src/access/room/keys.ts'
import { knownStates } from '../src/access/room/known.ts'
import { accessActors } from '../src/access/room.ts'
import { inlineEngine } from '../src/engine/inline/engine.ts'
import { RetryableError } from '../src/errors.ts'
import type { Json } from '../src/kernel/schema.ts'
import { defineActor } from '../src/kernel/turn.ts'
import { accountActor, rewardFor } from '../src/ledger/account.ts'
import { ledgerActor } from '../src/ledger/actor.ts'
import { simulatedClock } from '../src/testing/clock.ts'
import { nextTryOf, orWait } from '../src/work/provider-wait.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOON = Date.UTC(2026, 0, 10, 12)

/** A clock that a test sets: what waits for a time goes on as before. */
function setClock(start = NOON) {
  const clock = simulatedClock(start)
  let by = 0
  return { ...clock, now: () => clock.now() + by, setBy: (ms: number) => void (by = ms) }
}

test('a key is refused while the clock is past its end, and lets in again when the clock is right', async () => {
  const clock = setClock()
  const engine = inlineEngine({ actors: accessActors(), clock })
  onTestFinished(() => engine.stop())
  const keys = openKeys({
    engine,
    clock,
    known: knownStates('api-key', { engine, clock }),
    checkOwner: async () => {},
    checkName: () => {},
  })
  const { token, id } = await keys.create({ name: 'ci', owner: 'ada', scopes: ['run'], ttl: DAY })
  clock.setBy(30 * DAY)
  await expect(keys.identify(token)).rejects.toMatchObject({ code: 'unauthenticated' })
  clock.setBy(-HOUR)
  expect(await keys.identify(token)).toMatchObject({ id })
  // a revoked key stays revoked, whatever the clock says
  await keys.revoke(id)
  for (const by of [30 * DAY, -HOUR, 0]) {
    clock.setBy(by)
    await expect(keys.identify(token)).rejects.toMatchObject({ code: 'unauthenticated' })
  }
})

test('a link is open for as long as it was made, also when the clock is set back meanwhile', async () => {
  const clock = setClock()
  const run = defineActor<null, Json>({
    kind: 'run',
    message: z.json(),
    initial: () => null,
    receive: async () => ({}),
  })
  const engine = inlineEngine({ actors: [...accessActors(), run], clock })
  onTestFinished(() => engine.stop())
  const link = { kind: 'link', key: 'l' }
  const body = { run: 'r', signal: 's', kind: 'webhook', owner: 'ada', hash: 'f'.repeat(64), ttl: DAY, since: NOON }
  await engine.ask(link, { type: 'create', ...body })
  clock.setBy(-HOUR)
  await clock.advance(DAY - 1)
  expect(await engine.view.peek(link)).toMatchObject({ expiresAt: NOON + DAY })
  await clock.advance(HOUR + 1)
  expect(await engine.view.peek(link)).toBeUndefined()
})

test('the limit of a day of the ledger does not begin anew when the clock is set back over midnight', async () => {
  const clock = setClock(NOON + 12.5 * HOUR)
  const engine = inlineEngine({ actors: [ledgerActor({ accountPerDay: 1 }), accountActor()], clock })
  onTestFinished(() => engine.stop())
  const book = async (ask: string) => {
    const { to, body, correlationId } = rewardFor('ada', { type: 'novelty', ask, amount: '600000000' })
    return engine.ask(to, body, { correlationId: correlationId! })
  }
  await book('a')
  clock.setBy(-HOUR)
  await expect(book('b')).rejects.toMatchObject({ code: 'daily_cap' })
  clock.setBy(0)
  await expect(book('c')).rejects.toMatchObject({ code: 'daily_cap' })
  // a day that a clock showed which was far ahead does not last until it comes
  clock.setBy(30 * DAY)
  await book('d')
  clock.setBy(0)
  await book('e')
})

test('work is patient with its provider for no longer when its wait began under a clock that was ahead', () => {
  const failure = () => new RetryableError('status 503', { code: 'model_overloaded' })
  const limit = 15 * 60_000
  const terms = (now: number, since: number) => ({
    ...{ limit, now: () => now, wait: { since, tries: 1, code: 'model_overloaded', reason: 'status 503' } },
  })
  expect(nextTryOf(orWait(failure(), terms(NOON, NOON + 30 * DAY)))).toMatchObject({ since: NOON })
  // a clock that is ahead ends the patience, by name
  expect(orWait(failure(), terms(NOON + 30 * DAY, NOON))).toMatchObject({ data: { patience: 'over' } })
})
