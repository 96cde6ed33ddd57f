import type { EngineView } from '../engine/engine.ts'
import type { ActorIndex, ActorRef } from '../kernel/types.ts'

/** Actors of one kind that belong to owners. Their index names the owner, so the erasure of an owner finds them. */
export type OwnedActors = {
  readonly kind: string
  /** their name in reports; absent: they are not counted */
  readonly place?: string
  /** their key is the name of the owner, and they have no index */
  readonly isKeyedByOwner?: true
  /** one whose index names a `run` also ends with that run */
  readonly withRun?: true
  /** The correlation ids of its unfinished work, which is cancelled first. */
  workIn?(view: EngineView, key: string, index: ActorIndex): Promise<readonly string[]>
  /** The actors that exist only for it, of these kinds. They end with it, and are not counted. */
  below?(view: EngineView, key: string, index: ActorIndex): AsyncIterable<ActorRef>
  readonly belowKinds?: readonly string[]
}

/** Actors that exist only for a run, which `run` in their index names. They end with it. */
type ActorsOfRuns = { readonly kind: string; readonly endsWith: 'run' }

/** Actors that the erasure of an owner leaves, and the reason. */
type StayingActors = { readonly kind: string; readonly stays: string }

/** The owners of the actors of a kind. */
export type Ownership = OwnedActors | ActorsOfRuns | StayingActors

/** The kinds of actors without an entry: an erasure would leave their data. */
export function kindsWithoutOwner(kinds: readonly string[], ownership: readonly Ownership[]): readonly string[] {
  const known = new Set(ownership.flatMap((one) => [one.kind, ...('belowKinds' in one ? one.belowKinds! : [])]))
  return kinds.filter((kind) => !known.has(kind))
}

/** The actors that an erasure finds by their owner, and the kinds that end with their run. */
export function sortOwnership(ownership: readonly Ownership[]): Pick<OwnedData, 'actors' | 'ofRuns'> {
  return {
    actors: ownership.filter((one): one is OwnedActors => !('endsWith' in one) && !('stays' in one)),
    ofRuns: ownership.flatMap((one) => ('endsWith' in one || 'withRun' in one ? [one.kind] : [])),
  }
}

/** Everything that rooms and programs hold of an owner. */
export type OwnedData = {
  readonly actors: readonly OwnedActors[]
  /** the kinds of actors that end with their run */
  readonly ofRuns: readonly string[]
  /** Removes data outside of actors, or counts it; resolves with the numbers by place. May be repeated. */
  forget(owner: string, options: { readonly dryRun: boolean }): Promise<Counts>
}

export type Counts = { readonly [place: string]: number }
