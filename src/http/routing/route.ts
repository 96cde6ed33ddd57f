import type { Context } from 'hono'
import type { z } from 'zod'
import { allows, type KeyScope } from '../../access/api-key.ts'
import { parse } from '../../kernel/schema.ts'
import { type Caller, localOnly, scopeMissing } from '../authorize/caller.ts'
import type { Owned } from '../authorize/scoped-runtime.ts'
import type { FaultCode } from '../schemas/error-codes.ts'
import type { Follow } from '../stream/follow.ts'
import { jsonResponse } from '../wire/json.ts'
import { EVENT_STREAM, LAST_EVENT } from '../wire/sse.ts'
import { type ReadForm, readBody } from './body.ts'
import { KEY_HEADER, onceByKey } from './idempotency.ts'

/** On whose behalf, what of the runtime they see, and how they follow it. */
export type Behalf = {
  readonly caller: Caller
  readonly runtime: Owned
  readonly follow: Follow
  /** Says who answers for a request that came without a key, and what it was about: both are written down. */
  actsFor(owner: string, target: string): void
}

/** One request to a route, checked: what it says, and on whose behalf. */
export type Call<Params, Query, Body> = Behalf & {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** of what an idempotent route makes, when an Idempotency-Key came: 64 hexadecimal digits */
  readonly made: string | undefined
  /** aborted when who asked has gone */
  readonly signal: AbortSignal
  header(name: string): string | undefined
}

/** What a route answers when all went well: JSON as the schema says it, or of another `type` what `handle` responds with. */
export type RouteAnswer<Value> = {
  readonly about: string
  readonly status?: 200 | 201 | 202
  readonly schema?: z.ZodType<Value>
  /** absent: JSON */
  readonly type?: string
  /** what it means where there is nothing to be answered any more: 204 */
  readonly over?: string
  /** where that lies which was made */
  readonly location?: (value: Value) => string
}

/** A way into the app, declared: all that is checked before it is taken, and all that the OpenAPI document says of it. */
export type Route = Declared<unknown, unknown, unknown, unknown>

export type Declared<Params, Query, Body, Value> = {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** below /v1, with its parameters in braces */
  readonly path: string
  /** as another system has it, and not below /v1 */
  readonly foreign?: true
  /** what the caller must be allowed; null: everybody may */
  readonly scope: KeyScope | null
  /** answered however often it is asked: who watches over the process may ask from where strangers do */
  readonly unlimited?: true
  /** only the user of the data folder */
  readonly local?: true
  readonly summary: string
  /** what is to be known beside that */
  readonly description?: string
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** a browser's form may be sent, too: what it says as a body */
  readonly form?: ReadForm
  /** what it makes is made once for an Idempotency-Key, by the id `made` */
  readonly idempotent?: true
  /** of what may fail after it was made, and answers with that: whether it was made */
  isMade?(call: Call<Params, Query, Body>): Promise<boolean>
  readonly answer: RouteAnswer<Value>
  /** it changes nothing, though it is no GET */
  readonly asksOnly?: true
  /** codes of errors that are this route's own */
  readonly errors?: readonly FaultCode[]
  handle(call: Call<Params, Query, Body>): Promise<Value | Response> | Value | Response
}

/** Declares a route; its handler gets what the schemas make of a request. */
export function route<Params = unknown, Query = unknown, Body = unknown, Value = unknown>(
  declared: Declared<Params, Query, Body, Value>,
): Route {
  return declared as unknown as Route
}

/** Answers a request as the route declares; throws what refuses it. A body has at most `maxBody` bytes. */
export async function answer(route: Route, behalf: Behalf, context: Context, maxBody: number): Promise<Response> {
  admit(behalf.caller, route)
  const { req } = context
  const params = route.params && (await parse(route.params, req.param(), 'path'))
  const query = route.query && (await parse(route.query, req.query(), 'query'))
  const body =
    route.body && (await parse(route.body, await readBody(req, { form: route.form, limit: maxBody }), 'body'))
  const header = (name: string) => req.header(name)
  const attempt = { method: req.method, path: req.path, key: header(KEY_HEADER), body }
  const callFor = (made: string | undefined) => ({
    ...behalf,
    params,
    query,
    body,
    made,
    signal: req.raw.signal,
    header,
  })
  const handle = async (made: string | undefined) => route.handle(callFor(made))
  const isMade = async (made: string) => (await route.isMade?.(callFor(made))) ?? false
  const value = await (route.idempotent
    ? onceByKey(behalf.runtime, behalf.caller, attempt, handle, isMade)
    : handle(undefined))
  return value instanceof Response ? value : tell(route.answer, value)
}

function tell({ status = 200, location }: RouteAnswer<unknown>, value: unknown): Response {
  return jsonResponse(value, { status, ...(location && { headers: { location: location(value) } }) })
}

function admit({ scopes, local }: Caller, { scope, local: onlyLocal }: Route): void {
  if (scope !== null && !allows(scopes, scope)) throw scopeMissing(scope)
  if (onlyLocal && !local) throw localOnly()
}

/** What is said of the answer to who has all events of what is over. */
export const OVER = 'it is over, and nothing comes after that number: an EventSource stops'

/** The answer of a stream of events; `over`: what is said with 204. */
export function events(about: string, over?: string): RouteAnswer<never> {
  return {
    about: `${about}; after a connection was lost the header ${LAST_EVENT} goes on after that number`,
    type: EVENT_STREAM,
    ...(over !== undefined && { over }),
  }
}
