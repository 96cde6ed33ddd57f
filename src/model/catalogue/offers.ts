import { present } from '../../lib/json/present.ts'
import { type Needs, type Offers, UNKNOWN_OFFERS } from '../../worker/capabilities.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import { formatModelId, parseModelId } from '../model-id.ts'
import { bytesOfFile, isReference, isTextFile, kindOfType, mediaTypeOfFile } from '../request/files.ts'
import type { ModelRequest, RequestFile } from '../request/request.ts'
import type { ModelEntry } from './model-config.ts'

type OfferedFacts = Pick<ModelFacts, 'modalities' | 'capabilities' | 'cannot' | 'context' | 'price'>

/** The offers of the model workers by id: the declared offers, or all offers when none are declared. */
export function offersByModel(
  known: readonly (OfferedFacts & { readonly id: string })[],
  entries: readonly ModelEntry[] = [],
): (id: string) => Offers {
  const own = new Set(entries.flatMap(({ id, form }) => (form ? [formatModelId(parseModelId(id))] : [])))
  // the length of a text is unknown until the prompt form has rendered it
  const all = new Map(
    known.map(({ context, ...facts }) => {
      const isSure = context !== undefined && !own.has(facts.id)
      return [facts.id, offersOfModel({ ...facts, ...(isSure && { context }) })]
    }),
  )
  return (id) => all.get(id) ?? UNKNOWN_OFFERS
}

/** The capabilities of a model. A list of modalities is complete; other capabilities are assumed unless denied. */
function offersOfModel({ modalities, capabilities = [], cannot = [], context, price = {} }: OfferedFacts): Offers {
  const { input, output } = price
  return {
    ...UNKNOWN_OFFERS,
    ...(modalities && inputsOf(modalities, capabilities)),
    tools: !cannot.includes('tools'),
    json: !cannot.includes('json'),
    ...present({ contextTokens: context, costIn: input, costOut: output }),
  }
}

/** A model that accepts images accepts pages, and a model that transcribes accepts audio. */
function inputsOf(modalities: readonly string[], capabilities: readonly string[]) {
  const vision = has(modalities, 'vision', 'image')
  const audio = has(modalities, 'audio') || capabilities.includes('transcription')
  const document = vision || has(modalities, 'document', 'pdf', 'file')
  const named = { image: vision, audio, video: has(modalities, 'video'), document }
  const taken = Object.entries(named).flatMap(([name, takes]) => (takes ? [name] : []))
  return { modalities: ['text', ...taken], vision, audio }
}

const has = (modalities: readonly string[], ...names: readonly string[]) =>
  names.some((name) => modalities.includes(name))

/** Upper bound for the characters of a token, to estimate the minimum tokens of a text. */
const MAX_TOKEN_LENGTH = 8

/** The offers that a request requires: files, tools, tokens. Never JSON: any model can be asked for it in words. */
export function requiredOffers(request: ModelRequest): Needs {
  const { tools = [] } = request
  const kinds = new Set(requiredFiles(request).map((file) => kindOfType(mediaTypeOfFile(file))))
  const modalities = (['video', 'document'] as const).filter((kind) => kinds.has(kind))
  const tokens = request.form ? 0 : tokensAtLeast(request)
  return {
    ...(kinds.has('image') && { vision: true }),
    ...(kinds.has('audio') && { audio: true }),
    ...(modalities.length > 0 && { modalities }),
    ...(tools.length > 0 && { tools: true }),
    ...(tokens > 0 && { contextTokens: tokens }),
  }
}

/** The files without which a request is not sent. */
const requiredFiles = ({ files = [], onUnreadable }: ModelRequest): readonly RequestFile[] =>
  onUnreadable === 'reduce' ? files.filter((file) => !isReference(file)) : files

function tokensAtLeast(request: ModelRequest): number {
  const { documents, instruction, system = '' } = request
  const texts = [...documents.map(({ text }) => text), instruction, system]
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  // a character of a text has at most four bytes
  const inFiles = requiredFiles(request)
    .filter(isTextFile)
    .reduce((sum, file) => sum + Math.floor(bytesOfFile(file) / 4), 0)
  return Math.floor((characters + inFiles) / MAX_TOKEN_LENGTH)
}
