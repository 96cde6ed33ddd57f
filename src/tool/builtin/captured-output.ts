import { z } from 'zod'
import type { DecodedText } from '../../lib/encoding/encoding.ts'
import { decodeText, encodingNote, isDecoded, withoutCutCharacter } from '../../lib/encoding/encoding.ts'
import { present } from '../../lib/json/present.ts'
import { KEPT_OUTPUT_BYTES, MAX_OUTPUT_BYTES, type ProcessOutput } from '../../sandbox/process/run-process.ts'
import type { ToolContext } from '../tool.ts'

/** Fields of a result that has only the beginning of an output: the sizes are those of the whole output, in bytes. */
export const cutFields = {
  truncated: z.literal(true).exactOptional(),
  stdout_size: z.int().exactOptional(),
  stderr_size: z.int().exactOptional(),
}

/** The text of an output, and all of it if the result has only its beginning. */
export type CapturedText = { readonly text: string; readonly whole?: string; readonly size?: number }

/** Reads an output in the named or detected encoding. A note tells of a loss, and of another encoding than UTF-8. */
export function captureText(
  name: 'stdout' | 'stderr',
  { text, dropped, bytes }: ProcessOutput,
  { tell }: Pick<ToolContext, 'tell'>,
  encoding?: string,
): CapturedText {
  if (!bytes && encoding === undefined && !text.includes('\0')) return { text }
  const captured = bytes ?? Buffer.from(text)
  const size = Math.min(captured.length, MAX_OUTPUT_BYTES) + dropped
  const read = decodeText(size > captured.length ? withoutCutCharacter(captured) : captured, encoding)
  if (!isDecoded(read)) tell?.({ lacks: `${name} ${read.fault}: the bytes that cannot be read are shown as U+FFFD` })
  else note(name, read, tell)
  if (dropped === 0) return { text: isDecoded(read) ? read.text : text }
  const whole = isDecoded(read) ? read.text : Buffer.from(captured).toString()
  tell?.({ lacks: cutText(name, size), whole: { field: name, text: whole } })
  return { text: isDecoded(read) ? beginningOf(captured, read) : text, whole, size }
}

function note(name: string, read: DecodedText, tell: ToolContext['tell']): void {
  const said = encodingNote(name, read)
  if (said !== undefined) tell?.({ warning: said })
}

function beginningOf(bytes: Uint8Array, { encoding }: DecodedText): string {
  const read = decodeText(withoutCutCharacter(bytes.subarray(0, MAX_OUTPUT_BYTES)), encoding)
  return isDecoded(read) ? read.text : ''
}

function cutText(name: string, size: number): string {
  const rest = size > KEPT_OUTPUT_BYTES ? `; the first ${KEPT_OUTPUT_BYTES} are kept with the step` : ''
  return `${name} has ${size} bytes, and the result only the first ${MAX_OUTPUT_BYTES}${rest}`
}

/** The sizes of outputs that were cut. */
export function sizesOf(stdout: CapturedText, stderr: CapturedText) {
  if (stdout.size === undefined && stderr.size === undefined) return {}
  return { truncated: true as const, ...present({ stdout_size: stdout.size, stderr_size: stderr.size }) }
}
