import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { parseListText } from '../../language/parse/inputs/list-text.ts'
import type { LoopCondition, LoopWork, RepeatConditions } from '../../plan/compiled.ts'
import { storeRef } from '../../plan/refs.ts'
import type { StepContext, StepResult } from '../context.ts'
import { holds, renderAll } from '../templates/render.ts'
import { collectLoop } from './collect.ts'
import type { End } from './loop-result.ts'

const MOST = 100_000
const WIDEST = 1000
/** The list goes with the message of each step of each iteration: a longer one is kept once. */
const CARRIED = 1024

/** What a loop tells its run at first: what it goes over, or whether it turns at all and how often at most. */
export function openLoop(loop: LoopWork, context: StepContext): StepResult | Promise<StepResult> {
  return loop.turns ? openTurns(loop, loop.turns, context) : openList(loop, context)
}

/** What a loop tells its run when all its iterations have ended, or one failed: that it turns once more, or what it came to. */
export function continueLoop(loop: LoopWork, context: StepContext): StepResult | Promise<StepResult> {
  const { turn = 0, problem } = context.start
  if (problem) return collectLoop(loop, context, problem.code === 'timeout' ? 'timeout' : 'error')
  const { most = 0 } = context.start.loops?.[context.instance.node] ?? {}
  const end = loop.turns ? endOf(loop.turns, turn, most, context) : 'list'
  return end === undefined ? { type: 'loop', reply: { length: turn + 1 } } : collectLoop(loop, context, end)
}

/** Renders what decides how a loop goes on, as it is rendered when that counts. */
export function lookAtLoop({ list = [], maxParallel, turns }: LoopWork, context: StepContext): void {
  const { turn, problem, loops } = context.start
  if (problem) return
  if (!turns) renderAll(turn === undefined ? [list, maxParallel] : [], context.pipeline, context.scope, [])
  else if (turn === undefined) endOf(turns, 0, mostFor(turns, context), context)
  else endOf(turns, turn, loops?.[context.instance.node]?.most ?? 0, context)
}

// what goes over a list

async function openList(loop: LoopWork, context: StepContext): Promise<StepResult> {
  const { services, pipeline, scope } = context
  const key = loop.kind === 'queue' ? 'on' : loop.kind
  const list = parseListText(renderAll(loop.list ?? [], pipeline, scope, [key]), key)
  if (list.length > MOST)
    throw new TerminalError(`${key}: ${list.length} items, at most ${MOST}`, { code: 'too_large' })
  const width = widthOf(loop, context)
  const reply = { list: await storeRef(services.values, list, CARRIED), length: list.length }
  return { type: 'loop', reply: width === undefined ? reply : { ...reply, width } }
}

/** How many iterations may be in flight; undefined: a number that its author wrote. */
function widthOf({ maxParallel, kind }: LoopWork, { pipeline, scope }: StepContext): number | undefined {
  if (typeof maxParallel === 'number') return undefined
  const key = kind === 'foreach' ? 'max_concurrent' : 'max_parallel'
  return wholeOf(renderAll(maxParallel, pipeline, scope, [key]), key, 1, WIDEST)
}

// what turns as long as its conditions say

function openTurns(loop: LoopWork, turns: RepeatConditions, context: StepContext): StepResult | Promise<StepResult> {
  const most = mostFor(turns, context)
  const end = endOf(turns, 0, most, context)
  return end === undefined ? { type: 'loop', reply: { most, length: 1 } } : collectLoop(loop, context, end, most)
}

const mostFor = (turns: RepeatConditions, { pipeline, scope }: StepContext) =>
  wholeOf(renderAll(turns.most, pipeline, scope, ['max_iterations']), 'max_iterations', 0, MOST)

function wholeOf(value: Json, key: string, least: number, most: number): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof count === 'number' && Number.isInteger(count) && count >= least && count <= most) return count
  const shown = JSON.stringify(value).slice(0, 100)
  throw new TerminalError(`${key}: ${shown} is no whole number from ${least} to ${most}`, { code: 'bad_value' })
}

/** Why a loop does not turn once more after so many turns; undefined: it does. */
function endOf(turns: RepeatConditions, turn: number, most: number, context: StepContext): End | undefined {
  if (turns.after && isDone(turns, turn, context)) return 'condition'
  if (turn >= most) return 'max_iterations'
  return !turns.after && isDone(turns, turn, context) ? 'condition' : undefined
}

/** Before the first turn only what can be told without one is asked. */
function isDone({ while: goesOn, until }: RepeatConditions, turn: number, context: StepContext): boolean {
  const scope = context.turnScope(turn)
  const asked = (condition: LoopCondition | undefined) => condition && (turn > 0 || condition.first)
  if (asked(goesOn) && !holds(goesOn!.text, context.pipeline, scope)) return true
  return Boolean(asked(until)) && holds(until!.text, context.pipeline, scope)
}
