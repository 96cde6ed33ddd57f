import { type InvalidError, type Problem, problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import {
  type Condition,
  parseCondition,
  parseTemplate,
  render,
  type Scope,
  type Template,
  test,
} from '../../template/template.ts'
import type { CompiledPipeline } from '../compiled.ts'
import { formatPath, type Path } from '../findings.ts'
import type { Fields } from '../view/fields.ts'

/** A value with all its templates rendered, once; what they yield is never rendered again. TerminalError names every one that failed. */
export function renderAll(value: Json, pipeline: CompiledPipeline, scope: Scope, path: Path): Json {
  const rendering: Rendering = { pipeline, scope, path: [...path], failures: [] }
  const rendered = renderValue(value, rendering)
  const [first, ...others] = rendering.failures
  if (!first) return rendered
  const unresolved = rendering.failures.find(({ code }) => code === 'unresolved_template')
  const message = [first, ...others].map((failure) => failure.message).join('; ')
  const hints = [...new Set(rendering.failures.flatMap(({ hint = [] }) => hint))]
  throw new TerminalError(message, {
    code: (unresolved ?? first).code,
    ...(hints.length > 0 && { hint: hints.join('; ') }),
  })
}

/** Whether a condition holds; TerminalError when it cannot be told. */
export function holds(condition: string, pipeline: CompiledPipeline, scope: Scope): boolean {
  try {
    return test(conditionOf(pipeline, condition), scope)
  } catch (error) {
    throw new TerminalError(`condition: ${explained(error)}`, { code: problemOf(error).code, cause: error })
  }
}

type Rendering = {
  readonly pipeline: CompiledPipeline
  readonly scope: Scope
  /** where it is at work */
  readonly path: (string | number)[]
  readonly failures: Problem[]
}

function renderValue(value: Json, rendering: Rendering): Json {
  if (typeof value === 'string') return renderText(value, rendering)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item, index) => renderAt(index, item, rendering))
  return renderMap(value as Fields, rendering)
}

function renderMap(map: Fields, rendering: Rendering): Json {
  const rendered: { [key: string]: Json } = {}
  for (const key of Object.keys(map)) {
    const value = renderAt(key, map[key] ?? null, rendering)
    // set as any other, it would be what all objects have in common
    if (key === '__proto__') Object.defineProperty(rendered, key, { ...OWN, value })
    else rendered[key] = value
  }
  return rendered
}

const OWN = { enumerable: true, configurable: true, writable: true } as const

function renderAt(key: string | number, value: Json, rendering: Rendering): Json {
  rendering.path.push(key)
  const rendered = renderValue(value, rendering)
  rendering.path.pop()
  return rendered
}

function renderText(text: string, { pipeline, scope, path, failures }: Rendering): Json {
  try {
    return render(templateOf(pipeline, text), scope) as Json
  } catch (error) {
    failures.push({ ...problemOf(error), message: `${formatPath(path)}: ${explained(error)}` })
    return null
  }
}

/** What went wrong, and where in the text, as far as the error tells. */
function explained(error: unknown): string {
  const { place } = error as Partial<InvalidError>
  const where = place?.line === undefined ? '' : ` (line ${place.line}, column ${place.column})`
  return `${problemOf(error).message}${where}`
}

// a pipeline's texts are parsed once as long as it is in memory

type Parsed = {
  readonly templates: Map<string, Template>
  readonly conditions: Map<string, Condition>
  readonly names: ReadonlySet<string>
}
const parsed = new WeakMap<CompiledPipeline, Parsed>()

/** The template of an author's text. */
export function templateOf(pipeline: CompiledPipeline, text: string): Template {
  const { templates, names } = parsedOf(pipeline)
  const template = templates.get(text) ?? parseTemplate(text, { names })
  templates.set(text, template)
  return template
}

function conditionOf(pipeline: CompiledPipeline, text: string): Condition {
  const { conditions, names } = parsedOf(pipeline)
  const condition = conditions.get(text) ?? parseCondition(text, { names })
  conditions.set(text, condition)
  return condition
}

function parsedOf(pipeline: CompiledPipeline): Parsed {
  const known = parsed.get(pipeline) ?? { templates: new Map(), conditions: new Map(), names: new Set(pipeline.names) }
  parsed.set(pipeline, known)
  return known
}
