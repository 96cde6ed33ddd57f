type ReadAt = (at: number, bytes: number) => Promise<Buffer>

const [WIDTH, HEIGHT] = [256, 257]
/** A number of two bytes, and one of four. */
const [SHORT, LONG] = [3, 4]
const ENTRY_BYTES = 12
const MAX_ENTRIES = 1000

/** The sides of the first picture of a TIFF. Its table may lie anywhere in the file. Undefined: it is damaged. */
export async function tiffSize(
  readAt: ReadAt,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const head = await readAt(0, 8)
  const order = head.toString('latin1', 0, 2)
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) return undefined
  const isLittle = order === 'II'
  const short = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const long = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const table = await readAt(long(head, 4), 2 + MAX_ENTRIES * ENTRY_BYTES)
  if (table.length < 2) return undefined
  const sides = new Map<number, number>()
  for (let entry = 0; entry < short(table, 0); entry++) {
    const at = 2 + entry * ENTRY_BYTES
    if (at + ENTRY_BYTES > table.length) break
    const type = short(table, at + 2)
    if (type === SHORT) sides.set(short(table, at), short(table, at + 8))
    if (type === LONG) sides.set(short(table, at), long(table, at + 8))
  }
  const [width = 0, height = 0] = [sides.get(WIDTH), sides.get(HEIGHT)]
  return width > 0 && height > 0 ? { width, height } : undefined
}
