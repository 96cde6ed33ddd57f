import { hash } from 'node:crypto'
import { InvalidError, is, NotFoundError } from '../../errors.ts'
import { KIND, runRef, type WorkRef } from '../../house/actors.ts'
import type { Client } from '../../http/client/client.ts'
import type { GoalsClient, RunsClient } from '../../http/client/ports.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { AskTrace } from '../../thread/room/port.ts'
import { formatCount } from '../terminal/format.ts'

type Runs = { readonly runs: Pick<RunsClient, 'list'> }
type Goals = { readonly goals: Pick<GoalsClient, 'list'> }

export const RUN_ARGUMENT = 'id of the run, the start of its id, or "last" for the newest run that you started'

export const GOAL_ARGUMENT = 'id of the goal, the start of its id, or "last" for the newest goal that you gave'

/** The start of an id is searched among this many of the newest runs or goals. */
const MAX_SEARCHED = 1000
const MAX_IDS_SHOWN = 5
const FULL_ID = /^(?:run|goal)_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/**
 * The id of a run as a person types it: the id itself, its beginning where no other run
 * begins so (`run_` may be left out), or `last` for the newest run that no other run
 * started. A text that names no run is returned unchanged: the request for it then fails.
 */
export function resolveRunId({ runs }: Runs, typed: string): Promise<string> {
  return resolveId(typed, {
    noun: 'run',
    start: 'antiphon run FILE',
    list: (limit) => runs.list({ limit }),
    isGiven: ({ root }) => root === undefined,
  })
}

/** The same for a goal. `last` is the newest goal that nothing else asked for. */
export function resolveGoalId({ goals }: Goals, typed: string): Promise<string> {
  return resolveId(typed, {
    noun: 'goal',
    start: 'antiphon agent run AGENT "GOAL"',
    list: (limit) => goals.list({ limit }),
    isGiven: ({ parent }) => parent === undefined,
  })
}

const GIVEN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

/**
 * The id that a person gives to a new goal; InvalidError for one that is awkward to type, or that contains a dot: the
 * runs of a goal are named after it, with a dot.
 */
export const parseGoalId = (typed: string): string => parseId(typed, 'goal')

/** The same for a new run: its child runs are named after it, with a dot. */
export const parseRunId = (typed: string): string => parseId(typed, 'run')

function parseId(typed: string, noun: string): string {
  if (typed === 'last')
    throw new InvalidError(`\`last\` cannot be the id of a ${noun}: it names the newest one.`, {
      hint: 'Choose another id.',
    })
  if (GIVEN_ID.test(typed)) return typed
  throw new InvalidError(`${JSON.stringify(typed.slice(0, 120))} is not a valid id of a ${noun}.`, {
    hint: 'Use up to 100 letters, digits, hyphens and underscores. Begin with a letter or a digit.',
  })
}

/** An id as a table on a narrow screen shows it, without the sign of the cut. */
const withoutCut = (typed: string): string => typed.replace(/…$/, '')

type Listing<Item> = {
  readonly noun: string
  /** the command that starts one */
  readonly start: string
  /** The newest ones. */
  list(limit: number): Promise<readonly Item[]>
  /** whether a person or a program started it; absent: all of them count */
  isGiven?(item: Item): boolean
}

async function resolveId<Item extends { readonly id: string }>(typed: string, listing: Listing<Item>): Promise<string> {
  const given = withoutCut(typed)
  if (FULL_ID.test(given)) return given
  if (given === 'last') return newest(listing)
  const { noun } = listing
  const ids = (await listing.list(MAX_SEARCHED)).map(({ id }) => id)
  if (ids.includes(given)) return given
  const begun = ids.filter((id) => given.length > 0 && (id.startsWith(given) || id.startsWith(`${noun}_${given}`)))
  if (begun.length > 1) throw ambiguous(noun, given, begun)
  return begun[0] ?? given
}

/** Reads what a text names: an id or KIND/KEY as the inspector knows it, else a run as a person types it. */
export async function readRef<T>(client: Runs, typed: string, read: (ref: string) => Promise<T>): Promise<T> {
  const readRun = (id: string) => read(nameOf(runRef(id)))
  if (typed === 'last') return readRun(await resolveRunId(client, typed))
  try {
    return await read(typed)
  } catch (error) {
    if (!is(error, 'NotFoundError') || typed.includes('/')) throw error
    const id = await resolveRunId(client, typed)
    if (id === typed) throw error
    return readRun(id)
  }
}

async function newest<Item extends { readonly id: string }>({
  noun,
  start,
  list,
  isGiven = () => true,
}: Listing<Item>): Promise<string> {
  const found = (await list(1)).find(isGiven) ?? (await list(MAX_SEARCHED)).find(isGiven)
  if (!found) throw new NotFoundError(`There are no ${noun}s here yet.`, { hint: `Start one with: ${start}` })
  return found.id
}

function ambiguous(noun: string, given: string, ids: readonly string[]): InvalidError {
  const more = ids.length > MAX_IDS_SHOWN ? ' …' : ''
  return new InvalidError(
    `${formatCount(ids.length, noun)} begin with ${given}: ${ids.slice(0, MAX_IDS_SHOWN).join(', ')}${more}`,
    {
      code: 'ambiguous_id',
      hint: 'Type more of the id.',
    },
  )
}

/** The thread of an ask without one: always the same for the same id. An id that cannot name a thread is hashed. */
export function threadOfAsk(ask: string): string {
  const name = ask.replace(/^ask_/, '')
  return `thread_${/^[A-Za-z0-9_-]{1,93}$/.test(name) ? name : hash('sha256', ask, 'base64url')}`
}

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
