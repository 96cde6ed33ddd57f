import type { EngineView } from '../engine/engine.ts'
import type { ActorIndex, ActorRef } from '../kernel/types.ts'

/** Actors of one kind that belong to owners. Their index names the owner, so the erasure of an owner finds them. */
export type OwnedActors = {
  readonly kind: string
  /** their name in reports; absent: they are not counted */
  readonly place?: string
  /** their key is the name of the owner, and they have no index */
  readonly isKeyedByOwner?: true
  /** The correlation ids of its unfinished work, which is cancelled first. */
  workIn?(view: EngineView, key: string, index: ActorIndex): Promise<readonly string[]>
  /** The actors that exist only for it. They end with it, and are not counted. */
  below?(view: EngineView, key: string, index: ActorIndex): AsyncIterable<ActorRef>
}

/** Everything that rooms hold of an owner. */
export type OwnedData = {
  readonly actors: readonly OwnedActors[]
  /** Removes what is not in actors, or counts it; resolves with the numbers by place. May be repeated. */
  forget(owner: string, options: { readonly dryRun: boolean }): Promise<Counts>
}

/** Numbers of removed items by place. */
export type Counts = { readonly [place: string]: number }
