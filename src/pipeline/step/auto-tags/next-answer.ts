import { is, problemOf } from '../../../errors.ts'
import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import type { AutoAnswer, AutoTag } from '../../plan/auto-tag.ts'
import { filesParameterOf } from '../../plan/compiled.ts'
import { missingInputs } from '../builtin-work.ts'
import type { PipelineContext } from '../context.ts'
import { renderLoopTexts } from '../loops/loop-work.ts'
import { findPin, pinFiles } from '../model-call/pinned-files.ts'
import { type AutoAnswers, withAnswers } from '../templates/answers.ts'
import { isTrue, renderAll } from '../templates/render.ts'
import { lateTemplateTexts, tagScope, templateTexts } from '../templates/template-files.ts'
import { askTag } from './ask-tag.ts'

/** The answer to the step's next tag, and whether it was the last; null: there is none. Its files are read last. */
export async function answerNextTag(
  context: PipelineContext,
  answers: AutoAnswers,
): Promise<{ answer: AutoAnswer; last: boolean } | null> {
  const tag = nextTag(context, answers)
  if (!tag)
    return mustPinFiles(context, answers) && isConditionMet(context)
      ? { answer: await pinFiles(context), last: true }
      : null
  const scope = withAnswers(tagScope(tag, context), answers)
  const answer = await askTag(tag, context, scope).catch((error) => unresolvedOutput(tag, context, error))
  const last = nextTag(context, [...answers, answer]) === undefined && !mustPinFiles(context, answers)
  return { answer, last }
}

/** An output that cannot be resolved is null, and the others are still rendered. */
function unresolvedOutput(tag: AutoTag, { step, call }: PipelineContext, error: unknown): AutoAnswer {
  const problem = problemOf(error)
  if (step.id !== OUTPUTS_STEP || mustPropagate(error) || call.signal.aborted || problem.terminal !== true) throw error
  const place = `${tag.for}: `
  const { message } = problem
  return {
    name: tag.name,
    value: null,
    problem: { ...problem, message: message.startsWith(place) ? message.slice(place.length) : message },
  }
}

const mustPinFiles = ({ step }: PipelineContext, answers: AutoAnswers) =>
  filesParameterOf(step.work) !== undefined && findPin(step, answers) === undefined

function isConditionMet({ step: { routing }, pipeline, scope }: PipelineContext): boolean {
  return routing?.condition === undefined || isTrue(routing.condition, pipeline, scope)
}

/**
 * The tag to resolve next. Texts are rendered to see which tags they use, so that a tag in a branch not taken is never
 * asked. A step that is skipped resolves the tags of its condition only.
 */
function nextTag(context: PipelineContext, answers: AutoAnswers): AutoTag | undefined {
  const { step, pipeline } = context
  const tags = step.model?.autoTags ?? []
  const known = new Set(answers.map(({ name }) => name))
  const byName = new Map(tags.map((tag) => [tag.name, tag]))
  const wanted: AutoTag[] = []
  const watch = (scope: TemplateScope): TemplateScope => ({
    get(name) {
      const tag = byName.get(name)
      if (!tag) return scope.get(name)
      if (!known.has(name)) wanted.push(tag)
      return answers.find((answer) => answer.name === name)?.value ?? ''
    },
  })
  const watching = watch(context.scope)
  const first = () => wanted[0] && innermost(wanted[0])
  const innermost = (tag: AutoTag): AutoTag => {
    wanted.length = 0
    ignoreErrors(() => renderAll(tag.instruction, pipeline, watch(tagScope(tag, context)), []))
    return wanted[0] ? innermost(wanted[0]) : tag
  }
  let runs = true
  const condition = step.routing?.condition
  if (condition !== undefined && context.start.work.order.loop?.iteration === undefined)
    ignoreErrors(() => {
      runs = isTrue(condition, pipeline, watching)
    })
  if (wanted.length > 0 || !runs) return first()
  const { work } = step
  const turnScope = (turning: number) => watch(context.turnScope(turning))
  if (work.type === 'decide') ignoreErrors(() => isTrue(work.condition, pipeline, watching))
  else if (work.type === 'loop') ignoreErrors(() => renderLoopTexts(work, { ...context, scope: watching, turnScope }))
  else if (work.type === 'inputs') ignoreErrors(() => renderAll(missingInputs(work, context), pipeline, watching, []))
  else ignoreErrors(() => renderAll([templateTexts(work), ...lateTemplateTexts(step)], pipeline, watching, []))
  return first()
}

/** An error of another kind occurs again when the step acts. */
function ignoreErrors(render: () => unknown): void {
  try {
    render()
  } catch (error) {
    if (!is(error)) throw error
  }
}
