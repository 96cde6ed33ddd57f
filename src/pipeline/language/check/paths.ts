import type { Json } from '../../../kernel/schema.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { callOf } from '../actions/action.ts'
import { isPlain } from '../actions/literals.ts'
import { nameTool } from '../actions/tool-names.ts'
import type { Path, Report } from '../diagnostics/finding.ts'
import { doersIn } from '../link/names/scopes.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'

/** What is wrong with a path that tools are to work at; undefined: nothing, or it cannot be told yet. */
export type JudgePath = (path: string) => { readonly message: string; readonly hint: string } | undefined

/** Warns of paths that are written out and lie where no tool may go. A run that can be given paths may open others. */
export function checkPaths({ steps, inputs }: PipelineSpec, toolbox: Toolbox, judge: JudgePath, report: Report): void {
  if (Object.values(inputs).some(({ type }) => type === 'path')) return
  for (const step of doersIn(steps))
    for (const [value, path] of pathsOf(step, toolbox)) {
      const wrong = typeof value === 'string' && isPlain(value) ? judge(value) : undefined
      if (wrong)
        report('would_fail', path, `the step would fail: ${wrong.message}`, { step: step.id, hint: wrong.hint })
    }
}

type Given = readonly [value: Json, path: Path]

/** What a step gives as paths, and where that stands. */
function pathsOf(written: StepSpec, toolbox: Toolbox): readonly Given[] {
  const { artifact, path } = written
  const step = nameTool(written, toolbox)
  const { operation, parameters } = callOf(step, step.tool ?? '', toolbox)
  const { paths = [] } = (step.tool === undefined ? undefined : toolbox.find(step.tool, operation)) ?? {}
  return [
    ...paths.flatMap((name) => eachIn(parameters[name] ?? null, [...step.parametersPath, name])),
    [artifact?.location ?? null, [...path, 'location']],
  ]
}

function eachIn(value: Json, at: Path): readonly Given[] {
  return Array.isArray(value) ? value.map((one: Json, index) => [one, [...at, index]]) : [[value, at]]
}
