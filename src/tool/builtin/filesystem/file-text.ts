import { isAscii } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { InvalidError, TerminalError } from '../../../errors.ts'
import {
  decodeText,
  encodeText,
  encodingNote,
  encodingOf,
  isDecoded,
  withoutCutCharacter,
} from '../../../lib/encoding/encoding.ts'
import type { ToolContext } from '../../tool.ts'
import { MAX_FILE_BYTES } from './path.ts'

/** The encoding of a text file; absent: it is detected. */
export const textEncodingInput = z
  .string()
  .max(40)
  .refine((name) => encodingOf(name) !== undefined, 'expected an encoding such as utf-8, utf-16le or windows-1252')
  .optional()
  .describe('such as utf-8, utf-16le or windows-1252; absent: detected')

/** The same for tools that also take bytes. */
export const encodingInput = z
  .string()
  .max(40)
  .refine(
    (name) => name === 'base64' || encodingOf(name) !== undefined,
    'expected an encoding such as utf-8, utf-16le or windows-1252, or base64 for bytes',
  )
  .optional()
  .describe('such as utf-8, utf-16le or windows-1252, or base64 for bytes; absent: detected, and UTF-8 for a new file')

/**
 * The text of a file. The step notes a guessed encoding, and characters of binary files, beside the result.
 * TerminalError with the place of a byte that cannot be read.
 */
export function decodeFile(bytes: Uint8Array, encoding: string | undefined, path: string, context: ToolContext) {
  const read = decodeText(bytes, encoding)
  if (!isDecoded(read))
    throw new TerminalError(`${path} ${read.fault}`, {
      code: 'tool_failed',
      hint: 'Name its encoding with `encoding:`, or read its bytes with `encoding: base64`.',
    })
  const note = encodingNote(path, read) ?? (encoding === undefined ? binaryNote(path, read.text) : undefined)
  if (note !== undefined) context.tell?.({ warning: note })
  return read
}

function binaryNote(path: string, text: string): string | undefined {
  const [found] = BINARY.exec(text) ?? []
  if (found === undefined) return undefined
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return `${path} may be a binary file: it contains the character U+${code}. \`encoding: base64\` reads its bytes.`
}

/** Control characters that texts do not have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const BINARY = /[\0-\x06\x0e-\x19]/

/** The bytes of a content. InvalidError if the encoding cannot represent it. */
export function encodeContent(text: string, encoding: string, path: string, hasMark = false): Buffer {
  const bytes = encoding === 'base64' ? decodeBase64(text) : encodeText(text, encodingOf(encoding)!, hasMark)
  if (bytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new InvalidError(`Content cannot be written as ${encoding}: ${path}`, { place: { path: 'content' } })
}

const BASE64 = /^[\w\s+/-]*(?:=\s*(?:=\s*)?)?$/
const decodeBase64 = (text: string) => (BASE64.test(text) ? Buffer.from(text, 'base64') : undefined)

/** The encoding of a file for added text; UTF-8 if it is empty or not text. For ASCII only UTF-16 matters. */
export async function encodingToAppend(handle: FileHandle, text: string): Promise<string> {
  const most = isAscii(Buffer.from(text)) ? SNIFFED_BYTES : MAX_FILE_BYTES
  const { size } = await handle.stat()
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(most, size)), 0, Math.min(most, size), 0)
  return encodingIn(bytesRead < size ? withoutCutCharacter(buffer.subarray(0, bytesRead)) : buffer)
}

const SNIFFED_BYTES = 64 * 1024

export function encodingIn(content: Uint8Array): string {
  const read = decodeText(content)
  return isDecoded(read) ? read.encoding : 'utf-8'
}
