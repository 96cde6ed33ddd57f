import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { projectFiles, TEMPLATES, VERSIONS, whyNoName } from '../../../../create/project.js'
import { InvalidError } from '../../../errors.ts'
import { missingPlugin } from '../../arguments/plugin-entry.ts'
import { command } from '../../cli.ts'
import { formatCount, shellWord } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const PIPELINE = 'pipeline'

export const initCommand = command({
  name: 'init',
  about:
    'Create a project with a pipeline and a tool. `--template` names another beginning. It runs without an API key. Existing files are kept as they are.',
  args: [['[dir]', 'folder of the project; it is created if it does not exist', { default: '.' }]],
  options: [
    ['--template <name>', 'what the project begins with', { choices: Object.keys(TEMPLATES), default: PIPELINE }],
    ['--json', 'print the written and the kept files as JSON'],
  ],
  examples: ['init', 'init my-project', 'init shop --template support'],
  async run(cli, dir, { template, json }) {
    const { terminal } = cli
    const project = await writeProject(resolve(terminal.folder, dir), dir, template)
    if (json) terminal.json(documentOf(project))
    else tellProject(terminal, project)
    return 0
  },
})

type Project = {
  readonly folder: string
  readonly template: string
  readonly written: readonly string[]
  readonly existing: readonly KeptFile[]
}

/** A file that was there. `lacks`: the sentence about what it needs in addition. */
type KeptFile = { readonly path: string; readonly lacks?: string }

async function writeProject(folder: string, given: string, template: string): Promise<Project> {
  const found = await stat(folder).catch(() => undefined)
  if (found && !found.isDirectory())
    throw new InvalidError(`Expected a folder, got the file ${given}.`, { hint: 'Give the path of a folder.' })
  const written: string[] = []
  const existing: KeptFile[] = []
  // without antiphon: `npm install` of the packed file adds it
  for (const { path, text } of projectFiles(template, { name: packageName(basename(folder)) })) {
    const file = join(folder, path)
    if (await writeOnce(file, text)) written.push(path)
    else existing.push(await keptFile({ path, text }, template, await readFile(file, 'utf8').catch(() => '')))
  }
  return { folder, template, written, existing }
}

/** Whether the file was written: false if there is one already. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx', mode: basename(file) === '.env' ? 0o600 : 0o666 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A name that npm accepts. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 214)
  return whyNoName(name) === undefined ? name : 'my-project'
}

type NewFile = { readonly path: string; readonly text: string }

async function keptFile(file: NewFile, template: string, existing: string): Promise<KeptFile> {
  const lacks = await lacksOf(file, template, existing)
  return { path: file.path, ...(lacks !== undefined && { lacks }) }
}

const TOOL = 'tools/count-words.mts'

async function lacksOf({ path, text }: NewFile, template: string, existing: string): Promise<string | undefined> {
  const missing = path === '.gitignore' ? ['.antiphon/', '.env'].filter((line) => !existing.includes(line)) : []
  if (missing.length > 0) return `Add this to it: ${missing.join(', ')}`
  if (path === '.env' && !existing.includes('DESK_SECRET=')) return `Add this to it: ${text.trim()}`
  if (path === 'package.json') return lacksScripts(template, existing)
  if (path !== 'antiphon.yaml' || template !== PIPELINE) return undefined
  const plugin = await missingPlugin(existing, TOOL)
  return plugin && `${plugin.say} it: ${plugin.line}`
}

function lacksScripts(template: string, existing: string): string | undefined {
  const missing = Object.entries(TEMPLATES[template]!.scripts).filter(([name]) => !existing.includes(`"${name}":`))
  if (missing.length === 0) return undefined
  return `To have its scripts: npm pkg set ${missing.map(([name, line]) => shellWord(`scripts.${name}=${line}`)).join(' ')}`
}

const documentOf = ({ existing, ...project }: Project) => ({ ...project, kept: existing.map(({ path }) => path) })

function tellProject(terminal: Terminal, { folder, template, written, existing }: Project): void {
  const place = relative(terminal.folder, folder)
  if (written.length > 0)
    terminal.lines([
      `Created ${formatCount(written.length, 'file')}:`,
      ...written.map((path) => `  ${join(place, path)}`),
    ])
  for (const { path, lacks } of existing) terminal.say(keptLine(join(place, path), lacks))
  const enter = place === '' ? [] : [`  cd ${shellWord(place)}`]
  const install = written.includes('package.json') ? installLines(terminal.folder, folder) : { first: [], next: [] }
  const next = TEMPLATES[template]!.next.map((line) => `  ${line}`)
  terminal.say([...install.first, 'Next:', ...enter, ...install.next, ...next].join('\n'))
}

/** How antiphon gets into a new package: what to do first, and the command. */
function installLines(here: string, folder: string): { readonly first: string[]; readonly next: string[] } {
  // the packed file: on npm, another package could take the name antiphon
  const name = `antiphon-${VERSIONS.antiphon}.tgz`
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
