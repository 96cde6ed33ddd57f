import type { Json } from '../../../src/kernel/schema.ts'
import { halfCharacters, isMap } from './openai.ts'
import {
  type AssistantTurn,
  base64Faults,
  dataLine,
  fileIn,
  filesField,
  orderFaults,
  pieces,
  type Said,
  sign,
  type Turn,
  type WireDouble,
} from './turns.ts'

type Part = {
  readonly text?: string
  readonly thought?: boolean
  readonly thoughtSignature?: string
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: Json }
  readonly functionResponse?: {
    readonly id?: string
    readonly name: string
    readonly response: unknown
    readonly parts?: readonly Part[]
  }
  readonly inlineData?: { readonly mimeType: string; readonly data: string }
}
type Content = { readonly role: string; readonly parts: readonly Part[] }

/** The signature that Google takes for a call of another model. */
const FOREIGN = 'skip_thought_signature_validator'

export const google: WireDouble = {
  model: 'gemini-3-double',
  provider: (url) => ({ type: 'google', baseURL: `${url}/v1beta`, keyEnv: 'LAB_KEY' }),
  refusal: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
  read(body) {
    const { contents } = JSON.parse(body) as { readonly contents: readonly Content[] }
    const turns = contents.map(turnOf)
    return {
      turns,
      faults: [
        ...halfCharacters(body),
        ...base64Faults(contents),
        ...orderFaults(turns),
        ...contents.flatMap(({ role, parts }, at) => [
          ...(['user', 'model'].includes(role) ? [] : [`message ${at}: the role ${role}`]),
          ...(parts.length === 0 ? [`message ${at} has no parts`] : []),
          ...parts.flatMap(partFaults),
        ]),
        ...signatureFaults(contents),
      ],
    }
  },
  render(said, n) {
    const parts = partsOf(said, n)
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }
    const finishReason = said.isCut ? 'MAX_TOKENS' : 'STOP'
    const reply = (some: readonly Part[], end = {}) => ({
      candidates: [{ content: { role: 'model', parts: some }, index: 0, ...end }],
      usageMetadata,
    })
    const pieced = parts.flatMap(({ text, thoughtSignature, ...part }): Part[] =>
      text === undefined
        ? [{ ...part, ...(thoughtSignature && { thoughtSignature }) }]
        : [
            ...pieces(text).map((piece) => ({ ...part, text: piece })),
            ...(thoughtSignature ? [{ ...part, text: '', thoughtSignature }] : []),
          ],
    )
    return {
      whole: reply(parts, { finishReason }),
      events: [...pieced.map((part) => dataLine(reply([part]))), dataLine(reply([], { finishReason }))],
      turn: assistantTurn(parts),
    }
  },
}

function partsOf({ think, text, calls = [] }: Said, n: number): readonly Part[] {
  const thoughtSignature = sign(`${n} ${think ?? ''}`)
  const isSigned = think !== undefined && calls.length === 0
  return [
    ...(think === undefined ? [] : [{ text: think, thought: true }]),
    ...(text === undefined ? [] : [{ text, ...(isSigned && { thoughtSignature }) }]),
    // of parallel calls, the first one has the signature
    ...calls.map(([name, args], at) => ({ functionCall: { name, args }, ...(at === 0 && { thoughtSignature }) })),
  ]
}

function turnOf({ role, parts }: Content, at: number, all: readonly Content[]): Turn {
  if (role !== 'user') return assistantTurn(parts, at)
  const responses = parts.flatMap(({ functionResponse }) => functionResponse ?? [])
  if (responses.length === 0) return { role: 'user', text: textsOf(parts), ...filesField(filesOf(parts)) }
  const calls = all[at - 1]?.parts.flatMap(({ functionCall }) => functionCall ?? []) ?? []
  // results belong to calls by their order and name
  const results = responses.map(({ name, response, parts: inside = [] }, place) => ({
    id: calls[place]?.name === name ? `${at - 1}.${place}` : `another: ${name}`,
    text: JSON.stringify(response),
    ...filesField(filesOf(inside)),
  }))
  return { role: 'tool', results }
}

const assistantTurn = (parts: readonly Part[], at = 0): AssistantTurn => ({
  role: 'assistant',
  text: parts.flatMap(({ text, thought }) => (text !== undefined && !thought ? [text] : [])).join(''),
  thoughts: [
    parts.flatMap(({ text, thought }) => (thought ? [text!] : [])).join(''),
    parts.flatMap(({ thoughtSignature = FOREIGN }) => (thoughtSignature === FOREIGN ? [] : [thoughtSignature])),
  ],
  calls: parts
    .flatMap(({ functionCall }) => functionCall ?? [])
    .map(({ name, args = {} }, place) => ({ id: `${at}.${place}`, name, input: args })),
})

const textsOf = (parts: readonly Part[]) => parts.flatMap(({ text }) => text ?? []).join('\n\n')
const filesOf = (parts: readonly Part[]) => parts.flatMap(({ inlineData }) => inlineData?.mimeType ?? [])
const PICTURES = ['image/png', 'image/jpeg', 'image/webp', 'image/heic']
const TAKES = [...PICTURES, 'application/pdf', 'audio/wav', 'audio/mpeg', 'audio/ogg', 'video/mp4']

const fileFaults = ({ inlineData }: Part, takes: readonly string[]): readonly string[] =>
  inlineData ? fileIn(inlineData.data, inlineData.mimeType, takes).faults : []

function partFaults(part: Part): string[] {
  const { text, functionCall, functionResponse, thoughtSignature, inlineData } = part
  const data = [text, functionCall, functionResponse, inlineData].filter((one) => one !== undefined)
  return [
    ...(data.length === 1 && (text !== '' || thoughtSignature) ? [] : ['a part has no data']),
    ...fileFaults(part, TAKES),
    ...(functionResponse?.parts ?? []).flatMap((one) => fileFaults(one, PICTURES)),
    ...(functionCall && !isMap(functionCall.args) ? ['args of a call are no map'] : []),
    ...(functionResponse && !isMap(functionResponse.response) ? ['expected a map as the response'] : []),
  ]
}

/** In the running turn, the first call of each message has its signature. */
function signatureFaults(contents: readonly Content[]): string[] {
  const from = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && !parts.some((one) => one.functionResponse),
  )
  return contents.slice(from + 1).flatMap(({ role, parts }) => {
    const first = role === 'model' ? parts.find(({ functionCall }) => functionCall) : undefined
    return first && !first.thoughtSignature ? [`the call ${first.functionCall!.name} lacks its thought_signature`] : []
  })
}
