import { UNREADABLE_VERSION } from '../../kernel/commit.ts'
import { damagedActorError } from '../../kernel/faults.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Cell } from '../../kernel/types.ts'
import type { Database } from '../../store/database/database.ts'
import { type Bus, follow, streamTopic } from '../bus.ts'
import type { ActorListQuery, Clock, EngineView, ListedActor, NumberedEvent, PartsOptions } from '../engine.ts'
import { askTarget } from '../envelope.ts'
import { listOrder, selectListed, whereFilter } from '../select.ts'
import { type Activation, type EventRange, unsavedEvents, unsavedPart, unsavedParts } from './activation/activation.ts'
import type { IdempotencyIndex } from './idempotency.ts'
import { type InspectedParts, inspectActors } from './inspect.ts'
import { isBatchEmpty } from './log/batch.ts'
import type { Committer } from './log/committer.ts'
import { hashId } from './stored/hash-index.ts'
import { readCell } from './tables/cell.ts'
import { type ListedRows, listRows } from './tables/list-query.ts'
import { PART_PAGE_SIZE, readEventPage, readPart, readPartPage } from './tables/parts.ts'

type Dependencies = InspectedParts & {
  readonly committer: Committer
  readonly ids: Pick<IdempotencyIndex, 'get'>
  readonly clock: Clock
  readonly changes: Bus<unknown>
  readonly deltas: Bus<Json>
}

/** Read operations: the tables, overlaid with newer data from memory as soon as that is durable. */
export function libsqlView({
  database,
  committer,
  activations,
  names,
  router,
  ids,
  clock,
  ...sources
}: Dependencies): EngineView {
  // memory may be ahead of the disk: the result is returned when the disk has caught up
  const shown = async <T>(value: T): Promise<T> => {
    await committer.whenDurable(isBatchEmpty(committer.batch) ? committer.batch.seq - 1 : committer.batch.seq)
    return value
  }
  const pace = paceOf(clock)
  const { changes, deltas, indexes } = sources
  return {
    async peek(of) {
      const name = nameOf(of)
      const activation = activations.get(name)
      const cell = activation ? activation.cell : names.has(name) ? readCell(database, name) : undefined
      if (activation && activation.seq > committer.durable) await committer.whenDurable(activation.seq)
      if (cell?.version === UNREADABLE_VERSION) throw damagedActorError(name)
      return cell?.state
    },
    async asked(id) {
      const known = ids.get(id, hashId(id), clock.now())
      if (known) await committer.whenDurable(known.seq)
      return known && askTarget(known.use)
    },
    parts(of, page = {}) {
      const name = nameOf(of)
      const { exact, early, prefix = '', after } = page
      const durable = async <T>(value: T) => (early ? value : shown(value))
      return exact
        ? readSingle(database, name, () => durable(lookUp(activations.get(name), prefix)), prefix, pace)
        : readParts(database, name, () => durable(snapshot(activations.get(name), prefix, after)), { ...page, pace })
    },
    async list(kind, query) {
      const beginning = `${kind}/${query?.prefix ?? ''}`
      const unsaved = [...activations.values()].filter(({ name }) => name.startsWith(beginning))
      return listCells(
        { database, indexes },
        kind,
        await shown(unsaved.map(({ name, cell }) => ({ name, index: cell?.index }))),
        query,
      )
    },
    inspect: (query = {}) => shown(inspectActors({ database, activations, names, router, indexes }, query)),
    events(of, from) {
      const name = nameOf(of)
      return follow(
        changes,
        name,
        async (after) => readEvents(database, name, activations.get(name), after, committer.durable),
        from,
      )
    },
    deltas: (topic, signal) => streamTopic(deltas, topic, signal),
    isFollowed: deltas.hasListeners,
  }
}

type Snapshot = ReturnType<typeof unsavedParts>
/** The resident parts of an actor whose names begin with `prefix` and sort after `after`. */
export const snapshot = (activation: Activation | undefined, prefix = '', after = ''): Snapshot =>
  activation ? unsavedParts(activation, prefix, after) : { parts: new Map(), wiped: false }

/** The part with exactly that name, if there is one. `unsaved`: the part in memory, which hides the row. */
async function* readSingle(
  database: Database,
  actor: string,
  unsaved: () => Promise<ReturnType<typeof unsavedPart>>,
  name: string,
  pace: Pace,
): AsyncGenerator<readonly [string, Json]> {
  const { value, hidden } = await unsaved()
  await pace()
  const part = hidden ? value : readPart(database, actor, name)?.value()
  if (part !== undefined) yield [name, part]
}

/** A part in memory. An actor that is not stored has no row. */
function lookUp(activation: Activation | undefined, name: string): ReturnType<typeof unsavedPart> {
  const { value, hidden } = activation ? unsavedPart(activation, name) : { value: undefined, hidden: false }
  return { value, hidden: hidden || activation?.stored === false }
}

/** Parts by name: the rows of the table overlaid with `shown`, the parts in memory. `pace` lets others work. */
export async function* readParts(
  database: Database,
  actor: string,
  shown: () => Promise<Snapshot>,
  { prefix = '', after = '', limit = Number.POSITIVE_INFINITY, pace }: PartsOptions & { readonly pace?: Pace },
): AsyncGenerator<readonly [string, Json]> {
  const { parts, wiped } = await shown()
  const fresh = [...parts.keys()].sort()
  let [left, given, read] = [limit, 0, 0]
  for (let from = after; left > 0; ) {
    await pace?.()
    const size = Math.min(PART_PAGE_SIZE, left)
    const page = wiped ? [] : readPartPage(database, actor, { prefix, after: from, size })
    const end = page.length < size ? undefined : page.at(-1)!.name
    const rows = new Map(page.map((row) => [row.name, row]))
    const inPage: string[] = []
    for (; read < fresh.length && (end === undefined || fresh[read]! <= end); read++) inPage.push(fresh[read]!)
    for (const name of inPage.length === 0 ? rows.keys() : [...new Set([...rows.keys(), ...inPage])].sort()) {
      const value = parts.has(name) ? parts.get(name)! : rows.get(name)!.value()
      if (value === null) continue
      yield [name, value]
      if (--left === 0) return
      await pace?.(++given % PART_PAGE_SIZE === 0)
    }
    if (end === undefined) return
    from = end
  }
}

/** Lets other work go on when reads have taken long without a pause, or `now`. */
type Pace = (now?: boolean) => Promise<void> | undefined

/** ms that reads take without a pause. Single reads that begin together share them. */
const MAX_READ_MS = 10

function paceOf(clock: Clock): Pace {
  let began: number | undefined
  const rest = async () => {
    // all that wait go on together: each looks again
    do await new Promise<void>((resolve) => clock.soon(resolve))
    while (isLong())
  }
  const isLong = () => {
    if (began !== undefined) return clock.elapsed() - began > MAX_READ_MS
    began = clock.elapsed()
    clock.soon(() => {
      began = undefined
    })
    return false
  }
  return (now = false) => (isLong() || now ? rest() : undefined)
}

type Unsaved = readonly { readonly name: string; readonly index: Cell['index'] | undefined }[]

/** Rows that are read beyond a page when its rows are too few. */
const MORE_ROWS = 100

/**
 * Resident actors hide their rows. Rows that were not read come after those that were, so the page is whole when its
 * last actor does not come after them; otherwise more rows are read.
 */
function listCells(
  { database, indexes: declared }: Pick<Dependencies, 'database' | 'indexes'>,
  kind: string,
  unsaved: Unsaved,
  query: ActorListQuery = {},
): readonly ListedActor[] {
  const { limit } = query
  const isWanted = whereFilter(query)
  const isBefore = listOrder(query)
  const keyOf = (name: string) => name.slice(kind.length + 1)
  for (let more = 0; ; more = Math.max(MORE_ROWS, more * 4)) {
    const read = listRows(database, declared, kind, { ...query, limit: limit === undefined ? -1 : limit + more })
    const [{ rows, isCut } = { rows: [], isCut: false }, ...others] = read
    // nothing hides a row, and they are in order
    if (unsaved.length + others.length === 0 && (!isCut || rows.length === limit))
      return rows.map(([name, index]) => ({ key: keyOf(name), index }))
    const indexes = new Map(read.flatMap(({ rows }) => rows))
    for (const { name, index } of unsaved) {
      if (index && isWanted({ index })) indexes.set(name, index)
      else indexes.delete(name)
    }
    const listed = selectListed(
      [...indexes].map(([name, index]) => ({ key: keyOf(name), index })),
      query,
    )
    const last = listed.at(-1)
    const isWhole = ({ rows, isCut }: ListedRows) => {
      const [name, index] = rows.at(-1) ?? []
      if (!isCut || name === undefined || index === undefined) return !isCut
      return last !== undefined && listed.length === limit && !isBefore({ key: keyOf(name), index }, last)
    }
    if (limit === undefined || more >= unsaved.length || read.every(isWhole)) return listed
  }
}

/** Events on disk after a number, as a page. */
export function readEvents(
  database: Database,
  actor: string,
  activation: Activation | undefined,
  after: number,
  durable: number,
): readonly NumberedEvent[] {
  // most changes of an actor bring no event
  if (activation?.cell && activation.cell.events <= after) return []
  const { events, wiped } = activation ? unsavedEvents(activation, after) : { events: [], wiped: false }
  const shown = events.filter(({ batch }) => batch <= durable)
  // a reader that follows closely has all events of the table
  const isNext = events[0] !== undefined && events[0].first <= after + 1
  const rows = wiped || isNext ? [] : readEventPage(database, actor, after)
  if (rows.length === PART_PAGE_SIZE) return rows
  const last = rows.at(-1)?.n ?? after
  const fresh = shown.flatMap(numbered)
  return [...rows, ...fresh.filter(({ n }) => n > last)]
}

function numbered({ first, correlationId, bodies }: EventRange): readonly NumberedEvent[] {
  return bodies.map((body, index) => ({ n: first + index, correlationId, body }))
}
