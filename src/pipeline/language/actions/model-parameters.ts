import { z } from 'zod'
import type { Taker } from '../../../tool/input.ts'
import type { Parameters, Work } from '../../plan/compiled.ts'
import type { Report } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { settings } from './model-settings.ts'
import { checkValues } from './parameter-values.ts'
import { IN_STEPS, recursion } from './recursion-mode.ts'

const isBlank = (value: unknown) => value === null || (typeof value === 'string' && value.trim() === '')
const asked = z.unknown().refine((value) => !isBlank(value), 'it is empty')
const prompt: Taker = { input: z.object({ prompt: asked.optional() }) }
const question: Taker = {
  input: z.object({
    prompt: z
      .string()
      .refine((text) => !isBlank(text), 'it is empty')
      .optional(),
  }),
}
const rounds: Taker = { input: z.object({ recursion: recursion.optional() }) }
const sources: Taker = { input: z.object({ files: z.union([z.string(), z.array(z.string())]).nullish() }) }

/** Reports what an action that asks a model, or the chain, will refuse of its parameters. */
export function checkSettings(work: Work, step: StepSpec, report: Report): void {
  const check = (taker: Taker, parameters: Parameters) => checkValues(taker, parameters, step, report)
  if (work.type === 'chain') {
    check(question, pick(step.parameters, 'prompt'))
    check(sources, pick(step.parameters, 'files'))
    checkRecursion(step, report)
  }
  if (work.type !== 'text') return
  // any form will do where a schema says what the answer is
  const { response_format: _, ...rest } = step.parameters
  check(settings, step.parameters.schema === undefined ? step.parameters : rest)
  if (work.action === 'generate' || work.action === 'structured') check(prompt, pick(step.parameters, 'prompt'))
}

function checkRecursion(step: StepSpec, report: Report): void {
  const { id, parameters, parametersPath } = step
  const at = [...parametersPath, 'recursion']
  if (parameters.recursion === 'step') report('not_supported', at, IN_STEPS.message, { step: id, hint: IN_STEPS.hint })
  else checkValues(rounds, pick(parameters, 'recursion'), step, report)
}

function pick(parameters: Parameters, name: string): Parameters {
  return name in parameters ? { [name]: parameters[name]! } : {}
}
