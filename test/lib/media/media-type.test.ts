import { expect, it } from 'vitest'
import { mediaTypeOfBytes, typeOfFile } from '../../../src/lib/media/media-type.ts'

const RIFF = (what: string) => `RIFF\x10\0\0\0${what}`
const FTYP = (brand: string) => `\0\0\0\x20ftyp${brand}`
const PNG = '\x89PNG\r\n\x1a\n'
const JPEG = '\xff\xd8\xff\xe0\0\x10JFIF'
const GIF = 'GIF89a\x01\0\x01\0\0\0\0'
const ID3 = `ID3\x04\0\0\0\0\0\x02\0\0\xff\xfb\x90\x00${'\0'.repeat(500)}`
const WEBM = `\x1aE\xdf\xa3\x87\x42\x82\x84webm${'\0'.repeat(20)}`
const OGG = (codec: string) => `OggS\0\x02${'\0'.repeat(22)}${codec}${'\0'.repeat(20)}`
const ZIP = `PK\x03\x04\x14\0\0\0\0\0${'\0'.repeat(16)}\x05\0\0\0a.txt`
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'

it.each([
  ['a.png', PNG, 'image/png'],
  ['a.PNG', PNG, 'image/png'],
  ['photo', JPEG, 'image/jpeg'],
  // the content goes before the name, as long as both are pictures
  ['a.png', JPEG, 'image/jpeg'],
  ['a.gif', GIF, 'image/gif'],
  ['a.webp', RIFF('WEBP'), 'image/webp'],
  ['a.wav', RIFF('WAVE'), 'audio/wav'],
  ['a.avi', RIFF('AVI '), 'video/x-msvideo'],
  ['a.mp3', ID3, 'audio/mpeg'],
  ['a.opus', OGG('OpusHead'), 'audio/ogg'],
  ['a', OGG('\x01vorbis'), 'audio/ogg'],
  // sound and video share containers
  ['a.mp4', FTYP('isom'), 'video/mp4'],
  ['a.m4a', FTYP('isom'), 'audio/mp4'],
  ['a.mov', FTYP('qt  '), 'video/quicktime'],
  ['a.mp4', FTYP('M4A '), 'video/mp4'],
  ['a.webm', WEBM, 'video/webm'],
  ['a.weba', WEBM, 'audio/webm'],
  ['a.ogg', OGG('\x80theora'), 'audio/ogg'],
  ['a.pdf', '%PDF-1.7\n', 'application/pdf'],
  ['a.pdf', '%PDF-1.7\n%\xe2\xe3\xcf\xd3', 'application/pdf'],
  ['a.md', '# Tides', 'text/markdown'],
  ['a.json', '{}', 'application/json'],
  ['a.txt', '{"a": 1}', 'text/plain'],
  ['a.log', 'BM is no picture', 'text/plain'],
  ['a.svg', SVG, 'application/xml'],
  ['a.xml', `<?xml version="1.0"?>${SVG}`, 'application/xml'],
  ['drawing', SVG, 'text/plain'],
  ['a.csv', '\xff\xfea\0,\0b\0\n\0', 'text/csv'],
  ['a.txt', 'gr\xf6\xdfer und k\xe4lter', 'text/plain'],
  ['notes', 'just a line', 'text/plain'],
  ['a.rs', 'fn main() {}', 'text/plain'],
  ['empty.txt', '', 'text/plain'],
  ['a.docx', ZIP, 'application/zip'],
  // nobody opens these
  ['model.pt', ZIP, 'application/octet-stream'],
  ['model.pkl', 'cos\nsystem\n(S"true"\ntR.', 'application/octet-stream'],
  ['model.bin', PNG, 'application/octet-stream'],
  ['a', '\0\x01\x02\x03', 'application/octet-stream'],
  // a log with a broken byte is a file, too
  ['a.log', 'a line\0\xff\xfe\xfd', 'application/octet-stream'],
])('%s that begins with %j is %s', async (name, content, type) => {
  expect(await typeOfFile(name, Buffer.from(content, 'latin1'))).toEqual({ type })
})

it.each([
  ['a.txt', PNG, { type: 'image/png', said: 'text/plain' }],
  ['a.pdf', PNG, { type: 'image/png', said: 'application/pdf' }],
  ['a.mp3', JPEG, { type: 'image/jpeg', said: 'audio/mpeg' }],
  ['a.csv', '%PDF-1.7\n', { type: 'application/pdf', said: 'text/csv' }],
  ['a.png', 'not a picture', { type: 'text/plain', said: 'image/png' }],
  ['a.mp4', '#EXTM3U\nfile:///etc/passwd', { type: 'text/plain', said: 'video/mp4' }],
  ['a.pdf', '', { type: 'text/plain', said: 'application/pdf' }],
])('the name %s contradicts content that begins with %j', async (name, content, found) => {
  expect(await typeOfFile(name, Buffer.from(content, 'latin1'))).toEqual(found)
})

it('a signature tells pictures, sound, film and PDF', async () => {
  const of = (content: string) => mediaTypeOfBytes(Buffer.from(content, 'latin1'))
  expect(await Promise.all([PNG, GIF, OGG('OpusHead'), '%PDF-1', ZIP, SVG, 'MZ is a code', ''].map(of))).toEqual([
    ...['image/png', 'image/gif', 'audio/ogg', 'application/pdf'],
    ...[undefined, undefined, undefined, undefined],
  ])
})
