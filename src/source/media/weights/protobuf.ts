import type { FileHandle } from 'node:fs/promises'

/** A field of a protobuf message: a number, or a stretch of the file with bytes or another message. */
type ProtoField =
  | { readonly field: number; readonly type: 'number'; readonly value: number }
  | { readonly field: number; readonly type: 'bytes'; readonly start: number; readonly end: number }

const CHUNK = 64 * 1024

/** Reads the fields of protobuf messages from a file, in ranges: contents are passed over. */
export class ProtoReader {
  readonly #file: FileHandle
  #chunk: Buffer = Buffer.alloc(0)
  #from = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** The fields of the message between two offsets. Ends where the bytes are no field. */
  async *fields(start: number, end: number): AsyncGenerator<ProtoField> {
    let at = start
    while (at < end) {
      const tag = await this.#varint(at)
      const [field, wire] = [tag.value >>> 3, tag.value & 7]
      at = tag.next
      if (wire === 0) {
        const number = await this.#varint(at)
        at = number.next
        yield { field, type: 'number', value: number.value }
      } else if (wire === 2) {
        const length = await this.#varint(at)
        const [first, last] = [length.next, length.next + length.value]
        if (last > end) return
        at = last
        yield { field, type: 'bytes', start: first, end: last }
      } else if (wire === 5) at += 4
      else if (wire === 1) at += 8
      else return
    }
  }

  /** A text of at most 200 bytes. */
  async text(start: number, end: number): Promise<string> {
    const bytes = Buffer.alloc(Math.min(200, end - start))
    await this.#file.read(bytes, 0, bytes.length, start)
    return bytes.toString('utf8')
  }

  /** The numbers of a packed list, at most 32. */
  async numbers(start: number, end: number): Promise<readonly number[]> {
    const found: number[] = []
    for (let at = start; at < end && found.length < 32; ) {
      const { value, next } = await this.#varint(at)
      found.push(value)
      at = next
    }
    return found
  }

  async #varint(start: number): Promise<{ readonly value: number; readonly next: number }> {
    let value = 0
    for (let place = 0; place < 10; place++) {
      const byte = await this.#byte(start + place)
      value += (byte & 0x7f) * 2 ** (7 * place)
      if (byte < 0x80) return { value, next: start + place + 1 }
    }
    return { value, next: start + 10 }
  }

  async #byte(at: number): Promise<number> {
    if (at < this.#from || at >= this.#from + this.#chunk.length) {
      const chunk = Buffer.alloc(CHUNK)
      const { bytesRead } = await this.#file.read(chunk, 0, CHUNK, at)
      this.#chunk = chunk.subarray(0, bytesRead)
      this.#from = at
    }
    return this.#chunk[at - this.#from] ?? 0
  }
}
