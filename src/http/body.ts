import type { Context } from 'hono'
import { InvalidError } from '../errors.ts'
import { parse, type Schema } from '../kernel/schema.ts'

/** The largest request body, in bytes. */
export const MAX_BODY = 1024 * 1024

/** The request's JSON body as the schema makes it; InvalidError names the first wrong field. */
export async function readBody<T>(context: Context, schema: Schema<T>): Promise<T> {
  return parse(schema, parseJson(await context.req.text()), 'body')
}

/** The request's query as the schema makes it. */
export async function readQuery<T>(context: Context, schema: Schema<T>): Promise<T> {
  return parse(schema, context.req.query(), 'query')
}

function parseJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidError(`The body is not JSON: ${(cause as Error).message}.`, { cause })
  }
}
