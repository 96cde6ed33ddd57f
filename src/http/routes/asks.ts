import { Hono } from 'hono'
import { z } from 'zod'
import { parse } from '../../kernel/schema.ts'
import type { Runtime } from '../../runtime.ts'
import { readBody, readQuery } from '../body.ts'
import { eventStream, eventsQuery, mergeEvents, startAfter } from '../events.ts'
import { absolutePath } from './runs.ts'

/** How a thread may be called. */
export const threadName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,100}$/, 'up to 100 letters, digits, hyphens and underscores are expected')

const askRequest = z.strictObject({
  prompt: z.string().min(1).max(100_000),
  files: z.array(absolutePath).max(1000).exactOptional(),
  id: z.string().min(1).max(128).exactOptional(),
})

/** Questions to a thread: ask and get the answer, follow one on its way. */
export function askRoutes(runtime: Runtime): Hono {
  return new Hono()
    .post('/:thread/asks', async (context) => {
      const thread = await parse(threadName, context.req.param('thread'), 'thread')
      const request = await readBody(context, askRequest)
      return context.json(await runtime.ask({ ...request, thread }, { signal: context.req.raw.signal }))
    })
    .get('/:thread/asks/:ask/events', async (context) => {
      const thread = await parse(threadName, context.req.param('thread'), 'thread')
      const id = context.req.param('ask')
      const after = startAfter(await readQuery(context, eventsQuery), context.req.header('last-event-id'))
      return eventStream((signal) =>
        mergeEvents(runtime.askEvents(thread, id, { after, signal }), runtime.deltas(id, signal)),
      )
    })
}
