import { expect } from 'vitest'
import type { ActorRef, Turn } from '../../src/kernel/types.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

const WALKER = ref('walker')
const NEXT = ref('next')
const OWN = ref('own')
const FIRST = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SECOND = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

type Message = { readonly go: string } | 'read'

/** Continues by a message to another actor, a timer and an answer, and records the trace of each. */
const walker = (held: Gate) =>
  actor(
    'walker',
    [] as readonly string[],
    async (seen, message: Message, effects): Promise<Turn<readonly string[]>> => {
      if (message === 'read') return { reply: seen }
      const { go } = message
      const state = [...seen, `${go} ${effects.message.trace}`]
      if (go === 'ask') return { state, send: [{ to: NEXT, body: null, replyTo: effects.self }], reply: true }
      if (go === 'answer') return { state, timers: { later: { delay: 20, body: { go: 'timer' } } } }
      await effects.run('hold', () => held.pass())
      return { state }
    },
  )

function opened(): Gate {
  const held = gate()
  held.release()
  return held
}

const next = () => actor('next', null, () => ({ reply: { go: 'answer' } }))

/** Returns the trace in which it was started. */
const own = () =>
  actor(
    'own',
    null,
    (_state, to: ActorRef | null, { message }): Turn<null> => ({
      reply: true,
      ...(message.trace === FIRST && { index: { trace: FIRST } }),
      ...(to && { send: [{ to, body: { go: 'told' } }] }),
    }),
  )

/** Messages inherit the trace of their cause. */
export function traces(test: DefineTest): void {
  test('a trace spans messages, answers, timers and a crash', async (open) => {
    const held = gate()
    const bench = await open([walker(held), next()])
    await bench.engine.ask(WALKER, { go: 'ask' }, { trace: FIRST })
    await held.started
    await bench.crash()
    held.release()
    const seen = await until(async () => {
      const walked = (await bench.engine.ask(WALKER, 'read')) as string[]
      return walked.length === 3 && walked
    })
    expect(seen).toEqual([`ask ${FIRST}`, `answer ${FIRST}`, `timer ${FIRST}`])
  })

  test('a message without a trace starts none', async (open) => {
    const { engine } = await open([walker(opened()), next()])
    await engine.ask(WALKER, { go: 'ask' })
    const seen = await until(async () => {
      const walked = (await engine.ask(WALKER, 'read')) as string[]
      return walked.length === 3 && walked
    })
    expect(seen).toEqual(['ask undefined', 'answer undefined', 'timer undefined'])
  })

  test('an actor that names its trace stays in it, whatever messages it gets', async (open) => {
    const { engine } = await open([walker(opened()), own()])
    await engine.ask(OWN, null, { trace: FIRST })
    await engine.ask(OWN, WALKER, { trace: SECOND })
    const seen = await until(async () => {
      const walked = (await engine.ask(WALKER, 'read')) as string[]
      return walked.length > 0 && walked
    })
    expect(seen).toEqual([`told ${FIRST}`])
  })
}
