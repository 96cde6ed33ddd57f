import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { parseInput, type TakesInput } from '../../../tool/input.ts'
import type { StepWork } from '../../plan/compiled.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { checkValues } from './tool-parameters.ts'

const tokens = z.int().min(1).nullish()
const format = z.enum(['text', 'json', 'json_object', 'json_schema'])
const withSchema = z.looseObject({ json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()) }) })
const settingsSchema = z.looseObject({
  temperature: z.number().min(0).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  response_format: z.union([format, z.looseObject({ type: format }), withSchema]).nullish(),
})

type Settings = z.infer<typeof settingsSchema>

/** Reads the settings of an answer; null counts as absent. */
const settings: TakesInput = { input: settingsSchema }

/** Reads the limits of an answer. Templates may have turned numbers into texts. InvalidError for an invalid one. */
export function readGenerationLimits(parameters: StepParameters): {
  readonly temperature?: number
  readonly maxTokens?: number
} {
  const { temperature = null, max_tokens = null, max_completion_tokens = null } = parameters
  const read = parseInput(settings, { temperature, max_tokens, max_completion_tokens }) as Settings
  const maxTokens = read.max_tokens ?? read.max_completion_tokens
  return {
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(typeof read.temperature === 'number' && { temperature: read.temperature }),
  }
}

/** The `recursion` parameter of a chain step: the Understanding phase decides, or never. */
const recursion = z.enum(['auto', 'never'])

/** Why such a step cannot wait for decisions, and what can. */
const NO_DECISIONS_IN_STEPS = {
  message: 'an ask in a step does not wait for decisions: expected `recursion` auto or never',
  hint: 'Let an `approval-gate` step decide on its answer, or ask outside of a pipeline with `antiphon ask --recursion step`.',
} as const

/** Reads the rendered `recursion` parameter. TerminalError when it is invalid. */
export function readRecursion(value: Json | undefined): { readonly recursion?: z.infer<typeof recursion> } {
  if (value === undefined) return {}
  const { data } = recursion.safeParse(value)
  if (data) return { recursion: data }
  if (value === 'step')
    throw new TerminalError(NO_DECISIONS_IN_STEPS.message, { code: 'not_supported', hint: NO_DECISIONS_IN_STEPS.hint })
  throw new TerminalError('parameters.recursion: expected auto or never', { code: 'bad_value' })
}

const isBlank = (value: unknown) => value === null || (typeof value === 'string' && value.trim() === '')
const nonBlank = z.unknown().refine((value) => !isBlank(value), 'it is empty')
const prompt: TakesInput = { input: z.object({ prompt: nonBlank.optional() }) }
const question: TakesInput = {
  input: z.object({
    prompt: z
      .string()
      .refine((text) => !isBlank(text), 'it is empty')
      .optional(),
  }),
}
const rounds: TakesInput = { input: z.object({ recursion: recursion.optional() }) }
const sources: TakesInput = { input: z.object({ files: z.union([z.string(), z.array(z.string())]).nullish() }) }
const sharing: TakesInput = { input: z.object({ share: z.boolean().nullish(), priors: z.boolean().nullish() }) }

/** Reports parameters that a model action, or the chain, will refuse. */
export function checkModelParameters(work: StepWork, step: StepSpec, report: ReportFinding): void {
  const check = (taker: TakesInput, parameters: StepParameters) => checkValues(taker, parameters, step, report)
  if (work.type === 'chain') {
    check(question, pick(step.parameters, 'prompt'))
    check(sources, pick(step.parameters, 'files'))
    check(sharing, { ...pick(step.parameters, 'share'), ...pick(step.parameters, 'priors') })
    checkRecursion(step, report)
  }
  if (work.type !== 'text') return
  // with a schema any response format is accepted
  const { response_format: _, ...rest } = step.parameters
  check(settings, step.parameters.schema === undefined ? step.parameters : rest)
  if (work.action === 'generate' || work.action === 'structured') check(prompt, pick(step.parameters, 'prompt'))
}

function checkRecursion(step: StepSpec, report: ReportFinding): void {
  const { id, parameters, parametersPath } = step
  const at = [...parametersPath, 'recursion']
  if (parameters.recursion === 'step')
    report('not_supported', at, NO_DECISIONS_IN_STEPS.message, { step: id, hint: NO_DECISIONS_IN_STEPS.hint })
  else checkValues(rounds, pick(parameters, 'recursion'), step, report)
}

function pick(parameters: StepParameters, name: string): StepParameters {
  return name in parameters ? { [name]: parameters[name]! } : {}
}
