import { describe, expect, it } from 'vitest'
import {
  decodeText,
  encodeText,
  encodingNote,
  isDecoded,
  withoutCutCharacter,
} from '../../../src/lib/encoding/encoding.ts'

const little = (text: string) => Buffer.from(text, 'utf16le')
const big = (text: string) => little(text).swap16()
const single = (text: string) => Buffer.from(text, 'latin1')

describe('the encoding of a text', () => {
  it.each([
    ['an empty text', Buffer.alloc(0), '', 'utf-8'],
    ['UTF-8', Buffer.from('grün 😀'), 'grün 😀', 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\ufeffgrün'), 'grün', 'utf-8'],
    ['UTF-8 with escapes', Buffer.from('\x1b[31mred\x1b[0m\x01'), '\x1b[31mred\x1b[0m\x01', 'utf-8'],
    [
      'windows-1252',
      single('Der Kapit\xe4n hei\xdft M\xfcller: \x80 5 \x96 \x93x\x94'),
      'Der Kapitän heißt Müller: € 5 – “x”',
      'windows-1252',
    ],
    ['UTF-16 with a mark', Buffer.concat([little('\ufeff'), little('Zoë')]), 'Zoë', 'utf-16le'],
    ['UTF-16 with a mark, in the other order', big('\ufeffZoë'), 'Zoë', 'utf-16be'],
    ['UTF-16 without a mark', little('id,name\n1,Zoë\n'), 'id,name\n1,Zoë\n', 'utf-16le'],
    ['UTF-16 without a mark, in the other order', big('id,name\n1,Zoë\n'), 'id,name\n1,Zoë\n', 'utf-16be'],
    ['ASCII in UTF-16', little('ok 1\n'), 'ok 1\n', 'utf-16le'],
    ['Cyrillic in UTF-16', little('Привет, мир\n'), 'Привет, мир\n', 'utf-16le'],
    ['Polish in UTF-16', little('Zażółć gęślą jaźń\n'), 'Zażółć gęślą jaźń\n', 'utf-16le'],
    ['Korean in UTF-16', big('안녕하세요, 여러분\n'), '안녕하세요, 여러분\n', 'utf-16be'],
    [
      'French in windows-1252',
      single('\xab\xa0Il va \xe0 la gare, o\xf9 ?\xa0\xbb'),
      '«\u00a0Il va à la gare, où ?\u00a0»',
      'windows-1252',
    ],
    ['Chinese in UTF-16', big('数据管理系统\n用户手册'), '数据管理系统\n用户手册', 'utf-16be'],
    ['an emoji in UTF-16', little('well 😀\n'), 'well 😀\n', 'utf-16le'],
    ['names between NUL characters', Buffer.from('ab\0cd\0abc\0def\0'), 'ab\0cd\0abc\0def\0', 'utf-8'],
  ])('%s', (_, bytes, text, encoding) => {
    expect(decodeText(bytes)).toMatchObject({ text, encoding, isDetected: encoding !== 'utf-8' })
  })

  it.each([
    ['a picture', single('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), /^is not a text$/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), /^is not a text$/],
    ['half a character of UTF-16', Buffer.from([0xff, 0xfe, 0x41]), /^is not a text in utf-16le$/],
    [
      'UTF-8 with a broken byte',
      Buffer.concat([Buffer.from('Kapitän\nStraße '), single('\xe4 x')]),
      /byte 0xE4 in line 2 is not UTF-8, while/,
    ],
    ['Japanese of single bytes', Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x81, 0x40]), /byte 0x93 in line 1/],
    ['a control character and a byte', single('a\x01b\xe4'), /byte 0xE4/],
    ['ten bytes', single('\0\xff\0\xfe\x01\x02\x03\x04\x05\x06'), /^is not a text$/],
    [
      'numbers of 16 bits',
      Buffer.from(Uint16Array.from({ length: 40 }, (_, n) => 0x410 + ((n * 7) % 200)).buffer),
      /0x/,
    ],
    ['numbers of 32 bits', Buffer.from(Int32Array.from([-5, 200, 300, 70000]).buffer), /^is not a text$/],
    ['a byte alone', single('\xfc'), /byte 0xFC/],
    ['Russian of single bytes', single('\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0!'), /byte 0xCF/],
    ['random bytes', Buffer.from('9ce3a7f4b0c9e8d2aa57', 'hex'), /byte 0x9C/],
  ])('%s is not read, and no byte is replaced', (_, bytes, fault) => {
    expect(decodeText(bytes)).toMatchObject({ fault: expect.stringMatching(fault) })
  })

  it('is the one that is named', () => {
    const bytes = single('\xa4')
    expect(decodeText(bytes, 'iso-8859-15')).toMatchObject({ text: '€', isDetected: false })
    expect(decodeText(bytes, 'latin1')).toMatchObject({ text: '¤' })
    expect(decodeText(bytes, 'utf-8')).toMatchObject({ fault: expect.stringContaining('0xA4') })
    expect(decodeText(bytes, 'shift_jis')).toMatchObject({ text: expect.any(String) })
    expect(decodeText(bytes, 'klingon')).toMatchObject({ fault: expect.stringContaining('no encoding of that name') })
  })

  it('has a note unless it is UTF-8 or was named', () => {
    const noteOn = (bytes: Buffer, named?: string) => {
      const read = decodeText(bytes, named)
      return isDecoded(read) ? encodingNote('a.txt', read) : read
    }
    expect(noteOn(single('f\xfcr'))).toMatch(/^a\.txt was read as windows-1252: it is not UTF-8/)
    expect(noteOn(big('\ufeffx'))).toMatch(/^a\.txt was read as utf-16be/)
    expect(noteOn(single('\xfc'), 'windows-1252')).toBeUndefined()
    expect(noteOn(Buffer.from('\ufeffü'))).toBeUndefined()
  })
})

it.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-15'])('%s is written as it is read', (encoding) => {
  const bytes = encodeText('5 € grün', encoding)!
  expect(decodeText(bytes, encoding)).toMatchObject({ text: '5 € grün' })
  expect(decodeText(encodeText('x', encoding, true)!)).toMatchObject({ text: 'x' })
})

it.each([
  ['windows-1252', '数'],
  ['latin1', '€'],
  ['shift_jis', 'x'],
])('%s cannot represent %j', (encoding, text) => expect(encodeText(text, encoding)).toBeUndefined())

it.each([
  [Buffer.from('aü').subarray(0, 2), 'a'],
  [Buffer.from('a😀').subarray(0, 4), 'a'],
  [Buffer.from('aü'), 'aü'],
  [little('\ufeffab').subarray(0, 5), 'a'],
  [little('a b c').subarray(0, 9), 'a b '],
  [single('Bl\xfc'), 'Blü'],
])('a character that a limit cuts is left out: %j', (bytes, text) => {
  expect(decodeText(withoutCutCharacter(bytes))).toMatchObject({ text })
})
