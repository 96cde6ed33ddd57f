import type { Context } from 'hono'
import type { z } from 'zod'
import type { Plain } from '../../document.ts'
import type { Clock } from '../../engine/engine.ts'
import type { Contract, SuccessAnswer } from '../../house/describe.ts'
import { allows, localOnly, scopeMissing } from '../../house/scope.ts'
import { parse } from '../../kernel/schema.ts'
import type { Caller } from '../authorize/caller.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import type { Client } from '../client/client.ts'
import type { Follow } from '../stream/follow.ts'
import { jsonResponse } from '../wire/json.ts'
import { bodyLimit, type ReadForm, readBody } from './body.ts'
import { KEY_HEADER, onceByKey } from './idempotency.ts'

/** The context of a request: its caller, the runtime restricted to that caller, and how to follow events. */
export type CallerContext = {
  readonly caller: Caller
  readonly runtime: ScopedRuntime
  readonly follow: Follow
  /** the path before `/v1` under which another server mounts this one; mostly empty */
  readonly mountedAt: string
  /** the request as it came; a route with a `body` has read its content */
  readonly request: Request
  /** the clock of time limits */
  readonly clock: Clock
  /** The operations of this server for the same caller. Each is let in, limited and audited as its own request. */
  client(): Client
  /** Records the owner and the target in the audit for a request without a key. */
  actsFor(owner: string, target: string): void
}

/** A validated request. */
export type Call<Params, Query, Body> = CallerContext & {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** id for what an idempotent route creates: 64 hexadecimal digits; undefined without an Idempotency-Key */
  readonly made: string | undefined
  /** aborted if the client disconnects */
  readonly signal: AbortSignal
  header(name: string): string | undefined
}

/** A contract with its handler, which gets the values that the schemas parsed from a request. */
export type Route = Contract &
  Handled<never, unknown> & {
    /** an endpoint in the format of another system, outside /v1 */
    readonly foreign?: true
    /** It refuses pages of origins that `serve.origins` does not name, even with a key. */
    readonly checksOrigin?: true
  }

export type Handled<Said, Value> = {
  /** Checks a token before the body is read; a response is the answer. */
  admit?(call: Omit<Said, 'body' | 'made'>): Promise<Response | undefined>
  handle(call: Said): Promise<Value | Response> | Value | Response
  /** whether a request that failed created something before; only for routes that can fail late */
  isMade?(call: Said): Promise<boolean>
  /** accepts a browser form and converts it into a body */
  readonly form?: ReadForm
}

type Read<Said, Part extends string> = Said extends { readonly [P in Part]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : unknown
type CallOf<Said> = Call<Read<Said, 'params'>, Read<Said, 'query'>, Read<Said, 'body'>>
type ValueOf<Said> = Said extends { readonly answer: { readonly schema: infer Schema extends z.ZodType } }
  ? Plain<Schema>
  : never
type HandledAs<Said> = Handled<CallOf<Said>, ValueOf<Said>>

export type Handlers = { readonly [operation: string]: Handled<never, unknown> }

/** Handlers for operations of a contract that do more than call the method of their name. */
export function handlers<Said extends { readonly [name: string]: Contract }>(
  _contract: Said,
  byName: { readonly [Name in keyof Said]?: HandledAs<Said[Name]> | HandledAs<Said[Name]>['handle'] },
): Handlers {
  const entries = Object.entries<unknown>(byName)
  return Object.fromEntries(
    entries.map(([name, one]) => [name, (typeof one === 'function' ? { handle: one } : one) as Handlers[string]]),
  )
}

/** A route that is not an operation of the contract. */
type Declared<Params, Query, Body, Value> = Omit<Route, 'params' | 'query' | 'body' | 'answer' | keyof Handled<0, 0>> &
  Handled<Call<Params, Query, Body>, Value> & {
    readonly params?: z.ZodType<Params>
    readonly query?: z.ZodType<Query>
    readonly body?: z.ZodType<Body>
    readonly answer: Omit<SuccessAnswer, 'schema'> & { readonly schema?: z.ZodType<Value> }
  }

/** Declares a route that is not an operation of the contract. The schemas give the handler its types. */
export function route<Params = unknown, Query = unknown, Body = unknown, Value = unknown>(
  declared: Declared<Params, Query, Body, Value>,
): Route {
  return declared as Route
}

/** Validates a request, runs the handler and builds the response. `maxBody` bytes at most, or those of files. */
export async function answer(
  route: Route,
  behalf: CallerContext,
  context: Context,
  maxBody: number,
): Promise<Response> {
  admit(behalf.caller, route)
  const { req } = context
  const params = route.params && (await parse(route.params, req.param(), 'path'))
  const query = route.query && (await parse(route.query, req.query(), 'query'))
  const header = (name: string) => req.header(name)
  const unread = { ...behalf, params, query, signal: req.raw.signal, header }
  const refusal = await route.admit?.(unread as never)
  if (refusal) return refusal
  const limits = { limit: bodyLimit(req.path, maxBody), clock: behalf.clock }
  const body = route.body && (await parse(route.body, await readBody(req, { form: route.form, ...limits }), 'body'))
  const attempt = { method: req.method, path: req.path, key: header(KEY_HEADER), body }
  const callFor = (made: string | undefined) => ({ ...unread, body, made })
  const handle = async (made: string | undefined) => route.handle(callFor(made) as never)
  const isMade = async (made: string) => (await route.isMade?.(callFor(made) as never)) ?? false
  const value = await (route.idempotent
    ? onceByKey(behalf.runtime, behalf.caller, attempt, handle, isMade)
    : handle(undefined))
  return value instanceof Response ? value : tell(route.answer, value, behalf.mountedAt)
}

function tell({ status = 200, location }: SuccessAnswer, value: unknown, mountedAt: string): Response {
  const headers = location && { location: `${mountedAt}${location(value as never)}` }
  return jsonResponse(value, { status, ...(headers && { headers }) })
}

function admit(caller: Caller, { scope, local: onlyLocal }: Route): void {
  if (scope !== null && !allows(caller.scopes, scope)) throw scopeMissing(scope, caller)
  if (onlyLocal && !caller.local) throw localOnly()
}
