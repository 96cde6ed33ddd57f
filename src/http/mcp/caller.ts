import { createHash } from 'node:crypto'
import type { KeyScope } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import type { Client } from '../client/client.ts'

/** The person or program behind the calls of a client of the protocol. */
export type McpCaller = {
  /** the operations of antiphon on behalf of this caller, who can do no more than these allow */
  readonly client: Client
  readonly owner: string
  readonly scopes: readonly KeyScope[]
  /** identifies the process that answers the operations: another one may have to resume runs that it left */
  readonly host: object
}

/** The same, before it is known who answers its operations. */
export type McpIdentity = Pick<McpCaller, 'owner' | 'scopes'> & {
  client(): Promise<Client>
  /** absent: the client itself stands for its process */
  readonly host?: object
}

/** A call of a tool of this server. `id`: the same for a repeated call; what it starts is called after it. */
export type McpCall = {
  readonly name: string
  readonly id: string
  readonly signal: AbortSignal
}

/** The step of the call in a run that makes one. */
export const CALL_STEP = 'call'

/** A name that only these parts have. */
export const digestOf = (parts: readonly Json[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
