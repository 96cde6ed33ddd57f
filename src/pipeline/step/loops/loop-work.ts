import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { StepResult } from '../../../step/call/context.ts'
import { storeRef } from '../../../step/values.ts'
import { parseListText, parseYieldedList } from '../../language/parse/inputs/list-text.ts'
import type { LoopCondition, LoopWork, RepeatConditions } from '../../plan/compiled.ts'
import type { LoopContext } from '../../plan/messages/step-order.ts'
import type { PipelineContext } from '../context.ts'
import { isTrue, renderAll, renderLoopList } from '../templates/render.ts'
import { collectLoop } from './collect.ts'
import type { LoopEndReason } from './loop-result.ts'

const NO_LOOP: Partial<LoopContext> = {}

const MAX_ITERATIONS = 100_000
const MAX_PARALLEL = 1000
/** The list is sent with the start of every step of every iteration, so a longer list is stored once. */
const MAX_INLINE_LIST_CHARS = 1024

/** The first reply of a loop to its run: its list, or whether it iterates at all and its limit. */
export function openLoop(loop: LoopWork, context: PipelineContext): StepResult | Promise<StepResult> {
  return loop.kind === 'while' ? openTurns(loop, context) : openList(loop, context)
}

/** The reply of a loop once its iterations have ended or one failed: another iteration, or its result. */
export function continueLoop(loop: LoopWork, context: PipelineContext): StepResult | Promise<StepResult> {
  const { iteration: turn = 0, problem, views } = context.start.work.order.loop ?? NO_LOOP
  if (problem) return collectLoop(loop, context, problem.code === 'timeout' ? 'timeout' : 'error')
  const { most = 0 } = views?.[context.instance.node] ?? {}
  const end = loop.kind === 'while' ? endReasonOf(loop.turns, turn, most, context) : 'list'
  return end === undefined ? { type: 'loop', reply: { length: turn + 1 } } : collectLoop(loop, context, end)
}

/** Renders the texts that decide how a loop continues, to find the tags in them. */
export function renderLoopTexts(loop: LoopWork, context: PipelineContext): void {
  const { iteration: turn, problem, views } = context.start.work.order.loop ?? NO_LOOP
  if (problem) return
  if (loop.kind === 'list')
    renderAll(turn === undefined ? [loop.list, loop.maxParallel] : [], context.pipeline, context.scope, [])
  else if (turn === undefined) endReasonOf(loop.turns, 0, maxIterationsOf(loop.turns, context), context)
  else endReasonOf(loop.turns, turn, views?.[context.instance.node]?.most ?? 0, context)
}

// loops over a list

async function openList(loop: Extract<LoopWork, { kind: 'list' }>, context: PipelineContext): Promise<StepResult> {
  const { services, pipeline, scope } = context
  const key = loop.shape === 'queue' ? 'on' : loop.shape
  const { list: written } = loop
  const readList = hasTemplate(written) ? parseYieldedList : parseListText
  const list = readList(renderLoopList(written, pipeline, scope, key), key)
  if (list.length > MAX_ITERATIONS)
    throw new TerminalError(`${key}: expected at most ${MAX_ITERATIONS} items, got ${list.length}.`, {
      code: 'too_large',
    })
  const width = widthOf(loop, context)
  const reply = { list: await storeRef(services.values, list, MAX_INLINE_LIST_CHARS), length: list.length }
  return { type: 'loop', reply: width === undefined ? reply : { ...reply, width } }
}

const hasTemplate = (list: Json) => typeof list === 'string' && /\{\{|\{%/.test(list)

/** The number of iterations in flight; undefined when the author wrote a number. */
function widthOf({ maxParallel, shape }: LoopWork, { pipeline, scope }: PipelineContext): number | undefined {
  if (typeof maxParallel === 'number') return undefined
  const key = shape === 'foreach' ? 'max_concurrent' : 'max_parallel'
  return wholeNumber(renderAll(maxParallel, pipeline, scope, [key]), key, 1, MAX_PARALLEL)
}

// loops with conditions

function openTurns(
  loop: Extract<LoopWork, { kind: 'while' }>,
  context: PipelineContext,
): StepResult | Promise<StepResult> {
  const { turns } = loop
  const most = maxIterationsOf(turns, context)
  const end = endReasonOf(turns, 0, most, context)
  return end === undefined ? { type: 'loop', reply: { most, length: 1 } } : collectLoop(loop, context, end, most)
}

const maxIterationsOf = (turns: RepeatConditions, { pipeline, scope }: PipelineContext) =>
  wholeNumber(renderAll(turns.most, pipeline, scope, ['max_iterations']), 'max_iterations', 0, MAX_ITERATIONS)

function wholeNumber(value: Json, key: string, least: number, most: number): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof count === 'number' && Number.isInteger(count) && count >= least && count <= most) return count
  const shown = JSON.stringify(value).slice(0, 100)
  throw new TerminalError(`${key}: expected a whole number from ${least} to ${most}, got ${shown}.`, {
    code: 'bad_value',
  })
}

/** The reason why a loop does not iterate again after `turn` iterations; undefined: it does. */
function endReasonOf(
  turns: RepeatConditions,
  turn: number,
  most: number,
  context: PipelineContext,
): LoopEndReason | undefined {
  if (turns.after && conditionEnds(turns, turn, context)) return 'condition'
  if (turn >= most) return 'max_iterations'
  return !turns.after && conditionEnds(turns, turn, context) ? 'condition' : undefined
}

/** Before the first iteration only conditions that do not depend on one are tested. */
function conditionEnds({ while: goesOn, until }: RepeatConditions, turn: number, context: PipelineContext): boolean {
  const scope = context.turnScope(turn)
  const asked = (condition: LoopCondition | undefined) => condition && (turn > 0 || condition.first)
  if (asked(goesOn) && !isTrue(goesOn!.text, context.pipeline, scope)) return true
  return Boolean(asked(until)) && isTrue(until!.text, context.pipeline, scope)
}
