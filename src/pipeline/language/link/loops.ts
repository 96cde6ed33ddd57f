import type { CompiledStep, LoopWork, RepeatConditions } from '../../plan/compiled.ts'
import type { ConditionSpec, LoopSpec, PlacedTag, StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsInCondition, spellAll } from './names/mentions.ts'
import { resolve } from './names/resolve.ts'
import { readIn } from './names/scopes.ts'
import { isBare, mentionsInTags } from './names/tag-mentions.ts'
import { aroundOf, type Context, isOfNow, type Levels } from './reads.ts'

/** A step with its node. */
export type Entry = readonly [node: string, step: CompiledStep]
/** What a loop does: its body as it is linked, and how it goes over it. */
export function loopWork(loop: LoopSpec, body: readonly Entry[]): LoopWork {
  const { kind, list, maxParallel, variable, name, isolated, limit } = loop
  const flow = body.filter(([, { standby }]) => !standby)
  return {
    type: 'loop',
    kind,
    ...(list && { list: spellAll(list.value) }),
    body: flow.map(([node]) => node),
    roots: flow.filter(([, step]) => step.needs.length === 0).map(([node]) => node),
    maxParallel: typeof maxParallel === 'number' ? maxParallel : String(spellAll(maxParallel.value)),
    variable,
    name,
    ...(isolated && { isolated }),
    ...(limit !== undefined && { limit }),
  }
}

/** Whether a loop turns once more, and what has to be read to tell. */
export function turnsOf(
  spec: StepSpec,
  { turns }: LoopSpec,
  context: Context,
  levels: Levels,
): { readonly turns?: RepeatConditions; readonly reads: readonly string[]; readonly tags: readonly PlacedTag[] } {
  if (!turns) return { reads: [], tags: [] }
  const { after, autos = [] } = turns
  const conditions = (['while', 'until'] as const).flatMap((name) => {
    const condition = turns[name] && askedOf(spec, turns[name], autos, context, levels)
    return condition ? [{ name, ...condition }] : []
  })
  const asked = conditions.map(({ name, text, needsTurn }) => [
    name,
    { text, ...(!after && !needsTurn && { first: true }) },
  ])
  const most = spellAll(turns.most.value)
  return {
    turns: { ...Object.fromEntries(asked), most, ...(after && { after }) },
    reads: conditions.flatMap(({ reads }) => reads),
    tags: autos.map((tag) => (isBare(tag) ? { ...tag, context: [...levels[0].ids] } : tag)),
  }
}

/**
 * A condition that reads a step of the body, and says nothing for the case that there is none, can be told only after a turn. So can
 * a question that names nothing: it is about what the body came to.
 */
function askedOf(
  spec: StepSpec,
  { text, path }: ConditionSpec,
  autos: readonly PlacedTag[],
  context: Context,
  levels: Levels,
) {
  const { report, names } = context
  const about = { report, names, step: spec.id }
  const tags = autos.filter((tag) => tag.path === path)
  const said = mentionsInCondition(text, path, about)
  const mentions = [...said, ...mentionsInTags(tags, said, about)]
  const around = aroundOf(spec, context, levels)
  const read = mentions.map((mention) => ({ mention, reads: [resolve(mention, around) ?? []].flat() }))
  const body = tags.some(isBare) ? [...levels[0].ids].flatMap((id) => readIn(levels[0], id) ?? []) : []
  const needsTurn = body.length > 0 || read.some(({ mention, reads }) => !mention.guarded && !reads.every(isOfNow))
  return { text, needsTurn, reads: [...read.flatMap(({ reads }) => reads), ...body] }
}
