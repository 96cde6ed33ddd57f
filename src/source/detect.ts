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

/** The type that an extension of the project detects; undefined: none does, or antiphon knows the file. */
export async function detectedType(name: string, bytes: Uint8Array): Promise<string | undefined> {
  const all = detectors()
  if (all.length === 0) return undefined
  const head = bytes.subarray(0, HEAD_BYTES)
  const { type } = await typeOfFile(name, head)
  if (type !== 'text/plain' && type !== UNKNOWN_TYPE) return undefined
  for (const { module, extension } of all) {
    const found = await detectBy(module, name, head).catch(
      (error: unknown): Detection => ({ fault: problemOf(error).message }),
    )
    if (found.fault !== undefined) warn(extension.name, name, found.fault)
    if (found.type !== undefined) return found.type
  }
  return undefined
}

async function detectBy(module: string, name: string, head: Uint8Array): Promise<Detection> {
  const terms = { share: '', deadline: DEADLINE_MS, what: 'Detecting the type of this file' }
  return (await boundedOffload().run(JOB, { module, name, head }, terms)) as Detection
}

const warned = new Set<string>()

function warn(extension: string, name: string, fault: string): void {
  if (warned.has(extension)) return
  warned.add(extension)
  process.emitWarning(`The extension ${extension} detects no type of ${name}: ${fault}.`, {
    code: 'ANTIPHON_EXTENSION',
  })
}

/** The modality of a file of this machine whose type an extension detects. A file that cannot be read has none. */
export async function detectedModality(path: string): Promise<string | undefined> {
  if (detectors().length === 0) return undefined
  const head = await readHead(path, HEAD_BYTES).catch(() => undefined)
  const type = head && (await detectedType(basename(path), head))
  return type === undefined ? undefined : modalityByReader(type)
}
