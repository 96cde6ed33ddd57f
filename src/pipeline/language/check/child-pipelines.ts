import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Finding } from '../../../run/finding.ts'
import { isCallbackTool } from '../../../step/messages/callback.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { TextPosition } from '../../../yaml/parse.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { workingSteps } from '../link/names/scopes.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'
import type { ReadInclude } from '../source/expand.ts'
import type { FindPipeline, FoundPipeline } from '../source/resolve.ts'

/** The result of compiling a child pipeline: its findings, and its inputs when it is valid. */
type ChildCompilation = {
  readonly findings: readonly Finding[]
  readonly inputs?: { readonly [name: string]: InputSpec }
}

export type ChildPipelines = {
  readonly find: FindPipeline
  /** reads the files that the pipeline includes, and those of pipelines inside it */
  readonly read?: ReadInclude | undefined
  /** spends characters and names of the budget; false: it is used up, and deeper pipelines are checked when they run */
  readonly spend: TrySpend
  readonly compile: (found: FoundPipeline, given: readonly string[]) => ChildCompilation
}

/** Warns of literally named child pipelines that are missing or do not compile. Their step compiles them again. */
export function checkChildPipelines(
  spec: PipelineSpec,
  given: readonly string[],
  toolbox: Toolbox,
  children: ChildPipelines,
  report: ReportFinding,
): void {
  const names = [...Object.keys(spec.inputs), ...given]
  for (const written of workingSteps(spec.steps)) {
    const step = resolveToolName(written, toolbox)
    const path = [...step.parametersPath, 'pipeline']
    if (runsPipelines(step, toolbox))
      checkChildPipeline(step, names, children, createReportFailure(path, step.id, report))
  }
}

function checkChildPipeline(
  step: StepSpec,
  above: readonly string[],
  children: ChildPipelines,
  tell: ReportFailure,
): void {
  const { compile, spend } = children
  const { pipeline = null } = step.parameters
  const found = resolveChild(pipeline, children)
  if (!found) return
  if ('message' in found) {
    tell(found.message, found.hint)
    return
  }
  if (!spend(1 + above.length)) return
  const given = namesGiven(step, above)
  if (!given) return
  const { findings, inputs = {} } = compile(found, given)
  const [fault, ...others] = findings.filter(({ severity }) => severity === 'error')
  if (fault) reportChildFault(fault, others.length, found.file, pipeline, tell)
  const missing = Object.keys(inputs).filter((name) => isNeeded(inputs[name]!) && !given.includes(name))
  if (missing.length > 0)
    tell(`${found.file} requires the input \`${missing.join('`, `')}\``, 'pass it under `inputs:`')
}

function runsPipelines({ tool }: StepSpec, toolbox: Toolbox): boolean {
  const found = tool === 'pipeline-executor' ? toolbox.find(tool) : undefined
  return found !== undefined && isCallbackTool(found)
}

type ReportFailure = (message: string, hint?: string, within?: TextPosition) => void

function createReportFailure(path: DocumentPath, step: string, report: ReportFinding): ReportFailure {
  return (message, hint, within) =>
    report('would_fail', path, `the step would fail: ${message}`, { step, hint, ...(within && { within }) })
}

const INLINE = '(the pipeline here)'

/** Resolves a child pipeline before templates are rendered. A map or a text of several lines is itself a pipeline. */
function resolveChild(pipeline: Json, { find, read }: ChildPipelines): ReturnType<FindPipeline> {
  if (isJsonObject(pipeline)) return { text: JSON.stringify(pipeline, null, 2), file: INLINE, find, read }
  if (typeof pipeline !== 'string') return undefined
  if (pipeline.trim().includes('\n')) return { text: pipeline, file: INLINE, find, read }
  return NOT_A_NAME.test(pipeline) ? undefined : find(pipeline.trim())
}

const NOT_A_NAME = /\{\{|\{%|<AUTO|^\s*$/

/** The names of the inputs it gets; undefined when they are not known. */
function namesGiven(
  { parameters: { inputs = {}, inherit_context: inherits = true } }: StepSpec,
  above: readonly string[],
): readonly string[] | undefined {
  if (!isJsonObject(inputs) || typeof inherits !== 'boolean') return undefined
  return [...new Set([...Object.keys(inputs), ...(inherits ? above : [])])].sort()
}

/** Compiled child pipelines by text, and the remaining budget for them. */
export type ChildCache = { readonly known: Map<string, Map<string, ChildCompilation>>; readonly spend: TrySpend }
type TrySpend = (count: number) => boolean

/** An empty cache, with a budget as large as the largest pipeline. */
export function createChildCache(): ChildCache {
  let left = 1024 * 1024
  const spend = (count: number) => {
    left -= count
    return left >= 0
  }
  return { known: new Map(), spend }
}

/** Compiles each pipeline once for each set of inputs, however many steps and parents name it. */
export function compileOnce(
  compile: ChildPipelines['compile'],
  { known, spend }: ChildCache,
): ChildPipelines['compile'] {
  return (found, given) => {
    const key = JSON.stringify([found.file, given])
    const ofText = known.get(found.text) ?? new Map<string, ChildCompilation>()
    const child = ofText.get(key)
    if (child) return child
    known.set(found.text, ofText.set(key, NO_FINDINGS))
    if (!spend(MIN_COMPILE_COST + found.text.length)) return NO_FINDINGS
    const compiled = compile(readSparingly(found, spend), given)
    // a pipeline that was not read to its end is not judged
    if (!spend(0)) return NO_FINDINGS
    ofText.set(key, compiled)
    return compiled
  }
}

/** Included text counts against the budget. */
function readSparingly(found: FoundPipeline, spend: TrySpend): FoundPipeline {
  const { read } = found
  if (!read) return found
  const readSome: ReadInclude = (path, from) => {
    const included = read(path, from)
    return 'text' in included && !spend(included.text.length) ? { ...included, text: '' } : included
  }
  return { ...found, read: readSome }
}

/** The minimum cost of a compilation, so that at most a hundred are compiled. */
const MIN_COMPILE_COST = 10_000
const NO_FINDINGS: ChildCompilation = { findings: [] }

const isNeeded = ({ required, default: other }: InputSpec) => required && other === undefined

/** Reports a fault at its position for an inline pipeline, or with the file name otherwise. */
function reportChildFault(fault: Finding, more: number, file: string, pipeline: Json, tell: ReportFailure): void {
  const { message, hint, line = 1, column = 1 } = fault
  const others = more > 0 ? ` (and ${more} more)` : ''
  const isHere = typeof pipeline === 'string' && file === INLINE
  const place = file === INLINE ? '' : `${file}:${line}:${column}: `
  tell(`${place}${message}${others}`, hint, isHere ? { line, column } : undefined)
}
