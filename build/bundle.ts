import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

// Puts the HTML parser with all it needs into one small file of dist/, and the licences of these packages beside it.

const DIST = resolve(import.meta.dirname, '../dist')
const FILE = join(DIST, 'web/page/parse-html.js')

const bundle = await rolldown({ input: FILE, platform: 'node', external: ['canvas'] })
const { output } = await bundle.write({ file: FILE, format: 'esm', minify: true })
await bundle.close()
const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
const packages = new Set(modules.flatMap((path) => packageOf(path) ?? []))
writeFileSync(join(DIST, 'web/page/LICENSES.txt'), [...packages].sort().map(licenceOf).join('\n\n'))

/** The folder of the package that a module belongs to. */
function packageOf(path: string): string | undefined {
  if (!path.includes('/node_modules/')) return undefined
  for (let folder = dirname(path); ; folder = dirname(folder)) if (isPackage(folder)) return folder
}

function isPackage(folder: string): boolean {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) && 'version' in JSON.parse(readFileSync(manifest, 'utf8'))
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`the package ${name} has no licence file`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
