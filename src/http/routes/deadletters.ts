import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readQuery } from '../body.ts'

const lettersQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).exactOptional() })

/** Dead letters: list, look at one, send it again, drop it. */
export function deadLetterRoutes({ inspector }: Runtime): Hono {
  return new Hono()
    .get('/', async (context) =>
      context.json({ letters: await inspector.letters(await readQuery(context, lettersQuery)) }),
    )
    .get('/:id', async (context) => context.json(await inspector.letter(context.req.param('id'))))
    .post('/:id/retry', async (context) =>
      context.json(await inspector.retry(context.req.param('id'), context.req.raw.signal)),
    )
    .post('/:id/drop', async (context) => context.json(await inspector.drop(context.req.param('id'))))
}
