import { describe, expect, it } from 'vitest'
import { stripMetadata } from '../../../src/lib/media/strip-metadata.ts'
import { fc } from '../../property.ts'
import { exif, jpeg, png, SECRET, vp8x, webp } from './pictures.ts'

const secret = Buffer.from(SECRET)
const strip = (type: string, content: Buffer) => {
  const left = stripMetadata(type, content)
  return left && Buffer.from(left)
}

describe('a JPEG', () => {
  it('loses EXIF, XMP, IPTC, comments and all behind its end, and keeps everything else', () => {
    const profile = [0xe2, Buffer.from('ICC_PROFILE\0colours')] as const
    const shown = [[0xe0, Buffer.from('JFIF\0\x01\x01')], profile, [0xee, Buffer.from('Adobe\0')]] as const
    const hidden = [
      [0xe1, exif()],
      [0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${SECRET}`)],
      [0xed, Buffer.from(`Photoshop 3.0\0${SECRET}`)],
      [0xe2, Buffer.from(`MPF\0${SECRET}`)],
      [0xfe, secret],
    ] as const
    const left = strip('image/jpeg', jpeg({ segments: [shown[0], ...hidden, ...shown.slice(1)] }, SECRET))
    expect(left).toEqual(jpeg({ segments: shown }))
  })

  it.each(['II', 'MM'] as const)('keeps its orientation, and nothing else of EXIF (%s)', (order) => {
    const left = strip('image/jpeg', jpeg({ segments: [[0xe1, exif(6, order)]] }))!
    expect(left.includes('Exif\0\0')).toBe(true)
    expect(left.includes(secret)).toBe(false)
    // a second time, there is nothing to cut
    expect(strip('image/jpeg', left)).toEqual(left)
    expect(strip('image/jpeg', jpeg({ segments: [[0xe1, exif(1, order)]] }))).toEqual(jpeg())
  })

  it('without an end is whole, and one that ends before its scan is damaged', () => {
    expect(strip('image/jpeg', jpeg().subarray(0, -2))).toEqual(jpeg())
    expect(strip('image/jpeg', jpeg({ segments: [[0xe1, exif()]] }).subarray(0, 40))).toBeUndefined()
  })
})

it('a PNG loses texts, times and EXIF, and keeps colours, animation and pixels', () => {
  const shown = [
    ['iCCP', Buffer.from('colours')],
    ['acTL', Buffer.alloc(8)],
  ] as const
  const hidden = ['eXIf', 'tEXt', 'iTXt', 'zTXt', 'tIME', 'caBX'].map((name) => [name, secret] as const)
  expect(strip('image/png', png([...hidden, ...shown], 1, 1, SECRET))).toEqual(png(shown, 1, 1))
  expect(strip('image/png', png().subarray(0, -1))).toBeUndefined()
})

it('a WebP loses EXIF and XMP with their flags, and its length is right', () => {
  const pixels = ['VP8 ', Buffer.from('odd')] as const
  const profile = ['ICCP', Buffer.from('colours!')] as const
  const whole = webp([['VP8X', vp8x(0x2c)], profile, pixels, ['EXIF', secret], ['XMP ', secret]])
  expect(strip('image/webp', whole)).toEqual(webp([['VP8X', vp8x(0x20)], profile, pixels]))
  expect(strip('image/webp', whole.subarray(0, -2))).toBeUndefined()
})

it('other files stay as they are', () => {
  const gif = Buffer.from('GIF89a')
  expect(stripMetadata('image/gif', gif)).toBe(gif)
})

const SAMPLES = {
  'image/jpeg': jpeg({ segments: [[0xe1, exif(6)]] }, 'more'),
  'image/png': png([['tEXt', secret]]),
  'image/webp': webp([
    ['VP8X', vp8x(0x0c)],
    ['VP8 ', Buffer.from('pixels')],
    ['EXIF', secret],
  ]),
}

it.each(Object.entries(SAMPLES))(
  'a damaged %s never throws, and what is left has the form of the type',
  (type, sample) => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(sample.length), (changes, length) => {
        const damaged = Buffer.from(sample.subarray(0, length))
        for (const [at, value] of changes) if (at < length) damaged[at] = value
        const left = strip(type, damaged)
        if (left) expect(strip(type, left)).toEqual(left)
      }),
      { numRuns: 300 },
    )
  },
)
