import { expect, onTestFinished, test } from 'vitest'
import { type LoginState, loginRef } from '../../src/access/login.ts'
import { accessActors } from '../../src/access/room.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { simulate } from '../../trials/simulation/simulate.ts'

const OWNER = 'ab'.repeat(32)
const AT = loginRef(OWNER)
const HASH = 'f'.repeat(64)
const challengeOf = (n: number) => String(n).padStart(64, '0')
const idOf = (n: number) => String(n).padStart(16, '0')
const begin = (n: number) => ({ type: 'begin', challenge: challengeOf(n), door: 'wallet' })
const use = (n: number, id = idOf(n), isSigned = true) => ({
  ...{ type: 'use', challenge: challengeOf(n), isSigned, id, hash: HASH },
})

function open() {
  const steady = simulatedClock(Date.parse('2026-03-01T12:00:00Z'))
  let setBack = 0
  const clock = { ...steady, now: () => steady.now() - setBack }
  const engine = inlineEngine({ actors: accessActors(), clock })
  onTestFinished(() => engine.stop())
  const keys = async () => (await engine.view.list('api-key')).map(({ key }) => key)
  const setBackBy = (ms: number) => void (setBack = ms)
  return { clock, engine, keys, setBackBy, say: (body: object) => engine.ask(AT, body as never) }
}

const REFUSED = { code: 'login_refused' }

test('a challenge makes one key, and a failed attempt ends it too', async () => {
  const { say, keys } = open()
  await say(begin(1))
  await say(begin(2))
  expect(await say(use(1))).toMatchObject({ owner: OWNER, login: 'wallet', scopes: ['talk', 'ask'] })
  await expect(say(use(1))).rejects.toMatchObject(REFUSED)
  await expect(say(use(2, idOf(2), false))).rejects.toMatchObject(REFUSED)
  await expect(say(use(2))).rejects.toMatchObject(REFUSED)
  expect(await keys()).toEqual([idOf(1)])
})

test('a challenge is over after five minutes, and a clock that was set back opens it no more', async () => {
  const { say, clock, engine, setBackBy } = open()
  const { expiresAt } = (await say(begin(1))) as { readonly expiresAt: number }
  expect(expiresAt - clock.now()).toBe(300_000)
  await say(begin(2))
  await clock.advance(299_999)
  await say(use(1))
  await clock.advance(1)
  await expect(say(use(2))).rejects.toMatchObject(REFUSED)
  await say(begin(3))
  setBackBy(600_000)
  await expect(say(use(3))).rejects.toMatchObject(REFUSED)
  expect(await engine.view.peek(AT)).toMatchObject({ challenges: [] })
})

test('an address has 32 open challenges, the newest ones', async () => {
  const { say, engine } = open()
  for (let n = 0; n < 33; n++) await say(begin(n))
  expect(((await engine.view.peek(AT)) as LoginState).challenges).toHaveLength(32)
  await expect(say(use(0))).rejects.toMatchObject(REFUSED)
  await say(use(1))
})

test('a login ends the key before, and after a day nothing is left', async () => {
  const { say, clock, engine, keys } = open()
  for (const n of [1, 2]) {
    await say(begin(n))
    await say(use(n))
  }
  expect(await keys()).toEqual([idOf(2)])
  await clock.advance(24 * 3_600_000)
  expect(await keys()).toEqual([])
  expect(await engine.view.peek(AT)).toBeUndefined()
})

test('after any kill, no key is left that nobody ends', async () => {
  let logins = 0
  const counting = (actor: Actor): Actor => ({
    ...actor,
    async receive(state, asked, effects) {
      const turn = await actor.receive(state, asked, effects)
      if (actor.kind === AT.kind && asked.type === 'use' && !turn.refuse) logins++
      return turn
    },
  })
  await simulate({
    engine: 'libsql',
    seeds: 15,
    actors: () => accessActors().map(counting),
    command(random) {
      const n = random.below(4)
      const body = random.pick([begin(n), use(n, idOf(random.below(10)))])
      return random.pick([{ type: 'ask', to: AT, body, correlationId: 'login' }, { type: 'repeat' }] as const)
    },
    // all timers have come, so the key of the last login is over as well
    async check({ peek }) {
      const places = [AT, ...Array.from({ length: 10 }, (_, n) => ({ kind: 'api-key', key: idOf(n) }))]
      for (const at of places) if ((await peek(at)) != null) throw new Error(`${at.kind}/${at.key} is left`)
    },
  })
  expect(logins).toBeGreaterThan(10)
})
