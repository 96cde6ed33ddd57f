import { hash } from 'node:crypto'
import { basename, extname } from 'node:path'
import { problemOf } from '../errors.ts'
import { detectors, modalityByReader } from '../extension/extensions.ts'
import type { Detection } from '../extension/read.ts'
import { readHead } from '../lib/encoding/plain-file.ts'
import { typeOfFile, UNKNOWN_TYPE } from '../lib/media/media-type.ts'
import { boundedOffload, type OffloadJob } from '../worker/offload/offload.ts'

/** Types of files that extensions detect. They are asked last, about what would be a plain text or unknown bytes. */

const HEAD_BYTES = 64 * 1024
/** The number of detections that are kept. */
const MAX_KEPT = 10_000
/** ms to load an extension and to detect; a detection that hangs ends with its process. */
const DEADLINE_MS = 5_000

const JOB: OffloadJob = {
  file: new URL(`../extension/read${extname(import.meta.url)}`, import.meta.url),
  name: 'detectType',
}

/** `share`: detections are divided fairly among shares. */
type Terms = { readonly share?: string; readonly signal?: AbortSignal }

/** Types of the same bytes and names by the same extensions, as they were detected before; '': none. */
const before = new Map<string, string>()

/**
 * The type that an extension of the project detects in a file that antiphon takes for `type`; undefined: none does, or
 * antiphon knows the file.
 */
export async function detectedType(
  type: string,
  name: string,
  bytes: Uint8Array,
  terms: Terms = {},
): Promise<string | undefined> {
  const all = detectors()
  if (all.length === 0 || (type !== 'text/plain' && type !== UNKNOWN_TYPE)) return undefined
  const head = bytes.subarray(0, HEAD_BYTES)
  const key = [hash('sha256', head), name, ...all.map(({ module }) => module)].join(' ')
  const known = before.get(key)
  if (known !== undefined) return known || undefined
  let isSure = true
  for (const { module, extension } of all) {
    const found = await detectBy({ module, name, head }, terms).catch(
      (error: unknown): Detection => ({ fault: problemOf(error).message }),
    )
    if (found.fault !== undefined) warn(extension.name, name, found.fault)
    isSure &&= found.fault === undefined
    if (found.type !== undefined) return keep(key, found.type)
  }
  // a fault may not come again
  return isSure ? keep(key, '') || undefined : undefined
}

function keep(key: string, type: string): string {
  if (before.size >= MAX_KEPT) before.clear()
  before.set(key, type)
  return type
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

/** The same for a file of this machine, or one whose beginning `read` gives. One that cannot be read has none. */
export async function detectedTypeAt(
  path: string,
  read: (path: string, most: number) => Promise<Uint8Array> = readHead,
): Promise<string | undefined> {
  if (detectors().length === 0) return undefined
  const head = await read(path, HEAD_BYTES).catch(() => undefined)
  return head && detectedType((await typeOfFile(basename(path), head)).type, basename(path), head)
}

/** The modality of such a file whose type an extension detects. */
export async function detectedModality(...file: Parameters<typeof detectedTypeAt>): Promise<string | undefined> {
  const type = await detectedTypeAt(...file)
  return type === undefined ? undefined : modalityByReader(type)
}
