import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'

// Puts the pages of ui/ into dist/ui/: one script and one style sheet under names with their hashes, each with brotli
// beside, and `pages.json`, which says what is there.

const ROOT = resolve(import.meta.dirname, '..')

/** Builds the pages into a folder. */
export async function buildPages(folder = join(ROOT, 'dist/ui')): Promise<void> {
  const bundle = await rolldown({
    input: join(ROOT, 'ui/main.tsx'),
    platform: 'browser',
    tsconfig: join(ROOT, 'ui/tsconfig.json'),
    transform: { target: 'es2022' },
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false })
  await bundle.close()
  const script = output.find((chunk) => chunk.type === 'chunk' && chunk.isEntry)
  if (script?.type !== 'chunk' || output.length !== 1) throw new Error('expected one script of the pages')
  const style = readFileSync(join(ROOT, 'ui/style.css'), 'utf8')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const names = { script: write(folder, 'main', 'js', script.code), style: write(folder, 'style', 'css', style) }
  writeFileSync(join(folder, 'pages.json'), `${JSON.stringify(names)}\n`)
}

function write(folder: string, name: string, ending: string, text: string): string {
  const file = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${ending}`
  writeFileSync(join(folder, file), text)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  writeFileSync(join(folder, `${file}.br`), brotliCompressSync(text, { params }))
  return file
}

if (import.meta.main) await buildPages()
