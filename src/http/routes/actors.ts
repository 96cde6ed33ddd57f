import { Hono } from 'hono'
import { z } from 'zod'
import type { Inspector, Runtime } from '../../runtime.ts'
import { readQuery } from '../body.ts'
import { eventStream, eventsQuery, startAfter } from '../events.ts'
import type { Sent } from '../sse.ts'

const actorsQuery = z.object({
  kind: z.string().max(100).exactOptional(),
  status: z.string().max(100).exactOptional(),
  after: z.string().max(1000).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
})
const reference = z.object({ ref: z.string().min(1).max(1000).exactOptional() })

/** Actors: list, look at one, follow its events. */
export function actorRoutes({ inspector }: Runtime): Hono {
  return new Hono()
    .get('/', async (context) =>
      context.json({ actors: await inspector.actors(await readQuery(context, actorsQuery)) }),
    )
    .get('/:ref', async (context) => context.json(await inspector.actor(context.req.param('ref'))))
    .get('/:ref/events', async (context) => {
      const ref = context.req.param('ref')
      const after = startAfter(await readQuery(context, eventsQuery), context.req.header('last-event-id'))
      // an actor that is not there is told before the stream begins
      await inspector.actor(ref)
      return eventStream((signal) => numbered(inspector, ref, { after, signal }))
    })
    .get('/:ref/why', async (context) => context.json(await inspector.why(context.req.param('ref'))))
}

async function* numbered(inspector: Inspector, ...tail: Parameters<Inspector['tail']>): AsyncGenerator<Sent> {
  for await (const { n, body } of inspector.tail(...tail)) yield { id: n, event: 'event', data: body }
}

/** Who works for whom, and who is stranded. */
export function treeRoutes({ inspector }: Runtime): Hono {
  return new Hono()
    .get('/tree', async (context) => {
      const { ref } = await readQuery(context, reference)
      return context.json({ trees: await inspector.tree(ref) })
    })
    .get('/stranded', async (context) => context.json({ stranded: await inspector.stranded() }))
}
