import { copyFileSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { MediaFile } from '../../src/source/media/reading.ts'
import { openFolder } from '../runtime/inspect/folder.ts'
import { film, missingOf, speech, written } from '../source/media/make.ts'

const missing = missingOf('ffmpeg', 'tesseract', 'espeak-ng', 'bwrap')
const ifDecoded = it.skipIf(missing !== undefined)

/** A runtime in a folder with these files, and runs of one step. */
async function openWith(...given: readonly MediaFile[]) {
  const folder = openFolder()
  for (const { path, name } of given) copyFileSync(path, folder.path(name))
  folder.write('antiphon.yaml', '')
  const runtime = await folder.open()
  const run = async (tool: string, parameters: object) => {
    const step = { id: 's', tool: tool.split(':')[0], action: tool.split(':')[1], parameters }
    const { id } = await runtime.runs.start({ source: { text: JSON.stringify({ name: 'p', steps: [step] }) } })
    await runtime.idle()
    const { steps } = await runtime.runs.get(id)
    return steps.s!
  }
  return { folder, runtime, run }
}

type Made = { readonly result: { readonly attachment: { readonly file: string; readonly type: string } } }

ifDecoded(
  `audio-processing: analyze, convert, enhance and execute${missing ? `, without ${missing}` : ''}`,
  async () => {
    const { run, runtime, folder } = await openWith(
      speech('talk.mp3', 'The ship leaves at noon.', { artist: 'Ada Reed' }),
    )
    const read = await run('audio-processing:analyze', { audio: 'talk.mp3' })
    expect(read.value).toMatchObject({
      result: { facts: { kind: 'audio', tags: { artist: 'Ada Reed' } }, passages: [] },
    })

    const converted = await run('audio-processing:convert', { audio: 'talk.mp3', output_path: 'out/talk.wav' })
    expect(converted.value).toMatchObject({
      result: { format: 'wav', path: 'out/talk.wav', attachment: { type: 'audio/wav', name: 'talk.wav' } },
    })
    expect(readFileSync(folder.path('out/talk.wav')).toString('latin1', 0, 4)).toBe('RIFF')

    const { file } = (converted.value as Made).result.attachment
    const clean = await run('audio-processing:enhance', { audio: file, format: 'flac' })
    expect(clean.value).toMatchObject({ result: { attachment: { type: 'audio/flac', name: 'talk.flac' } } })
    const cleaned = (clean.value as Made).result.attachment.file
    expect((await runtime.files.get(cleaned)).bytes).toBeGreaterThan(1000)

    const again = await run('audio-processing:execute', { audio: cleaned, operation: 'analyze' })
    expect(again.error).toBe(null)
    expect(again.value).toMatchObject({ result: { facts: { kind: 'audio', codec: 'flac', tags: {} } } })
  },
)

ifDecoded(`video-processing: analyze, extract_frames and execute${missing ? `, without ${missing}` : ''}`, async () => {
  const { run, folder } = await openWith(film('slides.mp4', ['Harbour report', 'Total 900 EUR']))
  const read = await run('video-processing:analyze', { video: 'slides.mp4' })
  expect(read.value).toMatchObject({
    result: {
      passages: [{ text: 'Harbour report' }, { text: 'Total 900 EUR', at: expect.stringMatching(/^t=4&xywh=/) }],
    },
  })
  const frames = await run('video-processing:extract_frames', {
    video: 'slides.mp4',
    frame_interval: 3,
    output_path: 'frames',
  })
  expect(frames.value).toMatchObject({
    result: {
      frames: [
        { seconds: 0, path: 'frames/frame-01.jpg', attachment: { type: 'image/jpeg' } },
        { seconds: 3, path: 'frames/frame-02.jpg' },
        { seconds: 6, path: 'frames/frame-03.jpg' },
      ],
    },
  })
  expect(readFileSync(folder.path('frames/frame-02.jpg')).length).toBeGreaterThan(1000)
  const many = await run('video-processing:execute', {
    video: 'slides.mp4',
    operation: 'extract_frames',
    frame_interval: 0.1,
  })
  expect(many.value).toMatchObject({ result: { frames: { length: 16 } } })
  expect(many.lacks).toEqual(['slides.mp4: only the first 16 frames were taken'])
  // the sound of a film is a recording
  const sound = await run('audio-processing:convert', { audio: 'slides.mp4' })
  expect(sound.value).toMatchObject({ result: { format: 'mp3', attachment: { name: 'slides.mp3' } } })
})

ifDecoded('media tools refuse what they cannot read, by its name', async () => {
  const { run } = await openWith(
    written('list.mp4', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
    written('empty.mp3', ''),
    film('mute.mp4', ['One']),
  )
  const errorOf = async (tool: string, parameters: object) => (await run(tool, parameters)).error
  expect(await errorOf('video-processing:analyze', { video: 'list.mp4' })).toMatch(/list\.mp4/)
  expect(await errorOf('audio-processing:convert', { audio: 'empty.mp3' })).toMatch(/empty\.mp3/)
  expect(await errorOf('audio-processing:analyze', { audio: '/etc/passwd' })).toMatch(/outside|root/i)
  expect(await errorOf('video-processing:extract_frames', { video: 'mute.mp4', frame_interval: 0 })).toMatch(/above 0/)
  expect(await errorOf('audio-processing:convert', { audio: 'mute.mp4', output_path: 'a.txt' })).toMatch(/a\.txt/)
  expect(await errorOf('audio-processing:enhance', { audio: `file_${'a'.repeat(64)}` })).toMatch(/file/)
})
