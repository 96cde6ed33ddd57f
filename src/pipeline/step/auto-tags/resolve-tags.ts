import { type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { failedReplyOf } from '../../../model/reply/failed-reply.ts'
import { storeFailedReply, waitTermsOf } from '../../../step/attempt/retry.ts'
import type { Completed } from '../../../step/attempt/work.ts'
import { tagEffectName } from '../../../step/batch/effect-names.ts'
import type { StepReport } from '../../../step/messages/step-end.ts'
import { withOrder } from '../../../step/messages/step-start.ts'
import { isDegraded } from '../../../step/model-call/ask-model.ts'
import type { ModelUse } from '../../../step/record/model-use.ts'
import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import { orWait } from '../../../work/provider-wait.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import type { AutoAnswer } from '../../plan/auto-tag.ts'
import type { PipelineOrder } from '../../plan/messages/step-order.ts'
import { openContext, type PipelineAttempt } from '../attempt.ts'
import { digestPins } from '../model-call/pinned-files.ts'
import { ANY_OTHER_ANSWER } from '../templates/answers.ts'
import { answerNextTag } from './next-answer.ts'

/** A step's start with the answers to its tags; `problem`: why the step cannot act, with the reply that it is about. */
type ResolvedTags = Completed<PipelineOrder>

type NextAnswer = Awaited<ReturnType<typeof answerNextTag>>
/** A tag that no model can answer, with the usage of the failed calls. */
type FailedResolution = Pick<ResolvedTags, 'reply'> & {
  readonly problem: Problem
  readonly failed: readonly ModelUse[]
}

/**
 * Asks a model for a step's AUTO tags before it acts, and reads the files that it gives to a model. Each answer is an
 * effect of its own and then part of the step's start, so nothing is asked twice, however often the step is tried.
 */
export async function resolveTags(
  { services, open, start, as }: Pick<PipelineAttempt, 'services' | 'open' | 'start' | 'as'>,
  effects: Effects,
  mark = '',
  note = (_answers: readonly AutoAnswer[]) => {},
): Promise<ResolvedTags> {
  const { hasAutoTags: _, ...policy } = start.policy
  const answers: AutoAnswer[] = [...(as ? [] : (start.work.order.answers ?? []))]
  // an answer ends the wait for its provider
  const { waited, ...rest } = start
  const answeredStart = () => {
    const isSame = waited && answers.length === (start.work.order.answers?.length ?? 0)
    return withOrder({ ...(isSame ? start : rest), policy }, { answers })
  }
  const ask = async (call: EffectCall, failed: ModelUse[]): Promise<NextAnswer | FailedResolution> => {
    const context = await openContext({
      services,
      open,
      start: answeredStart(),
      call,
      self: effects.self,
      emit: effects.emit,
      spent: failed,
      ...(as && { as }),
    })
    try {
      const next = await answerNextTag(context, answers)
      return next && failed.length > 0 ? { ...next, answer: { ...next.answer, failed } } : next
    } catch (caught) {
      const error = call.signal.aborted ? caught : orWait(caught, waitTermsOf(services, start, context.models.patience))
      const problem = problemOf(error)
      const reply = failedReplyOf(error)
      const isPlain = failed.length === 0 && reply === undefined
      if (mustPropagate(error) || call.signal.aborted || problem.terminal !== true || isPlain) throw error
      if (reply === undefined) return { problem, failed }
      const stored = await storeFailedReply(reply, problem, services)
      return { problem, failed, ...(stored && { reply: stored }) }
    }
  }
  // outputs are rendered as far as possible
  const lost = ({ problem, failed, reply }: Partial<FailedResolution> & { problem: Problem }): ResolvedTags => {
    const more = { ...(failed && { failed }), ...(reply && { reply }) }
    if (start.step !== OUTPUTS_STEP) return { start: answeredStart(), problem, ...more }
    answers.push({ name: ANY_OTHER_ANSWER, value: null, problem })
    return { start: answeredStart(), ...more }
  }
  try {
    for (let n = 0; ; n++) {
      const failed: ModelUse[] = []
      const effect = (call: EffectCall) => ask(call, failed) as Promise<Json>
      const next = (await effects.run<Json>(tagEffectName(start.step, `${mark}${n}`), effect)) as unknown as
        | NextAnswer
        | FailedResolution
      if (next && 'problem' in next) return lost(next)
      if (next) answers.push(next.answer)
      note(answers)
      if (!next || next.last) return { start: answeredStart() }
    }
  } catch (error) {
    if (mustPropagate(error)) throw error
    return lost({ problem: problemOf(error) })
  }
}

const EMPTY: readonly never[] = []

/** The end of a step with the model usage of its tags, and the digest of the files it was given. */
export function withTagUses<End extends StepReport>(end: End, { start, failed = EMPTY }: ResolvedTags): End {
  const { answers = EMPTY } = start.work.order
  if (answers.length === 0 && failed.length === 0) return end
  const asked = answers.flatMap(({ use, failed: before = [] }) => [...before, ...(use ? [use] : [])])
  const models = [...asked, ...failed, ...(end.models ?? [])]
  const asking = models.length > 0 ? { ...end, models } : end
  if (asking.status === 'iterating') return asking
  const modelFilesDigest = digestPins(answers)
  return {
    ...asking,
    ...(isDegraded(models) && { degraded: true }),
    ...(modelFilesDigest !== undefined && { reuse: { ...asking.reuse, modelFilesDigest } }),
  }
}
