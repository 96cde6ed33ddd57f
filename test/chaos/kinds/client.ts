import type { Json } from '../../../src/kernel/schema.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { type Act, type Again, type Case, isPipeline, type PipelineCase } from './case.ts'

export type Event = { readonly n: number; readonly body: { readonly type: string; readonly [field: string]: Json } }

/** What the user of a runtime can do. Ids are theirs: done again after a crash, each is done once. */
export interface Client {
  start(of: Case): Promise<void>
  again(of: PipelineCase, how: Again, id: string, before: string): Promise<void>
  /** Goes on with a run that nobody waits for. */
  goOn(run: string): Promise<void>
  events(run: string): AsyncIterable<Event>
  signal(run: string, name: string, value: Json, id: string): Promise<Json>
  cancel(run: string, reason: string): Promise<void>
  /** Says what it may cost, in dollars. */
  raise(run: string, limit: number): Promise<void>
  document(run: string): Promise<RunDocument>
}

/** What a user has seen of a case: its runs to their ends, and how each of their signals was answered. */
export type Played = {
  readonly runs: { readonly [id: string]: { readonly document: RunDocument; readonly events: readonly Event[] } }
  readonly answers: { readonly [id: string]: Json }
}

/** Does all that the user of a case does, or the same again. */
export async function play(client: Client, one: Case): Promise<Played> {
  const answers: { [id: string]: Json } = {}
  const ids = [one.name, ...(one.left ?? [])]
  await client.start(one)
  await follow(client, one, answers)
  for (const id of one.left ?? []) {
    await client.goOn(id)
    await toEnd(client, id)
  }
  if (isPipeline(one)) ids.push(...(await playAgain(client, one, ids.at(-1)!)))
  const seen = ids.map(async (id) => [id, { document: await client.document(id), events: await toEnd(client, id) }])
  return { runs: Object.fromEntries(await Promise.all(seen)), answers }
}

/** Starts the later runs, each from the one before; their ids. */
async function playAgain(client: Client, one: PipelineCase, first: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [index, how] of (one.again ?? []).entries()) {
    const id = `${one.name}-${index}`
    await client.again(one, how, id, ids.at(-1) ?? first)
    await toEnd(client, id)
    ids.push(id)
  }
  return ids
}

async function follow(client: Client, one: Case, answers: { [id: string]: Json }): Promise<void> {
  const left = [...(one.acts ?? [])]
  for await (const { body } of client.events(one.name)) {
    if (body.type === 'run-end') return
    await letFail(client, one.name, body)
    // of those that wait for the same event each comes in its turn
    const at = left.findIndex(({ on }) => on === nameOf(body))
    const [act] = at < 0 ? [] : left.splice(at, 1)
    if (act) await carryOut(client, one, act, answers)
  }
}

const nameOf = ({ type, step }: Event['body']) => (step === undefined ? type : `${type} ${step}`)

async function carryOut(client: Client, one: Case, act: Act, answers: { [id: string]: Json }): Promise<void> {
  const run = act.run ?? one.name
  if ('cancel' in act) return client.cancel(run, act.cancel)
  if ('raise' in act) return client.raise(run, act.raise)
  const id = `${run}:${one.acts!.indexOf(act)}`
  answers[id] = await client
    .signal(run, act.signal, act.value, id)
    .catch((error: { readonly code?: string }) => ({ refused: error.code ?? String(error) }))
}

async function toEnd(client: Client, run: string): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const event of client.events(run)) {
    events.push(event)
    if (event.body.type === 'run-end') break
    await letFail(client, run, event.body)
  }
  return events
}

/** The outcome of a call that a crash cut off is unknown: its step fails. */
async function letFail(client: Client, run: string, { type, ...body }: Event['body']): Promise<void> {
  if (type !== 'signal-wait' || !String(body.title).startsWith('Did ')) return
  const [of, step, signal] = [body.run ?? run, body.step, body.signal].map(String) as [string, string, string]
  await client.signal(of, signal, 'fail', `${of}:${step}:settled`).catch(() => {})
}
