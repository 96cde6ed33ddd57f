import { type Exchange, firstShown, type History } from '../../agent/context/history.ts'
import type { AgentServices } from '../../agent/goal/services.ts'
import { type Round, roundPart } from '../../agent/protocol/rounds.ts'
import { goalRef } from '../../agent/protocol/state.ts'
import { askPartName } from '../../chain/ask/parts.ts'
import { type AskRecord, goalKey, isAtWork } from '../../chain/protocol/ask-state.ts'
import { justBeforePrefix, type ReadParts, readSinglePart } from '../../pipeline/plan/refs.ts'
import { chainRef } from './threads.ts'

/** Conversations whose messages a process holds in memory, and characters of all of them. */
const MAX_HELD = 200
const MAX_HELD_CHARACTERS = 8_000_000

/**
 * Reads the history of conversations. A message that has ended does not change, so it is read once while the process
 * holds its conversation. The conversation that was used least recently is dropped first.
 */
export function historyReader(readParts: ReadParts): AgentServices['readHistory'] {
  const held = new Map<string, Held>()
  let characters = 0

  function heldOf(thread: string): Held {
    const found = held.get(thread) ?? { exchanges: new Map(), characters: 0 }
    held.delete(thread)
    held.set(thread, found)
    return found
  }

  function dropOldest(): void {
    for (const [thread, { characters: size }] of held) {
      if (held.size <= MAX_HELD && characters <= MAX_HELD_CHARACTERS) return
      held.delete(thread)
      characters -= size
    }
  }

  async function read(thread: string, n: number): Promise<Exchange | null | undefined> {
    const record = (await readSinglePart(readParts, chainRef(thread), askPartName(n))) as AskRecord | undefined
    if (!record || isAtWork(record)) return undefined
    // the goal that it has joined shows it
    if (record.goal !== undefined && record.goal !== goalKey(thread, n)) return null
    const { prompt: text, goal, status, answer } = record
    return {
      text,
      rounds: goal === undefined ? [] : await readRounds(goal),
      ...(goal !== undefined && { goal }),
      ...(status === 'completed' ? { answer } : { unanswered: status === 'cancelled' ? status : 'failed' }),
    }
  }

  async function readRounds(goal: string): Promise<readonly Round[]> {
    const rounds: Round[] = []
    const prefix = roundPart('')
    for await (const [part, round] of readParts(goalRef(goal), { prefix, after: justBeforePrefix(prefix) }))
      rounds[Number(part.slice(prefix.length)) - 1] = round as unknown as Round
    return rounds
  }

  return async ({ thread, n }): Promise<History> => {
    const of = heldOf(thread)
    const first = firstShown(n)
    for (const old of of.exchanges.keys()) if (old < first) of.exchanges.delete(old)
    const exchanges: Exchange[] = []
    for (let one = first; one < n; one++) {
      let exchange = of.exchanges.get(one)
      if (exchange === undefined) {
        exchange = await read(thread, one)
        if (exchange === undefined) continue
        const size = JSON.stringify(exchange).length
        of.exchanges.set(one, exchange)
        of.characters += size
        characters += size
      }
      if (exchange) exchanges.push(exchange)
    }
    dropOldest()
    return { exchanges, skipped: first - 1 }
  }
}

/** Messages of a conversation by their numbers; null: it is shown with another one. */
type Held = { readonly exchanges: Map<number, Exchange | null>; characters: number }
