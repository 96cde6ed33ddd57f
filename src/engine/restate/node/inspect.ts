import type { ObjectSharedContext } from '@restatedev/restate-sdk'
import { nameOf, parseRef } from '../../../kernel/ref.ts'
import type { ActorRef, Cell } from '../../../kernel/types.ts'
import type { ActorSnapshot, Inspected, InspectQuery } from '../../inspect.ts'
import { inspectLimit, inspectReadSize, inspectSnapshot, matchesStatus } from '../../inspect.ts'
import { parseJournalState, runningOf } from '../admin/journal-query.ts'
import { findOpenMail, messagesIn, type OpenMail, partitionOf, sqlText } from '../admin/mail.ts'
import type { QueryRow, RestateClient } from '../client/client.ts'
import { actorKey, CELL_KEY, objectKey, type ServiceNames } from '../names.ts'
import { openState, type StoredCell } from '../state/compact-state.ts'
import type { RestateNode } from './node.ts'

/** The present state of an actor, or null. A shared handler, which runs concurrently with turns. */
export async function inspectActor(
  { client, names }: RestateNode,
  ctx: ObjectSharedContext,
  of: ActorRef,
): Promise<Inspected | null> {
  const partition = await partitionOf(client, ctx.request().id)
  const isIts = `target_service_name = ${sqlText(names.ofKind(of.kind))} and target_service_key = ${sqlText(objectKey(of))}`
  const mail = await findOpenMail(client, { of: isIts, ...(partition !== undefined && { partition }) })
  const [known] = await readKnown(client, [{ of, cell: undefined, mail }])
  // the cell is read last: if a turn ends meanwhile, its result is in the cell
  const { cell } = openState(await ctx.get<StoredCell>(CELL_KEY))
  return inspectSnapshot({ ...known!, cell }) ?? null
}

type Dependencies = {
  readonly client: RestateClient
  readonly names: ServiceNames
  readonly kinds: readonly string[]
  look(of: ActorRef): Promise<Inspected | null>
}

/** Actors by name. Without a key the server scans all its data for each page: this is for operators, not programs. */
export async function inspectActors(lent: Dependencies, query: InspectQuery): Promise<readonly Inspected[]> {
  const { kind, key } = query
  const kinds = lent.kinds.filter((each) => kind === undefined || each === kind)
  if (kinds.length === 0) return []
  if (kind === undefined || key === undefined) return inspectPage({ ...lent, kinds }, query)
  const actor = await lent.look({ kind, key })
  return actor && matchesStatus(query, actor) ? [actor] : []
}

async function inspectPage(lent: Dependencies, query: InspectQuery): Promise<readonly Inspected[]> {
  const { client, names, kinds } = lent
  const limit = inspectReadSize(query)
  const services = new Map(kinds.map((kind) => [names.ofKind(kind), kind]))
  const among = `(${[...services.keys()].map(sqlText)})`
  const after = sqlText(query.after ? nameOf(query.after) : '')
  const nameOfRow = ({ service, key }: Named) => nameOf({ kind: services.get(`${service}`)!, key: actorKey(`${key}`) })

  // mail is read first: an actor that takes it meanwhile has a cell
  const isBehind = `target_service_name in ${among} and ${nameIn(names, 'target_service')} > ${after}`
  const mail = await findOpenMail(client, { of: isBehind })
  const rows = await client.query(
    `select service_name as service, service_key as key, value_utf8 as cell from state
     where key = '${CELL_KEY}' and service_name in ${among} and ${nameIn(names, 'service')} > ${after}
     order by ${nameIn(names, 'service')} limit ${limit}`,
  )
  const mails = Map.groupBy(mail, nameOfRow)
  const cells = new Map(rows.map((row) => [nameOfRow(row), openState(JSON.parse(String(row.cell)) as StoredCell).cell]))
  const page = [...new Set([...cells.keys(), ...mails.keys()])].sort().slice(0, limit)
  const actors = page.map((name) => ({ of: parseRef(name), cell: cells.get(name), mail: mails.get(name) ?? [] }))
  const found: Inspected[] = []
  for (const known of await readKnown(client, actors)) {
    // an actor whose message was taken meanwhile has a cell by now
    const isTaken = !known.cell && mails.has(nameOf(known.of)) && !hasMessages(known)
    const actor = isTaken ? await lent.look(known.of) : inspectSnapshot(known)
    if (actor && matchesStatus(query, actor)) found.push(actor)
  }
  // a page with nothing but replaced timers, or with actors of another status only, is not the end
  const isEnd = found.length > 0 || page.length < limit || limit === 0
  return isEnd ? found.slice(0, inspectLimit(query)) : inspectPage(lent, { ...query, after: parseRef(page.at(-1)!) })
}

type Named = { readonly service?: unknown; readonly key?: unknown }

const hasMessages = ({ running, queue, asleep }: ActorSnapshot) =>
  running !== undefined || queue.length + asleep.length > 0

function nameIn({ ofKind }: ServiceNames, columns: string): string {
  const key = `${columns}_key`
  const own = `case when ${key} like '~%' then substr(${key}, 2) else ${key} end`
  return `concat(substr(${columns}_name, ${ofKind('').length + 1}), '/', ${own})`
}

type MailBefore = { readonly of: ActorRef; readonly cell: Cell | undefined; readonly mail: readonly OpenMail[] }

/** Actors with all that is known of them: their first messages are read, the others are counted. */
async function readKnown(client: RestateClient, actors: readonly MailBefore[]): Promise<readonly ActorSnapshot[]> {
  const parted = actors.map((actor) => ({ ...actor, ...partMail(actor.mail) }))
  const read = parted.flatMap(({ turn, queue, asleep }) => [...turn, ...queue, ...asleep])
  const journals = await readJournals(client, read)
  return parted.map(({ of, cell, turn, queue, asleep, unread }) => {
    const itemsOf = (mail: readonly OpenMail[]) => mail.flatMap(({ invocation }) => itemOf(journals.get(invocation)))
    const [running] = turn.flatMap(({ invocation }) => turnOf(journals.get(invocation)))
    return { of, cell, running, queue: itemsOf(queue), asleep: itemsOf(asleep), held: [], unread }
  })
}

/** Maximum messages read for one actor: the newest delayed ones, because a replaced timer stays until it is due. */
const READ_LIMITS = { waiting: 100, asleep: 200 } as const

function partMail(mail: readonly OpenMail[]) {
  const { running = [], waiting = [], asleep = [] } = Object.groupBy(mail, ({ status }) => status)
  return {
    turn: running.slice(0, 1),
    queue: waiting.slice(0, READ_LIMITS.waiting),
    asleep: asleep.slice(-READ_LIMITS.asleep),
    unread: Math.max(0, waiting.length - READ_LIMITS.waiting),
  }
}

/** Maximum number of journals queried at once. */
const SHARD_PAGE_SIZE = 200

async function readJournals(
  client: RestateClient,
  mail: readonly OpenMail[],
): Promise<ReadonlyMap<unknown, readonly QueryRow[]>> {
  const rows: QueryRow[] = []
  for (let from = 0; from < mail.length; from += SHARD_PAGE_SIZE) {
    const ids = mail.slice(from, from + SHARD_PAGE_SIZE).map(({ invocation }) => sqlText(invocation))
    rows.push(
      ...(await client.query(
        `select id, index, entry_json as entry, appended_at as at from sys_journal where id in (${ids}) order by id, index`,
      )),
    )
  }
  return Map.groupBy(rows, ({ id }) => id)
}

type Journal = readonly QueryRow[] | undefined

// a message without a journal was taken in the meantime
const itemOf = (journal: Journal) => (journal?.[0] ? messagesIn(journal[0].entry) : [])

function turnOf(journal: Journal) {
  return itemOf(journal).map(({ envelope, outcomes }) => {
    const recorded = parseJournalState(journal ?? [])
    return runningOf(envelope, { ...recorded, outcomes: new Map([...outcomes, ...recorded.outcomes]) })
  })
}
