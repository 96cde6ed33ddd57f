import type { Json } from '../../../src/kernel/schema.ts'
import type { Wire } from '../../../src/model/wire/rules.ts'
import { argumentFaults, halfCharacters } from './openai.ts'
import {
  type AssistantTurn,
  base64Faults,
  dataLine,
  fileIn,
  filesField,
  type OrderRules,
  orderFaults,
  pieces,
  type Rendered,
  type Said,
  sign,
  type Turn,
  type WireDouble,
} from './turns.ts'

type Call = { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }
type Message = {
  readonly role: string
  readonly content?: unknown
  readonly tool_calls?: readonly Call[]
  readonly tool_call_id?: string
  readonly reasoning_content?: string
  readonly reasoning?: string
  readonly reasoning_details?: Json
}

type Request = {
  readonly messages: readonly Message[]
  readonly tools?: unknown
  readonly response_format?: { readonly type: string }
}

/** A server of OpenAI's chat protocol. */
type Flavour = OrderRules & {
  readonly wire: Wire
  readonly type?: string
  readonly model?: string
  /** the fields in which it gives thoughts */
  thoughts(think: string): { readonly [field: string]: Json }
  /** the fields of the assistant's messages that it takes beside their content and calls */
  readonly takes?: readonly string[]
  /** it refuses calls without thoughts, also without empty ones */
  readonly needsThoughts?: true
  /** the formats of a reply that it refuses, each with its words */
  readonly refuses?: { readonly [format: string]: string }
  /** the types of files that it takes; absent: pictures */
  readonly files?: readonly string[]
  /** it reads only content that is a text */
  readonly isTextOnly?: true
  id(n: number, at: number): string
}

const openaiId = (n: number, at: number) => `call_${sign(`${n}.${at}`).slice(4, 24)}`

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

const FLAVOURS = {
  openai: {
    wire: 'openai',
    thoughts: () => ({}),
    ids: /^[\w-]{1,40}$/,
    files: [...PICTURES, 'application/pdf', 'audio/wav', 'audio/mpeg'],
    id: openaiId,
  },
  groq: {
    wire: 'groq',
    thoughts: (reasoning) => ({ reasoning }),
    ids: /^[\w-]{1,64}$/,
    refuses: {
      json_schema: 'This model does not support response format `json_schema`.',
      tools: 'json mode cannot be combined with tool/function calling',
    },
    id: (n, at) => `fc_${n}-${at}`,
  },
  deepseek: {
    wire: 'deepseek',
    thoughts: (reasoning_content) => ({ reasoning_content }),
    takes: ['reasoning_content'],
    needsThoughts: true,
    refuses: { json_schema: 'This response_format type is unavailable now' },
    isTextOnly: true,
    alternates: true,
    id: (n, at) => `call_${at}_${openaiId(n, at)}`,
  },
  mistral: {
    wire: 'mistral',
    thoughts: () => ({}),
    ids: /^[A-Za-z0-9]{9}$/,
    alternates: true,
    bridged: true,
    id: (n, at) => sign(`${n}.${at}`).slice(4, 13),
  },
  openrouter: {
    wire: 'openrouter',
    thoughts: (reasoning) => ({
      reasoning,
      reasoning_details: [{ type: 'reasoning.text', text: reasoning, signature: sign(reasoning), index: 0 }],
    }),
    takes: ['reasoning', 'reasoning_details', 'reasoning_content'],
    id: (n, at) => `tool_${n}_look_${at}`,
  },
  // LM Studio, llama.cpp
  compatible: {
    wire: 'compatible',
    refuses: { json_object: "'response_format.type' must be 'json_schema' or 'text'" },
    thoughts: (reasoning_content) => ({ reasoning_content }),
    takes: ['reasoning_content'],
    // the template of its model may be one of Mistral
    ids: /^[A-Za-z0-9]{9}$/,
    alternates: true,
    bridged: true,
    id: (n, at) => String(n * 100 + at + 100_000_000),
  },
} satisfies { readonly [name: string]: Flavour }

const KNOWN = ['role', 'content', 'tool_calls']

function chatDouble(flavour: Flavour): WireDouble {
  return {
    model: flavour.model ?? 'chat-double',
    provider: (url) => ({ type: 'openai-compatible', baseURL: `${url}/v1`, keyEnv: 'LAB_KEY', wire: flavour.wire }),
    refusal: (message) => ({ error: { message, type: 'invalid_request_error', code: null } }),
    read(body) {
      const { messages, response_format: format, tools } = JSON.parse(body) as Request
      const turns = turnsOf(
        messages.filter(({ role }) => role !== 'system'),
        flavour,
      )
      return {
        turns,
        faults: [
          ...halfCharacters(body),
          ...base64Faults(messages),
          ...(format ? formatFaults(format.type, tools !== undefined, flavour) : []),
          ...orderFaults(turns, flavour),
          ...messages.flatMap((message, at) =>
            messageFaults(message, flavour).map((fault) => `messages.${at}: ${fault}`),
          ),
          ...(messages.findLastIndex(({ role }) => role === 'system') > 0
            ? ['a message of the system is not first']
            : []),
        ],
      }
    },
    render: (said, n) => rendered(said, messageOf(said, n, flavour), flavour),
  }
}

function formatFaults(type: string, hasTools: boolean, { refuses = {} }: Flavour): string[] {
  const fault = refuses[type] ?? (hasTools ? refuses.tools : undefined)
  return fault === undefined ? [] : [fault]
}

function messageFaults(
  message: Message,
  { takes = [], files = PICTURES, needsThoughts, isTextOnly }: Flavour,
): string[] {
  const { role, content, tool_calls: calls = [], reasoning_content } = message
  const isEmptyText = Array.isArray(content) ? content.some((part) => part.text === '') : (content ?? '') === ''
  const odd = Object.keys(message).filter((field) => ![...KNOWN, ...takes].includes(field))
  return [
    ...(role === 'assistant' ? odd.map((field) => `property '${field}' is unsupported`) : []),
    ...(isEmptyText && calls.length === 0 ? ['its content is empty'] : []),
    ...(role !== 'user' && Array.isArray(content)
      ? content.flatMap(filesOf).map(() => `a file in a message of ${role}`)
      : []),
    ...(Array.isArray(content)
      ? content.flatMap(filesOf).flatMap(([data, type]) => fileIn(data, type, files).faults)
      : []),
    ...(isTextOnly && Array.isArray(content) ? ['invalid type: sequence, expected a string'] : []),
    ...(needsThoughts && calls.length > 0 && reasoning_content === undefined ? ['it lacks reasoning_content'] : []),
    ...calls.flatMap((call) => argumentFaults(call.function.arguments)),
  ]
}

function messageOf({ think = '', text, calls = [] }: Said, n: number, { thoughts, id }: Flavour): Message {
  return {
    role: 'assistant',
    content: text ?? null,
    ...(think !== '' && thoughts(think)),
    ...(calls.length > 0 && {
      tool_calls: calls.map(([name, input], at) => ({
        id: id(n, at),
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  }
}

function turnsOf(messages: readonly Message[], flavour: Flavour): Turn[] {
  return messages.reduce<Turn[]>((turns, message) => {
    const last = turns.at(-1)
    const result = { id: message.tool_call_id ?? '', text: textOf(message.content) }
    if (message.role === 'user')
      turns.push({ role: 'user', text: textOf(message.content), ...filesField(filesIn(message.content)) })
    else if (message.role === 'assistant') turns.push(assistantTurn(message, flavour))
    else if (last?.role === 'tool') turns[turns.length - 1] = { role: 'tool', results: [...last.results, result] }
    else turns.push({ role: 'tool', results: [result] })
    return turns
  }, [])
}

const textOf = (content: unknown): string =>
  Array.isArray(content) ? content.flatMap((part) => part.text ?? []).join('\n\n') : String(content ?? '')

type ChatPart = {
  readonly image_url?: string | { readonly url: string }
  readonly document_url?: string
  readonly file?: { readonly file_data: string }
  readonly input_audio?: { readonly data: string; readonly format: string }
}

/** The data of a file with its type, if the data does not name it. */
function filesOf({ image_url: image, document_url: pdf, file, input_audio: sound }: ChatPart): [string, string?][] {
  const url = (typeof image === 'object' ? image.url : image) ?? pdf ?? file?.file_data
  if (sound) return [[sound.data, sound.format === 'mp3' ? 'audio/mpeg' : `audio/${sound.format}`]]
  return url === undefined ? [] : [[url]]
}

const filesIn = (content: unknown) =>
  (Array.isArray(content) ? (content as readonly ChatPart[]) : [])
    .flatMap(filesOf)
    .map(([data, type]) => fileIn(data, type, []).type)

const assistantTurn = (message: Message, { takes = [] }: Flavour): AssistantTurn => ({
  role: 'assistant',
  text: textOf(message.content),
  // thoughts that a server takes back, as it gave them; empty ones are none
  thoughts: takes.includes('reasoning_details')
    ? [message.reasoning_details ?? []]
    : takes.includes('reasoning_content')
      ? [message.reasoning_content ?? '']
      : [],
  calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
    id,
    name,
    input: JSON.parse(args) as Json,
  })),
})

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

function rendered({ isCut }: Said, message: Message, flavour: Flavour): Rendered {
  const { content, tool_calls: calls, role, ...thoughts } = message
  const finish_reason = isCut ? 'length' : calls ? 'tool_calls' : 'stop'
  const envelope = { id: 'c', created: 1, model: 'm' }
  const chunk = (delta: object, reason: string | null = null, more = {}) =>
    dataLine({
      ...envelope,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: reason }],
      ...more,
    })
  return {
    whole: {
      ...envelope,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage: USAGE,
    },
    events: [
      chunk({ role, content: '' }),
      ...(Object.keys(thoughts).length > 0 ? [chunk(thoughts)] : []),
      ...pieces(String(content ?? '')).map((piece) => chunk({ content: piece })),
      ...(calls ?? []).flatMap(({ id, function: { name, arguments: args } }, index) => [
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
        ...pieces(args).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ]),
      chunk({}, finish_reason, { usage: USAGE }),
      'data: [DONE]\n\n',
    ],
    turn: assistantTurn(message, flavour),
  }
}

export const chat = {
  openai: chatDouble(FLAVOURS.openai),
  groq: chatDouble(FLAVOURS.groq),
  deepseek: chatDouble(FLAVOURS.deepseek),
  mistral: chatDouble(FLAVOURS.mistral),
  openrouter: chatDouble(FLAVOURS.openrouter),
  compatible: chatDouble(FLAVOURS.compatible),
}
