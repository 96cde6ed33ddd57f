import type { InputFile } from '../prompt/task.ts'

/** The lowest usual bit rate, 8 kbit/s. Speech at this rate is just intelligible. */
const MIN_BYTES_PER_SECOND = 1000
/** WAV formats with a constant number of bytes per second: PCM, float, A-law, µ-law, extensible. */
const CONSTANT_RATE_FORMATS: readonly number[] = [1, 3, 6, 7, 0xfffe]
const WAV_HEADER_BYTES = 16

/** An upper bound for the length of a recording: exact for a WAV with a header, else by the lowest usual bit rate. */
export function maxSeconds({ data }: InputFile): number {
  const bytes = Buffer.from(data, 'base64')
  return secondsOfWav(bytes) ?? bytes.length / MIN_BYTES_PER_SECOND
}

function secondsOfWav(bytes: Buffer): number | undefined {
  if (!/^RIFF[\s\S]{4}WAVE/.test(bytes.toString('latin1', 0, 12))) return undefined
  let rate: number | undefined
  for (const { name, start, length } of chunksIn(bytes)) {
    if (name === 'fmt ') rate = bytesPerSecond(bytes.subarray(start, start + length))
    if (name === 'data') return rate && length / rate
  }
  return undefined
}

type Chunk = { readonly name: string; readonly start: number; readonly length: number }

/** The chunks of a RIFF file. A streaming writer does not know sizes in advance and may write wrong ones. */
function* chunksIn(bytes: Buffer): Generator<Chunk> {
  let at = 12
  while (at + 8 <= bytes.length) {
    const start = at + 8
    const said = bytes.readUInt32LE(at + 4)
    const name = bytes.toString('latin1', at, at + 4)
    const isOpen = said === 0 && name === 'data'
    const length = isOpen ? bytes.length - start : Math.min(said, bytes.length - start)
    yield { name, start, length }
    at = start + length + (length % 2)
  }
}

/** Undefined when the header lacks the size or contradicts itself. */
function bytesPerSecond(header: Buffer): number | undefined {
  if (header.length < WAV_HEADER_BYTES || !CONSTANT_RATE_FORMATS.includes(header.readUInt16LE(0))) return undefined
  const rate = header.readUInt32LE(8)
  const [samples, each] = [header.readUInt32LE(4), header.readUInt16LE(12)]
  return rate > 0 && rate === samples * each ? rate : undefined
}
