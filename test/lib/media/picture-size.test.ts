import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { pagesOfPdf } from '../../../src/lib/media/pdf-pages.ts'
import { pictureSize } from '../../../src/lib/media/picture-size.ts'
import { exif, jpeg, png, vp8x, webp } from './pictures.ts'

const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0x80, 0x02, 0xe0, 0x01]), Buffer.alloc(30)])
const lossy = Buffer.concat([Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), Buffer.alloc(9)])
const lossless = Buffer.alloc(20)
lossless[0] = 0x2f
lossless.writeUInt32LE((639 | (479 << 14)) >>> 0, 1)

it.each([
  ['image/png', png()],
  ['image/jpeg', jpeg()],
  [
    'image/jpeg',
    jpeg({
      segments: [
        [0xe1, exif(6)],
        [0xfe, Buffer.alloc(5000)],
      ],
    }),
  ],
  ['image/gif', gif],
  [
    'image/webp',
    webp([
      ['VP8X', vp8x(0)],
      ['VP8 ', lossy],
    ]),
  ],
  ['image/webp', webp([['VP8 ', lossy]])],
  ['image/webp', webp([['VP8L', lossless]])],
])('the header of %s says the size', (type, content) => {
  expect(pictureSize(type, content)).toEqual({ width: 640, height: 480 })
})

it.each([
  ['image/png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['image/png', jpeg()],
  ['image/png', png([], 0, 9)],
  ['image/jpeg', jpeg().subarray(0, 10)],
  ['image/gif', Buffer.alloc(100)],
  ['image/webp', gif],
  ['image/heic', Buffer.alloc(100)],
  ['constructor', png()],
])('a damaged header, or one of another type, says none: %s', (type, content) => {
  expect(pictureSize(type, content)).toBeUndefined()
})

it('the pages of a PDF are counted as far as they can be seen', () => {
  const page = '1 0 obj << /Type /Page /Parent 2 0 R >> endobj\n'
  expect(pagesOfPdf(Buffer.from(`%PDF-1.4\n${page.repeat(3)}<< /Type /Pages /Kids [] /Count 3 >>`))).toBe(3)
  expect(pagesOfPdf(Buffer.from('%PDF-1.7\n<< /Type/Pages /Kids [1 0 R] /Count 412 >>'))).toBe(412)
  expect(pagesOfPdf(Buffer.from('%PDF-1.7\nstream'))).toBeUndefined()
})

it('the pages of a PDF whose objects are packed are found, and what cannot be unpacked is left out', () => {
  const packed = (objects: string, stream = deflateSync(Buffer.from(objects))) =>
    Buffer.concat([
      Buffer.from('5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\r\n'),
      stream,
      Buffer.from('\nendstream\n'),
    ])
  const pages = '<< /Type /Page /Parent 1 0 R >> '.repeat(7)
  const broken = packed('', Buffer.from('no stream of zlib'))
  const file = Buffer.concat([Buffer.from('%PDF-1.7\n'), broken, packed(pages), packed('<< /Type /Pages /Count 9 >>')])
  expect(pagesOfPdf(file)).toBe(9)
  expect(pagesOfPdf(broken)).toBeUndefined()
  // a bomb of 64 MB
  expect(pagesOfPdf(packed('', deflateSync(Buffer.alloc(64_000_000))))).toBeUndefined()
})
