import { hash } from 'node:crypto'
import { InvalidError, NotFoundError } from '../../errors.ts'
import type { RunsClient } from '../../http/client/ports.ts'
import { formatCount } from '../terminal/format.ts'

type Listing = { readonly runs: Pick<RunsClient, 'list'> }

/** Help text of the argument that names a run. */
export const RUN_ARGUMENT = 'id of the run, the start of its id, or "last" for the newest run'

/** The start of an id is searched among this many of the newest runs. */
const MAX_RUNS_SEARCHED = 1000
const MAX_IDS_SHOWN = 5
const FULL_RUN_ID = /^run_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/**
 * The id of a run as a person types it: the id itself, its beginning where no other run begins so (`run_` may be left out), or
 * `last` for the newest run. A text that names no run is returned unchanged: the request for it then fails.
 */
export async function resolveRunId(client: Listing, typed: string): Promise<string> {
  // a table on a narrow screen cuts ids
  const given = typed.replace(/…$/, '')
  if (FULL_RUN_ID.test(given)) return given
  if (given === 'last') return newest(client)
  const ids = (await client.runs.list({ limit: MAX_RUNS_SEARCHED })).map(({ id }) => id)
  if (ids.includes(given)) return given
  const begun = ids.filter((id) => given.length > 0 && (id.startsWith(given) || id.startsWith(`run_${given}`)))
  if (begun.length > 1) throw ambiguous(given, begun)
  return begun[0] ?? given
}

/** The same where the text may also name a thread or an actor: only `last` and ids that begin with `run_` are runs. */
export async function resolveRef(client: Listing, given: string): Promise<string> {
  return given === 'last' || given.startsWith('run_') ? resolveRunId(client, given) : given
}

async function newest(client: Listing): Promise<string> {
  const [run] = await client.runs.list({ limit: 1 })
  if (!run) throw new NotFoundError('There are no runs here yet.', { hint: 'Start one with: antiphon run FILE' })
  return run.id
}

function ambiguous(given: string, ids: readonly string[]): InvalidError {
  const more = ids.length > MAX_IDS_SHOWN ? ' …' : ''
  return new InvalidError(
    `${formatCount(ids.length, 'run')} begin with ${given}: ${ids.slice(0, MAX_IDS_SHOWN).join(', ')}${more}`,
    {
      code: 'ambiguous_id',
      hint: 'Type more of the id.',
    },
  )
}

/**
 * The thread of an ask that names none: a thread of its own, always the same for the same id. An id that cannot name a thread is hashed.
 */
export function threadOfAsk(ask: string): string {
  const name = ask.replace(/^ask_/, '')
  return `thread_${/^[A-Za-z0-9_-]{1,93}$/.test(name) ? name : hash('sha256', ask, 'base64url')}`
}
