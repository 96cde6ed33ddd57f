import { hash } from 'node:crypto'
import type { Json } from '../kernel/json.ts'
import { nameOf } from '../kernel/ref.ts'
import type { ActorIndex, ActorRef, Cell, EffectOutcome, Envelope } from '../kernel/types.ts'
import type { DeadLetter, NumberedEvent } from './engine.ts'

/** All durable data of an engine at rest, in a format that all engines share. Two reads give the same data. */
export interface EngineContents {
  actors(): AsyncIterable<StoredActor>
  /** The index entries by actor name. */
  index(): AsyncIterable<readonly [name: string, index: ActorIndex]>
  /** Mail that no turn has taken, in order for each actor. */
  mail(): AsyncIterable<StoredMail>
  letters(): AsyncIterable<DeadLetter>
  /** External ids whose message was processed. */
  ids(): AsyncIterable<StoredId>
}

/** An actor as its last commit left it. */
export type StoredActor = {
  readonly of: ActorRef
  readonly cell: Cell
  readonly parts: readonly (readonly [name: string, value: Json])[]
  readonly events: readonly NumberedEvent[]
}

/** A message with the recorded effects of its interrupted turn: finished effects are not repeated. */
export type StoredMail = { readonly envelope: Envelope; readonly outcomes: Outcomes }
export type Outcomes = ReadonlyMap<string, EffectOutcome>

/** An external id: its use (`tell kind/key`, `ask kind/key`), its time (ms since the epoch), and its reply, if any. */
export type StoredId = {
  readonly id: string
  readonly use: string
  readonly at: number
  readonly reply?: { readonly body: Json; readonly isError: boolean }
}

/** The size of an engine's data. `timers`: the delayed messages among the mail. */
export type ContentCounts = { [Name in (typeof COUNTED)[number]]: number }
const COUNTED = ['actors', 'parts', 'events', 'mail', 'timers', 'letters', 'ids'] as const

/** The content of an engine for comparison: counts, and a hash per item by name. */
export type ContentDigest = { readonly counts: ContentCounts; readonly hashes: ReadonlyMap<string, string> }

/** Reads everything once. */
export async function digestContents(contents: EngineContents): Promise<ContentDigest> {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as ContentCounts
  const hashes = new Map<string, string>()
  for await (const { of, cell, parts, events } of contents.actors()) {
    counts.actors++
    counts.parts += parts.length
    counts.events += events.length
    hashes.set(`actor ${nameOf(of)}`, hashOf([cell, byName(parts), events]))
  }
  for await (const [name, index] of contents.index()) hashes.set(`index of ${name}`, hashOf(index))
  for await (const letter of contents.letters()) {
    counts.letters++
    hashes.set(`dead letter ${letter.id}`, hashOf(letter))
  }
  // the time of forgetting an id depends on the engine: it is never earlier than promised
  for await (const { id, use, reply } of contents.ids()) {
    counts.ids++
    hashes.set(`id ${id} (${use})`, hashOf(reply ?? null))
  }
  await digestMail(contents, counts, hashes)
  return { counts, hashes }
}

/** The names of differing items, at most `limit`. */
export function compareDigests(expected: ContentDigest, found: ContentDigest, limit = 5): readonly string[] {
  const names = new Set([...expected.hashes.keys(), ...found.hashes.keys()])
  const differing: string[] = []
  for (const name of names) {
    const [before, after] = [expected.hashes.get(name), found.hashes.get(name)]
    if (before === after) continue
    differing.push(`${name} ${before === undefined ? 'came from nowhere' : after ? 'is another' : 'is missing'}`)
    if (differing.length === limit) break
  }
  return differing
}

async function digestMail(contents: EngineContents, counts: ContentCounts, hashes: Map<string, string>): Promise<void> {
  const waiting = new Map<string, string>()
  for await (const mail of contents.mail()) {
    const { envelope } = mail
    counts.mail++
    if (envelope.due !== undefined) counts.timers++
    const name = `mail of ${nameOf(envelope.to)}`
    // delayed messages have no fixed order, so each has its own hash
    if (envelope.due !== undefined) hashes.set(`sleeping ${name} ${envelope.id}`, hashOfMail(mail))
    else waiting.set(name, hashOf([waiting.get(name) ?? '', hashOfMail(mail)]))
  }
  for (const [name, chained] of waiting) hashes.set(name, chained)
}

const hashOfMail = ({ envelope, outcomes }: StoredMail): string => hashOf([envelope, byName([...outcomes])])

const byName = <Value>(pairs: readonly (readonly [string, Value])[]) =>
  [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, value] as const)

const hashOf = (value: unknown): string => hash('sha256', JSON.stringify(value, sortKeys), 'base64url')

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value as { [name: string]: Json }).sort(([a], [b]) => (a < b ? -1 : 1)))
}
