import type {
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4Citation,
  LanguageModelV4GenerateResult,
  LanguageModelV4Message,
  LanguageModelV4Usage,
  SharedV4Warning,
} from '@ai-sdk/provider'
import type { Embedder } from '../embed/embedder.ts'
import { OFFLINE_MODEL_ID, OFFLINE_PROVIDER } from '../model-id.ts'
import type { Document, ModelTask } from '../prompt/task.ts'
import { truncate } from '../text/strings.ts'
import { answerQuestion } from './answer/answer.ts'
import { chooseByText } from './answer/choose.ts'
import { decideQuestion } from './answer/decide.ts'
import { extractItems } from './answer/extract.ts'
import { summarise } from './answer/summarise.ts'
import { withoutReferences } from './facts/question.ts'
import { answerByFacts } from './facts/tell-value.ts'
import { fillSchema } from './fill/fill.ts'
import { type OfflineCall, parseCall } from './prompt/prompt.ts'
import type { IndexedDocuments, IndexOptions, OfflineFinding, Quote } from './reading/reading.ts'
import { indexDocuments, refusedFinding } from './reading/reading.ts'

/** The approximate characters per token that other models need for English. */
const CHARACTERS_PER_TOKEN = 4
const UNSUPPORTED_OPTIONS = ['topP', 'topK', 'presencePenalty', 'frequencyPenalty'] as const

export async function respond(
  options: LanguageModelV4CallOptions,
  embedder: Embedder | undefined,
): Promise<LanguageModelV4GenerateResult> {
  options.abortSignal?.throwIfAborted()
  const ask = parseCall(options)
  const finding = await answerCall(ask, { embedder, signal: options.abortSignal })
  const text = cutText(finding.text, options)
  return {
    content: [
      {
        type: 'text',
        text,
        citations: finding.quotes.flatMap((quote) => citationOf(quote, ask.documents, text.length)),
      },
    ],
    finishReason: finishReasonOf(finding, text),
    usage: usageOf(options.prompt, text),
    warnings: warningsFor(options),
    providerMetadata: { [OFFLINE_PROVIDER]: metadataOf(ask, finding, embedder) },
    response: { modelId: OFFLINE_MODEL_ID },
  }
}

/** Cuts the reply at a stop sequence or at the limit of tokens. JSON is never cut. */
function cutText(
  text: string,
  { stopSequences = [], maxOutputTokens, responseFormat }: LanguageModelV4CallOptions,
): string {
  if (responseFormat?.type === 'json') return text
  const stops = stopSequences.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  return truncate(text, Math.min(text.length, ...stops, (maxOutputTokens ?? Infinity) * CHARACTERS_PER_TOKEN))
}

/** Offsets in the reply use the SDK's fields, those in the document stand beside them. A cut quote is not cited. */
function citationOf(quote: Quote, documents: readonly Document[], length: number): LanguageModelV4Citation[] {
  const { document, start, end, at } = quote
  const { name, text } = documents[document]!
  if (at && at.start >= length) return []
  return [
    {
      source: {
        type: 'source',
        sourceType: 'document',
        id: name,
        title: name,
        mediaType: 'text/plain',
        providerMetadata: { [OFFLINE_PROVIDER]: { document, start, end } },
      },
      citedText: text.slice(start, end),
      ...(at && { startIndex: at.start, endIndex: Math.min(at.end, length) }),
    },
  ]
}

function finishReasonOf(finding: OfflineFinding, text: string): LanguageModelV4GenerateResult['finishReason'] {
  if (finding.refused !== undefined) return { unified: 'stop', raw: 'refused' }
  return text.length < finding.text.length ? { unified: 'length', raw: 'length' } : { unified: 'stop', raw: 'stop' }
}

function usageOf(prompt: readonly LanguageModelV4Message[], text: string): LanguageModelV4Usage {
  const input = Math.ceil(prompt.reduce((sum, { content }) => sum + lengthOf(content), 0) / CHARACTERS_PER_TOKEN)
  const output = Math.ceil(text.length / CHARACTERS_PER_TOKEN)
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  }
}

function lengthOf(content: LanguageModelV4Message['content']): number {
  if (typeof content === 'string') return content.length
  return content.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0)
}

function warningsFor(options: LanguageModelV4CallOptions): SharedV4Warning[] {
  const features: string[] = UNSUPPORTED_OPTIONS.filter((feature) => options[feature] !== undefined)
  if (options.tools?.length) features.push('tools')
  return features.map((feature) => ({
    type: 'unsupported',
    feature,
    details: 'offline/extractive only selects from the text it is given',
  }))
}

function metadataOf(
  { intent }: OfflineCall,
  { refused, confidence, unsure }: OfflineFinding,
  embedder: Embedder | undefined,
): { [key: string]: JSONValue } {
  return {
    task: 'task' in intent ? intent.task.kind : 'write',
    why: refused ?? intent.why,
    confidence,
    unsure: unsure === true,
    refused: refused !== undefined,
    ranking: embedder ? 'words and meaning' : 'words (BM25)',
  }
}

/** Performs the task with the given documents, or refuses. A schema is always filled. */
async function answerCall(ask: OfflineCall, options: IndexOptions): Promise<OfflineFinding> {
  const { documents, intent, schema } = ask
  let read: IndexedDocuments | undefined
  const reading = () => (read ??= indexDocuments(documents, options))
  const answer = await answerByFacts(ask, reading)
  if (answer) return answer
  if (documents.every(({ text }) => text.trim() === '')) return refusedFinding('no text was given')
  if (schema) return fillSchema(schema, 'task' in intent ? intent.task : { kind: 'fill' }, reading())
  return 'task' in intent ? performTask(intent.task, reading()) : refusedFinding(intent.refused)
}

function performTask(task: ModelTask, reading: IndexedDocuments): Promise<OfflineFinding> {
  // the names of its texts are not searched for in the texts
  const question = withoutReferences(task.question ?? '')
  switch (task.kind) {
    case 'answer':
      return answerQuestion(task, question, reading)
    case 'summarise':
      return summarise(task, reading, bulleted(question))
    case 'choose':
      return chooseAmong(task, reading)
    case 'decide':
      return decideQuestion(question, reading)
    case 'extract':
    case 'list':
      return extractItems(task, question, reading)
    case 'fill':
      return Promise.resolve(refusedFinding('there is no schema to fill'))
    case 'write':
      return Promise.resolve(refusedFinding('this asks for text that is not in it'))
  }
}

function chooseAmong({ choices = {} }: ModelTask, reading: IndexedDocuments): Promise<OfflineFinding> {
  return Object.keys(choices).length > 0
    ? chooseByText(choices, reading)
    : Promise.resolve(refusedFinding('there is nothing to choose from'))
}

const bulleted = (instruction: string): string => (/\bbullet|\bpoints\b/i.test(instruction) ? '- ' : '')
