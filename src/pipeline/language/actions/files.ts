import { isMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Path, Report } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { isPlain } from './literals.ts'

/** Reports what is written of the files for a model and is no path. */
export function checkFiles(said: Json, { id, parametersPath }: StepSpec, report: Report): void {
  const at: Path = [...parametersPath, 'files']
  for (const [value, path] of itemsIn(said, at)) {
    if (!isPlain(value) || isPath(isMap(value) ? value.path : value)) continue
    const shown = JSON.stringify(value).slice(0, 80)
    report('would_fail', path, `the step would fail: ${shown} is no path of a file`, {
      step: id,
      hint: '`files` is a path or a list of paths',
    })
  }
}

function itemsIn(said: Json, at: Path): readonly (readonly [Json, Path])[] {
  return Array.isArray(said) ? said.map((item, index) => [item, [...at, index]]) : [[said, at]]
}

const isPath = (value: Json | undefined) => typeof value === 'string' && value.trim() !== ''
