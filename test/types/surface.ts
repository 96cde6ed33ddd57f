/**
 * The public types as a user meets them. Nothing here runs: it is type-checked in the checkout against the sources and, as part of
 * the test of the package, against the declarations that are shipped.
 */
import {
  type Agent,
  type Answer,
  type CallContext,
  createRuntime,
  defineActor,
  defineAgent,
  defineTool,
  type Engine,
  inlineEngine,
  is,
  type Json,
  loadConfig,
  RetryableError,
  type Runtime,
  retryUpTo,
  runPipeline,
  type Turn,
} from 'antiphon'
import { type Client, createClient } from 'antiphon/client'
import { gate, type KillPlan, killRepeatedly, simulatedClock, torture, until } from 'antiphon/testing'
import { type EngineSuite, exerciseEngine } from 'antiphon/testing/conformance'
import { z } from 'zod'

export const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
  supervise: retryUpTo(3),
})

export const reader = defineActor({
  kind: 'reader',
  message: z.object({ url: z.string() }),
  initial: (): { length?: number } => ({}),
  async receive(_state, { url }, effects) {
    const length = await effects.run('read', async ({ signal }) => url.length + Number(signal.aborted))
    return { state: { length }, timers: { again: { delay: 1000, body: { url } } }, events: [{ read: url }] }
  },
})

defineActor({
  kind: 'wrong',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  // @ts-expect-error a message is what its schema says
  receive: (_state, { subtract }) => ({ reply: subtract }),
})

defineActor({
  kind: 'wrong',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  // @ts-expect-error a state is what `initial` makes
  receive: (_state, { add }) => ({ state: { sum: add } }),
})

// @ts-expect-error a turn says nothing else
export const turn: Turn<{ total: number }> = { state: { total: 1 }, answer: 2 }

/** a variable that may not be set is a key that may be absent */
export const client: Client = createClient({ url: 'http://localhost:8080', key: process.env.KEY })

export const shout = defineTool({
  name: 'shout',
  description: 'Says a text in capitals.',
  input: z.object({ text: z.string() }),
  effect: 'pure',
  execute: ({ text }, { signal, root }) => ({ loud: text.toUpperCase(), root, called: !signal.aborted }),
})

defineTool({
  name: 'wrong',
  description: 'Gives what cannot be stored.',
  input: z.object({}),
  effect: 'pure',
  // @ts-expect-error a result is plain data
  execute: () => new Map(),
})

export const order = defineTool({
  name: 'order',
  description: 'Does several things.',
  input: z.object({ item: z.string() }),
  effect: 'idempotent',
  async execute({ item }, { once }) {
    const { shelf } = await once('reserve', ({ idempotencyKey, signal }) => ({
      shelf: item + idempotencyKey + signal.aborted,
    }))
    const paid: number = await once('pay', async () => 7, { effect: 'at-most-once' })
    await once('tell', () => {})
    return { shelf, paid }
  },
  // @ts-expect-error only calls have parts
  undo: (_, { once }) => once('back', () => {}),
})

export async function useOnce({ once }: CallContext): Promise<Json> {
  const made = await once('made', () => ({ total: 1 }))
  // @ts-expect-error the result has no such field
  made.totl
  // @ts-expect-error a name is a text
  await once(7, () => 1)
  // @ts-expect-error a part needs its work
  await once('nothing')
  // @ts-expect-error a result is plain data
  await once('map', () => new Map([[1, 2]]))
  // @ts-expect-error a result is plain data
  await once('function', () => () => 1)
  // @ts-expect-error there are three classes of effects
  await once('wrong', () => 1, { effect: 'never' })
  // @ts-expect-error a part has no parts
  await once('deep', ({ once: inner }) => inner('x', () => 1))
  // @ts-expect-error what a part gives is what it was made with
  const text: string = await once('number', () => 1)
  return text
}

// @ts-expect-error there are three classes of effects
defineTool({ name: 'wrong', description: '', input: z.object({}), effect: 'never', execute: () => 1 })

export async function useRuntime(environment: { readonly [name: string]: string | undefined }): Promise<Json> {
  const config = await loadConfig({ folder: '.', environment })
  const runtime: Runtime = await createRuntime(config, { actors: [counter, reader] })
  const verdict = await runtime.pipelines.validate('pipeline.yaml')
  const { id } = await runtime.runs.start({ file: 'pipeline.yaml', inputs: { word: 'x', list: [1, null] } })
  for await (const { n, body } of runtime.runs.events(id, { after: verdict.findings.length })) if (n > 9) return body
  const { steps, outputs } = await runtime.runs.get(id)
  const answer: Answer = await runtime.threads.ask({
    prompt: 'Why?',
    thread: steps.first?.model ?? 'main',
    files: ['a.md'],
  })
  await runtime.stop({ grace: 1000 })
  // @ts-expect-error what may be missing is not taken for granted
  const text: string = answer.citations[0].text
  return [outputs, text]
}

export async function useEngine(): Promise<Json> {
  const clock = simulatedClock()
  const engine: Engine = inlineEngine({ actors: [counter], clock, seed: 1 })
  await engine.tell({ kind: 'counter', key: 'a' }, { add: 1 }, { id: 'once', delay: 10 })
  const held = gate()
  await until(() => held.arrivals > 0)
  const listed = await engine.view.list('counter', { where: { status: 'done' }, limit: 10 })
  for (const { id, problem } of await engine.deadLetters.list()) if (problem.terminal) await engine.deadLetters.drop(id)
  return engine.ask({ kind: 'counter', key: listed[0]?.key ?? 'a' }, { add: 2 })
}

export async function useDocument(): Promise<number | null> {
  const { status, steps, duration, error } = await runPipeline('pipeline.yaml', { inputs: { n: 1 } })
  const [first] = Object.values(steps)
  if (status === 'failed') throw new Error(`${error}: ${first?.error_type}`)
  // @ts-expect-error what has not ended has no duration
  const seconds: number = duration
  return seconds
}

export function explain(error: unknown): string {
  if (!is(error)) throw new RetryableError('later', { delay: 1000, cause: error })
  if (is(error, 'BusyError')) return error.code
  return is(error, 'InvalidError') ? `${error.place.line}: ${error.hint ?? ''}` : error.message
}

export async function tortured(plan: KillPlan, exercise: EngineSuite): Promise<number> {
  const messages = [{ to: { kind: 'counter', key: 'visits' }, body: { add: 1 }, ask: true }]
  const { inline } = await torture({ actors: [counter], messages, most: 3, compared: (value: Json) => value })
  exerciseEngine(exercise)
  return (inline ?? 0) + (await killRepeatedly(plan))
}

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number() }),
  execute: ({ order }) => ({ order }),
})
const shipping: Agent = defineAgent({ name: 'shipping', instructions: async (goal) => `About: ${goal}` })
export const support = defineAgent({
  ...{ name: 'support', instructions: 'You help.', tools: [refund, 'filesystem:read'], approve: [refund] },
  ...{ deadline: '30m', patience: 10, agents: [shipping, 'clerk'], onUnknown: 'tell', learn: 'propose' },
})
export const tools: readonly [typeof refund, 'filesystem:read'] = defineAgent({
  ...{ name: 'a', instructions: 'b' },
  tools: [refund, 'filesystem:read'],
}).tools

export async function askSupport(runtime: Runtime) {
  await runtime.goals.start({ agent: support, goal: 'Pay it back.' })
  await runtime.conversations.send({ agent: support, conversation: 'c', text: 'Hello.' })
  // @ts-expect-error a message is a text
  await runtime.conversations.send({ agent: support, conversation: 'c', text: 7 })
  // @ts-expect-error the options of an agent are not an agent
  await runtime.goals.start({ agent: { name: 'a', instructions: 'b' }, goal: 'c' })
}

// @ts-expect-error an agent has a name
defineAgent({ instructions: 'You help.' })
// @ts-expect-error an agent has instructions
defineAgent({ name: 'a' })
// @ts-expect-error instructions are a text or make one
defineAgent({ name: 'a', instructions: () => 7 })
// @ts-expect-error the function gets the text of the goal
defineAgent({ name: 'a', instructions: (goal: number) => String(goal) })
// @ts-expect-error a key that does not exist
defineAgent({ name: 'a', instructions: 'b', maxTruns: 3 })
// @ts-expect-error the spelling of files
defineAgent({ name: 'a', instructions: 'b', on_unknown: 'ask' })
// @ts-expect-error a tool is a name or a value
defineAgent({ name: 'a', instructions: 'b', tools: [7] })
// @ts-expect-error a time has a unit
defineAgent({ name: 'a', instructions: 'b', deadline: 'soon' })
// @ts-expect-error dollars are a number
defineAgent({ name: 'a', instructions: 'b', budget: '1' })
// @ts-expect-error a policy, or a list
defineAgent({ name: 'a', instructions: 'b', approve: 'all' })
// @ts-expect-error a skill is a value
defineAgent({ name: 'a', instructions: 'b', skills: ['letters'] })
// @ts-expect-error one of three words
defineAgent({ name: 'a', instructions: 'b', onUnknown: 'guess' })
// @ts-expect-error an agent is frozen
support.name = 'other'
// @ts-expect-error the agents of a program are values
export const wrongParts: Parameters<typeof createRuntime>[1] = { agents: ['support'] }
