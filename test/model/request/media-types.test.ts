import { expect, it } from 'vitest'
import { detectMediaType } from '../../../src/model/request/media-types.ts'

const RIFF = (what: string) => `RIFF\x10\0\0\0${what}`
const FTYP = (brand: string) => `\0\0\0\x20ftyp${brand}`

it.each([
  ['a.png', '\x89PNG\r\n\x1a\n', 'image/png'],
  ['a.PNG', '\x89PNG\r\n\x1a\n', 'image/png'],
  ['photo', '\xff\xd8\xff\xe0', 'image/jpeg'],
  // what it is goes before what it is called, as long as both are pictures
  ['a.png', '\xff\xd8\xff\xe0', 'image/jpeg'],
  ['a.gif', 'GIF89a', 'image/gif'],
  ['a.webp', RIFF('WEBP'), 'image/webp'],
  ['a.tif', 'II*\0', 'image/tiff'],
  ['a.wav', RIFF('WAVE'), 'audio/wav'],
  ['a.avi', RIFF('AVI '), 'video/x-msvideo'],
  ['a.mp3', 'ID3\x04', 'audio/mpeg'],
  ['a.mp4', FTYP('isom'), 'video/mp4'],
  ['a.m4a', FTYP('isom'), 'audio/mp4'],
  ['a.mov', FTYP('qt  '), 'video/quicktime'],
  ['a.webm', '\x1aE\xdf\xa3', 'video/webm'],
  ['a.weba', '\x1aE\xdf\xa3', 'audio/webm'],
  ['a.pdf', '%PDF-1.7', 'application/pdf'],
  ['a.md', '# Tides', 'text/markdown'],
  ['a.json', '{}', 'application/json'],
  ['notes', 'just a line', 'text/plain'],
  ['a.rs', 'fn main() {}', 'text/plain'],
  ['empty.txt', '', 'text/plain'],
])('%s that begins with %j is %s', (name, text, type) => {
  expect(detectMediaType(name, Buffer.from(text, 'latin1'))).toBe(type)
})

it.each([
  ['a.txt', '\x89PNG\r\n\x1a\n', 'a.txt has the content of image/png, but its name says text/plain'],
  ['a.png', 'not a picture', 'a.png does not have the content of image/png, which its name says.'],
  ['a.pdf', '', 'a.pdf does not have the content of application/pdf, which its name says.'],
  ['a.docx', 'PK\x03\x04\0', 'a.docx: expected text, an image, audio, video or a PDF.'],
  ['a.txt', '\xff\xfe\xfd', 'a.txt: expected text, an image, audio, video or a PDF.'],
])('%s that begins with %j is refused: %s', (name, text, message) => {
  expect(() => detectMediaType(name, Buffer.from(text, 'latin1'))).toThrow(
    expect.objectContaining({ code: 'bad_value', terminal: true, message: expect.stringContaining(message) }),
  )
})
