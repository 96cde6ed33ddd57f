import { asText, isJsonObject, type Json } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { withoutThoughts } from '../../model/request/chat-thoughts.ts'
import type { AssistantPart, ToolResult, ToolRound } from '../../model/request/request.ts'
import type { CallOutput, Round, RoundCall } from '../protocol/rounds.ts'
import { type FileTexts, hiddenFiles, hiddenNote, NO_TEXTS, shownNote } from './file-lines.ts'
import { shortenFurther, shownResult } from './shorten.ts'

/** How a round appears in a request. A later form is shorter. */
type RoundForm = { readonly results?: number; readonly parameters?: number } | 'one-line'

/** The forms of a round: whole, ever shorter results, shorter parameters, too, then one line for each call. */
const ROUND_FORMS: readonly RoundForm[] = [
  {},
  ...[4096, 2048, 1024, 512, 256, 64].map((results) => ({ results })),
  ...[2048, 512].map((parameters) => ({ results: 64, parameters })),
  'one-line',
]
export const WHOLE = 0
export const ONE_LINE = ROUND_FORMS.length - 1

/**
 * A round in one of its forms; `number` counts from 1. Each call has a result in each form. A whole round has its
 * files; in the other forms, there is a line for each of them.
 */
export function roundInForm(round: Round, number: number, form: number, texts: FileTexts = NO_TEXTS): ToolRound {
  const { told: given, said, calls } = round
  const shape = ROUND_FORMS[form]!
  const notes = given?.map((note) => (form === WHOLE ? shownNote(note) : hiddenNote(note, texts)))
  if (shape === 'one-line')
    return {
      said: said.flatMap(shortenPart),
      results: calls.map((call) => lineResult(call, texts)),
      ...(notes && { told: notes }),
    }
  const { results: most, parameters = Number.POSITIVE_INFINITY } = shape
  const results = calls.map((call) => {
    const { files } = call.result ?? {}
    const result = boundedResult(call, number, most)
    if (form !== WHOLE) return toToolResult(call, withFileLines(result, files, texts), parameters)
    return { ...toToolResult(call, result, parameters), ...(files && { files }) }
  })
  return {
    said: parameters === Number.POSITIVE_INFINITY ? said : said.flatMap((part) => boundPart(part, parameters)),
    results,
    ...(notes && { told: notes }),
  }
}

/** A result as the model sees it, with a maximum of characters. */
function boundedResult(call: RoundCall, round: number, most: number | undefined): CallOutput {
  const { step, result = withoutResult(call) } = call
  const bounded = most === undefined ? result : shortenFurther(result, most)
  return { outcome: bounded.outcome, output: shownResult(bounded, step && `${round}.${step}`) }
}

function toToolResult(
  { id, name, parameters, asked }: RoundCall,
  { outcome, output: given }: CallOutput,
  most: number,
): ToolResult {
  const output = asked === undefined ? given : `${editNote(parameters, most)}\n${asText(given)}`
  if (outcome === 'succeeded') return { id, name, output }
  // a model would repeat a call that has failed
  return {
    id,
    name,
    output: { [outcome]: output },
    ...(outcome !== 'made' && outcome !== 'pending' && { failed: true as const }),
  }
}

/** Without this note, the model would assume that the call had its own parameters. */
const editNote = (parameters: RoundCall['parameters'], most: number) =>
  `A person changed this call before it was made. Its parameters were ${clip(JSON.stringify(parameters), most)}`

/** Each call has a result in each request, whatever became of it. Its run may have made a call without a record. */
export const withoutResult = ({ step }: Pick<RoundCall, 'step'>): CallOutput =>
  step === undefined ? NOT_MADE : NOT_RECORDED
const NOT_MADE: CallOutput = { outcome: 'cancelled', output: 'the call was not made' }
const NOT_RECORDED: CallOutput = {
  outcome: 'unknown',
  output: 'the work was stopped; whether the call was made is not known',
}

function lineResult(call: RoundCall, texts: FileTexts): ToolResult {
  const { outcome, output, characters = asText(output).length, files } = call.result ?? withoutResult(call)
  const line = { outcome, output: `(${characters} characters, no longer shown)` }
  return toToolResult(call, withFileLines(line, files, texts), SHORT_INPUT)
}

const withFileLines = (result: CallOutput, files: readonly FileRef[] = [], texts: FileTexts): CallOutput =>
  files.length === 0 ? result : { ...result, output: `${asText(result.output)}\n${hiddenFiles(files, texts)}` }

/** Characters of a parameter, of all parameters, and of the model's text, in a round of one line for each call. */
const SHORT_TEXT = 100
const SHORT_INPUT = 300

/** Thoughts go, texts shrink, and calls keep the beginning of their parameters. */
function shortenPart(part: AssistantPart): AssistantPart[] {
  const [short] = boundPart(part, SHORT_TEXT)
  if (short?.type !== 'tool-call' || !isJsonObject(short.input)) return short ? [short] : []
  const fields: [string, Json][] = []
  let size = 0
  for (const [name, value] of Object.entries(short.input)) {
    size += name.length + JSON.stringify(value).length
    if (size > SHORT_INPUT && fields.length > 0) break
    fields.push([name, value])
  }
  return [{ ...short, input: Object.fromEntries(fields) }]
}

/** Removes thoughts; limits the characters of texts and parameters. */
function boundPart(part: AssistantPart, most: number): AssistantPart[] {
  if (part.type === 'reasoning') return withoutThoughts(part)
  if (part.type === 'text') return withoutThoughts(part).map((one) => ({ ...one, text: clip(String(one.text), most) }))
  const { input } = part
  if (!isJsonObject(input)) return [part]
  const fields = Object.entries(input).map(([name, value]) => [name, clipValue(value, most)])
  return [{ ...part, input: Object.fromEntries(fields) as Json }]
}

function clipValue(value: Json, most: number): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= most ? value : clip(text, most)
}
