import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isKilled } from '../chaos/killed.ts'
import { askIn } from './killed-ask.ts'

const PROGRAM = join(import.meta.dirname, 'killed-ask.ts')

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-killed-ask-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('killed before and after its end is written, an ask is answered once, and remembered, cited, shared and paid once', async () => {
  const { answer } = await askIn({ folder: newFolder() })
  expect(answer.citations).toMatchObject([{ record: 'kiln' }])
  const killedAt = async (side: 'before' | 'after') => {
    const folder = newFolder()
    expect(await isKilled(PROGRAM, { folder, kill: { side, flush: 'ask-end' } }, 60_000)).toBe(true)
    const after = await askIn({ folder })
    expect(after.answer).toEqual(answer)
    expect(after.remembered).toMatchObject([{ source: { type: 'ask', ref: 'ask_1' } }])
    expect(after.priors).toMatchObject([{ id: after.prior, kind: 'prior' }])
    expect(after.entries).toMatchObject([{ n: 1, amount: '100000000000' }])
    expect(after.citedBy).toMatchObject([{ ask: 'ask_1', thread: 'pottery' }])
  }
  // the memory has the answer before the thread does
  await Promise.all([killedAt('before'), killedAt('after')])
})
