import { endsTurn } from '../../../budget/waiting.ts'
import { is, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Scope } from '../../../template/template.ts'
import type { AutoAnswer, AutoTag } from '../../plan/auto-tag.ts'
import { filesParameterOf, OUTPUTS_NODE } from '../../plan/compiled.ts'
import { untold } from '../builtin-work.ts'
import type { Job } from '../context.ts'
import { lookAtLoop } from '../loops/loop-work.ts'
import { pinFiles, pinOf } from '../model-call/pinned-files.ts'
import { type Answers, withAnswers } from '../templates/answers.ts'
import { holds, renderAll } from '../templates/render.ts'
import { moreTextsOf, scopeAround, textsOf } from '../templates/template-files.ts'
import { askTag } from './ask-tag.ts'

/** The answer to the next question a step has, and whether it has another; null: it has none. Its files are read last. */
export async function answerNext(job: Job, answers: Answers): Promise<{ answer: AutoAnswer; last: boolean } | null> {
  const tag = wantedTag(job, answers)
  if (!tag) return pinsFiles(job, answers) && runs(job) ? { answer: await pinFiles(job), last: true } : null
  const scope = withAnswers(scopeAround(tag, job), answers)
  const answer = await askTag(tag, job, scope).catch((error) => untoldOutput(tag, job, error))
  const last = wantedTag(job, [...answers, answer]) === undefined && !pinsFiles(job, answers)
  return { answer, last }
}

/** An output that nobody can tell is null, and the others are told. */
function untoldOutput(tag: AutoTag, { step, call }: Job, error: unknown): AutoAnswer {
  const problem = problemOf(error)
  if (step.id !== OUTPUTS_NODE || endsTurn(error) || call.signal.aborted || problem.terminal !== true) throw error
  const place = `${tag.for}: `
  const { message } = problem
  return {
    ...{ name: tag.name, value: null },
    problem: { ...problem, message: message.startsWith(place) ? message.slice(place.length) : message },
  }
}

const pinsFiles = ({ step }: Job, answers: Answers) =>
  filesParameterOf(step.work) !== undefined && pinOf(step, answers) === undefined

const runs = ({ step: { condition }, pipeline, scope }: Job) =>
  condition === undefined || holds(condition, pipeline, scope)

/**
 * The question to ask next. A text is rendered to see which answers it asks for, so that what stands in a branch that is not taken
 * is not asked; a step that is skipped asks no more than its condition.
 */
function wantedTag(job: Job, answers: Answers): AutoTag | undefined {
  const { step, pipeline } = job
  const tags = step.autos ?? []
  const known = new Set(answers.map(({ name }) => name))
  const byName = new Map(tags.map((tag) => [tag.name, tag]))
  const wanted: AutoTag[] = []
  const watch = (scope: Scope): Scope => ({
    get(name) {
      const tag = byName.get(name)
      if (!tag) return scope.get(name)
      if (!known.has(name)) wanted.push(tag)
      return answers.find((answer) => answer.name === name)?.value ?? ''
    },
  })
  const watching = watch(job.scope)
  const first = () => wanted[0] && innermost(wanted[0])
  const innermost = (tag: AutoTag): AutoTag => {
    wanted.length = 0
    tryTo(() => renderAll(tag.instruction, pipeline, watch(scopeAround(tag, job)), []))
    return wanted[0] ? innermost(wanted[0]) : tag
  }
  let runs = true
  if (step.condition !== undefined && job.start.turn === undefined)
    tryTo(() => {
      runs = holds(step.condition!, pipeline, watching)
    })
  if (wanted.length > 0 || !runs) return first()
  const { work } = step
  const turnScope = (turning: number) => watch(job.turnScope(turning))
  if (work.type === 'decide') tryTo(() => holds(work.condition, pipeline, watching))
  else if (work.type === 'loop') tryTo(() => lookAtLoop(work, { ...job, scope: watching, turnScope }))
  else if (work.type === 'inputs') tryTo(() => renderAll(untold(work, job), pipeline, watching, []))
  else tryTo(() => renderAll([textsOf(work) as Json, ...moreTextsOf(step)], pipeline, watching, []))
  return first()
}

/** What is wrong for another reason will be wrong again when the step acts. */
function tryTo(render: () => unknown): void {
  try {
    render()
  } catch (error) {
    if (!is(error)) throw error
  }
}
