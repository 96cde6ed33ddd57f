const MODULUS = 65521

/** Adler's checksum of a text. */
export function checksumOf(text: string): number {
  let [low, high] = [1, 0]
  for (const unit of unitsOf(text)) {
    low = (low + unit) % MODULUS
    high = (high + low) % MODULUS
  }
  return high * 65536 + low
}

const unitsOf = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0)
