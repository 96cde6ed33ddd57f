import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorIndex, Cell, EffectOutcome } from '../../../kernel/types.ts'
import type { DeadLetter, NumberedEvent } from '../../engine.ts'
import { ID_RETENTION_MS, idUse } from '../../envelope.ts'
import type { EngineContents, StoredActor, StoredId, StoredMail } from '../../transfer.ts'
import { readJournalState } from '../admin/journal-query.ts'
import { allMail, type InvocationMail, sqlText } from '../admin/mail.ts'
import { openShards } from '../admin/sharded-rows.ts'
import type { QueryRow, RestateClient } from '../client/client.ts'
import { STATE_PAGE_SIZE } from '../limits.ts'
import { actorKey, CELL_KEY, eventKey, partKey, type ServiceNames } from '../names.ts'
import { isCommitting } from '../node/give-up.ts'
import type { StateEntry } from '../state/raw-state.ts'
import type { StoredEvent } from '../state/read.ts'
import { PENDING, type TurnAnswer, type TurnReply } from '../turn-io.ts'
import { mapInOrder } from './parallel.ts'

type Dependencies = {
  readonly client: RestateClient
  readonly names: ServiceNames
  readonly kinds: readonly string[]
  /** ms since the epoch; decides which ids are still remembered */
  readonly now: number
}

/** Exports all data of an application on a server. No node may run turns, and one must serve reads. */
export function exportRestate({ client, names, kinds, now }: Dependencies): EngineContents {
  const services = new Map(kinds.map((kind) => [names.ofKind(kind), kind]))
  const among = `in (${[...services.keys()].map(sqlText)})`
  return {
    async *actors() {
      if (kinds.length === 0) return
      const rows = await client.query(
        `select service_name as service, service_key as key from state where key = '${CELL_KEY}' and service_name ${among}`,
      )
      yield* mapInOrder(rows, (row) => readActor(client, services, row))
    },
    async *index() {
      for (const kind of kinds)
        for (const [key, row] of await openShards(client, names.directory).read(kind))
          yield [nameOf({ kind, key }), row as ActorIndex]
    },
    async *mail() {
      if (kinds.length === 0) return
      const mail = await allMail(client, [...services.keys()])
      const inOrder = mail.toSorted((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status))
      yield* mapInOrder(inOrder, (posted) => storedOf(client, posted))
    },
    async *letters() {
      for (const [, row] of await openShards(client, names.letters).read('letter')) yield row as DeadLetter
    },
    async *ids() {
      if (kinds.length === 0) return
      const rows = await client.query(
        `select id, idempotency_key as name, target_service_name as service, target_service_key as key,
           cast(completed_at as varchar) as at
         from sys_invocation_status
         where idempotency_key is not null and status = 'completed' and target_handler_name = 'take'
           and target_service_name ${among} order by created_at, id`,
      )
      // the server removes expired ids only from time to time
      const remembered = firstOfEach(rows.filter(({ at }) => timeOf(at) >= now - ID_RETENTION_MS))
      for await (const id of mapInOrder(remembered, (row) => readId({ client, names }, services, row))) if (id) yield id
    },
  }
}

const STATUS_ORDER: readonly InvocationMail['status'][] = ['running', 'waiting', 'asleep']

async function readActor(
  client: RestateClient,
  services: ReadonlyMap<string, string>,
  { service, key }: QueryRow,
): Promise<StoredActor> {
  const of = { kind: services.get(String(service))!, key: actorKey(String(key)) }
  const entries: StateEntry[] = []
  for (let after = ''; ; after = entries.at(-1)![0]) {
    const call = {
      service: String(service),
      key: String(key),
      handler: 'state',
      body: { after, limit: STATE_PAGE_SIZE },
    }
    const page = (await client.call(call)).body as readonly StateEntry[]
    entries.push(...page)
    if (page.length < STATE_PAGE_SIZE) break
  }
  const under = (begin: string) =>
    entries.flatMap(([name, value]): (readonly [string, Json])[] =>
      name.startsWith(begin) ? [[name.slice(begin.length), value]] : [],
    )
  const cell = entries.find(([name]) => name === CELL_KEY)![1] as Cell
  const events = under(EVENT_PREFIX).map(([, event]) => numbered(event as StoredEvent))
  return { of, cell, parts: under(partKey('')), events }
}

// the publishing message is internal to Restate
const numbered = ({ n, correlationId, body }: StoredEvent): NumberedEvent => ({ n, correlationId, body })

const EVENT_PREFIX = eventKey(0).slice(0, eventKey(0).indexOf('/') + 1)

/** Keeps the completed effects of an interrupted turn. */
async function storedOf(
  client: RestateClient,
  { envelope, outcomes, invocation, status }: InvocationMail,
): Promise<StoredMail> {
  if (status !== 'running') return { envelope, outcomes }
  if (await isCommitting(client, invocation)) throw halfDone(nameOf(envelope.to))
  const recorded = [...(await readJournalState(client, invocation)).outcomes]
  return { envelope, outcomes: new Map([...outcomes, ...recorded.flatMap(([key, outcome]) => plain(key, outcome))]) }
}

function halfDone(name: string): TerminalError {
  return new TerminalError(
    `A part of what a turn of ${name} decided has left already, and the rest must follow: start a node (antiphon serve, or antiphon cluster dev), which brings it to its end, and move again.`,
    { code: 'half_done' },
  )
}

// other journal entries than outcomes of effects are internal to Restate
function plain(key: string, outcome: EffectOutcome): readonly (readonly [string, EffectOutcome])[] {
  const { at: _, ...rest } = outcome as EffectOutcome & { readonly at?: number }
  return 'value' in rest || 'error' in rest ? [[key, rest as EffectOutcome]] : []
}

// the server stores ids per actor, other engines store them globally: the first use of an id wins
function firstOfEach(rows: readonly QueryRow[]): readonly QueryRow[] {
  const firsts = new Map<unknown, QueryRow>()
  for (const row of rows) if (!firsts.has(row.name)) firsts.set(row.name, row)
  return [...firsts.values()]
}

async function readId(
  { client, names }: Pick<Dependencies, 'client' | 'names'>,
  services: ReadonlyMap<string, string>,
  { id: invocation, name, service, key, at }: QueryRow,
): Promise<StoredId | undefined> {
  const answer = (await client.output(`invocation/${invocation}`)) as TurnAnswer | undefined
  // the server tells nothing about a message that was cancelled there
  if (answer === undefined) return undefined
  const to = { kind: services.get(String(service))!, key: actorKey(String(key)) }
  const id = decodeURIComponent(String(name))
  const stored = { id, use: idUse(to, answer !== null), at: timeOf(at) }
  const reply = answer?.type === PENDING.type ? await lateReply(client, names, id) : (answer as TurnReply | null)
  return reply ? { ...stored, reply: { body: reply.body, isError: reply.type === 'error' } } : stored
}

const timeOf = (at: QueryRow[string]) => Date.parse(String(at))

async function lateReply(client: RestateClient, { reply }: ServiceNames, id: string): Promise<TurnReply | undefined> {
  return (await client.output(`workflow/${reply}/${encodeURIComponent(id)}`)) as TurnReply | undefined
}
