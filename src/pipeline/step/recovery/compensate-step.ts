import { TerminalError } from '../../../errors.ts'
import type { EffectCall } from '../../../kernel/types.ts'
import { allowedRoots, toolInput } from '../../../step/call/permissions.ts'
import { toolContextWith } from '../../../step/call/tool-context.ts'
import { OWN_CALL } from '../../../step/messages/call-decision.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { hasEnded, type StepParameters, type StepValue, wasMade } from '../../../step/record/outcome.ts'
import { readRef, storeRef, type ValueRef } from '../../../step/values.ts'
import { redactErrors } from '../../../tool/secrets.ts'
import type { Tool } from '../../../tool/tool.ts'
import { callForOf } from '../../../work/origin/call-for.ts'
import { compiledStepAt } from '../../plan/compiled.ts'
import { instanceId, instanceOf } from '../../plan/instance.ts'
import type { PipelineUndoStart } from '../../plan/messages/step-order.ts'
import { openPipeline } from '../../plan/open-pipeline.ts'
import { callParameters } from '../approval/called-tool.ts'
import { isGateAnswered } from '../approval/gate-before.ts'
import type { PipelineAttempt } from '../attempt.ts'
import type { PipelineServices } from '../context.ts'
import { isTrue } from '../templates/render.ts'
import { templateScope } from '../templates/scope.ts'
import { loadValues } from '../values/step-values.ts'

/** One step to compensate. */
export type Compensation = {
  readonly services: PipelineServices
  readonly start: PipelineUndoStart
  readonly step: string
  readonly call: EffectCall
}

/**
 * Undoes what a step's tool did. TerminalError when the tool has no
 * way to, or when the current state does not allow it.
 */
export async function compensateStep({ services, start, step, call }: Compensation): Promise<void> {
  const pipeline = await openPipeline(services.values, start.work.order.pipeline)
  const instance = instanceOf(pipeline, step)
  const { work } = compiledStepAt(pipeline, instance.node)
  const tool = work.type === 'tool' ? services.toolbox.find(work.tool, work.operation) : undefined
  if (work.type !== 'tool' || !tool?.undo)
    throw new TerminalError(`${nameOf(tool, step)} cannot be undone.`, { code: 'no_undo' })
  const part = await requirePart(services, start, instanceId(instance))
  const value = (await readRef(services.values, part.result)) as StepValue
  const given = { written: work.parameters, parameters: (value.parameters ?? {}) as StepParameters }
  const input = await toolInput(tool, given, services, start.run)
  const memo = part.memo ? await readRef(services.values, part.memo) : undefined
  if (tool.prepare && memo === undefined)
    throw new TerminalError(`The state before ${tool.name} was not recorded.`, { code: 'no_undo' })
  const roots = allowedRoots(services, start.run)
  const { signal, idempotencyKey } = call
  const callFor = await callForOf(start.run, step, services.values)
  const context = toolContextWith(services, { ...callFor, signal, idempotencyKey, roots, emit: () => {} }, start.run)
  const done = { input, output: value.result, memo: memo ?? null }
  await redactErrors(services.secrets, async () => tool.undo!(done, context))
}

const nameOf = (tool: Tool | undefined, step: string) => tool?.name ?? `step ${step}`

async function requirePart({ readParts }: PipelineServices, { run }: PipelineUndoStart, id: string) {
  const part = await readStepPart(readParts, run.id, id)
  if (!part || !hasEnded(part) || !wasMade(part)) throw new TerminalError(`The run has no completed step ${id}.`)
  if (part.degraded || !part.result)
    throw new TerminalError(`The call of ${id} is no longer known.`, { code: 'no_undo' })
  return { ...part, result: part.result }
}

/** The state that a tool captures before it acts for the first time, so that its action can be undone. */
export async function prepareCompensation({
  services,
  open,
  start,
  call,
  emit,
}: PipelineAttempt): Promise<ValueRef | null> {
  const pipeline = await open()
  const instance = instanceOf(pipeline, start.step)
  const { work, routing } = compiledStepAt(pipeline, instance.node)
  const tool = work.type === 'tool' ? services.toolbox.find(work.tool, work.operation) : undefined
  if (work.type !== 'tool' || !tool?.prepare) return null
  const { inputs, reads, lists } = await loadValues(pipeline, instance, start, services)
  const scope = templateScope({
    pipeline,
    instance,
    inputs,
    reads,
    run: start.run,
    loops: start.work.order.loop?.views ?? {},
    lists,
  })
  if (routing?.condition !== undefined && !isTrue(routing.condition, pipeline, scope)) return null
  const step = compiledStepAt(pipeline, instance.node)
  const callFor = await callForOf(start.run, start.step, services.values)
  const asked = { callName: OWN_CALL, callFor, isGateAnswered: () => isGateAnswered(step, { start, services }) }
  const given = await callParameters(tool, { services, step, pipeline, scope, start, ...asked })
  const roots = allowedRoots(services, start.run)
  const { signal, idempotencyKey } = call
  const context = toolContextWith(services, { ...callFor, signal, idempotencyKey, roots, emit }, start.run)
  const memo = await redactErrors(services.secrets, async () =>
    tool.prepare!(await toolInput(tool, given, services, start.run), context),
  )
  // a state with a secret in it is not stored; without the secret, restoring would write other content
  return services.secrets && services.secrets.hide(memo) !== memo ? null : storeRef(services.values, memo)
}
