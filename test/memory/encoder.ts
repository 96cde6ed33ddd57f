import { createHash } from 'node:crypto'
import { type Problem, RetryableError, TerminalError } from '../../src/errors.ts'
import type { Encoder, EncoderCall } from '../../src/model/embed/encoder.ts'

const DIMENSIONS = 96
/** Words that this encoder takes for the same. */
const SAME: { readonly [word: string]: string } = { oven: 'kiln', bill: 'invoice', cat: 'kitten' }

/** The sum of one fixed direction for each word, so that texts with the same words or synonyms are near. */
export function vectorOf(text: string): Float32Array {
  const sum = new Float32Array(DIMENSIONS)
  for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? ['-']) {
    const bytes = createHash('shake256', { outputLength: DIMENSIONS })
      .update(SAME[word] ?? word)
      .digest()
    for (let at = 0; at < DIMENSIONS; at++) sum[at]! += bytes[at]! - 127.5
  }
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}

/** A deterministic encoder that can be down, and that refuses texts with the word `refused`. */
export function testEncoder(model = 'test/words') {
  const calls: (EncoderCall & { readonly texts: readonly string[] })[] = []
  const state: { down?: Pick<Problem, 'code' | 'message'>; gate?: Promise<void> } = {}
  const encoder: Encoder = {
    model,
    understands: (text) => !text.includes('unverständlich'),
    async encode(texts, call) {
      calls.push({ texts, ...call })
      await state.gate
      if (state.down) throw new RetryableError(state.down.message, { code: state.down.code })
      if (texts.some((text) => text.includes('refused')))
        throw new TerminalError('the text was rejected', { code: 'model_rejected' })
      return texts.map(vectorOf)
    },
  }
  return { encoder, calls, state }
}
