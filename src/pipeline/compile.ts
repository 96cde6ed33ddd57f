import type { Toolbox } from '../tool/toolbox.ts'
import { checkAmbiguousIds } from './compile/ids.ts'
import { namesWithHyphens } from './compile/names.ts'
import { compileSteps } from './compile/steps.ts'
import { type CompiledPipeline, OUTPUTS } from './compiled.ts'
import { type Finding, hasErrors, type Report } from './findings.ts'
import { readYaml } from './spec/yaml.ts'
import { type PipelineSpec, readSpec } from './spec.ts'

/** What the compiler needs to know: what to call the file in findings, and which tools there are. */
export type CompileContext = { readonly file: string; readonly toolbox: Toolbox }

/** A verdict: all there is to say, and the pipeline unless an error is among it. */
export type Compilation = { readonly pipeline?: CompiledPipeline; readonly findings: readonly Finding[] }

/** Compiles the text of a pipeline; pure, so that the same text and tools always give the same pipeline and hash. */
export function compileText(text: string, { file, toolbox }: CompileContext): Compilation {
  const source = readYaml(text, file)
  const { findings } = source
  if (hasErrors(findings)) return { findings }
  const spec = readSpec(source)
  const pipeline = spec && compile(spec, toolbox, source.report)
  return pipeline && !hasErrors(findings) ? { pipeline, findings } : { findings }
}

function compile(spec: PipelineSpec, toolbox: Toolbox, report: Report): CompiledPipeline {
  checkAmbiguousIds(spec, report)
  const steps = compileSteps(spec, toolbox, report)
  const top = Object.entries(steps).filter(([node, step]) => node !== OUTPUTS && step.loop === undefined)
  return {
    v: 1,
    id: spec.id,
    name: spec.name,
    inputs: spec.inputs,
    names: namesWithHyphens(spec),
    roots: top.filter(([, { needs }]) => needs.length === 0).map(([id]) => id),
    size: top.length,
    steps,
  }
}
