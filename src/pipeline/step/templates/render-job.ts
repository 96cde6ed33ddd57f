import { type InvalidError, problemOf, TerminalError } from '../../../errors.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { renderCommand, renderItems, renderTemplate, testCondition } from '../../../template/template.ts'
import { withAnswers } from './answers.ts'
import { renderPrompt } from './prompt.ts'
import { conditionOf, templateOf } from './render.ts'
import type { RenderJob, TemplateEnvironment, ThreadRendering } from './render-in-thread.ts'
import { templateScope } from './scope.ts'
import type { TemplateFiles } from './surroundings.ts'

/** Renders one text of a step in a thread, within the same limits as elsewhere. */
export function renderInThread({ seen, what }: RenderJob): ThreadRendering {
  const asked = new Set<string>()
  const scope = scopeIn(seen, asked)
  const { pipeline } = seen.surroundings
  const make = () => {
    if (what.kind === 'condition') return testCondition(conditionOf(pipeline, what.text), scope)
    const template = templateOf(pipeline, what.text)
    if (what.kind === 'command') return renderCommand(template, scope)
    if (what.kind === 'list') return renderItems(template, scope)
    return what.kind === 'text' ? renderTemplate(template, scope) : renderPrompt(template, scope)
  }
  try {
    return { value: make(), asked: [...asked] }
  } catch (error) {
    return { problem: problemOf(error), place: (error as Partial<InvalidError>).place, asked: [...asked] }
  }
}

function scopeIn(
  { surroundings, answers, tellsOutputs, known }: TemplateEnvironment,
  asked: Set<string>,
): TemplateScope {
  const files = known && filesIn(known, asked)
  const all = {
    ...surroundings,
    ...(files && { files }),
    ...(tellsOutputs && { withAnswers: (scope: TemplateScope) => withAnswers(scope, answers) }),
  }
  return withAnswers(templateScope(all), answers)
}

function filesIn(known: NonNullable<TemplateEnvironment['known']>, asked: Set<string>): TemplateFiles {
  const find = (key: string) => {
    asked.add(key)
    if (known.has(key)) return known.get(key)
    throw new TerminalError(`The file ${key} has not been read yet.`, { code: 'file_unread' })
  }
  return { read: (path) => find(`read ${path}`), exists: (path) => find(`look ${path}`) }
}
