import { InvalidError, is, NotFoundError } from '../../errors.ts'
import { KIND, type WorkRef } from '../../house/actors.ts'
import type { Client } from '../../http/client/client.ts'
import type { AskTrace } from '../../thread/room/port.ts'
import { resolveGoalId, resolveRunId, threadOfAsk, withoutCut } from './ids.ts'

type Kind = keyof typeof LOOKUPS

/** Reads work of a kind by its id. NotFoundError when there is none. */
const LOOKUPS = {
  run: ({ runs }: Client, id: string) => runs.get(id),
  goal: ({ goals }: Client, id: string) => goals.get(id),
  ask: (client: Client, id: string) => readTrace(client, id),
  bulk: ({ bulks }: Client, id: string) => bulks.get(id),
} as const

/** The word before an id that says its kind: that of its actor, where it has one. */
const WORDS: { readonly [kind in Kind]: string } = { run: KIND.run, goal: KIND.goal, ask: 'ask', bulk: 'bulk' }

/**
 * The work that a person names: by its id, by KIND/ID, by the beginning of the id of a run or a goal, or by `last` for
 * the newest of the first kind. With `thread`, it is a question. InvalidError `ambiguous_id` if several kinds have it.
 */
export async function resolveWork(
  client: Client,
  typed: string,
  kinds: readonly [Kind, ...(readonly Kind[])],
  thread?: string,
): Promise<WorkRef> {
  if (thread !== undefined) return { kind: 'ask', id: typed }
  const [first] = kinds
  const given = withoutCut(typed)
  const named = kinds.find((kind) => given.startsWith(`${WORDS[kind]}/`))
  if (named) return { kind: named, id: given.slice(WORDS[named].length + 1) }
  if (given === 'last') return { kind: first, id: await startOf(client, first, given) }
  const errors = await Promise.all(kinds.map((kind) => errorIn(LOOKUPS[kind](client, given))))
  const exact = kinds.filter((_, n) => !errors[n]).map((kind) => ({ kind, id: given }))
  const fits = exact.length > 0 ? exact : await begunWith(client, given, kinds)
  if (fits.length > 1) {
    const names = fits.map(({ kind, id }) => `${WORDS[kind]}/${id}`).join(', ')
    const hint = `Write one of these names instead of ${given}.`
    throw new InvalidError(`${given} names several things: ${names}.`, { code: 'ambiguous_id', hint })
  }
  if (fits[0] || !kinds.includes('ask')) return fits[0] ?? { kind: first, id: given }
  const { hint } = errors[0]!
  const old = 'If it is a question that is over a day old, name its thread: --thread THREAD'
  throw new NotFoundError(`There is no run or question ${given}.`, { hint: hint ? `${hint}\n${old}` : old })
}

async function begunWith(client: Client, given: string, kinds: readonly Kind[]) {
  const ids = await Promise.all(kinds.map((kind) => startOf(client, kind, given)))
  return kinds.map((kind, n) => ({ kind, id: ids[n]! })).filter(({ id }) => id !== given)
}

/** The id that a text begins; another kind has to be typed in full. */
function startOf(client: Client, kind: Kind, given: string): Promise<string> | string {
  if (kind === 'run') return resolveRunId(client, given)
  return kind === 'goal' ? resolveGoalId(client, given) : given
}

/** The error of a lookup that finds nothing, or that the caller may not make. */
async function errorIn(lookup: Promise<unknown>) {
  try {
    await lookup
    return undefined
  } catch (error) {
    if (is(error, 'NotFoundError') || (is(error) && error.code === 'scope_missing')) return error
    throw error
  }
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
