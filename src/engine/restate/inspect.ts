import type { ObjectSharedContext } from '@restatedev/restate-sdk'
import type { ActorRef, Cell } from '../../kernel/types.ts'
import { type Inspected, type Inspection, inspected, type Known, limitOf } from '../inspect.ts'
import { nameOf, refOf } from '../mailbox.ts'
import type { Client } from './client.ts'
import { mailBeside, text } from './mail.ts'
import { CELL, keyFrom, type Names } from './names.ts'
import type { Node } from './node.ts'
import { recordedOf, runningOf } from './recorded.ts'

/** An actor as it stands, or null: a handler that runs beside its turns. */
export async function inspectActor(
  { client }: Node,
  ctx: ObjectSharedContext,
  of: ActorRef,
): Promise<Inspected | null> {
  const mail = await mailBeside(client, ctx.request().id)
  // the mail first: a message whose turn ends in between is seen by what it left
  const cell = (await ctx.get<Cell>(CELL)) ?? undefined
  const itemsOf = (wanted: string) => mail.filter(({ status }) => status === wanted)
  const [turn] = itemsOf('running')
  const known: Known = {
    of,
    cell,
    running: turn && runningOf(turn.envelope, await recordedOf(client, turn.invocation)),
    queue: itemsOf('waiting'),
    asleep: itemsOf('asleep'),
    held: [],
  }
  return inspected(known) ?? null
}

type Lent = {
  readonly client: Client
  readonly names: Names
  readonly kinds: readonly string[]
  look(of: ActorRef): Promise<Inspected | null>
}

/** Actors by name. Without a key the server looks through all it has: for operators, not for programs. */
export async function inspectActors(lent: Lent, query: Inspection): Promise<readonly Inspected[]> {
  const found: Inspected[] = []
  const limit = limitOf(query)
  for (const name of await namesOf(lent, query)) {
    if (found.length === limit) break
    const actor = await lent.look(refOf(name))
    if (actor) found.push(actor)
  }
  return found
}

async function namesOf({ client, names, kinds }: Lent, { kind, key, after }: Inspection): Promise<readonly string[]> {
  const wanted = kinds.filter((each) => kind === undefined || each === kind)
  if (wanted.length === 0) return []
  if (kind !== undefined && key !== undefined) return [nameOf({ kind, key })]
  const services = new Map(wanted.map((each) => [names.ofKind(each), each]))
  const rows = await client.query(
    `select service_name as service, service_key as key from state
       where key = '${CELL}' and service_name in (${[...services.keys()].map(text)})
     union select target_service_name as service, target_service_key as key from sys_invocation_status
       where status <> 'completed' and target_handler_name = 'take' and target_service_name in (${[...services.keys()].map(text)})`,
  )
  const all = rows.map((row) => nameOf({ kind: services.get(String(row.service))!, key: keyFrom(String(row.key)) }))
  return all.filter((name) => after === undefined || name > nameOf(after)).sort()
}
