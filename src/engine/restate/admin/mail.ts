import type { Json } from '../../../kernel/json.ts'
import type { Envelope } from '../../../kernel/types.ts'
import type { Outcomes } from '../../transfer.ts'
import type { QueryRow, RestateClient } from '../client/client.ts'
import { decodeTurnInput, type TurnInput, UNTAKEN } from '../turn-io.ts'

/** A message in the mail of an actor, as the server stores it. */
export type InvocationMail = {
  readonly invocation: string
  readonly envelope: Envelope
  /** outcomes of its effects that another engine recorded */
  readonly outcomes: Outcomes
  readonly status: 'running' | 'waiting' | 'asleep'
}

/**
 * The partition key of an invocation. With it, the server finds the data of the invocation's object without a full
 * scan. It is a text, because a number would be rounded.
 */
export async function partitionOf(client: RestateClient, invocation: string): Promise<string | undefined> {
  const [row] = await client.query(
    `select cast(partition_key as varchar) as part from sys_invocation_status where id = ${sqlText(invocation)}`,
  )
  return row && String(row.part)
}

/** The mail of an actor: the running turn, waiting messages in order, sleeping ones. `beside`: an invocation of it. */
export async function mailOfSameActor(client: RestateClient, beside: string): Promise<readonly InvocationMail[]> {
  const [at] = await client.query(
    `select cast(partition_key as varchar) as part, target_service_name as service, target_service_key as key
     from sys_invocation_status where id = ${sqlText(beside)}`,
  )
  if (!at) return []
  const isIts = `target_service_name = ${sqlText(at.service)} and target_service_key = ${sqlText(at.key)}`
  return readMail(client, { of: isIts, partition: String(at.part) })
}

/** All mail of these services that no turn has taken. The server scans all its data. */
export function allMail(client: RestateClient, services: readonly string[]): Promise<readonly InvocationMail[]> {
  return readMail(client, { of: `target_service_name in (${services.map(sqlText)})` })
}

async function readMail(client: RestateClient, place: MailAddress): Promise<readonly InvocationMail[]> {
  const mail = await findOpenMail(client, place)
  if (mail.length === 0) return []
  const inputs = await client.query(
    `select id, entry_json as input from sys_journal where ${isThere(place)} and index = 0`,
  )
  const inputOf = new Map(inputs.map(({ id, input }) => [id, input]))
  // a message without a journal was taken in the meantime
  return mail.flatMap(({ invocation, status }) => {
    const input = inputOf.get(invocation)
    return input === undefined ? [] : messagesIn(input).map((message) => ({ invocation, ...message, status }))
  })
}

/** A message that no turn has taken yet, in the words of the server. */
export type OpenMail = {
  readonly invocation: string
  readonly service: string
  readonly key: string
  readonly status: InvocationMail['status']
}

/** Selects invocations, and a partition of the server's tables. */
type MailAddress = { readonly of: string; readonly partition?: string }
const isThere = ({ partition }: MailAddress) => (partition === undefined ? 'true' : `partition_key = ${partition}`)

/** The messages that match, in order for each actor. */
export async function findOpenMail(client: RestateClient, place: MailAddress): Promise<readonly OpenMail[]> {
  // one table at a time: the server cannot join partitions that another server leads
  const rows = await client.query(
    `select id, status, target_service_name as service, target_service_key as key from sys_invocation_status
     where ${isThere(place)} and status <> 'completed' and target_handler_name = 'take' and ${place.of} order by created_at`,
  )
  if (rows.length === 0) return []
  const queued = await client.query(`select id, sequence_number as place from sys_inbox where ${isThere(place)}`)
  const places = new Map(queued.map(({ id, place }) => [id, Number(place)]))
  // a message without a position runs or sleeps; it comes after all messages with a position
  const placeOf = ({ id }: QueryRow) => places.get(id) ?? Number.POSITIVE_INFINITY
  return rows
    .toSorted((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)))
    .map((row) => openMailOf({ ...row, place: places.get(row.id) }))
}

function openMailOf(row: QueryRow): OpenMail {
  return {
    invocation: String(row.id),
    service: String(row.service),
    key: String(row.key),
    status: statusOf(row),
  }
}

/** One message; undefined when a turn has taken it. */
export async function mailOf(client: RestateClient, invocation: string): Promise<InvocationMail | undefined> {
  const [row] = await client.query(
    `select id, status, 0 as place from sys_invocation_status where id = ${sqlText(invocation)} and status <> 'completed'`,
  )
  const [entry] = await client.query(
    `select entry_json as input from sys_journal where id = ${sqlText(invocation)} and index = 0`,
  )
  return (
    row && entry && messagesIn(entry.input).map((message) => ({ invocation, ...message, status: statusOf(row) }))[0]
  )
}

export const sqlText = (value: unknown) => `'${String(value).replaceAll("'", "''")}'`

export const parseBytes = (bytes: readonly number[]): unknown => JSON.parse(Buffer.from(bytes).toString())

// the server reads the tables one after the other: a message that has left the inbox meanwhile runs by now
function statusOf({ status, place }: QueryRow): InvocationMail['status'] {
  if (status === 'scheduled') return 'asleep'
  return status === 'inboxed' && place !== undefined ? 'waiting' : 'running'
}

type InputEntry = { readonly Command: { readonly Input: { readonly payload: readonly number[] } } }

/** The message that began an invocation, from the first entry of its journal. Empty when there is none to take. */
export function messagesIn(entry: Json | undefined): readonly Pick<InvocationMail, 'envelope' | 'outcomes'>[] {
  const { payload } = (JSON.parse(String(entry)) as InputEntry).Command.Input
  const handed = parseBytes(payload) as TurnInput
  return handed === UNTAKEN || 'answer' in handed ? [] : [decodeTurnInput(handed)]
}
