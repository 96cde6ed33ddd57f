import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FileRef } from '../../../src/lib/media/file-ref.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ToolRound } from '../../../src/model/request/request.ts'
import { jpeg, png } from '../../lib/media/pictures.ts'
import { openWires, type Talk, type WireName } from './wires.ts'

const { signal } = new AbortController()
const noise = (bytes: number) => createHash('shake256', { outputLength: bytes }).update('noise').digest()

const CONTENTS = {
  'image/png': png([['tRNS', noise(600)]]),
  'image/jpeg': jpeg({ segments: [[0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), noise(600)])]] }),
  'application/pdf': Buffer.concat([Buffer.from('%PDF-1.4\n'), noise(600)]),
  'audio/wav': Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), noise(600)]),
  'text/csv': Buffer.from('day,tide\nMonday,six\n'),
} as const
type Type = keyof typeof CONTENTS

function refTo(type: Type, name = `a.${type.split('/')[1]}`): FileRef {
  const content = CONTENTS[type]
  return { file: `file_${createHash('sha256').update(content).digest('hex')}`, type, name, bytes: content.length }
}

const BY_ID = new Map(Object.keys(CONTENTS).map((type) => [refTo(type as Type).file, CONTENTS[type as Type]]))

/** Where a model finds a file that a tool has returned. */
type Place = 'in the result' | 'in the next message' | 'as a text' | 'as a line'

const [IN, NEXT, TEXT, LINE] = ['in the result', 'in the next message', 'as a text', 'as a line'] as const
const CHAT = { 'image/jpeg': NEXT, 'application/pdf': LINE, 'audio/wav': LINE, 'text/csv': TEXT } as const

/** The wire whose double answers, and a package other than the usual one. */
type Way = readonly [
  name: string,
  wire: WireName,
  places: { readonly [type in Exclude<Type, 'image/png'>]: Place },
  config?: Partial<ProviderConfig>,
]

const WAYS: readonly Way[] = [
  ['anthropic', 'anthropic', { ...CHAT, 'image/jpeg': IN, 'application/pdf': IN }],
  ['google', 'google', { ...CHAT, 'image/jpeg': IN, 'application/pdf': NEXT, 'audio/wav': NEXT }],
  ['responses', 'responses', { ...CHAT, 'image/jpeg': IN, 'application/pdf': IN }],
  [
    'openai by its own package',
    'openai',
    { ...CHAT, 'application/pdf': NEXT, 'audio/wav': NEXT },
    { type: 'openai', api: 'chat', wire: 'openai' },
  ],
  ['openai', 'openai', { ...CHAT, 'application/pdf': NEXT, 'audio/wav': NEXT }],
  ['deepseek', 'deepseek', { ...CHAT, 'image/jpeg': LINE }],
  ['groq', 'groq', CHAT],
  ['mistral by its own package', 'mistral', CHAT, { type: '@ai-sdk/mistral' }],
  ['mistral', 'mistral', CHAT],
  ['openrouter', 'openrouter', CHAT],
  ['compatible', 'compatible', CHAT],
]

async function open(wire: WireName, config: Partial<ProviderConfig> = {}) {
  const wires = await openWires()
  const provider = { ...wires.providers[wire]!, ...config }
  const id = wires.idOf(wire)
  const models = createModels({ model: id, providers: { [wire]: provider } }, { LAB_KEY: 'k' })
  const talk = wires.open('talk-files-1', [{ text: 'I see.' }], true)
  const reads: string[] = []
  const ask = (rounds: readonly ToolRound[], files: readonly FileRef[] = []) =>
    models.generate(
      {
        task: { kind: 'write' },
        documents: [],
        instruction: 'This is talk-files-1.',
        files,
        onUnreadable: 'reduce',
        tools: [{ name: 'look', description: 'Looks.', schema: { type: 'object', properties: {} } }],
        rounds,
      },
      {
        signal,
        async readFile({ file }) {
          reads.push(file)
          return BY_ID.get(file)!
        },
      },
    )
  return { ask, talk, reads }
}

const round = (files: readonly FileRef[], failed?: true): ToolRound => ({
  said: [{ type: 'tool-call', toolCallId: 'abcdefghi', toolName: 'look', input: {} }],
  results: [
    {
      id: 'abcdefghi',
      name: 'look',
      output: failed ? { failed: 'It broke.' } : 'done',
      files,
      ...(failed && { failed }),
    },
  ],
})

/** Where the double found a file of a result, and in which words the result speaks of it. */
function placeIn({ requests }: Talk, type: string): Place {
  const { turns } = requests[0]!
  const at = turns.findIndex(({ role }) => role === 'tool')
  const turn = turns[at]!
  const { text, files = [] } = turn.role === 'tool' ? turn.results[0]! : { text: '' }
  const after = turns.slice(at + 1).flatMap((one) => (one.role === 'user' ? (one.files ?? []) : []))
  if (files.includes(type)) return IN
  if (after.includes(type) && text.includes('is in the next message')) return NEXT
  return text.includes('is not shown') ? LINE : text.includes('Monday,six') ? TEXT : fail(text)
}

const fail = (text: string): never => {
  throw new Error(`The file is nowhere: ${text}`)
}

const ALL = WAYS.map(([name, wire, places, config = {}]) => [name, wire, places, config] as const)

describe.each(ALL)('%s', (_, wire, places, config) => {
  it.each(Object.entries(places))('a %s of a result stands %s', async (type, place) => {
    const { ask, talk } = await open(wire, config)
    const file = refTo(type as Type)
    const { reduced } = await ask([round([file])])
    expect(talk.faults).toEqual([])
    expect(placeIn(talk, type)).toBe(place)
    expect(reduced?.map((one) => one.file) ?? []).toEqual(place === LINE ? [file.file] : [])
  })

  it('a picture of a message stands in it, and each file is read once', async () => {
    const { ask, talk, reads } = await open(wire, config)
    const photo = refTo('image/png')
    const rounds = [{ ...round([photo]), told: [{ text: 'Look at this.', files: [photo] }] }]
    await ask(rounds, [photo])
    expect(talk.faults).toEqual([])
    const pictures = talk.requests[0]!.turns.flatMap((turn) => (turn.role === 'user' ? (turn.files ?? []) : []))
    expect(pictures.length).toBe(wire === 'deepseek' ? 0 : places['image/jpeg'] === IN ? 2 : 3)
    expect(reads).toEqual(wire === 'deepseek' ? [] : [photo.file])
  })

  it('a result that failed stays one, with its picture behind it', async () => {
    const { ask, talk } = await open(wire, config)
    await ask([round([refTo('image/jpeg')], true)])
    expect(talk.faults).toEqual([])
    expect(placeIn(talk, 'image/jpeg')).toBe(wire === 'deepseek' ? LINE : NEXT)
  })
})
