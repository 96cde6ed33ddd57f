import { basename, extname } from 'node:path'
import { problemOf } from '../errors.ts'
import { detectors, modalityByReader } from '../extension/extensions.ts'
import type { Detection } from '../extension/read.ts'
import { readHead } from '../lib/encoding/plain-file.ts'
import { typeOfFile, UNKNOWN_TYPE } from '../lib/media/media-type.ts'
import { boundedOffload, type OffloadJob } from '../worker/offload/offload.ts'

/** Types of files that extensions detect. They are asked last, about what would be a plain text or unknown bytes. */

const HEAD_BYTES = 64 * 1024
/** ms to load an extension and to detect; a detection that hangs ends with its process. */
const DEADLINE_MS = 5_000

const JOB: OffloadJob = {
  file: new URL(`../extension/read${extname(import.meta.url)}`, import.meta.url),
  name: 'detectType',
}

/** `share`: detections are divided fairly among shares. */
type Terms = { readonly share?: string; readonly signal?: AbortSignal }

/** The type that an extension of the project detects; undefined: none does, or antiphon knows the file. */
export async function detectedType(name: string, bytes: Uint8Array, terms: Terms = {}): Promise<string | undefined> {
  const all = detectors()
  if (all.length === 0) return undefined
  const head = bytes.subarray(0, HEAD_BYTES)
  const { type } = await typeOfFile(name, head)
  if (type !== 'text/plain' && type !== UNKNOWN_TYPE) return undefined
  for (const { module, extension } of all) {
    const found = await detectBy({ module, name, head }, terms).catch(
      (error: unknown): Detection => ({ fault: problemOf(error).message }),
    )
    if (found.fault !== undefined) warn(extension.name, name, found.fault)
    if (found.type !== undefined) return found.type
  }
  return undefined
}

async function detectBy(input: object, { share = '', signal }: Terms): Promise<Detection> {
  const terms = { share, signal, deadline: DEADLINE_MS, what: 'Detecting the type of this file' }
  return (await boundedOffload().run(JOB, input, terms)) as Detection
}

const warned = new Set<string>()

function warn(extension: string, name: string, fault: string): void {
  if (warned.has(extension)) return
  warned.add(extension)
  process.emitWarning(`The extension ${extension} detects no type of ${name}: ${fault}.`, {
    code: 'ANTIPHON_EXTENSION',
  })
}

/** The same for a file of this machine. One that cannot be read has none. */
export async function detectedTypeAt(path: string): Promise<string | undefined> {
  if (detectors().length === 0) return undefined
  const head = await readHead(path, HEAD_BYTES).catch(() => undefined)
  return head && detectedType(basename(path), head)
}

/** The modality of a file of this machine whose type an extension detects. */
export async function detectedModality(path: string): Promise<string | undefined> {
  const type = await detectedTypeAt(path)
  return type === undefined ? undefined : modalityByReader(type)
}
