import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { definePhase } from '../../src/chain/define/define-phase.ts'
import { loadConfig } from '../../src/config/config.ts'
import { configSchema } from '../../src/config/schema.ts'
import { useExtensions } from '../../src/extension/extensions.ts'
import { createServedRuntime } from '../../src/http/server/served-runtime.ts'
import { version } from '../../src/lib/package/manifest.ts'
import { readDocument } from '../../src/source/source.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/modality')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-modality-'))
})

let uses = 0
/** Uses an extension that detects a type of its own among files that begin with the returned word. */
async function use(detect: string) {
  const [name, word, type] = [`solids-${++uses}`, `form${uses}:`, `model/form${uses}`]
  const reader = `{
    types: ['${type}'], modality: '3d',
    detect: (head) => Buffer.from(head).toString('latin1', 0, ${word.length}) === '${word}' ? (${detect})(head) : undefined,
    read: async () => ({ form: 'text', text: 'A solid.' }) }`
  const module = `import { defineExtension } from 'antiphon/extend'
export default defineExtension({ name: '${name}', version: '${version()}', readers: [${reader}] })`
  writeFileSync(join(folder, `${name}.ts`), module)
  await useExtensions([`./${name}.ts`], folder)
  return { word, type, name }
}

const warnings: string[] = []
process.on('warning', ({ message }) => warnings.push(message))

test('a type of an extension is detected by content, whatever the name says, and has its modality', async () => {
  const { word, type } = await use("(head) => 'model/form1'")
  for (const name of ['cube.stl', 'cube', 'cube.txt'])
    expect(await readDocument(name, Buffer.from(`${word} 1 2 3`))).toMatchObject({
      type,
      modality: '3d',
      text: 'A solid.',
    })
  const notes = await readDocument('notes.txt', Buffer.from('The pier.'))
  expect(notes).toMatchObject({ type: 'text/plain', modality: 'text' })
})

test('a detection gets 64 KiB, and no file that antiphon knows', async () => {
  const { word, type } = await use("(head) => (head.length === 65536 ? 'model/form2' : undefined)")
  expect(await readDocument('long', Buffer.from(word.padEnd(100_000, 'a')))).toMatchObject({ type })
  expect(await readDocument('page.html', Buffer.from(word.padEnd(100_000, 'a')))).toMatchObject({ type: 'text/html' })
})

test('a detection is made once for the same bytes and name', async () => {
  const log = join(folder, 'asked')
  const { word, type } = await use(
    `() => { process.getBuiltinModule('node:fs').appendFileSync(${JSON.stringify(log)}, 'x'); return 'model/form3' }`,
  )
  for (const _ of [1, 2]) expect(await readDocument('cube', Buffer.from(`${word} 1`))).toMatchObject({ type })
  expect(readFileSync(log, 'utf8')).toBe('x')
  await readDocument('other', Buffer.from(`${word} 1`))
  expect(readFileSync(log, 'utf8')).toBe('xx')
})

test.each([
  ["() => { throw new Error('no luck') }", 'its `detect` failed: no luck'],
  ["() => 'image/png'", 'its `detect` gave "image/png", which is not among its types'],
  [
    '() => { for (const end = process.cpuUsage().user + 150_000; process.cpuUsage().user < end; ); }',
    'its `detect` took more than 100 ms of CPU',
  ],
])('a detection that goes wrong leaves the file a text, and a warning says why: %s', async (detect, fault) => {
  const { word, name } = await use(detect)
  const read = await readDocument('cube.stl', Buffer.from(`${word} 1 2 3`))
  expect(read).toMatchObject({ type: 'text/plain', modality: 'text' })
  await expect.poll(() => warnings).toContainEqual(`The extension ${name} detects no type of cube.stl: ${fault}.`)
})

test('a phase names its own modality, and a misspelt one is refused', () => {
  const phase = { name: 'yield', initial: () => null, run: async () => ({}) as never } as const
  expect(definePhase({ ...phase, modality: '3d' }).modality).toBe('3d')
  for (const [modality, hint] of [
    ['imgae', 'Did you mean image?'],
    ['3_d', 'One of text'],
    ['vision', 'One of text'],
    ['3D', 'One of text'],
  ])
    expect(() => definePhase({ ...phase, modality: modality! })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(modality!), hint: expect.stringContaining(hint!) }),
    )
})

test('a pool of the modality of a phase is configured; one that no phase has is refused by name', async () => {
  expect(configSchema.safeParse({ pools: { imgae_yield_pool: { workers: 1 } } }).success).toBe(false)
  const open = async (pools: object) => {
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ embedder: 'none', pools, phases: ['./solid.mts'] }))
    cpSync(join(EXAMPLE, 'solid.mts'), join(folder, 'solid.mts'))
    const runtime = await createServedRuntime(await loadConfig({ folder, environment: {} }))
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  await expect(open({ '4d_yield_pool': { workers: 1 } })).rejects.toMatchObject({
    message: '`pools.4d_yield_pool` serves 4d, and no phase has that modality.',
    hint: expect.stringContaining('multimodal, 3d'),
  })
  const runtime = await open({ '3d_yield_pool': { workers: 1 } })
  const [choice] = runtime.catalogue.selectPhases({ modality: '3d', phase: 'yield' })
  expect(choice).toMatchObject({ chosen: 'yield/3d/general', pool: '3d_yield_pool' })
})

test('the example answers about a solid by its own phase, and an unknown modality is refused', async () => {
  cpSync(EXAMPLE, folder, { recursive: true })
  const runtime = await createServedRuntime(await loadConfig({ folder, environment: {} }))
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const asked = { thread: 'solids', prompt: 'How high is the cube?', files: [join(folder, 'cube.stl')] }
  const { file } = await runtime.files.add(readFileSync(join(folder, 'cube.stl')), { name: 'cube.stl' })
  for (const more of [{}, { modality: '3d' }, { files: [file] }])
    expect((await runtime.threads.ask({ ...asked, ...more })).answer).toMatch(/^Measured: .*The cube is 30 mm high\./s)
  await expect(runtime.threads.ask({ ...asked, modality: '4d' })).rejects.toMatchObject({
    message: 'Unknown modality "4d".',
    hint: expect.stringMatching(/3d\.$/),
  })
})
