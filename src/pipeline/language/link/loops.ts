import type { CompiledStep, LoopWork, RepeatConditions } from '../../plan/compiled.ts'
import type { ConditionSpec, LoopSpec, PlacedTag, StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsInCondition, normalizeTexts } from './names/mentions.ts'
import { resolveMention } from './names/resolve.ts'
import { resolveInScope } from './names/scopes.ts'
import { isOpenQuestion, mentionsInTags } from './names/tag-mentions.ts'
import { isCurrentIteration, type LinkContext, referenceContext, type StepScopes } from './reads.ts'

export type StepEntry = readonly [node: string, step: CompiledStep]
/** Links a loop with its compiled body. `turns`: the conditions of a loop without a list. */
export function linkLoop(loop: LoopSpec, body: readonly StepEntry[], turns?: RepeatConditions): LoopWork {
  const { kind: shape, list, maxParallel, variable, name, isolated, limit } = loop
  const flow = body.filter(([, { routing }]) => !routing?.standby)
  return {
    type: 'loop',
    ...(turns ? { kind: 'while', turns } : { kind: 'list', list: normalizeTexts(list!.value) }),
    shape,
    body: flow.map(([node]) => node),
    roots: flow.filter(([, step]) => step.edges.needs.length === 0).map(([node]) => node),
    maxParallel: typeof maxParallel === 'number' ? maxParallel : String(normalizeTexts(maxParallel.value)),
    variable,
    name,
    ...(isolated && { isolated }),
    ...(limit !== undefined && { limit }),
  }
}

/** Links the conditions of a loop, with the nodes they read and their tags. */
export function linkRepeatConditions(
  spec: StepSpec,
  { turns }: LoopSpec,
  context: LinkContext,
  levels: StepScopes,
): { readonly turns?: RepeatConditions; readonly reads: readonly string[]; readonly tags: readonly PlacedTag[] } {
  if (!turns) return { reads: [], tags: [] }
  const { after, autoTags = [] } = turns
  const conditions = (['while', 'until'] as const).flatMap((name) => {
    const condition = turns[name] && linkCondition(spec, turns[name], autoTags, context, levels)
    return condition ? [{ name, ...condition }] : []
  })
  const asked = conditions.map(({ name, text, needsTurn }) => [
    name,
    { text, ...(!after && !needsTurn && { first: true }) },
  ])
  const most = normalizeTexts(turns.most.value)
  return {
    turns: { ...Object.fromEntries(asked), most, ...(after && { after }) },
    reads: conditions.flatMap(({ reads }) => reads),
    tags: autoTags.map((tag) => (isOpenQuestion(tag) ? { ...tag, context: [...levels[0].ids] } : tag)),
  }
}

/**
 * Links a condition of a loop. It needs an iteration first if it reads a step of the body without a default, or if its
 * question names nothing: such a question is about the results of the body.
 */
function linkCondition(
  spec: StepSpec,
  { text, path }: ConditionSpec,
  autoTags: readonly PlacedTag[],
  context: LinkContext,
  levels: StepScopes,
) {
  const { report, names } = context
  const about = { report, names, step: spec.id }
  const tags = autoTags.filter((tag) => tag.path === path)
  const said = mentionsInCondition(text, path, about)
  const mentions = [...said, ...mentionsInTags(tags, said, about)]
  const around = referenceContext(spec, context, levels)
  const read = mentions.map((mention) => ({ mention, reads: [resolveMention(mention, around) ?? []].flat() }))
  const body = tags.some(isOpenQuestion) ? [...levels[0].ids].flatMap((id) => resolveInScope(levels[0], id) ?? []) : []
  const needsTurn =
    body.length > 0 || read.some(({ mention, reads }) => !mention.guarded && !reads.every(isCurrentIteration))
  return { text, needsTurn, reads: [...read.flatMap(({ reads }) => reads), ...body] }
}
