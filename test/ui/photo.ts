import { hash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { fileIdOf } from '../../src/lib/media/file-ref.ts'

const [WIDTH, HEIGHT] = [96, 64] as const

/** A picture of the sea below the sky, as PNG. */
export const PHOTO = png()
/** The id of the picture, once it is stored. */
export const PHOTO_ID = fileIdOf(hash('sha256', PHOTO, 'hex'))

function png(): Buffer {
  const rows = Array.from({ length: HEIGHT }, (_, y) => {
    const pixel = y < HEIGHT / 2 ? [150 + y * 2, 190 + y, 240] : [20, 70 + y, 130 + y]
    return Buffer.from([0, ...Array.from({ length: WIDTH }, () => pixel).flat()])
  })
  const head = Buffer.alloc(13)
  head.writeUInt32BE(WIDTH, 0)
  head.writeUInt32BE(HEIGHT, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const magic = Buffer.from('89504e470d0a1a0a', 'hex')
  const content = deflateSync(Buffer.concat(rows))
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', content), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}
