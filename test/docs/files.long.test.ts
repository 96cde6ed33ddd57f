import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { png } from '../lib/media/pictures.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const LETTER = 'The ship leaves at noon.\n'

test('the commands of the page print what it shows', async () => {
  const page = await read('docs/files.md')
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'letter.txt'), LETTER)
  const [commands = ''] = blocksIn(page, 'sh')
  const [add = [], list = []] = commands
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(1))
  const added = await runHere(REAL, add, { folder })
  const listed = await runHere(REAL, list, { folder })
  const shown = `${added.err}${listed.out}`.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '2026-11-27 10:12:37')
  expect(shown).toBe(blocksIn(page, 'text')[0])
  expect(added.out.trim()).toBe(`file_${hash('sha256', LETTER)}`)
})

test('the first program of the page adds and reads a file', async () => {
  const [program = ''] = blocksIn(await read('docs/files.md'), 'ts')
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'letter.txt'), LETTER)
  expect(await runProgram(folder, program)).toEqual({
    code: 0,
    out: 'text/plain letter.txt 25\nship\n25\n',
    err: '',
  })
})

/** A model that says how many pictures it sees. */
const SEEING = `models: { 'openai/gpt-5-mini': {
  specificationVersion: 'v4',
  provider: 'openai',
  modelId: 'gpt-5-mini',
  supportedUrls: {},
  async doGenerate({ prompt }) {
    const parts = prompt.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    const pictures = parts.filter(({ type, mediaType }) => type === 'file' && mediaType === 'image/png')
    const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
    const content = [{ type: 'text', text: \`I see \${pictures.length} picture.\` }]
    return { content, finishReason: { unified: 'stop' }, usage, warnings: [] }
  },
  async doStream() {
    throw new Error('not streamed')
  },
} }, `

test.each(['docs/files.md', 'README.md'])('the photo in a conversation of %s reaches the model', async (name) => {
  const page = await read(name)
  const program = blocksIn(page, 'ts').find((block) => block.includes("'lamp.png'"))!
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'lamp.png'), png())
  const { code, out, err } = await runProgram(folder, program.replace('start({ ', `start({ ${SEEING}`))
  expect([code, out, err]).toEqual([0, 'I see 1 picture.\n', ''])
})
