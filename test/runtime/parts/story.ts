import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const CHILD = join(import.meta.dirname, 'child.ts')

/** A process with the call, to its end; the next ones of the folder after it. */
export async function live(folder: string, file: string, tool: string) {
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ folder, file, tool })], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'exit')
  return child.signalCode
}

/** A folder for the data of these processes, and a file that says where each of them dies, and what all of them did. */
export function openStory(...dies: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-parts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, 'did')
  writeFileSync(file, dies.map((at) => `die ${at}\n`).join(''))
  return { folder, file, did: () => (readFileSync(file, 'utf8').match(/(?<=did )\w/g) ?? []).join('') }
}
