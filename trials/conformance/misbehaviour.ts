import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { Effects, Turn } from '../../src/kernel/types.ts'
import { actor, eventualDeadLetters, RECORDER, recorderActor, ref } from './actors.ts'
import type { DefineTest, OpenTestBench } from './harness.ts'

const ROGUE = ref('rogue')

/** Throws on every use. */
const hostile = () => {
  const refuse = () => {
    throw new Error('do not look at me')
  }
  return new Proxy(
    {},
    { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse },
  )
}

const bomb = () => ({
  toJSON() {
    throw new Error('no JSON of me')
  },
})
const hidden = () => Object.defineProperty({ a: 1 }, 'toJSON', { value: bomb().toJSON })

type Misdeed = (effects: Effects) => unknown

const MISDEEDS: { readonly [what: string]: { readonly deed: Misdeed; readonly says: RegExp } } = {
  'a state with a toJSON that throws': {
    deed: () => ({ state: bomb() }),
    says: /the state of rogue contains a function/,
  },
  'a state with a hidden toJSON': {
    deed: () => ({ state: { deep: [hidden()] } }),
    says: /the state of rogue contains a toJSON/,
  },
  'a state that is a hostile proxy': { deed: () => ({ state: hostile() }), says: /do not look at me/ },
  'a reply with a toJSON that throws': {
    deed: () => ({ reply: bomb() }),
    says: /the reply of rogue contains a function/,
  },
  'a message with a toJSON that throws': {
    deed: () => ({ send: [{ to: RECORDER, body: bomb() }] }),
    says: /contains a function/,
  },
  'a part with a toJSON that throws': {
    deed: () => ({ parts: { a: bomb() } }),
    says: /part a of rogue contains a function/,
  },
  'an event with a toJSON that throws': {
    deed: () => ({ events: [bomb()] }),
    says: /an event of rogue contains a function/,
  },
  'a turn that is a hostile proxy': { deed: hostile, says: /do not look at me/ },
  'a thrown proxy': {
    deed: () => {
      throw hostile()
    },
    says: /the thrown value cannot be read/,
  },
  'a proxy thrown later': { deed: () => Promise.reject(hostile()), says: /the thrown value cannot be read/ },
  'a proxy thrown by an effect': {
    deed: ({ run }) =>
      run('hostile', () => {
        throw hostile()
      }),
    says: /the thrown value cannot be read/,
  },
  'an effect whose result has a toJSON that throws': {
    deed: ({ run }) => run('bomb', () => bomb() as unknown as Json),
    says: /no JSON of me/,
  },
  'an effect whose result is a hostile proxy': {
    deed: ({ run }) => run('proxy', () => hostile()),
    says: /do not look at me/,
  },
  'an unknown key of a turn': {
    deed: () => ({ state: null, sends: [{ to: RECORDER, body: 'lost' }] }),
    says: /`sends` is not a key of a turn/,
  },
  'another unknown key of a turn': {
    deed: () => ({ rpely: true }),
    says: /`rpely` is not a key of a turn/,
  },
  'an unknown key without a similar known key': {
    deed: () => ({ answer: true }),
    says: /`answer` is not a key of a turn/,
  },
}

/** Does as its message says. */
const rogue = () =>
  actor<Json, string>(
    'rogue',
    0,
    (_state, what, effects) => (what === 'well?' ? { reply: 'well' } : (MISDEEDS[what]!.deed(effects) as Turn<Json>)),
    { supervise: () => ({ type: 'fail' }) },
  )

/** A misbehaving actor fails only its own message: the caller gets the error, and the actor and the engine continue. */
export function misbehaviour(test: DefineTest): void {
  const endsAlone = async (open: OpenTestBench, what: string) => {
    const bench = await open([rogue(), recorderActor()])
    await expect(bench.engine.ask(ROGUE, what)).rejects.toMatchObject({
      message: expect.stringMatching(MISDEEDS[what]!.says),
    })
    await eventualDeadLetters(bench.engine, 1)
    expect(await bench.engine.ask(ROGUE, 'well?')).toBe('well')
    expect(await bench.engine.ask(RECORDER, 'next')).toBe(1)
    await bench.crash()
    expect(await bench.engine.ask(ROGUE, 'well?')).toBe('well')
    expect(await bench.engine.ask(RECORDER, 'next')).toBe(2)
  }

  for (const what of Object.keys(MISDEEDS))
    test(`${what} is a dead letter, and all else continues`, (open) => endsAlone(open, what))

  test('a programming error is not retried', async (open) => {
    let tries = 0
    const careless = actor('careless', 0, async (_state, _message, { run }) => ({
      reply: await run('slip', function slip(): number {
        tries++
        return (undefined as unknown as { length: number }).length
      }),
    }))
    const bench = await open([careless])
    await expect(bench.engine.ask(ref('careless'), null)).rejects.toMatchObject({ name: 'TypeError' })
    expect(tries).toBe(1)
    await bench.crash()
    const [{ problem } = {}] = await eventualDeadLetters(bench.engine, 1)
    expect(problem).toMatchObject({ name: 'TypeError', bug: true })
  })

  test('a TypeError with a cause is retried', async (open) => {
    let tries = 0
    const caller = actor(
      'caller',
      0,
      async (_state, _message, { run }) => ({
        reply: await run('fetch', () => {
          if (++tries < 3) throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
          return tries
        }),
      }),
      {
        supervise: ({ problem, attempt }) =>
          problem.bug || attempt === 5 ? { type: 'fail' } : { type: 'retry', delay: 0 },
      },
    )
    const { engine } = await open([caller])
    expect(await engine.ask(ref('caller'), null)).toBe(3)
  })

  test('a delta that JSON cannot represent is an error of its actor', async (open) => {
    const loud = actor('loud', 0, (_state, _message, { emit }) => {
      emit(bomb() as unknown as Json)
      return { reply: 'told' }
    })
    const { engine } = await open([loud])
    await expect(engine.ask(ref('loud'), null)).rejects.toMatchObject({
      message: expect.stringContaining('no JSON of me'),
    })
  })
}
