import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { blocksIn, read } from './program.ts'

test('the first conversation goes as the page shows it', async () => {
  const page = await read('docs/conversations.md')
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-page-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [begin = '', show = ''] = blocksIn(page, 'sh')
  const [progress, shown] = blocksIn(page, 'text')
  const [made = '', sent = ''] = begin.split('\n')
  const [, message, chat = ''] = /^echo "(.*)" \| antiphon (.*)$/.exec(sent)!
  await runHere(REAL, made.split(' ').slice(1), { folder })
  expect(await runHere(REAL, chat.split(' '), { folder, handed: async () => `${message}\n` })).toEqual({
    code: 1,
    out: '',
    err: progress,
  })
  expect((await runHere(REAL, show.trim().split(' ').slice(1), { folder })).out).toBe(shown)
})
