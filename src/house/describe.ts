import { z } from 'zod'
import type { Json } from '../kernel/json.ts'
import { id, listOf } from './common-fields.ts'
import { EVENT_STREAM, LAST_EVENT, type Operation } from './operation.ts'
import type { NeededScope } from './scope.ts'

/** The successful answer of an operation: JSON as `schema` says, or content of another `type`. */
export type SuccessAnswer = {
  readonly about: string
  readonly status?: 200 | 201 | 202
  readonly schema?: z.ZodType
  /** Absent: JSON. */
  readonly type?: string
  /** describes the 204, which says that nothing is left to answer */
  readonly over?: string
  /** The location of a new resource. */
  readonly location?: (value: never) => string
  /** The cursor behind an item of a list that comes in pages. */
  readonly cursor?: (item: never) => string
  /** The list begins with the newest item. */
  readonly descending?: boolean
  /** The parameter of the path whose value is the `id` of the answer, when the port gives nothing. */
  readonly names?: string
}

/** The request, the response and the required scope of an operation. */
type Description = {
  /** The scope that the caller needs, or several of which one suffices; null: none. */
  readonly scope: NeededScope | null
  /** No rate limit applies, so that a monitor can always ask. */
  readonly unlimited?: true
  /** An address may send it about 16 times in five minutes, and so a flood of it fills nothing. */
  readonly rare?: true
  /** Only for the user of the data folder. */
  readonly local?: true
  /**
   * Facts that its port gets, beside the arguments. `owner`: the owner of the run in the path, else of the caller.
   * `trust`: that, and whether the caller is the user of the data folder. `filter`: the owner whose items a list has;
   * none for an admin, who lists all.
   */
  readonly passes?: 'owner' | 'trust' | 'filter'
  /** It also steers a run that no process has resumed. Such a run has no known owner, so an admin is not checked. */
  readonly resumes?: true
  readonly summary: string
  readonly description?: string
  /** the parameters of the path, when they are more than ids */
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** An Idempotency-Key makes a repeated request act once. `short`: the id that it gives has 16 digits. */
  readonly idempotent?: true | 'short'
  readonly answer: SuccessAnswer
  /** It changes nothing, although it is not a GET. */
  readonly asksOnly?: true
  /** Error codes beside those that follow from the rest. A test asks that each is known. */
  readonly errors?: readonly string[]
}

/** An operation with its description: a route without its handler. */
export type Contract = Pick<Operation, 'method' | 'path' | 'sends'> & Description

/** An operation with its description and its name. */
export type Described = Operation & Description & { readonly name: string }

type Operations = { readonly [name: string]: Operation }

/** Joins descriptions with the operations of a room that have the same names. */
export function describe<
  const Own extends Operations,
  const Said extends { readonly [Name in keyof Own]?: Description },
>(
  operations: Own,
  said: Said,
): {
  readonly [Name in keyof Said & keyof Own]: Said[Name] &
    Operation & { readonly name: string } & PathOf<Said[Name], Own[Name]>
} {
  const entries = Object.entries(said as { readonly [name: string]: Description }).map(([name, one]) => {
    const operation: Operation = operations[name]!
    return [name, { name, ...operation, ...idsIn(operation.path), ...one }]
  })
  return Object.fromEntries(entries) as never
}

type ParametersOf<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | ParametersOf<Rest> : never

/** The parameters of a path, each an id, where the description says nothing else. */
type PathOf<Said, One extends Operation> = Said extends { readonly params: z.ZodType }
  ? unknown
  : { readonly params: z.ZodObject<{ [P in ParametersOf<One['path']>]: typeof id }> }

function idsIn(path: string): { readonly params?: z.ZodType } {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return names.length === 0 ? {} : { params: z.object(Object.fromEntries(names.map((name) => [name, id]))) }
}

/** The answer of a list that comes in pages. `cursor` names the place behind an item. */
export function pages<T>(about: string, item: z.ZodType<T>, cursor: (item: T) => string, descending = false) {
  return { about, schema: listOf(item), cursor, descending }
}

/** An event: durable with a number, volatile without one. */
export type FollowedEvent = { readonly n?: number; readonly body: Json }

/** The number after which to read durable events, and the signal that ends reading. */
export type From = { readonly after?: number; readonly signal?: AbortSignal }

export const eventsQuery = z.object({ after: z.coerce.number().int().min(0).optional() })

/** The meaning of 204 on an event stream. */
export const OVER = 'it has ended and has no events after this number; an EventSource stops'

/** The answer of an event stream; `over`: the meaning of 204. */
export function events(about: string, over?: string): SuccessAnswer & { readonly schema?: never } {
  return {
    about: `${about}; after a lost connection, the header ${LAST_EVENT} continues after that number`,
    type: EVENT_STREAM,
    ...(over !== undefined && { over }),
  }
}
