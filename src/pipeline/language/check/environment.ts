import type { Json } from '../../../kernel/schema.ts'
import { EXECUTION_STRATEGIES } from '../../../run/run.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { isStrategyName } from '../../plan/strategy.ts'
import { resolveToolCall } from '../actions/action.ts'
import { isLiteral } from '../actions/literals.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { workingSteps } from '../link/names/scopes.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'

/** The model with a name; undefined when there is none. */
export type FindModel = (name: string) => string | undefined

/** Warns of literally named models that do not exist here; a warning only, as a run elsewhere may have others. */
export function checkModels({ model, steps }: PipelineSpec, find: FindModel, report: ReportFinding): void {
  const ofAll = (model?.names ?? []).map((name): NamedModel => ({ name, path: ['model'] }))
  for (const { name, path, step } of [...ofAll, ...workingSteps(steps).flatMap(namesIn)]) {
    if (find(name) !== undefined) continue
    report('unresolvable_model', path, `there is no model \`${name}\` here: a run would fail`, {
      ...(step !== undefined && { step }),
      hint: 'Name another model, or map this name to one with `aliases:` under `models:` in antiphon.yaml.',
    })
  }
}

type NamedModel = { readonly name: string; readonly path: DocumentPath; readonly step?: string }

function namesIn({ id, tool, parameters, parametersPath }: StepSpec): readonly NamedModel[] {
  if (tool !== undefined) return []
  return ['model', 'models'].flatMap((key) => {
    const values: readonly Json[] = [parameters[key] ?? null].flat()
    const names = values.filter((value) => typeof value === 'string')
    return names.flatMap((name) =>
      /\{[{%]|<AUTO/.test(name) ? [] : [{ name, path: [...parametersPath, key], step: id }],
    )
  })
}

/** Judges a path that tools would use; undefined when it is allowed or not known yet. */
export type JudgePath = (path: string) => { readonly message: string; readonly hint: string } | undefined

/** Warns of literal paths that no tool may use. A run that gets paths as inputs may open others. */
export function checkPaths(
  { steps, inputs }: PipelineSpec,
  toolbox: Toolbox,
  judge: JudgePath,
  report: ReportFinding,
): void {
  if (Object.values(inputs).some(({ type }) => type === 'path')) return
  for (const step of workingSteps(steps))
    for (const [value, path] of pathsOf(step, toolbox)) {
      const wrong = typeof value === 'string' && isLiteral(value) ? judge(value) : undefined
      if (wrong)
        report('would_fail', path, `the step would fail: ${wrong.message}`, { step: step.id, hint: wrong.hint })
    }
}

type GivenPath = readonly [value: Json, path: DocumentPath]

/** The paths that a step passes to its tool, with their positions. */
function pathsOf(written: StepSpec, toolbox: Toolbox): readonly GivenPath[] {
  const { artifact, path } = written
  const step = resolveToolName(written, toolbox)
  const { operation, parameters } = resolveToolCall(step, step.tool ?? '', toolbox)
  const { paths = [] } = (step.tool === undefined ? undefined : toolbox.find(step.tool, operation)) ?? {}
  return [
    ...paths.flatMap((name) => eachIn(parameters[name] ?? null, [...step.parametersPath, name])),
    [artifact?.location ?? null, [...path, 'location']],
  ]
}

function eachIn(value: Json, at: DocumentPath): readonly GivenPath[] {
  return Array.isArray(value) ? value.map((one: Json, index) => [one, [...at, index]]) : [[value, at]]
}

/** Checks the strategy of a pipeline. `known`: those of the program here; one that is unknown may be elsewhere. */
export function checkStrategy(name: string, known: readonly string[] | undefined, report: ReportFinding): void {
  if (EXECUTION_STRATEGIES.includes(name) || known?.includes(name)) return
  const hint = suggestOrList(name, [...EXECUTION_STRATEGIES, ...(known ?? [])], 'strategies')
  if (!isStrategyName(name)) report('bad_value', ['strategy'], `there is no strategy \`${name}\``, { hint })
  else if (known) report('would_fail', ['strategy'], `the run would wait: no program here has \`${name}\``, { hint })
}
