import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import type { EngineUnderTest } from '../../../src/testing/openers/opened.ts'
import { actor, range, ref } from '../../../trials/conformance/actors.ts'
import { inlineOpener, type TortureOptions, torture } from '../../../trials/index.ts'

const sink = () => actor('sink', [] as readonly Json[], (seen, body) => ({ state: [...seen, body] }))
const counter = () =>
  actor('counter', 0, (count: number, add: number) => {
    const sum = count + add
    return { state: sum, reply: sum, events: [add], send: [{ to: ref('sink'), body: sum }] }
  })
const adds = range(4, 1).map((body) => ({ to: ref('counter'), body, ask: true }))

/** Charges by an effect, and replies with what that gave. */
const charger = (charge: (call: { idempotencyKey: string }) => string, more: Partial<Actor<number, Json>> = {}) =>
  actor(
    'charger',
    0,
    async (count: number, _message: Json, effects) => {
      const receipt = await effects.run('charge', charge)
      return { state: count + 1, reply: receipt, send: [{ to: ref('sink'), body: receipt }] }
    },
    more,
  )
const charges = range(2).map((body) => ({ to: ref('charger'), body, ask: true }))

const wrong = (plan: TortureOptions) => expect(torture(plan)).rejects

describe('torture', () => {
  test('crashes before and after every commit of each engine, and finds nothing wrong with honest actors', async () => {
    const crashes = await torture({ actors: [counter(), sink()], messages: adds })
    // two turns for each message, two points for each commit; libSQL commits both turns in one flush
    expect(crashes.inline).toBe(16)
    expect(crashes.libsql).toBeGreaterThanOrEqual(8)
  })

  test('crashes before and after every effect, which is then called again with the same key', async () => {
    const keys: string[] = []
    const charge = ({ idempotencyKey }: { idempotencyKey: string }) => {
      keys.push(idempotencyKey)
      return idempotencyKey
    }
    const { inline } = await torture({ actors: [charger(charge), sink()], messages: charges, engines: INLINE })
    expect(inline).toBe(2 * (2 * 2 + 2))
    // a trial without a crash and one with a crash at each point make two calls, those that lose an outcome one more
    expect(keys).toHaveLength(2 * (1 + 12) + 2)
    expect(new Set(keys).size).toBe(2)
  })

  test('lets time pass, so that timers fire and effects are tried again', async () => {
    const alarm = actor('alarm', [] as readonly Json[], (fired, message) =>
      message === 'set'
        ? { timers: { late: { delay: 90_000, body: 'late' }, soon: { delay: 5, body: 'soon' } } }
        : { state: [...fired, message], reply: null },
    )
    const failing = charger(
      () => {
        throw new Error('never')
      },
      { supervise: ({ attempt }) => (attempt < 3 ? { type: 'retry', delay: 30_000 } : { type: 'fail' }) },
    )
    const messages = [
      { to: ref('alarm'), body: 'set' },
      { to: ref('charger'), body: null, ask: true },
    ]
    const { inline, libsql } = await torture({ actors: [alarm, failing, sink()], messages })
    expect(inline).toBeGreaterThan(10)
    expect(libsql).toBeGreaterThan(10)
  })

  test('makes at most so many crashes, the first and others spread over the rest', async () => {
    expect(await torture({ actors: [counter(), sink()], messages: adds, most: 5 })).toEqual({ inline: 5, libsql: 5 })
  })

  test('finds what is remembered outside of the state', async () => {
    const seen = new Set<Json>()
    const forgetful = actor('charger', 0, (count: number, message: Json) => {
      const isNew = !seen.has(message)
      seen.add(message)
      return isNew ? { state: count + 1, reply: count + 1 } : { reply: count }
    })
    await wrong({ actors: [forgetful], messages: charges }).toThrow(
      'inline, crashed before a commit (point 1 of 4): ' +
        'after message 0 to charger/1 (0) the reply is 0, undisturbed it is 1',
    )
  })

  test('finds what differs without any crash', async () => {
    let calls = 0
    const counting = actor('charger', null, (_state, _message: Json) => ({ reply: ++calls }))
    await wrong({ actors: [counting], messages: charges, most: 0 }).toThrow('libsql without any crash: after message 0')
  })

  test('finds an effect that comes to something else when it is repeated, and says where it crashed', async () => {
    let calls = 0
    const counting = charger(() => `call ${++calls}`)
    const fresh = (actors: readonly Actor[]) => {
      calls = 0
      return actors
    }
    const engines: Engines = {
      inline: (onCommit) => (actors, options) => inlineOpener({ onCommit })(fresh(actors), options),
    }
    await wrong({ actors: [counting, sink()], messages: charges, engines }).toThrow(
      'inline, crashed after effect charge of charger/1 (point 2 of 12): ' +
        'after message 0 to charger/1 (0) the reply is "call 2", undisturbed it is "call 1"',
    )
  })

  test('compares only what is to be compared', async () => {
    const random = charger(() => crypto.randomUUID())
    const plan: TortureOptions = { actors: [random, sink()], messages: charges, engines: INLINE }
    await wrong(plan).toThrow('inline, crashed before')
    await torture({ ...plan, compared: (value) => (typeof value === 'number' ? value : null) })
  })

  test('finds an engine that forgets which messages it took', async () => {
    const forget: Engines = {
      own: (onCommit) => async (actors, options) => {
        const opened = await inlineOpener({ onCommit })(actors, options)
        let life = 0
        const renamed = (engine: Engine): Engine => ({
          ...engine,
          ask: (to, body, given) => engine.ask(to, body, { ...given, id: `${life} ${given?.id}` }),
        })
        const of = ({ engine, ...rest }: EngineUnderTest): EngineUnderTest => ({
          ...rest,
          engine: renamed(engine),
          crash: async () => {
            life++
            return of(await rest.crash())
          },
        })
        return of(opened)
      },
    }
    await wrong({ actors: [counter(), sink()], messages: adds, engines: forget }).toThrow(
      /^own, crashed before a commit .*: after message 0 to counter\/1 \(1\) the reply is 2, undisturbed it is 1$/,
    )
  })

  test('finds an engine that loses what it acknowledged', async () => {
    const lose: Engines = {
      own: (onCommit) => async (actors, options) => {
        const again = async (): Promise<EngineUnderTest> => {
          const opened = await inlineOpener({ onCommit })(actors, options)
          return { ...opened, crash: again }
        }
        return again()
      },
    }
    const tells = adds.map(({ to, body }) => ({ to, body }))
    await wrong({ actors: [counter(), sink()], messages: tells, engines: lose }).toThrow(
      /^own, crashed before a commit .* the state of counter\/1 is/,
    )
  })
})

type Engines = NonNullable<TortureOptions['engines']>
const INLINE: Engines = { inline: (onCommit) => inlineOpener({ onCommit }) }
