import type { PackedFile } from './document.ts'

/** Bytes of texts and tables that are kept: those of 16 MiB of text and more. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

const readings = new Map<string, PackedFile>()
let size = 0

/** The reading that has this key, from before or made now. The readings that were used last are readings. */
export async function keepReading(key: string, read: () => Promise<PackedFile> | PackedFile): Promise<PackedFile> {
  const known = readings.get(key)
  const file = known ?? (await read())
  // the newest is the last
  if (!readings.delete(key)) size += sizeOf(file)
  readings.set(key, file)
  for (const [oldest, dropped] of readings) {
    if (size <= MAX_KEPT_BYTES) break
    readings.delete(oldest)
    size -= sizeOf(dropped)
  }
  return file
}

/** Bytes of one fact about code, about. */
const FACT_BYTES = 100

/** A text has one or two bytes for each character, mostly one. */
function sizeOf({ text, units, code }: PackedFile): number {
  const facts = code ? code.symbols.length + code.imports.length + code.calls.length + code.throws.length : 0
  return text.length + units.plain.length + units.columns.byteLength + facts * FACT_BYTES
}
