/** An operation over HTTP. */
export type Operation = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below /v1, with its parameters in braces. */
  readonly path: string
  /**
   * The arguments of the method, each the name of a field: of the client's method, and of the port's, which the route
   * calls. An argument `...` has every field that no other one has, and `...id,thread` has those two. `signal` ends
   * the wait, and `body` is the whole body. Fields that the path does not take go to the query of a GET and a DELETE,
   * and to the body of all others. A stream also takes where it starts. Absent: a client has no such method, or one of
   * its own.
   */
  readonly takes?: readonly string[]
  /** what the method gives; absent: the document */
  readonly gives?: 'items' | 'nothing' | 'text' | 'bytes' | 'events' | 'ndjson'
  /** The body is a stream, of lines, which is the argument `pieces`, or of bytes; other fields go to the query. */
  readonly sends?: 'ndjson' | 'bytes'
  /** The type of the last event of a stream. An empty text: the stream has none, and goes on until the signal. */
  readonly last?: string
  /**
   * The prefix of the id that the client adds to a request without one, so that a repeated request acts once: `run`,
   * `goal`, `sig`, `ask`, `dec`, `msg`, or lower-case letters of a room. The method takes the id in `...`.
   */
  readonly makes?: Lowercase<string>
  /** Its options have `by`: the person for whom a program answers. It travels in a header. */
  readonly by?: true
}

/** The header that says after which event a stream continues. */
export const LAST_EVENT = 'last-event-id'

/** The content type of records as lines of JSON. */
export const NDJSON = 'application/x-ndjson'

/** The content type of bytes of any kind. */
export const BYTES = 'application/octet-stream'

export const EVENT_STREAM = 'text/event-stream'
