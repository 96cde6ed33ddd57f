import { isAbsolute } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { signalName } from '../../pipeline/messages.ts'
import { STRATEGIES } from '../../pipeline/spec/strategy.ts'
import type { Runtime } from '../../runtime.ts'
import { readBody, readQuery } from '../body.ts'
import { eventStream, eventsQuery, mergeEvents, startAfter } from '../events.ts'

/** A path that means the same in every process. */
export const absolutePath = z.string().max(4096).refine(isAbsolute, 'an absolute path is expected')

export const inputsOf = z.record(z.string().max(256), z.json()).exactOptional()

const stepName = z.string().min(1).max(1000)

const runRequest = z.strictObject({
  file: absolutePath,
  inputs: inputsOf,
  strict: z.boolean().exactOptional(),
  strategy: z.enum(STRATEGIES).exactOptional(),
  id: z.string().min(1).max(128).exactOptional(),
  interactive: z.boolean().exactOptional(),
  reuse: z.union([z.boolean(), z.string().min(1).max(1000)]).exactOptional(),
  from: stepName.exactOptional(),
})
const forkRequest = z.strictObject({
  at: stepName.exactOptional(),
  set: inputsOf,
  file: absolutePath.exactOptional(),
  id: z.string().min(1).max(128).exactOptional(),
  interactive: z.boolean().exactOptional(),
})
const runsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
  status: z.string().max(32).exactOptional(),
})
const cancellation = z.strictObject({
  reason: z.string().min(1).max(1000).default('cancelled by request'),
  undo: z.boolean().default(false),
})

const signal = z.strictObject({
  name: signalName,
  value: z.json(),
  id: z.string().min(1).max(128).exactOptional(),
})
const inboxQuery = z.object({
  run: z.string().max(1000).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
})

/** What waits for people, of all runs. */
export function inboxRoutes(runtime: Runtime): Hono {
  return new Hono().get('/', async (context) =>
    context.json({ items: await runtime.inbox(await readQuery(context, inboxQuery)) }),
  )
}

/** Runs of pipelines: start, list, read, follow, fork, take up, send signals to, call off. */
export function runRoutes(runtime: Runtime): Hono {
  return new Hono()
    .post('/', async (context) => {
      const { id } = await runtime.startRun(await readBody(context, runRequest))
      return context.json({ id }, 202, { location: `/v1/runs/${id}` })
    })
    .get('/', async (context) => context.json({ runs: await runtime.runs(await readQuery(context, runsQuery)) }))
    .get('/:id', async (context) => context.json(await runtime.run(context.req.param('id'))))
    .get('/:id/events', async (context) => {
      const id = context.req.param('id')
      const after = startAfter(await readQuery(context, eventsQuery), context.req.header('last-event-id'))
      return eventStream((signal) => mergeEvents(runtime.runEvents(id, { after, signal }), runtime.deltas(id, signal)))
    })
    .post('/:id/fork', async (context) => {
      const { id } = await runtime.fork(context.req.param('id'), await readBody(context, forkRequest))
      return context.json({ id }, 202, { location: `/v1/runs/${id}` })
    })
    .get('/:id/changes', async (context) => context.json(await runtime.changes(context.req.param('id'))))
    .post('/:id/resume', async (context) => {
      const id = context.req.param('id')
      await runtime.resume(id)
      return context.json({ id }, 202)
    })
    .post('/:id/signal', async (context) => {
      const { name, value, ...options } = await readBody(context, signal)
      return context.json(await runtime.signal(context.req.param('id'), name, value as Json, options))
    })
    .post('/:id/cancel', async (context) => {
      const id = context.req.param('id')
      const { reason, undo } = await readBody(context, cancellation)
      await runtime.cancel(id, reason, { undo })
      return context.json({ id }, 202)
    })
}
