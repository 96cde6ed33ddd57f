import { expect, test } from 'vitest'
import type { PaidReading } from '../../../src/agent/goal/services.ts'
import { TerminalError } from '../../../src/errors.ts'
import type { HearTerms } from '../../../src/file/room/hear.ts'
import type { MediaFiles } from '../../../src/file/room/media-files.ts'
import type { FilesPort } from '../../../src/file/room/port.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { FileRef } from '../../../src/lib/media/file-ref.ts'
import { goalFiles } from '../../../src/runtime/services/files/goal-files.ts'
import { documentOfReading } from '../../../src/source/media/document-of.ts'
import type { MediaPassage } from '../../../src/source/media/reading.ts'
import { makeDocx } from '../../source/make-files.ts'
import { answer, CLERK, openGoals } from './folder.ts'

const SILENCE = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0', 'latin1'), Buffer.alloc(24)])

const send = (text: string, file?: string) => ({
  conversation: 'talk',
  agent: CLERK,
  text,
  ...(file !== undefined && { files: [file] }),
})

test('a document that no model takes is read once, and stands in later requests as text', async () => {
  const { runtime, model } = await openGoals([answer('ebb'), answer('still ebb')])
  const { file } = await runtime.files.add(makeDocx(['The tide goes at noon.']), { name: 'tide.docx' })
  const reply = await runtime.conversations.send(send('What does it say?', file))
  expect(reply).toMatchObject({ status: 'completed', answer: 'ebb' })
  expect(reply).not.toHaveProperty('lacks')
  const [first] = model.calls
  expect(first!.prompt).toContain('The tide goes at noon.')
  const { rounds } = await runtime.goals.get((reply as { goal: string }).goal)
  expect(rounds[0]!.reduced).toMatchObject([{ file, name: 'tide.docx' }])
  // a later message has the reading of the first one, and its own files are all there
  await runtime.files.remove(file)
  const later = await runtime.conversations.send(send('And now?'))
  expect(later).not.toHaveProperty('lacks')
  expect(model.calls[1]!.prompt).toContain('The tide goes at noon.')
})

test('the reply says that its model got only the beginning of a long document', async () => {
  const { runtime, model } = await openGoals([answer('ebb')])
  const long = makeDocx(Array.from({ length: 1000 }, (_, at) => `Paragraph ${at} says that the tide goes at noon.`))
  const { file } = await runtime.files.add(long, { name: 'tide.docx' })
  expect(await runtime.conversations.send(send('What does it say?', file))).toMatchObject({
    lacks: [expect.stringMatching(/^The model did not get the file "tide\.docx": .*\. It got a text instead\.$/)],
  })
  expect(model.calls[0]!.prompt).toContain('The beginning (24000 of ')
})

test('a damaged document is named with the reason, and the message is answered', async () => {
  const { runtime, model } = await openGoals([answer('I cannot read it.')])
  const broken = makeDocx(['The tide <goes> at noon.'])
  const added = await runtime.files.add(broken, { name: 'tide.docx' })
  const reply = await runtime.conversations.send(send('What does it say?', added.file))
  expect(reply).toMatchObject({ answer: 'I cannot read it.', lacks: [expect.stringContaining('tide.docx')] })
  expect(model.calls[0]!.prompt).toContain('tide.docx')
})

const AUDIO: FileRef = { file: `file_${'cd'.repeat(32)}`, type: 'audio/wav', name: 'note.wav', bytes: SILENCE.length }
const HEADERS = {
  facts: { kind: 'audio', container: 'WAVE', seconds: 2, tags: {} },
  passages: [],
  gaps: [],
} as const
const PAID = {
  payer: { of: [], share: 'g' },
  self: { kind: 'agent', key: 'g' },
  call: { signal: new AbortController().signal, idempotencyKey: 'k', attempt: 1 },
} as unknown as PaidReading

/** The files of goals over one recording, with models of which `lab/ears` transcribes and `lab/hears` hears. */
function recordings(hasEars = true) {
  const asked: string[] = []
  const stored = new Map<string, Json>()
  let heard: readonly MediaPassage[] = []
  const files = goalFiles({
    files: () => ({ read: async () => SILENCE }) as unknown as FilesPort,
    values: {
      async put(value: Json) {
        stored.set(String(stored.size), value)
        return String(stored.size - 1)
      },
      get: async (hash: string) => stored.get(hash)!,
    },
    models: {
      default: { id: 'lab/one', offline: false, why: '' },
      find: (name) => name,
      reads: (id) => id === 'lab/hears',
      choose() {
        if (!hasEars) throw new TerminalError('none')
        return { id: 'lab/ears', why: '' }
      },
    },
    transcribe: async ({ model, audio }) => {
      asked.push(`${model} ${audio.mediaType}`)
      return { text: 'The tide rises.', model, segments: [] }
    },
    media: {
      async hear(_: FileRef, { hearing: { model, transcribe } }: HearTerms) {
        const { text } = await transcribe({ name: AUDIO.name, mediaType: AUDIO.type, data: '' })
        heard = [{ text, at: 't=0,2', from: 'speech' }]
        return { model, text, passages: heard }
      },
      document: async () => documentOfReading(AUDIO, { ...HEADERS, passages: heard }),
    } as unknown as MediaFiles,
    pool: () => ({ employ: () => EMPLOYED, submit: (task: Task) => task.run(PAID.call.signal) }) as never,
  })
  return { files, asked }
}
type Task = { run(signal: AbortSignal): Promise<unknown> }
const EMPLOYED = { needs: {}, offers: {}, noteFailure() {}, noteTaking() {} }

test('a recording is transcribed once where a model of the goal does not hear', async () => {
  const { files, asked } = recordings()
  expect(files.wayOf(AUDIO, ['lab/hears'])).toBeUndefined()
  expect(files.wayOf(AUDIO, ['lab/hears', undefined])).toBe('read')
  const of = { owner: undefined, use: 'thread/talk' }
  const [first, second] = [await files.readings([AUDIO], of, PAID), await files.readings([AUDIO], of, PAID)]
  expect(await files.textOf(first[AUDIO.file]!)).toMatch(
    /length of 2 seconds\.\nThe tide rises\.\nIts speech was transcribed by lab\/ears\.$/,
  )
  expect(await files.textOf(second[AUDIO.file]!)).toMatch(
    /length of 2 seconds\.\nThe tide rises\.\nIts speech was transcribed by lab\/ears\.$/,
  )
  expect(asked).toEqual(['lab/ears audio/wav'])
})

test('without a model that transcribes, the line of a recording names the setting', () => {
  const { files } = recordings(false)
  expect(files.wayOf(AUDIO, ['lab/one'])).toEqual({
    lacks: expect.stringContaining('No model here transcribes recordings.'),
  })
})
