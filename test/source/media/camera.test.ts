import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cameraOf } from '../../../src/source/media/headers.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-camera-'))

test('the camera and the time of a photo are read, and tags lose their control signs', async () => {
  expect(await read({ make: 'Pier', model: 'Pier One\u0007', taken: '2024:05:01 10:20:30' })).toEqual({
    camera: 'Pier One',
    takenAt: '2024-05-01T10:20:30',
  })
  expect(await read({ make: 'Pier', model: 'One', taken: 'yesterday' })).toEqual({ camera: 'Pier One' })
})

test('a photo that says nothing of itself, or that is damaged, has neither', async () => {
  expect(await cameraIn(Buffer.from('ffd8ffd9', 'hex'))).toEqual({})
  expect(await cameraIn(photo({ make: 'Pier' }).subarray(0, 40))).toEqual({})
})

const read = (tags: Tags) => cameraIn(photo(tags))

function cameraIn(bytes: Buffer) {
  const path = join(folder, 'a.jpg')
  writeFileSync(path, bytes)
  return cameraOf({ path, name: 'a.jpg', type: 'image/jpeg', bytes: bytes.length }, { share: '' })
}

type Tags = { readonly make?: string; readonly model?: string; readonly taken?: string }
const NUMBERS = { make: 0x010f, model: 0x0110, taken: 0x9003 } as const

/** A JPEG of headers alone: its tags stand in one directory, as TIFF has them. */
function photo(tags: Tags): Buffer {
  const entries = Object.entries(tags).map(([name, text]) => [NUMBERS[name as keyof Tags], `${text}\0`] as const)
  const main = entries.filter(([tag]) => tag !== NUMBERS.taken)
  const inner = entries.filter(([tag]) => tag === NUMBERS.taken)
  const innerAt = 8 + 2 + 12 * (main.length + 1) + 4
  const textsAt = innerAt + 2 + 12 * inner.length + 4
  const texts: string[] = []
  const entry = ([tag, text]: readonly [number, string]) => {
    const at = textsAt + texts.join('').length
    texts.push(text.padEnd(8, '\0'))
    return numbers([tag, 2], [2, 2], [Math.max(text.length, 5), 4], [at, 4])
  }
  const pointer = numbers([0x8769, 2], [4, 2], [1, 4], [innerAt, 4])
  const directory = (all: readonly Buffer[]) => Buffer.concat([numbers([all.length, 2]), ...all, numbers([0, 4])])
  const mainBytes = directory([...main.map(entry), pointer])
  const innerBytes = directory(inner.map(entry))
  const tiff = Buffer.concat([
    Buffer.from('II*\0'),
    numbers([8, 4]),
    mainBytes,
    innerBytes,
    Buffer.from(texts.join('')),
  ])
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length + 2)
  return Buffer.concat([Buffer.from('ffd8ffe1', 'hex'), length, body, Buffer.from('ffd9', 'hex')])
}

/** Numbers with their widths in bytes, the lowest byte first. */
function numbers(...all: readonly (readonly [value: number, width: number])[]): Buffer {
  const bytes = Buffer.alloc(all.reduce((sum, [, width]) => sum + width, 0))
  let at = 0
  for (const [value, width] of all) at = bytes.writeUIntLE(value, at, width)
  return bytes
}
