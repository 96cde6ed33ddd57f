import type { CompiledStep, DynamicRoute } from '../../plan/compiled.ts'
import type { RouteSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsIn, type TemplateContext } from './names/mentions.ts'
import { resolve } from './names/resolve.ts'
import { isBare, mentionsInTags, tagsOf } from './names/tag-mentions.ts'
import { aroundOf, type Context, declaredBy, type Levels, nodeOf } from './reads.ts'

type Asking = RouteSpec & { readonly asks: NonNullable<RouteSpec['asks']> }

const askingOf = ({ routes }: StepSpec) => routes.filter((route): route is Asking => route.asks !== undefined)

/** What a step reads to ask where it goes on; its own result, which it may read then, is there anyway. */
export function readsToTurn(spec: StepSpec, context: Context, levels: Levels): readonly string[] {
  const { report, names } = context
  const about: TemplateContext = { report, names, step: spec.id }
  const around = { ...aroundOf(spec, context, levels), ended: true } as const
  const asking = askingOf(spec)
  const mentions = asking.flatMap(({ to, path, asks }) => {
    const said = mentionsIn(to, path, about)
    return [...said, ...mentionsInTags(asks, said, about)]
  })
  const isAny = asking.some(({ asks }) => asks.some(isBare))
  const before = isAny ? declaredBy(spec, { ...context, report: () => {} }, levels) : []
  const own = nodeOf(spec, levels)
  return [...mentions.flatMap((mention) => resolve(mention, around) ?? []), ...before].filter((node) => node !== own)
}

/** The step with what it asks when it has ended so, and the steps that may be the answer. */
export function withTurnings(step: CompiledStep, spec: StepSpec): CompiledStep {
  const asking = askingOf(spec)
  if (asking.length === 0) return step
  return { ...step, turnings: Object.fromEntries(asking.map((route) => [route.on, turningOf(route, step, spec)])) }
}

function turningOf({ on, to: text, asks }: Asking, { routes = {} }: CompiledStep, spec: StepSpec): DynamicRoute {
  const to = Object.keys(routes).flatMap((name) => (name.startsWith(`${on}:`) ? [name.slice(on.length + 1)] : []))
  const context = [spec.id, ...spec.dependencies.map(({ id }) => id)]
  const own = asks.map((placed) => (isBare(placed) ? { ...placed, context } : placed))
  const autos = tagsOf(own, spec).map((tag) =>
    tag.shape.type === 'choice' && tag.shape.choices.length === 0
      ? { ...tag, shape: { ...tag.shape, choices: to } }
      : tag,
  )
  return { text, autos, to }
}
