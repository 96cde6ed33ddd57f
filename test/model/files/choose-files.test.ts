import { describe, expect, it } from 'vitest'
import type { FileRef } from '../../../src/lib/media/file-ref.ts'
import { chooseFiles, type FileReceiver } from '../../../src/model/files/choose-files.ts'
import { limitsOf } from '../../../src/model/files/limits.ts'
import type { Wire } from '../../../src/model/wire/rules.ts'

const MB = 1_000_000
let made = 0
const fileOf = (type: string, bytes = 1000): FileRef => {
  const name = `${++made}.${type.split('/')[1]}`
  return { file: `file_${String(made).padStart(64, '0')}`, type, name, bytes }
}
const receiver = (wire?: Wire, more: Partial<FileReceiver> = {}): FileReceiver => ({
  model: 'lab/one',
  limits: limitsOf(wire),
  reads: () => 'yes',
  texts: 100_000,
  ...more,
})
const choose = (files: readonly FileRef[], to: FileReceiver) => {
  const choices = chooseFiles(files, to)
  return files.map((file) => choices.get(file))
}
const whyOf = (file: FileRef, to: FileReceiver) => {
  const [choice] = choose([file], to)
  return choice?.type === 'line' ? choice.why : undefined
}

describe('a model gets', () => {
  it.each([
    ['image/jpeg', undefined, undefined],
    ['image/heic', undefined, 'image/heic cannot be sent to this model; save it as JPEG or PNG'],
    ['image/tiff', 'google', 'image/tiff cannot be sent to this model; save it as JPEG or PNG'],
    ['image/gif', 'google', 'image/gif cannot be sent to this model; save it as JPEG or PNG'],
    ['audio/ogg', 'google', undefined],
    ['audio/ogg', 'openai', 'audio/ogg cannot be sent to this model; expected audio/wav, audio/mpeg'],
    ['audio/wav', 'anthropic', 'lab/one does not read audio'],
    ['video/mp4', 'responses', 'lab/one does not read video'],
    ['application/pdf', 'groq', 'lab/one does not read documents'],
    ['application/zip', 'anthropic', 'application/zip cannot be sent to this model; expected application/pdf'],
    ['image/png', 'deepseek', 'lab/one does not read pictures'],
  ] as const)('%s by the wire %s, unless %s', (type, wire, why) => {
    expect(whyOf(fileOf(type), receiver(wire))).toBe(why)
  })

  it('no kind that it does not read, and the line says if no other model reads it either', () => {
    const audio = fileOf('audio/wav')
    expect(whyOf(audio, receiver(undefined, { reads: () => 'no' }))).toBe('lab/one does not read audio')
    expect(whyOf(audio, receiver(undefined, { reads: () => 'nowhere' }))).toBe('no model here reads audio')
  })

  it('the files for which those whose bytes stand in the request leave space', () => {
    const inline = (mediaType: string, bytes: number) => ({ mediaType, data: Buffer.alloc(bytes).toString('base64') })
    const whyBeside = (file: FileRef, to: FileReceiver, ...beside: readonly ReturnType<typeof inline>[]) => {
      const choice = chooseFiles([file], to, beside).get(file)
      return choice?.type === 'line' ? choice.why : undefined
    }
    const full = 'newer files take all the room that a request has for files'
    const letter = fileOf('application/pdf', 15 * MB)
    expect(whyBeside(letter, receiver(), inline('application/pdf', 5 * MB))).toBeUndefined()
    expect(whyBeside(letter, receiver(), inline('application/pdf', 5 * MB + 1))).toBe(full)
    expect(whyBeside(letter, receiver(), inline('text/csv', 5 * MB + 1))).toBeUndefined()
    const pictures = Array.from({ length: 5 }, () => inline('image/png', 10))
    expect(whyBeside(fileOf('image/png'), receiver('groq'), ...pictures.slice(1))).toBeUndefined()
    expect(whyBeside(fileOf('image/png'), receiver('groq'), ...pictures)).toBe(full)
  })

  it('no file that is too large for its provider, and the line names the way out', () => {
    expect(whyOf(fileOf('image/png', 4 * MB), receiver())).toBeUndefined()
    expect(whyOf(fileOf('image/png', 4 * MB), receiver('anthropic'))).toBe(
      'it has 4.0 MB, and lab/one takes at most 3.9 MB; save it as JPEG with fewer pixels',
    )
    expect(whyOf(fileOf('application/pdf', 25 * MB), receiver())).toMatch(/at most 20\.0 MB; split it$/)
    expect(whyOf(fileOf('text/plain', 25 * MB), receiver())).toMatch(/a text may have 20\.0 MB; split it$/)
  })

  it('the newest files, if all of them are too large together', () => {
    const files = [8, 8, 8, 3].map((size) => fileOf('application/pdf', size * MB))
    expect(choose(files, receiver()).map((choice) => choice?.type)).toEqual(['line', 'whole', 'whole', 'whole'])
    // one that stands in the request twice counts twice
    expect(choose([files[0]!, files[1]!, files[1]!], receiver()).map((choice) => choice?.type)).toEqual([
      'line',
      'whole',
      'whole',
    ])
  })

  it('as many pictures as its provider takes, the newest ones', () => {
    const types = choose(
      Array.from({ length: 7 }, () => fileOf('image/png')),
      receiver('groq'),
    ).map((choice) => choice?.type)
    expect(types).toEqual([...Array(2).fill('line'), ...Array(5).fill('whole')])
  })

  it('texts up to their room, the newest ones whole', () => {
    const files = [900, 800, 700].map((size) => fileOf('text/plain', size))
    expect(choose(files, receiver(undefined, { texts: 2_050 }))).toEqual([
      { type: 'text', first: 550 },
      { type: 'text', first: 800 },
      { type: 'text', first: 700 },
    ])
    expect(choose(files, receiver(undefined, { texts: 1_600 }))[0]).toEqual({
      type: 'line',
      why: 'newer texts take all the room that a request has for texts',
    })
  })
})
