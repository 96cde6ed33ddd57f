import type { Problem } from '../../errors.ts'
import { programBy } from '../../house/by.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, Effects, Turn } from '../../kernel/types.ts'
import { type AwaitingCallback, type Looks, START_PART, type StepState } from '../attempt/step-state.ts'
import { openWork, type StepTurns } from '../attempt/turns.ts'
import type { InboxPrompt } from '../messages/inbox-prompt.ts'
import type { StepStart } from '../messages/step-start.ts'
import { resume } from './await-callback.ts'
import { lookAfter } from './deadline.ts'
import { type Found, findCall } from './find-call.ts'
import { indexOf } from './send-request.ts'

type OpenFound = Exclude<Found, { readonly type: 'done' | 'made' | 'lacks-code' }>

/** The next move. `later`: it looks again after `delay` ms. `ask`: it does so too, and a person is asked beside it. */
type Move = { readonly type: 'not-done' } | { readonly type: 'later' | 'ask'; readonly delay: number }

/** By itself, a look-up has a call made at most once more. */
const MAX_REMADE = 1
const MAX_FAILURES = 3
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 600_000

/** Asks the tool whether a call in doubt took place. A person is the other answerer, and the first answer counts. */
export async function lookUp(turns: StepTurns, waiting: AwaitingCallback, effects: Effects): Promise<Turn<StepState>> {
  if (!waiting.looks) return {}
  const start = (await effects.part(START_PART)) as StepStart
  // "not done" speaks of the moment at which the look-up began
  const began = await effects.now()
  const look = (call: EffectCall) =>
    findCall({ ...turns, start, work: openWork(turns, start) }, waiting, call, effects) as Promise<Json>
  const found = (await effects.run<Json>('look-up', look, { effect: 'pure' })) as Found
  if (found.type === 'made') return resume(turns, waiting, { problem: found.problem, isOwn: true }, effects)
  const settle = (value: Json) =>
    resume(turns, waiting, { value }, effects, { name: '', value, by: programBy('lookUp'), at: began })
  if (found.type === 'done') return settle({ outcome: 'done', result: found.result })
  const { lacks: _, ...before } = waiting.looks
  // it looks again when a process with that code opens the data folder
  if (found.type === 'lacks-code') return waitOn(waiting, { ...before, lacks: found.problem.message.slice(0, 500) })
  const { remade = 0 } = start
  const { count, failures } = before
  const looks = { ...before, count: count + 1, failures: found.type === 'failed' ? failures + 1 : failures }
  const next = nextMove(found, looks, { passed: began - waiting.since, remade })
  switch (next.type) {
    case 'not-done': {
      const turn = await settle('not-done')
      return { ...turn, parts: { ...turn.parts, [START_PART]: { ...start, ...partOf(turn), remade: remade + 1 } } }
    }
    case 'later':
      return { ...waitOn(waiting, looks), timers: lookAfter(next.delay) }
    case 'ask':
      if (looks.fails)
        return resume(turns, waiting, { problem: waiting.question.memo as Problem, isOwn: true }, effects)
      return ask(waiting, looks, { at: began, found: wordsOf(found) }, next.delay)
  }
}

function waitOn(waiting: AwaitingCallback, looks: Looks): Turn<StepState> {
  const awaiting = { ...waiting, looks }
  return { state: { awaiting }, index: indexOf(awaiting) }
}

const partOf = (turn: Turn<StepState>) => (turn.parts?.[START_PART] ?? {}) as Partial<StepStart>

/** The next move, by a look-up that began `passed` ms after the outcome became unknown. */
export function nextMove(
  found: OpenFound,
  { count, failures }: Looks,
  { passed, remade }: { readonly passed: number; readonly remade: number },
): Move {
  const delay = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(count - 1, 20), LONGEST_PAUSE_MS)
  switch (found.type) {
    case 'not-done': {
      const { counts, isAtWork } = found
      if (counts === undefined || remade >= MAX_REMADE) return { type: 'ask', delay }
      if (passed < counts) return { type: 'later', delay: Math.max(1, counts - passed) }
      return isAtWork ? { type: 'later', delay } : { type: 'not-done' }
    }
    case 'unknown':
      return { type: 'ask', delay }
    case 'failed':
      return { type: failures >= MAX_FAILURES ? 'ask' : 'later', delay }
  }
}

/** A person is asked beside the look-ups, and sees what the last one found. */
function ask(
  { question, ...waiting }: AwaitingCallback,
  looks: Looks,
  lookedUp: NonNullable<InboxPrompt['lookedUp']>,
  delay: number,
): Turn<StepState> {
  const body = { ...(question.body as { readonly [field: string]: Json }), lookedUp }
  const asked: AwaitingCallback = { ...waiting, question: { ...question, body } }
  return { ...waitOn(asked, { ...looks, asked: true }), timers: lookAfter(delay) }
}

function wordsOf(found: OpenFound): string {
  if (found.type === 'failed') return `The look-up failed: ${found.why}`
  return found.type === 'not-done' ? 'There is no trace of the call.' : 'The look-up does not know.'
}
