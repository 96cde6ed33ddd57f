import type { CompiledStep } from '../../plan/compiled.ts'
import type { DynamicRoute } from '../../plan/routing.ts'
import type { RouteSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { withRouting } from './control-flow.ts'
import { mentionsIn, type TemplateContext } from './names/mentions.ts'
import { resolveMention } from './names/resolve.ts'
import { compileTags, isOpenQuestion, mentionsInTags } from './names/tag-mentions.ts'
import { declaredNeeds, type LinkContext, nodeInScope, referenceContext, type StepScopes } from './reads.ts'

type AskedRoute = RouteSpec & { readonly asks: NonNullable<RouteSpec['asks']> }

const askedRoutes = ({ routes }: StepSpec) => routes.filter((route): route is AskedRoute => route.asks !== undefined)

/** The nodes that the dynamic routes of a step read, without the step itself. */
export function readsOfDynamicRoutes(spec: StepSpec, context: LinkContext, levels: StepScopes): readonly string[] {
  const { report, names } = context
  const about: TemplateContext = { report, names, step: spec.id }
  const around = { ...referenceContext(spec, context, levels), ended: true } as const
  const asking = askedRoutes(spec)
  const mentions = asking.flatMap(({ to, path, asks }) => {
    const said = mentionsIn(to, path, about)
    return [...said, ...mentionsInTags(asks, said, about)]
  })
  const isAny = asking.some(({ asks }) => asks.some(isOpenQuestion))
  const before = isAny ? declaredNeeds(spec, { ...context, report: () => {} }, levels) : []
  const own = nodeInScope(spec, levels)
  return [...mentions.flatMap((mention) => resolveMention(mention, around) ?? []), ...before].filter(
    (node) => node !== own,
  )
}

/** Adds to the step the questions it asks for each outcome, with the steps that may be the answer. */
export function withDynamicRoutes(step: CompiledStep, spec: StepSpec): CompiledStep {
  const asking = askedRoutes(spec)
  if (asking.length === 0) return step
  return withRouting(step, {
    dynamicRoutes: Object.fromEntries(asking.map((route) => [route.on, dynamicRoute(route, step, spec)])),
  })
}

function dynamicRoute({ on, to: text, asks }: AskedRoute, { routing }: CompiledStep, spec: StepSpec): DynamicRoute {
  const to = Object.keys(routing?.routes ?? {}).flatMap((name) =>
    name.startsWith(`${on}:`) ? [name.slice(on.length + 1)] : [],
  )
  const context = [spec.id, ...spec.dependencies.map(({ id }) => id)]
  const own = asks.map((placed) => (isOpenQuestion(placed) ? { ...placed, context } : placed))
  const autoTags = compileTags(own, spec).map((tag) =>
    tag.shape.type === 'choice' && tag.shape.choices.length === 0
      ? { ...tag, shape: { ...tag.shape, choices: to } }
      : tag,
  )
  return { text, autoTags, to }
}
