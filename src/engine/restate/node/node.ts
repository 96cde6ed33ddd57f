import type { Context, internal } from '@restatedev/restate-sdk'
import type { Json } from '../../../kernel/json.ts'
import type { Actor } from '../../../kernel/types.ts'
import type { Observer } from '../../../observe/observer.ts'
import type { Bus } from '../../bus.ts'
import type { RestateClient } from '../client/client.ts'
import type { ServiceNames } from '../names.ts'
import type { Sdk } from '../sdk.ts'

/** Shared state of the handlers of one node. */
export type RestateNode = {
  readonly sdk: Sdk
  readonly names: ServiceNames
  readonly client: RestateClient
  readonly actors: ReadonlyMap<string, Actor>
  /** the server sends the state of a small actor with its message */
  readonly eager: boolean
  /** volatile events, by correlationId */
  readonly deltas: Bus<Json>
  /** receives the name of an actor after a turn that published events or ended the actor */
  readonly changes: Bus<Json>
  readonly observer: Observer
  /** an application is being moved to this node, and no turn runs yet */
  readonly filling?: true
  /** aborts when the node is to stop */
  readonly stopping: AbortSignal
}

/** Whether a handler runs for the first time, not as a replay. */
export const isProcessing = (ctx: Context): boolean => (ctx as internal.ContextInternal).isProcessing()
