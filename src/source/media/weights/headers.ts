import { type FileHandle, open } from 'node:fs/promises'
import { unread } from '../../../extension/reader.ts'
import { parseExact } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import type { WeightsFacts } from '../reading.ts'
import { ProtoReader } from './protobuf.ts'

type WeightsFile = { readonly path: string; readonly bytes: number }

const MAX_TEXT = 200
const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined)
const numberOf = (value: unknown) =>
  Number.isSafeInteger(Number(value)) && value !== undefined ? Number(value) : undefined

/** The most bytes of a header of safetensors that are read. */
const MAX_HEADER = 32 * 1024 * 1024

/** The header of a safetensors file: JSON behind its length. */
export async function safetensorsFacts({ path, bytes }: WeightsFile): Promise<WeightsFacts> {
  const header = await withFile(path, async (file) => {
    const length = Number((await readAt(file, 0, 8)).readBigUInt64LE())
    if (length > bytes - 8) throw unread('it is cut off: its header is longer than the file', 'bad_value')
    if (length > MAX_HEADER) throw unread(`its header has more than ${MAX_HEADER / 1024 / 1024} MiB`, 'too_large')
    return (await readAt(file, 8, length)).toString('utf8')
  })
  const { __metadata__: about = {}, ...tensors } = objectIn(header)
  const all = Object.values(tensors).filter((one): one is Tensor => Array.isArray((one as Partial<Tensor>)?.shape))
  const parameters = all.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const { name, architecture, license } = about as { readonly [field: string]: unknown }
  return {
    kind: 'model',
    format: 'safetensors',
    tensors: countBy(all.map(({ dtype }) => String(dtype).slice(0, 20))),
    ...present({
      name: textOf(name),
      architecture: textOf(architecture),
      parameters: numberOf(parameters),
      licence: textOf(license),
    }),
  }
}

type Tensor = { readonly dtype?: unknown; readonly shape: readonly unknown[] }

function objectIn(header: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = parseExact(header)
    if (typeof value === 'object' && value !== null) return value as { readonly [name: string]: unknown }
  } catch {
    // reported below
  }
  throw unread('its header is not JSON', 'bad_value')
}

/** Fields of `ModelProto`, `GraphProto` and `TensorProto`, and the names of types (onnx.proto). */
const MODEL = { producer: 2, graph: 7 }
const GRAPH = { name: 2, initializer: 5 }
const TENSOR = { dims: 1, type: 2 }
const TYPES: { readonly [number: number]: string } = {
  1: 'FLOAT',
  2: 'UINT8',
  3: 'INT8',
  6: 'INT32',
  7: 'INT64',
  9: 'BOOL',
  10: 'FLOAT16',
  11: 'DOUBLE',
  16: 'BFLOAT16',
}
const MAX_TENSORS = 100_000

/** The graph of an ONNX file: the types and sizes of its tensors. Their contents are passed over. */
export async function onnxFacts({ path, bytes }: WeightsFile): Promise<WeightsFacts> {
  return withFile(path, async (file) => {
    const reader = new ProtoReader(file)
    let graph: { readonly start: number; readonly end: number } | undefined
    let producer: string | undefined
    for await (const one of reader.fields(0, bytes)) {
      if (one.type !== 'bytes') continue
      if (one.field === MODEL.graph) graph = one
      if (one.field === MODEL.producer) producer = await reader.text(one.start, one.end)
    }
    if (!graph) throw unread('it is damaged or cut off: it has no graph', 'bad_value')
    const types: string[] = []
    let [parameters, name] = [0, '']
    for await (const one of reader.fields(graph.start, graph.end)) {
      if (one.type !== 'bytes') continue
      if (one.field === GRAPH.name) name = await reader.text(one.start, one.end)
      if (one.field !== GRAPH.initializer || types.length === MAX_TENSORS) continue
      const tensor = await tensorIn(reader, one.start, one.end)
      types.push(tensor.type)
      parameters += tensor.size
    }
    const about = present({ name: textOf(name), architecture: textOf(producer), parameters: numberOf(parameters) })
    return { kind: 'model', format: 'onnx', tensors: countBy(types), ...about }
  })
}

async function tensorIn(
  reader: ProtoReader,
  start: number,
  end: number,
): Promise<{ readonly type: string; readonly size: number }> {
  const dims: number[] = []
  let type = 0
  for await (const one of reader.fields(start, end)) {
    if (one.type === 'number' && one.field === TENSOR.dims) dims.push(one.value)
    else if (one.type === 'number' && one.field === TENSOR.type) type = one.value
    // a packed list of sizes
    else if (one.type === 'bytes' && one.field === TENSOR.dims) dims.push(...(await reader.numbers(one.start, one.end)))
  }
  return { type: TYPES[type] ?? `type ${type}`, size: sizeOf(dims) }
}

/** 0 for sizes that no tensor has. */
function sizeOf(shape: readonly unknown[]): number {
  const size = shape.reduce<number>((product, one) => product * Number(one), 1)
  return Number.isSafeInteger(size) && size > 0 ? size : 0
}

function countBy(types: readonly string[]): { readonly [type: string]: number } {
  const counts: { [type: string]: number } = {}
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  if (bytesRead < length) throw unread('it is cut off', 'bad_value')
  return bytes
}
