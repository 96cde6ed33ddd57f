import type { AutoTag } from '../../../plan/auto-tag.ts'
import type { PlacedTag, StepSpec } from '../../parse/pipeline-spec.ts'
import { type Mention, mentionsIn, type TemplateContext } from './mentions.ts'

/** All names that the questions of a step mention. A question whose answer no template reads is reported. */
export function mentionsInTags(
  tags: readonly PlacedTag[] = [],
  outside: readonly Mention[],
  context: TemplateContext,
): readonly Mention[] {
  const asked = tags.flatMap((tag) => mentionsIn(tag.instruction, tag.path, { ...context, origin: tag.within }))
  const read = new Set([...outside, ...asked].map(({ name }) => name))
  for (const { name, path } of tags) {
    if (read.has(name)) continue
    const about = { ...(context.step !== undefined && { step: context.step }) }
    const hint = 'Move it out of the `{% raw %}` block or the comment.'
    context.report('auto_unclosed_ambiguous', path, 'an <AUTO> tag is in a place without templates', {
      ...about,
      hint,
    })
  }
  return asked
}

/** Whether a question mentions nothing. It then gets the results of earlier steps. */
export const isOpenQuestion = ({ instruction, shape }: AutoTag) =>
  shape.type !== 'model' && !/\{\{(?!\s*__auto_)|\{%/.test(instruction)

/** The questions of a step as they are stored. Those that name nothing share their context. */
export function compileTags(
  tags: readonly PlacedTag[],
  { dependencies, maybe }: Pick<StepSpec, 'dependencies' | 'maybe'>,
): readonly AutoTag[] {
  const others = [...dependencies.map(({ id }) => id).filter((id) => id !== maybe?.by), ...(maybe?.of ?? [])]
  return tags.map(({ path: _, within: __, ...tag }) => {
    const context = tag.context ?? others
    return isOpenQuestion(tag) && context.length > 0 ? { ...tag, context } : tag
  })
}

/** The number of names in questions: the steps whose results they get, and their choices. */
export function countTagNames(tags: readonly AutoTag[]): number {
  return tags.reduce((count, { context = [], shape }) => count + context.length + choicesOf(shape).length, 0)
}

const choicesOf = (shape: AutoTag['shape']) => ('choices' in shape ? shape.choices : [])
