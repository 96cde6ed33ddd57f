import { expect, it } from 'vitest'
import { isAnimation } from '../../../src/lib/media/animation.ts'
import { tiffSize } from '../../../src/lib/media/tiff-size.ts'
import { vp8x, webp } from './pictures.ts'

const HEADER = Buffer.from('474946383961010001008000000000 00ffffff'.replace(' ', ''), 'hex')
const PICTURE = Buffer.from('2c000000000100010000 02 02 4401 00'.replaceAll(' ', ''), 'hex')
const DELAY = Buffer.from('21f90400000000 00'.replace(' ', ''), 'hex')
const gif = (...blocks: readonly Buffer[]) => Buffer.concat([HEADER, ...blocks, Buffer.from([0x3b])])

it('a GIF is an animation if it has a second picture', () => {
  expect(isAnimation('image/gif', gif(DELAY, PICTURE))).toBe(false)
  expect(isAnimation('image/gif', gif(DELAY, PICTURE, DELAY, PICTURE))).toBe(true)
  expect(isAnimation('image/gif', HEADER.subarray(0, 12))).toBe(false)
})

it('a WebP says so in its flags, and a PNG before its first picture', () => {
  expect(isAnimation('image/webp', webp([['VP8X', vp8x(0x02)]]))).toBe(true)
  expect(isAnimation('image/webp', webp([['VP8X', vp8x(0x10)]]))).toBe(false)
  expect(isAnimation('image/png', Buffer.from('PNG IHDR acTL IDAT'))).toBe(true)
  expect(isAnimation('image/png', Buffer.from('PNG IHDR IDAT acTL'))).toBe(false)
})

it('the table of a TIFF may lie behind its pixels, and a wrong one has no size', async () => {
  const entry = (tag: number, type: number, value: number) => {
    const bytes = Buffer.alloc(12)
    bytes.writeUInt16BE(tag, 0)
    bytes.writeUInt16BE(type, 2)
    bytes.writeUInt32BE(1, 4)
    if (type === 3) bytes.writeUInt16BE(value, 8)
    else bytes.writeUInt32BE(value, 8)
    return bytes
  }
  const table = (at: number) => Buffer.concat([Buffer.from('MM\0*'), Buffer.from([0, 0, 0, at])])
  const pixels = Buffer.alloc(20)
  const tiff = Buffer.concat([table(28), pixels, Buffer.from([0, 2]), entry(256, 3, 900), entry(257, 4, 70_000)])
  const readFrom = (bytes: Buffer) => async (at: number, most: number) => bytes.subarray(at, at + most)
  expect(await tiffSize(readFrom(tiff))).toEqual({ width: 900, height: 70_000 })
  expect(await tiffSize(readFrom(table(200)))).toBe(undefined)
  expect(await tiffSize(readFrom(Buffer.from('II')))).toBe(undefined)
})
