import { hash } from 'node:crypto'
import { pageOf } from '../../contract/documents/basic.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { ANY_TYPE, RUNS, type SentSignal } from '../../contract/runs.ts'
import { cursorOfRun } from '../../runtime/ports/runs.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import { type Route, routes } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'
import { approvalFor, inTime } from './approval.ts'

/** The id of a run that an Idempotency-Key stands for. */
export const runId = (made: string) => `run_${made.slice(0, 32)}`

/**
 * The id of a signal: the given one, or derived from the Idempotency-Key and the body, because a
 * rejection is remembered under the id.
 */
export function sentUnder(made: string | undefined, { id, ...body }: SentSignal): { readonly id?: string } {
  if (id !== undefined) return { id }
  return made === undefined ? {} : { id: `sig_${hash('sha256', made + canonicalJson(body)).slice(0, 32)}` }
}

/** Runs: start, list, read, follow, fork, resume, signal, approve, cancel; and the inbox. */
export const runRoutes: readonly Route[] = routes(RUNS, {
  'runs.start': ({ runtime, body, made }) => runtime.runs.start({ ...(made && { id: runId(made) }), ...body }),
  'runs.list': async ({ runtime, query }) => pageOf(await runtime.runs.list(query), query.limit, cursorOfRun),
  'runs.get': ({ runtime, params }) => runtime.runs.get(params.run),
  'runs.step': ({ runtime, params }) => runtime.runs.step(params.run, params.step),
  'runs.whole': ({ runtime, params }) => runtime.runs.whole(params.run, params.step, params.field),
  async 'runs.events'({ runtime, caller, follow, params: { run }, query, header }) {
    // check before the stream starts, so that a missing run is a 404
    await runtime.runs.check(run)
    return follow(caller, {
      topic: `run/${run}`,
      after: startAfter(query, header(LAST_EVENT)),
      ended: (after) => runtime.serving.runEnded(run, after),
      durable: (from) => runtime.runs.events(run, from),
      volatile: (signal) => runtime.runs.deltas(run, signal),
    })
  },
  'runs.fork': ({ runtime, params, body, made }) =>
    runtime.runs.fork(params.run, { ...(made && { id: runId(made) }), ...body }),
  'runs.replay': ({ runtime, params, body, made }) =>
    runtime.runs.fork(params.run, { ...(made && { id: runId(made) }), ...body }),
  'runs.artifacts': async ({ runtime, params }) => ({ items: (await runtime.runs.get(params.run)).artifacts }),
  async 'runs.artifact'({ runtime, params, signal }) {
    const { bytes, mime = ANY_TYPE } = await runtime.runs.artifact(params.run, params.step, { signal })
    // as a download: a browser must not run what may be in it
    return new Response(bytes, { headers: { 'content-type': mime, 'content-disposition': 'attachment' } })
  },
  async 'inbox.approve'({ runtime, params: { run }, body, made }) {
    const { signal, id: _, ...decision } = body
    const under = sentUnder(made, body)
    return inTime(runtime.runs.signal(run, signal ?? (await approvalFor(runtime, run, under.id)), decision, under))
  },
  'pipelines.changes': ({ runtime, params }) => runtime.pipelines.changes(params.run),
  async 'runs.resume'({ runtime, params }) {
    await runtime.runs.resume(params.run)
    return { id: params.run }
  },
  'runs.signal': ({ runtime, params, body, made }) =>
    inTime(runtime.runs.signal(params.run, body.name, body.value, sentUnder(made, body))),
  'runs.settle'({ runtime, params, body, made }) {
    const { step, id: _, ...settlement } = body
    return inTime(runtime.runs.settle(params.run, step, settlement, sentUnder(made, body)))
  },
  async 'runs.cancel'({ runtime, params, body: { reason, undo } }) {
    await runtime.runs.cancel(params.run, reason, { undo })
    return { id: params.run }
  },
  'inbox.list': ({ runtime, query }) => runtime.inbox.list(query),
})
