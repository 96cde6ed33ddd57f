import { createHmac } from 'node:crypto'
import { inspectOne } from '../../engine/engine.ts'
import { allActors } from '../../engine/liveness.ts'
import { goalRef, KIND, runRef } from '../../house/actors.ts'
import type { House } from '../../house/house.ts'
import type { Counts, OwnedActors } from '../../house/owned.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Envelope } from '../../kernel/types.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import { ERASURE } from '../actor.ts'

/** Actors that are removed at a time, and ms that they have to end. */
const PORTION = 100
const END_WITHIN_MS = 2_000
/** ms that cancelled work has to end before its actors are removed. */
const CANCEL_WITHIN_MS = 5_000

export type Erasing = {
  readonly id: string
  /** absent: everything of the owner is removed, and deleted bytes are left */
  owner?: string
  /** keys the hashes of names */
  readonly key: string
  /** in this process: only stored values are left */
  isCompacted?: boolean
}

/** Sends a message to the actor of the erasure. */
type Record = (message: object) => Promise<unknown>

/** Continues an erasure. Undefined: done; a text names its wait. Each part finds its own rest, so all may repeat. */
export async function carryOut(
  house: House,
  erasing: Erasing,
  record: Record,
  signal: AbortSignal,
): Promise<string | undefined> {
  const files = house.cleaning!
  if (!erasing.isCompacted) {
    const names = await removedNames(house, erasing)
    const waits = erasing.owner === undefined ? undefined : await remove(house, erasing.owner, names, record, signal)
    if (waits !== undefined) return waits
    delete erasing.owner
    if (!(await files.compact(names.has, signal))) return 'engine.db: a reader or a full disk keeps deleted bytes there'
    erasing.isCompacted = true
  }
  const { removed, left } = await files.sweepValues(signal)
  if (removed > 0) await record({ type: 'note', place: 'stored values', count: removed, hashes: [] })
  if (left > 0) return `${left} stored values: one that was stored within the last hour is kept until then`
  await record({ type: 'end' })
  return undefined
}

/** Removes everything of an owner. A text says why it is not possible yet. */
async function remove(
  house: House,
  owner: string,
  names: RemovedNames,
  record: Record,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { forget } = house.owned()
  const kinds = kindsOf(house)
  await takeHeld(house, kinds, owner)
  await untilMade(house)
  for (const kind of kinds) await cancelWork(house, kind, owner, signal)
  // counted first: after a kill there is less to count
  for (const dryRun of [true, false]) await record({ type: 'count', removed: await forget(owner, { dryRun }) })
  const waits = await removeActors(house, owner, names, record, signal)
  if (waits !== undefined) return waits
  // again, since the actors worked until now
  await record({ type: 'count', removed: await forget(owner, { dryRun: false }) })
  await dropLetters(house, names.has)
  await record({ type: 'removed' })
  return undefined
}

/** The names of removed actors, by their hashes: an actor that is gone has no owner any more. */
type RemovedNames = {
  has(name: string): boolean
  /** Adds names; gives the hashes of those that are new. */
  add(names: readonly string[]): readonly string[]
}

async function removedNames({ engine }: House, { id, key }: Erasing): Promise<RemovedNames> {
  const hashOf = (name: string) => createHmac('sha256', key).update(name).digest('base64url').slice(0, 22)
  const known = new Set<string>()
  for await (const [, hashes] of engine.view.parts({ kind: ERASURE, key: id }))
    for (const hash of hashes as readonly string[]) known.add(hash)
  return {
    has: (name) => known.has(hashOf(name)),
    add(names) {
      const fresh = names.map(hashOf).filter((hash) => !known.has(hash))
      for (const hash of fresh) known.add(hash)
      return fresh
    },
  }
}

/** Ends the actors of an owner. A text says that some do not end yet. */
async function removeActors(
  house: House,
  owner: string,
  names: RemovedNames,
  record: Record,
  signal: AbortSignal,
): Promise<string | undefined> {
  // again from the first kind, since an actor that ends may have made another one until then
  for (let isGone = false; !isGone; ) {
    await untilMade(house)
    isGone = true
    for (const kind of kindsOf(house)) {
      const removed = await removeKind(house, kind, owner, names, record, signal)
      if (typeof removed === 'string') return removed
      if (removed > 0) isGone = false
    }
  }
  return undefined
}

/** Ends the actors of a kind, and gives their number. A text says that some do not end yet. */
async function removeKind(
  house: House,
  kind: OwnedActors,
  owner: string,
  names: RemovedNames,
  record: Record,
  signal: AbortSignal,
): Promise<string | number> {
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const found = await portionOf(house, kind, owner)
    if (found.length === 0) return removed
    removed += found.length
    const refs = (await Promise.all(found.map((one) => withBelow(house, kind, one)))).flat()
    const count = found.filter((one) => !names.has(nameOf(refOf(kind, one)))).length
    const hashes = names.add(refs.map(nameOf))
    // before they end, so that nothing about them is left behind after a kill
    if (hashes.length > 0)
      await record({ type: 'note', ...(kind.place !== undefined && { place: kind.place }), count, hashes })
    await Promise.all(refs.map((ref) => house.engine.tell(ref, null, { type: 'stop' })))
    if (!(await within(house, END_WITHIN_MS, async () => !(await someExist(house, refs)))))
      return 'work that does not stop yet'
  }
}

export async function countOwned(house: House, owner: string): Promise<Counts> {
  const counts: { [place: string]: number } = {}
  for (const kind of kindsOf(house))
    for await (const _ of ownedOf(house, kind, owner))
      if (kind.place !== undefined) counts[kind.place] = (counts[kind.place] ?? 0) + 1
  return { ...counts, ...(await house.owned().forget(owner, { dryRun: true })) }
}

const kindsOf = ({ owned }: House) => owned().actors

type Listed = { readonly key: string; readonly index: ActorIndex }

async function* ownedOf({ engine: { view } }: House, kind: OwnedActors, owner: string): AsyncGenerator<Listed> {
  if (kind.isKeyedByOwner) {
    const found = await inspectOne(view, { kind: kind.kind, key: owner })
    if (found) yield { key: owner, index: {} }
    return
  }
  // the index of some kinds leaves out the local owner, and that of others names it
  const where = owner === LOCAL_OWNER ? {} : { where: { owner } }
  for (let after: string | undefined; ; ) {
    const page = await view.list(kind.kind, { ...where, limit: 1000, ...(after !== undefined && { after }) })
    for (const one of page) if (ownerOf(one.index) === owner) yield one
    after = page.at(-1)?.key
    if (page.length < 1000) return
  }
}

async function portionOf(house: House, kind: OwnedActors, owner: string): Promise<readonly Listed[]> {
  const found: Listed[] = []
  for await (const one of ownedOf(house, kind, owner)) if (found.push(one) === PORTION) break
  return found
}

const refOf = ({ kind }: OwnedActors, { key }: Listed): ActorRef => ({ kind, key })

async function withBelow(
  { engine: { view }, owned }: House,
  kind: OwnedActors,
  one: Listed,
): Promise<readonly ActorRef[]> {
  const refs = [refOf(kind, one)]
  for await (const ref of kind.below?.(view, one.key, one.index) ?? []) refs.push(ref)
  if (kind.kind !== KIND.run) return refs
  for (const ofRun of owned().ofRuns)
    for (const { key } of await view.list(ofRun, { where: { run: one.key } })) refs.push({ kind: ofRun, key })
  return refs
}

async function someExist({ engine: { view } }: House, refs: readonly ActorRef[]): Promise<boolean> {
  for (const ref of refs) if ((await inspectOne(view, ref)) !== undefined) return true
  return false
}

/** Takes messages that an earlier process accepted and none has taken: they would make their actors again later. */
async function takeHeld({ engine }: House, kinds: readonly OwnedActors[], owner: string): Promise<void> {
  for (const { kind, isKeyedByOwner } of kinds) {
    for await (const { of, cell, mail } of allActors(engine.view, { kind })) {
      const held = mail.filter(({ held }) => held)
      // a message may be the first one of its actor, which says nothing of its owner yet
      const whose = isKeyedByOwner ? of.key : cell?.index ? ownerOf(cell.index) : owner
      if (whose !== owner) continue
      for (const only of new Set(held.map(({ correlationId }) => correlationId))) await engine.start({ only })
    }
  }
}

/** Waits until the actors exist that have got their first message: before that, nothing says whose they are. */
async function untilMade(house: House): Promise<void> {
  const { view } = house.engine
  const fresh: ActorRef[] = []
  for (const { kind } of kindsOf(house))
    for await (const { of, cell, turn, mail } of allActors(view, { kind }))
      if (!cell && (turn || mail.some(({ held }) => !held))) fresh.push(of)
  const isMade = async (of: ActorRef) => {
    const found = await inspectOne(view, of)
    return !found || found.cell !== undefined
  }
  await within(house, CANCEL_WITHIN_MS, async () => (await Promise.all(fresh.map(isMade))).every(Boolean))
}

async function cancelWork(house: House, kind: OwnedActors, owner: string, signal: AbortSignal): Promise<void> {
  const { engine } = house
  const { workIn } = kind
  if (!workIn) return
  const left = async () => {
    const found: (readonly [ActorRef, string])[] = []
    for await (const one of ownedOf(house, kind, owner))
      for (const work of await workIn(engine.view, one.key, one.index)) found.push([refOf(kind, one), work])
    return found
  }
  for (const [of, work] of await left()) {
    signal.throwIfAborted()
    await engine.cancel(of, work, 'its owner is forgotten')
  }
  await within(house, CANCEL_WITHIN_MS, async () => (await left()).length === 0)
}

/** Waits until something holds; false after that time. */
async function within({ clock }: House, ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  const end = clock.elapsed() + ms
  for (;;) {
    if (await holds()) return true
    if (clock.elapsed() >= end) return false
    await new Promise<void>((resolve) => void clock.after(10, resolve))
  }
}

/** Drops the dead letters to, from and for actors that are gone. */
async function dropLetters({ engine: { deadLetters } }: House, isGone: (name: string) => boolean): Promise<void> {
  for (const { id, letter } of await deadLetters.list())
    if (namesIn(letter).some(isGone)) await deadLetters.drop(id).catch(() => {})
}

function namesIn({ to, from, correlationId }: Envelope): readonly string[] {
  const refs = [to, ...(from ? [from] : [])].flatMap((ref) => [ref, threadOfPhase(ref) ?? ref])
  return [...refs.map(nameOf), nameOf(runRef(correlationId)), nameOf(goalRef(correlationId))]
}
