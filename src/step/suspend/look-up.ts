import { type Problem, problemOf } from '../../errors.ts'
import { programBy } from '../../house/by.ts'
import { isInterruption } from '../../kernel/faults.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { EffectCall, Effects, Turn } from '../../kernel/types.ts'
import { clip } from '../../lib/clip.ts'
import { inTime } from '../../lib/time/in-time.ts'
import { timeSpanSchema } from '../../lib/time/span-schema.ts'
import { isBadResult } from '../../tool/bad-result.ts'
import { parseInput } from '../../tool/input.ts'
import { checkResult } from '../../tool/plugin/result.ts'
import type { Tool } from '../../tool/tool.ts'
import { findCalledTool } from '../../tool/toolbox.ts'
import { type AwaitingCallback, type Looks, START_PART, type StepState } from '../attempt/step-state.ts'
import type { StepTurns } from '../attempt/turns.ts'
import { isCallAtWork } from '../call/once-only.ts'
import type { InboxPrompt } from '../messages/inbox-prompt.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { StepParameters } from '../record/outcome.ts'
import { readRef } from '../values.ts'
import { resume } from './await-callback.ts'
import { lookAfter } from './deadline.ts'
import { indexOf } from './send-request.ts'

/**
 * The outcome of a look-up. `counts`: ms after the start of the doubt from which "not done" counts; absent: a person
 * decides. `made`: the call took place, and its result does not fit.
 */
type Found =
  | { readonly type: 'done'; readonly result: Json }
  | { readonly type: 'made'; readonly problem: Problem }
  | { readonly type: 'not-done'; readonly counts?: number; readonly isAtWork: boolean }
  | { readonly type: 'unknown' }
  | { readonly type: 'failed'; readonly why: string }

type OpenFound = Exclude<Found, { readonly type: 'done' | 'made' }>

/** The next move. `later`: it looks again after `delay` ms. `ask`: it does so too, and a person is asked beside it. */
type Move = { readonly type: 'not-done' } | { readonly type: 'later' | 'ask'; readonly delay: number }

/** By itself, a look-up has a call made at most once more. */
const MAX_REMADE = 1
const MAX_FAILURES = 3
const MAX_LOOK_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 600_000

/** Asks the tool whether a call in doubt took place. A person is the other answerer, and the first answer counts. */
export async function lookUp(turns: StepTurns, waiting: AwaitingCallback, effects: Effects): Promise<Turn<StepState>> {
  if (!waiting.looks) return {}
  // "not done" speaks of the moment at which the look-up began
  const began = await effects.now()
  const look = (call: EffectCall) => find(turns, waiting, call) as Promise<Json>
  const found = (await effects.run<Json>('look-up', look, { effect: 'pure' })) as Found
  if (found.type === 'made') return resume(turns, waiting, { problem: found.problem, isOwn: true }, effects)
  const settle = (value: Json) =>
    resume(turns, waiting, { value }, effects, { name: '', value, by: programBy('lookUp'), at: began })
  if (found.type === 'done') return settle({ outcome: 'done', result: found.result })
  const start = (await effects.part(START_PART)) as StepStart
  const { remade = 0 } = start
  const { count, failures } = waiting.looks
  const looks = { ...waiting.looks, count: count + 1, failures: found.type === 'failed' ? failures + 1 : failures }
  const next = nextMove(found, looks, { passed: began - waiting.since, remade })
  switch (next.type) {
    case 'not-done': {
      const turn = await settle('not-done')
      return { ...turn, parts: { ...turn.parts, [START_PART]: { ...start, ...partOf(turn), remade: remade + 1 } } }
    }
    case 'later':
      return { state: { awaiting: { ...waiting, looks } }, index: indexOf(waiting), timers: lookAfter(next.delay) }
    case 'ask':
      if (looks.fails)
        return resume(turns, waiting, { problem: waiting.question.memo as Problem, isOwn: true }, effects)
      return ask(waiting, looks, { at: began, found: wordsOf(found) }, next.delay)
  }
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
  const asked: AwaitingCallback = { ...waiting, question: { ...question, body }, looks: { ...looks, asked: true } }
  return { state: { awaiting: asked }, index: indexOf(asked), timers: lookAfter(delay) }
}

function wordsOf(found: OpenFound): string {
  if (found.type === 'failed') return `The look-up failed: ${found.why}`
  return found.type === 'not-done' ? 'There is no trace of the call.' : 'The look-up does not know.'
}

async function find(
  { services }: StepTurns,
  { tool: name = '', parameters, recovery, since, ...waiting }: AwaitingCallback,
  { signal }: EffectCall,
): Promise<Found> {
  // the call of a handler has a key of its own
  const key = recovery?.call?.key ?? waiting.key
  try {
    const tool = findCalledTool(services.toolbox, name)
    if (!tool?.lookUp) return { type: 'failed', why: `This process has no look-up for ${name}.` }
    const input = parseInput(tool, (await readRef(services.values, parameters)) as StepParameters)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(MAX_LOOK_MS)])
    const found = Promise.resolve(tool.lookUp(input, { idempotencyKey: key, since, signal: limit }))
    return await read(await inTime(found, MAX_LOOK_MS, tooLong), tool, isCallAtWork(services.pool, key))
  } catch (error) {
    if (isInterruption(error) || signal.aborted) throw error
    const problem = services.secrets ? await services.secrets.problem(problemOf(error)) : problemOf(error)
    return isBadResult(error) ? { type: 'made', problem } : { type: 'failed', why: clip(problem.message, 300) }
  }
}

const tooLong = () => new Error(`It took longer than ${MAX_LOOK_MS / 1000} s.`)

/** Reads what a look-up gave. A result that does not fit throws, as that of the call does. */
async function read(given: unknown, tool: Tool, isAtWork: boolean): Promise<Found> {
  const found = given as Json
  if (found === 'unknown') return { type: 'unknown' }
  const isFinal = isJsonObject(found) && found.notDone === 'final'
  if (found === 'not-done' || isFinal) {
    const after = tool.settlesAfter === undefined ? undefined : timeSpanSchema.parse(tool.settlesAfter) * 1000
    const counts = isFinal ? 0 : after
    return { type: 'not-done', isAtWork, ...(counts !== undefined && { counts }) }
  }
  if (isJsonObject(found) && 'done' in found) return { type: 'done', result: await checkResult(tool, found.done) }
  return { type: 'failed', why: "Expected { done }, 'not-done', { notDone: 'final' } or 'unknown'." }
}
