import { present } from '../../../lib/json/present.ts'
import type { WeightsFacts } from '../reading.ts'
import { damaged, type Header, withHeader } from './header.ts'

const VERSIONS: readonly number[] = [2, 3]
/** The shortest entry of the metadata and of the tensors, in bytes. */
const SHORTEST = 13
/** Characters of a value that is a fact. */
const MAX_TEXT = 200
/** Lists in lists that are skipped. */
const MAX_DEPTH = 4
const MAX_DIMENSIONS = 8

/** The facts of a GGUF file: its metadata without the words of its tokenizer, and the shapes of its tensors. */
export const ggufFacts = ({ path }: { readonly path: string }): WeightsFacts => withHeader(path, factsIn)

function factsIn(header: Header): WeightsFacts {
  if (header.take(4).toString('latin1') !== 'GGUF') throw damaged('it does not begin like a GGUF file')
  const version = header.take(4).readUInt32LE()
  if (!VERSIONS.includes(version)) throw damaged(`expected version ${VERSIONS.join(' or ')} of GGUF, got ${version}`)
  const [tensors, entries] = [countIn(header, 'tensors'), countIn(header, 'entries')]
  const metadata = new Map<string, Value>()
  for (let entry = 0; entry < entries; entry++) {
    const key = textIn(header)
    const value = valueIn(header, header.take(4).readUInt32LE())
    if (value !== undefined) metadata.set(key, value)
  }
  const { parameters, types } = tensorsIn(header, tensors)
  const text = (key: string) => asText(metadata.get(key))
  const architecture = text('general.architecture')
  const [largest] = Object.entries(types).toSorted(([, one], [, other]) => other - one)
  return {
    kind: 'model',
    format: 'gguf',
    parameters,
    tensors: types,
    ...present({
      name: text('general.name'),
      architecture,
      quantisation: largest?.[0],
      contextTokens: asNumber(metadata.get(`${architecture}.context_length`)),
      licence: text('general.license'),
    }),
  }
}

/** Counts tensors by type. A parameter takes at least one bit of the file, so a header cannot promise more. */
function tensorsIn(header: Header, count: number) {
  const types: { [type: string]: number } = {}
  let parameters = 0
  for (let tensor = 0; tensor < count; tensor++) {
    textIn(header)
    const dimensions = header.take(4).readUInt32LE()
    if (dimensions > MAX_DIMENSIONS) throw damaged(`a tensor has ${dimensions} dimensions`)
    const shape = Array.from({ length: dimensions }, () => Number(header.take(8).readBigUInt64LE()))
    parameters += shape.reduce((size, length) => size * length, 1)
    if (parameters > header.size * 8) throw damaged('its tensors do not fit into it')
    const number = header.take(4).readUInt32LE()
    header.skip(8)
    const type = TENSOR_TYPES[number] ?? `type ${number}`
    types[type] = (types[type] ?? 0) + 1
  }
  return { parameters, types }
}

type Value = string | number | bigint

const asText = (value: Value | undefined) => (typeof value === 'string' && value !== '' ? value : undefined)
const asNumber = (value: Value | undefined) => {
  const number = typeof value === 'string' ? undefined : Number(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

function countIn(header: Header, what: string): number {
  const count = header.take(8).readBigUInt64LE()
  if (count * BigInt(SHORTEST) > BigInt(header.size)) throw damaged(`it promises ${count} ${what}`)
  return Number(count)
}

function textIn(header: Header): string {
  const length = lengthIn(header)
  const text = header.take(Math.min(length, MAX_TEXT)).toString('utf8')
  header.skip(Math.max(0, length - MAX_TEXT))
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}

const lengthIn = (header: Header) => Number(header.take(8).readBigUInt64LE())

const STRING = 8
const LIST = 9

/** A value of the metadata; undefined for a list, which is skipped. */
function valueIn(header: Header, type: number, depth = 0): Value | undefined {
  if (type === STRING) return textIn(header)
  if (type === LIST) {
    skipList(header, depth + 1)
    return undefined
  }
  const read = NUMBERS[type]
  if (!read) throw damaged(`its metadata has a value of the unknown type ${type}`)
  return read.of(header.take(read.bytes))
}

function skipList(header: Header, depth: number): void {
  if (depth > MAX_DEPTH) throw damaged('its metadata has lists in lists')
  const type = header.take(4).readUInt32LE()
  const length = lengthIn(header)
  const bytes = NUMBERS[type]?.bytes
  if (bytes !== undefined) {
    header.skip(length * bytes)
    return
  }
  for (let item = 0; item < length; item++) {
    if (type === STRING) header.skip(lengthIn(header))
    else valueIn(header, type, depth)
  }
}

const NUMBERS: { readonly [type: number]: { readonly bytes: number; of(bytes: Buffer): number | bigint } } = {
  0: { bytes: 1, of: (bytes) => bytes.readUInt8() },
  1: { bytes: 1, of: (bytes) => bytes.readInt8() },
  2: { bytes: 2, of: (bytes) => bytes.readUInt16LE() },
  3: { bytes: 2, of: (bytes) => bytes.readInt16LE() },
  4: { bytes: 4, of: (bytes) => bytes.readUInt32LE() },
  5: { bytes: 4, of: (bytes) => bytes.readInt32LE() },
  6: { bytes: 4, of: (bytes) => bytes.readFloatLE() },
  7: { bytes: 1, of: (bytes) => bytes.readUInt8() },
  10: { bytes: 8, of: (bytes) => bytes.readBigUInt64LE() },
  11: { bytes: 8, of: (bytes) => bytes.readBigInt64LE() },
  12: { bytes: 8, of: (bytes) => bytes.readDoubleLE() },
}

// the numbers have gaps: types that are no longer written
const TENSOR_TYPES: { readonly [type: number]: string } = Object.fromEntries(
  [
    '0 F32,1 F16,2 Q4_0,3 Q4_1,6 Q5_0,7 Q5_1,8 Q8_0,9 Q8_1,10 Q2_K,11 Q3_K,12 Q4_K,13 Q5_K,14 Q6_K,15 Q8_K',
    '16 IQ2_XXS,17 IQ2_XS,18 IQ3_XXS,19 IQ1_S,20 IQ4_NL,21 IQ3_S,22 IQ2_S,23 IQ4_XS,24 I8,25 I16,26 I32,27 I64',
    '28 F64,29 IQ1_M,30 BF16,34 TQ1_0,35 TQ2_0,39 MXFP4',
  ].flatMap((line) => line.split(',').map((pair) => pair.split(' '))),
)
