import { type Exchange, firstShown, type History } from '../../agent/context/history.ts'
import type { AgentServices } from '../../agent/goal/services.ts'
import { MEMORY_PART } from '../../agent/memory/recall.ts'
import { madeBy, type Round, roundPart } from '../../agent/protocol/rounds.ts'
import { goalRef, peekGoal } from '../../agent/protocol/state.ts'
import { justBeforePrefix, type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { createLru } from '../../store/lru.ts'
import { askPartName } from '../../thread/actor/parts.ts'
import { type AskRecord, goalKey, isAtWork } from '../../thread/protocol/ask-state.ts'
import { threadRef } from '../../thread/protocol/refs.ts'
import { type Looking, untilRecorded } from './until-recorded.ts'

/** Characters of the messages that a process holds in memory, and how many each of them counts at least. */
const MAX_HELD_CHARACTERS = 8_000_000
const LEAST_CHARACTERS = 200

/**
 * Reads the history of conversations. A message that was answered does not change, so a process reads it once, as long
 * as it is not among those that were used least recently. What interrupted calls did may become known later.
 */
export function historyReader(engine: Looking): AgentServices['readHistory'] {
  const { readParts } = engine
  const held = createLru<{ readonly exchange: Exchange | null }>(MAX_HELD_CHARACTERS)

  /** null: it is shown with another message; undefined: it has not ended. */
  async function read(thread: string, n: number): Promise<Exchange | null | undefined> {
    const record = (await readSinglePart(readParts, threadRef(thread), askPartName(n))) as AskRecord | undefined
    if (!record || isAtWork(record)) return undefined
    // the goal that it has joined shows it
    if (record.goal !== undefined && record.goal !== goalKey(thread, n)) return null
    const { prompt: text, goal, status, answer } = record
    const of = goal !== undefined && { goal }
    const recalled = goal !== undefined && (await readSinglePart(readParts, goalRef(goal), MEMORY_PART))
    const about = { text, ...of, ...(typeof recalled === 'string' && { memory: recalled }) }
    if (status === 'completed')
      return { ...about, rounds: goal === undefined ? [] : await readRounds(readParts, goal), answer }
    const unanswered = status === 'cancelled' ? status : 'failed'
    if (goal === undefined) return { text, rounds: [], unanswered }
    await untilRecorded(engine, goal)
    return { ...about, ...(await readStopped(goal)), unanswered }
  }

  /** Reads the rounds of a goal without an answer, and of the goals to which it was handed over. */
  async function readStopped(goal: string): Promise<Pick<Exchange, 'rounds' | 'notes'>> {
    const { told: notes = [], handedTo } = (await peekGoal(engine, goal)) ?? {}
    const rounds = await readRounds(readParts, goal)
    if (!handedTo) return { rounds, ...(notes.length > 0 && { notes }) }
    const below = await readStopped(handedTo.goal)
    const named = below.rounds.map((round, at) => ({ ...round, run: madeBy(handedTo.goal, at + 1, round) }))
    return { ...below, rounds: [...rounds, ...named] }
  }

  async function find(thread: string, n: number): Promise<Exchange | null | undefined> {
    const key = goalKey(thread, n)
    const known = held.get(key)
    if (known) return known.exchange
    const exchange = await read(thread, n)
    if (exchange !== undefined && exchange?.unanswered === undefined)
      held.set(key, { exchange }, LEAST_CHARACTERS + JSON.stringify(exchange).length)
    return exchange
  }

  return async ({ thread, n }): Promise<History> => {
    const first = firstShown(n)
    const exchanges: Exchange[] = []
    for (let one = first; one < n; one++) {
      const exchange = await find(thread, one)
      if (exchange) exchanges.push(exchange)
    }
    return { exchanges, skipped: first - 1 }
  }
}

/** The rounds of a goal so far. */
export async function readRounds(readParts: ReadParts, goal: string): Promise<readonly Round[]> {
  const rounds: Round[] = []
  const prefix = roundPart('')
  for await (const [part, round] of readParts(goalRef(goal), { prefix, after: justBeforePrefix(prefix) }))
    rounds[Number(part.slice(prefix.length)) - 1] = round as unknown as Round
  return rounds
}
