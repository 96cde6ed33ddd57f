import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider'
import { InvalidError } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { unlessAborted } from '../lib/time/unless-aborted.ts'
import type { ScriptedTurn } from './test-model.ts'

export type { ScriptedTurn } from './test-model.ts'

/** One call as it was made: the text of all messages, and the other settings. */
export type ScriptedCall = { readonly prompt: string; readonly options: LanguageModelV4CallOptions }

/** A model for tests, and the calls that it received. */
export type ScriptedModel = LanguageModelV4 & { readonly calls: readonly ScriptedCall[] }

/**
 * A model that follows a script: it takes the first turn that matches and
 * is not used up. A prompt without a matching turn is an InvalidError.
 */
export function scriptedModel(script: readonly ScriptedTurn[], id = 'scripted/model'): ScriptedModel {
  const calls: ScriptedCall[] = []
  const uses = new Map<ScriptedTurn, number>()
  const [provider = 'scripted', modelId = 'model'] = id.split('/')
  const generate = async (options: LanguageModelV4CallOptions) => {
    const prompt = promptText(options)
    calls.push({ prompt, options })
    return play(takeTurn(script, uses, prompt), prompt, options.abortSignal)
  }
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    supportedUrls: {},
    calls,
    doGenerate: generate,
    doStream: async (options) => ({ stream: streamOf(await generate(options)) }),
  }
}

function promptText({ prompt }: LanguageModelV4CallOptions): string {
  return prompt
    .map(({ content }) => (typeof content === 'string' ? content : content.map(partText).join('\n')))
    .join('\n')
}

function partText(part: { readonly type: string; readonly text?: string; readonly output?: unknown }): string {
  return part.text ?? (part.type === 'tool-result' ? JSON.stringify(part.output) : '')
}

function takeTurn(script: readonly ScriptedTurn[], uses: Map<ScriptedTurn, number>, prompt: string): ScriptedTurn {
  const turn = script.find((one) => (uses.get(one) ?? 0) < (one.times ?? Infinity) && matches(one, prompt))
  if (!turn) throw new InvalidError(`The script has no reply to ${JSON.stringify(prompt.slice(-500))}.`)
  uses.set(turn, (uses.get(turn) ?? 0) + 1)
  return turn
}

function matches({ match }: ScriptedTurn, prompt: string): boolean {
  if (match === undefined) return true
  if (typeof match === 'function') return match(prompt)
  return typeof match === 'string' ? prompt.includes(match) : prompt.search(match) !== -1
}

async function play(
  turn: ScriptedTurn,
  prompt: string,
  signal: AbortSignal | undefined,
): Promise<LanguageModelV4GenerateResult> {
  signal?.throwIfAborted()
  if (turn.gate) await unlessAborted(turn.gate, signal)
  if (turn.error !== undefined) throw turn.error
  const text = turn.calls && turn.reply === undefined ? '' : textOf(turn.reply)
  const { input, output, cacheRead, cacheWrite } = turn.usage ?? { input: prompt.length, output: text.length }
  return {
    content: [{ type: 'text', text }, ...callsOf(turn)],
    finishReason: { unified: turn.finish ?? (turn.calls ? 'tool-calls' : 'stop'), raw: undefined },
    usage: {
      inputTokens: { total: input, noCache: input - (cacheRead ?? 0) - (cacheWrite ?? 0), cacheRead, cacheWrite },
      outputTokens: { total: output, text: output, reasoning: undefined },
    },
    warnings: [],
  }
}

const textOf = (reply: Json = ''): string => (typeof reply === 'string' ? reply : JSON.stringify(reply))

function callsOf({ calls = [] }: ScriptedTurn): LanguageModelV4ToolCall[] {
  return calls.map(({ name, input }, at) => ({
    type: 'tool-call',
    toolCallId: `call_${at}`,
    toolName: name,
    input: JSON.stringify(input),
  }))
}

/** The reply word by word. */
function streamOf({
  content,
  finishReason,
  usage,
  warnings,
}: LanguageModelV4GenerateResult): ReadableStream<LanguageModelV4StreamPart> {
  const text = content.map(partText).join('')
  const calls = content.filter((part) => part.type === 'tool-call')
  const words = (text.match(/(?:^\s+)?\S+\s*/g) ?? []).map(
    (delta): LanguageModelV4StreamPart => ({ type: 'text-delta', id: '0', delta }),
  )
  return ReadableStream.from<LanguageModelV4StreamPart>([
    { type: 'stream-start', warnings },
    { type: 'text-start', id: '0' },
    ...words,
    { type: 'text-end', id: '0' },
    ...calls,
    { type: 'finish', finishReason, usage },
  ])
}
