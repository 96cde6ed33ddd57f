import { InvalidError, is, NotFoundError } from '../../errors.ts'
import type { WorkRef } from '../../house/actors.ts'
import type { Client } from '../../http/client/client.ts'
import type { AskTrace } from '../../thread/room/port.ts'
import { resolveGoalId, resolveRunId, threadOfAsk } from './ids.ts'

type Kind = keyof typeof LOOKUPS

/** Reads work of a kind by its id. NotFoundError when there is none. */
const LOOKUPS = {
  run: ({ runs }: Client, id: string) => runs.get(id),
  goal: ({ goals }: Client, id: string) => goals.get(id),
  ask: (client: Client, id: string) => readTrace(client, id),
  bulk: ({ bulks }: Client, id: string) => bulks.get(id),
} as const

/**
 * The work that a person names: by KIND/ID, by its id, by the beginning of the id of a run or a goal, or `last` for the
 * newest of the first kind. InvalidError `ambiguous_id` if several kinds have the id.
 */
export async function resolveWork(client: Client, typed: string, kinds: readonly Kind[]): Promise<WorkRef> {
  const named = kinds.find((kind) => typed.startsWith(`${kind}/`))
  if (named) return { kind: named, id: typed.slice(named.length + 1) }
  const first = kinds[0]!
  if (typed === 'last') return { kind: first, id: await startOf(client, first, typed) }
  const errors = await Promise.all(kinds.map((kind) => missing(LOOKUPS[kind](client, typed))))
  const exact = kinds.filter((_, n) => errors[n] === undefined).map((kind) => ({ kind, id: typed }))
  const begun: WorkRef[] = []
  if (exact.length === 0)
    for (const kind of kinds) {
      const id = await startOf(client, kind, typed)
      if (id !== typed) begun.push({ kind, id })
    }
  const [found, ...others] = [...exact, ...begun]
  if (found && others.length > 0) throw ambiguous(typed, [found, ...others])
  if (found || !kinds.includes('ask')) return found ?? { kind: first, id: typed }
  const { hint = '' } = errors[0]!
  throw new NotFoundError(`There is no run or question ${typed}.`, {
    hint: `${hint}${hint && '\n'}A question that is over a day old needs its thread: --thread THREAD`,
  })
}

/** The id that a text begins; another kind has to be typed in full. */
function startOf(client: Client, kind: Kind, typed: string): Promise<string> | string {
  if (kind === 'run') return resolveRunId(client, typed)
  return kind === 'goal' ? resolveGoalId(client, typed) : typed
}

/** The error of a lookup that finds nothing, or that the caller may not make. */
async function missing(lookup: Promise<unknown>) {
  try {
    await lookup
    return undefined
  } catch (error) {
    if (is(error, 'NotFoundError') || (is(error) && error.code === 'scope_missing')) return error
    throw error
  }
}

function ambiguous(typed: string, fits: readonly WorkRef[]): InvalidError {
  const names = fits.map(({ kind, id }) => `${kind}/${id}`)
  return new InvalidError(`${typed} names several things: ${names.join(', ')}.`, {
    code: 'ambiguous_id',
    hint: `Write one of these names instead of ${typed}.`,
  })
}

/** Reads the trace of an ask by its id; NotFoundError with a hint if it is on another thread. */
export async function readTrace({ threads }: Client, id: string, named?: string): Promise<AskTrace> {
  try {
    return await threads.trace(id, named === undefined ? {} : { thread: named })
  } catch (error) {
    if (named !== undefined || !is(error, 'NotFoundError')) throw error
    // an old question with a thread of its own
    return threads.trace(id, { thread: threadOfAsk(id) })
  }
}

/** The thread of an ask: the one that is named, else the one that has the ask. */
export const threadWith = async (client: Client, ask: string, named: string | undefined): Promise<string> =>
  named ?? (await readTrace(client, ask)).thread
