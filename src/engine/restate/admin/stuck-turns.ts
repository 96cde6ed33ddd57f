import type { QueryRow } from '../client/client.ts'
import type { Admin } from './admin-api.ts'
import { sqlText } from './mail.ts'
import { isOwnColumn, targetOf } from './service-names.ts'

/** A turn without progress: the server retries it, or has paused it. */
export type StuckTurn = {
  /** the server's id of the turn */
  readonly invocation: string
  /** kind/key of the actor, which takes no other message meanwhile */
  readonly target: string
  readonly status: 'paused' | 'backing-off'
  /** ms since the epoch: the last progress of the turn */
  readonly since: number
  readonly attempts: number
  /** the server's id of the release on which it began; absent: none */
  readonly release?: string
  readonly failure?: TurnFailure
}
export type TurnFailure = { readonly code?: string; readonly message: string }

/** Maximum number of reported turns, the oldest first. */
const MAX_SHOWN = 100

export async function surveyStuckTurns(admin: Admin, namespace: string): Promise<readonly StuckTurn[]> {
  const rows = await admin.query(
    `select id, target_service_name as service, target_service_key as key, status, retry_count as attempts,
       modified_at as since, pinned_deployment_id as release, last_failure as message, last_failure_error_code as code
     from sys_invocation
     where status in ('paused', 'backing-off') and ${isOwnColumn(namespace, 'target_service_name')}
     order by modified_at limit ${MAX_SHOWN}`,
  )
  const reasons = await reasonsOf(
    admin,
    rows.filter(({ status }) => status === 'paused'),
  )
  return rows.map((row) => stuckOf(namespace, { ...row, ...reasons.get(String(row.id)) }))
}

/** The failures of paused turns, from the journal events of the server: the status table no longer has them. */
async function reasonsOf(admin: Admin, paused: readonly QueryRow[]): Promise<ReadonlyMap<string, QueryRow>> {
  if (paused.length === 0) return new Map()
  const events = await admin.query(
    `select id, event_json as event from sys_journal_events
     where event_type = 'Paused' and id in (${paused.map(({ id }) => sqlText(id))}) order by appended_at`,
  )
  return new Map(events.map(({ id, event }) => [String(id), reasonIn(String(event))]))
}

type Paused = { readonly last_failure?: { readonly error_message: string; readonly restate_doc_error_code?: string } }

function reasonIn(event: string): QueryRow {
  const { last_failure: failure } = JSON.parse(event) as Paused
  return { message: failure?.error_message, code: failure?.restate_doc_error_code }
}

function stuckOf(namespace: string, row: QueryRow): StuckTurn {
  const failure = failureOf(row)
  return {
    invocation: String(row.id),
    target: targetOf(namespace, row),
    status: row.status as StuckTurn['status'],
    since: Date.parse(String(row.since)),
    attempts: Number(row.attempts ?? 0),
    ...(row.release !== undefined && { release: String(row.release) }),
    ...(failure && { failure }),
  }
}

/** The last failure in a row with `message` and `code`. */
export function failureOf({ message, code }: QueryRow): TurnFailure | undefined {
  if (message === undefined) return undefined
  return { ...(code !== undefined && { code: String(code) }), message: String(message) }
}
