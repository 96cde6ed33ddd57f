import type { Json } from '../../../kernel/schema.ts'
import type { RouteOutcome } from '../../plan/routing.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import type { AuthoredName, RouteSpec, StepSpec } from './pipeline-spec.ts'
import { readKey, reportKey, reportTemplate, reportValue, type StepReader } from './reader.ts'

type RouteKey = 'goto' | 'on_success' | 'on_false' | 'else'
const ROUTE_KEYS: readonly (readonly [key: RouteKey, on: RouteOutcome])[] = [
  ['goto', 'success'],
  ['on_success', 'success'],
  ['on_false', 'false'],
  ['else', 'false'],
]

const NO_TEMPLATE_HINT = 'A template is not allowed here: use `condition:` on the steps that may be skipped.'

/** Reads the routes of a step by outcome. `failure`: the target of `on_failure:`. */
export function readRoutes(reader: StepReader, failure: AuthoredName | undefined): Pick<StepSpec, 'routes'> {
  const routes = ROUTE_KEYS.flatMap(([key, on]) => readRoute(reader, key, on) ?? [])
  for (const [first, second] of [
    ['goto', 'on_success'],
    ['on_false', 'else'],
  ] as const) {
    if (reader.step[first] !== undefined && reader.step[second] !== undefined)
      reportKey(
        reader,
        'bad_value',
        second,
        `a step cannot have both \`${first}:\` and \`${second}:\`, which mean the same`,
      )
  }
  return { routes: failure ? [...routes, { on: 'failure', to: failure.text, path: failure.path }] : routes }
}

function readRoute(reader: StepReader, key: RouteKey, on: RouteOutcome): RouteSpec | undefined {
  const value = readKey(reader, key)
  if (value === undefined) return undefined
  if (!hasAutoTag(value) && /\{\{|\{%/.test(value))
    return reportTemplate(reader, key, 'the id of a step', NO_TEMPLATE_HINT)
  if (on === 'false' && reader.step.condition === undefined && reader.step.if === undefined)
    return reportKey(reader, 'bad_value', key, `\`${key}:\` requires a \`condition:\` that can be false`)
  return { on, to: value, path: [...reader.path, key], ...(hasAutoTag(value) && { asks: [] }) }
}

/** `fallback:` names steps or models, one or a list. */
export function readFallback(reader: StepReader): Pick<StepSpec, 'fallback'> {
  const value = reader.step.fallback
  if (value === undefined) return { fallback: [] }
  const path = [...reader.path, 'fallback']
  const names: readonly Json[] = Array.isArray(value) ? value : [value]
  if (names.length > 0 && names.length <= 20 && names.every((name) => typeof name === 'string' && name.trim() !== '')) {
    const at = (index: number) => (Array.isArray(value) ? [...path, index] : path)
    return { fallback: names.map((name, index) => ({ text: String(name).trim(), path: at(index) })) }
  }
  reportValue(reader, 'fallback', 'the id of a step, the name of a model, or a list of up to 20 of them')
  return { fallback: [] }
}
