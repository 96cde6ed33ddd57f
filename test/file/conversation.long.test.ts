import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { png } from '../lib/media/pictures.ts'
import type { Said } from '../model/strict/turns.ts'
import { openWires, type WireName } from '../model/strict/wires.ts'
import { noise } from './noise.ts'

const PHOTO = png([['tRNS', noise('photo')]])
const SHOT = png([['tRNS', noise('shot')]])
const PDF = Buffer.concat([Buffer.from('%PDF-1.4\n'), noise('pdf')])

/** Messages after the photo: each one is answered by a call and a text. */
const ROUNDS = 30

const SCRIPT: readonly Said[] = [
  { calls: [['shoot', {}]] },
  { text: 'I see a broken cup, and the page about cups.' },
  ...Array.from({ length: ROUNDS }, (_, n): Said[] => [{ calls: [['big', { at: n }]] }, { text: `Read ${n}.` }]).flat(),
  { calls: [['files_show', { file: 'photo.png' }]] },
  { text: 'The cup is blue.' },
  { calls: [['refund', { photo: '@PHOTO' }]] },
  { text: 'Refunded.' },
]

const tools = [
  defineTool({
    ...{ name: 'shoot', description: 'Takes a picture of the page.', effect: 'pure', input: z.object({}) },
    execute: () => new File([SHOT], 'page.png') as never,
  }),
  defineTool({
    ...{ name: 'big', description: 'Reads much.', effect: 'pure', input: z.object({ at: z.int() }) },
    execute: ({ at }) => `${at} `.repeat(2000),
  }),
  defineTool({
    ...{ name: 'refund', description: 'Pays back.', effect: 'idempotent', approve: true },
    input: z.object({ photo: z.looseObject({ file: z.string() }) }),
    execute: ({ photo }) => ({ refunded: photo.file }),
  }),
]

/** The files below a folder that hold a part of the contents as base64. */
function withBase64(folder: string): readonly string[] {
  const parts = [PHOTO, SHOT, PDF].flatMap((content) =>
    [0, 1, 2].map((skip) =>
      content
        .subarray(60 + skip)
        .toString('base64')
        .slice(0, 40),
    ),
  )
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => parts.some((part) => readFileSync(path, 'latin1').includes(part)))
}

it.each(['anthropic', 'google', 'openai'] as const)(
  'a photo, a PDF, a screenshot and an approval go through one conversation: %s',
  async (wire: WireName) => {
    const servers = await openWires()
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-photo-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    const model = servers.idOf(wire)
    const models = [{ id: model, context: '24k', tools: true }]
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ model, providers: servers.providers, models }))
    const config = await loadConfig({ folder, environment: { LAB_KEY: 'k' } })
    const runtime = await createRuntime({ ...config, embedder: 'none' }, { tools, notice: () => {} })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    const photo = await runtime.files.add(PHOTO, { name: 'photo.png' })
    const pdf = await runtime.files.add(PDF, { name: 'order.pdf' })
    const key = `talk-${wire}-1`
    const script = JSON.parse(JSON.stringify(SCRIPT).replace('"@PHOTO"', JSON.stringify({ file: photo.file })))
    const talk = servers.open(key, script, true)
    const agent = {
      ...{ name: 'clerk', description: 'Works.', instructions: 'You work.', skills: [], approve: 'none' as const },
      ...{ tools: ['shoot', 'big', 'refund'], model },
    }
    const send = (text: string, files: readonly string[] = []) =>
      runtime.conversations.send({ conversation: key, text: `${text} (${key})`, agent, files })

    await send('It is broken.', [photo.file, pdf.file])
    const filesIn = (n: number) =>
      talk.requests[n]!.turns.flatMap((turn) =>
        turn.role === 'tool'
          ? turn.results.flatMap(({ files = [] }) => files)
          : turn.role === 'user'
            ? (turn.files ?? [])
            : [],
      )
    expect(talk.faults).toEqual([])
    expect(filesIn(0).toSorted()).toEqual(['application/pdf', 'image/png'])
    expect(filesIn(1).toSorted()).toEqual(['application/pdf', 'image/png', 'image/png'])

    for (let n = 0; n < ROUNDS; n++) await send(`Read page ${n}.`)
    expect(filesIn(talk.requests.length - 1)).toEqual([])
    await send('Which colour has the cup?')
    expect(filesIn(talk.requests.length - 1)).toContain('image/png')

    const refunded = send('Pay it back.')
    const [item] = await untilAsked(() => runtime.inbox.list())
    expect(JSON.stringify(item)).toContain(`/v1/files/${photo.file}`)
    await runtime.runs.signal((item as { run: string }).run, (item as { signal: string }).signal, 'approve')
    expect(await refunded).toMatchObject({ status: 'completed', answer: 'Refunded.' })
    expect(talk.faults).toEqual([])

    const shown = JSON.stringify([
      await runtime.threads.get(key),
      await runtime.threads.messages(key),
      await runtime.goals.list({}),
    ])
    expect(shown).toContain(photo.file)
    expect((await runtime.files.list({ use: `thread/${key}` })).map(({ name }) => name).toSorted()).toContain(
      'photo.png',
    )
    await runtime.stop({ grace: 0 })
    expect(withBase64(folder)).toEqual([])
  },
)

async function untilAsked<Item>(list: () => Promise<readonly Item[]>): Promise<readonly Item[]> {
  for (;;) {
    const found = await list()
    if (found.length > 0) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}
