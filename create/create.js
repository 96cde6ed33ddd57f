import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { IS_ON_NPM, projectFiles, TEMPLATES, VERSIONS, whyNoName } from './project.js'

const HELP = `Usage: create-antiphon [folder] [options]

Begins an antiphon project in a new folder.

Options:
  --template NAME  ${Object.entries(TEMPLATES)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join('\n                   ')}
  --antiphon PATH  the packed file of antiphon${IS_ON_NPM ? '' : ', which is not on npm yet'}
  --yes            ask nothing: my-project and support, where nothing else is given
  --no-install     do not run "npm install"
  --json           print the result as JSON
  --help, --version`

const OPTIONS = {
  template: { type: 'string' },
  antiphon: { type: 'string' },
  yes: { type: 'boolean' },
  install: { type: 'boolean', default: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
}

/** A fault of the person or of their machine: it is told in words, with a way on. */
class Refused extends Error {
  constructor(message, hint, code = 2) {
    super(hint === undefined ? message : `${message}\n  ${hint}`)
    this.code = code
  }
}

/** Makes a project. Nothing is left of one that fails or is interrupted. */
export async function main(args) {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupt)
  try {
    await create(args, stop.signal)
  } catch (error) {
    if (stop.signal.aborted || error.name === 'AbortError') {
      console.error('Interrupted. Nothing was written.')
      process.exitCode = 130
      return
    }
    console.error(error instanceof Refused ? error.message : `${error.message}\n  Nothing was written.`)
    process.exitCode = error.code === 2 ? 2 : 1
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupt)
  }
}

async function create(args, signal) {
  const { options, given } = parse(args)
  if (options.help) return console.log(HELP)
  if (options.version) return console.log(VERSIONS.antiphon)
  if (given !== undefined) checkFolder(given)
  if (options.template !== undefined) checkTemplate(options.template)
  if (options.antiphon === undefined && !IS_ON_NPM)
    throw new Refused(
      'antiphon is not on npm yet: a package of that name there is not this one.',
      `Pack it in a clone of its repository, and give the file: --antiphon ./antiphon-${VERSIONS.antiphon}.tgz`,
    )
  const { folder, template } = await choose(given, options, signal)
  const project = await make(resolve(folder), template, options, signal)
  tell(project, options.json)
}

function parse(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true, allowNegative: true })
    if (positionals.length > 1) throw new Error(`Expected one folder, got ${positionals.length}.`)
    return { options: values, given: positionals[0] }
  } catch (error) {
    throw new Refused(error.message.replace(/\. .*/s, '.'), 'create-antiphon --help lists the options.')
  }
}

function checkTemplate(name) {
  if (Object.hasOwn(TEMPLATES, name)) return
  throw new Refused(
    `There is no template ${JSON.stringify(name)}.`,
    `Choose one of: ${Object.keys(TEMPLATES).join(', ')}.`,
  )
}

function checkFolder(given) {
  const folder = resolve(given)
  const why = whyNoName(basename(folder))
  if (why !== undefined)
    throw new Refused(`${JSON.stringify(basename(folder))} cannot be the name of a package. ${why}`)
  if (!existsSync(folder)) return
  const hint = 'Give another name. To add to a folder that has files: npx antiphon init'
  try {
    if (readdirSync(folder).length === 0) return
  } catch {
    throw new Refused(`${given} is a file.`, hint)
  }
  throw new Refused(`The folder ${given} is not empty.`, hint)
}

async function choose(given, { template, yes }, signal) {
  if (yes) {
    if (given === undefined) checkFolder('my-project')
    return { folder: given ?? 'my-project', template: template ?? 'support' }
  }
  if (given !== undefined && template !== undefined) return { folder: given, template }
  if (!process.stdin.isTTY)
    throw new Refused('Expected a folder and a template.', 'create-antiphon shop --template support, or --yes')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // at a terminal, readline takes Ctrl-C
  const left = new AbortController()
  lines.on('SIGINT', () => left.abort())
  const ask = (text) => lines.question(text, { signal: AbortSignal.any([signal, left.signal]) })
  try {
    const folder = given ?? (await untilValid(ask, 'Name of the project (my-project): ', 'my-project', checkFolder))
    return { folder, template: template ?? (await askTemplate(ask)) }
  } finally {
    lines.close()
  }
}

async function askTemplate(ask) {
  const names = Object.keys(TEMPLATES)
  const list = names.map((name, at) => `  ${at + 1}  ${name}: ${TEMPLATES[name].about}`)
  const read = (answer) => names[Number(answer) - 1] ?? answer
  return read(
    await untilValid(ask, `${list.join('\n')}\nBeginning (1): `, '1', (answer) => checkTemplate(read(answer))),
  )
}

async function untilValid(ask, text, usual, check) {
  for (;;) {
    const answer = (await ask(text)).trim() || usual
    try {
      check(answer)
      return answer
    } catch (error) {
      console.error(error.message)
    }
  }
}

/** The project is made beside its place, and moved there when it is whole. */
async function make(folder, template, { antiphon, install }, signal) {
  const name = basename(folder)
  await mkdir(dirname(folder), { recursive: true })
  const draft = await mkdtemp(join(dirname(folder), `.${name}-`))
  try {
    const files = projectFiles(template, { name, antiphon: dependency(folder, antiphon) })
    for (const { path, text } of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true })
      await writeFile(join(draft, path), text, { mode: path === '.env' ? 0o600 : 0o644 })
    }
    if (install) await npmInstall(draft, signal)
    signal.throwIfAborted()
    if (existsSync(folder)) await rmdir(folder)
    await rename(draft, folder)
    const secret = files.find(({ path }) => path === '.env')?.text.trim()
    return { folder, template, files: files.map(({ path }) => path), installed: install, secret }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/** The version, or the path of the packed file as seen from the project. */
function dependency(folder, given) {
  if (given === undefined) return VERSIONS.antiphon
  const file = resolve(given)
  if (!existsSync(file))
    throw new Refused(`There is no file ${given}.`, 'Give the file that "npm pack" made of antiphon.')
  return `file:${relative(folder, file).split(sep).join('/')}`
}

async function npmInstall(folder, signal) {
  console.error('Installs the packages …')
  const words = ['install', '--no-audit', '--no-fund', '--loglevel', 'error']
  const { npm_execpath: npm = '' } = process.env
  const [program, ...more] = /npm-cli\.js$/.test(npm) ? [process.execPath, npm] : ['npm']
  const child = spawn(program, [...more, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGTERM')
  signal.addEventListener('abort', kill, { once: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said = (said + text).slice(-4000)))
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done)).catch((error) => {
    throw new Refused(`npm does not start: ${error.message}.`, 'Nothing was written. --no-install runs no npm.', 1)
  })
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  if (code === 0) return
  throw new Refused(`npm install failed:\n${said.trim()}`, 'Nothing was written. --no-install leaves it to you.', 1)
}

function tell({ secret, ...project }, json) {
  const { folder, template, files, installed } = project
  const here = relative(process.cwd(), folder) || '.'
  const place = /^[\w./-]+$/.test(here) ? here : `'${here}'`
  const next = [`cd ${place}`, ...(installed ? [] : ['npm install']), ...TEMPLATES[template].next]
  if (json) return console.log(JSON.stringify({ ...project, next }))
  console.log(`Created ${here} with ${files.length} files: ${TEMPLATES[template].about}.`)
  if (secret !== undefined) console.log(`\nThe secret of the desk, which is in .env and not shown again:\n  ${secret}`)
  console.log(`\nNext:\n${next.map((line) => `  ${line}`).join('\n')}`)
}
