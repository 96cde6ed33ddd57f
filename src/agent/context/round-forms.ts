import type { Json } from '../../kernel/schema.ts'
import type { AssistantPart, ToolResult, ToolRound } from '../../model/request/tool-round.ts'
import type { CallOutput, Round, RoundCall } from '../goal/state.ts'
import { shortenFurther } from './shorten.ts'

/** How a round appears in a request. A later form is shorter. */
type RoundForm = { readonly results?: number; readonly parameters?: number } | 'one-line'

/** The forms of a round: whole, results as head, tail and handle of ever smaller size, then parameters, too, then one line for each call. */
const ROUND_FORMS: readonly RoundForm[] = [
  {},
  ...[4096, 2048, 1024, 512, 256, 64].map((results) => ({ results })),
  ...[2048, 512].map((parameters) => ({ results: 64, parameters })),
  'one-line',
]
export const WHOLE = 0
export const ONE_LINE = ROUND_FORMS.length - 1

/** A round in one of its forms; `number` counts from 1. Each call has a result in each form. */
export function roundInForm(round: Round, number: number, form: number): ToolRound {
  const { told, said, calls } = round
  const shape = ROUND_FORMS[form]!
  if (shape === 'one-line')
    return { said: said.flatMap(shortenPart), results: calls.map(lineResult), ...(told && { told }) }
  const { results: most, parameters } = shape
  const results = calls.map((call) => toToolResult(call, boundedResult(call, number, most)))
  return {
    said: parameters === undefined ? said : said.flatMap((part) => boundPart(part, parameters)),
    ...{ results, ...(told && { told }) },
  }
}

function boundedResult({ step, result = NO_RESULT }: RoundCall, round: number, most: number | undefined): CallOutput {
  if (most === undefined) return result
  return shortenFurther(result, most, step === undefined ? undefined : `${round}.${step}`)
}

function toToolResult({ id, name }: RoundCall, { outcome, output }: CallOutput): ToolResult {
  return outcome === 'succeeded' ? { id, name, output } : { id, name, output: { [outcome]: output }, failed: true }
}

/** Each call has a result in each request, whatever became of it. */
const NO_RESULT: CallOutput = { outcome: 'cancelled', output: 'the call was not made' }

function lineResult(call: RoundCall): ToolResult {
  const { outcome, output, characters } = call.result ?? NO_RESULT
  const length = characters ?? (typeof output === 'string' ? output : JSON.stringify(output)).length
  return toToolResult(call, { outcome, output: `(${length} characters, no longer shown)` })
}

/** Characters of a parameter, of all parameters of a call, and of a text of the model, in a round of one line for each call. */
const SHORT_TEXT = 100
const SHORT_INPUT = 300

/** Thoughts go, texts shrink, and calls keep the beginning of their parameters. */
function shortenPart(part: AssistantPart): AssistantPart[] {
  const [kept] = boundPart(part, SHORT_TEXT)
  if (kept?.type !== 'tool-call' || !isMap(kept.input)) return kept ? [kept] : []
  const fields: [string, Json][] = []
  let size = 0
  for (const [name, value] of Object.entries(kept.input)) {
    size += name.length + JSON.stringify(value).length
    if (size > SHORT_INPUT && fields.length > 0) break
    fields.push([name, value])
  }
  return [{ ...kept, input: Object.fromEntries(fields) }]
}

/** Thoughts go; texts and parameters have at most so many characters. */
function boundPart(part: AssistantPart, most: number): AssistantPart[] {
  if (part.type === 'reasoning') return []
  if (part.type === 'text') return [{ ...part, text: clip(String(part.text), most) }]
  const { input } = part
  if (!isMap(input)) return [part]
  const fields = Object.entries(input).map(([name, value]) => [name, clipValue(value, most)])
  return [{ ...part, input: Object.fromEntries(fields) as Json }]
}

const isMap = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function clipValue(value: Json, most: number): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= most ? value : clip(text, most)
}

const clip = (text: string, most: number) => (text.length <= most ? text : `${text.slice(0, most)}…`)
