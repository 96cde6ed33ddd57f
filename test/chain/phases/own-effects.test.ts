import { expect, test } from 'vitest'
import { budgetActor } from '../../../src/budget/actor.ts'
import { MICROS_PER_DOLLAR } from '../../../src/budget/money.ts'
import { budgetRef } from '../../../src/budget/scope.ts'
import { outOfMoney } from '../../../src/budget/shortfall.ts'
import { createPhases, registerPhase } from '../../../src/chain/phases/registry.ts'
import type { Phase, PhaseContext } from '../../../src/chain/protocol/phase.ts'
import { copyDisk, type InlineDisk } from '../../../src/engine/inline/disk.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/until.ts'
import { poolsOf } from '../../worker/pools.ts'
import { type Setup, setUp, watched } from '../fixture.ts'

/** An ask whose Observation notes what `act` returns. */
function observing(act: (context: PhaseContext) => Promise<unknown>, setup: Setup = {}) {
  const observation: Phase<'observation'> = {
    name: 'observation',
    modality: 'text',
    initial: (modality) => ({ modality, semanticConnections: [], observations: [] }),
    async run(state, _input, context) {
      const text = JSON.stringify(await act(context)) ?? ''
      return { state, output: { observations: [text], connections: [] }, text, status: 'completed' }
    },
  }
  const chain = setUp({ phases: registerPhase(createPhases(), observation), ...setup })
  return {
    ...chain,
    async noted(id = 'ask_1') {
      const { degraded } = await chain.ask('why?', { id })
      const ends = (await chain.events()).flatMap(({ body }) => (body.type === 'phase-end' ? [body] : []))
      const { text } = ends.find(({ phase }) => phase === 'observation')!
      return degraded.length > 0 ? degraded.map(({ reason }) => reason) : text
    },
  }
}

const idempotent = { effect: 'idempotent' } as const
const atMostOnce = { effect: 'at-most-once' } as const

test('killed at any commit and after any outcome, the code of a phase ran once, or the phase says that this is not known', async () => {
  const snapshots: { readonly disk: InlineDisk; readonly done: string[] }[] = []
  const done: string[] = []
  const act = (done: string[]) => async (context: PhaseContext) => {
    const note = (what: string) => () => {
      done.push(what)
      return what
    }
    const before = await context.run('look', note('look'), idempotent)
    const paid = await context.run('pay', note('pay'), atMostOnce)
    const again = await context.run('look', note('look again'), idempotent)
    return [before, paid, again, await context.run('nothing', () => {}, { effect: 'pure' })]
  }
  const disk = watched(() => snapshots.push({ disk: copyDisk(disk), done: [...done] }))
  const whole = '["look","pay","look again",null]'
  expect(await observing(act(done), { disk }).noted()).toBe(whole)
  const ends = new Set<string>()
  for (const { disk, done } of snapshots) {
    const revived = observing(act(done), { disk })
    await revived.engine.start()
    const noted = await revived.noted()
    ends.add(noted.toString())
    if (noted === whole) expect(done).toEqual(['look', 'pay', 'look again'])
    // its mark was kept, and it had not run: nobody can know that
    else expect(done).toEqual(['look'])
  }
  expect([...ends]).toEqual([whole, 'run/pay was interrupted; whether it took place is not known.'])
})

test('effects that ended or failed before a wait for money do not run again', async () => {
  let isPoor = true
  const done: string[] = []
  const { engine, noted } = observing(
    async ({ run }) => {
      const first = await run('count', () => done.push('count'), atMostOnce)
      const fail = () => {
        done.push('fail')
        throw new Error('the door is closed')
      }
      const why = await run('fail', fail, atMostOnce).catch((error: Error) => error.message)
      const none = await run('none', () => void done.push('none'), atMostOnce)
      if (isPoor) throw outOfMoney('too little', { scope: 'thread/t', amount: MICROS_PER_DOLLAR })
      return [first, why, none]
    },
    { actors: [budgetActor()] },
  )
  const money = (limit: number) => engine.ask(budgetRef('thread/t'), { type: 'set', limit })
  await money(0)
  const asked = noted()
  await until(async () =>
    String(JSON.stringify(await engine.view.peek({ kind: 'chain', key: 't' }))).includes('parked'),
  )
  isPoor = false
  await money(2 * MICROS_PER_DOLLAR)
  expect(await asked).toBe('[1,"the door is closed",null]')
  expect(done).toEqual(['count', 'fail', 'none'])
})

const given =
  (name: string, value: unknown, effect: string = 'pure') =>
  async (context: PhaseContext) =>
    context.run(name, () => value as Json, { effect } as typeof idempotent)

test.each([
  [given('map', new Map()), 'The result of run/map is wrong: expected JSON, got a Map'],
  [
    given('deep', { rows: [1, { act() {} }] }),
    'The result of run/deep is wrong at `rows[1].act`: expected JSON, got a function',
  ],
  [given('look at', 1), 'run: expected a name of letters, digits, - and _, got "look at".'],
  [given('look', 1, 'none'), '`run` look: expected `effect` to be one of pure, idempotent, at-most-once, got none.'],
  [given('all', 'x'.repeat(131_073)), 'run/all: the results of all `run` of a phase have more than 128 KiB.'],
])('%# degrades the phase, and says why', async (act, reason) => {
  expect(await observing(act).noted()).toEqual([reason])
})

test('code that ignores the signal ends with the phase, and the outcome of a payment is unknown', async () => {
  const hang = (effect: string) =>
    observing(({ run }) => run('hang', () => new Promise<never>(() => {}), { effect } as typeof idempotent), {
      limits: { phaseDeadlines: { observation: 30 } },
    }).noted()
  expect(await hang('idempotent')).toEqual(['The phase took longer than its deadline, 0.03 s.'])
  expect((await hang('at-most-once')).toString()).toMatch(/^run\/hang did not end: The phase took longer.*not known\.$/)
})

test('a payment that still waits for a place at the deadline did not take place', async () => {
  const pools = poolsOf({ workers: 1, queue: 100 })
  const { pool } = pools.find({ phase: 'observation', modality: 'text' })
  void pool.submit({ signal: new AbortController().signal, run: () => new Promise<never>(() => {}) })
  const paid: string[] = []
  const pay = ({ run }: PhaseContext) => run('pay', () => void paid.push('paid'), atMostOnce)
  const { noted } = observing(pay, { pools, limits: { phaseDeadlines: { observation: 30 } } })
  expect(await noted()).toEqual(['The phase took longer than its deadline, 0.03 s.'])
  expect(paid).toEqual([])
})

test('a failure is tried three times, and a payment once', async () => {
  const clock = simulatedClock()
  const tries: string[] = []
  const fail = (name: string) => () => {
    tries.push(name)
    throw new Error('no')
  }
  const { noted } = observing(
    async ({ run }) => {
      await run('pay', fail('pay'), atMostOnce).catch(() => {})
      await run('look', fail('look'), idempotent)
    },
    { clock },
  )
  const asked = noted()
  await until(async () => {
    await clock.advance(1000)
    return tries.length === 4
  })
  expect(await asked).toEqual(['no'])
  expect(tries).toEqual(['pay', 'look', 'look', 'look'])
})
