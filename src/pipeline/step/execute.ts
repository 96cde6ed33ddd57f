import { is, TerminalError } from '../../errors.ts'

import { isInterruption } from '../../kernel/faults.ts'
import { type AttemptOutcome, type EndDetails, toOutcome } from '../../step/attempt/outcome.ts'
import { checkCallCondition } from '../../step/call/call-condition.ts'
import type { QueuedCall, StepResult } from '../../step/call/context.ts'
import { withPermissionHint } from '../../step/call/permissions.ts'
import { runTool } from '../../step/call/tool-call.ts'
import { fairnessKey } from '../../step/messages/step-start.ts'
import type { CompiledStep, StepWork, ToolWork } from '../plan/compiled.ts'
import { callParameters, findTool } from './approval/called-tool.ts'
import { contextAt, type PipelineAttempt, positionOf } from './attempt.ts'
import { evaluateCondition, renderOutputs, resolveDependencies, resolveInputs } from './builtin-work.ts'
import { requestByTool, requestChain } from './callback/request.ts'
import type { PipelineContext } from './context.ts'
import { cutOffNotes, endIfUsedUp } from './cut-off.ts'
import { continueLoop, openLoop } from './loops/loop-work.ts'
import { runTextAction } from './model-call/text-action.ts'
import { withNotes } from './notes.ts'
import { endFailedAttempt } from './retry.ts'
import { isTrue, pauseAfterRendering, renderAll } from './templates/render.ts'
import { addThreadRendering, NeedsThread, NO_RENDERINGS } from './templates/render-in-thread.ts'
import { lateTemplateTexts } from './templates/template-files.ts'
import { createMemoryHold } from './values/memory-gate.ts'

/**
 * All of a step's work: load what it reads, test its condition, render, act, and store a large result before naming it.
 * A final failure is an outcome like any other; one worth another attempt is thrown.
 */
export async function execute(attempt: PipelineAttempt): Promise<AttemptOutcome> {
  const usedUp = endIfUsedUp(attempt)
  if (usedUp) return usedUp
  const hold = createMemoryHold(attempt.services, attempt.call.signal)
  try {
    const call = { ...attempt.call, queue: { ms: 0 } }
    return await executeWithHold({ ...attempt, call, hold, notes: cutOffNotes(call) })
  } finally {
    hold.leave()
  }
}

async function executeWithHold(attempt: PipelineAttempt & Pick<PipelineContext, 'notes'>): Promise<AttemptOutcome> {
  const { start, call, notes, services } = attempt
  const { elapsed = sinceStart } = attempt.services
  // groups of steps with much rendering yield to other tasks
  const breath = pauseAfterRendering()
  if (breath) await breath
  const began = attempt.began ?? elapsed()
  let step: CompiledStep | undefined
  try {
    const opened = attempt.open()
    const place = positionOf(opened instanceof Promise ? await opened : opened, attempt)
    step = place.step
    const found = contextAt(attempt, place, attempt.made ?? NO_RENDERINGS)
    const context = found instanceof Promise ? await found : found
    const condition = context.step.routing?.condition
    if (
      condition !== undefined &&
      start.work.order.loop?.iteration === undefined &&
      !isTrue(condition, context.pipeline, context.scope)
    )
      return withFilesDigest(
        { status: 'skipped', reason: 'condition_false', ...accountOf(call, elapsed() - began) },
        context,
      )
    // each attempt looks: a call that a crash cut off is not repeated in an environment that has changed
    const { when } = context.step.policy
    if (when) await checkCallCondition(when, context)
    if (context.step.artifact || context.step.model?.cacheTags) renderAhead(context)
    const performed = beginWork(context)
    const result = performed instanceof Promise ? await performed : performed
    const outcome = toOutcome(result, context, accountOf(call, elapsed() - began))
    const ended = withFilesDigest(outcome instanceof Promise ? await outcome : outcome, context)
    return notes.length === 0 ? ended : await withNotes(ended, notes, services)
  } catch (error) {
    if (NeedsThread.is(error)) return executeWithRendering(error, attempt, began)
    if (call.signal.aborted || isInterruption(error)) throw error
    const account = accountOf(call, elapsed() - began)
    const failed = await endFailedAttempt(withPermissionHint(error, start.run), attempt, step, account)
    return withNotes(failed, notes, services)
  }
}

/** Starts again after a thread has rendered texts that would take too long here. Nothing else has been done so far. */
async function executeWithRendering(
  elsewhere: NeedsThread,
  attempt: PipelineAttempt,
  began: number,
): Promise<AttemptOutcome> {
  const made = await addThreadRendering(elsewhere, { share: fairnessKey(attempt.start), signal: attempt.call.signal })
  return execute({ ...attempt, made, began })
}

/** Renders in advance the texts that are needed after the step has acted, so that none of them needs a thread then. */
function renderAhead({ step, pipeline, scope }: PipelineContext): void {
  try {
    renderAll([...lateTemplateTexts(step)], pipeline, scope, [])
  } catch (error) {
    // the error is reported when the value is used
    if (!is(error)) throw error
  }
}

/** A shorter wait for a place in a pool is not told. */
const MIN_QUEUED_MS = 100

function accountOf({ attempt, queue }: QueuedCall, ms: number): EndDetails {
  const account = { attempts: attempt, ms: Math.round(ms) }
  return queue && queue.ms >= MIN_QUEUED_MS
    ? { ...account, queued: Math.min(account.ms, Math.round(queue.ms)) }
    : account
}

function withFilesDigest(outcome: AttemptOutcome, { filesDigest }: PipelineContext): AttemptOutcome {
  if (filesDigest === undefined) return outcome
  if ('type' in outcome) return outcome.type === 'ask' ? { ...outcome, filesDigest } : outcome
  return outcome.status === 'iterating' ? outcome : { ...outcome, reuse: { filesDigest } }
}

const sinceStart = () => performance.now()

/** Work that may do something elsewhere before it has a place in a pool begins here, if it must not be repeated. */
function beginWork(context: PipelineContext): StepResult | Promise<StepResult> {
  const { begin, counted } = context.call
  if (!begin || counted || BEGINS_IN_POOL.has(context.step.work.type)) return performWork(context)
  return begin(() => performWork(context))
}

const BEGINS_IN_POOL: ReadonlySet<StepWork['type']> = new Set(['tool', 'text', 'code'])

function callTool(work: ToolWork, context: PipelineContext): Promise<StepResult> {
  const tool = findTool(work, context)
  const given = callParameters(tool, context)
  return given instanceof Promise
    ? given.then((read) => runTool({ tool, ...read }, context))
    : runTool({ tool, ...given }, context)
}

function performWork(context: PipelineContext): StepResult | Promise<StepResult> {
  const { work } = context.step
  switch (work.type) {
    case 'tool':
      return callTool(work, context)
    case 'text':
      return runTextAction(work, context)
    case 'decide':
      return evaluateCondition(work, context)
    case 'chain':
      return requestChain(work.parameters, context)
    case 'ask':
      return requestByTool(work, context)
    case 'loop':
      return context.start.work.order.loop?.iteration === undefined
        ? openLoop(work, context)
        : continueLoop(work, context)
    case 'code':
      return runCode(context)
    case 'inputs':
      return resolveInputs(work, context)
    case 'depends':
      return resolveDependencies(work, context)
    case 'outputs':
      return renderOutputs(work.values, context)
  }
}

/** Does the work of a step that a program wrote. */
function runCode(context: PipelineContext): Promise<StepResult> {
  const { code } = context.services
  if (code) return code.perform(context)
  throw new TerminalError('This process has no code of programs.', { code: 'unknown_tool' })
}
