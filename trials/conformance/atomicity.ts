import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventually, ignoreOutcome, READ, RECORDER, range, recorderActor, ref, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'

const WRITER = ref('writer')

/** Writes everything that a turn can write, after the gate. */
const writer = (hold: ReturnType<typeof gate>) =>
  actor('writer', 0, async (count, _message, effects) => {
    await effects.run('first', () => 'recorded')
    await effects.run('second', ({ signal }) => hold.pass(signal))
    return {
      state: count + 1,
      parts: { [`part ${count}`]: count },
      send: [{ to: RECORDER, body: count }],
      events: [{ count }],
      index: { count: count + 1 },
      reply: count + 1,
    }
  })

type Account = { readonly balance: number; readonly moves: number }
type Move = { readonly type: 'transfer'; readonly to: string; readonly amount: number } | Deposit
type Deposit = { readonly type: 'deposit'; readonly amount: number }

const account = () =>
  actor('account', { balance: 100, moves: 0 } as Account, ({ balance, moves }, move: Move) => {
    const amount = move.type === 'deposit' ? move.amount : -move.amount
    return {
      state: { balance: balance + amount, moves: moves + 1 },
      parts: { [String(moves).padStart(4, '0')]: amount },
      events: [amount],
      index: { moves: moves + 1 },
      ...(move.type === 'transfer' && { send: [{ to: ref('account', move.to), body: { ...move, type: 'deposit' } }] }),
    }
  })

/** Either all decisions of a turn become durable, or none. */
export function atomicity(test: DefineTest): void {
  test('a turn that has not ended has changed nothing', async (open) => {
    const hold = gate()
    const { engine } = await open([writer(hold), recorderActor()])
    ignoreOutcome(engine.ask(WRITER, null))
    await hold.started
    expect(await engine.view.peek(WRITER)).toBeUndefined()
    expect(await takeFirst(engine.view.parts(WRITER))).toEqual([])
    expect(await engine.view.list('writer')).toEqual([])
    expect(await engine.ask(RECORDER, READ)).toEqual([])
  })

  test('a crash between effect and commit leaves nothing of the turn, which then takes place once', async (open) => {
    const hold = gate()
    const bench = await open([writer(hold), recorderActor()])
    ignoreOutcome(bench.engine.ask(WRITER, null, { id: 'w' }))
    await hold.started
    await bench.crash()
    expect(await bench.engine.view.peek(WRITER)).toBeUndefined()
    hold.release()
    expect(await bench.engine.ask(WRITER, null, { id: 'w' })).toBe(1)
    await expectWritten(bench.engine)
  })

  test('a crash after the reply leaves all of the turn', async (open) => {
    const hold = gate()
    hold.release()
    const bench = await open([writer(hold), recorderActor()])
    await bench.engine.ask(WRITER, null)
    await bench.crash()
    await expectWritten(bench.engine)
  })

  test('a turn that throws changes nothing', async (open) => {
    const { engine } = await open([
      actor('thrower', 0, async (_state, _message, effects) => {
        await effects.run('effect', () => 1)
        throw new Error('a bug')
      }),
    ])
    await expect(engine.ask(ref('thrower'), null)).rejects.toMatchObject({ message: 'a bug' })
    expect(await engine.view.peek(ref('thrower'))).toBeUndefined()
  })

  test('a state that a view has shown still exists after a crash', async (open) => {
    const bench = await open([recorderActor()])
    for (const round of range(5)) {
      const sent = range(20).map((n) => bench.engine.tell(RECORDER, n, { id: `${round}.${n}` }))
      for (const telling of sent) ignoreOutcome(telling)
      const seen = await until(async () => {
        const now = (await bench.engine.view.peek(RECORDER)) as number[] | undefined
        return now && now.length > 20 * round && now
      })
      await bench.crash()
      expect(((await bench.engine.view.peek(RECORDER)) as number[]).slice(0, seen.length)).toEqual(seen)
      await Promise.all(range(20).map((n) => bench.engine.tell(RECORDER, n, { id: `${round}.${n}` })))
    }
    expect(await bench.engine.ask(RECORDER, READ)).toHaveLength(100)
  })

  test('of fifty states of one instant the last one counts, and two writers at once both take effect (A6)', async (open) => {
    const counter = actor('counter', 0, (count) => ({ state: count + 1, reply: count + 1 }))
    const bench = await open([counter], { clock: simulatedClock() })
    const count = () => bench.engine.ask(ref('counter'), null)
    for (const n of range(50)) expect(await count()).toBe(n + 1)
    await bench.crash()
    expect(await bench.engine.view.peek(ref('counter'))).toBe(50)
    expect(new Set(await Promise.all([count(), count()]))).toEqual(new Set([51, 52]))
  })

  test('transfers between accounts add up across crashes at any time', async (open) => {
    const bench = await open([account()])
    const transfers = range(60).map((n) => ({
      from: `${n % 4}`,
      to: `${(n * 7 + 1) % 4}`,
      amount: 1 + ((n * 13) % 10),
    }))
    for (const [n, { from, to, amount }] of transfers.entries()) {
      await bench.engine.tell(ref('account', from), { type: 'transfer', to, amount }, { id: `t${n}` })
      // a client that does not know whether its message arrived sends it again
      if (n % 12 === 5) {
        await bench.crash()
        await bench.engine.tell(ref('account', from), { type: 'transfer', to, amount }, { id: `t${n}` })
      }
    }
    const accounts = range(4).map((key) => ref('account', `${key}`))
    await until(async () => {
      const cells = await Promise.all(accounts.map((to) => bench.engine.view.peek(to) as Promise<Account | undefined>))
      return cells.reduce((sum, cell) => sum + (cell?.moves ?? 0), 0) >= 2 * transfers.length
    })
    for (const [key, to] of accounts.entries()) {
      const moves = transfers.flatMap((t) => [
        ...(t.from === `${key}` ? [0 - t.amount] : []),
        ...(t.to === `${key}` ? [t.amount] : []),
      ])
      const balance = moves.reduce((sum, amount) => sum + amount, 100)
      expect(await bench.engine.view.peek(to)).toEqual({ balance, moves: moves.length })
      const written = (await takeFirst(bench.engine.view.parts(to))).map(([, amount]) => amount)
      expect([...written].sort()).toEqual([...moves].sort())
      const events = await takeFirst(bench.engine.view.events(to), moves.length)
      expect(events.map(({ body }) => body)).toEqual(written)
    }
  })
}

async function expectWritten(engine: Engine): Promise<void> {
  expect(await engine.view.peek(WRITER)).toBe(1)
  expect(await takeFirst(engine.view.parts(WRITER))).toEqual([['part 0', 0]])
  await eventually(() => engine.view.list('writer')).toEqual([{ key: '1', index: { count: 1 } }])
  expect(await takeFirst(engine.view.events(WRITER), 1)).toMatchObject([{ n: 1, body: { count: 0 } }])
  await until(async () => (await engine.view.peek(RECORDER)) !== undefined)
  expect(await engine.ask(RECORDER, READ)).toEqual([0])
}
