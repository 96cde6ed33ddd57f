import { expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Inspected } from '../../src/engine/inspect.ts'
import { findStranded } from '../../src/engine/liveness.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { ActorIndex, Turn } from '../../src/kernel/types.ts'
import { gate, simulatedClock } from '../../src/testing/index.ts'
import { actor, ref } from '../../trials/conformance/actors.ts'

type Message = { readonly index?: ActorIndex; readonly timer?: number; readonly hold?: true }

/** An engine of workers that say in their index what they wait for, as they are told. */
function openWorkers() {
  const hold = gate()
  const clock = simulatedClock()
  const worker = actor(
    'worker',
    null,
    async (_state, { index, timer, hold: held }: Message, effects): Promise<Turn<null>> => {
      if (held) await effects.run('hold', () => hold.pass())
      return { ...(index && { index }), ...(timer && { timers: { wake: { delay: timer, body: {} } } }), reply: true }
    },
  )
  const engine = inlineEngine({ actors: [worker], clock })
  const say = (key: string, message: Message) => engine.ask(ref('worker', key), message as Json)
  return { engine, hold, clock, say }
}

const strandedIn = async (engine: Engine) => (await findStranded(engine.view)).map(({ key }) => key)

it('an actor without work is not stranded', async () => {
  const { engine, say } = openWorkers()
  await say('idle', {})
  await say('done', { index: { status: 'completed' } })
  expect(await strandedIn(engine)).toEqual([])
})

it('an actor with work but without a turn, mail or a wait is stranded', async () => {
  const { engine, say } = openWorkers()
  await say('running', { index: { status: 'running' } })
  await say('waits', { index: { waits: 'worker/nobody' } })
  expect(await strandedIn(engine)).toEqual(['running', 'waits'])
})

it('a turn, waiting mail or a timer wakes an actor until it is cancelled or done', async () => {
  const { engine, say, hold, clock } = openWorkers()
  await say('timer', { index: { status: 'running' }, timer: 500 })
  await say('turn', { index: { status: 'running' } })
  const told = [say('turn', { hold: true }), say('turn', {})]
  await hold.started
  expect(await strandedIn(engine)).toEqual([])
  hold.release()
  await Promise.all(told)
  await clock.advance(500)
  expect(await strandedIn(engine)).toEqual(['timer', 'turn'])
})

it('a waiting actor is stranded exactly if nothing will wake the actor that it waits for', async () => {
  const { engine, say, hold } = openWorkers()
  await say('a', { index: { waits: 'worker/b' } })
  await say('also-a', { index: { waits: 'worker/b' } })
  await say('b', { index: { waits: 'worker/c' } })
  expect(await strandedIn(engine)).toEqual(['a', 'also-a', 'b'])
  const told = say('c', { hold: true })
  await hold.started
  expect(await strandedIn(engine)).toEqual([])
  hold.release()
  await told
  expect(await strandedIn(engine)).toEqual(['a', 'also-a', 'b'])
})

it('actors that wait for each other are stranded', async () => {
  const { engine, say } = openWorkers()
  await say('a', { index: { waits: 'worker/b' } })
  await say('b', { index: { waits: 'worker/a' } })
  expect(await strandedIn(engine)).toEqual(['a', 'b'])
})

it('a wait for a signal or for money ends from outside; a time alone wakes no actor', async () => {
  const { engine, say } = openWorkers()
  await say('signal', { index: { waits: 'signal:go' } })
  await say('budget', { index: { waits: 'budget:team/a' } })
  await say('other', { index: { waits: 'weather' } })
  await say('time', { index: { until: 1234 } })
  expect(await strandedIn(engine)).toEqual(['time'])
})

it('an actor that waits for several is stranded unless all of them can continue', async () => {
  const { engine, say } = openWorkers()
  await say('a', { index: { status: 'running' } })
  await say('awake', { index: { waits: 'signal:go' } })
  await say('dead', { index: { status: 'completed' } })
  const waitsFor =
    (keys: readonly string[]) =>
    async ({ of }: Inspected) =>
      of.key === 'a' ? keys.map((key) => ref('worker', key)) : []
  expect(await findStranded(engine.view, waitsFor(['awake']))).toEqual([])
  expect(await findStranded(engine.view, waitsFor(['awake', 'awake']))).toEqual([])
  expect(await findStranded(engine.view, waitsFor(['awake', 'dead']))).toEqual([ref('worker', 'a')])
})

it('work that moves on between two looks is not stranded', async () => {
  const { engine, say } = openWorkers()
  await say('a', { index: { waits: 'worker/b' } })
  await say('b', { index: { status: 'completed' } })
  // b has ended and its answer is on its way: it comes after a was looked at and before b is
  let moved = false
  const view = {
    async inspect(query: Parameters<Engine['view']['inspect']>[0]) {
      if (query?.key === 'b' && !moved) {
        moved = true
        await say('a', { index: { status: 'completed' } })
      }
      return engine.view.inspect(query)
    },
  }
  expect(await findStranded(view)).toEqual([])
  expect(moved).toBe(true)
})

it('work that moves on to another wait is not stranded', async () => {
  const { engine, say } = openWorkers()
  await say('a', { index: { waits: 'worker/b' } })
  let moved = false
  const view = {
    async inspect(query: Parameters<Engine['view']['inspect']>[0]) {
      if (query?.key === 'b' && !moved) {
        moved = true
        await say('a', { index: { waits: 'worker/c' } })
      }
      return engine.view.inspect(query)
    },
  }
  expect(await findStranded(view)).toEqual([])
  expect((await findStranded(view)).map(({ key }) => key)).toEqual(['a'])
})
