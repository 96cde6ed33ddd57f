import type { Json } from '../../../kernel/json.ts'
import { nameOf, parseRef } from '../../../kernel/ref.ts'
import { getOrInsert } from '../../../lib/collections/get-or-insert.ts'
import { askTarget } from '../../envelope.ts'
import type { EngineContents, StoredActor, StoredId, StoredMail } from '../../transfer.ts'
import type { RestateClient } from '../client/client.ts'
import { eventKey, objectKey, partKey, type ServiceNames, shardOf } from '../names.ts'
import { layOut } from '../state/compact-state.ts'
import type { StateEntry } from '../state/raw-state.ts'
import { rowKey } from '../state/rows.ts'
import { encodeTurnInput, PENDING, type TurnAnswer } from '../turn-io.ts'
import { forEachConcurrently } from './parallel.ts'

type Dependencies = { readonly client: RestateClient; readonly names: ServiceNames }

/** Writes everything except the mail into an empty application. No node works on it except the one that fills it. */
export async function importRestate(lent: Dependencies, contents: EngineContents): Promise<void> {
  const { names } = lent
  await forEachConcurrently(contents.actors(), (actor) => fillActor(lent, actor))
  await forEachConcurrently(byShard(contents.index()), ([shard, rows]) =>
    fillObject(lent, names.directory, shard, rows),
  )
  await forEachConcurrently(contents.letters(), (letter) => {
    const row = [rowKey(letter.id), letter] as const
    return fillObject(lent, names.letters, shardOf('letter', letter.id), [row])
  })
  await forEachConcurrently(contents.ids(), (id) => fillId(lent, id))
}

/**
 * Sends the mail, and creates the places for pending answers. The work
 * begins as soon as a node works; after that, nothing can be imported.
 */
export async function importMail(lent: Dependencies, contents: EngineContents, now: () => number): Promise<void> {
  const byActor = new Map<string, StoredMail[]>()
  for await (const mail of contents.mail()) {
    getOrInsert(byActor, nameOf(mail.envelope.to), () => []).push(mail)
  }
  await forEachConcurrently(contents.ids(), (id) => awaitAnswer(lent, id))
  // for each actor in order
  await forEachConcurrently(byActor.values(), async (mail) => {
    for (const each of mail) await post(lent, each, now())
  })
}

function fillActor(lent: Dependencies, { of, cell, parts, events }: StoredActor): Promise<void> {
  const beside: StateEntry[] = [
    ...parts.map(([name, value]) => [partKey(name), value] as const),
    ...events.map((event) => [eventKey(event.n), event] as const),
  ]
  // stored as the actor's first turn would store it
  const entries = layOut(cell, {}, beside).entries.map(([key, json]) => [key, JSON.parse(json!) as Json] as const)
  return fillObject(lent, lent.names.ofKind(of.kind), objectKey(of), entries)
}

/** The server accepts messages of a few MB at most. */
const MAX_CHUNK_BYTES = 2 << 20
const MAX_CHUNK_ENTRIES = 500

async function fillObject(
  { client }: Dependencies,
  service: string,
  key: string,
  entries: readonly StateEntry[],
): Promise<void> {
  let body: StateEntry[] = []
  let size = 0
  const flush = async () => {
    if (body.length > 0) await client.call({ service, key, handler: 'fill', body })
    body = []
    size = 0
  }
  for (const entry of entries) {
    const more = JSON.stringify(entry[1]).length
    if (size + more > MAX_CHUNK_BYTES || body.length === MAX_CHUNK_ENTRIES) await flush()
    body.push(entry)
    size += more
  }
  await flush()
}

async function* byShard(
  index: ReturnType<EngineContents['index']>,
): AsyncGenerator<readonly [string, readonly StateEntry[]]> {
  const shards = new Map<string, StateEntry[]>()
  for await (const [name, row] of index) {
    const of = parseRef(name)
    const shard = shardOf(of.kind, of.key)
    const rows = getOrInsert(shards, shard, () => [])
    rows.push([rowKey(of.key), row])
    if (rows.length < MAX_CHUNK_ENTRIES) continue
    shards.delete(shard)
    yield [shard, rows]
  }
  yield* shards
}

/** Imports an id, so that a repeated request gets the same reply. */
async function fillId({ client, names }: Dependencies, { id, use, reply }: StoredId): Promise<void> {
  const [kind, name] = splitAt(use, ' ')
  const answer = kind === 'tell' ? null : reply ? replyOf(reply) : PENDING
  const to = parseRef(name)
  await client.call({ service: names.ofKind(to.kind), key: objectKey(to), handler: 'take', body: { answer }, id })
}

/** Prepares a place for a pending reply. */
async function awaitAnswer({ client, names }: Dependencies, { id, use, reply }: StoredId): Promise<void> {
  const asked = askTarget(use)
  if (asked && !reply) await client.send({ service: names.reply, key: id, handler: 'run', body: asked })
}

function replyOf({ body, isError }: NonNullable<StoredId['reply']>): TurnAnswer {
  return { type: isError ? 'error' : 'response', body }
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + separator.length)]
}

function post({ client, names }: Dependencies, mail: StoredMail, now: number): Promise<void> {
  const { to, id, due = 0 } = mail.envelope
  const call = { service: names.ofKind(to.kind), key: objectKey(to), handler: 'take', body: encodeTurnInput(mail), id }
  return client.send({ ...call, ...(due > now && { delay: due - now }) })
}
