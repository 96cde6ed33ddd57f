import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { command } from '../../command.ts'
import { printJson, printLines } from '../../render/print.ts'
import { formatCount, shellWord } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { PIPELINE, type ProjectFile, packedName, projectFiles } from './init-files.ts'

/** `init [DIR]`: writes a project that runs without a key. */
export const initCommand = command({
  name: 'init',
  about:
    'Create a project with a pipeline and a tool. The project runs without an API key. Existing files are kept as they are.',
  args: [['[dir]', 'folder of the project; it is created if it does not exist', { default: '.' }]],
  options: [['--json', 'print the written and the kept files as JSON']],
  examples: ['init', 'init my-project'],
  async run(cli, dir, { json }) {
    const { terminal } = cli
    const project = await writeProject(resolve(terminal.folder, dir), dir)
    if (json) printJson(terminal, documentOf(project))
    else tellProject(terminal, project)
    return 0
  },
})

type Project = { readonly folder: string; readonly written: readonly string[]; readonly existing: readonly KeptFile[] }

/** A file that was there. `lacks`: what it needs in addition. */
type KeptFile = { readonly path: string; readonly lacks?: string }

async function writeProject(folder: string, given: string): Promise<Project> {
  const found = await stat(folder).catch(() => undefined)
  if (found && !found.isDirectory())
    throw new InvalidError(`Expected a folder, got the file ${given}.`, { hint: 'Give the path of a folder.' })
  const written: string[] = []
  const existing: KeptFile[] = []
  for (const file of projectFiles(basename(folder))) {
    if (await writeOnce(join(folder, file.path), file.text)) written.push(file.path)
    else existing.push(await missingIn(folder, file))
  }
  return { folder, written, existing }
}

/** Whether the file was written: false if there is one already. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function missingIn(folder: string, { path, lacks }: ProjectFile): Promise<KeptFile> {
  const lacking = await lacks?.(await readFile(join(folder, path), 'utf8').catch(() => ''))
  return { path, ...(lacking !== undefined && { lacks: lacking }) }
}

const documentOf = ({ existing, ...project }: Project) => ({ ...project, kept: existing.map(({ path }) => path) })

function tellProject(terminal: Terminal, { folder, written, existing }: Project): void {
  const place = relative(terminal.folder, folder)
  if (written.length > 0)
    printLines(terminal, [
      `Created ${formatCount(written.length, 'file')}:`,
      ...written.map((path) => `  ${join(place, path)}`),
    ])
  for (const { path, lacks } of existing) terminal.say(keptLine(join(place, path), lacks))
  const enter = place === '' ? [] : [`  cd ${shellWord(place)}`]
  const install = written.includes('package.json') ? installLines(terminal.folder, folder) : { first: [], next: [] }
  terminal.say([...install.first, 'Next:', ...enter, ...install.next, `  npx antiphon run ${PIPELINE}`].join('\n'))
}

/** How antiphon gets into a new package: what to do first, and the command. */
function installLines(here: string, folder: string): { readonly first: string[]; readonly next: string[] } {
  const name = packedName()
  const found = [folder, here].find((place) => existsSync(join(place, name)))
  const first = [
    'antiphon is not on npm yet. In a clone of its repository, pack it into the new project:',
    `  npm ci && npm pack --pack-destination ${shellWord(folder)}`,
  ]
  const path = relative(folder, join(found ?? folder, name))
  return {
    first: found === undefined ? first : [],
    next: [`  npm install ${shellWord(path.startsWith('..') ? path : `./${path}`)}`],
  }
}

const keptLine = (path: string, lacks: string | undefined) =>
  `${path} already exists and was kept.${lacks === undefined ? '' : `\n  ${lacks}`}`
