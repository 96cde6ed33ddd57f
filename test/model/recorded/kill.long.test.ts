import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'

it('leaves a valid file with all acknowledged replies when its process is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'replies.json')
  let acknowledged = 0
  for (let life = 1; life <= 5; life++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'life.ts'), file, String(acknowledged)])
    onTestFinished(() => void child.kill('SIGKILL'))
    const until = acknowledged + 4 + life
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line) + 1
      if (acknowledged >= until) break
    }
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const { replies } = JSON.parse(readFileSync(file, 'utf8'))
    expect(replies.length).toBeGreaterThanOrEqual(acknowledged)
    acknowledged = replies.length
  }
})
