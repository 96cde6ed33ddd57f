import type { Json } from '../../../kernel/schema.ts'
import type { Path, Report } from '../diagnostics/finding.ts'
import { doersIn } from '../link/names/scopes.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'

/** What a name for a model stands for; undefined: nothing. */
export type FindModel = (name: string) => string | undefined

/** Warns of models that are named in so many words and are not there: what runs elsewhere may run with others. */
export function checkModels({ model, steps }: PipelineSpec, find: FindModel, report: Report): void {
  const ofAll = (model?.names ?? []).map((name): Named => ({ name, path: ['model'] }))
  for (const { name, path, step } of [...ofAll, ...doersIn(steps).flatMap(namesIn)]) {
    if (find(name) !== undefined) continue
    report('unresolvable_model', path, `there is no model \`${name}\` here: a run would fail`, {
      ...(step !== undefined && { step }),
      hint: 'give one of yours this name by `aliases:` under `models:` in antiphon.yaml, or name another',
    })
  }
}

type Named = { readonly name: string; readonly path: Path; readonly step?: string }

function namesIn({ id, tool, parameters, parametersPath }: StepSpec): readonly Named[] {
  if (tool !== undefined) return []
  return ['model', 'models'].flatMap((key) => {
    const values: readonly Json[] = [parameters[key] ?? null].flat()
    const names = values.filter((value) => typeof value === 'string')
    return names.flatMap((name) =>
      /\{[{%]|<AUTO/.test(name) ? [] : [{ name, path: [...parametersPath, key], step: id }],
    )
  })
}
