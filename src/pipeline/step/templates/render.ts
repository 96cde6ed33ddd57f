import { setImmediate as nextTurn } from 'node:timers/promises'
import { type InvalidError, type Problem, problemOf, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { Condition, Template, TemplateScope } from '../../../template/template.ts'
import {
  parseCondition,
  parseTemplate,
  renderCommand,
  renderedSteps,
  renderItems,
  renderTemplate,
  testCondition,
} from '../../../template/template.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type DocumentPath, formatPath } from '../../language/diagnostics/finding.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { Fields } from '../view/aliases.ts'
import { NeedsThread, renderWithinLimits } from './render-in-thread.ts'

/** A value with all its templates rendered once, and never again. TerminalError names every template that failed. */
export function renderAll(value: Json, pipeline: CompiledPipeline, scope: TemplateScope, path: DocumentPath): Json {
  const rendering: Rendering = { pipeline, scope, failures: [] }
  const rendered = renderValue(value, rendering, path)
  if (rendering.failures.length > 0) throw failureOf(rendering.failures)
  return rendered
}

/** The value of a loop's list. A text that yields a list yields its items, also where the list prints as other text. */
export function renderLoopList(value: Json, pipeline: CompiledPipeline, scope: TemplateScope, key: string): Json {
  if (typeof value !== 'string') return renderAll(value, pipeline, scope, [key])
  const rendering: Rendering = { pipeline, scope, failures: [], isList: true }
  const rendered = renderText(value, rendering, [key])
  if (rendering.failures.length > 0) throw failureOf(rendering.failures)
  return rendered
}

/** The parameters of a tool, rendered like `renderAll` does, but with values quoted in command lines. */
export function renderToolParameters(
  { commands = [] }: Pick<Tool, 'commands'>,
  written: StepParameters,
  pipeline: CompiledPipeline,
  scope: TemplateScope,
): StepParameters {
  const path = ['parameters']
  if (commands.length === 0 || written.unsafe_shell === true)
    return renderAll(written, pipeline, scope, path) as StepParameters
  const failures: Problem[] = []
  const rendered = renderMap(written, { pipeline, scope, failures, commands, parameters: path }, path) as StepParameters
  if (failures.length > 0) throw failureOf(failures)
  return rendered
}

function failureOf(failures: readonly Problem[]): TerminalError {
  const { code } = failures.find(({ code }) => code === 'unresolved_template') ?? failures[0]!
  const hints = [...new Set(failures.flatMap(({ hint = [] }) => hint))]
  return new TerminalError(failures.map(({ message }) => message).join('; '), {
    code,
    ...(hints.length > 0 && { hint: hints.join(' ') }),
  })
}

/** Whether a condition holds. TerminalError when it cannot be evaluated. */
export function isTrue(condition: string, pipeline: CompiledPipeline, scope: TemplateScope): boolean {
  try {
    return renderWithinLimits(pipeline, scope, { kind: 'condition', text: condition }, (limits) =>
      testCondition(conditionOf(pipeline, condition), scope, limits),
    )
  } catch (error) {
    if (NeedsThread.is(error)) throw error
    throw new TerminalError(`condition: ${explained(error)}`, { code: problemOf(error).code, cause: error })
  }
}

type Rendering = {
  readonly pipeline: CompiledPipeline
  readonly scope: TemplateScope
  readonly failures: Problem[]
  /** the text is the list of a loop */
  readonly isList?: true
  /** keys of the map at `parameters` that are command lines */
  readonly commands?: readonly string[]
  readonly parameters?: DocumentPath
}

/** `key`: the position of the value in the list or map at `around`; its path is built only when needed. */
function renderValue(value: Json, rendering: Rendering, around: DocumentPath, key?: string | number): Json {
  if (typeof value === 'string') return renderText(value, rendering, around, key)
  if (typeof value !== 'object' || value === null) return value
  const path = pathTo(around, key)
  if (Array.isArray(value)) return value.map((item: Json, index) => renderValue(item, rendering, path, index))
  return renderMap(value as Fields, rendering, path)
}

const pathTo = (around: DocumentPath, key?: string | number): DocumentPath =>
  key === undefined ? around : around.concat(key)

function renderMap(map: Fields, rendering: Rendering, path: DocumentPath): Json {
  const rendered: { [key: string]: Json } = {}
  for (const key in map) {
    const value = renderValue(map[key] ?? null, rendering, path, key)
    // assigned like any other key, it would change the prototype
    if (key === '__proto__') Object.defineProperty(rendered, key, { ...OWN_PROPERTY, value })
    else rendered[key] = value
  }
  return rendered
}

const OWN_PROPERTY = { enumerable: true, configurable: true, writable: true } as const

function renderText(text: string, rendering: Rendering, around: DocumentPath, key?: string | number): Json {
  const { pipeline, scope, failures } = rendering
  try {
    const [kind, renderAs] = formOf(rendering, around, key)
    return renderWithinLimits(pipeline, scope, { kind, text }, (limits) =>
      renderAs(templateOf(pipeline, text), scope, limits),
    ) as Json
  } catch (error) {
    if (NeedsThread.is(error)) throw error
    failures.push({ ...problemOf(error), message: `${formatPath(pathTo(around, key))}: ${explained(error)}` })
    return null
  }
}

function formOf({ isList, commands, parameters }: Rendering, around: DocumentPath, key?: string | number) {
  if (isList) return ['list', renderItems] as const
  const isCommand = commands !== undefined && around === parameters && commands.includes(key as string)
  return isCommand ? (['command', renderCommand] as const) : (['text', renderTemplate] as const)
}

/** The message of an error, with its place in the text where that is known. */
function explained(error: unknown): string {
  const { place } = error as Partial<InvalidError>
  const where = place?.line === undefined ? '' : ` (line ${place.line}, column ${place.column})`
  return `${problemOf(error).message}${where}`
}

// the texts of a pipeline are parsed once while it is in memory

type Parsed = {
  readonly templates: Map<string, Template>
  readonly conditions: Map<string, Condition>
  readonly names: ReadonlySet<string>
}
const parsedTexts = new WeakMap<CompiledPipeline, Parsed>()

export function templateOf(pipeline: CompiledPipeline, text: string): Template {
  const { templates, names } = parsedOf(pipeline)
  const template = templates.get(text) ?? parseTemplate(text, { names })
  templates.set(text, template)
  return template
}

export function conditionOf(pipeline: CompiledPipeline, text: string): Condition {
  const { conditions, names } = parsedOf(pipeline)
  const condition = conditions.get(text) ?? parseCondition(text, { names })
  conditions.set(text, condition)
  return condition
}

function parsedOf(pipeline: CompiledPipeline): Parsed {
  const known = parsedTexts.get(pipeline) ?? {
    templates: new Map(),
    conditions: new Map(),
    names: new Set(pipeline.names),
  }
  parsedTexts.set(pipeline, known)
  return known
}

/** Rendering work after which other tasks get a turn: about ten milliseconds. */
const MAX_RENDER_STEPS_PER_TURN = 20_000

let stepsAtLastPause = 0

/** Lets other tasks run after much rendering; undefined when that is not due. */
export function pauseAfterRendering(): Promise<void> | undefined {
  if (renderedSteps() - stepsAtLastPause < MAX_RENDER_STEPS_PER_TURN) return undefined
  return nextTurn().then(() => {
    stepsAtLastPause = renderedSteps()
  })
}
