import { isInterruption } from '../../kernel/faults.ts'
import type { EffectCall } from '../../kernel/types.ts'
import { OWN_CALL } from '../../step/messages/call-decision.ts'
import { withOrder } from '../../step/messages/step-start.ts'
import type { StepParameters, StepRead } from '../../step/record/outcome.ts'
import { storeRef, type ValueRef } from '../../step/values.ts'
import { namesOfCall } from '../../tool/mcp/names-of-call.ts'
import { NEEDS_HANDS } from '../../worker/work-pool.ts'
import { nextInSequence, startOfNext } from '../plan/batching.ts'
import type { CompiledPipeline, CompiledStep, StepWork } from '../plan/compiled.ts'
import { instanceId, instanceOf, stepOf } from '../plan/instance.ts'
import type { PipelineOrder, PipelineStepStart } from '../plan/messages/step-order.ts'
import { openPipeline } from '../plan/open-pipeline.ts'
import { findCallGate } from './approval/call-gate.ts'
import { calledTool, callParameters } from './approval/called-tool.ts'
import { withPresentCode } from './approval/changed-code.ts'
import { type OpenPipeline, openContext, type PipelineAttempt } from './attempt.ts'
import { resolveDynamicRoute } from './auto-tags/dynamic-route.ts'
import { resolveTags, withTagUses } from './auto-tags/resolve-tags.ts'
import type { PipelineServices } from './context.ts'
import { execute } from './execute.ts'
import { prepareCompensation } from './recovery/compensate-step.ts'
import { recover } from './recovery/recover.ts'
import { compareWithEarlier, executeOrReuse } from './reuse.ts'
import type { DescribedCall, OpenWork, StepFacts, Work } from './work.ts'

/** The work of steps of compiled pipelines. */
export function pipelineWork(services: PipelineServices): Work<PipelineOrder> {
  return {
    open(first) {
      const { reads } = first.work.order
      return openWork(services, pipelineOpener(services, first), reads === 'parts' ? {} : { ...reads })
    },
  }
}

/** `reads`: what a turn of several steps has read and done so far. */
function openWork(
  services: PipelineServices,
  open: OpenPipeline,
  reads: { [node: string]: StepRead },
): OpenWork<PipelineOrder> {
  let loaded: CompiledPipeline | undefined
  const own = { services, open }
  const work: OpenWork<PipelineOrder> = {
    factsOf(start) {
      const opened = open()
      if (opened instanceof Promise)
        return opened.then((pipeline) => factsIn((loaded = pipeline), start.step, services))
      return factsIn((loaded = opened), start.step, services)
    },
    attempt(attempt) {
      const { recorded } = attempt.start.run
      return recorded ? executeOrReuse({ ...attempt, ...own }, recorded) : execute({ ...attempt, ...own })
    },
    gate: (attempt) => findCallGate({ ...attempt, ...own }, OWN_CALL),
    prepare: (attempt) => prepareCompensation({ ...attempt, ...own }),
    async describeCall(attempt) {
      const step = stepOf(await open(), attempt.start.step)
      const described = describeCall({ ...attempt, ...own }, step, { name: (tool) => tool })
      return { ...described, isHandled: isHandled(step) }
    },
    withPresentCode(step, effect, effects) {
      const found = withPresentCode({ ...step, ...own }, effect, effects)
      return found instanceof Promise ? found.then(present) : present(found)
    },
    complete({ start }, effects, note) {
      const { waited: _, ...rest } = start
      return resolveTags({ ...own, start }, effects, '', (answers) => note(withOrder(rest, { answers: [...answers] })))
    },
    withUses: withTagUses,
    recover: ({ start }, failed, effects, before) => recover({ ...own, work, start }, failed, effects, before),
    afterEnd: ({ start }, end, effects) => resolveDynamicRoute({ ...own, start }, end, effects),
    next(start, done) {
      const next = nextInSequence(loaded!, instanceOf(loaded!, start.step), start, done)
      return next && { step: instanceId(next), facts: factsIn(loaded!, instanceId(next), services) }
    },
    startNext: async (start, end, next) => startOfNext(await open(), start, end, next, reads),
    compare: (recorded, step, end) => compareWithEarlier(services, recorded, step, end),
  }
  const present = ({ open: changed, ...found }: Awaited<ReturnType<typeof withPresentCode>>) =>
    changed ? { ...found, work: openWork(services, changed, reads) } : found
  return work
}

function factsIn(pipeline: CompiledPipeline, step: string, services: PipelineServices): StepFacts {
  const { work, recovery } = stepOf(pipeline, step)
  const tool = toolNamedBy(work, services)
  return {
    kind: kindOf(work),
    tool,
    isPaid: work.type === 'tool' ? tool?.paid === true : work.type === 'text',
    isRecovered: recovery?.recoveries !== undefined,
    isLimited: () => work.type === 'tool' && isLimited(services, tool?.name ?? work.tool, work.parameters),
  }
}

/** Whether a resource limits the calls of a tool. */
const isLimited = ({ pool }: PipelineServices, tool: string, parameters: StepParameters) =>
  pool.handsFor(() => namesOfCall(tool, parameters)) !== NEEDS_HANDS

/** The tool that a step names, with whatever code it has here. */
export const toolNamedBy = (work: StepWork | undefined, { toolbox }: Pick<PipelineServices, 'toolbox'>) =>
  work?.type === 'tool' ? toolbox.find(work.tool, work.operation) : undefined

/** The kind of work: a tool with its operation, or an action. */
export function kindOf(work: StepWork): string {
  if (work.type === 'code') return `:code:${work.name ?? work.action}`
  if (work.type !== 'tool') return `:${work.type === 'text' ? work.action : work.type}`
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/** Whether the author said what follows from an unknown outcome. */
function isHandled({ recovery }: CompiledStep): boolean {
  return (recovery?.recoveries ?? []).some(
    ({ when }) => when.types.includes('UnknownError') || when.codes.includes('unknown'),
  )
}

/**
 * What a person has to know about a call that may have taken place. `name`: how it is named by that of its tool; `open`:
 * the handler that made it, with the values that it sees.
 */
export function describeCall(
  attempt: PipelineAttempt,
  step: CompiledStep,
  { name, open }: { name(tool: string): string; open?(call: EffectCall): Promise<PipelineAttempt['as']> },
): DescribedCall {
  const tool = calledTool(step.work, attempt.services)?.name
  const parameters = () => parametersIn(attempt, open)
  return { name: name(tool ?? `the work of ${step.id}`), tool, parameters }
}

/** The parameters of the call, for people; undefined if they can no longer be rendered. */
async function parametersIn(
  attempt: PipelineAttempt,
  open: (call: EffectCall) => Promise<PipelineAttempt['as']> = async () => undefined,
): Promise<ValueRef | undefined> {
  try {
    const as = await open(attempt.call)
    const context = await openContext(as ? { ...attempt, as } : attempt)
    const tool = calledTool(context.step.work, context.services)
    return tool && (await storeRef(context.services.values, (await callParameters(tool, context)).parameters))
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    return undefined
  }
}

/** Opens the pipeline of a step once for all callers, and again only if that failed. */
function pipelineOpener(services: PipelineServices, { work }: PipelineStepStart): OpenPipeline {
  const { pipeline: hash, compiled } = work.order
  if (compiled) return () => compiled
  let opened: ReturnType<OpenPipeline> | undefined
  const load = async () => {
    try {
      const pipeline = await openPipeline(services.values, hash)
      opened = pipeline
      return pipeline
    } catch (error) {
      opened = undefined
      throw error
    }
  }
  return () => {
    opened ??= load()
    return opened
  }
}
