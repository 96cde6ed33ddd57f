import type { Context } from 'hono'
import type { z } from 'zod'
import { allows, type KeyScope } from '../../access/api-key.ts'
import { parse } from '../../kernel/schema.ts'
import { type Caller, localOnly, scopeMissing } from '../authorize/caller.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import type { FaultCode } from '../schemas/error-codes.ts'
import type { Follow } from '../stream/follow.ts'
import { jsonResponse } from '../wire/json.ts'
import { EVENT_STREAM, LAST_EVENT } from '../wire/sse.ts'
import { type ReadForm, readBody } from './body.ts'
import { KEY_HEADER, onceByKey } from './idempotency.ts'

/**
 * The context of a request: its caller, the runtime restricted to that caller, and how to follow
 * events.
 */
export type Behalf = {
  readonly caller: Caller
  readonly runtime: ScopedRuntime
  readonly follow: Follow
  /** Records the owner and the target in the audit for a request without a key. */
  actsFor(owner: string, target: string): void
}

/** A validated request. */
export type Call<Params, Query, Body> = Behalf & {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /**
   * id for what an idempotent route creates: 64 hexadecimal digits; undefined without an
   * Idempotency-Key
   */
  readonly made: string | undefined
  /** aborted if the client disconnects */
  readonly signal: AbortSignal
  header(name: string): string | undefined
}

/**
 * The success response: JSON that matches `schema`, or a response of another `type` that `handle`
 * builds.
 */
export type RouteAnswer<Value> = {
  readonly about: string
  readonly status?: 200 | 201 | 202
  readonly schema?: z.ZodType<Value>
  /** absent: JSON */
  readonly type?: string
  /** description of the 204, for streams that have ended */
  readonly over?: string
  /** path of the created resource */
  readonly location?: (value: Value) => string
}

/**
 * A declared route: everything that is validated before `handle`, and everything that the OpenAPI
 * document says.
 */
export type Route = Declared<unknown, unknown, unknown, unknown>

export type Declared<Params, Query, Body, Value> = {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** relative to /v1, parameters in braces */
  readonly path: string
  /** an endpoint in the format of another system, outside /v1 */
  readonly foreign?: true
  /** required scope; null: no key needed */
  readonly scope: KeyScope | null
  /** exempt from rate limits, for health checks */
  readonly unlimited?: true
  /** only for the user of the data folder */
  readonly local?: true
  readonly summary: string
  /** details beyond the summary */
  readonly description?: string
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** accepts a browser form and converts it into a body */
  readonly form?: ReadForm
  /** an Idempotency-Key makes `made` stable, so that a repeat creates nothing twice */
  readonly idempotent?: true
  /** whether a request that failed created something before; only for routes that can fail late */
  isMade?(call: Call<Params, Query, Body>): Promise<boolean>
  readonly answer: RouteAnswer<Value>
  /** changes nothing although its method is not GET */
  readonly asksOnly?: true
  /** codes of errors that only this route returns */
  readonly errors?: readonly FaultCode[]
  handle(call: Call<Params, Query, Body>): Promise<Value | Response> | Value | Response
}

/** Declares a route. The schemas give the handler its types. */
export function route<Params = unknown, Query = unknown, Body = unknown, Value = unknown>(
  declared: Declared<Params, Query, Body, Value>,
): Route {
  return declared as unknown as Route
}

/**
 * Validates a request, runs the handler and builds the response. The body has at most `maxBody`
 * bytes.
 */
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

/** Describes the 204 for a client that has read all events. */
export const OVER = 'it has ended and has no events after this number; an EventSource stops'

/** The answer of a stream of events; `over`: what is said with 204. */
export function events(about: string, over?: string): RouteAnswer<never> {
  return {
    about: `${about}; after a lost connection, the header ${LAST_EVENT} continues after that number`,
    type: EVENT_STREAM,
    ...(over !== undefined && { over }),
  }
}
