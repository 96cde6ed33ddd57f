import { is } from '../../errors.ts'
import { makeCall } from '../../step/approval/ruled-call.ts'
import { type BegunAttempt, makeAttempt } from '../../step/attempt/make-attempt.ts'
import { type AttemptOutcome, toOutcome } from '../../step/attempt/outcome.ts'
import type { AttemptTerms } from '../../step/attempt/retry.ts'
import { checkCallCondition } from '../../step/call/call-condition.ts'
import type { StepResult } from '../../step/call/context.ts'
import type { CompiledStep, StepWork, ToolWork } from '../plan/compiled.ts'
import { callParameters, findTool } from './approval/called-tool.ts'
import { contextAt, type PipelineAttempt, positionOf, withHold } from './attempt.ts'
import { evaluateCondition, renderOutputs, resolveDependencies, resolveInputs } from './builtin-work.ts'
import { requestByTool, requestChain } from './callback/request.ts'
import type { PipelineContext } from './context.ts'
import { continueLoop, openLoop } from './loops/loop-work.ts'
import { runTextAction } from './model-call/text-action.ts'
import { isTrue, pauseAfterRendering, renderAll } from './templates/render.ts'
import { NO_RENDERINGS } from './templates/render-in-thread.ts'
import { lateTemplateTexts } from './templates/template-files.ts'

/**
 * All of a step's work: load what it reads, test its condition, render, act, and store a large result before naming it.
 * A final failure is an outcome like any other; one worth another attempt is thrown.
 */
export async function execute(attempt: PipelineAttempt): Promise<AttemptOutcome> {
  // groups of steps with much rendering yield to other tasks
  const breath = pauseAfterRendering()
  if (breath) await breath
  let step: CompiledStep | undefined
  const found = (own: CompiledStep) => void (step = own)
  return makeAttempt(
    attempt,
    (begun) => withHold(begun, (held) => executeHeld(held, found)),
    () => termsOf(attempt, step),
  )
}

/** The terms of a step, or of the step that does its work. Before the pipeline is open, the start says enough. */
function termsOf({ start, as }: PipelineAttempt, step: CompiledStep | undefined): AttemptTerms {
  const { attempts, retryReported } = as?.step.policy ?? start.policy
  const { policy, model } = step ?? {}
  return {
    attempts,
    retryReported,
    backoff: policy?.backoff,
    patience: model?.patience,
    isSubstitute: as !== undefined,
  }
}

async function executeHeld(
  begun: BegunAttempt<PipelineAttempt>,
  onFound: (step: CompiledStep) => void,
): Promise<AttemptOutcome> {
  const { start, account } = begun
  const opened = begun.open()
  const place = positionOf(opened instanceof Promise ? await opened : opened, begun)
  onFound(place.step)
  const found = contextAt(begun, place, begun.made ?? NO_RENDERINGS)
  const context = found instanceof Promise ? await found : found
  const condition = context.step.routing?.condition
  if (
    condition !== undefined &&
    start.work.order.loop?.iteration === undefined &&
    !isTrue(condition, context.pipeline, context.scope)
  )
    return withFilesDigest({ status: 'skipped', reason: 'condition_false', ...account() }, context)
  // each attempt looks: a call that a crash cut off is not repeated in an environment that has changed
  const { when } = context.step.policy
  if (when) await checkCallCondition(when, context)
  if (context.step.artifact || context.step.model?.cacheTags) renderAhead(context)
  const performed = beginWork(context)
  const result = performed instanceof Promise ? await performed : performed
  const outcome = toOutcome(result, context, account())
  return withFilesDigest(outcome instanceof Promise ? await outcome : outcome, context)
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

function withFilesDigest(outcome: AttemptOutcome, { filesDigest }: PipelineContext): AttemptOutcome {
  if (filesDigest === undefined) return outcome
  if ('type' in outcome) return outcome.type === 'ask' ? { ...outcome, filesDigest } : outcome
  return outcome.status === 'iterating' ? outcome : { ...outcome, reuse: { filesDigest } }
}

/** Work that may do something elsewhere before it has a place in a pool begins here, if it must not be repeated. */
function beginWork(context: PipelineContext): StepResult | Promise<StepResult> {
  const { begin, counted } = context.call
  if (!begin || counted || BEGINS_IN_POOL.has(context.step.work.type)) return performWork(context)
  return begin(() => performWork(context))
}

const BEGINS_IN_POOL: ReadonlySet<StepWork['type']> = new Set(['tool', 'text'])

function callTool(work: ToolWork, context: PipelineContext): Promise<StepResult> {
  const tool = findTool(work, context)
  const given = callParameters(tool, context)
  return given instanceof Promise
    ? given.then((read) => makeCall({ tool, ...read }, context))
    : makeCall({ tool, ...given }, context)
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
    case 'inputs':
      return resolveInputs(work, context)
    case 'depends':
      return resolveDependencies(work, context)
    case 'outputs':
      return renderOutputs(work.values, context)
  }
}
