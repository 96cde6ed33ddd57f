import { existsSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { typeOfFile } from '../../../src/lib/media/media-type.ts'
import { documentOfReading } from '../../../src/source/media/document-of.ts'
import type { MediaPrograms } from '../../../src/source/media/programs.ts'
import { mediaReaderOf } from '../../../src/source/media/readers.ts'
import { weightsOf } from '../../../src/source/media/weights/weights-of.ts'
import { gguf, LAYERS, onnx, safetensors, text, u32, u64 } from './make-weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-weights-'))
const NO_PROGRAMS = {} as MediaPrograms

async function read(name: string, content: Buffer, size?: number) {
  const path = join(folder, name)
  writeFileSync(path, content)
  if (size !== undefined) truncateSync(path, size)
  const { type } = await typeOfFile(name, content)
  const file = { path, name, type, bytes: statSync(path).size }
  return { file, reading: await (await mediaReaderOf(type, NO_PROGRAMS))!.read(file, { share: 'test' }) }
}

it.each([
  [
    'a.gguf',
    gguf(),
    {
      format: 'gguf',
      name: 'Pier',
      architecture: 'llama',
      parameters: 704,
      contextTokens: 4096,
      licence: 'mit',
      tensors: { Q4_0: 1, F32: 1 },
    },
  ],
  [
    'a.safetensors',
    safetensors(LAYERS),
    { format: 'safetensors', parameters: 205, licence: 'apache-2.0', tensors: { F16: 1, F32: 1 } },
  ],
  ['a.onnx', onnx(), { format: 'onnx', name: 'pier', architecture: 'pytorch', parameters: 12, tensors: { FLOAT: 1 } }],
])('the headers of %s are its facts', async (name, content, facts) => {
  const { file, reading } = await read(name, content)
  expect(reading.facts).toMatchObject({ kind: 'model', ...facts })
  const { modality, text: shown } = documentOfReading(file, reading)
  expect(modality).toBe('model')
  expect(shown).toContain(`Its number of parameters is ${facts.parameters}.`)
})

it('headers of 4 GiB files are read alone', async () => {
  const before = process.memoryUsage().rss
  const { reading } = await read('large.safetensors', safetensors(LAYERS), 4 * 1024 ** 3)
  expect(reading.facts).toMatchObject({ parameters: 205 })
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})

it('a library finds the same in a GGUF file with lists and all kinds of values', async () => {
  const values = [
    ...[text('tokens'), u32(9), u32(8), u64(2), text('ebb'), text('flow')],
    ...[text('scores'), u32(9), u32(6), u64(3), Buffer.alloc(12)],
    ...[text('general.size'), u32(10), u64(7), text('general.ready'), u32(7), Buffer.from([1])],
    ...[text('llama.context_length'), u32(4), u32(8192), text('general.architecture'), u32(8), text('llama')],
  ]
  const types = [0, 1, 2, 8, 12, 14, 23, 30]
  const tensors = types.flatMap((type) => [text(`t${type}`), u32(2), u64(32), u64(4), u32(type), u64(0)])
  const content = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(types.length), u64(6), ...values, ...tensors])
  const { file, reading } = await read('all.gguf', content, 10_000)
  const { gguf: parse, GGMLQuantizationType: names } = await import('@huggingface/gguf')
  const found = await parse(file.path, { allowLocalFile: true, computeParametersCount: true })
  expect(reading.facts).toMatchObject({
    parameters: (found as { readonly parameterCount?: number }).parameterCount,
    contextTokens: 8192,
    tensors: Object.fromEntries(found.tensorInfos.map(({ dtype }) => [names[dtype], 1])),
  })
})

const COUNTS = '/proc/self/io'

it.skipIf(!existsSync(COUNTS)).each([
  ['a.gguf', gguf()],
  ['a.safetensors', safetensors(LAYERS)],
])('at most 1 MiB of 4 GiB is read for the headers of %s', async (name, content) => {
  const { file } = await read(name, content, 4 * 1024 ** 3)
  const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync(COUNTS, 'utf8'))![1])
  const before = bytesRead()
  await weightsOf(file)
  expect(bytesRead() - before).toBeLessThan(1024 * 1024)
})

it.each([
  ['tensors', u64(2n ** 60n), u64(0)],
  ['entries', u64(0), u64(2n ** 60n)],
])('a GGUF file that promises 2^60 %s is damaged', async (what, tensors, entries) => {
  const content = Buffer.concat([Buffer.from('GGUF'), u32(3), tensors, entries, Buffer.alloc(64)])
  await expect(read('many.gguf', content)).rejects.toThrow(`it promises ${2n ** 60n} ${what}`)
})

it('sizes that no tensor has count for nothing', async () => {
  const { reading } = await read('wide.safetensors', safetensors({ a: { dtype: 'F16', shape: [2 ** 60] } }))
  expect(reading.facts).not.toHaveProperty('parameters', 2 ** 60)
})

it.each([
  ['cut.gguf', gguf().subarray(0, 60), /cut off/],
  ['long.safetensors', Buffer.concat([u64(2n ** 60n), Buffer.from('{')]), /cut off/],
  ['odd.safetensors', safetensors('{"a": '), /not JSON/],
  ['cut.onnx', onnx().subarray(0, 9), /no graph/],
])('%s is refused with words about it', async (name, content, message) => {
  await expect(read(name, content)).rejects.toThrow(message)
})

it('pickles are never opened', async () => {
  for (const name of ['model.pt', 'model.bin', 'model.pkl'])
    expect(await mediaReaderOf((await typeOfFile(name, Buffer.from('GGUF'))).type, NO_PROGRAMS)).toBeUndefined()
})
