import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { OwnerRecord } from '../../src/store/owner.ts'

const MAIN = fileURLToPath(new URL('fake-main.ts', import.meta.url))

/** A command under way, as its own process. */
export type Running = {
  readonly child: ChildProcess
  /** Resolves once stderr (or stdout) holds the text. */
  said(text: string): Promise<void>
  readonly ended: Promise<Ended>
}
export type Ended = {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

/** A folder with pipelines, and commands that run in it; all of them end with the test, or when else is said. */
export function openBench(atEnd: (close: () => void) => void = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-cli-'))
  const children: ChildProcess[] = []
  atEnd(() => {
    for (const child of children) child.kill('SIGKILL')
    killOwner(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const start = (
    args: readonly string[],
    command: readonly string[] = [process.execPath, MAIN],
    more: { readonly [name: string]: string } = {},
  ): Running => {
    const [executable = '', ...first] = command
    const { NO_COLOR: _, npm_command: __, ...environment } = process.env
    const child = spawn(executable, [...first, ...args], {
      cwd: folder,
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return listenTo(child)
  }
  return {
    folder,
    path: (name: string) => join(folder, name),
    write: (name: string, ...lines: readonly string[]) => writeFileSync(join(folder, name), lines.join('\n')),
    start,
    run: (...args: readonly string[]) => start(args).ended,
    owner: () => ownerOf(folder),
  }
}

function listenTo(child: ChildProcess): Running {
  const texts = { out: '', err: '' }
  const checks = new Set<() => void>()
  const take = (name: 'out' | 'err') => (text: string) => {
    texts[name] += text
    for (const check of checks) check()
  }
  child.stdout?.setEncoding('utf8').on('data', take('out'))
  child.stderr?.setEncoding('utf8').on('data', take('err'))
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...texts }))
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!texts.out.includes(text) && !texts.err.includes(text)) return
        checks.delete(check)
        resolve()
      }
      checks.add(check)
      void ended.then(() => reject(new Error(`it ended without "${text}":\n${texts.out}\n${texts.err}`)))
      check()
    })
  return { child, said, ended }
}

function ownerOf(folder: string): OwnerRecord | undefined {
  const path = join(folder, '.antiphon', 'owner.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as OwnerRecord) : undefined
}

function killOwner(folder: string): void {
  const owner = ownerOf(folder)
  try {
    if (owner) process.kill(owner.pid, 'SIGKILL')
  } catch {
    // it is gone
  }
}
