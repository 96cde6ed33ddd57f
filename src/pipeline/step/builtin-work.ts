import { problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { StepResult } from '../../step/call/context.ts'
import type { StepParameters } from '../../step/record/outcome.ts'
import type { Matcher } from '../../template/template.ts'
import { coerceInput, createInputMatcher, inputProblem, typeProblem } from '../language/parse/inputs/given-inputs.ts'
import { parseListText } from '../language/parse/inputs/list-text.ts'
import type { StepWork, SyntheticWork } from '../plan/compiled.ts'
import type { InputSpec, Inputs } from '../plan/inputs.ts'
import type { PipelineContext } from './context.ts'
import { isTrue, renderAll } from './templates/render.ts'
import { NeedsThread } from './templates/render-in-thread.ts'

type ResolvedWork<Type extends SyntheticWork['type']> = Extract<SyntheticWork, { readonly type: Type }>

/** The defaults of the missing inputs, checked like given inputs. */
export function resolveInputs(work: ResolvedWork<'inputs'>, context: PipelineContext): StepResult {
  const { pipeline, scope } = context
  const rendered = renderAll(missingInputs(work, context), pipeline, scope, ['inputs']) as StepParameters
  const matches = createInputMatcher()
  const checked = Object.entries(rendered).map(([name, value]) => [
    name,
    checkInput(name, pipeline.inputs[name]!, value, matches),
  ])
  return { type: 'result', result: Object.fromEntries(checked) }
}

/** The parameters that ask for inputs the run was not given. */
export function missingInputs(
  { parameters }: ResolvedWork<'inputs'>,
  { scope }: Pick<PipelineContext, 'scope'>,
): StepParameters {
  const given = scope.get('inputs') as Inputs
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => (given[name] ?? null) === null))
}

function checkInput(name: string, spec: InputSpec, value: Json, matches: Matcher): Json {
  const typed = coerceInput(spec.type, value)
  const wrong = typed === undefined ? typeProblem(spec, value) : inputProblem(spec, typed, matches)
  if (typed !== undefined && wrong === undefined) return typed
  throw invalidAnswer(`inputs.${name}`, wrong!)
}

/** The steps that another step waits for. */
export function resolveDependencies(
  { of, parameters }: ResolvedWork<'depends'>,
  { pipeline, scope }: PipelineContext,
): StepResult {
  const { on = null } = renderAll(parameters, pipeline, scope, []) as StepParameters
  const depends = parseListText(on, 'depends_on').map(String)
  const wrong = depends.find((id) => !of.includes(id))
  if (wrong !== undefined)
    throw invalidAnswer('depends_on', `expected one of ${of.join(', ').slice(0, 500)}, got ${JSON.stringify(wrong)}`)
  return { type: 'result', result: depends, depends }
}

function invalidAnswer(place: string, what: string): TerminalError {
  return new TerminalError(`${place}: ${what}`, { code: 'auto_invalid' })
}

/** Whether a condition holds, as a result that other steps can read. */
export function evaluateCondition(
  { condition }: Extract<StepWork, { type: 'decide' }>,
  { pipeline, scope }: PipelineContext,
): StepResult {
  const result = isTrue(condition, pipeline, scope)
  return { type: 'result', result, fields: { action: 'evaluate_condition' } }
}

/** The outputs of the run. One that cannot be rendered is null, with a warning. */
export function renderOutputs(values: StepParameters, { pipeline, scope }: PipelineContext): StepResult {
  const outputs: [name: string, value: Json][] = []
  const warnings: string[] = []
  for (const [name, value] of Object.entries(values)) {
    try {
      outputs.push([name, renderAll(value, pipeline, scope, ['outputs', name])])
    } catch (error) {
      if (NeedsThread.is(error)) throw error
      outputs.push([name, null])
      const { message, hint } = problemOf(error)
      warnings.push(`output_unresolved: ${[message, ...(hint ? [hint] : [])].join('; ').slice(0, 500)}`)
    }
  }
  return { type: 'outputs', outputs: Object.fromEntries(outputs), warnings: warnings.slice(0, 100) }
}
