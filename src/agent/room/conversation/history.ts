import type { EngineView } from '../../../engine/engine.ts'
import { goalRef } from '../../../house/actors.ts'
import { justBeforePrefix, type ReadParts, readSinglePart } from '../../../kernel/parts.ts'
import { createLru } from '../../../store/lru.ts'
import { type AskRecord, goalKey, isAtWork, numberOfGoal } from '../../../thread/protocol/ask-state.ts'
import type { ReadReply } from '../../../thread/room/read-threads.ts'
import { recordAt } from '../../../thread/room/records.ts'
import { type Exchange, firstShown, type History, spokenRound, spokenRounds, withTold } from '../../context/history.ts'
import type { AgentServices } from '../../goal/services.ts'
import { MEMORY_PART } from '../../memory/recall.ts'
import { repliesIn, textOf, writtenMessage } from '../../protocol/replies.ts'
import { madeBy, type Round, roundPart } from '../../protocol/rounds.ts'
import { peekGoal } from '../../protocol/state.ts'
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
    const record = await recordAt(readParts, thread, n)
    if (!record || isAtWork(record)) return undefined
    // the goal that it has joined shows it
    if (record.goal !== undefined && record.goal !== goalKey(thread, n)) return null
    const { prompt: text, files, goal, status, answer } = record
    const of = { ...(files && { files }), ...(goal !== undefined && { goal }) }
    const recalled = goal !== undefined && (await readSinglePart(readParts, goalRef(goal), MEMORY_PART))
    const about = { text, ...of, ...(typeof recalled === 'string' && { memory: recalled }) }
    if (status === 'completed') {
      const rounds = goal === undefined ? [] : await readRounds(readParts, goal)
      const below = goal === undefined || rounds.length === 0 ? [] : await spokenBelow(goal, answer)
      return { ...about, rounds: [...rounds, ...below], answer }
    }
    const unanswered = status === 'cancelled' ? status : 'failed'
    if (goal === undefined) return { ...about, rounds: [], unanswered }
    await untilRecorded(engine, goal)
    return { ...about, ...(await readStopped(goal)), unanswered }
  }

  /** Reads the words of the agents to which a goal was handed over. */
  async function spokenBelow(goal: string, answer: string): Promise<readonly Round[]> {
    const { handedTo } = (await peekGoal(engine, goal)) ?? {}
    if (!handedTo) return []
    const below = await spokenBelow(handedTo.goal, answer)
    const own = spokenRounds(await readRounds(readParts, handedTo.goal))
    // a round has no text for the value of an output
    const isWhole = below.length > 0 || textOf(own.at(-1)?.said ?? []).trim() === answer.trim()
    return [...withTold(isWhole ? own : [...own, spokenRound(answer)], [answeredBy(handedTo.agent)]), ...below]
  }

  /** Reads the rounds of a goal without an answer, and of the goals to which it was handed over. */
  async function readStopped(goal: string): Promise<Pick<Exchange, 'rounds' | 'notes'>> {
    const { told: notes = [], handedTo } = (await peekGoal(engine, goal)) ?? {}
    const rounds = await readRounds(readParts, goal)
    if (!handedTo) return { rounds, ...(notes.length > 0 && { notes }) }
    const below = await readStopped(handedTo.goal)
    const named = below.rounds.map((round, at) => ({ ...round, run: madeBy(handedTo.goal, at + 1, round) }))
    return { ...below, rounds: [...rounds, ...withTold(named, [answeredBy(handedTo.agent)])] }
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

  /** The agent that gave an answer in the end; undefined: no agent did. */
  async function speakerOf({ agent, goal }: Pick<AskRecord, 'agent' | 'goal'>): Promise<string | undefined> {
    const { handedTo } = (goal !== undefined && (await peekGoal(engine, goal))) || {}
    return handedTo ? speakerOf(handedTo) : agent
  }

  /** A message and its answer, as people read them. An answer to several messages stands at the first of them. */
  async function readSpoken(thread: string, n: number): Promise<Exchange | undefined> {
    const record = await recordAt(readParts, thread, n)
    if (!record || isAtWork(record)) return undefined
    const { prompt: text, files, goal, status, answerFiles, answer, reply = answer } = record
    const isOwn = record.reply !== undefined || goal === undefined || goal === goalKey(thread, n)
    const by = await speakerOf(record)
    const round = isOwn ? spokenRound(reply, answerFiles) : spokenRound('')
    const rounds = by === undefined ? [round] : withTold([round], [answeredBy(by)])
    const end = status !== 'completed' && { unanswered: status === 'cancelled' ? status : ('failed' as const) }
    return { text, ...(files && { files }), rounds, ...end }
  }

  return async ({ thread, n }, form): Promise<History> => {
    const first = firstShown(n)
    const exchanges: Exchange[] = []
    for (let one = first; one < n; one++) {
      const exchange = await (form === 'whole' ? find(thread, one) : readSpoken(thread, one))
      if (exchange) exchanges.push(exchange)
    }
    return { exchanges, skipped: first - 1 }
  }
}

/** Without this note, the model would take the words of another agent for its own. */
const answeredBy = (agent: string) => `(The agent ${agent} answered:)`

async function readRounds(readParts: ReadParts, goal: string): Promise<readonly Round[]> {
  const rounds: Round[] = []
  const prefix = roundPart('')
  for await (const [part, round] of readParts(goalRef(goal), { prefix, after: justBeforePrefix(prefix) }))
    rounds[Number(part.slice(prefix.length)) - 1] = round as Round
  return rounds
}

/** Reads the reply of a goal to a message of its conversation, as `ReadReply` says. */
export const replyReader =
  (view: Pick<EngineView, 'peek' | 'parts'>): ReadReply =>
  async (goal, message, isStopped) => {
    const state = await peekGoal(view, goal)
    const first = numberOfGoal(goal)
    const written = state && !isStopped ? (writtenMessage(state) ?? first) : message + 1
    if (message >= written) return undefined
    const replies = repliesIn(await readRounds(view.parts, goal), first)
    return replies.find((one) => one.message === message)?.text ?? ''
  }
