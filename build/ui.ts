import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'

// Puts the pages of ui/ into ui/dist/, or into the folder that is named: a script with its parts and a style sheet under
// names with their hashes, each with brotli beside, and `pages.json` with these names. A server may read the folder at
// any time.

const ROOT = resolve(import.meta.dirname, '..')
/** The style sheets in ui/style/, as one: a later one may change the rules of an earlier one. */
const STYLES = [
  'base',
  'frame',
  'fields',
  'status',
  'home',
  'rows',
  'states',
  'run',
  'timeline',
  'inbox',
  'graph',
  'source',
  'compare',
  'page-head',
  'conversations',
]

/** Builds the pages into a folder. Several processes may do so at once. */
export async function buildPages(folder = join(ROOT, 'ui/dist')): Promise<void> {
  const bundle = await rolldown({
    input: join(ROOT, 'ui/main.tsx'),
    platform: 'browser',
    tsconfig: join(ROOT, 'ui/tsconfig.json'),
    transform: { target: 'es2022' },
  })
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    entryFileNames: 'main-[hash].js',
    chunkFileNames: 'part-[hash].js',
  })
  await bundle.close()
  const scripts = output.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk] : []))
  const main = scripts.find(({ isEntry }) => isEntry)
  if (!main || scripts.length !== output.length) throw new Error('expected a script of the pages and its parts')
  const left = readdirSync(join(ROOT, 'ui/style')).filter((file) => !STYLES.includes(file.replace('.css', '')))
  if (left.length > 0) throw new Error(`ui/style/ has ${left.join(', ')}, which STYLES does not name`)
  const style = STYLES.map((name) => readFileSync(join(ROOT, `ui/style/${name}.css`), 'utf8')).join('')
  mkdirSync(folder, { recursive: true })
  for (const { fileName, code } of scripts) write(folder, fileName, code)
  const sheet = `style-${createHash('sha256').update(style).digest('hex').slice(0, 8)}.css`
  write(folder, sheet, style)
  const parts = scripts.filter((script) => script !== main).map(({ fileName }) => fileName)
  put(folder, 'pages.json', `${JSON.stringify({ script: main.fileName, style: sheet, parts })}\n`)
  const names = [main.fileName, sheet, ...parts]
  const isOld = (file: string) => /^(main|part|style)-/.test(file) && !names.includes(file.replace(/\.br$/, ''))
  for (const file of readdirSync(folder).filter(isOld)) rmSync(join(folder, file), { force: true })
}

function write(folder: string, file: string, text: string): void {
  // its name says what it holds
  if (existsSync(join(folder, `${file}.br`))) return
  put(folder, file, text)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  put(folder, `${file}.br`, brotliCompressSync(text, { params }))
}

function put(folder: string, file: string, content: string | Buffer): void {
  const draft = join(folder, `.${process.pid}-${file}`)
  writeFileSync(draft, content)
  renameSync(draft, join(folder, file))
}

if (import.meta.main) await buildPages(...process.argv.slice(2).map((folder) => resolve(folder)))
