import { createHash } from 'node:crypto'

/** Random numbers that follow from a text: the same in each replay. */
export function seeded(seed: string): { random(): number; uuid(): string } {
  let count = 0
  const bytes = () => createHash('sha256').update(`${seed}/${count++}`).digest()
  return {
    random: () => bytes().readUIntBE(0, 6) / 2 ** 48,
    uuid() {
      const id = bytes().subarray(0, 16)
      id[6] = (id[6]! & 0x0f) | 0x40
      id[8] = (id[8]! & 0x3f) | 0x80
      return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    },
  }
}
