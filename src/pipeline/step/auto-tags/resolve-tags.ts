import { endsTurn } from '../../../budget/waiting.ts'
import { type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import type { AutoAnswer } from '../../plan/auto-tag.ts'
import { OUTPUTS_NODE } from '../../plan/compiled.ts'
import type { StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { ModelUse } from '../../plan/model-use.ts'
import { openJob, type Trial } from '../attempt.ts'
import { isDegraded } from '../model-call/ask-model.ts'
import { digestOfPins } from '../model-call/pinned-files.ts'
import { ALL_OTHERS } from '../templates/answers.ts'
import { answerNext } from './next-answer.ts'

/** What a step knows before it acts; `problem`: why it cannot. */
export type Told = { readonly start: StepStart; readonly problem?: Problem; readonly failed?: readonly ModelUse[] }

type Asker = Pick<Trial, 'services' | 'open' | 'start' | 'as'>
type Next = Awaited<ReturnType<typeof answerNext>>
/** No answer, for good, though it took something to ask. */
type Vain = { readonly problem: Problem; readonly failed: readonly ModelUse[] }

/**
 * Asks a model what a step has to ask before it acts, and reads the files it gives one. Each answer is an outcome of its own, and from then on a part of what the step
 * was started with: so nothing is asked twice, however often the step is tried.
 */
export async function askFirst(
  { services, open, start, as }: Asker,
  effects: Effects,
  mark = '',
  note = (_answers: readonly AutoAnswer[]) => {},
): Promise<Told> {
  const { asks: _, ...known } = start
  const answers: AutoAnswer[] = [...(as ? [] : (start.answers ?? []))]
  const told = (): StepStart => ({ ...known, answers })
  const ask = async (call: EffectCall, failed: ModelUse[]): Promise<Next | Vain> => {
    const job = await openJob({
      services,
      open,
      start: told(),
      call,
      self: effects.self,
      emit: effects.emit,
      spent: failed,
      ...(as && { as }),
    })
    try {
      const next = await answerNext(job, answers)
      return next && failed.length > 0 ? { ...next, answer: { ...next.answer, failed } } : next
    } catch (error) {
      const problem = problemOf(error)
      if (endsTurn(error) || call.signal.aborted || problem.terminal !== true || failed.length === 0) throw error
      return { problem, failed }
    }
  }
  // outputs are told as far as they can be
  const lost = (problem: Problem, failed: readonly ModelUse[] = []): Told => {
    if (start.step !== OUTPUTS_NODE) return { start: told(), failed, problem }
    answers.push({ name: ALL_OTHERS, value: null, problem })
    return { start: told(), failed }
  }
  try {
    for (let n = 0; ; n++) {
      const failed: ModelUse[] = []
      const effect = (call: EffectCall) => ask(call, failed) as Promise<Json>
      const next = (await effects.run<Json>(askName(start.step, `${mark}${n}`), effect)) as unknown as Next | Vain
      if (next && 'problem' in next) return lost(next.problem, next.failed)
      if (next) answers.push(next.answer)
      note(answers)
      if (!next || next.last) return { start: told() }
    }
  } catch (error) {
    if (endsTurn(error)) throw error
    return lost(problemOf(error))
  }
}

/** The name of an effect that asks for a step, or that says what its answers come to. */
export const askName = (step: string, what: string) => `${ASK}${step}:${what}`

const ASK = 'auto:'

/** Whether an effect of a step's turn asks a model something before the step acts; and which step that is. */
export const isQuestion = (effect: string) => effect.startsWith(ASK)
export const askerIn = (effect: string) => effect.slice(ASK.length, effect.indexOf(':', ASK.length))

const NONE: readonly never[] = []

/** The end of a step with what its questions took, and what stands for the files it was given. */
export function withUses(end: StepEnd, { start: { answers = NONE }, failed = NONE }: Told): StepEnd {
  if (answers.length === 0 && failed.length === 0) return end
  const files = digestOfPins(answers)
  const asked = answers.flatMap(({ use, failed: before = [] }) => [...before, ...(use ? [use] : [])])
  const models = [...asked, ...failed, ...(end.models ?? [])]
  return {
    ...end,
    ...(models.length > 0 && { models }),
    ...(isDegraded(models) && { degraded: true }),
    ...(files !== undefined && { files }),
  }
}
