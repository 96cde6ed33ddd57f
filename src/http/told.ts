import { randomUUID } from 'node:crypto'
import type { Context, Next } from 'hono'

type Headers = { readonly [name: string]: string }

const GIVEN = /^[\w.:-]{1,128}$/

/** Gives every answer, also one that refuses, the id of its request and what was said of it on the way. */
export async function tellHeaders(context: Context, next: Next): Promise<void> {
  const given = context.req.header('x-request-id')
  tellLater(context, {
    'x-request-id': given !== undefined && GIVEN.test(given) ? given : randomUUID(),
    'x-content-type-options': 'nosniff',
  })
  await next()
  for (const [name, value] of Object.entries(toldOf(context))) context.res.headers.set(name, value)
}

/** Has the answer say something in its headers. */
export function tellLater(context: Context, headers: Headers): void {
  context.set('told', { ...toldOf(context), ...headers })
}

/** The id of a request, by which its log and its answer are told to belong together. */
export function requestIdOf(context: Context): string {
  return toldOf(context)['x-request-id'] ?? ''
}

function toldOf(context: Context): Headers {
  return (context.get('told') as Headers | undefined) ?? {}
}
