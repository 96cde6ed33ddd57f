import { closeSync, constants, createReadStream, openSync, readSync, type Stats, statSync } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'

/** Maximum bytes of a file that a person writes, where no smaller limit is given. */
const MAX_PLAIN_BYTES = 16 * 1024 * 1024

/**
 * The bytes of a plain file, at most `most`. Reading a pipe waits for its writer, and reading a device never ends, so
 * neither is opened.
 * @throws an error with a `code`: that of the system, `EISDIR`, `ENOTFILE` or `EFBIG`
 */
export async function readPlainFile(path: string, most = MAX_PLAIN_BYTES): Promise<Buffer> {
  checkPlain(await stat(path), most)
  const file = await open(path, FLAGS)
  try {
    const pieces: Buffer[] = []
    for (let size = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES))
      if (bytesRead === 0) return Buffer.concat(pieces)
      size += bytesRead
      if (size > most) throw tooLarge(most)
      pieces.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** The first bytes of a plain file, at most `most`. */
export async function readHead(path: string, most: number): Promise<Uint8Array> {
  checkPlain(await stat(path), Number.POSITIVE_INFINITY)
  const file = await open(path, FLAGS)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The bytes of a file that a person names. A shell may give a descriptor, as for `<(…)`: its writer is at work. */
export const readGivenFile = (path: string): Promise<Buffer> =>
  /^\/dev\/(?:stdin|fd\/\d+)$/.test(path) ? readFile(path) : readPlainFile(path)

/** Like `readPlainFile`, read at once. */
export function readPlainFileNow(path: string, most = MAX_PLAIN_BYTES): Buffer {
  checkPlain(statSync(path), most)
  const file = openSync(path, FLAGS)
  try {
    const pieces: Buffer[] = []
    for (let size = 0; ; ) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES)
      const read = readSync(file, piece)
      if (read === 0) return Buffer.concat(pieces)
      size += read
      if (size > most) throw tooLarge(most)
      pieces.push(piece.subarray(0, read))
    }
  } finally {
    closeSync(file)
  }
}

export function kindOfEntry(found: Stats): string {
  if (found.isFIFO()) return 'a pipe'
  if (found.isSocket()) return 'a socket'
  if (found.isDirectory()) return 'a folder'
  return found.isFile() ? 'a file' : 'a device'
}

// the entry may have become a pipe since it was looked at
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
const PIECE_BYTES = 64 * 1024

function checkPlain(found: Stats, most: number): void {
  if (!found.isFile())
    throw fileError(found.isDirectory() ? 'EISDIR' : 'ENOTFILE', `expected a file, got ${kindOfEntry(found)}`)
  if (found.size > most) throw tooLarge(most)
}

const tooLarge = (most: number) => fileError('EFBIG', `the file is larger than ${most} bytes`)

const fileError = (code: string, message: string) => Object.assign(new Error(message), { code })

/** The bytes of a file. It opens with the first read: a stream that nobody reads would fail where nobody listens. */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path)
}
