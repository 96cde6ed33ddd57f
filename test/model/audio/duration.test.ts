import { expect, test } from 'vitest'
import { maxSeconds } from '../../../src/model/audio/duration.ts'
import { chunk, wavOf } from '../wav.ts'

const secondsOf = (bytes: Buffer) => maxSeconds({ mediaType: 'audio/wav', data: bytes.toString('base64') })

test.each<[what: string, bytes: Buffer]>([
  ['as its header says', wavOf(16_000)],
  ['of samples as fractions', wavOf(16_000, { kind: 3 })],
  ['with other pieces before its samples', wavOf(16_000, { before: chunk('LIST', Buffer.from('a note, odd')) })],
  ['with other pieces behind its samples', Buffer.concat([wavOf(16_000), chunk('LIST', Buffer.alloc(4000))])],
  ['that was written as it came, and says nothing', wavOf(16_000, { length: 0 })],
  ['that was written as it came, and says too much', wavOf(16_000, { length: 0xffff_ffff })],
])('a WAV %s is as long as that', (_, bytes) => {
  expect(secondsOf(bytes)).toBe(2)
})

test.each<[what: string, bytes: Buffer]>([
  ['what is no WAV', Buffer.concat([Buffer.from('ID3'), Buffer.alloc(1997)])],
  ['a WAV of another kind', wavOf(2000 - 44, { kind: 2 })],
  ['a WAV whose header contradicts itself', wavOf(2000 - 44, { rate: 800_000 })],
  ['a WAV of no samples a second', wavOf(2000 - 44, { rate: 0 })],
  ['a WAV without samples', chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('LIST', Buffer.alloc(1980))]))],
  ['a WAV that ends in its header', Buffer.concat([Buffer.from('RIFF    WAVEfmt \x10\0\0\0\x01'), Buffer.alloc(1979)])],
])('%s is so long at most as if it were of the lowest quality', (_, bytes) => {
  expect(bytes.length).toBe(2000)
  expect(secondsOf(bytes)).toBe(2)
})

test('nothing is not long', () => {
  expect(secondsOf(Buffer.alloc(0))).toBe(0)
})
