/** What the header of a WAV says, where that is not 8000 samples of a byte a second, and as many bytes as there are. */
type Said = {
  readonly kind?: number
  readonly rate?: number
  readonly length?: number
  /** what stands before the samples */
  readonly before?: Buffer
}

/** A WAV of so many bytes of samples. */
export function wavOf(
  bytes: number,
  { kind = 1, rate = 8000, length = bytes, before = Buffer.alloc(0) }: Said = {},
): Buffer {
  const format = Buffer.alloc(16)
  format.writeUInt16LE(kind, 0)
  format.writeUInt16LE(1, 2)
  format.writeUInt32LE(8000, 4)
  format.writeUInt32LE(rate, 8)
  format.writeUInt16LE(1, 12)
  format.writeUInt16LE(8, 14)
  const chunks = [chunk('fmt ', format), before, chunk('data', Buffer.alloc(bytes, 128), length)]
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]))
}

/** A piece of a WAV under its name. */
export function chunk(name: string, content: Buffer, length = content.length): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 0, 'latin1')
  head.writeUInt32LE(length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}
