/**
 * One way from bytes to passages: finds the files of a folder, reads a file, and splits it into passages that can be
 * found and cited. Use it wherever a file of a user becomes text. It knows nothing of what passages are for.
 */

import { createHash } from 'node:crypto'
import type { FileDocument } from './document.ts'
import { parseText } from './text.ts'

/**
 * Reads the bytes of a file. The name tells the format where the bytes do not.
 * @throws TerminalError with the reason, as words that follow the name
 */
export async function readDocument(name: string, bytes: Buffer): Promise<FileDocument> {
  const { metadata, ...parsed } = parseText(bytes, name)
  return { ...parsed, modality: 'text', metadata: { hash: hashOf(bytes), bytes: bytes.length, ...metadata } }
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
