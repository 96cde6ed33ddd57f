import type { Json } from '../../kernel/schema.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { Outcomes } from '../move/contents.ts'
import type { Client, Row } from './client.ts'
import { type Handed, openHanded } from './handed.ts'
import { UNTAKEN } from './send.ts'

/** A message in the mail of an actor, as the server has it. */
export type Posted = {
  readonly invocation: string
  readonly envelope: Envelope
  /** what another engine knew of its effects */
  readonly outcomes: Outcomes
  readonly status: 'running' | 'waiting' | 'asleep'
}

/** The key by which the server finds all that belongs to the object of an invocation under way, without looking through all it has; a text, for as a number it would be rounded. */
export async function partitionOf(client: Client, invocation: string): Promise<string | undefined> {
  const [row] = await client.query(
    `select cast(partition_key as varchar) as part from sys_invocation_status where id = ${text(invocation)}`,
  )
  return row && String(row.part)
}

/** What an actor has before it: the turn under way, what waits in its order, and what sleeps. `beside`: an invocation of any handler of that actor. */
export async function mailBeside(client: Client, beside: string): Promise<readonly Posted[]> {
  const [at] = await client.query(
    `select cast(partition_key as varchar) as part, target_service_name as service, target_service_key as key
     from sys_invocation_status where id = ${text(beside)}`,
  )
  if (!at) return []
  // one table at a time: what is led by another server cannot be joined
  const found = await client.query(
    `select id, status, created_at as at from sys_invocation_status
     where partition_key = ${at.part} and status <> 'completed' and target_handler_name = 'take'
       and target_service_name = ${text(at.service)} and target_service_key = ${text(at.key)}`,
  )
  if (found.length === 0) return []
  const inbox = await client.query(
    `select id, sequence_number as place from sys_inbox where partition_key = ${at.part}`,
  )
  const inputs = await client.query(
    `select id, entry_json as input from sys_journal where partition_key = ${at.part} and index = 0`,
  )
  return postedIn(found, inbox, inputs)
}

/** All mail of these services that is not taken; the server looks through all it has. */
export async function allMail(client: Client, services: readonly string[]): Promise<readonly Posted[]> {
  const found = await client.query(
    `select id, status, created_at as at from sys_invocation_status where status <> 'completed'
       and target_handler_name = 'take' and target_service_name in (${services.map(text)})`,
  )
  if (found.length === 0) return []
  const inbox = await client.query('select id, sequence_number as place from sys_inbox')
  const inputs = await client.query('select id, entry_json as input from sys_journal where index = 0')
  return postedIn(found, inbox, inputs)
}

function postedIn(found: readonly Row[], inbox: readonly Row[], inputs: readonly Row[]): readonly Posted[] {
  const [places, bodies] = [columnOf(inbox, 'place'), columnOf(inputs, 'input')]
  return found
    .map((row) => ({ ...row, place: places.get(row.id), input: bodies.get(row.id) }) as Row)
    .filter(({ input }) => input !== undefined)
    .sort(byPlace)
    .flatMap(postedOf)
}

const columnOf = (rows: readonly Row[], name: string) => new Map(rows.map((row) => [row.id, row[name]]))

// what has no place runs or sleeps, and is behind all that has one
function byPlace(a: Row, b: Row): number {
  const rank = ({ place }: Row) => (place === undefined ? Number.POSITIVE_INFINITY : Number(place))
  return rank(a) === rank(b) ? String(a.at).localeCompare(String(b.at)) : rank(a) - rank(b)
}

/** One message; undefined when it is taken. */
export async function mailOf(client: Client, invocation: string): Promise<Posted | undefined> {
  const [row] = await client.query(
    `select id, status, 0 as place from sys_invocation_status where id = ${text(invocation)} and status <> 'completed'`,
  )
  const [entry] = await client.query(
    `select entry_json as input from sys_journal where id = ${text(invocation)} and index = 0`,
  )
  return row && entry && postedOf({ ...row, ...entry })[0]
}

/** A text as SQL has it. */
export const text = (value: unknown) => `'${String(value).replaceAll("'", "''")}'`

/** What lies in a journal as bytes. */
export const readBytes = (bytes: readonly number[]): unknown => JSON.parse(Buffer.from(bytes).toString())

// the server looks at one table after the other: who has left the inbox meanwhile has begun
export function statusOf({ status, place }: Row): Posted['status'] {
  if (status === 'scheduled') return 'asleep'
  return status === 'inboxed' && place !== undefined ? 'waiting' : 'running'
}

type InputEntry = { readonly Command: { readonly Input: { readonly payload: readonly number[] } } }

/** A message as an invocation began with it, of the first entry of its journal; none where nothing is to be taken. */
export function messagesIn(entry: Json | undefined): readonly Pick<Posted, 'envelope' | 'outcomes'>[] {
  const { payload } = (JSON.parse(String(entry)) as InputEntry).Command.Input
  const handed = readBytes(payload) as Handed
  return handed === UNTAKEN || 'answer' in handed ? [] : [openHanded(handed)]
}

function postedOf(row: Row): readonly Posted[] {
  return messagesIn(row.input).map((message) => ({ invocation: String(row.id), ...message, status: statusOf(row) }))
}
