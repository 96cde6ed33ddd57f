import type { Json } from '../../../kernel/schema.ts'
import type { PropertySchema } from '../../../tool/schema.ts'
import { INPUTS_NODE } from '../../plan/compiled.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import { declaredPlace, withDeclaredPlace } from '../parse/inputs/given-inputs.ts'
import { EMPTY_STEP, type PipelineSpec } from '../parse/pipeline-spec.ts'
import { createTagLifter } from './lifter.ts'

/** Adds a step that asks for the <AUTO> defaults of inputs; unchanged when no input has one. */
export function liftInputs(spec: PipelineSpec, report: ReportFinding): PipelineSpec {
  const lifter = createTagLifter(report, undefined, '__auto_i')
  const asked = Object.entries(spec.inputs).flatMap(([name, input]) =>
    typeof input.asks === 'object' ? [{ name, input, ...input.asks }] : [],
  )
  if (asked.length === 0) return spec
  const texts = asked.map(({ name, input, text, path }) => [
    name,
    lifter.text(text, path, { key: '', property: propertyOf(input) }),
  ])
  const parameters = Object.fromEntries(texts) as { readonly [name: string]: Json }
  const known = asked.map(({ name, input }) => [
    name,
    withDeclaredPlace({ ...input, asks: true }, declaredPlace(input)),
  ])
  const path = ['inputs']
  return {
    ...spec,
    inputs: { ...spec.inputs, ...Object.fromEntries(known) },
    teller: {
      ...EMPTY_STEP,
      id: INPUTS_NODE,
      path,
      parameters,
      parametersPath: path,
      autoTags: lifter.taken(),
      made: { type: 'inputs', names: asked.map(({ name }) => name), parameters },
    },
  }
}

/** The answer shape that an input accepts. */
function propertyOf({ type, choices, range, rules }: InputSpec): PropertySchema {
  const [low = rules?.min, high = rules?.max] = range ?? []
  return {
    type,
    ...(choices && { enum: choices }),
    ...(low !== undefined && { minimum: low }),
    ...(high !== undefined && { maximum: high }),
  }
}
