import { z } from 'zod'
import { is } from '../../../src/errors.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { ActorRef, Effects } from '../../../src/kernel/types.ts'
import { pause, type Strand, type Write } from '../load/strand.ts'
import { faultsOfRuns } from './faults.ts'
import { isOnce, STEPS, UNKNOWN } from './steps.ts'

const runMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('step-end'), step: z.number(), value: z.string() }),
])
type RunState = {
  /** each message that it took */
  readonly taken: readonly string[]
  readonly values: readonly string[]
  readonly asker: ActorRef | null
}

/** STEPS steps, one after another; replies with what they gave. */
const run = defineActor<RunState, z.infer<typeof runMessage>>({
  kind: 'run',
  message: runMessage,
  initial: () => ({ taken: [], values: [], asker: null }),
  receive(state, message, { self, message: { replyTo } }) {
    const isStart = message.type === 'start'
    const next = {
      taken: [...state.taken, isStart ? 'start' : `${message.step}`],
      values: isStart ? state.values : [...state.values, message.value],
      asker: isStart ? (replyTo ?? null) : state.asker,
    }
    const at = next.values.length
    const step = { to: { kind: 'step', key: `${self.key}.${at}` }, body: next.values.at(-1) ?? 'start', replyTo: self }
    if (at < STEPS) return { state: next, send: [step], ...(isStart && { index: { status: 'running' } }) }
    const reply = { to: next.asker!, body: next.values, type: 'response' as const }
    return { state: next, send: [reply], index: { status: 'completed' } }
  },
})

/** Two effects, the second with what the first gave. */
const stepOf = (write: Write) =>
  defineActor<null, string>({
    kind: 'step',
    message: z.string(),
    initial: () => null,
    async receive(_state, given, effects) {
      const at = Number(effects.self.key.split('.')[1])
      const draft = await effects.run('draft', () => work(write, effects, 'draft', given))
      const value = await (isOnce(at) ? once : repeatable)(write, effects, draft)
      return { reply: { type: 'step-end', step: at, value }, stop: true }
    },
    // taken along with its run, or not: nobody is to see a difference
    inlinable: () => Math.random() < 0.7,
  })

const repeatable = (write: Write, effects: Effects, draft: string) =>
  effects.run('finish', () => work(write, effects, 'finish', draft))

async function once(write: Write, effects: Effects, draft: string): Promise<string> {
  try {
    return await effects.run('finish', () => work(write, effects, 'finish', draft), { effect: 'at-most-once' })
  } catch (error) {
    if (!is(error, 'UnknownError')) throw error
    return UNKNOWN
  }
}

async function work(write: Write, { self }: Effects, effect: string, given: string): Promise<string> {
  const nonce = crypto.randomUUID().slice(0, 8)
  write({ what: 'effect', step: self.key, effect, given, nonce })
  await pause(20)
  return nonce
}

/** Runs of steps: each that was asked for ends, takes each message once, and repeats no effect that had an outcome. */
export const runs: Strand = {
  name: 'runs',
  clients: 8,
  actors: (write) => [run, stepOf(write)],
  act: (engine, { client, n }) => {
    const id = `${client}-${n}`
    return engine.ask({ kind: 'run', key: id }, { type: 'start' }, { id })
  },
  async end(engine) {
    const listed = await engine.view.list('run')
    const states = listed.map(async ({ key, index }) => {
      const { taken, values } = (await engine.view.peek({ kind: 'run', key })) as RunState
      return [key, { taken, values, status: index.status! }] as const
    })
    return Object.fromEntries(await Promise.all(states))
  },
  faults: faultsOfRuns,
}
