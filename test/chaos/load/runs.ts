import { z } from 'zod'
import type { Engine } from '../../../src/engine/engine.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { until } from '../../../src/testing/until.ts'
import { pause, type Story, type Strand, type Write } from './strand.ts'

const STEPS = 4

const runMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('step-end'), value: z.string() }),
])
type RunState = { readonly values: readonly string[]; readonly asker: ActorRef | null }

/** STEPS steps, one after another; replies with what their effects gave. */
const run = defineActor<RunState, z.infer<typeof runMessage>>({
  kind: 'run',
  message: runMessage,
  initial: () => ({ values: [], asker: null }),
  receive(state, message, { self, message: { replyTo } }) {
    const next =
      message.type === 'start'
        ? { values: [], asker: replyTo ?? null }
        : { ...state, values: [...state.values, message.value] }
    const given = next.values.at(-1) ?? null
    const part = { [`value/${next.values.length}`]: given }
    if (next.values.length < STEPS) {
      const step = { kind: 'step', key: `${self.key}.${next.values.length}` }
      return {
        state: next,
        parts: part,
        send: [{ to: step, body: given, replyTo: self }],
        index: { status: 'running' },
      }
    }
    const reply = next.asker ? [{ to: next.asker, body: next.values, type: 'response' as const }] : []
    return { state: next, parts: part, send: reply, events: [{ type: 'run-end' }], index: { status: 'completed' } }
  },
})

/** One effect, that takes a while every other time, with what the step was given. */
const stepOf = (write: Write) =>
  defineActor({
    kind: 'step',
    message: z.string().nullable(),
    initial: () => null,
    async receive(_state, given, effects) {
      const value = await effects.run('execute', async ({ idempotencyKey }) => {
        if (Math.random() < 0.5) await pause(8)
        const nonce = crypto.randomUUID().slice(0, 8)
        write({ what: 'effect', step: effects.self.key, nonce, idempotencyKey, given })
        return nonce
      })
      return { reply: { type: 'step-end', value }, stop: true }
    },
  })

type Ended = { readonly id: string; readonly values: readonly string[]; readonly parts: readonly string[] }

/** Runs of steps with effects: each that was acknowledged ends, and each effect saw only what is committed. */
export const runs: Strand = {
  name: 'runs',
  clients: 6,
  actors: (write) => [run, stepOf(write)],
  async act(engine, { client, n, life }, write) {
    if (n % 3 > 0) {
      const id = `${client}-${n}`
      return engine.ask({ kind: 'run', key: id }, { type: 'start' }, { id })
    }
    // told under an id of this life only: when it is killed before it knows, nobody tells that run again
    const id = `${client}-${n}-${life}`
    await engine.tell({ kind: 'run', key: id }, { type: 'start' }, { id })
    write({ what: 'told', id })
    await pause(10)
    return null
  },
  async end(engine) {
    await until(async () => (await engine.view.list('run', { where: { status: 'running' } })).length === 0)
    return Promise.all((await engine.view.list('run')).map(({ key }) => readRun(engine, key)))
  },
  faults(story) {
    return [...faultsOfRuns(story), ...faultsOfEffects(story)]
  },
}

async function readRun(engine: Engine, id: string): Promise<Ended> {
  const ref = { kind: 'run', key: id }
  const parts: string[] = []
  for await (const [, value] of engine.view.parts(ref, { after: 'value/0' })) parts.push(value as string)
  return { id, values: ((await engine.view.peek(ref)) as RunState).values, parts }
}

function faultsOfRuns({ done, notes, end }: Story): readonly string[] {
  const ended = new Map((end as Ended[]).map((run) => [run.id, run]))
  const told = notes.flatMap((note) => (note.what === 'told' ? [note.id as string] : []))
  const asked = done
    .filter(({ result }) => result !== null)
    .map(({ client, n, result }) => ({ id: `${client}-${n}`, result }))
  return [
    ...told.filter((id) => !ended.has(id)).map((id) => `run ${id} was acknowledged and is not there`),
    ...asked
      .filter(({ id, result }) => JSON.stringify(ended.get(id)?.values) !== JSON.stringify(result))
      .map(({ id }) => `run ${id} replied with other values than it has`),
    ...[...ended.values()]
      .filter(({ values, parts }) => values.length !== STEPS || String(values) !== String(parts))
      .map(({ id, values, parts }) => `run ${id} ended with the values ${values} and the parts ${parts}`),
  ]
}

type Effect = {
  readonly step: string
  readonly nonce: string
  readonly idempotencyKey: string
  readonly given: string | null
}

function faultsOfEffects({ notes, end }: Story): readonly string[] {
  const ended = new Map((end as Ended[]).map(({ id, values }) => [id, values]))
  const effects = notes.filter(({ what }) => what === 'effect') as readonly unknown[] as readonly Effect[]
  const steps = Map.groupBy(effects, ({ step }) => step)
  const missing = [...ended.keys()].flatMap((id) =>
    [...Array(STEPS).keys()].map((at) => `${id}.${at}`).filter((step) => !steps.has(step)),
  )
  return [
    ...missing.map((step) => `step ${step} has ended without its effect`),
    ...[...steps].flatMap(([step, tries]) => {
      const [id, at] = step.split('.') as [string, string]
      return faultsOfStep(step, tries, ended.get(id), Number(at))
    }),
  ]
}

function faultsOfStep(step: string, tries: readonly Effect[], values: readonly string[] | undefined, at: number) {
  if (!values) return [`the effect of ${step} belongs to no run`]
  const given = at === 0 ? null : values[at - 1]!
  return [
    // a finished effect never ran again: what was committed is what the last try gave
    ...(tries.at(-1)!.nonce === values[at]
      ? []
      : [`${step} committed ${values[at]}, its last effect gave ${tries.at(-1)!.nonce}`]),
    ...tries.filter((one) => one.given !== given).map((one) => `${step} was given ${one.given}, committed is ${given}`),
    ...(new Set(tries.map((one) => one.idempotencyKey)).size === 1 ? [] : [`${step} has several idempotency keys`]),
  ]
}
