// Plain JavaScript, which npm gives to `create-antiphon` and to `antiphon init` as it is.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'templates')

/** What a project starts with. A test holds these versions equal to those of antiphon. */
export const VERSIONS = {
  antiphon: '0.1.0',
  node: '>=22.18',
  zod: '4.6.7',
  typescript: '7.0.2',
  '@types/node': '24.19.2',
}

/** Whether npm has antiphon under this name. The first release sets it; until then, the name there belongs to nobody we know. */
export const IS_ON_NPM = false

/** The beginnings by name: `about` says what is in one, `scripts` are those of its package.json, `next` are commands. */
export const TEMPLATES = {
  support: {
    about: 'a support agent whose refunds wait for a person: a chat page, a dashboard behind a login, tests',
    scripts: { start: 'node app.mts', dev: 'antiphon dev app.mts', test: 'antiphon agent test support.test.mts' },
    next: ['npm test', 'npm start'],
  },
  workflow: {
    about: 'a workflow with a long wait, a step that is never repeated, and a test with a virtual clock',
    scripts: { start: 'node app.mts', dev: 'antiphon dev app.mts', test: 'node --test' },
    next: ['npm test', 'npm start'],
  },
  pipeline: {
    about: 'a pipeline in YAML with a tool of its own, which runs without an API key',
    scripts: { start: 'antiphon run digest.yaml', test: 'antiphon validate digest.yaml' },
    next: ['npx antiphon run digest.yaml'],
  },
  questions: {
    about: 'questions over the files of a folder, answered with their places, without an API key',
    scripts: { start: 'antiphon ask "Who is the new harbour master?" --file documents', test: 'node --test' },
    next: ['npm test', 'npm start'],
  },
}

/** Why npm refuses a name for a package, as a sentence; undefined: it takes it. */
export function whyNoName(name) {
  if (name.length > 214) return 'A name has at most 214 characters.'
  if (['node_modules', 'favicon.ico', 'antiphon'].includes(name)) return `The name ${name} is taken.`
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    return 'A name has small letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.'
}

/**
 * The files of a new project, as `{ path, text }`. `antiphon`: the version, or the path of the packed file, that its
 * package.json names; undefined: none, since somebody else installs it.
 */
export function projectFiles(template, { name, antiphon }) {
  const texts = [...filesIn('shared'), ...filesIn(template)].map(({ path, text }) => ({
    // npm packs no file of this name
    path: path === '_gitignore' ? '.gitignore' : path,
    text: text.replaceAll('__NAME__', name),
  }))
  const manifest = { path: 'package.json', text: `${JSON.stringify(packageJson(template, name, antiphon), null, 2)}\n` }
  return [manifest, ...texts, ...secretsOf(template)]
}

function filesIn(template) {
  const folder = join(FOLDER, template)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file.slice(folder.length + 1), text: readFileSync(file, 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function packageJson(template, name, antiphon) {
  const { node, zod, typescript } = VERSIONS
  return {
    name,
    private: true,
    type: 'module',
    engines: { node },
    scripts: { ...TEMPLATES[template].scripts, check: 'tsc' },
    dependencies: { ...(antiphon !== undefined && { antiphon }), zod },
    devDependencies: { '@types/node': VERSIONS['@types/node'], typescript },
  }
}

/** The login of the support desk needs a secret that nobody else has. */
const secretsOf = (template) =>
  template === 'support' ? [{ path: '.env', text: `DESK_SECRET=${randomBytes(18).toString('base64url')}\n` }] : []
