import { join } from 'node:path'
import { readText } from './read.ts'

/** A manifest as it was read: its text and value, or what is wrong with it and where, or that there is none. */
export type ManifestFile =
  | { readonly state: 'read'; readonly text: string; readonly value: { readonly [key: string]: unknown } }
  | { readonly state: 'broken'; readonly message: string; readonly line: number | null }
  | { readonly state: 'missing' }

const LONGEST = 1024 * 1024

/** Reads the manifest in a folder; whatever is wrong with it is told, not thrown. */
export async function readManifest(directory: string, signal: AbortSignal): Promise<ManifestFile> {
  const text = await readText(join(directory, 'package.json'), LONGEST, signal)
  if (text === null) return { state: 'missing' }
  if (text.length >= LONGEST) return { state: 'broken', message: `longer than ${LONGEST} bytes`, line: null }
  return parseManifest(text)
}

/** Reads the text of a manifest. */
function parseManifest(text: string): ManifestFile {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { state: 'read', text, value: { ...value } }
    }
    return { state: 'broken', message: 'not a JSON object', line: 1 }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { state: 'broken', message: `not JSON: ${message}`, line: lineOfFault(message, text) }
  }
}

// JSON.parse says where by a position, except at the end of the text.
function lineOfFault(message: string, text: string): number {
  const position = /position (\d+)/.exec(message)?.[1]
  return text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
}
