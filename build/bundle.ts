import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

// Puts the HTML parser and the engine of patterns, each with all it needs, into one small file of dist/, and the
// licences of these packages beside the parser.

const DIST = resolve(import.meta.dirname, '../dist')
const FILES = ['web/page/parse-html.js', 'template/regex/re2.js'].map((name) => join(DIST, name))

async function bundle(file: string): Promise<readonly string[]> {
  const bundled = await rolldown({ input: file, platform: 'node', external: ['canvas'] })
  const { output } = await bundled.write({ file, format: 'esm', minify: true })
  await bundled.close()
  return output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
}

const modules = (await Promise.all(FILES.map(bundle))).flat()
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
