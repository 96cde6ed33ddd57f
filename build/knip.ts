import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { KnipConfig } from 'knip'

// Settings of knip, which finds files, exports and packages that nothing uses: `npm run unused`.

const ROOT = resolve(import.meta.dirname, '..')

/** What programs import by the name of the package, and what people and tools start. */
const NAMED = [
  'src/{index,client,extend}.ts',
  'trials/{index,conformance}.ts',
  'src/cli/main.ts',
  'bin/*',
  'create/{bin,create}.js',
  'create/project.d.ts',
  'create/templates/**',
  'build/*.ts',
  'ui/main.tsx',
  'bench/quickstarts/like-*.ts',
  'vitest.config.ts',
  'test/**/*.test.ts',
  'test/{cpu-runner,memory-folder}.ts',
  // the compiler alone checks these
  'test/types/*.ts',
  // a test finds the sample of each room by its name
  'test/*/room-sample.ts',
  // writers of pages and of journals
  'test/docs/{api,errors,http,limits,llms,templates,tools}.ts',
  'test/journals/write.ts',
]

/** Packages that are found by a text: providers of models, a server, a program, a script for browsers. */
const FOUND_BY_TEXT = [
  '@ai-sdk/google',
  '@ai-sdk/mistral',
  '@modelcontextprotocol/server-everything',
  '@restatedev/restate-server',
  'axe-core',
  'express',
]

const TEXTS = '{src,trials,test,bench,examples,packages}/**/*.{ts,mts,js,mjs,yaml,md}'
/** The file of a thread or a job beside the one that starts it. */
const BESIDE = /`([\w./-]+)\$\{extname\(import\.meta\.url\)\}`/g
const IN_QUOTES = /(?<!\bfrom |\bimport\()['"`]([\w./-]+\.m?[jt]s)['"`]/g
const IN_A_PAGE = /([\w./-]+\.m?[jt]s)\b/g

/** Files that start by their path, which a text of the same folder of the project names. */
function startedByPath(): string[] {
  return globSync(TEXTS, { cwd: ROOT }).flatMap((text) => {
    const content = readFileSync(join(ROOT, text), 'utf8')
    const pattern = /^src|^packages/.test(text) ? BESIDE : /\.(?:yaml|md)$/.test(text) ? IN_A_PAGE : IN_QUOTES
    const paths = [...content.matchAll(pattern)].map(([, path]) => (pattern === BESIDE ? `${path}.ts` : path!))
    const own = pattern === BESIDE && content.includes('new URL(import.meta.url)') ? [text] : []
    return [...own, ...paths.flatMap((path) => fileNamed(path, text) ?? [])]
  })
}

function fileNamed(path: string, text: string): string | undefined {
  const [top] = text.split('/')
  for (let folder = text; folder !== '.'; ) {
    folder = dirname(folder)
    const file = join(folder, path)
    if (file.startsWith(`${top}/`) && existsSync(join(ROOT, file))) return file
  }
}

const byPath = [...new Set(startedByPath())]

export default {
  workspaces: {
    '.': {
      entry: [...NAMED, ...byPath.filter((file) => !file.startsWith('packages/'))],
      project: [
        '{src,ui,trials,test,bench,build,examples,bin,create}/**/*.{ts,tsx,mts,js,mjs}',
        // texts that a reader of code is tried on
        '!{test/source/code/files,bench/chain/sets}/**',
      ],
    },
    // what a package exports is found by its manifest
    'packages/*': {
      entry: byPath.flatMap((file) => file.match(/^packages\/[^/]+\/(.*)/)?.[1] ?? []),
      project: 'src/**/*.ts',
    },
  },
  // other products, with packages of their own
  ignore: ['bench/peers/**/*.js'],
  ignoreDependencies: FOUND_BY_TEXT,
  exclude: ['binaries', 'duplicates'],
  vitest: false,
} satisfies KnipConfig
