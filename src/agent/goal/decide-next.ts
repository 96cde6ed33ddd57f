import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { RoundCall } from '../protocol/rounds.ts'
import type { Thinking, Waiting } from '../protocol/state.ts'
import type { GoalWait } from '../protocol/stored-goal.ts'
import { unknownText } from './calls/unknown-calls.ts'
import type { HandOff } from './hand-off.ts'
import type { LoopVerdict } from './loop-guard.ts'
import type { FinalAnswer } from './think/final-answer.ts'

export type Next =
  | { readonly type: 'think' | 'act' | 'pause' }
  | { readonly type: 'wait'; readonly wait: GoalWait }
  | { readonly type: 'complete'; readonly answer: string; readonly output?: Json; readonly lacks?: readonly string[] }
  | { readonly type: 'fail'; readonly problem: Problem }
  | { readonly type: 'hand-off'; readonly to: Extract<HandOff, { readonly agent: string }> }

/** The latest event of a goal, as its decisions need it. */
type GoalEvent =
  | { readonly type: 'ready' }
  | {
      readonly type: 'thought'
      readonly text: string
      readonly refused?: string
      readonly lacks?: readonly string[]
      /** with the results of the calls that need no run */
      readonly calls: readonly RoundCall[]
      /** absent: some need a run */
      readonly loop?: LoopVerdict['verdict']
      readonly handOff?: HandOff
      readonly final?: FinalAnswer
    }
  | {
      readonly type: 'acted'
      readonly calls: readonly RoundCall[]
      readonly loop: LoopVerdict['verdict']
      readonly onUnknown: AgentDefinition['onUnknown']
    }

/** Decides what a goal does next; `at` in ms since the epoch. Pure: equal arguments give equal decisions. */
export function decideNext(state: Thinking | Waiting, happened: GoalEvent, at: number): Next {
  switch (happened.type) {
    case 'ready':
      return beforeThinking(state, at)
    case 'thought':
      if (happened.refused !== undefined) return { type: 'fail', problem: refusal(happened.refused) }
      if (happened.handOff && 'problem' in happened.handOff) return { type: 'fail', problem: happened.handOff.problem }
      if (happened.handOff && 'agent' in happened.handOff) return { type: 'hand-off', to: happened.handOff }
      if (happened.final) return afterAnswer(state, happened.final, happened, at)
      if (happened.calls.length === 0) return completion(happened)
      return happened.loop ? afterLoops(state, happened.loop, at) : { type: 'act' }
    case 'acted':
      return afterActing(state, happened, at)
  }
}

/** Invalid answers that are returned to the model. The next one fails the goal. */
const MAX_WRONG_ANSWERS = 2

/** An answer that fits completes the goal; another one goes back to the model. */
function afterAnswer(
  state: Thinking | Waiting,
  final: FinalAnswer,
  { lacks, loop = { type: 'fine' } }: Extract<GoalEvent, { type: 'thought' }>,
  at: number,
): Next {
  if ('value' in final)
    return { type: 'complete', answer: JSON.stringify(final.value), output: final.value, ...(lacks && { lacks }) }
  if ((state.wrongAnswers ?? 0) > MAX_WRONG_ANSWERS) return { type: 'fail', problem: invalidOutput(final) }
  return afterLoops(state, loop, at)
}

function completion({ text, lacks }: Extract<GoalEvent, { type: 'thought' }>): Next {
  return { type: 'complete', answer: text, ...(lacks && { lacks }) }
}

function afterActing(
  state: Thinking | Waiting,
  { calls, loop, onUnknown = 'ask' }: Extract<GoalEvent, { type: 'acted' }>,
  at: number,
): Next {
  const unknown = calls.filter(({ result }) => result?.outcome === 'unknown')
  if (unknown.length > 0 && onUnknown === 'fail') return { type: 'fail', problem: unknownOutcome(unknown) }
  if (unknown.length > 0 && onUnknown === 'ask') {
    const title = `It is ${unknownText(unknown)} Check, and tell the goal what you found.`
    return { type: 'wait', wait: { type: 'unknown', title, since: at } }
  }
  return afterLoops(state, loop, at)
}

function afterLoops(state: Thinking | Waiting, loop: LoopVerdict['verdict'], at: number): Next {
  if (loop.type === 'stuck') {
    const title = `The goal repeats ${loop.tool} with the same result, even after a warning (agent_stuck).`
    return { type: 'wait', wait: { type: 'stuck', title, since: at } }
  }
  return beforeThinking(state, at)
}

/** A goal thinks unless somebody paused it or a limit is reached. */
function beforeThinking({ pauseRequested, rounds, tokens, limits }: Thinking | Waiting, at: number): Next {
  if (pauseRequested) return { type: 'pause' }
  const limit = (name: 'rounds' | 'tokens' | 'deadline', title: string): Next => ({
    type: 'wait',
    wait: { type: 'limit', limit: name, title, since: at },
  })
  if (rounds >= limits.rounds) return limit('rounds', `The goal has used its ${limits.rounds} rounds.`)
  if (tokens >= limits.tokens) return limit('tokens', `The goal has used ${tokens} of ${limits.tokens} tokens.`)
  if (at >= limits.until) return limit('deadline', 'The goal has reached its deadline.')
  return { type: 'think' }
}

function refusal(why: string): Problem {
  return { code: 'model_refused', name: 'TerminalError', message: `the model declined: ${why}`, terminal: true }
}

function unknownOutcome(calls: readonly RoundCall[]): Problem {
  return { code: 'unknown', name: 'UnknownError', message: `it is ${unknownText(calls)}`, terminal: true }
}

function invalidOutput({ wrong, text }: Extract<FinalAnswer, { wrong: string }>): Problem {
  return {
    code: 'invalid_output',
    name: 'TerminalError',
    terminal: true,
    message: `the answer does not fit the output of the agent, asked ${MAX_WRONG_ANSWERS + 1} times: ${wrong}`,
    hint: 'Allow more in `output` of the agent, or say in its instructions what the answer has to be.',
    data: { path: 'output', reply: text.slice(0, MAX_REPLY) },
  }
}

/** Characters of a wrong answer that its error keeps. */
const MAX_REPLY = 64 * 1024
