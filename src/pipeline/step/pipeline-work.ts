import type { OpenWork, StepFacts, Work } from '../../step/attempt/work.ts'
import { TOOL_QUESTION } from '../../step/call/await-answers.ts'
import { OWN_CALL } from '../../step/messages/call-decision.ts'
import { withOrder } from '../../step/messages/step-start.ts'
import type { StepRead } from '../../step/record/outcome.ts'
import { nextInSequence, startOfNext } from '../plan/batching.ts'
import { type CompiledPipeline, type CompiledStep, openPipeline } from '../plan/compiled.ts'
import { instanceId, instanceOf, stepOf } from '../plan/instance.ts'
import type { PipelineOrder, PipelineStepStart } from '../plan/messages/step-order.ts'
import { findCallGate } from './approval/call-gate.ts'
import { withPresentCode } from './approval/changed-code.ts'
import type { OpenPipeline } from './attempt.ts'
import { resolveDynamicRoute } from './auto-tags/dynamic-route.ts'
import { resolveTags, withTagUses } from './auto-tags/resolve-tags.ts'
import { chainCallback } from './callback/chain-callback.ts'
import { STEP_AGENT, stepAgent } from './callback/step-agent.ts'
import { toolQuestions } from './callback/tool-question.ts'
import type { PipelineServices } from './context.ts'
import { execute } from './execute.ts'
import { describeCall } from './recovery/described-call.ts'
import { lookUpOfStep } from './recovery/look-up.ts'
import { recover } from './recovery/recover.ts'
import { prepareUndo, undoPipelineSteps } from './recovery/undo.ts'
import { compareWithEarlier, executeOrReuse } from './reuse.ts'
import { factsOfStep } from './work-facts.ts'

export function pipelineWork(services: PipelineServices): Work<PipelineOrder> {
  return {
    answers: { chain: chainCallback, [STEP_AGENT]: stepAgent, [TOOL_QUESTION]: toolQuestions },
    open(first) {
      const { reads } = first.work.order
      return openWork(services, pipelineOpener(services, first), reads === 'parts' ? {} : { ...reads })
    },
    undo: (start, effects) => undoPipelineSteps(services, start, effects),
  }
}

/** `reads`: what a turn of several steps has read and done so far. */
function openWork(
  services: PipelineServices,
  open: OpenPipeline,
  reads: { [node: string]: StepRead },
): OpenWork<PipelineOrder> {
  let loaded: CompiledPipeline | undefined
  const known = new Map<string, StepFacts>()
  const factsIn = (pipeline: CompiledPipeline, step: string): StepFacts => {
    const facts = known.get(step) ?? factsOfStep(pipeline, step, services)
    known.set(step, facts)
    return facts
  }
  const own = { services, open }
  const work: OpenWork<PipelineOrder> = {
    factsOf(start) {
      const opened = open()
      if (opened instanceof Promise) return opened.then((pipeline) => factsIn((loaded = pipeline), start.step))
      return factsIn((loaded = opened), start.step)
    },
    attempt(attempt) {
      const { recorded } = attempt.start.run
      return recorded ? executeOrReuse({ ...attempt, ...own }, recorded) : execute({ ...attempt, ...own })
    },
    gate: (attempt) => findCallGate({ ...attempt, ...own }, OWN_CALL),
    prepare: (attempt) => prepareUndo({ ...attempt, ...own }),
    async describeCall(attempt) {
      const step = stepOf(await open(), attempt.start.step)
      const described = describeCall({ ...attempt, ...own }, step, { name: (tool) => tool })
      return { ...described, isHandled: isHandled(step) }
    },
    lookUp: (attempt) => lookUpOfStep({ ...attempt, ...own }),
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
      const step = next && instanceId(next)
      return step === undefined ? undefined : { step, facts: factsIn(loaded!, step) }
    },
    startNext: async (start, end, next) => startOfNext(await open(), start, end, next, reads),
    compare: (recorded, step, end) => compareWithEarlier(services, recorded, step, end),
  }
  const present = ({ open: changed, ...found }: Awaited<ReturnType<typeof withPresentCode>>) =>
    changed ? { ...found, work: openWork(services, changed, reads) } : found
  return work
}

/** Whether the author said what follows from an unknown outcome. */
function isHandled({ recovery }: CompiledStep): boolean {
  return (recovery?.recoveries ?? []).some(
    ({ when }) => when.types.includes('UnknownError') || when.codes.includes('unknown'),
  )
}

/** Opens the pipeline of a step once for all callers, and again only if that failed. */
function pipelineOpener(services: PipelineServices, { work }: PipelineStepStart): OpenPipeline {
  const { pipeline: hash } = work.order
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
