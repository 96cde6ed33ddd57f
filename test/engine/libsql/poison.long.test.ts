import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const CHILD = fileURLToPath(new URL('./poison/child.ts', import.meta.url))
const MOST_LIVES = 12

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-poison-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** One process over the folder; `kill`: as soon as it works. What it wrote, and whether it ended as it should. */
async function live(keys: readonly string[], { kill = false, last = false } = {}) {
  const child = spawn(process.execPath, [CHILD, folder, keys.join(), ...(last ? ['last'] : [])], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
    if (kill) child.kill('SIGKILL')
  })
  const [code] = await once(child, 'close')
  return { ended: code === 0, letters: /^letters (.*)$/m.exec(output)?.[1] ?? '' }
}

describe('messages that kill their process, in processes of their own', () => {
  test.each(['abort', 'exit', 'abort in an effect'])(
    '%s: ends in the dead letters after a few deaths, and all else is done',
    async (how) => {
      const keys = [how, 'fine:1', 'fine:2']
      let lives = 1
      let life = await live(keys)
      for (; !life.ended && lives < MOST_LIVES; lives++) life = await live(keys)
      expect(life).toEqual({ ended: true, letters: JSON.stringify([[how, 'poison']]) })
      expect(lives).toBe(7)
    },
    60_000,
  )

  test('ten kills in a row condemn no message that was in flight', async () => {
    const keys = ['hang:1', 'hang:2', 'hang:3']
    for (let kills = 0; kills < 10; kills++) expect(await live(keys, { kill: true })).toMatchObject({ ended: false })
    expect(await live(keys, { last: true })).toEqual({ ended: true, letters: '[]' })
  })
})
