import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { ROOT } from './program.ts'

/** A fenced block of the page: a command with what it prints, or the text of a file or of steps. */
type Block = { readonly language: string; readonly text: string; readonly prints: string | undefined }

/** The blocks of a page, in their order. */
function blocksOf(page: string): readonly Block[] {
  const found = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, text]) => [language!, text!])
  return found
    .map(([language = '', text = ''], at) => {
      const [next, prints] = found[at + 1] ?? []
      return { language, text, prints: language === 'sh' && next === 'text' ? prints : undefined }
    })
    .filter(({ language }) => language !== 'text')
}

/** A project in which `npx antiphon` is this checkout. */
async function openProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-tutorial-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true })
  const start = `exec '${process.execPath}' '${join(ROOT, 'bin/antiphon.js')}' "$@"\n`
  await script(join(folder, 'node_modules/.bin/antiphon'), start)
  await script(join(folder, 'node_modules/.bin/npx'), `shift\nexport npm_command=exec\n${start}`)
  await writeFile(join(folder, 'package.json'), '{ "dependencies": { "antiphon": "file:./antiphon-0.1.0.tgz" } }')
  return folder
}

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}`)
  await chmod(path, 0o755)
}

/** What a command prints, on both streams. */
async function runCommand(folder: string, command: string): Promise<string> {
  const { npm_command: __, ...environment } = process.env
  const env = { ...environment, PATH: [join(folder, 'node_modules/.bin'), environment.PATH].join(delimiter) }
  const newest = `$(npx antiphon runs --json | sed -n 's/.*"id": "\\(.*\\)".*/\\1/p' | head -1)`
  const line = command.trim().replace(/\bRUN\b/g, newest)
  // a failed run is what some pages show
  const { stdout } = await promisify(execFile)('sh', ['-c', `{ ${line}; } 2>&1; true`], { cwd: folder, env })
  return stdout
}

/** The lines in an order of their own, without what differs between two runs. */
function normalised(text: string): readonly string[] {
  const lines = text
    .replace(/run_[\da-f-]+/g, 'RUN')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.+]+/g, 'DATE')
    .replace(/\d+(\.\d+)? m?s\b/g, 'TIME')
    .replace(/each_\d_count/g, 'each_N_count')
    // a shell may report the kill, a command that a test adds may hold the folder for a moment, and work that takes long is announced
    .replace(/^(.*Killed|Another process owns |This process has other work to finish).*$/gm, '')
    .replace(/[└├]/g, '├')
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  ').trim())
  return [...new Set(lines.filter((line) => line !== ''))].toSorted()
}

/** Writes a block: a whole file if it begins with the name of one, else steps of the pipeline. */
async function applyBlock(folder: string, text: string): Promise<void> {
  const [, name] = /^(?:#|\/\/) (\S+)\n/.exec(text) ?? []
  if (name !== undefined) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    return writeFile(join(folder, name), text)
  }
  const file = join(folder, 'digest.yaml')
  const [, last] = [...text.matchAll(/^ {2}- id: (\w+)$/gm)].at(-1)!
  const pipeline = await readFile(file, 'utf8')
  const replaced = pipeline.replace(new RegExp(`^ {2}- id: ${last}\\n(?: {4}.*\\n|\\n)*`, 'm'), () => text)
  expect(replaced).not.toBe(pipeline)
  await writeFile(file, replaced)
}

/** Does what a page says, in a project: writes its files, runs its commands, and compares what they print with the page. */
export async function followPage(page: string, { runs, change = (text) => text }: Follow): Promise<void> {
  const folder = await openProject()
  for (const { language, text, prints } of blocksOf(page).map((block) => ({ ...block, text: change(block.text) }))) {
    if (language !== 'sh') await applyBlock(folder, text)
    else if (prints !== undefined) expect(normalised(await runCommand(folder, text)), text).toEqual(normalised(prints))
    else if (runs === 'all') await runCommand(folder, text)
  }
}

/** `runs`: all commands, or only those whose output the page shows. `change`: what differs here, such as an address. */
export type Follow = { readonly runs: 'all' | 'shown'; change?(text: string): string }
