import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { OwnerRecord } from '../../src/store/data-folder/owner-record.ts'
import { runHere } from './here.ts'
import { FAKE, type Program } from './programs.ts'

/** A command under way, as its own process. */
export type Running = {
  readonly child: ChildProcess
  /** its output so far */
  readonly texts: { readonly out: string; readonly err: string }
  /** Resolves once stderr (or stdout) holds the text. */
  said(text: string): Promise<void>
  readonly ended: Promise<Ended>
}
type Ended = {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

type Environment = { readonly [name: string]: string | undefined }

/** A folder with pipelines, and commands that run in it; all of them end with the test, or when else is said. */
export function openBench(program: Program = FAKE, atEnd: (close: () => void) => void = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-cli-'))
  const children: ChildProcess[] = []
  atEnd(() => {
    for (const child of children) child.kill('SIGKILL')
    killOwner(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const start = (args: readonly string[], command = program.self, more: Environment = {}): Running => {
    const [executable = '', ...first] = command
    const child = spawn(executable, [...first, ...args], {
      cwd: folder,
      env: environmentWith(more),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return listenTo(child)
  }
  const runWith = (more: Environment, ...args: readonly string[]) =>
    runHere(program, args, { folder, environment: environmentWith(more), handed: async () => '' })
  return {
    folder,
    path: (name: string) => join(folder, name),
    write: (name: string, ...lines: readonly string[]) => writeFileSync(join(folder, name), lines.join('\n')),
    /** A command as a process of its own, which may be killed. */
    start,
    /** A command to its end, in this process. */
    run: (...args: readonly string[]) => runWith({}, ...args),
    runWith,
    owner: () => ownerOf(folder),
  }
}

function environmentWith(more: Environment): Environment {
  const { NO_COLOR: _, npm_command: __, ...environment } = process.env
  return { ...environment, ...more }
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
  return { child, texts, said, ended }
}

function ownerOf(folder: string): OwnerRecord | undefined {
  const path = join(folder, '.antiphon', 'owner.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as OwnerRecord) : undefined
}

function killOwner(folder: string): void {
  const owner = ownerOf(folder)
  try {
    if (owner && owner.pid !== process.pid) process.kill(owner.pid, 'SIGKILL')
  } catch {
    // it is gone
  }
}
