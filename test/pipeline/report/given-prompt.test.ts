import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openFolder } from '../../runtime/inspect/folder.ts'

const PIPELINE = `
name: notes
steps:
  - id: given
    action: generate
    parameters: { prompt: When does the harbour open?, files: [notes.txt] }
  - id: included
    action: generate
    parameters: { prompt: "When does the harbour open?\\n\\n{{ include_file('notes.txt') }}" }
`

it('a step shows the prompt that its model got, or says how it has changed since', async () => {
  const { write, path, open } = openFolder()
  const SIX = 'The harbour opens at six in the morning.\n'
  write('notes.txt', SIX)
  const { runs, idle } = await open()
  const { id } = await runs.start({ source: { text: PIPELINE } })
  await idle()
  expect(await runs.get(id)).toMatchObject({ status: 'completed' })
  const shown = async (step: string) => {
    const { messages = [], changed, given_files: files } = await runs.step(id, step)
    return { text: messages.map(({ text }) => text).join('\n'), changed, files }
  }
  const files = [{ name: 'notes.txt', type: 'text/plain', bytes: SIX.length }]
  expect(await shown('given')).toEqual({ text: expect.stringContaining(SIX), changed: [], files })
  expect(await shown('included')).toMatchObject({ text: expect.stringContaining(SIX), changed: [] })

  write('notes.txt', 'The harbour opens at nine.\n')
  const differs = [
    'The text differs from the one that the model got: a file or a value that it reads has changed since.',
  ]
  expect(await shown('given')).toEqual({
    text: expect.not.stringContaining('nine'),
    changed: ['notes.txt has changed since, so its text is missing.'],
    files,
  })
  expect(await shown('included')).toMatchObject({ text: expect.stringContaining('nine'), changed: differs })
  rmSync(path('notes.txt'))
  expect(await shown('given')).toMatchObject({
    changed: ['notes.txt cannot be read any more, so its text is missing.'],
  })
  write('notes.txt', SIX)
  expect((await shown('included')).changed).toEqual([])
})
