import type { Envelope } from '../../kernel/types.ts'
import type { Client, Row } from './client.ts'
import { UNTAKEN } from './send.ts'

/** A message in the mail of an actor, as the server has it. */
export type Posted = {
  readonly invocation: string
  readonly envelope: Envelope
  readonly status: 'running' | 'waiting' | 'asleep'
}

/** What an actor has before it: the turn under way, what waits in its order, and what sleeps. `beside`: an invocation of any handler of that actor. */
export async function mailBeside(client: Client, beside: string): Promise<readonly Posted[]> {
  // nothing else spares the server looking at all it has; as a number it would be rounded
  const [at] = await client.query(
    `select cast(partition_key as varchar) as part, target_service_name as service, target_service_key as key
     from sys_invocation_status where id = ${text(beside)}`,
  )
  if (!at) return []
  const rows = await client.query(
    `select i.id, i.status, j.entry_json as input, b.sequence_number as place
     from sys_invocation_status i
     join sys_journal j on j.id = i.id
     left join sys_inbox b on b.id = i.id and b.partition_key = ${at.part}
     where i.partition_key = ${at.part} and j.partition_key = ${at.part} and j.index = 0
       and i.status <> 'completed' and i.target_handler_name = 'take'
       and i.target_service_name = ${text(at.service)} and i.target_service_key = ${text(at.key)}
     order by b.sequence_number, i.created_at`,
  )
  return rows.map(postedOf).filter(({ envelope }) => envelope !== UNTAKEN)
}

/** One message; undefined when it is taken. */
export async function mailOf(client: Client, invocation: string): Promise<Posted | undefined> {
  const [row] = await client.query(
    `select i.id, i.status, j.entry_json as input, 0 as place from sys_invocation_status i join sys_journal j on j.id = i.id
     where i.id = ${text(invocation)} and j.id = ${text(invocation)} and j.index = 0 and i.status <> 'completed'`,
  )
  return row && postedOf(row)
}

/** A text as SQL has it. */
export const text = (value: unknown) => `'${String(value).replaceAll("'", "''")}'`

/** What lies in a journal as bytes. */
export const readBytes = (bytes: readonly number[]): unknown => JSON.parse(Buffer.from(bytes).toString())

// the server looks at one table after the other: who has left the inbox meanwhile has begun
function statusOf({ status, place }: Row): Posted['status'] {
  if (status === 'scheduled') return 'asleep'
  return status === 'inboxed' && place !== undefined ? 'waiting' : 'running'
}

type InputEntry = { readonly Command: { readonly Input: { readonly payload: readonly number[] } } }

function postedOf(row: Row): Posted {
  const { payload } = (JSON.parse(String(row.input)) as InputEntry).Command.Input
  const envelope = readBytes(payload) as Envelope
  return { invocation: String(row.id), envelope, status: statusOf(row) }
}
